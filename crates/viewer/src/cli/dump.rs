use std::io::{self, Write};
use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread;

use memmap::{Advice, AnyMap, Error, ErrorKind, Op, Partial, widen};

use crate::cli::stdout_pipe;
use crate::format::Formatter;

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

/// The part of `len` bytes that starts at `skip` and is at most `length` long.
///
/// # Errors
/// That `skip` is beyond the end: there, a wrong number is more likely than the wish for nothing.
pub(crate) fn part(len: u64, skip: u64, length: Option<u64>) -> Result<Range<u64>, Error> {
    let Some(rest) = len.checked_sub(skip) else {
        return Err(Error::new(
            Op::Read,
            ErrorKind::OffsetBeyondEnd { offset: skip, file_len: len },
        ));
    };
    Ok(skip..skip + length.unwrap_or(rest).min(rest))
}

/// Prints a part of a map whose first byte has the address `base`. What comes before a byte that
/// cannot be read is printed.
pub(crate) fn dump(
    map: &AnyMap,
    base: u64,
    part: Range<u64>,
    formatter: Formatter,
    out: &mut (dyn Write + Send),
) -> Result<(), Interrupted> {
    through(out, |texts| format(map, base, part, formatter, texts))
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

/// Formats a part of a map and hands the texts over. That the writer has ended is no error here:
/// it knows why.
fn format(
    map: &AnyMap,
    base: u64,
    part: Range<u64>,
    mut formatter: Formatter,
    mut texts: Texts,
) -> Result<(), Error> {
    let mut piece = vec![0; PIECE_LEN];
    let (mut at, mut held) = (part.start, part.start);
    while let Some(mut text) = texts.next() {
        let mut read = Ok(());
        let mut is_due = false;
        while at < part.end && text.len() < BATCH_LEN && read.is_ok() && !is_due {
            let len = usize::try_from(part.end - at).map_or(PIECE_LEN, |rest| rest.min(PIECE_LEN));
            let len = match map.read_some(at - base, &mut piece[..len]) {
                Ok(Partial { len, stopped }) => {
                    read = stopped.map_or(Ok(()), Err);
                    len
                }
                Err(error) => return Err(error),
            };
            formatter.append(&piece[..len], &mut text);
            at += widen(len);
            // Repeated rows fill no text: what there is goes out all the same, and if there is
            // nothing, the writer still looks whether anybody reads.
            if at - held >= HELD_LEN {
                // A hint: where it is not taken, nothing is lost.
                map.advise(held - base..at - base, Advice::DontNeed).ok();
                held = at;
                is_due = true;
            }
        }
        let done = at == part.end || read.is_err();
        if done && read.is_ok() {
            formatter.append_end(&mut text);
        }
        if !texts.hand_over(text) || done {
            return read;
        }
    }
    Ok(())
}
