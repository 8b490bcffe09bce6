//! `lazyhex dump`: formats bytes as lines, with one thread that formats and one that writes.

use std::io::{self, IsTerminal, Write};
use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread;

use memmap::{AnyMap, Error, ErrorKind, plugin::Op, plugin::Schemes};

use crate::Failure;
use crate::cli::args::BytesArgs;
use crate::cli::stdout_pipe;
use crate::cli::stream::{More, Stream};
use crate::format::parse_size::Offset;
use crate::format::{Formatter, Squeezing};

/// Bytes formatted at a time: whole rows in every format, and small enough to stay in the
/// processor's cache together with their lines.
const PIECE_LEN: usize = 64 * 240;

/// Length of a text before it is written. Small enough to stay in the cache with the piece.
pub(crate) const BATCH_LEN: usize = 128 << 10;

/// Pages are released and the text is written after this many bytes, so that memory use does not
/// depend on the length of the dump.
pub(crate) const HELD_LEN: u64 = 4 << 20;

/// Number of text buffers: one being formatted, one waiting, one being written.
const BATCHES: usize = 3;

/// Why a dump ended early.
#[derive(Debug)]
pub(crate) enum Interrupted {
    /// A byte could not be read.
    Read(Error),
    /// The output could not be written.
    Write(io::Error),
}

/// The offset of `skip` in `len` bytes.
///
/// # Errors
/// If it is before the start or past the end. Past the end, a typo is more likely than a request
/// for no bytes.
pub(crate) fn start(len: u64, skip: Offset) -> Result<u64, Error> {
    match skip {
        Offset::FromStart(offset) if offset > len => {
            Err(Error::new(Op::Read, ErrorKind::BeyondEnd { offset, len: 0, source_len: len }))
        }
        Offset::FromStart(offset) => Ok(offset),
        Offset::FromEnd(back) => {
            let outside = ErrorKind::OutOfBounds { offset: 0, len: back, bound: len };
            skip.within(len).ok_or_else(|| Error::new(Op::Read, outside))
        }
    }
}

/// The range of `len` bytes that starts at `skip`, at most `length` long.
///
/// # Errors
/// Those of [`start`].
pub(crate) fn part(len: u64, skip: Offset, length: Option<u64>) -> Result<Range<u64>, Error> {
    let start = start(len, skip)?;
    let rest = len.saturating_sub(start);
    Ok(start..start + length.unwrap_or(rest).min(rest))
}

/// Adds the file's name to an error.
pub(crate) fn placed(map: &AnyMap, error: Error) -> Error {
    match map.origin() {
        Some(origin) => error.with_origin(origin.clone()),
        None => error,
    }
}

/// Prints all files as a single stream.
pub(crate) fn print(what: &BytesArgs, schemes: &Schemes) -> Result<(), Failure> {
    let mut stream = Stream::of(what, schemes)?;
    if what.length == Some(0) {
        // Like hexdump, print nothing, not even the end address.
        stream.next();
        return stream.end();
    }
    let mut stdout = io::stdout();
    let theme = what.color.theme(stdout.is_terminal());
    let squeezing = if what.no_squeeze { Squeezing::Off } else { Squeezing::On };
    let format = what.format.unwrap_or_default();
    let formatter = Formatter::new(format, squeezing, theme, stream.start());
    stdout_pipe::widen_stdout();
    match through(&mut stdout, |texts| {
        append_lines(&mut stream, formatter, texts);
        Ok(())
    }) {
        // The reader has closed the pipe: `lazyhex F | head`.
        Err(Interrupted::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(Interrupted::Write(error)) => Err(Failure::Output(error)),
        Err(Interrupted::Read(error)) => Err(Failure::Source(error)),
        Ok(()) => stream.end(),
    }
}

/// Writes the texts produced by `format`.
///
/// Formatting costs about as much as copying into a pipe, so a second thread writes while this one
/// formats.
pub(crate) fn through(
    out: &mut (dyn Write + Send),
    format: impl FnOnce(Texts) -> Result<(), Error>,
) -> Result<(), Interrupted> {
    let (full, to_write) = sync_channel::<Vec<u8>>(1);
    let (written, empty) = channel();
    let texts = Texts { full, empty, spare: BATCHES };
    thread::scope(|scope| {
        let writer = scope.spawn(move || {
            for mut text in to_write {
                if text.is_empty() && stdout_pipe::is_closed() {
                    return Err(io::ErrorKind::BrokenPipe.into());
                }
                out.write_all(&text)?;
                text.clear();
                // After the last text, the receiver is gone.
                written.send(text).ok();
            }
            out.flush()
        });
        let read = format(texts);
        match writer.join() {
            Ok(Err(error)) => Err(Interrupted::Write(error)),
            Ok(Ok(())) => read.map_err(Interrupted::Read),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// Text buffers that circulate between formatter and writer, so that memory use is constant.
pub(crate) struct Texts {
    full: SyncSender<Vec<u8>>,
    empty: Receiver<Vec<u8>>,
    spare: usize,
}

impl Texts {
    /// An empty buffer; `None` once the writer has ended.
    pub(crate) fn next(&mut self) -> Option<Vec<u8>> {
        match self.spare.checked_sub(1) {
            Some(spare) => {
                self.spare = spare;
                Some(Vec::with_capacity(2 * BATCH_LEN))
            }
            None => self.empty.recv().ok(),
        }
    }

    /// Passes a text to the writer. Returns `false` if the writer has ended; it then has the error.
    pub(crate) fn hand_over(&self, text: Vec<u8>) -> bool {
        self.full.send(text).is_ok()
    }
}

/// Formats the stream and passes on the texts. Ends early if the writer has ended; the writer
/// reports the error.
fn append_lines(stream: &mut Stream<'_>, mut formatter: Formatter, mut texts: Texts) {
    let mut piece = vec![0; PIECE_LEN];
    let mut more = More::Bytes;
    while let Some(mut text) = texts.next() {
        let mut is_due = false;
        while more == More::Bytes && text.len() < BATCH_LEN && !is_due {
            let len;
            (len, more) = stream.fill(&mut piece);
            formatter.append(piece.get(..len).unwrap_or_default(), &mut text);
            // Squeezed rows produce no text. Pass on what there is, even nothing, so that the
            // writer notices a closed pipe.
            is_due = stream.let_go();
        }
        if more == More::End {
            formatter.append_end(&mut text);
        }
        if !texts.hand_over(text) || more != More::Bytes {
            return;
        }
    }
}
