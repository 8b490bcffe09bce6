//! Key bindings: the table of actions with their names and default keys, and the user's own
//! bindings.

mod elsewhere;
mod notation;
pub(crate) mod table;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use thiserror::Error;

use crate::analysis::digest::Algorithm;
use crate::analysis::landmark::Landmark;
use crate::editor::keymap::table::bindings;
use crate::format::copy_as::CopyFormat;
use crate::search::direction::Direction;
use crate::view::panes::Pane;

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Left,
    Right,
    Up,
    Down,
    HalfPageUp,
    HalfPageDown,
    PageUp,
    PageDown,
    RowStart,
    RowEnd,
    Start,
    End,
    /// Goes to the next landmark.
    FindLandmark(Landmark, Direction),
    /// Goes to the next mark or note.
    ToMark(Direction),
    /// Moves in the jump list.
    Travel(Direction),
    /// Starts a two-key command.
    Begin(char),
    OpenCommand,
    OpenGoto,
    OpenFind,
    /// Goes to the next match.
    ToMatch(Direction),
    /// Searches for the selection, or for what is under the cursor.
    FindThis,
    Select,
    Copy(CopyFormat),
    /// Computes a digest of the selection or the whole file.
    Digest(Algorithm),
    Toggle(Pane),
    FocusNext,
    FocusPrevious,
    /// Activates the selected line of a pane.
    Enter,
    /// Removes the selected line of a pane.
    Remove,
    SwapOrder,
    /// Zooms the minimap in or out.
    Zoom(Direction),
    /// Switches the minimap to the next metric.
    NextMetric,
    /// Switches between the hex view and the array view.
    ToggleArray,
    /// Moves along the outermost dimension.
    Slab(Direction),
    /// Goes to the next field.
    Field(Direction),
    /// Goes to the next or previous region.
    Region(Direction),
    /// Goes to the next difference.
    Difference(Direction),
    /// Goes to the next change.
    Change(Direction),
    /// Changes bytes.
    Edit(EditKey),
    /// Goes to what a field refers to.
    Follow,
    /// Goes to the next NaN.
    Nan(Direction),
    NextTable,
    ToggleFolds,
    /// Splits the view, or closes the split.
    Split,
    /// Goes to the next tab.
    ToTab(Direction),
    Sync,
    SkipStep,
    /// Shifts the second file of a comparison back.
    ShiftBack,
    Refresh,
    ToggleFollow,
    Redraw,
    Suspend,
    Cancel,
    Interrupt,
    Save,
    Quit,
}

/// A key that changes bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EditKey {
    Overwrite,
    Insert,
    InsertAfter,
    InsertAtEnd,
    DeleteRows,
    PasteOver,
    PasteInsert,
    Repeat,
    Undo,
    Redo,
}

/// A row of the table: an action and its keys.
pub(crate) struct Binding {
    /// Name of the action in the configuration. It must not change.
    pub(crate) name: &'static str,
    keys: &'static [Chord],
    pub(crate) action: Action,
    pub(crate) help: &'static str,
    /// A short label, shown after the first key of a two-key command.
    short: &'static str,
    /// A paragraph for the help and the manual page; empty if `help` says everything.
    pub(crate) detail: &'static str,
}

/// A key with optional Ctrl or Alt, optionally after a prefix key. Shift is part of the character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    prefix: Option<char>,
    code: KeyCode,
    ctrl: bool,
    alt: bool,
}

/// A default key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Chord {
    key: Key,
    label: &'static str,
}

/// The keymap in effect: the user's bindings, then the table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Keymap {
    /// The user's bindings; `None` unbinds a key.
    own: Vec<(Key, Option<Action>)>,
    /// Whether keys are written in ASCII: without arrows, which would look like other keys.
    pub(crate) is_ascii: bool,
}

