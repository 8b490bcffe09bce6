//! Two files compared side by side.

use std::fs;

use lazyhex::testing::Stage;
use memmap::{MemMap, Mode};
use ratatui::style::Modifier;
use tempfile::TempDir;

use super::demo_view;

/// Two files in a directory.
struct Pair(TempDir);

impl Pair {
    fn new(old: &[u8], new: &[u8]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("old"), old).unwrap();
        fs::write(dir.path().join("new"), new).unwrap();
        Self(dir)
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    /// The first file, before it is compared.
    fn open(&self, size: (u16, u16)) -> Stage {
        let mut stage = Stage::new(size);
        let map = MemMap::open(self.0.path().join("old"), Mode::Read).unwrap().erase();
        stage.open("old", map).begin();
        stage
    }

    fn view(&self, size: (u16, u16)) -> Stage {
        let mut stage = self.open(size);
        stage.keys(&format!(":diff {}\n", self.path("new")));
        stage
    }
}

/// 8 KiB that repeat nothing, and the same with these bytes changed.
fn numbers() -> Vec<u8> {
    (0..2048_u32).flat_map(|n| (n.wrapping_mul(0x9e37_79b1)).to_le_bytes()).collect()
}

fn changed(places: &[usize]) -> Vec<u8> {
    let mut bytes = numbers();
    for &at in places {
        bytes[at] ^= 0xff;
    }
    bytes
}

#[test]
fn both_files_show_the_same_place_with_one_cursor() {
    let pair = Pair::new(&numbers(), &changed(&[3, 4, 0x20]));
    let mut stage = pair.view((160, 24));
    assert!(stage.screen().contains("old ↔ new  same offsets"), "{}", stage.screen());
    assert_eq!(stage.keys("jjll").cursors(), [34, 34]);
    assert_eq!(stage.keys("G").cursors(), [8191, 8191]);
    // The other view leads once it has the focus.
    assert_eq!(stage.keys("\tgg").cursors(), [0, 0]);
    assert_eq!(stage.keys("\t=j").cursors(), [16, 0]);
    assert_eq!(stage.keys("=").cursors(), [16, 16]);
    // Either view closes it, and the first file stays.
    assert_eq!(stage.keys("\tq").open_count(), (1, 1));
    assert!(!stage.screen().contains('≠') && stage.exit().is_none());
}

#[test]
fn bytes_that_differ_are_marked_on_both_sides() {
    let pair = Pair::new(&numbers(), &changed(&[3, 4, 0x20]));
    let mut stage = pair.view((160, 24));
    let modifier = |stage: &Stage, x, y| stage.buffer()[(x, y)].modifier;
    for left in [0, 80] {
        let digits = |i: u16| left + 10 + 3 * i;
        assert!(modifier(&stage, digits(1), 2).contains(Modifier::DIM));
        for i in [3, 4] {
            assert!(modifier(&stage, digits(i), 2).contains(Modifier::REVERSED), "{left} {i}");
        }
        assert!(!modifier(&stage, digits(5), 2).contains(Modifier::REVERSED));
    }
    let signs = |stage: &Stage| {
        let lines = stage.screen();
        let marked = lines.lines().enumerate().filter(|(_, line)| line.contains('≠'));
        marked.map(|(y, line)| (y, line.matches('≠').count())).collect::<Vec<_>>()
    };
    assert_eq!(signs(&stage), [(2, 2), (4, 2)]);
    stage.keys(":set theme mono\n");
    let line = stage.screen().lines().nth(2).unwrap().to_owned();
    assert!(line.contains("[00 b1]79 37") && line.contains("[ff 4e]79 37"), "{line}");
}

#[test]
fn what_is_not_read_yet_and_what_is_beyond_the_end_has_no_mark() {
    let pair = Pair::new(&numbers(), &changed(&[3])[..40]);
    let mut stage = pair.view((160, 24));
    let screen = stage.screen();
    let row = |screen: &str, y: usize| screen.lines().nth(y).unwrap().to_owned();
    // The shorter file is blank beyond its end, and the other one differs there.
    assert_eq!(row(&screen, 4).matches('≠').count(), 1);
    assert!(row(&screen, 6).contains("≠││   "), "{screen}");
    assert_eq!(stage.keys("G").cursors(), [8191, 39]);
    assert_eq!(stage.keys("gg").cursors(), [0, 0]);
    stage.hold_reads().keys(":0x1000\n");
    assert!(!row(&stage.screen(), 4).contains('≠'), "{}", stage.screen());
    stage.release_reads();
    assert!(row(&stage.screen(), 4).contains('≠'), "{}", stage.screen());
}

