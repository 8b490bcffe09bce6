//! The one table of keys: what they do, and what the help says of them.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::analysis::digest::Algorithm;
use crate::analysis::landmark::Landmark;
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
    pub(crate) keys: &'static [Chord],
    pub(crate) action: Action,
    pub(crate) help: &'static str,
}

/// What stands above some lines of the help.
pub(crate) struct Section {
    pub(crate) title: &'static str,
    pub(crate) bindings: &'static [Binding],
}

/// A key, with or without Ctrl or Alt, after another one or not. Shift is part of a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chord {
    prefix: Option<char>,
    code: KeyCode,
    ctrl: bool,
    alt: bool,
    pub(crate) label: &'static str,
}

const fn key(code: KeyCode, label: &'static str) -> Chord {
    Chord { prefix: None, code, ctrl: false, alt: false, label }
}

const fn char(c: char, label: &'static str) -> Chord {
    key(KeyCode::Char(c), label)
}

const fn ctrl(code: KeyCode, label: &'static str) -> Chord {
    Chord { ctrl: true, ..key(code, label) }
}

const fn alt(code: KeyCode, label: &'static str) -> Chord {
    Chord { alt: true, ..key(code, label) }
}

const fn after(prefix: char, c: char, label: &'static str) -> Chord {
    Chord { prefix: Some(prefix), ..char(c, label) }
}

const fn bind(keys: &'static [Chord], action: Action, help: &'static str) -> Binding {
    Binding { keys, action, help }
}

const MOVES: &[Binding] = &[
    bind(&[key(KeyCode::Left, "←"), char('h', "h")], Action::Left, "a byte back"),
    bind(&[key(KeyCode::Right, "→"), char('l', "l")], Action::Right, "a byte on"),
    bind(&[key(KeyCode::Up, "↑"), char('k', "k")], Action::Up, "a row up"),
    bind(&[key(KeyCode::Down, "↓"), char('j', "j")], Action::Down, "a row down"),
    bind(&[ctrl(KeyCode::Char('u'), "Ctrl-u")], Action::HalfPageUp, "half a page up"),
    bind(&[ctrl(KeyCode::Char('d'), "Ctrl-d")], Action::HalfPageDown, "half a page down"),
    bind(
        &[key(KeyCode::PageUp, "PgUp"), ctrl(KeyCode::Char('b'), "Ctrl-b")],
        Action::PageUp,
        "a page up",
    ),
    bind(
        &[key(KeyCode::PageDown, "PgDn"), ctrl(KeyCode::Char('f'), "Ctrl-f"), char(' ', "Space")],
        Action::PageDown,
        "a page down",
    ),
    bind(&[key(KeyCode::Home, "Home"), char('0', "0")], Action::RowStart, "start of the row"),
    bind(&[key(KeyCode::End, "End"), char('$', "$")], Action::RowEnd, "end of the row"),
    bind(&[char('g', "g"), ctrl(KeyCode::Home, "Ctrl-Home")], Action::Start, "first byte"),
    bind(&[char('G', "G"), ctrl(KeyCode::End, "Ctrl-End")], Action::End, "last byte"),
];

