//! Panes, prompt and folds over real maps: messages in, screens out.
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

#[path = "explorer/typed.rs"]
mod typed;
#[path = "explorer/workspace.rs"]
mod workspace;
#[path = "explorer/compare.rs"]
mod compare;
#[path = "explorer/follow.rs"]
mod follow;
#[path = "explorer/names.rs"]
mod names;
#[path = "explorer/stream.rs"]
mod stream;
#[path = "explorer/jobs.rs"]
mod jobs;
#[path = "explorer/map.rs"]
mod map;
#[path = "explorer/shown.rs"]
mod shown;
#[path = "explorer/sums.rs"]
mod sums;
#[path = "explorer/search.rs"]
mod search;
#[path = "explorer/help.rs"]
mod help;
#[path = "explorer/palette.rs"]
mod palette;
#[path = "explorer/structure.rs"]
mod structure;
#[path = "explorer/full_disk.rs"]
#[cfg(target_os = "linux")]
mod full_disk;
#[path = "explorer/grown.rs"]
#[cfg(unix)]
mod grown;
#[path = "explorer/saving.rs"]
#[cfg(unix)]
mod saving;
#[path = "explorer/recovery.rs"]
#[cfg(unix)]
mod recovery;
#[path = "explorer/keys.rs"]
mod keys;
#[path = "explorer/edit.rs"]
mod edit;
#[path = "explorer/regions.rs"]
mod regions;
#[path = "explorer/notes.rs"]
mod notes;

use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use lazyhex::testing::Stage;
use memmap::{AnyMap, MemMap, Mode, RamMap};
use proptest::prelude::*;
use ratatui::style::Modifier;
use tempfile::TempDir;

/// A view of a map.
fn view(map: AnyMap, size: (u16, u16)) -> Stage {
    let mut stage = Stage::new(size);
    stage.open("demo.bin", map).begin();
    stage
}

fn demo_view(size: (u16, u16)) -> Stage {
    view(RamMap::from_reader(&demo()[..]).unwrap().erase(), size)
}

/// A file that changes while it is viewed.
struct OnDisk {
    path: PathBuf,
    _dir: TempDir,
}

impl OnDisk {
    fn new(bytes: &[u8]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("demo.bin");
        std::fs::write(&path, bytes).unwrap();
        Self { path, _dir: dir }
    }

    fn view(&self, size: (u16, u16)) -> Stage {
        view(MemMap::open(&self.path, Mode::Read).unwrap().erase(), size)
    }

    /// Overwrites the file. Returns whether that was possible: Windows does not truncate a mapped
    /// file.
    #[must_use]
    fn write(&self, bytes: &[u8]) -> bool {
        let file = File::options().write(true).open(&self.path).unwrap();
        let is_cut = file.set_len(u64::try_from(bytes.len()).unwrap()).is_ok();
        assert!(is_cut || cfg!(windows));
        (&file).write_all(bytes).unwrap();
        is_cut
    }
}

/// A signature, numbers, text, zeros and noise.
fn demo() -> Vec<u8> {
    let mut bytes = b"\x93DEMO\x01\0\0".to_vec();
    for n in 0..12_u32 {
        bytes.extend((n * n * 977).to_le_bytes());
    }
    bytes.extend(
        "A mapping is bytes plus a promise\nabout who may ch\u{e4}nge them,\tand more.\n".bytes(),
    );
    bytes.extend([0; 4096]);
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    while bytes.len() < 8192 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.push(state.to_le_bytes()[5]);
    }
    bytes
}

const SECOND: Duration = Duration::from_secs(1);

const SIZES: [(u16, u16); 3] = [(80, 24), (160, 50), (20, 4)];

/// The screen after these keys, at every size.
fn at_every_size(keys: &str) -> String {
    let mut screens = String::new();
    for size in SIZES {
        let mut view = demo_view(size);
        view.keys(keys).explain(EXPLANATION);
        writeln!(screens, "{}x{}\n{}", size.0, size.1, view.screen()).unwrap();
    }
    screens
}

const EXPLANATION: &str = "\
\"demo.bin\"
  is             a regular file
  length         8192 bytes (8 KiB)
  stored         8192 bytes (8 KiB) in one run
  maps in mode   r, r+, w+, c
  can be lent    by a lease (a copy when somebody wants to write), by a snapshot (a copy)";

