//! What the screen shows: messages in, screens out.

use std::fmt::Write as _;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use lazyhex::{App, Msg, Page, Size, Theme};
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

/// A view of bytes that are made up on the spot, so that there can be any number of them.
struct View {
    app: App,
    byte: fn(u64) -> Option<u8>,
}

impl View {
    fn new(name: &str, len: u64, size: (u16, u16), byte: fn(u64) -> Option<u8>) -> Self {
        let size = Size { width: size.0, height: size.1 };
        let mut view = Self { app: App::new(name, len, Theme::Colour, size), byte };
        view.read();
        view
    }

    /// What the terminal loop does between two messages.
    fn read(&mut self) {
        for wanted in self.app.wanted() {
            let bytes: Vec<Option<u8>> = wanted.clone().map(self.byte).collect();
            let problem = bytes.contains(&None).then(|| "a bad sector".to_owned());
            self.app.update(Msg::Read(Page { start: wanted.start, bytes, problem }));
        }
        assert_eq!(self.app.wanted(), [], "a page that was read is still wanted");
    }

    fn send(&mut self, msg: Msg) -> &mut Self {
        self.app.update(msg);
        self.read();
        self
    }

    fn press(&mut self, code: KeyCode) -> &mut Self {
        self.send(Msg::Key(KeyEvent::new(code, KeyModifiers::NONE)))
    }

    fn ctrl(&mut self, c: char) -> &mut Self {
        self.send(Msg::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL)))
    }

    fn type_keys(&mut self, keys: &str) -> &mut Self {
        for c in keys.chars() {
            self.press(if c == '\n' { KeyCode::Enter } else { KeyCode::Char(c) });
        }
        self
    }

    fn resize(&mut self, width: u16, height: u16) -> &mut Self {
        self.send(Msg::Resize(Size { width, height }))
    }

    fn terminal(&self, width: u16, height: u16) -> Terminal<TestBackend> {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("cannot fail");
        terminal.draw(|frame| self.app.draw(frame)).expect("cannot fail");
        terminal
    }

    fn screen(&self, width: u16, height: u16) -> String {
        self.terminal(width, height).backend().to_string()
    }
}

/// Text, zeros, control characters and noise, a kilobyte each.
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
    insta::assert_snapshot!(View::new("mixed.bin", 4096, (80, 24), mixed).screen(80, 24));
}

#[test]
fn first_screen_at_160x50() {
    insta::assert_snapshot!(View::new("mixed.bin", 4096, (160, 50), mixed).screen(160, 50));
}

#[test]
fn first_screen_at_20x4() {
    insta::assert_snapshot!(View::new("mixed.bin", 4096, (20, 4), mixed).screen(20, 4));
}

#[test]
fn the_end_of_a_terabyte() {
    let mut view = View::new("disk.img", 1 << 40, (80, 24), |_| Some(0));
    insta::assert_snapshot!(view.type_keys("G").screen(80, 24));
}

#[test]
fn an_empty_file() {
    let mut view = View::new("empty", 0, (80, 24), mixed);
    view.type_keys("Gjlg:0\n");
    insta::assert_snapshot!(view.screen(80, 24));
}

#[test]
fn the_help() {
    insta::assert_snapshot!(
        View::new("mixed.bin", 4096, (80, 24), mixed).type_keys("?").screen(80, 24)
    );
}

#[test]
fn the_help_scrolls_on_a_small_screen() {
    let mut view = View::new("mixed.bin", 4096, (40, 8), mixed);
    insta::assert_snapshot!(view.type_keys("?jjjjj").screen(40, 8));
}

#[test]
fn the_prompt_says_what_it_takes_and_what_was_wrong() {
    let mut view = View::new("mixed.bin", 4096, (80, 24), mixed);
    let mut lines = String::new();
    for keys in [":", "0x9", "999\n", "\u{8}"] {
        view.type_keys(keys);
        if keys == "\u{8}" {
            view.press(KeyCode::Backspace);
        }
        let screen = view.screen(80, 24);
        writeln!(lines, "{}", screen.lines().last().unwrap_or_default()).expect("a string");
    }
    insta::assert_snapshot!(lines);
}

#[test]
fn unreadable_bytes_are_question_marks_with_the_reason_below() {
    let view = View::new("bad.img", 4096, (80, 24), |at| (at / 16 != 2).then_some(0x41));
    insta::assert_snapshot!(view.screen(80, 24));
}

/// The style of every cell that is not plain, run by run.
#[test]
fn colours_tell_the_classes_apart_and_the_cursor_stands_out() {
    let mut view = View::new("classes", 6, (80, 12), |at| {
        b"\0A \x01\x80~".get(usize::try_from(at).ok()?).copied()
    });
    view.press(KeyCode::Right);
    let terminal = view.terminal(80, 12);
    let buffer = terminal.backend().buffer();
    let mut runs = String::new();
    for x in 10..30 {
        let cell = &buffer[(x, 2)];
        writeln!(runs, "{:?} {:?} {:?}", cell.symbol(), cell.fg, cell.modifier).expect("a string");
    }
    insta::assert_snapshot!(runs);
}

