//! Several files in tabs, one file at two places, and the guided tour.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use lazyhex::{App, Msg, Order, Page, Place, Settings, Size, Task, Theme, ViewId, Workspace};
use memmap::{AnyMap, RamMap};
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::Modifier;

use super::{SIZES, demo};

/// Views of bytes by their names, and what stands behind them.
struct House {
    workspace: Workspace,
    maps: HashMap<ViewId, (String, AnyMap)>,
    size: Size,
    closed: usize,
}

fn content(name: &str) -> Option<Vec<u8>> {
    match name {
        "demo.bin" => Some(demo()),
        "counted" => Some((0..3000_u32).flat_map(u32::to_le_bytes).collect()),
        "tour" => Some(lazyhex::demo_bytes()),
        "empty" => Some(Vec::new()),
        _ => None,
    }
}

fn map(name: &str) -> AnyMap {
    RamMap::from_reader(&content(name).unwrap()[..]).unwrap().erase()
}

impl House {
    fn new(names: &[&str], size: (u16, u16)) -> Self {
        let size = Size { width: size.0, height: size.1 };
        let workspace = Workspace::new(size);
        let workspace = if names == ["tour"] { workspace.with_tour() } else { workspace };
        let mut house = Self { workspace, maps: HashMap::new(), size, closed: 0 };
        for name in names {
            let len = map(name).len();
            let app = App::new(name, len, Theme::Colour, size).with(Settings::default());
            house.open(name, app, Place::Tab);
        }
        house.workspace.show_first();
        house.settle();
        house
    }

    fn open(&mut self, name: &str, app: App, place: Place) {
        let id = self.workspace.open(app, place);
        self.maps.insert(id, (name.to_owned(), map(name)));
    }

    fn settle(&mut self) {
        loop {
            self.workspace.settle();
            let mut is_done = true;
            for order in self.workspace.take_orders() {
                is_done = false;
                match order {
                    Order::Do(id, Task::Start(job, work)) => {
                        for news in work.finish(&self.maps[&id].1) {
                            self.workspace.update(Some(id), Msg::News(job, news));
                        }
                    }
                    Order::Do(..) => {}
                    Order::Open(from, path, place) => {
                        let name = path.to_str().unwrap_or_default();
                        let asking = self.workspace.app_mut(from).unwrap();
                        match content(name) {
                            Some(bytes) => {
                                let len = u64::try_from(bytes.len()).unwrap();
                                let app = asking.sibling(name, len);
                                self.open(Path::new(name).to_str().unwrap(), app, place);
                            }
                            None => asking.update(Msg::Done(Err(format!("no file {name}")))),
                        }
                    }
                    Order::Twin { of, twin } => {
                        let name = self.maps[&of].0.clone();
                        let map = map(&name);
                        self.maps.insert(twin, (name, map));
                    }
                    Order::Close(id, _) => {
                        assert!(self.maps.remove(&id).is_some());
                        self.closed += 1;
                    }
                }
            }
            for id in self.workspace.ids() {
                let map = &self.maps[&id].1;
                let app = self.workspace.app_mut(id).unwrap();
                for wanted in app.wanted() {
                    is_done = false;
                    let len = usize::try_from(wanted.end - wanted.start).unwrap();
                    let bytes = map.read_at(wanted.start, len).unwrap().into_iter().map(Some);
                    let page = Page { start: wanted.start, bytes: bytes.collect(), problem: None };
                    app.update(Msg::Read(page));
                }
                if let Some(errand) = app.errand() {
                    is_done = false;
                    app.update(Msg::Went(errand.run(map, Instant::now())));
                }
            }
            if is_done {
                return;
            }
        }
    }

    fn send(&mut self, msg: Msg) -> &mut Self {
        if let Msg::Resize(size) = msg {
            self.size = size;
        }
        self.workspace.update(None, msg);
        self.settle();
        self
    }

    fn keys(&mut self, keys: &str) -> &mut Self {
        for c in keys.chars() {
            let code = match c {
                '\n' => KeyCode::Enter,
                '\t' => KeyCode::Tab,
                '\x1b' => KeyCode::Esc,
                c => KeyCode::Char(c),
            };
            self.send(Msg::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        }
        self
    }

    fn terminal(&self) -> Terminal<TestBackend> {
        let Size { width, height } = self.size;
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| self.workspace.draw(frame)).unwrap();
        terminal
    }