#[test]
fn the_inspector_stands_where_there_is_room() {
    insta::assert_snapshot!(at_every_size("llllllllllllI"));
}

#[test]
fn the_marks() {
    insta::assert_snapshot!(at_every_size("ma:0x100\nmz:mark q 50%\nB"));
}

#[test]
fn the_jumps() {
    insta::assert_snapshot!(at_every_size(":0x100\n:$-1K\n:50%\n\u{8}J"));
}

#[test]
fn the_map_doctor() {
    insta::assert_snapshot!(at_every_size("D"));
}

#[test]
fn all_panes_at_once() {
    insta::assert_snapshot!(at_every_size("maIBJD\x1b"));
}

#[test]
fn the_help_at_its_end() {
    let mut screens = String::new();
    for size in SIZES {
        let mut view = demo_view(size);
        view.keys("?").press(KeyCode::End);
        writeln!(screens, "{}x{}\n{}", size.0, size.1, view.screen()).unwrap();
    }
    insta::assert_snapshot!(screens);
}

#[test]
fn a_selection_is_one_band() {
    let mut view = demo_view((80, 24));
    view.keys("llvjll");
    let buffer = view.buffer();
    let mut lines = String::new();
    for y in 2..5 {
        for x in 0..80 {
            let modifier = buffer[(x, y)].modifier;
            lines.push(match modifier.contains(Modifier::REVERSED) {
                true if modifier.contains(Modifier::DIM) => 'o',
                true => '#',
                false => '.',
            });
        }
        lines.push('\n');
    }
    insta::assert_snapshot!(lines);
    assert!(view.screen().contains("19 B selected"));
}

#[test]
fn what_is_typed_is_previewed_completed_and_complained_of() {
    let mut view = demo_view((80, 24));
    let mut lines = String::new();
    for keys in [
        ":0x1f00-4K",
        "\x1b:(1",
        "\n",
        "\x1b:set t",
        "\t\t",
        "\x1b:ma\t\t",
        "\x1b:set theme pink\n",
        "\x1b:set columns\n",
        ":$-1M\n",
        "\x1b:frob\n",
        "\x1bm1",
        "'b",
        "y",
        "\x1b]",
    ] {
        view.keys(keys);
        writeln!(lines, "{:<22} {}", format!("{keys:?}"), view.footer()).unwrap();
    }
    insta::assert_snapshot!(lines);
}

#[test]
fn expressions_marks_and_jumps_lead_everywhere() {
    let mut view = demo_view((80, 24));
    assert_eq!(view.keys(":0x1f0+1K\n").at(), 0x5f0);
    assert_eq!(view.keys("ma:$\n").at(), 8191);
    assert_eq!(view.keys("'a").at(), 0x5f0);
    assert_eq!(view.ctrl('o').at(), 8191);
    assert_eq!(view.ctrl('o').at(), 0x5f0);
    assert_eq!(view.press(KeyCode::Backspace).at(), 0);
    assert_eq!(view.ctrl('p').at(), 0x5f0);
    assert_eq!(view.ctrl('g').keys("'a+1\n").at(), 0x5f1);
    assert_eq!(view.keys("gg]m").at(), 0x5f0);
    assert_eq!(view.keys("G[m").at(), 0x5f0);
    assert_eq!(view.keys("[m").at(), 0x5f0);
    assert_eq!(view.footer(), "E: there is no previous mark or note");
    // The value at offset 12 is 977, the square of 1 times 977: 0x3d1, an offset in this file.
    assert_eq!(view.keys(":12\n:@u32\n").at(), 0x3d1);
    assert_eq!(view.keys(":set page 512\n:page 3\n").at(), 1536);
    assert_eq!(view.keys(":page 3:0x10 | 1\n").at(), 1553);
    assert_eq!(view.keys(":. & -512\n:page 3\n").at(), 1536);
    let up = view.keys(":").press(KeyCode::Up).footer();
    assert!(up.starts_with(":page 3"), "{up}");
}

