//! The table of keys: action names, default keys and help texts.

use crossterm::event::KeyCode;

use super::{Action, Binding, Chord, Key};
use crate::analysis::digest::Algorithm;
use crate::analysis::landmark::Landmark;
use crate::format::copy_as::CopyFormat;
use crate::search::direction::Direction;
use crate::view::panes::Pane;

/// A section of the help.
pub(crate) struct Section {
    pub(crate) title: &'static str,
    pub(crate) bindings: &'static [Binding],
}

const fn key(code: KeyCode, label: &'static str) -> Chord {
    Chord { key: Key { prefix: None, code, ctrl: false, alt: false }, label }
}

const fn char(c: char, label: &'static str) -> Chord {
    key(KeyCode::Char(c), label)
}

const fn ctrl(code: KeyCode, label: &'static str) -> Chord {
    Chord { key: Key { prefix: None, code, ctrl: true, alt: false }, label }
}

const fn alt(code: KeyCode, label: &'static str) -> Chord {
    Chord { key: Key { prefix: None, code, ctrl: false, alt: true }, label }
}

const fn after(prefix: char, c: char, label: &'static str) -> Chord {
    let code = KeyCode::Char(c);
    Chord { key: Key { prefix: Some(prefix), code, ctrl: false, alt: false }, label }
}

const fn bind(
    name: &'static str,
    keys: &'static [Chord],
    action: Action,
    help: &'static str,
) -> Binding {
    Binding { name, keys, action, help, short: "" }
}

impl Binding {
    const fn short(self, short: &'static str) -> Self {
        Self { short, ..self }
    }
}

const MOVES: &[Binding] = &[
    bind("left", &[key(KeyCode::Left, "←"), char('h', "h")], Action::Left, "a byte back"),
    bind("right", &[key(KeyCode::Right, "→"), char('l', "l")], Action::Right, "a byte on"),
    bind("up", &[key(KeyCode::Up, "↑"), char('k', "k")], Action::Up, "a row up"),
    bind("down", &[key(KeyCode::Down, "↓"), char('j', "j")], Action::Down, "a row down; 5j: five"),
    bind(
        "half-page-up",
        &[ctrl(KeyCode::Char('u'), "Ctrl-u")],
        Action::HalfPageUp,
        "half a page up",
    ),
    bind(
        "half-page-down",
        &[ctrl(KeyCode::Char('d'), "Ctrl-d")],
        Action::HalfPageDown,
        "half a page down",
    ),
    bind(
        "page-up",
        &[key(KeyCode::PageUp, "PgUp"), ctrl(KeyCode::Char('b'), "Ctrl-b")],
        Action::PageUp,
        "a page up",
    ),
    bind(
        "page-down",
        &[key(KeyCode::PageDown, "PgDn"), ctrl(KeyCode::Char('f'), "Ctrl-f"), char(' ', "Space")],
        Action::PageDown,
        "a page down",
    ),
    bind(
        "row-start",
        &[key(KeyCode::Home, "Home"), char('0', "0")],
        Action::RowStart,
        "start of the row",
    ),
    bind("row-end", &[key(KeyCode::End, "End"), char('$', "$")], Action::RowEnd, "end of the row"),
    bind(
        "first-byte",
        &[after('g', 'g', "gg"), ctrl(KeyCode::Home, "Ctrl-Home")],
        Action::Start,
        "first byte; 512gg: byte 512",
    )
    .short("first byte"),
    bind(
        "last-byte",
        &[char('G', "G"), ctrl(KeyCode::End, "Ctrl-End")],
        Action::End,
        "last byte; 512G: byte 512",
    ),
];