    fn screen(&self) -> String {
        self.terminal().backend().to_string()
    }

    fn cursors(&self) -> Vec<u64> {
        let at = |id: ViewId| self.workspace.app(id).unwrap().cursor();
        self.workspace.ids().into_iter().map(at).collect()
    }
}

#[test]
fn several_files_are_tabs_and_one_has_no_line_for_them() {
    let mut screens = String::new();
    for size in SIZES {
        let mut house = House::new(&["demo.bin", "counted"], size);
        house.keys("]bjl");
        writeln!(screens, "{}x{}\n{}", size.0, size.1, house.screen()).unwrap();
    }
    insta::assert_snapshot!(screens);
    let house = House::new(&["demo.bin"], (80, 24));
    assert!(house.screen().starts_with("\" demo.bin  read-only"), "{}", house.screen());
}

#[test]
fn one_file_at_two_places() {
    let mut screens = String::new();
    for size in [(80, 24), (160, 50), (80, 12), (20, 4)] {
        let mut house = House::new(&["demo.bin"], size);
        house.keys("|G\tj");
        writeln!(screens, "{}x{}\n{}", size.0, size.1, house.screen()).unwrap();
    }
    insta::assert_snapshot!(screens);
}

#[test]
fn tabs_open_turn_and_close() {
    let mut house = House::new(&["demo.bin"], (80, 24));
    house.keys(":tab counted\n");
    assert!(house.screen().contains("1 demo.bin   2 counted"), "{}", house.screen());
    house.keys("G]b");
    assert_eq!(house.cursors(), [0, 11_999]);
    assert!(house.screen().contains("8192 bytes"), "{}", house.screen());
    house.keys("[b");
    assert!(house.screen().contains("12000 bytes"), "{}", house.screen());
    house.send(Msg::Press(3, 0));
    assert!(house.screen().contains("8192 bytes"), "{}", house.screen());
    house.keys("q");
    assert_eq!((house.workspace.ending(), house.closed), (None, 1));
    assert!(house.screen().contains("12000 bytes"), "{}", house.screen());
    assert!(house.keys("]b").screen().contains("there is one tab"), "{}", house.screen());
    assert!(house.keys(":tab nothing\n").screen().contains("E: no file nothing"));
    house.keys("q");
    assert!(house.workspace.ending().is_some());
    let mut house = House::new(&["demo.bin", "counted", "empty"], (80, 24));
    house.keys(":qa\n");
    assert!(house.workspace.ending().is_some());
    let mut house = House::new(&["demo.bin", "counted"], (80, 24));
    house.send(Msg::Terminate);
    assert_eq!(house.workspace.ending(), Some(lazyhex::Ending::Terminated));
}

#[test]
fn the_keyboard_is_in_one_view_and_the_other_is_dim() {
    let mut house = House::new(&["demo.bin"], (120, 24));
    house.keys("|jj");
    assert_eq!(house.cursors(), [0, 16]);
    house.keys("\tl");
    assert_eq!(house.cursors(), [1, 16]);
    let dim = |house: &House, x: u16| {
        let terminal = house.terminal();
        terminal.backend().buffer()[(x, 0)].modifier.contains(Modifier::DIM)
    };
    assert!(!dim(&house, 1) && dim(&house, 61));
    // Tab leads through the panes of a view before it leaves.
    house.keys("i\tj");
    assert_eq!(house.cursors(), [1, 24]);
    house.send(Msg::Press(13, 3)).send(Msg::Lift);
    assert!(!dim(&house, 1) && dim(&house, 61));
    // Again, and there is one.
    house.keys("|");
    assert_eq!(house.cursors().len(), 1);
    assert_eq!(house.closed, 1);
    // Another file in the other half.
    house.keys(":split counted\n").keys("G");
    assert_eq!(house.cursors()[1], 11_999);
    house.keys("q");
    assert_eq!(house.cursors().len(), 1);
}