#[test]
fn keys_find_what_comes_next() {
    let mut view = demo_view((80, 24));
    let text = demo().iter().position(|&byte| byte == b'g').unwrap();
    assert_eq!(view.keys("w").at(), 1);
    assert_eq!(view.keys("w").at(), 5);
    assert_eq!(view.keys("b").at(), 1);
    let zeros = u64::try_from(demo().windows(16).position(|it| it == [0; 16]).unwrap()).unwrap();
    assert_eq!(view.keys("]z").at(), zeros);
    assert!(u64::try_from(text).unwrap() < zeros);
    assert_eq!(view.keys("w").at(), zeros + 4096);
    assert_eq!(view.keys("]z").at(), zeros + 4096);
    assert_eq!(view.footer(), "there is no next run of zeros");
    assert_eq!(view.keys("[z").at(), zeros);
    view.keys("]h");
    assert_eq!(view.footer(), "there is no next hole");
    assert_eq!(view.ctrl('o').at(), zeros + 4096);
}

#[test]
fn looking_for_something_can_be_stopped() {
    let mut view = demo_view((80, 24));
    view.hold_jobs(true).keys("w");
    assert!(view.footer().starts_with("looking for the next change of byte class: 0 B so far"));
    view.keys("\x1b");
    assert!(!view.footer().contains("looking"), "{}", view.footer());
    view.hold_jobs(false).settle();
    assert_eq!((view.at(), view.jobs()), (0, Vec::<String>::new()));
}

#[test]
fn repeated_rows_are_one_and_z_unfolds_them() {
    let mut view = demo_view((80, 24));
    insta::assert_snapshot!(view.screen());
    // Down moves across the fold, and up moves back.
    let fold = view.keys("jjjjjjjj").screen();
    assert!(fold.contains("* "), "{fold}");
    let mut places = vec![view.at()];
    for _ in 0..4 {
        places.push(view.keys("j").at());
    }
    for place in places.iter().rev().skip(1) {
        assert_eq!(view.keys("k").at(), *place);
    }
    assert!(places.windows(2).any(|pair| pair[1] - pair[0] > 3000), "{places:x?}");
    let unfolded = view.keys("z").screen();
    assert!(!unfolded.contains("* "), "{unfolded}");
    view.keys("z");
    assert!(view.keys("gg").screen().contains("* 3.98 KiB of zeros"));
    assert!(
        view.keys(":set folds off\n").screen().matches("00 00 00 00 00 00 00 00  00").count() == 9
    );
}

#[test]
fn a_long_run_above_the_cursor_is_folded_as_fast_as_one_below() {
    let mut bytes = vec![0xff; 2 << 20];
    bytes.resize(bytes.len() + 256, b'z');
    let mut view = view(RamMap::from_reader(&bytes[..]).unwrap().erase(), (80, 24));
    // At one row per slice, this would take longer than the view waits.
    assert!(view.keys("G").screen().contains("1.99 MiB of the row above"), "{}", view.screen());
}

#[test]
fn a_terabyte_of_hole_is_two_rows() {
    let file = tempfile::tempfile().unwrap();
    file.set_len(1 << 40).unwrap();
    let map = MemMap::options().open_file(&file).unwrap().erase();
    let is_sparse = map.extents(..).unwrap().iter().all(|it| !it.is_data());
    if !is_sparse {
        return; // a file system without holes
    }
    let mut view = view(map, (80, 10));
    assert!(
        view.screen().contains("* 1023.99 GiB of zeros: a hole, not read"),
        "{}",
        view.screen()
    );
    view.keys("G");
    assert_eq!(view.at(), (1 << 40) - 1);
    insta::assert_snapshot!(view.screen());
    assert_eq!(view.keys("kk").at(), 15);
}

#[test]
fn the_mouse_chooses_selects_and_scrolls() {
    let mut view = demo_view((80, 24));
    view.mouse_down(13, 3);
    assert_eq!(view.at(), 0x11);
    view.mouse_down(61, 4).drag(63, 5).mouse_up();
    assert_eq!(view.at(), 0x33);
    assert!(view.screen().contains("19 B selected"), "{}", view.screen());
    view.mouse_down(13, 3).mouse_up();
    assert!(!view.screen().contains("selected"));
    view.mouse_down(79, 18);
    assert!(view.at() > 8100, "{}", view.at());
    view.drag(79, 2);
    assert!(view.at() < 16);
    // In a pane, a click selects a line and focuses the pane.
    let mut view = demo_view((160, 50));
    view.mouse_down(100, 3).keys("\n");
    assert_eq!(view.copies(), ["-109"]);
}