const JUMPS: &[Binding] = &[
    bind("command", &[char(':', ":")], Action::OpenCommand, "a command, or a place as 0x1f00+4K"),
    bind(
        "go-to",
        &[ctrl(KeyCode::Char('g'), "Ctrl-g")],
        Action::OpenGoto,
        "a place: +1M  $-16  50%  page 12  'a  @u32(8)",
    ),
    bind(
        "next-class-change",
        &[char('w', "w"), ctrl(KeyCode::Right, "Ctrl-→")],
        Action::FindLandmark(Landmark::Change, Direction::Forward),
        "next change of byte class",
    ),
    bind(
        "previous-class-change",
        &[char('b', "b"), ctrl(KeyCode::Left, "Ctrl-←")],
        Action::FindLandmark(Landmark::Change, Direction::Back),
        "previous change of byte class",
    ),
    bind(
        "next-hole",
        &[after(']', 'h', "]h")],
        Action::FindLandmark(Landmark::Hole, Direction::Forward),
        "next hole of the file",
    )
    .short("hole"),
    bind(
        "previous-hole",
        &[after('[', 'h', "[h")],
        Action::FindLandmark(Landmark::Hole, Direction::Back),
        "previous hole of the file",
    )
    .short("hole"),
    bind(
        "next-zeros",
        &[after(']', 'z', "]z")],
        Action::FindLandmark(Landmark::Zeros, Direction::Forward),
        "next run of zeros, 16 or more",
    )
    .short("run of zeros"),
    bind(
        "previous-zeros",
        &[after('[', 'z', "[z")],
        Action::FindLandmark(Landmark::Zeros, Direction::Back),
        "previous run of zeros",
    )
    .short("run of zeros"),
    bind(
        "next-text",
        &[after(']', 's', "]s")],
        Action::FindLandmark(Landmark::Text, Direction::Forward),
        "next text of 6 characters or more",
    )
    .short("text"),
    bind(
        "previous-text",
        &[after('[', 's', "[s")],
        Action::FindLandmark(Landmark::Text, Direction::Back),
        "previous text",
    )
    .short("text"),
    bind(
        "next-entropy-change",
        &[after(']', 'e', "]e")],
        Action::FindLandmark(Landmark::Entropy, Direction::Forward),
        "next change of entropy: low, medium or high",
    )
    .short("change of entropy"),
    bind(
        "previous-entropy-change",
        &[after('[', 'e', "[e")],
        Action::FindLandmark(Landmark::Entropy, Direction::Back),
        "previous change of entropy",
    )
    .short("change of entropy"),
    bind(
        "next-unreadable",
        &[after(']', 'u', "]u")],
        Action::FindLandmark(Landmark::Unreadable, Direction::Forward),
        "next range that cannot be read",
    )
    .short("unreadable"),
    bind(
        "previous-unreadable",
        &[after('[', 'u', "[u")],
        Action::FindLandmark(Landmark::Unreadable, Direction::Back),
        "previous range that cannot be read",
    )
    .short("unreadable"),
    bind(
        "next-nan",
        &[after(']', 'n', "]n")],
        Action::Nan(Direction::Forward),
        "next NaN of the elements",
    )
    .short("NaN"),
    bind("previous-nan", &[after('[', 'n', "[n")], Action::Nan(Direction::Back), "previous NaN")
        .short("NaN"),
    bind(
        "next-slab",
        &[char('}', "}")],
        Action::Slab(Direction::Forward),
        "of elements: on along the outermost axis",
    ),
    bind("previous-slab", &[char('{', "{")], Action::Slab(Direction::Back), "and back along it"),
    bind(
        "jump-back",
        &[ctrl(KeyCode::Char('o'), "Ctrl-o"), alt(KeyCode::Left, "Alt-←"), BACKSPACE],
        Action::Travel(Direction::Back),
        "back to where you jumped from",
    ),
    bind(
        "jump-forward",
        &[ctrl(KeyCode::Char('p'), "Ctrl-p"), alt(KeyCode::Right, "Alt-→")],
        Action::Travel(Direction::Forward),
        "forward again",
    ),
    bind("set-mark", &[char('m', "m a…z")], Action::Begin('m'), "set a mark"),
    bind("go-to-mark", &[char('\'', "' a…z")], Action::Begin('\''), "go to a mark"),
    bind("next-mark", &[after(']', 'm', "]m")], Action::ToMark(Direction::Forward), "next mark")
        .short("mark"),
    bind(
        "previous-mark",
        &[after('[', 'm', "[m")],
        Action::ToMark(Direction::Back),
        "previous mark",
    )
    .short("mark"),
];

