//! What has been typed and pressed so far and is not done yet. There is one keyboard and one mouse.

use crossterm::event::KeyEvent;

use crate::editor::prompt::Prompt;

/// What keys go to before they go to the view, the first that is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Input {
    /// The first key of a command of two.
    pub(crate) pending: Option<char>,
    /// How many times the next motion goes, as far as it was typed.
    pub(crate) count: Option<u64>,
    /// A question that has to be answered first.
    pub(crate) popup: Option<Popup>,
    pub(crate) prompt: Option<Prompt>,
    /// Enter was pressed, but the line refers to bytes not read yet: it is run once they arrive.
    pub(crate) is_waiting: bool,
    /// Keys that came since, for what comes of the line.
    pub(crate) ahead: Vec<KeyEvent>,
    /// What the mouse holds while it is pressed.
    pub(crate) drag: Option<DragTarget>,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Popup {
    /// Whether to leave although a file is being written, which would be removed: its job.
    Leave(String),
}

/// What the mouse holds while it is pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DragTarget {
    ScrollBar,
    /// A byte: dragging selects.
    Byte(u64),
    /// The column of the map.
    MapColumn,
    /// The map in its pane.
    MapPane,
}