#[test]
fn copies_are_asked_for_and_refused_where_they_do_not_fit() {
    let mut view = demo_view((80, 24));
    view.keys("yhvlllycyryp\x1bv");
    assert_eq!(
        view.copies(),
        [
            "93",
            "unsigned char bytes[4] = {\n    0x93, 0x44, 0x45, 0x4d,\n};\n",
            "const BYTES: [u8; 4] = [\n    0x93, 0x44, 0x45, 0x4d,\n];\n",
            "b\"\\x93DEM\"",
        ]
    );
    let file = tempfile::tempfile().unwrap();
    file.set_len(1 << 30).unwrap();
    let mut view = self::view(MemMap::options().open_file(&file).unwrap().erase(), (120, 24));
    view.keys("vGyh");
    assert!(view.copies().is_empty());
    assert!(view.footer().starts_with("E: 1073741824 bytes are too many for a clipboard; at most"));
    let dir = tempfile::tempdir().unwrap();
    view.hold_jobs(true).keys(&format!(":write {}\n", dir.path().join("new.bin").display()));
    assert!(view.jobs().is_empty());
    assert!(view.footer().contains("Enter to confirm"), "{}", view.footer());
    view.keys("\n");
    assert!(view.jobs()[0].starts_with("write 1.00 GiB to "), "{:?}", view.jobs());
}

#[test]
fn the_tables_of_characters() {
    let mut screens = String::new();
    let mut view = demo_view((80, 12));
    view.keys(":0x38\n");
    for _ in 0..6 {
        let screen = view.keys("c").screen();
        writeln!(screens, "{}", view.footer()).unwrap();
        for line in screen.lines().skip(5).take(5) {
            writeln!(screens, "{line}").unwrap();
        }
    }
    insta::assert_snapshot!(screens);
}

#[test]
fn what_is_pasted_is_no_keys() {
    let mut view = demo_view((80, 24));
    view.paste("q\u{1b}G 0x10\n");
    assert_eq!(view.at(), 0);
    assert!(view.exit().is_none());
    assert!(view.footer().starts_with(":qG 0x10"), "{}", view.footer());
}

#[test]
fn a_chosen_number_of_columns_makes_the_rows() {
    let mut view = demo_view((160, 24));
    view.keys(":set columns 24\n");
    assert!(view.screen().contains("\n\"00000018  "), "{}", view.screen());
    assert!(view.keys("j").at() == 24);
}

#[derive(Debug, Clone)]
enum Event {
    Key(KeyCode, KeyModifiers),
    Line(String),
    Mouse(u8, u16, u16),
    Wheel(i8),
    Paste(String),
    Resize(u16, u16),
    /// Truncate or extend the file while it is viewed.
    Cut(u64),
    /// Poll and reload the file.
    LookAgain,
}

/// Lines that commands take.
const LINES: &[&str] = &[
    "set columns 7",
    "set columns 64",
    "set columns auto",
    "set folds off",
    "set folds on",
    "set table utf8",
    "set theme 256",
    "set page 3",
    "mark b $",
    "unmark b",
    // A folder that does not exist, as a test leaves no file behind.
    "write no-such-folder/x",
    "copy rust",
    "hash crc32",
    "map",
    "map full",
    "strings 3",
    "strings utf16",
    "histogram",
    "set map on",
    "find a",
    "find -r [a-z]+",
    "find -x 00",
    "hits",
    "jobs",
    "marks",
    "info",
    "help",
    "set endian be",
    "page 1",
    "type f4",
    "type >u2 shape=-1,5,3 offset=. stride=7",
    "type {a:u1,b:(2,)f8,c:S3,d:c16} order=F",
    "type i8 shape=3,999",
    "untype",
    "follow 3",
    "[1,-1]",
    "format",
    "format mbr",
    "format pcap @ 8",
    "format tar",
    "format auto",
    "format off",
    "field partitions[1]",
    "set colour field",
];

