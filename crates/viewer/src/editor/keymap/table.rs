//! The table of keys: action names, default keys and help texts.

mod edits;
mod motions;

use crossterm::event::KeyCode;

use self::edits::EDITS;
use self::motions::{JUMPS, MOVES};
use super::{Action, Binding, Chord, Key};
use crate::analysis::digest::Algorithm;
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
    Binding { name, keys, action, help, short: "", detail: "" }
}

impl Binding {
    const fn short(self, short: &'static str) -> Self {
        Self { short, ..self }
    }

    const fn detail(self, detail: &'static str) -> Self {
        Self { detail, ..self }
    }
}

const SEARCH: &[Binding] = &[
    bind(
        "find",
        &[char('/', "/")],
        Action::OpenFind,
        "search; Ctrl-t or Alt-x changes the notation",
    )
    .detail(
        "A search is written as text, hexadecimal (a ? stands for any digit), regular expression, \
         UTF-16, Latin-1 or number. Matches on the screen are marked while you type. After Enter \
         the whole file is searched in the background, and the list of matches grows meanwhile.",
    ),
    bind("next-match", &[char('n', "n")], Action::ToMatch(Direction::Forward), "next match"),
    bind("previous-match", &[char('N', "N")], Action::ToMatch(Direction::Back), "previous match"),
    bind(
        "find-this",
        &[char('*', "*")],
        Action::FindThis,
        "search for the selection, or the byte here",
    )
    .detail("Searches for the selected bytes, or for those under the cursor."),
    bind(
        "matches",
        &[char('H', "H"), key(KeyCode::F(7), "F7")],
        Action::Toggle(Pane::Matches),
        "matches: what was found",
    )
    .detail(":matches export FILE writes the list as .csv, .json or text."),
];

const PANES: &[Binding] = &[
    bind(
        "inspector",
        &[char('I', "I"), key(KeyCode::F(3), "F3")],
        Action::Toggle(Pane::Inspector),
        "inspector: what the bytes mean",
    )
    .detail(
        "Each row is the value that the bytes at the cursor have as one type: integers, floats, \
         times, characters and more. e swaps the byte order, y copies the value of the chosen row. \
         Enter copies it, too; in a writable file it edits the value, which is typed as the row \
         shows it, and numbers also as 0x400, 0b100 or 4K+2.",
    ),
    bind(
        "structure",
        &[char('T', "T"), key(KeyCode::F(12), "F12")],
        Action::Toggle(Pane::Structure),
        "structure: the fields of the file",
    )
    .detail(
        "The format is recognised by the bytes at fixed places, then by the extension of the name. \
         :format NAME sets another one, :format FILE.ksy takes a description in the language of \
         Kaitai Struct, NAME @ OFFSET reads a format inside another file. Right opens a node, Left \
         closes it, Enter puts the cursor on its bytes, y copies it as JSON; Right on a field, or \
         :field, shows it in full. A list whose end was \
         not reached says how many elements are known; G or Enter on its last row walks on.",
    ),
    bind(
        "differences",
        &[char('C', "C")],
        Action::Toggle(Pane::Differences),
        "changes: edits; or differences",
    )
    .detail(
        "The edits of this session, the newest first, with what each replaced; Enter goes to that \
         state, and u and Ctrl-r work there, too. In a comparison, which :diff FILE opens, it is the \
         list of differences: Enter goes to the range, y copies the list, \
         :patch FILE writes it. What only one file has and what could not be read are in the list, too.",
    ),
    bind(
        "marks",
        &[char('B', "B"), key(KeyCode::F(2), "F2")],
        Action::Toggle(Pane::Marks),
        "marks and notes",
    )
    .detail(
        "Enter goes to the mark or note, x removes it. A note is a text on a range, which :note \
         sets; its bytes have a colour, and its text is below them where the cursor is in it. \
         :notes export FILE writes all notes as JSON, and :notes import FILE adds those of a file.",
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
    )
    .detail(
        "Searches, digests, counts and exports run in the background. x cancels the chosen job, \
         or removes it once it has ended; Enter copies its result.",
    ),
    bind(
        "map",
        &[char('M', "M"), key(KeyCode::F(9), "F9")],
        Action::Toggle(Pane::Map),
        "map: an overview of the whole file",
    )
    .detail(
        "Each cell stands for an equal part of the file and shows the class of its bytes; other \
         tracks show entropy, holes, the fields of a file whose format is known, and which pages are in memory. At first the map is made of \
         samples. :map full reads the whole file.",
    ),
    bind(
        "histogram",
        &[char('S', "S"), key(KeyCode::F(11), "F11")],
        Action::Toggle(Pane::Histogram),
        "histogram: how often each byte occurs",
    )
    .detail(
        "Counts the selection, or the whole file. Enter goes to the next byte of the chosen \
         value.",
    ),
    bind(
        "strings",
        &[char('s', "s"), key(KeyCode::F(10), "F10")],
        Action::Toggle(Pane::Strings),
        "strings: the text in the file",
    )
    .detail(
        "Lists printable text of 6 characters or more. :strings 4 takes shorter ones, :strings \
         utf16 those of two bytes a character.",
    ),
    bind(
        "file-details",
        &[char('D', "D"), key(KeyCode::F(6), "F6")],
        Action::Toggle(Pane::Details),
        "file details: how the file is mapped",
    )
    .detail(
        "Which file this is, how it is mapped and which modes it allows, with the reasons of \
         those it does not.",
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
        "focus the next pane or view",
    ),
    bind(
        "previous-pane",
        &[key(KeyCode::BackTab, "Shift-Tab")],
        Action::FocusPrevious,
        "focus the previous pane or view",
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
        "delete; in a list: remove; in the jobs: cancel",
    ),
    bind("byte-order", &[char('e', "e")], Action::SwapOrder, "swap the byte order"),
    bind("zoom-in", &[char('+', "+")], Action::Zoom(Direction::Forward), "zoom the map in"),
    bind("zoom-out", &[char('-', "-")], Action::Zoom(Direction::Back), "zoom the map out"),
    bind("map-metric", &[char('o', "o")], Action::NextMetric, "map: show its fields, what is in memory"),
];