#[test]
fn both_scroll_by_the_same_distance() {
    let mut house = House::new(&["counted"], (120, 24));
    assert!(house.keys("=").screen().contains("there is one view"), "{}", house.screen());
    house.keys(":0x400\n|:0x200\n:sync\n");
    assert_eq!(house.cursors(), [0x400, 0x200]);
    assert!(house.screen().contains("both scroll together"), "{}", house.screen());
    house.keys("jjl");
    assert_eq!(house.cursors(), [0x411, 0x211]);
    house.send(Msg::Wheel(100)).keys("\t");
    let [first, second] = house.cursors()[..] else { panic!() };
    assert_eq!(first - second, 0x200);
    house.keys("G");
    assert_eq!(house.cursors()[0], 11_999);
    house.keys("=g");
    assert_eq!(house.cursors()[0], 0);
    assert!(house.cursors()[1] > 0);
}

/// What is pressed at each step of the tour.
const TOUR: [&str; 12] = [
    "j",
    "i",
    ":0x40\n",
    "/bytes\n",
    "w",
    "vlll",
    "\x1bma",
    ":type f4 offset=0x200 shape=8,8\n",
    "]n",
    "t",
    "]z",
    "?",
];

#[test]
fn the_tour_goes_on_when_that_was_done() {
    let mut screens = String::new();
    let mut house = House::new(&["tour"], (80, 24));
    for (step, keys) in (1..).zip(TOUR) {
        let screen = house.screen();
        assert!(screen.contains(&format!(" {step} of 12 ")), "{step}\n{screen}");
        writeln!(screens, "{screen}\n{keys:?}").unwrap();
        house.keys(keys);
    }
    writeln!(screens, "{}", house.screen()).unwrap();
    assert!(house.screen().contains("That was the tour"), "{}", house.screen());
    insta::assert_snapshot!(screens);
}

#[test]
fn the_tour_fits_every_screen_and_steps_can_be_left_out() {
    let mut screens = String::new();
    for size in [(160, 50), (40, 10), (20, 4)] {
        let mut house = House::new(&["tour"], size);
        writeln!(screens, "{}x{}\n{}", size.0, size.1, house.keys(">").screen()).unwrap();
    }
    insta::assert_snapshot!(screens);
    let mut house = House::new(&["tour"], (80, 24));
    house.keys(">>>>>>>>>>>>");
    assert!(house.screen().contains("That was the tour"), "{}", house.screen());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_keys_panics_among_several_views(
        is_tour: bool,
        events in prop::collection::vec(prop_oneof![
            12 => prop::sample::select("jlGgtiv|/n=]b[q\t>w?\x1b\x1b\x1bD".chars().collect::<Vec<_>>())
                .prop_map(|key| key.to_string()),
            3 => prop::sample::select(vec![
                "\x1b:tab counted\n", "\x1b:tab empty\n", "\x1b:split\n", "\x1b:split empty\n", "\x1b:sync\n",
                "\x1b:tab nothing\n", "\x1b:type u2 shape=-1,3\n", "\x1b:q\n", "\x1b]b", "\x1b|",
            ]).prop_map(str::to_owned),
            2 => (1..200_u16, 1..60_u16).prop_map(|(width, height)| format!("{width} {height}")),
            2 => (0..200_u16, 0..60_u16).prop_map(|(x, y)| format!("@{x} {y}")),
        ], 60..120),
    ) {
        let names: &[&str] = if is_tour { &["tour"] } else { &["demo.bin", "counted"] };
        let mut house = House::new(names, (80, 24));
        for event in events {
            let numbers = event.trim_start_matches('@').split_once(' ');
            let numbers = numbers.and_then(|(x, y)| Some((x.parse().ok()?, y.parse().ok()?)));
            match numbers {
                Some((x, y)) if event.starts_with('@') => {
                    house.send(Msg::Press(x, y)).send(Msg::Drag(y, x)).send(Msg::Lift)
                }
                Some((width, height)) => house.send(Msg::Resize(Size { width, height })),
                None => house.keys(&event),
            };
            if house.workspace.ending().is_some() {
                break;
            }
            prop_assert!(!house.workspace.shown().is_empty());
            prop_assert_eq!(house.maps.len(), house.workspace.ids().len());
            house.screen();
        }
    }
}
