//! Keys and what they do: the table of actions with their names and keys, and what the user binds
//! otherwise.

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
    /// Looks for the next one of something.
    FindLandmark(Landmark, Direction),
    /// Goes to the next mark.
    ToMark(Direction),
    /// Goes along the places left.
    Travel(Direction),
    /// Waits for the rest of a command of two keys.
    Begin(char),
    OpenCommand,
    OpenGoto,
    OpenFind,
    /// Goes to what was found.
    ToMatch(Direction),
    /// Searches for what is selected, or under the cursor.
    FindThis,
    Select,
    Copy(CopyFormat),
    /// The digest of the selection, or of everything.
    Digest(Algorithm),
    Toggle(Pane),
    FocusNext,
    FocusPrevious,
    /// What a pane does with its chosen line.
    Enter,
    /// Takes the chosen line away.
    Remove,
    SwapOrder,
    /// Shows half as much on the map, or twice as much.
    Zoom(Direction),
    /// What else the map can show.
    NextMetric,
    /// Shows elements instead of bytes, or bytes again.
    ToggleArray,
    /// Goes along the outermost dimension.
    Slab(Direction),
    /// Looks for a float that is no number.
    Nan(Direction),
    NextTable,
    ToggleFolds,
    /// Shows the same bytes twice, or once again.
    Split,
    /// Shows the next tab.
    ToTab(Direction),
    Sync,
    SkipStep,
    Refresh,
    ToggleFollow,
    Redraw,
    Suspend,
    Cancel,
    Interrupt,
    Quit,
}

/// One line of the table: keys that do the same.
pub(crate) struct Binding {
    /// What the configuration calls the action; it never changes.
    pub(crate) name: &'static str,
    keys: &'static [Chord],
    pub(crate) action: Action,
    pub(crate) help: &'static str,
    /// The same in a word or two, where the first key of two has said the rest.
    short: &'static str,
    /// More of it, for the help and the manual; often there is no more.
    pub(crate) detail: &'static str,
}

/// A key, with or without Ctrl or Alt, after another one or not. Shift is part of a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    prefix: Option<char>,
    code: KeyCode,
    ctrl: bool,
    alt: bool,
}

/// A key of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Chord {
    key: Key,
    label: &'static str,
}

/// The keys that count: those of the table, unless the user has bound them otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Keymap {
    /// What the user has bound; no action is for a key that is to do nothing.
    own: Vec<(Key, Option<Action>)>,
}

/// Why a key cannot be bound so.
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

/// What stands for the key of an action that has none.
const NO_KEY: &str = "(no key)";

/// What unbinds a key, in the place of an action.
pub(crate) const UNBOUND: &str = "none";

impl Key {
    fn of(prefix: Option<char>, event: KeyEvent) -> Self {
        let has = |modifier| event.modifiers.contains(modifier);
        let (ctrl, alt) = (has(KeyModifiers::CONTROL), has(KeyModifiers::ALT));
        Self { prefix, code: event.code, ctrl, alt }
    }
}

impl Keymap {
    /// What a key does outside the prompt, after `prefix` or on its own.
    pub(crate) fn action(&self, prefix: Option<char>, event: KeyEvent) -> Option<Action> {
        let key = Key::of(prefix, event);
        match self.own.iter().find(|(own, _)| *own == key) {
            Some(&(_, action)) => action,
            None => bindings()
                .find(|it| it.keys.iter().any(|chord| chord.key == key))
                .map(|it| it.action),
        }
    }

    /// Binds a key, as the configuration writes it, to the action of a name.
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

    /// The keys of an action, those that the user has bound first.
    fn keys_of(&self, action: Action) -> impl Iterator<Item = (Key, String)> + '_ {
        let own = self.own.iter().filter(move |(_, to)| *to == Some(action));
        let own = own.map(|&(key, _)| (key, notation::label(key)));
        let of_table = bindings().filter(move |it| it.action == action).flat_map(|it| it.keys);
        let is_free = |chord: &&Chord| self.own.iter().all(|(own, _)| *own != chord.key);
        let of_table = of_table.filter(is_free).map(|it| (it.key, it.label.to_owned()));
        own.chain(of_table).filter_map(|(key, label)| self.reached(key, label))
    }

    /// A key as it has to be typed; `None` if the first of its two keys is bound to something else.
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

    /// The same, as they are written.
    pub(crate) fn labels(&self, action: Action) -> Vec<String> {
        self.keys_of(action).map(|(_, label)| label).collect()
    }

    /// The one to be named.
    fn first_label(&self, action: Action) -> Option<String> {
        self.keys_of(action).next().map(|(_, label)| label)
    }

    /// Writes the key of an action where its name stands in braces, as `{inspector}` does.
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
        filled + rest
    }

    /// The same of hints two blanks apart; those whose key is bound to nothing are left out.
    pub(crate) fn hints(&self, text: &str) -> String {
        let filled = text.split("  ").map(|hint| self.fill(hint));
        filled.filter(|hint| !hint.contains(NO_KEY)).collect::<Vec<_>>().join("  ")
    }

    /// What may follow the first key of two: each key, and what it does in a word or two.
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

    /// What to say of a key that does nothing, with the key that was perhaps meant. Nothing is said of
    /// keys that type nothing.
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

/// What the first key of two says of the second one.
pub(crate) const fn prefix_title(prefix: char) -> &'static str {
    match prefix {
        ']' => "next",
        '[' => "previous",
        '#' => "digest of the selection, or of all",
        'y' => "copy as",
        'g' => "go to",
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
        assert_eq!(map.following('g').len(), 2);
        // A key of two is lost with its first key, until another key begins the same prefix.
        map.bind("g", "last-byte").unwrap();
        assert_eq!(map.fill("{first-byte}, {last-byte}"), "Ctrl-Home, g");
        map.bind(",", "go").unwrap();
        assert_eq!(map.fill("{first-byte}"), ", g");
        assert_eq!(map.action(None, press(',', KeyModifiers::NONE)), Some(Action::Begin('g')));
        let nothing = map.meaningless(None, press('/', KeyModifiers::NONE));
        assert_eq!(nothing.unwrap(), "/ does nothing; ? lists the keys");
        // What has no key is not spoken of.
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
