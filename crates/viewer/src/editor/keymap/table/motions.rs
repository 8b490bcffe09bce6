//! The keys that move the cursor.

use crossterm::event::KeyCode;

use super::{after, alt, bind, char, ctrl, key};
use crate::analysis::landmark::Landmark;
use crate::editor::keymap::{Action, Binding, Chord};
use crate::search::direction::Direction;

pub(super) const MOVES: &[Binding] = &[
    bind("left", &[key(KeyCode::Left, "←"), char('h', "h")], Action::Left, "a byte back"),
    bind("right", &[key(KeyCode::Right, "→"), char('l', "l")], Action::Right, "a byte forward"),
    bind("up", &[key(KeyCode::Up, "↑"), char('k', "k")], Action::Up, "a row up"),
    bind(
        "down",
        &[key(KeyCode::Down, "↓"), char('j', "j")],
        Action::Down,
        "a row down; 5j goes down five",
    ),
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
        "first byte; 512gg goes to byte 512",
    )
    .short("first byte"),
    bind(
        "last-byte",
        &[char('G', "G"), ctrl(KeyCode::End, "Ctrl-End")],
        Action::End,
        "last byte; 512G goes to byte 512",
    ),
];

pub(super) const JUMPS: &[Binding] = &[
    bind("command", &[char(':', ":")], Action::OpenCommand, "a command, or a place as 0x1f00+4K")
    .detail(
        "The line takes a command or a place. A place is an offset (0x1f00, 8000, 4K), a distance \
         from the cursor (+4K, -16), from the end ($-16), a share of the file (50%), a mark ('a), \
         match, sel, page 12:8, or a number that is stored in the file (@u32le(8)). Places are \
         added, multiplied, shifted and masked as in C: (@u32 << 2) + 0x40.",
    ),
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
    )
    .detail(
        "A byte is null, printable, white space, other ASCII or high. The cursor stops where the \
         class changes.",
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
    .short("hole")
    .detail(
        "A hole takes no space on the disk and reads as zeros. Where the file system reports its \
         holes, going to the next one reads nothing.",
    ),
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
        "next run of 16 zeros or more",
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
    .short("change of entropy")
    .detail(
        "Low entropy is typical of tables and text, high entropy of compressed and encrypted \
         data.",
    ),
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
    .short("unreadable")
    .detail(
        "A byte that cannot be read shows as ??. The status line says why when the cursor is on \
         it.",
    ),
    bind(
        "previous-unreadable",
        &[after('[', 'u', "[u")],
        Action::FindLandmark(Landmark::Unreadable, Direction::Back),
        "previous range that cannot be read",
    )
    .short("unreadable"),
    bind(
        "next-field",
        &[after(']', 'f', "]f")],
        Action::Field(Direction::Forward),
        "next field of the format",
    )
    .short("field"),
    bind(
        "previous-field",
        &[after('[', 'f', "[f")],
        Action::Field(Direction::Back),
        "previous field",
    )
    .short("field"),
    bind(
        "follow-field",
        &[after('g', 'd', "gd")],
        Action::Follow,
        "where the field points, or its row",
    )
    .short("where the field points")
    .detail(
        "A field whose value is another node, as → header shows, leads there; Ctrl-o comes back. \
         Another field is chosen in the structure. Enter does the same in the bytes.",
    ),
    bind(
        "next-region",
        &[after(']', 'r', "]r")],
        Action::Region(Direction::Forward),
        "next region of a process",
    )
    .short("region")
    .detail(
        "A process is shown by its regions: each has a heading, and what is not mapped is one row. T and :maps \
         list them. A place may be in a region by its name: libc.so.6+0x100, [stack].",
    ),
    bind(
        "previous-region",
        &[after('[', 'r', "[r")],
        Action::Region(Direction::Back),
        "start of this region, or previous one",
    )
    .short("region"),
    bind(
        "next-difference",
        &[after(']', 'd', "]d")],
        Action::Difference(Direction::Forward),
        "next difference of a comparison",
    )
    .short("difference")
    .detail("Works in a comparison, which :diff FILE opens. = sets the two cursors apart."),
    bind(
        "previous-difference",
        &[after('[', 'd', "[d")],
        Action::Difference(Direction::Back),
        "previous difference",
    )
    .short("difference"),
    bind(
        "next-nan",
        &[after(']', 'n', "]n")],
        Action::Nan(Direction::Forward),
        "next NaN of the elements",
    )
    .short("NaN")
    .detail(
        "Works while elements of a floating-point type are shown.",
    ),
    bind("previous-nan", &[after('[', 'n', "[n")], Action::Nan(Direction::Back), "previous NaN")
        .short("NaN"),
    bind(
        "next-slab",
        &[char('}', "}")],
        Action::Slab(Direction::Forward),
        "elements: forward along the outermost axis",
    )
    .detail(
        "Works while elements with two dimensions or more are shown: one step of the outermost \
         index.",
    ),
    bind("previous-slab", &[char('{', "{")], Action::Slab(Direction::Back), "elements: back along the outermost axis"),
    bind(
        "jump-back",
        &[ctrl(KeyCode::Char('o'), "Ctrl-o"), alt(KeyCode::Left, "Alt-←"), BACKSPACE],
        Action::Travel(Direction::Back),
        "back to where you jumped from",
    )
    .detail(
        "Going to a place, a match or a mark adds an entry to the jump list.",
    ),
    bind(
        "jump-forward",
        &[ctrl(KeyCode::Char('p'), "Ctrl-p"), alt(KeyCode::Right, "Alt-→")],
        Action::Travel(Direction::Forward),
        "forward again in the jump list",
    ),
    bind("set-mark", &[char('m', "m a…z")], Action::Begin('m'), "set a mark")
    .detail(
        "A mark belongs to the file: every view of the file has it, and it is there again at the \
         next start. :unmark a removes one.",
    ),
    bind("go-to-mark", &[char('\'', "' a…z")], Action::Begin('\''), "go to a mark"),
    bind(
        "next-mark",
        &[after(']', 'm', "]m")],
        Action::ToMark(Direction::Forward),
        "next mark or note",
    )
    .short("mark"),
    bind(
        "previous-mark",
        &[after('[', 'm', "[m")],
        Action::ToMark(Direction::Back),
        "previous mark or note",
    )
    .short("mark"),
];

const BACKSPACE: Chord = key(KeyCode::Backspace, "Backspace");
