//! Two files side by side, aligned around what was inserted and deleted.

use lazyhex::testing::Stage;
use proptest::prelude::*;
use ratatui::style::Modifier;

use super::{Pair, numbers};

impl Pair {
    fn aligned(&self, size: (u16, u16)) -> Stage {
        let mut stage = self.open(size);
        stage.keys(&format!(":diff! {}\n", self.path("new")));
        stage
    }
}

const CONF_OLD: &[u8] =
    b"name=alpha;size=4096;mode=rw;owner=root;group=wheel;time=1700000000;hash=9f1c;end;";
const CONF_NEW: &[u8] = b"name=alpha;size=8192;mode=rw;owner=root;comment=kept by hand ok;\
group=wheel;time=1700000321;hash=9f1c;end;";

/// The numbers, with these bytes inserted.
fn inserted(at: usize, bytes: &[u8]) -> Vec<u8> {
    let numbers = numbers();
    [&numbers[..at], bytes, &numbers[at..]].concat()
}

/// The digits of the rows on the screen, of the left or the right view.
fn digits(stage: &Stage, left: usize) -> Vec<Vec<String>> {
    let screen = stage.screen();
    let rows = screen.lines().skip(2).take(usize::from(stage.buffer().area.height) - 7);
    let of_row = |line: &str| {
        let text: String = line.chars().skip(1 + left + 10).take(48).collect();
        text.split_whitespace().map(str::to_owned).collect()
    };
    rows.map(of_row).collect()
}

