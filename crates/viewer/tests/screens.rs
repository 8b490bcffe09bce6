//! The screen: messages in, screens out.

use std::fmt::Write as _;
use std::io;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use lazyhex::testing::Stage;
use lazyhex::{Settings, Theme};
use memmap::{Error, ErrorKind, Map, plugin::Mapping, plugin::Op};
use proptest::prelude::*;

/// Bytes computed on demand, so that there can be any number of them.
#[derive(Debug)]
struct Computed {
    len: u64,
    byte: fn(u64) -> Option<u8>,
}

impl Mapping for Computed {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_into(&self, offset: u64, out: &mut [u8]) -> memmap::Result<()> {
        for (i, byte) in out.iter_mut().enumerate() {
            let bad = || Error::new(Op::Read, ErrorKind::Os(io::Error::other("a bad sector")));
            *byte = (self.byte)(offset + memmap::widen(i)).ok_or_else(bad)?;
        }
        Ok(())
    }
}

fn view(name: &str, len: u64, size: (u16, u16), byte: fn(u64) -> Option<u8>) -> Stage {
    let mut stage = Stage::new(size);
    // Repeated rows are not folded.
    stage.hold_all_jobs().open(name, Map::from_mapping(Computed { len, byte }).erase()).begin();
    stage
}

/// A kilobyte each of text, zeros, control characters and noise.
#[expect(clippy::unnecessary_wraps, reason = "other sources have bytes that cannot be read")]
fn mixed(at: u64) -> Option<u8> {
    let text = b"It was the best of times,\tit was the worst of times;\n";
    let i = usize::try_from(at % 53).expect("small");
    Some(match at >> 10 & 3 {
        0 => text[i],
        1 => 0,
        2 => u8::try_from(at % 33).expect("small"),
        _ => at.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes()[0],
    })
}

#[test]
fn first_screen_at_80x24() {
    insta::assert_snapshot!(view("mixed.bin", 4096, (80, 24), mixed).screen());
}

#[test]
fn first_screen_at_160x50() {
    insta::assert_snapshot!(view("mixed.bin", 4096, (160, 50), mixed).screen());
}

#[test]
fn first_screen_at_20x4() {
    insta::assert_snapshot!(view("mixed.bin", 4096, (20, 4), mixed).screen());
}

#[test]
fn the_end_of_a_terabyte() {
    let mut view = view("disk.img", 1 << 40, (80, 24), |_| Some(0));
    insta::assert_snapshot!(view.keys("G").screen());
}

#[test]
fn an_empty_file() {
    let mut view = view("empty", 0, (80, 24), mixed);
    view.keys("Gjlgg:0\n");
    insta::assert_snapshot!(view.screen());
}

#[test]
fn the_help() {
    insta::assert_snapshot!(view("mixed.bin", 4096, (80, 24), mixed).keys("?").screen());
}

#[test]
fn the_help_scrolls_on_a_small_screen() {
    let mut view = view("mixed.bin", 4096, (40, 8), mixed);
    insta::assert_snapshot!(view.keys("?jjjjj").screen());
}

#[test]
fn the_prompt_says_what_it_takes_and_what_was_wrong() {
    let mut view = view("mixed.bin", 4096, (80, 24), mixed);
    let mut lines = String::new();
    for keys in [":", "0x9", "999\n", "\u{8}"] {
        view.keys(keys);
        if keys == "\u{8}" {
            view.press(KeyCode::Backspace);
        }
        let screen = view.screen();
        writeln!(lines, "{}", screen.lines().last().unwrap_or_default()).expect("a string");
    }
    insta::assert_snapshot!(lines);
}

#[test]
fn unreadable_bytes_are_question_marks_with_the_reason_below() {
    let view = view("bad.img", 4096, (80, 24), |at| (at / 16 != 2).then_some(0x41));
    insta::assert_snapshot!(view.screen());
}

/// The style of every cell that is not plain, by run.
#[test]
fn colours_tell_the_classes_apart_and_the_cursor_stands_out() {
    let mut view =
        view("classes", 6, (80, 12), |at| b"\0A \x01\x80~".get(usize::try_from(at).ok()?).copied());
    view.press(KeyCode::Right);
    let buffer = view.buffer();
    let mut runs = String::new();
    for x in 10..30 {
        let cell = &buffer[(x, 2)];
        writeln!(runs, "{:?} {:?} {:?}", cell.symbol(), cell.fg, cell.modifier).expect("a string");
    }
    insta::assert_snapshot!(runs);
}

