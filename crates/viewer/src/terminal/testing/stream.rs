//! Streams of which the test says what comes.

use std::sync::Arc;

use super::Stage;
use crate::document::DocumentId;
use crate::editor::message::Msg;
use crate::editor::tabs::OpenIn;
use crate::source::handle::SourceHandle;
use crate::source::spool::{Phase, Spool, StreamKind};

impl Stage {
    /// Opens a stream in a new tab. Reading pauses at the limit.
    ///
    /// # Panics
    /// If no temporary file can be made.
    pub fn open_stream(&mut self, name: &str, limit: u64) -> &mut Self {
        let spool = Spool::new(StreamKind::Pipe, limit);
        let source = spool.map(|spool| SourceHandle::of_spool(Arc::new(spool)));
        let Ok(Ok(source)) = source else { unreachable!("there is room for a temporary file") };
        self.event_loop.editor.open(name.to_owned(), source, None, OpenIn::Tab);
        self.event_loop.editor.show_first();
        self
    }

    /// The stream in the focused view.
    fn stream(&self) -> Option<(DocumentId, Arc<Spool>)> {
        let editor = &self.event_loop.editor;
        let id = editor.focus().and_then(|id| editor.views.get(&id))?.document;
        Some((id, editor.documents.get(&id)?.source().spool()?.clone()))
    }

    /// Lets bytes come of the stream. Returns how many were taken.
    ///
    /// # Panics
    /// If there is no room for them on the disk.
    pub fn feed(&mut self, bytes: &[u8]) -> usize {
        let Some((id, spool)) = self.stream() else { return 0 };
        let mut left = bytes;
        while let Some(room @ 1..) = spool.room() {
            let (piece, rest) =
                left.split_at(left.len().min(usize::try_from(room).unwrap_or(usize::MAX)));
            if piece.is_empty() {
                break;
            }
            assert!(spool.append(piece).is_ok(), "the disk has room");
            left = rest;
        }
        let is_paused = spool.status().phase == Phase::Paused;
        if spool.announce() || is_paused {
            self.send(Msg::Streamed(id, spool.status()));
        }
        bytes.len() - left.len()
    }

    /// Ends the stream, by a failure if that is given.
    pub fn end_stream(&mut self, failure: Option<&str>) -> &mut Self {
        let Some((id, spool)) = self.stream() else { return self };
        spool.end(failure.map_or(Phase::Complete, |why| Phase::Failed(why.to_owned())));
        self.send(Msg::Streamed(id, spool.status()))
    }
}