const JUMPS: &[Binding] = &[
    bind(&[char(':', ":")], Action::OpenCommand, "a command, or a place as 0x1f00+4K"),
    bind(
        &[ctrl(KeyCode::Char('g'), "Ctrl-g")],
        Action::OpenGoto,
        "a place: +1M  $-16  50%  page 12  'a  @u32(8)",
    ),
    bind(
        &[char('w', "w"), ctrl(KeyCode::Right, "Ctrl-→")],
        Action::FindLandmark(Landmark::Change, Direction::Forward),
        "next change of byte class",
    ),
    bind(
        &[char('b', "b"), ctrl(KeyCode::Left, "Ctrl-←")],
        Action::FindLandmark(Landmark::Change, Direction::Back),
        "previous change of byte class",
    ),
    bind(
        &[after(']', 'h', "]h")],
        Action::FindLandmark(Landmark::Hole, Direction::Forward),
        "next hole of the file",
    ),
    bind(
        &[after('[', 'h', "[h")],
        Action::FindLandmark(Landmark::Hole, Direction::Back),
        "previous hole of the file",
    ),
    bind(
        &[after(']', 'z', "]z")],
        Action::FindLandmark(Landmark::Zeros, Direction::Forward),
        "next run of zeros, 16 or more",
    ),
    bind(
        &[after('[', 'z', "[z")],
        Action::FindLandmark(Landmark::Zeros, Direction::Back),
        "previous run of zeros",
    ),
    bind(
        &[after(']', 's', "]s")],
        Action::FindLandmark(Landmark::Text, Direction::Forward),
        "next text of 6 characters or more",
    ),
    bind(
        &[after('[', 's', "[s")],
        Action::FindLandmark(Landmark::Text, Direction::Back),
        "previous text",
    ),
    bind(
        &[after(']', 'e', "]e")],
        Action::FindLandmark(Landmark::Entropy, Direction::Forward),
        "next change of entropy: dull, mixed or random",
    ),
    bind(
        &[after('[', 'e', "[e")],
        Action::FindLandmark(Landmark::Entropy, Direction::Back),
        "previous change of entropy",
    ),
    bind(
        &[after(']', 'u', "]u")],
        Action::FindLandmark(Landmark::Unreadable, Direction::Forward),
        "next range that cannot be read",
    ),
    bind(
        &[after('[', 'u', "[u")],
        Action::FindLandmark(Landmark::Unreadable, Direction::Back),
        "previous range that cannot be read",
    ),
    bind(&[after(']', 'n', "]n")], Action::Nan(Direction::Forward), "next NaN of the elements"),
    bind(&[after('[', 'n', "[n")], Action::Nan(Direction::Back), "previous NaN"),
    bind(
        &[char('}', "}")],
        Action::Slab(Direction::Forward),
        "of elements: on along the outermost axis",
    ),
    bind(&[char('{', "{")], Action::Slab(Direction::Back), "and back along it"),
    bind(
        &[ctrl(KeyCode::Char('o'), "Ctrl-o"), alt(KeyCode::Left, "Alt-←"), BACKSPACE],
        Action::Travel(Direction::Back),
        "back to where you jumped from",
    ),
    bind(
        &[ctrl(KeyCode::Char('p'), "Ctrl-p"), alt(KeyCode::Right, "Alt-→")],
        Action::Travel(Direction::Forward),
        "forward again",
    ),
    bind(&[char('m', "m a…z")], Action::Begin('m'), "set a mark"),
    bind(&[char('\'', "' a…z")], Action::Begin('\''), "go to a mark"),
    bind(&[after(']', 'm', "]m")], Action::ToMark(Direction::Forward), "next mark"),
    bind(&[after('[', 'm', "[m")], Action::ToMark(Direction::Back), "previous mark"),
];

const BACKSPACE: Chord = key(KeyCode::Backspace, "Backspace");

const SEARCH: &[Binding] = &[
    bind(&[char('/', "/")], Action::OpenFind, "search; Ctrl-t or Alt-x changes the notation"),
    bind(&[char('n', "n")], Action::ToMatch(Direction::Forward), "next match"),
    bind(&[char('N', "N")], Action::ToMatch(Direction::Back), "previous match"),
    bind(&[char('*', "*")], Action::FindThis, "search what is selected, or is here"),
    bind(
        &[char('H', "H"), key(KeyCode::F(7), "F7")],
        Action::Toggle(Pane::Matches),
        "matches: what was found",
    ),
];