fn mono() -> Settings {
    Settings::default().with_theme(Theme::Mono)
}

#[test]
fn monochrome_uses_no_colour_and_still_shows_the_cursor() {
    let mut view = Stage::with(mono(), (80, 12), None);
    let map = Map::from_mapping(Computed { len: 300, byte: |at| u8::try_from(at % 256).ok() });
    view.hold_all_jobs().open("mono", map.erase()).begin();
    let buffer = view.buffer();
    assert!(buffer.content.iter().all(|cell| cell.fg == ratatui::style::Color::Reset));
    assert!(buffer[(10, 2)].modifier.contains(ratatui::style::Modifier::REVERSED));
}

#[test]
fn keys_move_the_cursor() {
    let mut view = view("mixed.bin", 4096, (80, 24), mixed);
    let mut at = |keys: &str| view.keys(keys).at();
    assert_eq!(at("l"), 1);
    assert_eq!(at("j"), 17);
    assert_eq!(at("$"), 31);
    assert_eq!(at("0"), 16);
    assert_eq!(at("k"), 0);
    assert_eq!(at("hk"), 0);
    assert_eq!(at(" "), 272);
    assert_eq!(at("G"), 4095);
    assert_eq!(at("jl"), 4095);
    assert_eq!(at("k"), 4079);
    assert_eq!(at("gg"), 0);
    assert_eq!(at(":0x200\n"), 0x200);
    assert_eq!(at(":+1K\n"), 0x600);
    assert_eq!(at(":-0x10\n"), 0x5f0);
    assert_eq!(at(":50%\n"), 2048);
    assert_eq!(at(":nonsense\n"), 2048);
    view.press(KeyCode::Esc);
    assert_eq!(view.ctrl('d').at(), 2048 + 144);
    assert_eq!(view.ctrl('u').at(), 2048);
    assert_eq!(view.press(KeyCode::PageUp).at(), 2048 - 272);
    assert_eq!(view.press(KeyCode::End).at(), 2048 - 272 + 15);
    assert_eq!(view.press(KeyCode::Up).at(), 2048 - 288 + 15);
}

#[test]
fn a_short_last_row_keeps_the_cursor_on_a_byte() {
    let mut view = view("short", 20, (80, 24), mixed);
    view.keys("$j");
    assert_eq!(view.at(), 19);
}

#[test]
fn the_wheel_scrolls_and_takes_the_cursor_along_only_at_the_edge() {
    let mut view = view("mixed.bin", 4096, (80, 24), mixed);
    view.keys("jjjj");
    view.scroll(1);
    assert_eq!(view.at(), 64);
    view.scroll(1);
    assert_eq!(view.at(), 96);
    view.scroll(-1).scroll(-1).scroll(-1);
    assert_eq!(view.at(), 96);
}

#[derive(Debug, Clone)]
enum Event {
    Key(KeyCode, KeyModifiers),
    Type(String),
    Wheel(i8),
    Resize(u16, u16),
}

fn event() -> impl Strategy<Value = Event> {
    let code = prop_oneof![
        prop::sample::select("hjklgG:?q0$ du19xX%+-KM\u{301}é".chars().collect::<Vec<_>>())
            .prop_map(KeyCode::Char),
        prop::sample::select(vec![
            KeyCode::Left,
            KeyCode::Right,
            KeyCode::Up,
            KeyCode::Down,
            KeyCode::PageUp,
            KeyCode::PageDown,
            KeyCode::Home,
            KeyCode::End,
            KeyCode::Enter,
            KeyCode::Esc,
            KeyCode::Backspace,
            KeyCode::F(1),
            KeyCode::Tab,
        ]),
    ];
    let modifiers =
        prop::sample::select(vec![KeyModifiers::NONE, KeyModifiers::CONTROL, KeyModifiers::ALT]);
    prop_oneof![
        6 => (code, modifiers).prop_map(|(code, modifiers)| Event::Key(code, modifiers)),
        1 => "[:0-9a-fx+%-]{0,20}\n?".prop_map(Event::Type),
        1 => any::<i8>().prop_map(Event::Wheel),
        1 => (1..200_u16, 1..80_u16).prop_map(|(width, height)| Event::Resize(width, height)),
    ]
}

