//! Messages: the events that change the editor.

use std::io;

use crossterm::event::{Event, KeyEvent, KeyEventKind, MouseButton, MouseEventKind};

use crate::document::DocumentId;
use crate::document::jobs::{Generation, JobUpdate};
use crate::editor::paste::PasteRequest;
use crate::editor::session::{SessionEntry, SessionError};
use crate::job::list::JobId;
use crate::job::outbox::Progress;
use crate::layout::viewport::Size;
use crate::source::file_stat::FileStat;
use crate::source::page_cache::Page;
use crate::source::spool::SpoolStatus;

/// An event.
#[derive(Debug)]
#[non_exhaustive]
pub(crate) enum Msg {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse wheel was turned; positive is down.
    Scroll(i8),
    /// A mouse button was pressed at this column and line.
    MouseDown(u16, u16),
    /// The mouse was dragged to this column and line.
    Drag(u16, u16),
    /// The mouse button was released.
    MouseUp,
    /// The first frame was drawn, so that deferred work may start.
    FirstFrame,
    /// Text was pasted.
    Paste(String),
    /// The terminal was resized.
    Resize(Size),
    /// The answer to [`Effect::Read`](crate::editor::effect::Effect::Read).
    Read {
        /// The document.
        document: DocumentId,
        /// Generation at the time of the request.
        generation: Generation,
        /// The page read.
        page: Page,
    },
    /// A job has sent an event.
    Job(JobId, JobUpdate),
    /// The progress of a job.
    Progress(JobId, Progress),
    /// The metadata of a file, or the error of the query.
    Polled(DocumentId, io::Result<FileStat>),
    /// More of a stream has come, or it has ended.
    Streamed(DocumentId, SpoolStatus),
    /// The saved session of a file, or the error.
    SessionLoaded(DocumentId, Result<SessionEntry, SessionError>),
    /// A text was copied, with its description; or the error.
    Copied(String),
    /// What the clipboard has; `None` if no program here can read it.
    ClipboardRead(PasteRequest, io::Result<Option<Vec<u8>>>),
    /// Visible files are due to be polled.
    Tick,
    /// The terminal has gained the focus.
    FocusGained,
    /// A signal asks the program to suspend.
    Suspend,
    /// The program was continued. Other programs may have used the terminal meanwhile.
    Continued,
    /// A signal asks the program to quit.
    Terminate,
}

impl Msg {
    /// Converts a terminal event; `None` if it has no meaning here.
    #[must_use]
    pub(crate) fn from_event(event: Event) -> Option<Self> {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => Some(Self::Key(key)),
            Event::Mouse(mouse) => match mouse.kind {
                MouseEventKind::ScrollDown => Some(Self::Scroll(1)),
                MouseEventKind::ScrollUp => Some(Self::Scroll(-1)),
                MouseEventKind::Down(MouseButton::Left) => {
                    Some(Self::MouseDown(mouse.column, mouse.row))
                }
                MouseEventKind::Drag(MouseButton::Left) => {
                    Some(Self::Drag(mouse.column, mouse.row))
                }
                MouseEventKind::Up(MouseButton::Left) => Some(Self::MouseUp),
                _ => None,
            },
            Event::Paste(text) => Some(Self::Paste(text)),
            Event::FocusGained => Some(Self::FocusGained),
            Event::Resize(width, height) => Some(Self::Resize(Size { width, height })),
            _ => None,
        }
    }
}
