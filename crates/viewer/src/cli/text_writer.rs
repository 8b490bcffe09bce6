//! Writes text on a second thread, with a fixed number of buffers.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread;

use memmap::Error;

use crate::cli::stdout_pipe;
pub(crate) use crate::cli::stdout_pipe::BATCH_LEN;

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
