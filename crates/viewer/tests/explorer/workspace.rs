//! Tabs, splits, and the guided tour.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use lazyhex::ExitReason;
use lazyhex::testing::Stage;
use memmap::{MemMap, Mode, RamMap};
use proptest::prelude::*;
use ratatui::style::Modifier;
use tempfile::TempDir;

use super::{SIZES, demo};

/// Named files in a temporary directory.
struct Files(TempDir);

impl Files {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let counted: Vec<u8> = (0..3000_u32).flat_map(u32::to_le_bytes).collect();
        for (name, bytes) in [("demo.bin", demo()), ("counted", counted), ("empty", Vec::new())] {
            fs::write(dir.path().join(name), bytes).unwrap();
        }
        Self(dir)
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    /// Opens each file in its own tab.
    fn view(&self, names: &[&str], size: (u16, u16)) -> Stage {
        let mut stage = Stage::new(size);
        self.open(&mut stage, names);
        stage
    }

    fn open(&self, stage: &mut Stage, names: &[&str]) {
        for name in names {
            let map = MemMap::open(self.0.path().join(name), Mode::Read).unwrap().erase();
            stage.open(name, map);
        }
        stage.begin();
    }
}

fn tour(size: (u16, u16)) -> Stage {
    let mut stage = Stage::new(size);
    stage.begin_tour();
    let map = RamMap::from_reader(&lazyhex::demo_bytes()[..]).unwrap().erase();
    stage.open("tour", map).begin();
    stage
}

#[test]
fn several_files_are_tabs_and_one_has_no_line_for_them() {
    let files = Files::new();
    let mut screens = String::new();
    for size in SIZES {
        let mut stage = files.view(&["demo.bin", "counted"], size);
        stage.keys("]bjl");
        writeln!(screens, "{}x{}\n{}", size.0, size.1, stage.screen()).unwrap();
    }
    insta::assert_snapshot!(screens);
    let stage = files.view(&["demo.bin"], (80, 24));
    assert!(stage.screen().starts_with("\" demo.bin  read-only"), "{}", stage.screen());
}

#[test]
fn one_file_at_two_places() {
    let files = Files::new();
    let mut screens = String::new();
    for size in [(80, 24), (160, 50), (80, 12), (20, 4)] {
        let mut stage = files.view(&["demo.bin"], size);
        stage.keys("|G\tj");
        writeln!(screens, "{}x{}\n{}", size.0, size.1, stage.screen()).unwrap();
    }
    insta::assert_snapshot!(screens);
}

#[test]
fn tabs_open_turn_and_close() {
    let files = Files::new();
    let mut stage = files.view(&["demo.bin"], (80, 24));
    stage.keys(&format!(":tab {}\n", files.path("counted")));
    assert!(stage.screen().contains("1 demo.bin   2 counted"), "{}", stage.screen());
    stage.keys("G]b");
    assert_eq!(stage.cursors(), [0, 11_999]);
    assert!(stage.screen().contains("8192 bytes"), "{}", stage.screen());
    stage.keys("[b");
    assert!(stage.screen().contains("12000 bytes"), "{}", stage.screen());
    stage.mouse_down(3, 0);
    assert!(stage.screen().contains("8192 bytes"), "{}", stage.screen());
    stage.keys("q");
    assert_eq!((stage.exit(), stage.open_count()), (None, (1, 1)));
    assert!(stage.screen().contains("12000 bytes"), "{}", stage.screen());
    assert!(stage.keys("]b").screen().contains("there is one tab"), "{}", stage.screen());
    stage.keys(&format!(":tab {}\n", files.path("nothing")));
    assert!(stage.footer().starts_with("E: cannot open "), "{}", stage.footer());
    stage.keys("q");
    assert!(stage.exit().is_some());
    let mut stage = files.view(&["demo.bin", "counted", "empty"], (80, 24));
    stage.keys(":qa\n");
    assert!(stage.exit().is_some());
    let mut stage = files.view(&["demo.bin", "counted"], (80, 24));
    stage.terminate();
    assert_eq!(stage.exit(), Some(ExitReason::Terminated));
}