fn event() -> impl Strategy<Value = Event> {
    let code = prop_oneof![
        4 => prop::sample::select("hjklgGqw bm'][zyhcrpbvviIBJDKHnN*/MM+-oSsxez$0123459:?zZ##sa\u{301}éttF{}[n|=TTfd".chars().collect::<Vec<_>>())
            .prop_map(KeyCode::Char),
        2 => prop::sample::select(vec![
            KeyCode::Left, KeyCode::Right, KeyCode::Up, KeyCode::Down, KeyCode::PageUp,
            KeyCode::PageDown, KeyCode::Home, KeyCode::End, KeyCode::Enter, KeyCode::Esc,
            KeyCode::Backspace, KeyCode::Delete, KeyCode::Tab, KeyCode::BackTab, KeyCode::F(1),
            KeyCode::F(2), KeyCode::F(3), KeyCode::F(4), KeyCode::F(5), KeyCode::F(6), KeyCode::F(7), KeyCode::F(8),
            KeyCode::F(9), KeyCode::F(10), KeyCode::F(11), KeyCode::F(12),
        ]),
    ];
    let modifiers = prop::sample::select(vec![
        KeyModifiers::NONE,
        KeyModifiers::NONE,
        KeyModifiers::NONE,
        KeyModifiers::CONTROL,
        KeyModifiers::ALT,
    ]);
    let line = prop_oneof![
        "[-0-9x+*()$.'a@u%K page]{0,16}",
        prop::sample::select(LINES).prop_map(str::to_owned),
    ];
    prop_oneof![
        20 => (code, modifiers).prop_map(|(code, modifiers)| Event::Key(code, modifiers)),
        3 => line.prop_map(Event::Line),
        2 => (0..3_u8, 0..200_u16, 0..80_u16).prop_map(|(kind, x, y)| Event::Mouse(kind, x, y)),
        1 => any::<i8>().prop_map(Event::Wheel),
        1 => "\\PC{0,9}".prop_map(Event::Paste),
        2 => (1..200_u16, 1..60_u16).prop_map(|(width, height)| Event::Resize(width, height)),
        1 => (0..40_000_u64).prop_map(Event::Cut),
        1 => Just(Event::LookAgain),
    ]
}

/// About 10,000 events, or `PROPTEST_CASES` cases.
fn cases() -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    // A failure prints its events, from which a test can be made; no regression file is kept.
    let failure_persistence = None;
    ProptestConfig { cases: asked.unwrap_or(64), failure_persistence, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn no_sequence_of_events_panics_over_a_file_that_is_cut(
        events in prop::collection::vec(event(), 120..220),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("cut");
        std::fs::write(&path, demo()).unwrap();
        let file = File::options().write(true).open(&path).unwrap();
        let mut view = self::view(MemMap::open(&path, Mode::Read).unwrap().erase(), (80, 24));
        let mut size = (80, 24);
        for (i, event) in events.into_iter().enumerate() {
            match event {
                Event::Key(code, modifiers) => view.key(KeyEvent::new(code, modifiers)),
                Event::Line(line) => view.keys(&format!("\x1b:{line}\n")),
                Event::Mouse(0, x, y) => view.mouse_down(x, y),
                Event::Mouse(1, x, y) => view.drag(x, y),
                Event::Mouse(..) => view.mouse_up(),
                Event::Wheel(turn) => view.scroll(turn),
                Event::Paste(text) => view.paste(&text),
                Event::Resize(width, height) => {
                    size = (width, height);
                    view.resize(width, height)
                }
                Event::Cut(len) => {
                    // Windows does not truncate a mapped file.
                    prop_assert!(file.set_len(len).is_ok() || cfg!(windows));
                    &mut view
                }
                Event::LookAgain => view.keys("\x1b").press(KeyCode::F(5)).pass(SECOND),
            };
            if view.exit().is_some() {
                break;
            }
            let len = view.len();
            let cursor = view.at();
            prop_assert!(cursor < len || (len == 0 && cursor == 0));
            if i % 6 == 0 {
                let screen = view.screen();
                // The cursor is always on the screen, unless something covers it.
                let is_covered = size.0 < 80 || size.1 < 16 || screen.contains("┌ help ")
                    || view.has_strip();
                if len > 0 && !is_covered {
                    let bold = Modifier::BOLD | Modifier::REVERSED;
                    let bytes = view.buffer().content.iter()
                        .filter(|cell| cell.modifier.contains(bold)).count();
                    prop_assert!(bytes >= 2, "no cursor on\n{screen}");
                }
            }
        }
    }
}