#[test]
fn monochrome_uses_no_colour_and_still_shows_the_cursor() {
    let size = Size { width: 80, height: 12 };
    let mut view = View {
        app: App::new("mono", 300, Theme::Mono, size),
        byte: |at| u8::try_from(at % 256).ok(),
    };
    view.read();
    let terminal = view.terminal(80, 12);
    let buffer = terminal.backend().buffer();
    assert!(buffer.content.iter().all(|cell| cell.fg == ratatui::style::Color::Reset));
    assert!(buffer[(10, 2)].modifier.contains(ratatui::style::Modifier::REVERSED));
}

#[test]
fn keys_move_the_cursor() {
    let mut view = View::new("mixed.bin", 4096, (80, 24), mixed);
    let mut at = |keys: &str| view.type_keys(keys).app.cursor();
    assert_eq!(at("l"), 1);
    assert_eq!(at("j"), 17);
    assert_eq!(at("$"), 31);
    assert_eq!(at("0"), 16);
    assert_eq!(at("k"), 0);
    assert_eq!(at("hk"), 0);
    assert_eq!(at(" "), 320);
    assert_eq!(at("G"), 4095);
    assert_eq!(at("jl"), 4095);
    assert_eq!(at("k"), 4079);
    assert_eq!(at("g"), 0);
    assert_eq!(at(":0x200\n"), 0x200);
    assert_eq!(at(":+1K\n"), 0x600);
    assert_eq!(at(":-0x10\n"), 0x5f0);
    assert_eq!(at(":50%\n"), 2048);
    assert_eq!(at(":nonsense\n"), 2048);
    view.press(KeyCode::Esc);
    assert_eq!(view.ctrl('d').app.cursor(), 2048 + 160);
    assert_eq!(view.ctrl('u').app.cursor(), 2048);
    assert_eq!(view.press(KeyCode::PageUp).app.cursor(), 2048 - 320);
    assert_eq!(view.press(KeyCode::End).app.cursor(), 2048 - 320 + 15);
    assert_eq!(view.press(KeyCode::Up).app.cursor(), 2048 - 336 + 15);
}

#[test]
fn a_short_last_row_keeps_the_cursor_on_a_byte() {
    let mut view = View::new("short", 20, (80, 24), mixed);
    view.type_keys("$j");
    assert_eq!(view.app.cursor(), 19);
}

#[test]
fn the_wheel_scrolls_and_takes_the_cursor_along_only_at_the_edge() {
    let mut view = View::new("mixed.bin", 4096, (80, 24), mixed);
    view.type_keys("jjjj");
    view.send(Msg::Wheel(1));
    assert_eq!(view.app.cursor(), 64);
    view.send(Msg::Wheel(1));
    assert_eq!(view.app.cursor(), 96);
    view.send(Msg::Wheel(-1)).send(Msg::Wheel(-1)).send(Msg::Wheel(-1));
    assert_eq!(view.app.cursor(), 96);
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
        prop::sample::select("hjklgG:?q0$ du1xX%+-KM\u{301}é".chars().collect::<Vec<_>>())
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
    // A failure prints the events it took, which is what a new test is made of; no file is kept.
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_events_loses_the_cursor(
        len in prop_oneof![0..3_u64, 0..10_000_u64, Just(1 << 40), Just(u64::MAX)],
        events in prop::collection::vec(event(), 0..60),
    ) {
        let mut view = View::new("any", len, (80, 24), mixed);
        let mut size = (80, 24);
        for event in events {
            match event {
                Event::Key(code, modifiers) => view.send(Msg::Key(KeyEvent::new(code, modifiers))),
                Event::Type(text) => view.type_keys(&format!(":{text}")),
                Event::Wheel(turn) => view.send(Msg::Wheel(turn)),
                Event::Resize(width, height) => {
                    size = (width, height);
                    view.resize(width, height)
                }
            };
            let cursor = view.app.cursor();
            prop_assert!(cursor < len || (len == 0 && cursor == 0));
            // Whatever is shown, the byte under the cursor is: it alone is reversed and bold (its
            // digits at least). Only the help may cover it.
            let terminal = view.terminal(size.0, size.1);
            let screen = terminal.backend().to_string();
            if len > 0 && size.0 >= 20 && size.1 >= 4 && !screen.contains("lazyhex: keys") {
                let bold = ratatui::style::Modifier::BOLD | ratatui::style::Modifier::REVERSED;
                let marked = terminal.backend().buffer().content.iter()
                    .filter(|cell| cell.modifier.contains(bold)).count();
                prop_assert!(marked >= 2, "no cursor on\n{screen}");
            }
        }
    }
}