const COPIES: &[Binding] = &[
    bind("select", &[char('v', "v")], Action::Select, "select from here on; Esc ends it").detail(
        "Motions extend the selection. y copies it, # makes its digest, :write FILE writes it to \
         a new file. The histogram and the search for the selected bytes take it, too.",
    ),
    bind(
        "copy-hex",
        &[after('y', 'h', "y h")],
        Action::Copy(CopyFormat::Hex),
        "copy as hexadecimal",
    )
    .short("hex")
    .detail(
        "Copies the selection, or the byte under the cursor. The text goes to the clipboard by \
         the program of the system where there is one, else by the terminal (OSC 52).",
    ),
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
        "copy as raw bytes",
    )
    .short("bytes"),
    bind(
        "crc32",
        &[after('#', 'c', "# c")],
        Action::Digest(Algorithm::Crc32),
        "crc32 of the selection, or of all",
    )
    .short("crc32"),
    bind(
        "sha256",
        &[after('#', 's', "# s")],
        Action::Digest(Algorithm::Sha256),
        "sha256 of the selection, or of all",
    )
    .short("sha256")
    .detail(
        "The digest of the selection, or of the whole file, as a job. The result is among the \
         messages and the jobs.",
    ),
    bind(
        "blake3",
        &[after('#', 'b', "# b")],
        Action::Digest(Algorithm::Blake3),
        "blake3 of the selection, or of all",
    )
    .short("blake3"),
];

