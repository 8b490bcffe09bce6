//! Pending input: one keyboard and one mouse for all views.

use crossterm::event::KeyEvent;

use crate::editor::popup::Popup;
use crate::editor::prompt::Prompt;
use crate::editor::typing::{LastEdit, Typing, ValueEdit};

/// State that takes keys before the view does, in order of precedence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Input {
    /// The first key of a two-key command.
    pub(crate) pending: Option<char>,
    /// The count typed for the next motion.
    pub(crate) count: Option<u64>,
    /// A question that must be answered first.
    pub(crate) popup: Option<Popup>,
    pub(crate) prompt: Option<Prompt>,
    /// Enter was pressed, but the line refers to bytes not read yet: it is run once they arrive.
    pub(crate) is_waiting: bool,
    /// Keys pressed since, to be handled after the line.
    pub(crate) ahead: Vec<KeyEvent>,
    /// What the mouse is dragging.
    pub(crate) drag: Option<DragTarget>,
    /// The mode in which keys type bytes.
    pub(crate) typing: Option<Typing>,
    /// The value that the prompt edits.
    pub(crate) value: Option<ValueEdit>,
    /// What `.` does again.
    pub(crate) last_edit: Option<LastEdit>,
    /// The bytes that were copied last, to be pasted.
    pub(crate) copied: Vec<u8>,
}

/// What the mouse is dragging.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DragTarget {
    ScrollBar,
    /// A byte: dragging extends the selection.
    Byte(u64),
    /// The minimap column.
    MapColumn,
    /// The minimap pane.
    MapPane,
}