#[test]
fn a_packed_file_is_shown_packed_and_unpacks_into_a_tab_when_asked() {
    let files = Files::new();
    let packed = include_bytes!("../../../backend-unpack/tests/samples/log.gz");
    fs::write(files.0.path().join("log.gz"), packed).unwrap();
    let mut stage = files.view(&["log.gz"], (100, 24));
    assert!(stage.screen().contains("1f 8b 08"), "{}", stage.screen());
    stage.keys(":unpack\n");
    assert!(stage.footer().contains("index 42"), "{}", stage.footer());
    let screen = stage.screen();
    assert!(screen.contains("read-only  unpacked, gzip  5.85 KiB of 1.24 KiB"), "{screen}");
    assert!(screen.contains("2024-05-"), "{screen}");
    stage.keys(":edit on\n");
    assert!(stage.footer().starts_with("E: only files can be edited"), "{}", stage.footer());
    // What is damaged says so, and where; what is before it is there.
    fs::write(files.0.path().join("cut.gz"), &packed[..600]).unwrap();
    stage.keys(&format!(":unpack {}\n", files.path("cut.gz")));
    assert!(stage.footer().contains("ends too early (at byte 0x258"), "{}", stage.footer());
    assert!(stage.screen().contains("of 600 B DAMAGED"), "{}", stage.screen());
    assert!(stage.screen().contains("2024-05-"), "{}", stage.screen());
    stage.keys(&format!(":unpack {}\n", files.path("counted")));
    // The line is cut after the path, which is longer on some systems.
    assert!(stage.footer().contains("the unpack backend"), "{}", stage.footer());
}

#[test]
fn the_keyboard_is_in_one_view_and_the_other_is_dim() {
    let files = Files::new();
    let mut stage = files.view(&["demo.bin"], (120, 24));
    stage.keys("|jj");
    assert_eq!(stage.cursors(), [0, 16]);
    stage.keys("\tl");
    assert_eq!(stage.cursors(), [1, 16]);
    let dim = |stage: &Stage, x: u16| stage.buffer()[(x, 0)].modifier.contains(Modifier::DIM);
    assert!(!dim(&stage, 1) && dim(&stage, 61));
    // Tab cycles through the panes of a view before it moves to the next view.
    stage.keys("I\tj");
    assert_eq!(stage.cursors(), [1, 24]);
    stage.mouse_down(13, 3).mouse_up();
    assert!(!dim(&stage, 1) && dim(&stage, 61));
    // A second time closes the split.
    stage.keys("|");
    assert_eq!(stage.cursors().len(), 1);
    assert_eq!(stage.open_count(), (1, 1));
    // Another file in the other half.
    stage.keys(&format!(":split {}\n", files.path("counted"))).keys("G");
    assert_eq!(stage.cursors()[1], 11_999);
    stage.keys("q");
    assert_eq!(stage.cursors().len(), 1);
}

#[test]
fn both_scroll_by_the_same_distance() {
    let files = Files::new();
    let mut stage = files.view(&["counted"], (120, 24));
    assert!(stage.keys("=").screen().contains("there is one view"), "{}", stage.screen());
    stage.keys(":0x400\n|:0x200\n:sync\n");
    assert_eq!(stage.cursors(), [0x400, 0x200]);
    assert!(stage.screen().contains("both scroll together"), "{}", stage.screen());
    stage.keys("jjl");
    assert_eq!(stage.cursors(), [0x411, 0x211]);
    stage.scroll(100).keys("\t");
    let [first, second] = stage.cursors()[..] else { panic!() };
    assert_eq!(first - second, 0x200);
    stage.keys("G");
    assert_eq!(stage.cursors()[0], 11_999);
    stage.keys("=gg");
    assert_eq!(stage.cursors()[0], 0);
    assert!(stage.cursors()[1] > 0);
}

/// The keys of each step of the tour.
const TOUR: [&str; 12] = [
    "j",
    "I",
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
    let mut stage = tour((80, 24));
    for (step, keys) in (1..).zip(TOUR) {
        let screen = stage.screen();
        assert!(screen.contains(&format!(" {step} of 12 ")), "{step}\n{screen}");
        writeln!(screens, "{screen}\n{keys:?}").unwrap();
        stage.keys(keys);
    }
    writeln!(screens, "{}", stage.screen()).unwrap();
    assert!(stage.screen().contains("That was the tour"), "{}", stage.screen());
    insta::assert_snapshot!(screens);
}

