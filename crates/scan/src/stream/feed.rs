use std::io::{self, ErrorKind, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use memmap_core::Progress;

/// Bytes asked for at a time.
const ASK_LEN: usize = 64 << 10;

/// Pieces that wait to be taken.
const WAITING: usize = 8;

/// How soon a cancelled scan is noticed while nothing comes.
const PAUSE: Duration = Duration::from_millis(50);

/// What a reader gives, read ahead on a thread of its own: a read may wait for ever.
#[derive(Debug)]
pub(super) struct Feed(Receiver<io::Result<Vec<u8>>>);

/// What a feed gives next.
#[derive(Debug)]
pub(super) enum Fed {
    Bytes(Vec<u8>),
    End,
    Cancelled,
}

impl Feed {
    pub(super) fn of(reader: impl Read + Send + 'static) -> io::Result<Self> {
        let (sender, receiver) = sync_channel(WAITING);
        thread::Builder::new().name("stream".into()).spawn(move || read_all(reader, &sender))?;
        Ok(Self(receiver))
    }

    /// Waits for the next bytes.
    pub(super) fn next(&self, progress: Option<&Progress>) -> io::Result<Fed> {
        loop {
            if progress.is_some_and(Progress::is_cancelled) {
                return Ok(Fed::Cancelled);
            }
            match self.0.recv_timeout(PAUSE) {
                Ok(read) => return read.map(Fed::Bytes),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(Fed::End),
            }
        }
    }

    /// The next bytes, if they have come.
    pub(super) fn more(&self) -> io::Result<Option<Vec<u8>>> {
        self.0.try_recv().ok().transpose()
    }
}

/// Ends with the reader, with its error, or when nobody takes the bytes.
fn read_all(mut reader: impl Read, sender: &SyncSender<io::Result<Vec<u8>>>) {
    loop {
        let mut piece = vec![0; ASK_LEN];
        let read = loop {
            match reader.read(&mut piece) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        let sent = match read {
            Ok(0) => return,
            Ok(len) => {
                piece.truncate(len);
                if len < ASK_LEN / 2 {
                    piece.shrink_to_fit();
                }
                sender.send(Ok(piece))
            }
            Err(error) => {
                sender.send(Err(error)).ok();
                return;
            }
        };
        if sent.is_err() {
            return;
        }
    }
}