proptest! {
    // A failure prints its events, from which a test can be made; no regression file is kept.
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_events_loses_the_cursor(
        len in prop_oneof![0..3_u64, 0..10_000_u64, Just(1 << 40), Just(u64::MAX)],
        events in prop::collection::vec(event(), 0..60),
    ) {
        let mut view = view("any", len, (80, 24), mixed);
        let mut size = (80, 24);
        for event in events {
            match event {
                Event::Key(code, modifiers) => view.key(KeyEvent::new(code, modifiers)),
                Event::Type(text) => view.keys(&format!(":{text}")),
                Event::Wheel(turn) => view.scroll(turn),
                Event::Resize(width, height) => {
                    size = (width, height);
                    view.resize(width, height)
                }
            };
            if view.exit().is_some() {
                break;
            }
            let cursor = view.at();
            prop_assert!(cursor < len || (len == 0 && cursor == 0));
            // The byte under the cursor is always visible: only its cell is reversed and bold (at
            // least its digits). Only the help and the strip may cover it.
            let screen = view.screen();
            let is_covered =
                screen.contains("┌ help ") || view.has_strip();
            if len > 0 && size.0 >= 20 && size.1 >= 4 && !is_covered {
                let bold = ratatui::style::Modifier::BOLD | ratatui::style::Modifier::REVERSED;
                let marked = view.buffer().content.iter()
                    .filter(|cell| cell.modifier.contains(bold)).count();
                prop_assert!(marked >= 2, "no cursor on\n{screen}");
            }
        }
    }
}

#[test]
fn a_block_that_cannot_be_read_is_two_rows() {
    let mut view = view("bad.img", 0x10_000, (80, 24), |at| {
        let is_bad = matches!(at / 0x1000, 2 | 3 | 9) || (0x5800..0x6000).contains(&at);
        (!is_bad).then_some(0x41)
    });
    view.keys(":0x2000\n");
    insta::assert_snapshot!(view.screen());
    // The rows that are folded are one step.
    assert_eq!(view.keys("j").at(), 0x2010);
    assert_eq!(view.keys("j").at(), 0x3000);
    assert_eq!(view.keys("jj").at(), 0x4000);
    assert_eq!(view.keys("kkk").at(), 0x2010);
    // A partly readable block is not folded. Only its visible bytes are counted.
    view.keys(":0x5800\n");
    assert!(!view.screen().contains("more bytes"), "{}", view.screen());
    assert!(view.screen().contains("2 ranges, 10.00 KiB unreadable"), "{}", view.screen());
    view.keys("z:0x2000\n");
    assert!(!view.screen().contains("more bytes"), "{}", view.screen());
    // Rows that do not fit a block show what is left of it.
    view.keys("z:set columns 12\n:0x2000\n");
    insta::assert_snapshot!("a_block_that_cannot_be_read_in_rows_of_12", view.screen());
}

#[test]
fn a_key_leads_to_the_ranges_that_cannot_be_read_and_back() {
    let mut view = view("bad.img", 0x10_000, (80, 24), |at| {
        let is_bad = matches!(at / 0x1000, 2 | 3 | 9);
        (!is_bad).then_some(0x41)
    });
    view.hold_jobs(false);
    assert_eq!(view.keys("]u").at(), 0x2000);
    let screen = view.screen();
    let row = screen.lines().find(|row| row.contains("00002000")).expect("a row");
    assert!(row.contains("?? ??  a bad sector"), "{screen}");
    assert_eq!(screen.matches("?? ??  a bad sector").count(), 1, "it is said once: {screen}");
    assert_eq!(view.keys("]u").at(), 0x9000);
    assert_eq!(view.keys("]u").at(), 0x9000);
    assert_eq!(view.footer(), "there is no next unreadable range");
    assert_eq!(view.keys("[u").at(), 0x2000);
}

#[test]
fn the_help_says_which_of_its_pages_it_shows() {
    let mut view = view("mixed.bin", 4096, (80, 24), mixed);
    let pages = |view: &Stage| {
        let screen = view.screen();
        let (_, rest) = screen.split_once("└ page ").expect("a page");
        let mut words = rest.split(' ').step_by(2).map(str::parse::<u32>);
        let mut next = || words.next().expect("a number").expect("a number");
        (next(), next())
    };
    let (first, count) = pages(view.keys("?"));
    assert!(first == 1 && count > 3, "{first} of {count}");
    assert_eq!(pages(view.keys(" ")), (2, count));
    assert_eq!(pages(view.press(KeyCode::End)), (count, count));
    view.resize(80, 250);
    assert_eq!(pages(&view), (1, 1));
}
