//! Reads a stream into its spool, on a thread of its own: it may wait forever.

use std::sync::Arc;
use std::thread;

use crate::document::DocumentId;
use crate::editor::message::Msg;
use crate::source::spool::{PIECE_LEN, Phase, Spool, fitting};
use crate::source::stream_reader::StreamReader;
use crate::terminal::mailbox::Mailbox;

/// Starts reading.
pub(crate) fn start(
    document: DocumentId,
    spool: &Arc<Spool>,
    reader: StreamReader,
    mailbox: &Mailbox,
) {
    let feed = Feed { document, spool: Arc::clone(spool), mailbox: mailbox.clone() };
    let started = thread::Builder::new().name("stream".to_owned()).spawn(move || feed.run(reader));
    if let Err(error) = started {
        spool.end(Phase::Failed(format!("cannot start a thread: {error}")));
        mailbox.send(Msg::Streamed(document, spool.status()));
    }
}

struct Feed {
    document: DocumentId,
    spool: Arc<Spool>,
    mailbox: Mailbox,
}

impl Feed {
    /// Reads until the end, or until nobody wants more.
    fn run(self, mut reader: StreamReader) {
        let mut piece = vec![0; PIECE_LEN];
        while let Some(room) = self.spool.room() {
            let is_going_on = match room {
                0 => {
                    let is_heard = self.tell();
                    self.spool.wait();
                    // It goes on.
                    is_heard && self.tell()
                }
                room => self.read(&mut reader, piece.get_mut(..fitting(room)).unwrap_or_default()),
            };
            if !is_going_on {
                return;
            }
        }
        // The writer learns that nobody reads before the view shows it.
        drop(reader);
        self.tell();
    }

    /// Reads what there is. Returns whether the view still exists.
    fn read(&self, reader: &mut StreamReader, piece: &mut [u8]) -> bool {
        let read = reader.read_once(piece);
        match read {
            Ok(0) => self.spool.end(Phase::Complete),
            // It was stopped meanwhile.
            Ok(_) if self.spool.room().is_none() => {}
            Ok(len) => {
                if let Err(error) = self.spool.append(piece.get(..len).unwrap_or_default()) {
                    self.spool.end(Phase::Failed(error.to_string()));
                }
                return !self.spool.announce() || self.tell();
            }
            Err(error) => self.spool.end(Phase::Failed(format!("cannot be read: {error}"))),
        }
        true
    }

    fn tell(&self) -> bool {
        self.mailbox.send(Msg::Streamed(self.document, self.spool.status()))
    }
}
