//! Typing over bytes and between them: what the keys of a run have done so far.

use std::collections::VecDeque;
use std::ops::Range;

use crossterm::event::KeyEvent;

use crate::analysis::data_inspector::Order;
use crate::editor::Time;
use crate::view::ViewId;

/// A pause of this length ends a run: what follows is a step of undo of its own.
pub(crate) const PAUSE: Time = Time::from_secs(2);

/// What typed bytes do to those that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TypingMode {
    Insert,
    Overwrite,
}

impl TypingMode {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Insert => "INSERT",
            Self::Overwrite => "OVERWRITE",
        }
    }
}

/// The column that is typed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    Hex,
    Text,
}

impl Column {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Hex => "hex",
            Self::Text => "text",
        }
    }

    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Hex => Self::Text,
            Self::Text => Self::Hex,
        }
    }
}

/// What one key did: it takes back as many of these as a byte had digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// The bytes that were typed.
    pub(crate) typed: Range<u64>,
    /// What was there.
    pub(crate) before: Vec<u8>,
}

/// A byte or a character of the current run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Typed {
    pub(crate) parts: Vec<Part>,
    pub(crate) bytes: Vec<u8>,
}

/// The mode in which keys type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Typing {
    pub(crate) view: ViewId,
    pub(crate) mode: TypingMode,
    pub(crate) column: Column,
    /// Where the next key types: also after the last byte.
    pub(crate) at: u64,
    /// The byte whose first digit was typed.
    pub(crate) half: Option<u8>,
    /// What was typed since the run began. All of it is one step of undo.
    pub(crate) run: Vec<Typed>,
    pub(crate) last_key: Time,
    /// Keys that type over bytes which are not read yet.
    pub(crate) waiting: VecDeque<KeyEvent>,
}

impl Typing {
    pub(crate) fn new(view: ViewId, mode: TypingMode, at: u64, now: Time) -> Self {
        Self {
            view,
            mode,
            column: Column::Hex,
            at,
            half: None,
            run: Vec::new(),
            last_key: now,
            waiting: VecDeque::new(),
        }
    }

    /// Ends the run. The next key begins another one.
    pub(crate) fn end_run(&mut self) {
        self.run.clear();
    }

    /// The bytes of the run.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.run.iter().flat_map(|typed| &typed.bytes).copied().collect()
    }
}

/// The value of the inspector that is edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ValueEdit {
    /// The name of its row.
    pub(crate) name: &'static str,
    pub(crate) order: Order,
    /// Whether the order matters.
    pub(crate) has_order: bool,
    pub(crate) at: u64,
}

impl ValueEdit {
    /// What is edited: `u16 LE at 0x3c`.
    pub(crate) fn label(self) -> String {
        let order = if self.has_order { self.order.name() } else { "" };
        let gap = if self.has_order { " " } else { "" };
        format!("{}{gap}{order} at {:#x}", self.name, self.at)
    }
}

/// An edit that `.` makes again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LastEdit {
    Typed(TypingMode, Vec<u8>),
    Delete { len: u64 },
    DeleteRows { rows: u64 },
    PasteOver,
    PasteInsert,
}