const PANES: &[Binding] = &[
    bind(
        &[char('i', "i"), key(KeyCode::F(3), "F3")],
        Action::Toggle(Pane::Inspector),
        "inspector: what the bytes mean",
    ),
    bind(&[char('B', "B"), key(KeyCode::F(2), "F2")], Action::Toggle(Pane::Marks), "marks"),
    bind(
        &[char('J', "J"), key(KeyCode::F(4), "F4")],
        Action::Toggle(Pane::Jumps),
        "jump list: where you were",
    ),
    bind(
        &[char('K', "K"), key(KeyCode::F(8), "F8")],
        Action::Toggle(Pane::Jobs),
        "jobs: what goes on beside the view",
    ),
    bind(
        &[char('M', "M"), key(KeyCode::F(9), "F9")],
        Action::Toggle(Pane::Map),
        "map: what is where in the whole file",
    ),
    bind(
        &[char('S', "S"), key(KeyCode::F(11), "F11")],
        Action::Toggle(Pane::Histogram),
        "statistics: how often each byte occurs",
    ),
    bind(
        &[char('s', "s"), key(KeyCode::F(10), "F10")],
        Action::Toggle(Pane::Strings),
        "strings: the texts of the file",
    ),
    bind(
        &[char('D', "D"), key(KeyCode::F(6), "F6")],
        Action::Toggle(Pane::Details),
        "file details: how the file maps",
    ),
    bind(&[char('?', "?"), key(KeyCode::F(1), "F1")], Action::Toggle(Pane::Help), "this help"),
    bind(&[key(KeyCode::Tab, "Tab")], Action::FocusNext, "keyboard to the next pane, or view"),
    bind(&[key(KeyCode::BackTab, "Shift-Tab")], Action::FocusPrevious, "and to the previous one"),
    bind(&[key(KeyCode::Enter, "Enter")], Action::Enter, "in a pane: go there, or copy the value"),
    bind(
        &[char('x', "x"), key(KeyCode::Delete, "Del")],
        Action::Remove,
        "in a list: take one away; of the jobs: stop it",
    ),
    bind(&[char('e', "e")], Action::SwapOrder, "the other byte order first"),
    bind(&[char('+', "+")], Action::Zoom(Direction::Forward), "half as much on the map"),
    bind(&[char('-', "-")], Action::Zoom(Direction::Back), "twice as much on the map"),
    bind(&[char('o', "o")], Action::NextMetric, "on the map: what is in memory"),
];

const COPIES: &[Binding] = &[
    bind(&[char('v', "v")], Action::Select, "select from here on; Esc ends it"),
    bind(&[after('y', 'h', "y h")], Action::Copy(CopyFormat::Hex), "copy as hexadecimal"),
    bind(&[after('y', 'c', "y c")], Action::Copy(CopyFormat::C), "copy as C"),
    bind(&[after('y', 'r', "y r")], Action::Copy(CopyFormat::Rust), "copy as Rust"),
    bind(&[after('y', 'p', "y p")], Action::Copy(CopyFormat::Python), "copy as Python"),
    bind(&[after('y', 'b', "y b")], Action::Copy(CopyFormat::Base64), "copy as base64"),
    bind(&[after('y', 'y', "y y")], Action::Copy(CopyFormat::Raw), "copy the bytes themselves"),
    bind(
        &[after('#', 'c', "# c")],
        Action::Digest(Algorithm::Crc32),
        "crc32 of what is selected, or of all",
    ),
    bind(&[after('#', 's', "# s")], Action::Digest(Algorithm::Sha256), "its sha256"),
    bind(&[after('#', 'b', "# b")], Action::Digest(Algorithm::Blake3), "its blake3"),
];

