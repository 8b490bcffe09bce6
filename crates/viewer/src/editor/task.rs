//! What the state asks to be done outside of it.

use std::ops::Range;
use std::path::PathBuf;
use std::time::Instant;

use memmap::AnyMap;

use crate::analysis::find_nan::{NanHunt, NanOutcome};
use crate::analysis::landmark::{Hunt, Outcome};
use crate::analysis::repeat_rows::{Run, extend, is_hole};
use crate::document::jobs::Work;
use crate::format::copy_as::Form;
use crate::job::list::JobId;
use crate::search::direction::Direction;
use crate::source::npy_layout::{self, Description, Where};

/// Something to do that the state cannot do itself: it reads nothing, writes nothing and waits for
/// nothing. [`App::take_tasks`](crate::App::take_tasks) gives them, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Task {
    /// Look at the source again: [`Msg::Refreshed`](crate::Msg::Refreshed) or
    /// [`Msg::RefreshFailed`](crate::Msg::RefreshFailed).
    LookAgain,
    /// Explain the file, as `lazyhex info` does: [`Msg::Explained`](crate::Msg::Explained).
    Explain,
    /// Put bytes on the clipboard: [`Msg::Done`](crate::Msg::Done).
    Copy(Range<u64>, Form),
    /// Put a text on the clipboard: [`Msg::Done`](crate::Msg::Done).
    CopyText(String),
    /// Write bytes to a new file: [`Msg::Done`](crate::Msg::Done).
    Write(Range<u64>, PathBuf),
    /// Start a job: [`Msg::News`](crate::Msg::News) says how far it is, what it finds and how it ended.
    Start(JobId, Work),
    /// Tell a job to stop. It says when it has.
    Cancel(JobId),
    /// Give the terminal back and stop, until the shell says to go on.
    Suspend,
    /// Draw every cell, whatever the terminal shows now.
    Redraw,
    /// List the files whose names go on like this: [`Msg::Named`](crate::Msg::Named).
    Names(String),
    /// Whether the mouse is ours, or the terminal's.
    Mouse(bool),
    /// Something about the views beside this one.
    Window(Window),
}

/// What a view asks of those who have more than one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each has an arm where it is done")]
pub enum Window {
    /// To open a file in a tab of its own.
    OpenTab(PathBuf),
    /// To show the same bytes, or a file, beside this view; or only one again.
    Split(Option<PathBuf>),
    /// To show the next tab.
    Tab(Direction),
    /// To give the keyboard to the other view.
    Across,
    /// To scroll both views together, or not any more.
    Sync,
    /// To close all of them.
    QuitAll,
    /// To go on with the tour.
    SkipStep,
}

/// Something that is done between two frames, a few milliseconds at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Errand {
    /// Look on for something.
    Hunt(Hunt),
    /// Find how far rows go on that are all the same: as [`Return::Extended`] says.
    Extend(Run, u64),
    /// Look on for a float that is no number.
    Nan(NanHunt),
    /// Read what the file says of its own elements.
    Describe(Where),
}

/// What an [`Errand`] came to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Return {
    /// Of a hunt.
    Hunted(Outcome),
    /// Equal rows, and their length.
    Extended(Run, u64),
    /// Of a search for what is no number.
    Nan(NanOutcome),
    /// The elements; `None` if the file says nothing of any.
    Described(Option<Result<Description, String>>),
}

impl Errand {
    /// Does a part of it, for about as long as until `deadline`.
    #[must_use]
    pub fn run(self, map: &AnyMap, deadline: Instant) -> Return {
        match self {
            Self::Hunt(hunt) => Return::Hunted(hunt.slice(map, deadline)),
            Self::Extend(run, row_len) => {
                let is_hole = run.is_hole && is_hole(map, run.range.clone());
                let run = extend(map, Run { is_hole, ..run }, row_len, deadline);
                Return::Extended(run, row_len)
            }
            Self::Nan(hunt) => Return::Nan(hunt.slice(map, deadline)),
            Self::Describe(place) => Return::Described(npy_layout::look(map, &place)),
        }
    }
}