/// Why a key cannot be bound.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum KeymapError {
    #[error("{0:?} is not a key; write \"x\", \"Ctrl-s\", \"Alt-x\", \"F5\" or \"]x\"")]
    NotAKey(String),
    #[error("the key {0:?} cannot be bound: Esc and Ctrl-c cancel, and digits count")]
    Reserved(String),
    #[error("the key {0:?} is bound twice")]
    Twice(String),
    #[error(
        "there is no action {action:?} for the key {key:?}; lazyhex --print-config lists them all"
    )]
    NoAction { key: String, action: String },
}

/// Shown for an action without a key.
const NO_KEY: &str = "(no key)";

/// In the configuration, unbinds a key.
pub(crate) const UNBOUND: &str = "none";

impl Key {
    fn of(prefix: Option<char>, event: KeyEvent) -> Self {
        let has = |modifier| event.modifiers.contains(modifier);
        let (ctrl, alt) = (has(KeyModifiers::CONTROL), has(KeyModifiers::ALT));
        Self { prefix, code: event.code, ctrl, alt }
    }
}

impl Keymap {
    /// The action of a key outside the prompt, after `prefix` if there is one.
    pub(crate) fn action(&self, prefix: Option<char>, event: KeyEvent) -> Option<Action> {
        let key = Key::of(prefix, event);
        match self.own.iter().find(|(own, _)| *own == key) {
            Some(&(_, action)) => action,
            None => bindings()
                .find(|it| it.keys.iter().any(|chord| chord.key == key))
                .map(|it| it.action),
        }
    }

    /// Binds a key, in the notation of the configuration, to an action by name.
    pub(crate) fn bind(&mut self, key: &str, action: &str) -> Result<(), KeymapError> {
        let bound = notation::parse(key).ok_or_else(|| KeymapError::NotAKey(key.to_owned()))?;
        if notation::is_reserved(bound) {
            return Err(KeymapError::Reserved(key.to_owned()));
        }
        if self.own.iter().any(|(own, _)| *own == bound) {
            return Err(KeymapError::Twice(key.to_owned()));
        }
        let named = bindings().find(|it| it.name == action).map(|it| it.action);
        if named.is_none() && action != UNBOUND {
            return Err(KeymapError::NoAction { key: key.to_owned(), action: action.to_owned() });
        }
        self.own.push((bound, named));
        Ok(())
    }