const VIEW: &[Binding] = &[
    bind(&[char('t', "t")], Action::ToggleArray, "elements of an array, or bytes again"),
    bind(&[char('z', "z")], Action::ToggleFolds, "fold or unfold repeated rows"),
    bind(&[char('c', "c")], Action::NextTable, "next table of characters"),
    bind(&[char('r', "r"), key(KeyCode::F(5), "F5")], Action::Refresh, "look at the file again"),
    bind(&[char('F', "F")], Action::ToggleFollow, "follow a file that others write to"),
    bind(&[char('|', "|")], Action::Split, "two views of these bytes, or one again"),
    bind(&[char('=', "=")], Action::Sync, "both scroll together, or on their own"),
    bind(
        &[after(']', 'b', "]b"), ctrl(KeyCode::PageDown, "Ctrl-PgDn")],
        Action::ToTab(Direction::Forward),
        "next tab",
    ),
    bind(
        &[after('[', 'b', "[b"), ctrl(KeyCode::PageUp, "Ctrl-PgUp")],
        Action::ToTab(Direction::Back),
        "previous tab",
    ),
    bind(&[char('>', ">")], Action::SkipStep, "in the tour: leave a step out"),
    bind(&[ctrl(KeyCode::Char('l'), "Ctrl-l")], Action::Redraw, "draw the screen anew"),
    bind(&[ctrl(KeyCode::Char('z'), "Ctrl-z")], Action::Suspend, "back to the shell; fg returns"),
    bind(&[key(KeyCode::Esc, "Esc")], Action::Cancel, "end what is going on"),
    bind(
        &[ctrl(KeyCode::Char('c'), "Ctrl-c")],
        Action::Interrupt,
        "stop looking, stop the newest job, or quit",
    ),
    bind(&[char('q', "q")], Action::Quit, "quit; in a pane: close it"),
];

const PREFIXES: &[Binding] = &[
    bind(
        &[char(']', "]")],
        Action::Begin(']'),
        "h hole  z zeros  s text  e entropy  u unreadable  n NaN  m mark  b tab",
    ),
    bind(
        &[char('[', "[")],
        Action::Begin('['),
        "h hole  z zeros  s text  e entropy  u unreadable  n NaN  m mark  b tab",
    ),
    bind(&[char('#', "#")], Action::Begin('#'), "c crc32  s sha256  b blake3"),
    bind(&[char('y', "y")], Action::Begin('y'), "h hex  c C  r Rust  p Python  b base64  y bytes"),
];

/// The table, in the order of the help.
pub(crate) const SECTIONS: &[Section] = &[
    Section { title: "Move", bindings: MOVES },
    Section { title: "Go far", bindings: JUMPS },
    Section { title: "Search", bindings: SEARCH },
    Section { title: "Panes", bindings: PANES },
    Section { title: "Select and copy", bindings: COPIES },
    Section { title: "View", bindings: VIEW },
];

fn bindings() -> impl Iterator<Item = &'static Binding> {
    SECTIONS.iter().flat_map(|section| section.bindings).chain(PREFIXES)
}

/// What a key does outside the prompt, after `prefix` or on its own.
pub(crate) fn action(prefix: Option<char>, event: KeyEvent) -> Option<Action> {
    let has = |modifier| event.modifiers.contains(modifier);
    let (ctrl, alt) = (has(KeyModifiers::CONTROL), has(KeyModifiers::ALT));
    bindings()
        .find(|binding| {
            binding.keys.iter().any(|chord| {
                (chord.prefix, chord.code, chord.ctrl, chord.alt) == (prefix, event.code, ctrl, alt)
            })
        })
        .map(|binding| binding.action)
}

/// What may follow the first key of a command of two.
pub(crate) fn hint(prefix: char) -> &'static str {
    match prefix {
        'm' => "a letter a to z marks this byte",
        '\'' => "a letter a to z goes to that mark",
        _ => PREFIXES
            .iter()
            .find(|binding| binding.action == Action::Begin(prefix))
            .map_or("", |binding| binding.help),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things() {
        let chords: Vec<Chord> = bindings().flat_map(|b| b.keys).copied().collect();
        for (i, chord) in chords.iter().enumerate() {
            let means = |chord: &Chord| (chord.prefix, chord.code, chord.ctrl, chord.alt);
            let same = |other: &Chord| means(other) == means(chord);
            assert!(!chords[i + 1..].iter().any(same), "{}", chord.label);
        }
    }

    #[test]
    fn every_key_of_two_has_a_first_one() {
        for chord in bindings().flat_map(|binding| binding.keys) {
            if let Some(prefix) = chord.prefix {
                let first = KeyEvent::new(KeyCode::Char(prefix), KeyModifiers::NONE);
                assert_eq!(action(None, first), Some(Action::Begin(prefix)), "{}", chord.label);
                assert!(!hint(prefix).is_empty());
            }
        }
    }
}
