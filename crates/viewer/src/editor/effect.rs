//! What the state asks to be done outside of it: it reads nothing, writes nothing and waits for nothing.

use std::ops::Range;
use std::path::PathBuf;

use crate::document::DocumentId;
use crate::document::jobs::{Generation, JobSpec};
use crate::editor::session::SessionEntry;
use crate::job::list::JobId;
use crate::source::handle::SourceHandle;

/// Something to do.
#[derive(Debug)]
#[non_exhaustive]
pub(crate) enum Effect {
    /// Read bytes to be shown: [`Msg::Read`](crate::editor::message::Msg::Read).
    Read(ReadRequest),
    /// Start a job: [`Msg::Job`](crate::editor::message::Msg::Job).
    StartJob {
        /// Its name.
        id: JobId,
        /// The bytes that it works on.
        source: SourceHandle,
        /// What it does.
        spec: JobSpec,
    },
    /// Tell a job to stop. It ends, which it says.
    CancelJob(JobId),
    /// Put a text on the clipboard, and say what was copied:
    /// [`Msg::Copied`](crate::editor::message::Msg::Copied).
    Copy {
        /// The text.
        text: Vec<u8>,
        /// What it is, in words.
        what: String,
    },
    /// Look at the file from outside: [`Msg::Polled`](crate::editor::message::Msg::Polled).
    Poll(DocumentId, PathBuf),
    /// Read what an earlier run remembered of a file:
    /// [`Msg::SessionLoaded`](crate::editor::message::Msg::SessionLoaded).
    LoadSession(DocumentId, PathBuf),
    /// Remember this of a file.
    SaveSession(PathBuf, Box<SessionEntry>),
    /// Nothing more is read of a document.
    Close(DocumentId, SourceHandle),
    /// Give the terminal back and stop, until the shell says to go on.
    Suspend,
    /// Draw every cell, whatever the terminal shows now.
    Redraw,
    /// Whether the mouse is ours, or the terminal's.
    Mouse(bool),
}

/// Bytes to be read.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub(crate) struct ReadRequest {
    /// Whose they are.
    pub document: DocumentId,
    /// What the bytes were when they were asked for: those of another generation are dropped.
    pub generation: Generation,
    pub(crate) source: SourceHandle,
    /// Which.
    pub range: Range<u64>,
}

/// Why the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "it ends because somebody wants it, or has to")]
pub enum ExitReason {
    /// The user quit.
    Quit,
    /// A signal came, or the terminal is gone.
    Terminated,
}