#[test]
fn the_views_stand_one_above_the_other_where_there_is_no_room_beside() {
    let pair = Pair::new(&numbers(), &changed(&[3, 4, 0x20]));
    let mut stage = pair.view((80, 24));
    stage.keys(":set theme mono\n");
    insta::assert_snapshot!(stage.screen());
}

#[test]
fn the_differences_are_counted_and_gone_to() {
    let pair = Pair::new(&numbers(), &changed(&[3, 4, 0x20, 0x1000])[..8000]);
    let mut stage = pair.view((160, 24));
    assert!(stage.screen().contains("same offsets  4 ranges differ, 196 B "), "{}", stage.screen());
    let mut places = Vec::new();
    for _ in 0..5 {
        places.push(stage.keys("]d").at());
    }
    assert_eq!(places, [3, 0x20, 0x1000, 8000, 8000]);
    assert!(stage.footer().starts_with("E: there is no next difference"));
    stage.keys("[d");
    assert!(stage.footer().starts_with("difference 3 of 4: 1 B"), "{}", stage.footer());
    assert_eq!(stage.keys("9[d").at(), 3);
    assert_eq!(stage.keys("\t2]d").cursors(), [0x1000, 0x1000]);
}

#[test]
fn equal_files_are_said_to_be_equal() {
    let mut stage = Pair::new(&numbers(), &numbers()).view((160, 24));
    assert!(stage.screen().contains("no differences: the files are equal"), "{}", stage.screen());
    assert!(stage.keys("]d").footer().starts_with("E: there is no next difference"));
    let mut alone = Pair::new(&numbers(), b"").open((80, 24));
    alone.keys("]d");
    assert!(alone.footer().starts_with("E: nothing is compared here"), "{}", alone.footer());
}

#[test]
fn a_jump_waits_for_what_is_not_compared_yet() {
    let pair = Pair::new(&numbers(), &changed(&[0x1000]));
    let mut stage = pair.open((160, 24));
    let path = pair.path("new");
    stage.hold_jobs(true).keys(&format!(":diff {path}\n"));
    stage.finish(stage.job());
    assert!(stage.screen().contains("0 % compared"), "{}", stage.screen());
    stage.keys("]d");
    assert!(stage.footer().starts_with("not compared up to there yet"), "{}", stage.footer());
    stage.hold_jobs(false).settle();
    assert_eq!(stage.at(), 0x1000);
    // A cursor that has moved on stays.
    let mut stage = pair.open((160, 24));
    stage.hold_jobs(true).keys(&format!(":diff {path}\n"));
    stage.finish(stage.job());
    stage.keys("]dj").hold_jobs(false).settle();
    assert_eq!(stage.at(), 16);
}

#[test]
fn what_was_stopped_is_not_said_to_be_equal() {
    let pair = Pair::new(&numbers(), &changed(&[0x1000]));
    let mut stage = pair.open((160, 24));
    stage.hold_jobs(true).keys(&format!(":diff {}\n", pair.path("new")));
    stage.finish(stage.job());
    stage.ctrl('c').hold_jobs(false).settle();
    assert!(stage.screen().contains("no differences, 0 % compared"), "{}", stage.screen());
    stage.keys("]d");
    assert!(stage.footer().starts_with("E: there is none in what was compared; r compares anew"));
    stage.keys("r");
    assert!(stage.screen().contains("1 range differs, 1 B "), "{}", stage.screen());
}

/// Windows keeps the name of a file that is mapped.
#[cfg(unix)]
#[test]
fn a_file_that_changes_is_compared_anew() {
    let pair = Pair::new(&numbers(), &numbers());
    let mut stage = pair.view((160, 24));
    fs::write(pair.0.path().join("new.tmp"), changed(&[5])).unwrap();
    fs::rename(pair.0.path().join("new.tmp"), pair.0.path().join("new")).unwrap();
    stage.keys("\tr");
    assert!(stage.screen().contains("1 range differs, 1 B"), "{}", stage.screen());
    // Closing stops the job.
    stage.hold_jobs(true).keys("r");
    stage.finish(stage.job());
    assert!(stage.jobs().iter().any(|job| job == "compare with new"), "{:?}", stage.jobs());
    stage.keys("q").hold_jobs(false).settle();
    assert_eq!(stage.jobs(), Vec::<String>::new());
}