const VIEW: &[Binding] = &[
    bind(
        "elements",
        &[char('t', "t")],
        Action::ToggleArray,
        "elements of an array, or bytes again",
    )
    .detail(
        "A .npy file and the arrays of a .npz file are shown with the type and shape that they declare. For other \
         files :type names the type, as :type f4 shape=3,4 does.",
    ),
    bind("fold", &[char('z', "z")], Action::ToggleFolds, "fold or unfold repeated rows")
        .detail("Rows that repeat the row above are shown as one row with *, and so are holes. In a \
             comparison, so is what both files have, or only one of them."),
    bind("characters", &[char('c', "c")], Action::NextTable, "next table of characters"),
    bind(
        "reload",
        &[char('r', "r"), key(KeyCode::F(5), "F5")],
        Action::Refresh,
        "open the file again",
    )
    .detail(
        "Opens the file again: after it was replaced or cut short, or when a range could not be \
         read.",
    ),
    bind("follow", &[char('F', "F")], Action::ToggleFollow, "follow a file that grows").detail(
        "The view shows what is appended and stays at the end, as tail -f does. :follow SECONDS \
         sets how often the file is looked at.",
    ),
    bind("split", &[char('|', "|")], Action::Split, "two views of these bytes, or one again")
        .detail(
            "Both views share marks, matches and everything else that is known of the file. :split \
         FILE shows another file.",
        ),
    bind(
        "scroll-together",
        &[char('=', "=")],
        Action::Sync,
        "scroll both views together, or apart",
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
    bind(
        "skip-step",
        &[char('>', ">")],
        Action::SkipStep,
        "comparison: shift the second file; tour: skip this step",
    )
    .detail(
        "In a comparison, each byte of the first file is compared with one further on in the second file. 64> shifts \
         by 64 bytes.",
    ),
    bind(
        "shift-back",
        &[char('<', "<")],
        Action::ShiftBack,
        "comparison: shift the second file back",
    ),
    bind("redraw", &[ctrl(KeyCode::Char('l'), "Ctrl-l")], Action::Redraw, "redraw the screen"),
    bind(
        "suspend",
        &[ctrl(KeyCode::Char('z'), "Ctrl-z")],
        Action::Suspend,
        "back to the shell; fg returns",
    )
    .detail("Jobs pause until fg continues the program."),
    bind("cancel", &[key(KeyCode::Esc, "Esc")], Action::Cancel, "cancel").detail(
        "Cancels a pending key, count or jump, then ends the selection, then stops reading a pipe. In a pane, the \
         keyboard goes back to the bytes.",
    ),
    bind(
        "interrupt",
        &[ctrl(KeyCode::Char('c'), "Ctrl-c")],
        Action::Interrupt,
        "cancel the newest job, or quit",
    ),
    bind("save", &[ctrl(KeyCode::Char('s'), "Ctrl-s")], Action::Save, "save the edits").detail(
        "Shows first what will be written and what was checked; y saves then. Nothing is written before.",
    ),
    bind("quit", &[char('q', "q")], Action::Quit, "quit; in a pane: close it"),
];

/// The table, in the order of the help: what is needed first comes first.
pub(crate) const SECTIONS: &[Section] = &[
    Section { title: "Move", bindings: MOVES },
    Section { title: "Go to", bindings: JUMPS },
    Section { title: "Search", bindings: SEARCH },
    Section { title: "Panes", bindings: PANES },
    Section { title: "Edit (writable files)", bindings: EDITS },
    Section { title: "Copy", bindings: COPIES },
    Section { title: "View", bindings: VIEW },
];

const PREFIXES: &[Binding] = &[
    bind("next", &[char(']', "]")], Action::Begin(']'), "the next of something"),
    bind("previous", &[char('[', "[")], Action::Begin('['), "the previous of something"),
    bind("digest", &[char('#', "#")], Action::Begin('#'), "a digest"),
    bind("copy", &[char('y', "y")], Action::Begin('y'), "copy"),
    bind("go", &[char('g', "g")], Action::Begin('g'), "go to"),
    bind("delete", &[char('d', "d")], Action::Begin('d'), "delete"),
];

pub(crate) fn bindings() -> impl Iterator<Item = &'static Binding> {
    SECTIONS.iter().flat_map(|section| section.bindings).chain(PREFIXES)
}