const BACKSPACE: Chord = key(KeyCode::Backspace, "Backspace");

const SEARCH: &[Binding] = &[
    bind(
        "find",
        &[char('/', "/")],
        Action::OpenFind,
        "search; Ctrl-t or Alt-x changes the notation",
    ),
    bind("next-match", &[char('n', "n")], Action::ToMatch(Direction::Forward), "next match"),
    bind("previous-match", &[char('N', "N")], Action::ToMatch(Direction::Back), "previous match"),
    bind("find-this", &[char('*', "*")], Action::FindThis, "search what is selected, or is here"),
    bind(
        "matches",
        &[char('H', "H"), key(KeyCode::F(7), "F7")],
        Action::Toggle(Pane::Matches),
        "matches: what was found",
    ),
];

const PANES: &[Binding] = &[
    bind(
        "inspector",
        &[char('I', "I"), key(KeyCode::F(3), "F3")],
        Action::Toggle(Pane::Inspector),
        "inspector: what the bytes mean",
    ),
    bind(
        "marks",
        &[char('B', "B"), key(KeyCode::F(2), "F2")],
        Action::Toggle(Pane::Marks),
        "marks",
    ),
    bind(
        "jump-list",
        &[char('J', "J"), key(KeyCode::F(4), "F4")],
        Action::Toggle(Pane::Jumps),
        "jump list: where you were",
    ),
    bind(
        "jobs",
        &[char('K', "K"), key(KeyCode::F(8), "F8")],
        Action::Toggle(Pane::Jobs),
        "jobs: running and finished",
    ),
    bind(
        "map",
        &[char('M', "M"), key(KeyCode::F(9), "F9")],
        Action::Toggle(Pane::Map),
        "map: what is where in the whole file",
    ),
    bind(
        "histogram",
        &[char('S', "S"), key(KeyCode::F(11), "F11")],
        Action::Toggle(Pane::Histogram),
        "statistics: how often each byte occurs",
    ),
    bind(
        "strings",
        &[char('s', "s"), key(KeyCode::F(10), "F10")],
        Action::Toggle(Pane::Strings),
        "strings: the texts of the file",
    ),
    bind(
        "file-details",
        &[char('D', "D"), key(KeyCode::F(6), "F6")],
        Action::Toggle(Pane::Details),
        "file details: how the file maps",
    ),
    bind(
        "help",
        &[char('?', "?"), key(KeyCode::F(1), "F1")],
        Action::Toggle(Pane::Help),
        "this help",
    ),
    bind(
        "next-pane",
        &[key(KeyCode::Tab, "Tab")],
        Action::FocusNext,
        "keyboard to the next pane, or view",
    ),
    bind(
        "previous-pane",
        &[key(KeyCode::BackTab, "Shift-Tab")],
        Action::FocusPrevious,
        "and to the previous one",
    ),
    bind(
        "enter",
        &[key(KeyCode::Enter, "Enter")],
        Action::Enter,
        "in a pane: go there, or copy the value",
    ),
    bind(
        "remove",
        &[char('x', "x"), key(KeyCode::Delete, "Del")],
        Action::Remove,
        "in a list: take one away; of the jobs: stop it",
    ),
    bind("byte-order", &[char('e', "e")], Action::SwapOrder, "swap the byte order"),
    bind("zoom-in", &[char('+', "+")], Action::Zoom(Direction::Forward), "zoom the map in"),
    bind("zoom-out", &[char('-', "-")], Action::Zoom(Direction::Back), "zoom the map out"),
    bind("map-metric", &[char('o', "o")], Action::NextMetric, "on the map: what is in memory"),
];

