//! A view of a document: the cursor, the scroll position and the panes.

pub(crate) mod array;
pub(crate) mod help;
pub(crate) mod jumplist;
pub(crate) mod minimap;
pub(crate) mod panes;
pub(crate) mod rows;
pub(crate) mod format_list;
pub(crate) mod structure;

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
use crate::view::structure::StructureView;

/// Identifies a view. Ids are never reused, so a message for a closed view is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ViewId(pub(crate) u64);

/// The part of a view that has the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Focus {
    Bytes,
    Pane(Pane),
}

/// A view of a document.
#[derive(Debug, Clone)]
pub(crate) struct View {
    pub(crate) document: DocumentId,
    /// Offset of the cursor; 0 if the document is empty.
    pub(crate) cursor: u64,
    /// Offset of the first row.
    pub(crate) top: u64,
    /// Whether the heading above that row is the first one.
    pub(crate) shows_heading: bool,
    /// Start of the selection, which extends to the cursor.
    pub(crate) anchor: Option<u64>,
    pub(crate) jumps: JumpList,
    pub(crate) panes: Panes,
    pub(crate) focus: Focus,
    pub(crate) help: HelpState,
    /// The array view, while it is shown.
    pub(crate) array: Option<ArrayView>,
    /// Arguments of the last `:type` command.
    pub(crate) last_type: String,
    pub(crate) minimap: MapView,
    /// What is shown of the fields.
    pub(crate) structure: StructureView,
    /// The pending jump to a match.
    pub(crate) waiting: Option<Waiting>,
    /// The pending search for a landmark or NaN.
    pub(crate) looking: Option<PendingPlace>,
    /// The pending read of the file's array description.
    pub(crate) describing: Option<(JobId, LayoutQuery)>,
    /// The matches on the screen. Derived data.
    pub(crate) lit: Vec<Range<u64>>,
    /// How many moves of the document's edits the positions have followed.
    pub(crate) moves: usize,
}

/// A position that a job searches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PendingPlace {
    pub(crate) job: JobId,
    /// A noun for messages such as "there is no next hole".
    pub(crate) what: String,
    /// Search for the `count`-th, counted from 1.
    pub(crate) count: u64,
    /// The cursor at the start. Moving it cancels the jump.
    pub(crate) cursor: u64,
}

impl View {
    /// A view at the start of a document: at its first byte that can be read.
    pub(crate) fn new(document: DocumentId, start: u64) -> Self {
        Self {
            document,
            cursor: start,
            top: start,
            shows_heading: true,
            anchor: None,
            jumps: JumpList::default(),
            panes: Panes::default(),
            focus: Focus::Bytes,
            help: HelpState::default(),
            array: None,
            last_type: "u1".to_owned(),
            minimap: MapView::default(),
            structure: StructureView::default(),
            waiting: None,
            looking: None,
            describing: None,
            lit: Vec::new(),
            moves: 0,
        }
    }

    /// A second view at the same position, without pending jumps.
    pub(crate) fn again(&self) -> Self {
        let (waiting, looking, describing) = (None, None, None);
        let structure = self.structure.again();
        Self { focus: Focus::Bytes, waiting, looking, describing, structure, ..self.clone() }
    }

    /// The focused pane.
    pub(crate) const fn pane(&self) -> Option<Pane> {
        match self.focus {
            Focus::Pane(pane) => Some(pane),
            Focus::Bytes => None,
        }
    }
}
