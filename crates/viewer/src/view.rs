//! A place in a document: the cursor, the rows on the screen, the panes beside them.

pub(crate) mod array;
pub(crate) mod help;
pub(crate) mod jumplist;
pub(crate) mod minimap;
pub(crate) mod panes;
pub(crate) mod rows;

use std::ops::Range;

use crate::document::DocumentId;
use crate::job::list::JobId;
use crate::search::results::Waiting;
use crate::source::npy_layout::LayoutQuery;
use crate::view::array::ArrayView;
use crate::view::help::HelpState;
use crate::view::jumplist::JumpList;
use crate::view::minimap::MapView;
use crate::view::panes::{Pane, Panes};

/// Names a view. No name is used twice, so that what was meant for a view that is closed finds nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ViewId(pub(crate) u64);

/// What the keyboard talks to, within a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Focus {
    Bytes,
    Pane(Pane),
}

/// A place in a document.
#[derive(Debug, Clone)]
pub(crate) struct View {
    pub(crate) document: DocumentId,
    /// The byte under the cursor; 0 if there is none.
    pub(crate) cursor: u64,
    /// The first byte of the first row.
    pub(crate) top: u64,
    /// The byte where the selection began; it reaches to the cursor.
    pub(crate) anchor: Option<u64>,
    pub(crate) jumps: JumpList,
    pub(crate) panes: Panes,
    pub(crate) focus: Focus,
    pub(crate) help: HelpState,
    /// The bytes as elements, while they are shown as that.
    pub(crate) array: Option<ArrayView>,
    /// The last line that asked for elements, without its command.
    pub(crate) last_type: String,
    pub(crate) minimap: MapView,
    /// The match that is waited for.
    pub(crate) waiting: Option<Waiting>,
    /// The landmark or NaN that is searched for.
    pub(crate) looking: Option<PendingPlace>,
    /// What the file says of its elements, while that is read.
    pub(crate) describing: Option<(JobId, LayoutQuery)>,
    /// Where the matches on the screen are; derived whenever something has changed.
    pub(crate) lit: Vec<Range<u64>>,
}

/// A place that a job searches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PendingPlace {
    pub(crate) job: JobId,
    /// As in "there is no next hole".
    pub(crate) what: String,
    /// Which of those that follow it is: the first one, or a later one.
    pub(crate) count: u64,
    /// Where the cursor was: whoever moves it goes elsewhere.
    pub(crate) cursor: u64,
}

impl View {
    /// At the first byte of a document.
    pub(crate) fn new(document: DocumentId) -> Self {
        Self {
            document,
            cursor: 0,
            top: 0,
            anchor: None,
            jumps: JumpList::default(),
            panes: Panes::default(),
            focus: Focus::Bytes,
            help: HelpState::default(),
            array: None,
            last_type: "u1".to_owned(),
            minimap: MapView::default(),
            waiting: None,
            looking: None,
            describing: None,
            lit: Vec::new(),
        }
    }

    /// A second view at the same place, which waits for nothing.
    pub(crate) fn again(&self) -> Self {
        let (waiting, looking, describing) = (None, None, None);
        Self { focus: Focus::Bytes, waiting, looking, describing, ..self.clone() }
    }

    /// The pane that has the keyboard.
    pub(crate) const fn pane(&self) -> Option<Pane> {
        match self.focus {
            Focus::Pane(pane) => Some(pane),
            Focus::Bytes => None,
        }
    }
}