#[test]
fn the_list_has_both_sides_and_leads_there() {
    let pair = Pair::new(&numbers(), &changed(&[3, 4, 0x20, 0x1000])[..8000]);
    let mut stage = pair.view((160, 24));
    stage.keys("C");
    insta::assert_snapshot!(stage.screen());
    assert_eq!(stage.keys("jj\n").at(), 0x1000);
    assert!(!stage.screen().contains("── differences"), "{}", stage.screen());
    stage.keys("CGy");
    assert_eq!(stage.copies(), ["0x00001f40  0x00001f40  192 → 0"]);
    let mut equal = Pair::new(&numbers(), &numbers()).view((160, 24));
    let screen = equal.keys("C").screen();
    assert!(screen.contains("no differences: the files are equal (8.00 KiB compared)"), "{screen}");
    let screen = demo_view((80, 24)).keys("C").screen();
    assert!(screen.contains("no edits yet"), "the changes, where nothing is compared: {screen}");
}

#[test]
fn the_second_file_is_shifted_against_the_first_one() {
    let mut longer = b"xyz".to_vec();
    longer.extend(changed(&[0x20]));
    let pair = Pair::new(&numbers(), &longer);
    let mut stage = pair.view((160, 24));
    assert!(stage.screen().contains("ranges differ"), "{}", stage.screen());
    stage.keys("3>");
    assert!(stage.screen().contains("shift +3  1 range differs, 1 B"), "{}", stage.screen());
    assert_eq!(stage.keys("]d").cursors(), [0x20, 0x23]);
    // Rows stand beside each other.
    let screen = stage.screen();
    let row = screen.lines().nth(4).unwrap();
    assert!(row.starts_with("\"00000020") && row.contains("│00000023  77 cd"), "{row}");
    assert_eq!(stage.keys("\t").mouse_down(93, 3).mouse_up().cursors(), [0x11, 0x14]);
    assert_eq!(stage.keys("gg").cursors(), [0, 0]);
    assert_eq!(stage.keys("j").cursors(), [13, 16]);
    stage.keys("\t4<");
    assert!(stage.screen().contains("shift -1"), "{}", stage.screen());
    assert_eq!(stage.keys("gg17l").cursors(), [17, 16]);
    assert!(demo_view((80, 24)).keys("<").footer().starts_with("E: nothing is compared here"));
}

#[test]
fn equal_rows_are_folded_with_the_next_key() {
    let pair = Pair::new(&numbers(), &changed(&[3, 0x1000]));
    let mut stage = pair.view((160, 24));
    assert!(!stage.screen().contains("equal in both"), "{}", stage.screen());
    stage.keys("l");
    let screen = stage.screen();
    assert_eq!(screen.matches("* 3.96 KiB equal in both").count(), 4, "{screen}");
    assert_eq!(stage.keys("jjjj").cursors(), [0x1011, 0x1011]);
    assert_eq!(stage.keys("kkk").cursors(), [0x11, 0x11]);
    assert!(!stage.keys("z").screen().contains("equal in both"), "{}", stage.screen());
    assert!(stage.keys("z").screen().contains("equal in both"), "{}", stage.screen());
    // With a shift, the same rows are folded on both sides.
    let mut longer = b"xyz".to_vec();
    longer.extend(changed(&[3, 0x1000]));
    let mut stage = Pair::new(&numbers(), &longer).view((160, 24));
    stage.keys("3>l");
    let screen = stage.screen();
    assert_eq!(screen.matches("* 3.96 KiB equal in both").count(), 4, "{screen}");
    assert_eq!(stage.keys("jjjj").cursors(), [0x1011, 0x1014]);
    let mut stage = Pair::new(&numbers(), &numbers()).view((160, 24));
    assert!(stage.keys("l").screen().contains("* 7.98 KiB equal in both"), "{}", stage.screen());
}

#[test]
fn aligned_files_are_compared_around_what_was_inserted() {
    let old = b"name=alpha;size=4096;mode=rw;owner=root;group=wheel;time=1700000000;hash=9f1c;end;";
    let new = b"name=alpha;size=8192;mode=rw;owner=root;comment=kept by hand ok;group=wheel;time=1700000321;hash=9f1c;end;";
    let pair = Pair::new(old, new);
    let mut stage = pair.open((160, 24));
    stage.keys(&format!(":diff! {}\n", pair.path("new")));
    assert!(stage.screen().contains("aligned  3 ranges differ"), "{}", stage.screen());
    assert_eq!(stage.keys("]d").cursors(), [16, 16]);
    assert_eq!(stage.keys("]d").cursors(), [40, 40]);
    assert_eq!(stage.keys("]d").cursors(), [64, 88]);
    assert_eq!(stage.keys("[d[d\t").cursors(), [16, 16]);
    assert_eq!(stage.keys("2]d").cursors(), [64, 88]);
    stage.keys("[dC:set theme mono\n");
    insta::assert_snapshot!(stage.screen());
    stage.keys(">");
    assert!(stage.footer().contains("E: the files are aligned"), "{}", stage.footer());
    stage.keys(":diff\n");
    assert!(stage.screen().contains("same offsets"), "{}", stage.screen());
}
