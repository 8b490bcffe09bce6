//! `lazyhex dump`: bytes as lines, and the threads that make and write them.

use std::io::{self, IsTerminal, Write};
use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread;

use memmap::{AnyMap, Error, ErrorKind, Op};

use crate::Failure;
use crate::cli::args::BytesArgs;
use crate::cli::stdout_pipe;
use crate::cli::stream::{More, Stream};
use crate::format::parse_size::Offset;
use crate::format::{Formatter, Squeezing};

/// Bytes formatted at a time: rows of every format, and small enough that they and their lines
/// stay in the processor's cache.
const PIECE_LEN: usize = 64 * 240;

/// Text collected before it is written. Not more than fits the cache beside the piece.
pub(crate) const BATCH_LEN: usize = 128 << 10;

/// Bytes after which those behind are let go, so that a dump of any length stays small, and the text
/// there is goes out.
pub(crate) const HELD_LEN: u64 = 4 << 20;

/// Texts there are: one being formatted, one waiting, one being written.
const BATCHES: usize = 3;

/// Why a dump ended early.
#[derive(Debug)]
pub(crate) enum Interrupted {
    /// A byte could not be read.
    Read(Error),
    /// The output takes no more.
    Write(io::Error),
}

/// Where `skip` is in `len` bytes.
///
/// # Errors
/// That it is before the start, or beyond the end: there, a wrong number is more likely than the wish
/// for nothing.
pub(crate) fn start(len: u64, skip: Offset) -> Result<u64, Error> {
    match skip {
        Offset::FromStart(offset) if offset > len => {
            Err(Error::new(Op::Read, ErrorKind::OffsetBeyondEnd { offset, file_len: len }))
        }
        Offset::FromStart(offset) => Ok(offset),
        Offset::FromEnd(back) => {
            let outside = ErrorKind::OutOfBounds { offset: 0, len: back, bound: len };
            skip.within(len).ok_or_else(|| Error::new(Op::Read, outside))
        }
    }
}

/// The part of `len` bytes that starts at `skip` and is at most `length` long.
///
/// # Errors
/// Those of [`start`].
pub(crate) fn part(len: u64, skip: Offset, length: Option<u64>) -> Result<Range<u64>, Error> {
    let start = start(len, skip)?;
    let rest = len.saturating_sub(start);
    Ok(start..start + length.unwrap_or(rest).min(rest))
}

/// The error, with the name of the file.
pub(crate) fn placed(map: &AnyMap, error: Error) -> Error {
    match map.path() {
        Some(path) => error.with_path(path),
        None => error,
    }
}

/// Prints what the command line asks for: the bytes of all files as one stream.
pub(crate) fn print(what: &BytesArgs) -> Result<(), Failure> {
    let mut stream = Stream::of(what)?;
    if what.length == Some(0) {
        // As hexdump: nothing, not even the address of the end.
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
        // Whoever reads us has seen enough: `lazyhex F | head`.
        Err(Interrupted::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(Interrupted::Write(error)) => Err(Failure::Output(error)),
        Err(Interrupted::Read(error)) => Err(Failure::Source(error)),
        Ok(()) => stream.end(),
    }
}

/// Writes the texts that `format` makes.
///
/// Formatting costs about as much as the system's copy into a pipe, so a second thread writes
/// while this one formats.
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
                // Once the last text was formatted nobody wants it back.
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

/// Texts on their way to the writer and back, so that memory is constant.
pub(crate) struct Texts {
    full: SyncSender<Vec<u8>>,
    empty: Receiver<Vec<u8>>,
    spare: usize,
}

impl Texts {
    /// A text to fill; `None` once the writer has ended.
    pub(crate) fn next(&mut self) -> Option<Vec<u8>> {
        match self.spare.checked_sub(1) {
            Some(spare) => {
                self.spare = spare;
                Some(Vec::with_capacity(2 * BATCH_LEN))
            }
            None => self.empty.recv().ok(),
        }
    }

    /// Hands a text over. Whether the writer took it: if not, it knows why.
    pub(crate) fn hand_over(&self, text: Vec<u8>) -> bool {
        self.full.send(text).is_ok()
    }
}

/// Formats the bytes of the stream and hands the texts over. If the writer has ended, so does this:
/// the writer reports why.
fn append_lines(stream: &mut Stream<'_>, mut formatter: Formatter, mut texts: Texts) {
    let mut piece = vec![0; PIECE_LEN];
    let mut more = More::Bytes;
    while let Some(mut text) = texts.next() {
        let mut is_due = false;
        while more == More::Bytes && text.len() < BATCH_LEN && !is_due {
            let len;
            (len, more) = stream.fill(&mut piece);
            formatter.append(piece.get(..len).unwrap_or_default(), &mut text);
            // Repeated rows fill no text: what there is goes out all the same, and if there is
            // nothing, the writer still looks whether anybody reads.
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