#[test]
fn the_tour_fits_every_screen_and_steps_can_be_left_out() {
    let mut screens = String::new();
    for size in [(160, 50), (40, 10), (20, 4)] {
        let mut stage = tour(size);
        writeln!(screens, "{}x{}\n{}", size.0, size.1, stage.keys(">").screen()).unwrap();
    }
    insta::assert_snapshot!(screens);
    let mut stage = tour((80, 24));
    stage.keys(">>>>>>>>>>>>");
    assert!(stage.screen().contains("That was the tour"), "{}", stage.screen());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_keys_panics_among_several_views(
        is_tour: bool,
        events in prop::collection::vec(prop_oneof![
            12 => prop::sample::select("jlGgtiIv|/n=]b[dq29\t>><Cyz\nw?\x1b\x1b\x1bD".chars().collect::<Vec<_>>())
                .prop_map(|key| key.to_string()),
            3 => prop::sample::select(vec![
                "\x1b:tab DIR/counted\n", "\x1b:tab DIR/empty\n", "\x1b:split\n", "\x1b:split DIR/empty\n", "\x1b:sync\n",
                "\x1b:diff DIR/counted\n", "\x1b:diff! DIR/demo.bin\n", "\x1b:diff\n", "\x1b:diff!\n", "\x1b:diff DIR/demo.bin\n",
                "\x1b:tab nothing\n", "\x1b:type u2 shape=-1,3\n", "\x1b:q\n", "\x1b]b", "\x1b|",
            ]).prop_map(str::to_owned),
            2 => (1..200_u16, 1..60_u16).prop_map(|(width, height)| format!("{width} {height}")),
            2 => (0..200_u16, 0..60_u16).prop_map(|(x, y)| format!("@{x} {y}")),
        ], 60..120),
    ) {
        let files = Files::new();
        let mut stage = if is_tour {
            tour((80, 24))
        } else {
            files.view(&["demo.bin", "counted"], (80, 24))
        };
        for event in events {
            let numbers = event.trim_start_matches('@').split_once(' ');
            let numbers = numbers.and_then(|(x, y)| Some((x.parse().ok()?, y.parse().ok()?)));
            match numbers {
                Some((x, y)) if event.starts_with('@') => {
                    stage.mouse_down(x, y).drag(y, x).mouse_up()
                }
                Some((width, height)) => stage.resize(width, height),
                None => stage.keys(&event.replace("DIR", &files.0.path().display().to_string())),
            };
            if stage.exit().is_some() {
                break;
            }
            let (documents, views) = stage.open_count();
            prop_assert!(documents >= 1 && documents <= views);
            prop_assert_eq!(stage.cursors().len(), views);
        }
    }
}

#[test]
fn marks_set_in_one_half_are_known_to_the_other_and_survive() {
    let files = Files::new();
    let session = Path::new(&files.path("session.json")).to_owned();
    let mut stage = Stage::with(lazyhex::Settings::default(), (160, 24), Some(&session));
    files.open(&mut stage, &["demo.bin"]);
    stage.keys(":0x30\nma|:0x50\nmb\t'b");
    assert_eq!(stage.cursors(), [0x50, 0x50]);
    stage.keys("lmc:qa\n");
    assert!(stage.exit().is_some());
    let mut again = Stage::with(lazyhex::Settings::default(), (160, 24), Some(&session));
    files.open(&mut again, &["demo.bin"]);
    assert_eq!(again.at(), 0x51, "the place is restored");
    for (mark, place) in [('a', 0x30), ('b', 0x50), ('c', 0x51)] {
        assert_eq!(again.keys(&format!("'{mark}")).at(), place);
    }
}

#[test]
fn a_second_view_costs_no_read_and_no_search() {
    let files = Files::new();
    let mut stage = files.view(&["demo.bin"], (160, 24));
    // The panes then have the same height in both halves.
    stage.keys(":set inspector off\n/e\nSs");
    let (reads, jobs) = (stage.reads(), stage.jobs());
    stage.hold_jobs(true).hold_reads().keys("\x1b|");
    assert_eq!((stage.open_count(), stage.reads()), ((1, 2), reads));
    assert_eq!(stage.jobs(), jobs);
    assert!(!stage.screen().contains("·· ··"), "{}", stage.screen());
}

#[test]
fn a_file_that_is_opened_twice_is_one_document() {
    let files = Files::new();
    let mut stage = files.view(&["demo.bin"], (160, 24));
    stage.keys(&format!("ma:tab {}\n", files.path("demo.bin")));
    assert_eq!(stage.open_count(), (1, 2));
    assert_eq!(stage.keys("G'a").at(), 0, "the marks are the same");
}

#[test]
fn a_search_in_one_view_is_not_waited_for_in_the_other() {
    let files = Files::new();
    let mut stage = files.view(&["demo.bin"], (160, 24));
    stage.keys("|").hold_jobs(true).keys("/promise\n\t/change\n");
    stage.hold_jobs(false).settle();
    assert_eq!(stage.cursors()[1], 0, "what it waited for was given up");
}