const COPIES: &[Binding] = &[
    bind("select", &[char('v', "v")], Action::Select, "select from here on; Esc ends it"),
    bind(
        "copy-hex",
        &[after('y', 'h', "y h")],
        Action::Copy(CopyFormat::Hex),
        "copy as hexadecimal",
    )
    .short("hex"),
    bind("copy-c", &[after('y', 'c', "y c")], Action::Copy(CopyFormat::C), "copy as C").short("C"),
    bind("copy-rust", &[after('y', 'r', "y r")], Action::Copy(CopyFormat::Rust), "copy as Rust")
        .short("Rust"),
    bind(
        "copy-python",
        &[after('y', 'p', "y p")],
        Action::Copy(CopyFormat::Python),
        "copy as Python",
    )
    .short("Python"),
    bind(
        "copy-base64",
        &[after('y', 'b', "y b")],
        Action::Copy(CopyFormat::Base64),
        "copy as base64",
    )
    .short("base64"),
    bind(
        "copy-bytes",
        &[after('y', 'y', "y y")],
        Action::Copy(CopyFormat::Raw),
        "copy the bytes themselves",
    )
    .short("bytes"),
    bind(
        "crc32",
        &[after('#', 'c', "# c")],
        Action::Digest(Algorithm::Crc32),
        "crc32 of what is selected, or of all",
    )
    .short("crc32"),
    bind("sha256", &[after('#', 's', "# s")], Action::Digest(Algorithm::Sha256), "its sha256")
        .short("sha256"),
    bind("blake3", &[after('#', 'b', "# b")], Action::Digest(Algorithm::Blake3), "its blake3")
        .short("blake3"),
];

const VIEW: &[Binding] = &[
    bind(
        "elements",
        &[char('t', "t")],
        Action::ToggleArray,
        "elements of an array, or bytes again",
    ),
    bind("fold", &[char('z', "z")], Action::ToggleFolds, "fold or unfold repeated rows"),
    bind("characters", &[char('c', "c")], Action::NextTable, "next table of characters"),
    bind(
        "reload",
        &[char('r', "r"), key(KeyCode::F(5), "F5")],
        Action::Refresh,
        "look at the file again",
    ),
    bind("follow", &[char('F', "F")], Action::ToggleFollow, "follow a file that others write to"),
    bind("split", &[char('|', "|")], Action::Split, "two views of these bytes, or one again"),
    bind(
        "scroll-together",
        &[char('=', "=")],
        Action::Sync,
        "both scroll together, or on their own",
    ),
    bind(
        "next-tab",
        &[after(']', 'b', "]b"), ctrl(KeyCode::PageDown, "Ctrl-PgDn")],
        Action::ToTab(Direction::Forward),
        "next tab",
    )
    .short("tab"),
    bind(
        "previous-tab",
        &[after('[', 'b', "[b"), ctrl(KeyCode::PageUp, "Ctrl-PgUp")],
        Action::ToTab(Direction::Back),
        "previous tab",
    )
    .short("tab"),
    bind("skip-step", &[char('>', ">")], Action::SkipStep, "in the tour: leave a step out"),
    bind("redraw", &[ctrl(KeyCode::Char('l'), "Ctrl-l")], Action::Redraw, "draw the screen anew"),
    bind(
        "suspend",
        &[ctrl(KeyCode::Char('z'), "Ctrl-z")],
        Action::Suspend,
        "back to the shell; fg returns",
    ),
    bind("cancel", &[key(KeyCode::Esc, "Esc")], Action::Cancel, "cancel"),
    bind(
        "interrupt",
        &[ctrl(KeyCode::Char('c'), "Ctrl-c")],
        Action::Interrupt,
        "cancel the newest job, or quit",
    ),
    bind("quit", &[char('q', "q")], Action::Quit, "quit; in a pane: close it"),
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

const PREFIXES: &[Binding] = &[
    bind("next", &[char(']', "]")], Action::Begin(']'), "the next of something"),
    bind("previous", &[char('[', "[")], Action::Begin('['), "the previous of something"),
    bind("digest", &[char('#', "#")], Action::Begin('#'), "a digest"),
    bind("copy", &[char('y', "y")], Action::Begin('y'), "copy"),
    bind("go", &[char('g', "g")], Action::Begin('g'), "go to"),
];

pub(crate) fn bindings() -> impl Iterator<Item = &'static Binding> {
    SECTIONS.iter().flat_map(|section| section.bindings).chain(PREFIXES)
}
