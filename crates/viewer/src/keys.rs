//! The one table of keys: what they do, and what the help says of them.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::app::Action;

/// One line of the table: keys that do the same.
pub(crate) struct Binding {
    pub(crate) keys: &'static [Chord],
    pub(crate) action: Action,
    pub(crate) help: &'static str,
}

/// A key, with or without Ctrl. Shift is part of a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chord {
    code: KeyCode,
    ctrl: bool,
    pub(crate) label: &'static str,
}

const fn key(code: KeyCode, label: &'static str) -> Chord {
    Chord { code, ctrl: false, label }
}

const fn char(c: char, label: &'static str) -> Chord {
    key(KeyCode::Char(c), label)
}

const fn ctrl(code: KeyCode, label: &'static str) -> Chord {
    Chord { code, ctrl: true, label }
}

pub(crate) const BINDINGS: &[Binding] = &[
    Binding {
        keys: &[key(KeyCode::Left, "←"), char('h', "h")],
        action: Action::Left,
        help: "a byte back",
    },
    Binding {
        keys: &[key(KeyCode::Right, "→"), char('l', "l")],
        action: Action::Right,
        help: "a byte on",
    },
    Binding {
        keys: &[key(KeyCode::Up, "↑"), char('k', "k")],
        action: Action::Up,
        help: "a row up",
    },
    Binding {
        keys: &[key(KeyCode::Down, "↓"), char('j', "j")],
        action: Action::Down,
        help: "a row down",
    },
    Binding {
        keys: &[ctrl(KeyCode::Char('u'), "Ctrl-u")],
        action: Action::HalfPageUp,
        help: "half a page up",
    },
    Binding {
        keys: &[ctrl(KeyCode::Char('d'), "Ctrl-d")],
        action: Action::HalfPageDown,
        help: "half a page down",
    },
    Binding {
        keys: &[key(KeyCode::PageUp, "PgUp"), ctrl(KeyCode::Char('b'), "Ctrl-b")],
        action: Action::PageUp,
        help: "a page up",
    },
    Binding {
        keys: &[
            key(KeyCode::PageDown, "PgDn"),
            ctrl(KeyCode::Char('f'), "Ctrl-f"),
            char(' ', "Space"),
        ],
        action: Action::PageDown,
        help: "a page down",
    },
    Binding {
        keys: &[key(KeyCode::Home, "Home"), char('0', "0")],
        action: Action::RowStart,
        help: "start of the row",
    },
    Binding {
        keys: &[key(KeyCode::End, "End"), char('$', "$")],
        action: Action::RowEnd,
        help: "end of the row",
    },
    Binding {
        keys: &[char('g', "g"), ctrl(KeyCode::Home, "Ctrl-Home")],
        action: Action::Start,
        help: "first byte",
    },
    Binding {
        keys: &[char('G', "G"), ctrl(KeyCode::End, "Ctrl-End")],
        action: Action::End,
        help: "last byte",
    },
    Binding {
        keys: &[char(':', ":")],
        action: Action::OpenGoto,
        help: "go to 4096, 0x1f00, 4K, +1M, -16, 50%",
    },
    Binding {
        keys: &[char('r', "r"), key(KeyCode::F(5), "F5")],
        action: Action::Refresh,
        help: "look at the file again",
    },
    Binding {
        keys: &[char('?', "?"), key(KeyCode::F(1), "F1")],
        action: Action::ToggleHelp,
        help: "this help",
    },
    Binding {
        keys: &[char('q', "q"), ctrl(KeyCode::Char('c'), "Ctrl-c")],
        action: Action::Quit,
        help: "quit",
    },
];

/// What a key does outside the prompt.
pub(crate) fn action(event: KeyEvent) -> Option<Action> {
    let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
    if event.modifiers.contains(KeyModifiers::ALT) {
        return None;
    }
    BINDINGS
        .iter()
        .find(|binding| binding.keys.iter().any(|c| c.code == event.code && c.ctrl == ctrl))
        .map(|binding| binding.action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things() {
        let chords: Vec<Chord> = BINDINGS.iter().flat_map(|b| b.keys).copied().collect();
        for (i, chord) in chords.iter().enumerate() {
            let same = |other: &Chord| (other.code, other.ctrl) == (chord.code, chord.ctrl);
            assert!(!chords[i + 1..].iter().any(same), "{}", chord.label);
        }
    }
}