    /// The keys of an action, the user's bindings first.
    fn keys_of(&self, action: Action) -> impl Iterator<Item = (Key, String)> + '_ {
        let own = self.own.iter().filter(move |(_, to)| *to == Some(action));
        let own = own.map(|&(key, _)| (key, notation::label(key)));
        let of_table = bindings().filter(move |it| it.action == action).flat_map(|it| it.keys);
        let is_free = |chord: &&Chord| self.own.iter().all(|(own, _)| *own != chord.key);
        let of_table = of_table.filter(is_free).map(|it| (it.key, it.label.to_owned()));
        own.chain(of_table).filter_map(|(key, label)| self.reached(key, label))
    }

    /// The keys to type for a key; `None` if its prefix is bound to another action.
    fn reached(&self, key: Key, label: String) -> Option<(Key, String)> {
        let Some(prefix) = key.prefix else { return Some((key, label)) };
        let begin = Action::Begin(prefix);
        if self.action(None, KeyEvent::from(KeyCode::Char(prefix))) == Some(begin) {
            return Some((key, label));
        }
        let leads = |own: &&(Key, Option<Action>)| own.0.prefix.is_none() && own.1 == Some(begin);
        let first = notation::label(self.own.iter().find(leads)?.0);
        let second = notation::label(Key { prefix: None, ..key });
        Some((key, format!("{first} {second}")))
    }

    /// The labels of an action's keys.
    pub(crate) fn labels(&self, action: Action) -> Vec<String> {
        self.keys_of(action).map(|(_, label)| self.written(&label)).collect()
    }

    /// The label of an action's first key.
    fn first_label(&self, action: Action) -> Option<String> {
        self.keys_of(action).next().map(|(_, label)| label)
    }

    /// Replaces action names in braces, such as `{inspector}`, by their keys.
    pub(crate) fn fill(&self, text: &str) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            filled += before;
            let Some((name, after)) = after.split_once('}') else {
                return filled + "{" + after;
            };
            let binding = bindings().find(|it| it.name == name);
            match binding {
                Some(it) => filled += self.first_label(it.action).as_deref().unwrap_or(NO_KEY),
                None => filled = filled + "{" + name + "}",
            }
            rest = after;
        }
        self.written(&(filled + rest))
    }

    /// A text that names keys, as the screen can show it.
    pub(crate) fn written(&self, text: &str) -> String {
        const WORDS: [(&str, &str); 8] = [
            ("↑↓←→", "arrows"),
            ("←→", "Left/Right"),
            ("↑↓", "Up/Down"),
            ("↑", "Up"),
            ("↓", "Down"),
            ("←", "Left"),
            ("→", "Right"),
            ("…", "-"),
        ];
        if !self.is_ascii {
            return text.to_owned();
        }
        WORDS.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    }

    /// The same for hints separated by two blanks. Hints for unbound actions are left out.
    pub(crate) fn hints(&self, text: &str) -> String {
        let filled = text.split("  ").map(|hint| self.fill(hint));
        filled.filter(|hint| !hint.contains(NO_KEY)).collect::<Vec<_>>().join("  ")
    }

    /// The keys that may follow a prefix, with their short labels.
    pub(crate) fn following(&self, prefix: char) -> Vec<(String, &'static str)> {
        let of_binding = |binding: &Binding| {
            let short = if binding.short.is_empty() { binding.help } else { binding.short };
            let keys = self.keys_of(binding.action).map(|(key, _)| key);
            let second = keys.filter(move |key| key.prefix == Some(prefix));
            let label = |key| (notation::label(Key { prefix: None, ..key }), short);
            second.map(label).collect::<Vec<_>>()
        };
        bindings().flat_map(of_binding).collect()
    }

    /// The message for a key without a meaning, which suggests the key that was probably meant.
    /// `None` for keys that are not typed on purpose.
    pub(crate) fn meaningless(&self, prefix: Option<char>, event: KeyEvent) -> Option<String> {
        let key = Key::of(prefix, event);
        let label = notation::label(key);
        if notation::is_silent(event.code) {
            return None;
        }
        if let Some(prefix) = prefix {
            let letters: Vec<String> =
                self.following(prefix).into_iter().map(|(key, _)| key).collect();
            return Some(format!(
                "{label} does nothing; after {prefix} come {}",
                letters.join(", ")
            ));
        }
        let hint = elsewhere::hint(&label).map(|hint| self.fill(hint));
        if let Some(hint) = hint.filter(|hint| !hint.contains(NO_KEY)) {
            return Some(format!("{label}: {hint}"));
        }
        let help = self.first_label(Action::Toggle(Pane::Help));
        let help = help.unwrap_or_else(|| ":help".to_owned());
        Some(format!("{label} does nothing; {help} lists the keys"))
    }
}