#[test]
fn a_file_is_written_to_its_end_although_its_view_is_closed() {
    let files = Files::new();
    let mut stage = files.view(&["demo.bin", "counted"], (160, 24));
    stage.hold_jobs(true).keys(&format!("vG:write {}\n\n", files.path("new.bin")));
    stage.step(0).keys("q");
    assert_eq!(stage.open_count(), (1, 1));
    stage.finish(0);
    assert_eq!(fs::read(files.path("new.bin")).unwrap(), demo());
    assert!(stage.footer().starts_with("write 8.00 KiB to "), "{}", stage.footer());
}

#[test]
fn repeated_rows_on_the_screen_come_before_those_that_were_left() {
    let mut bytes = vec![0xaa; 8 << 20];
    bytes.extend(0..=255);
    bytes.resize(bytes.len() + (8 << 20), 0xbb);
    let mut stage = Stage::new((80, 24));
    stage.hold_all_jobs().open("rows", RamMap::from_reader(&bytes[..]).unwrap().erase()).begin();
    assert_eq!(stage.jobs(), ["format of the file", "repeated rows"]);
    stage.finish(0).step(0).keys("G");
    assert_eq!(stage.jobs().len(), 2, "the first one is told to stop");
    stage.finish(0).finish(0);
    assert!(stage.screen().contains("* 7.99 MiB of the row above"), "{}", stage.screen());
}

#[test]
fn two_views_of_other_rows_that_repeat_do_not_stop_each_other() {
    let mut bytes = vec![0xaa; 1 << 20];
    bytes.extend(0..=255);
    bytes.resize(bytes.len() + (1 << 20), 0xbb);
    let mut stage = Stage::new((160, 24));
    stage.open("rows", RamMap::from_reader(&bytes[..]).unwrap().erase()).begin();
    stage.hold_all_jobs().keys("|G\tgg");
    for _ in 0..100 {
        if stage.jobs().is_empty() {
            break;
        }
        stage.step(0);
    }
    assert_eq!(
        stage.screen().matches("* 1023.98 KiB of the row above").count(),
        2,
        "{}",
        stage.screen()
    );
}

#[test]
fn bytes_that_do_not_come_stop_no_key() {
    let files = Files::new();
    let mut stage = files.view(&["counted"], (80, 24));
    stage.hold_reads().keys(":0x1000\nj");
    assert_eq!(stage.at(), 0x1010);
    assert!(stage.screen().contains("00001010  ·· ·· ··"), "{}", stage.screen());
    stage.release_reads();
    assert!(!stage.screen().contains("·· ··"), "{}", stage.screen());
}

// Windows does not overwrite a mapped file.
#[cfg(unix)]
#[test]
fn bytes_of_a_file_as_it_was_are_dropped() {
    let files = Files::new();
    let mut stage = files.view(&["demo.bin"], (80, 24));
    stage.hold_reads().keys(":0x1800\n");
    fs::write(files.path("demo.bin"), vec![b'x'; 8192]).unwrap();
    stage.keys("r").release_reads();
    assert!(stage.screen().contains("78 78 78"), "{}", stage.screen());
    assert!(!stage.screen().contains("·· ··"), "{}", stage.screen());
}

#[test]
fn a_program_that_was_stopped_goes_on_where_it_was() {
    let files = Files::new();
    let mut stage = files.view(&["demo.bin"], (80, 24));
    stage.keys(":0x1080\nv");
    let before = stage.screen();
    assert_eq!(stage.suspend().screen(), before);
    assert_eq!(stage.keys("j").at(), 0x1090);
    assert!(stage.exit().is_none());
}

#[test]
fn two_views_of_other_parts_of_the_map_come_to_rest() {
    let files = Files::new();
    let mut stage = files.view(&["demo.bin"], (200, 50));
    // Both halves show the whole map; in the second one, a part is selected, too.
    stage.keys(":set map on\n|M").keys("+").keys("+").resize(200, 40);
    assert!(stage.jobs().is_empty(), "{:?}", stage.jobs());
}

#[test]
fn what_a_job_finds_within_a_frame_asks_for_bytes_once() {
    let mut bytes = vec![0xaa; 8 << 20];
    bytes.extend(0..=255);
    let mut stage = Stage::new((80, 24));
    stage.hold_all_jobs().open("rows", RamMap::from_reader(&bytes[..]).unwrap().erase()).begin();
    // The format is none.
    stage.finish(0);
    let before = stage.reads();
    for _ in 0..5 {
        stage.step_within_a_frame(0);
    }
    assert_eq!(stage.reads(), before);
    stage.settle();
    assert_eq!(stage.reads(), before + 1);
}
