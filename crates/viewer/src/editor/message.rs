//! What happens to the view.

use std::io;

use crossterm::event::{Event, KeyEvent, KeyEventKind, MouseButton, MouseEventKind};

use crate::document::DocumentId;
use crate::document::jobs::{Generation, JobUpdate};
use crate::editor::session::{SessionEntry, SessionError};
use crate::job::list::JobId;
use crate::job::outbox::Progress;
use crate::layout::viewport::Size;
use crate::source::file_stat::FileStat;
use crate::source::page_cache::Page;

/// What happens to the view.
#[derive(Debug)]
#[non_exhaustive]
pub(crate) enum Msg {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse wheel was turned, down if positive.
    Scroll(i8),
    /// The mouse was pressed in a cell: column and line.
    MouseDown(u16, u16),
    /// The pressed mouse was moved to a cell: column and line.
    Drag(u16, u16),
    /// The mouse was released.
    MouseUp,
    /// The first frame is on the screen: what it did not wait for may begin.
    FirstFrame,
    /// Text was pasted.
    Paste(String),
    /// The screen has another size.
    Resize(Size),
    /// Bytes that [`Effect::Read`](crate::editor::effect::Effect::Read) asked for.
    Read {
        /// Whose they are.
        document: DocumentId,
        /// What the bytes were when they were asked for.
        generation: Generation,
        /// The bytes.
        page: Page,
    },
    /// A job sent something.
    Job(JobId, JobUpdate),
    /// How far a job is.
    Progress(JobId, Progress),
    /// A file was looked at from outside; or this is why not.
    Polled(DocumentId, io::Result<FileStat>),
    /// What an earlier run remembered of a file; or this is why that is not known.
    SessionLoaded(DocumentId, Result<SessionEntry, SessionError>),
    /// A text was copied, which is said so.
    Copied(String),
    /// It is time to look at the files that are shown.
    Tick,
    /// The user has come back to the terminal.
    FocusGained,
    /// A signal asks the program to stop for a while.
    Suspend,
    /// The program goes on after it was stopped, and others may have used the terminal.
    Continued,
    /// A signal asks the program to end.
    Terminate,
}

impl Msg {
    /// What a terminal's event means, if anything.
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
