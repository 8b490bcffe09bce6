//! Effects: side effects that the editor requests. The editor itself does no I/O and never blocks.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use crate::document::DocumentId;
use crate::document::jobs::{Generation, JobSpec};
use crate::editor::paste::PasteRequest;
use crate::editor::session::SessionEntry;
use crate::job::list::JobId;
use crate::source::handle::SourceHandle;
use crate::source::spool::Spool;
use crate::source::stream_reader::StreamReader;

/// A side effect.
#[derive(Debug)]
#[non_exhaustive]
pub(crate) enum Effect {
    /// Read bytes for display. Answered by [`Msg::Read`](crate::editor::message::Msg::Read).
    Read(ReadRequest),
    /// Start a job. Answered by [`Msg::Job`](crate::editor::message::Msg::Job).
    StartJob {
        /// Identifies the job.
        id: JobId,
        /// The mapping to work on.
        source: SourceHandle,
        /// The job.
        spec: JobSpec,
    },
    /// Cancel a job. It still reports its end.
    CancelJob(JobId),
    /// Copy a text to the clipboard. Answered by
    /// [`Msg::Copied`](crate::editor::message::Msg::Copied).
    Copy {
        /// The text.
        text: Vec<u8>,
        /// A description, for the message.
        what: String,
    },
    /// Read the text of the clipboard. Answered by
    /// [`Msg::ClipboardRead`](crate::editor::message::Msg::ClipboardRead).
    ReadClipboard(PasteRequest),
    /// Query the file's metadata. Answered by [`Msg::Polled`](crate::editor::message::Msg::Polled).
    Poll(DocumentId, PathBuf),
    /// Load the saved session of a file. Answered by
    /// [`Msg::SessionLoaded`](crate::editor::message::Msg::SessionLoaded).
    LoadSession(DocumentId, PathBuf),
    /// Save the session of a file.
    SaveSession(PathBuf, Box<SessionEntry>),
    /// Read a stream into its spool. Answered by [`Msg::Streamed`](crate::editor::message::Msg::Streamed).
    ReadStream(DocumentId, Arc<Spool>, Box<StreamReader>),
    /// Change how a stream is read.
    Spool(Arc<Spool>, SpoolOrder),
    /// Release a document, which no longer needs to be read.
    Close(DocumentId, SourceHandle),
    /// Restore the terminal and stop the process until it is continued.
    Suspend,
    /// Redraw every cell.
    Redraw,
    /// Enable or disable mouse reporting.
    Mouse(bool),
}

/// A change of how a stream is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SpoolOrder {
    Stop,
    /// Read up to this length.
    Limit(u64),
}

/// A range to read.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub(crate) struct ReadRequest {
    /// The document.
    pub document: DocumentId,
    /// Generation at the time of the request. Results for another generation are dropped.
    pub generation: Generation,
    pub(crate) source: SourceHandle,
    /// The range.
    pub range: Range<u64>,
}

/// Why the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "it ends because somebody wants it, or has to")]
pub enum ExitReason {
    /// The user quit.
    Quit,
    /// A signal was received, or the terminal is gone.
    Terminated,
}