#[test]
fn aligned_files_are_compared_around_what_was_inserted() {
    let pair = Pair::new(CONF_OLD, CONF_NEW);
    let mut stage = pair.aligned((160, 24));
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

#[test]
fn rows_that_one_side_has_are_one_row_and_passed_over_by_the_other() {
    let pair = Pair::new(&numbers(), &inserted(0x85, &[0xee; 4000]));
    let mut stage = pair.aligned((160, 24));
    let screen = stage.screen();
    assert_eq!(screen.matches("* 3.89 KiB only in new").count(), 2, "{screen}");
    insta::assert_snapshot!(screen);
    // Of the first file nothing is in the fold, so that its cursor passes over it.
    assert_eq!(stage.keys("]d").cursors(), [0x85, 0x85]);
    stage.keys("gg8j");
    let mut way = Vec::new();
    for _ in 0..3 {
        way.push(stage.keys("j").at());
    }
    let mut back = Vec::new();
    for _ in 0..3 {
        back.push(stage.keys("k").at());
    }
    back.reverse();
    assert_eq!(way[..2], back[1..]);
    assert!(way.windows(2).all(|pair| pair[0] < pair[1]), "{way:x?}");
    // The second one has bytes in it.
    stage.keys("\tgg9j");
    assert_eq!(stage.cursors(), [0x85, 0x90]);
    assert!(stage.screen().contains("ee | --"), "{}", stage.screen());
    // Without folds the rows are shown: equal bytes stand beside each other, and nothing beside what is new.
    stage.keys("z");
    let (left, right) = (digits(&stage, 0), digits(&stage, 80));
    for (one, two) in left.iter().zip(&right) {
        assert_eq!(one.len(), two.len(), "{}", stage.screen());
        for (one, two) in one.iter().zip(two) {
            assert!(one == two || one == "--" && two == "ee", "{}", stage.screen());
        }
    }
    assert!(left.iter().flatten().any(|it| it == "--"));
    assert_eq!(stage.keys("G").cursors(), [0x1fff, 0x1fff + 4000]);
    assert!(stage.keys("z").screen().contains("equal in both"), "{}", stage.screen());
}

#[test]
fn what_is_not_aligned_yet_is_dim_and_has_no_marks() {
    let pair = Pair::new(CONF_OLD, CONF_NEW);
    let mut stage = pair.open((160, 24));
    stage.hold_jobs(true).keys(&format!(":diff! {}\n", pair.path("new")));
    stage.finish(stage.job());
    let screen = stage.screen();
    assert!(screen.contains("old ↔ new  aligning 0 % "), "{screen}");
    assert!(!screen.contains('≠') && !screen.contains(" -- "), "{screen}");
    for x in [13, 93] {
        assert!(stage.buffer()[(x, 3)].modifier.contains(Modifier::DIM));
    }
    // The row of the cursor stays where it is when the rows change.
    stage.keys("4j");
    stage.hold_jobs(false).settle();
    assert!(stage.screen().contains("aligned  3 ranges differ"), "{}", stage.screen());
    let place = |stage: &Stage| {
        let lines: Vec<_> = stage.screen().lines().map(str::to_owned).collect();
        lines.iter().position(|line| line.contains("\"00000038"))
    };
    assert_eq!((stage.at(), place(&stage)), (64, Some(7)));
    // Stopped, it says so.
    stage.hold_jobs(true).keys("r");
    stage.finish(stage.job());
    stage.ctrl('c').hold_jobs(false).settle();
    assert!(stage.screen().contains("old ↔ new  not aligned"), "{}", stage.screen());
}

#[test]
fn views_that_are_apart_scroll_on_their_own() {
    let pair = Pair::new(&numbers(), &inserted(0x105, &[0xee; 100]));
    let mut stage = pair.aligned((160, 24));
    stage.keys("z=G");
    assert_eq!(stage.cursors(), [0x1fff, 0]);
    assert!(stage.screen().contains("│00000000"), "{}", stage.screen());
    stage.keys("\t]d=");
    assert_eq!(stage.cursors(), [0x105, 0x105]);
    // A click means the byte that is drawn there, on each side.
    assert_eq!(stage.keys("\tgg").mouse_down(22, 18).mouse_up().at(), 0x104);
    assert_eq!(stage.mouse_down(28, 18).mouse_up().at(), 0x104);
    assert_eq!(stage.mouse_down(108, 18).mouse_up().at(), 0x106);
    // The wheel moves both.
    let row = |stage: &Stage, y| [0, 80].map(|left| digits(stage, left).swap_remove(y));
    let before = row(&stage, 3);
    stage.scroll(1);
    assert_eq!(row(&stage, 0), before);
}

#[test]
fn a_file_beside_an_empty_one_is_all_new() {
    let mut stage = Pair::new(b"", b"abc").aligned((160, 24));
    assert!(stage.screen().contains("aligned  1 range differs, 3 B"), "{}", stage.screen());
    assert_eq!(stage.keys("]djkG").cursors(), [0, 0]);
    assert_eq!(digits(&stage, 80)[0], ["61", "62", "63"]);
}

fn stretches() -> impl Strategy<Value = Vec<(u16, u8, u8)>> {
    prop::collection::vec((32..300_u16, 0..70_u8, 0..70_u8), 1..5)
}

/// Keys that move, scroll and change what is compared.
const KEYS: [&str; 24] = [
    "j", "k", "9j", "9k", "h", "l", "0", "$", "G", "gg", "\t", "=", "z", "C", "M", "]d", "[d",
    "3]d", "vl", "\x1b", ":diff\n", ":diff!\n", "\n", "r",
];

/// Two files that share these stretches, and differ between them.
fn two_files(stretches: Vec<(u16, u8, u8)>) -> (Vec<u8>, Vec<u8>) {
    let mut numbers = numbers().into_iter();
    let (mut old, mut new) = (Vec::new(), Vec::new());
    for (equal, only_old, only_new) in stretches {
        let equal: Vec<u8> = numbers.by_ref().take(equal.into()).collect();
        old.extend(&equal);
        new.extend(&equal);
        old.extend(numbers.by_ref().take(only_old.into()));
        new.extend(numbers.by_ref().take(only_new.into()));
    }
    (old, new)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn the_rows_on_the_screen_are_both_files_and_nothing_else(stretches in stretches()) {
        let (old, new) = two_files(stretches);
        let pair = Pair::new(&old, &new);
        let mut stage = pair.aligned((160, 200));
        stage.keys("z");
        let bytes = |left| -> Vec<u8> {
            let rows = digits(&stage, left).concat().into_iter();
            let cells = rows.filter(|it| it != "--");
            cells.map(|it| u8::from_str_radix(&it, 16).unwrap()).collect()
        };
        prop_assert_eq!(bytes(0), old);
        prop_assert_eq!(bytes(80), new);
    }

    #[test]
    fn no_keys_leave_the_cursors_outside_of_their_files(
        stretches in stretches(),
        keys in prop::collection::vec(0..KEYS.len(), 1..40),
        sizes in prop::collection::vec((20..170_u16, 4..40_u16), 1..4),
    ) {
        let (old, new) = two_files(stretches);
        let pair = Pair::new(&old, &new);
        let mut stage = pair.aligned((160, 24));
        for (at, key) in keys.into_iter().enumerate() {
            if at % 10 == 9 {
                let (width, height) = sizes[at / 10 % sizes.len()];
                stage.resize(width, height);
            }
            stage.keys(KEYS[key]).scroll(if at % 3 == 0 { 1 } else { -1 });
            for (cursor, len) in stage.cursors().into_iter().zip([old.len(), new.len()]) {
                prop_assert!(cursor < u64::try_from(len).unwrap());
            }
            if stage.open_count().1 < 2 {
                stage.keys(&format!("\x1b\x1b:diff! {}\n", pair.path("new")));
            }
        }
    }
}