/// Title of the strip after a prefix key.
pub(crate) const fn prefix_title(prefix: char) -> &'static str {
    match prefix {
        ']' => "next",
        '[' => "previous",
        '#' => "digest of the selection, or of all",
        'y' => "copy as",
        'g' => "go to",
        'd' => "delete: d a row, or up to where h j k l 0 $ G go",
        'm' => "mark this byte: a to z",
        '\'' => "go to a mark: a to z",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things_and_no_name_stands_for_two() {
        let chords: Vec<Chord> = bindings().flat_map(|b| b.keys).copied().collect();
        for (i, chord) in chords.iter().enumerate() {
            let same = |other: &Chord| other.key == chord.key;
            assert!(!chords[i + 1..].iter().any(same), "{}", chord.label);
        }
        let names: Vec<&str> = bindings().map(|it| it.name).collect();
        for (i, name) in names.iter().enumerate() {
            assert!(!names[i + 1..].contains(name), "{name}");
            let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(name.chars().all(is_plain) && *name != UNBOUND, "{name}");
        }
    }

    #[test]
    fn every_key_of_two_has_a_first_one() {
        let map = Keymap::default();
        for chord in bindings().flat_map(|binding| binding.keys) {
            if let Some(prefix) = chord.key.prefix {
                let first = KeyEvent::new(KeyCode::Char(prefix), KeyModifiers::NONE);
                assert_eq!(map.action(None, first), Some(Action::Begin(prefix)), "{}", chord.label);
                assert!(!prefix_title(prefix).is_empty());
                assert!(!map.following(prefix).is_empty());
            }
        }
    }

    #[test]
    fn every_key_of_the_table_is_read_as_it_is_written() {
        for binding in bindings() {
            for chord in binding.keys {
                let label = notation::label(chord.key);
                assert_eq!(notation::parse(&label), Some(chord.key), "{label}");
            }
        }
    }

    #[test]
    fn keys_are_bound_otherwise_and_shown_so() {
        let mut map = Keymap::default();
        map.bind("Ctrl-s", "find").unwrap();
        map.bind("/", "none").unwrap();
        map.bind("]x", "next-hole").unwrap();
        map.bind("g e", "last-byte").unwrap();
        let press = |c, modifiers| KeyEvent::new(KeyCode::Char(c), modifiers);
        let find = press('s', KeyModifiers::CONTROL);
        assert_eq!(map.action(None, find), Some(Action::OpenFind));
        assert_eq!(map.action(None, press('/', KeyModifiers::NONE)), None);
        let x = press('x', KeyModifiers::NONE);
        let hole = Action::FindLandmark(Landmark::Hole, Direction::Forward);
        assert_eq!(map.action(Some(']'), x), Some(hole));
        assert_eq!(map.action(None, x), Some(Action::Remove));
        assert_eq!(map.labels(hole), ["]x", "]h"]);
        assert_eq!(
            map.fill("{find} searches, {inspector} reads {this}"),
            "Ctrl-s searches, I reads {this}"
        );
        assert!(map.following(']').contains(&("x".to_owned(), "hole")));
        assert_eq!(map.following('g').len(), 3);
        // A key of two is lost with its first key, until another key begins the same prefix.
        map.bind("g", "last-byte").unwrap();
        assert_eq!(map.fill("{first-byte}, {last-byte}"), "Ctrl-Home, g");
        map.bind(",", "go").unwrap();
        assert_eq!(map.fill("{first-byte}"), ", g");
        assert_eq!(map.action(None, press(',', KeyModifiers::NONE)), Some(Action::Begin('g')));
        let nothing = map.meaningless(None, press('/', KeyModifiers::NONE));
        assert_eq!(nothing.unwrap(), "/ does nothing; ? lists the keys");
        // Hints for unbound actions are left out.
        map.bind("q", "none").unwrap();
        map.bind("?", "none").unwrap();
        map.bind("F1", "none").unwrap();
        assert_eq!(
            map.hints("{find} searches  {quit} quits  {help} help  Esc back"),
            "Ctrl-s searches  Esc back"
        );
        let nothing = map.meaningless(None, press('x', KeyModifiers::CONTROL));
        assert_eq!(nothing.unwrap(), "Ctrl-x does nothing; :help lists the keys");
    }

    #[test]
    fn what_cannot_be_bound_says_why() {
        let mut map = Keymap::default();
        map.bind("Ctrl-s", "find").unwrap();
        for (key, action) in [
            ("Ctrl-s", "quit"),
            ("C-s", "quit"),
            ("Hyper-x", "quit"),
            ("", "quit"),
            ("abc", "quit"),
            ("qx", "quit"),
            ("Ctrl-", "quit"),
            ("m a", "quit"),
            ("Esc", "quit"),
            ("Ctrl-c", "quit"),
            ("7", "quit"),
            ("x", "frobnicate"),
        ] {
            let why = map.bind(key, action).unwrap_err().to_string();
            assert!(why.contains(&format!("{key:?}")), "{why}");
        }
        assert_eq!(map.own.len(), 1);
    }
}
