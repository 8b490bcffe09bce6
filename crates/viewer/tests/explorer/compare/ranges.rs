//! Two ranges of one file side by side.

use super::{Pair, changed};

/// 4 KiB, and the same again with two bytes changed.
fn twice() -> Vec<u8> {
    let bytes = changed(&[]);
    let mut again = bytes[..0x1000].to_vec();
    again.extend(&bytes[..0x1000]);
    again[0x1003] ^= 0xff;
    again[0x1800] ^= 0xff;
    again.extend([7; 0x100]);
    again
}

#[test]
fn a_range_is_compared_with_as_many_bytes_from_the_cursor_on() {
    let mut stage = Pair::new(&twice(), b"").open((160, 24));
    stage.keys(":diff 0x1000..0x2000\n");
    let title = "old  0x0..0x1000 ↔ 0x1000..0x2000  2 ranges differ, 2 B ";
    assert!(stage.screen().contains(title), "{}", stage.screen());
    assert_eq!((stage.open_count(), stage.cursors()), ((1, 2), vec![0, 0x1000]));
    assert_eq!(stage.keys("]d").cursors(), [3, 0x1003]);
    assert_eq!(stage.keys("]d").cursors(), [0x800, 0x1800]);
    assert!(stage.keys("]d").footer().starts_with("E: there is no next difference"));
    // Outside of the ranges nothing is marked, and no row is folded.
    let screen = stage.keys("=gg\tG").screen();
    let mut outside = screen.lines().filter(|line| line.starts_with("\"00001"));
    assert!(outside.clone().count() > 5 && outside.all(|line| !line.contains('≠')), "{screen}");
    assert!(!screen.contains("00002010  *"), "{screen}");
    assert_eq!(stage.keys("q").open_count(), (1, 1));
}

#[test]
fn a_selection_is_compared_with_a_range() {
    let mut stage = Pair::new(&twice(), b"").open((160, 24));
    stage.keys("4lv3l:diff 0x1004..0x1008\n");
    assert!(stage.screen().contains("no differences: the ranges are equal"), "{}", stage.screen());
    assert_eq!(stage.cursors(), [4, 0x1004]);
    let screen = stage.keys("C").screen();
    assert!(screen.contains("no differences: the ranges are equal (4 B compared)"), "{screen}");
    // Other lengths, shifts and what cannot be done with ranges.
    stage.keys("qv9l:diff 0x1004..0x1008\n");
    assert!(stage.screen().contains("1 range differs, 6 B "), "{}", stage.screen());
    assert!(
        stage.keys(">").screen().contains("shift +1  2 ranges differ, 10 B "),
        "{}",
        stage.screen()
    );
    stage.keys(":diff!\n");
    assert!(stage.footer().starts_with("E: two ranges are compared"), "{}", stage.footer());
    stage.keys(":patch a.bps\n");
    assert!(stage.screen().contains("two ranges are compared, and a patch"), "{}", stage.screen());
    stage.keys("\x1b\x1b");
}

#[test]
fn a_range_that_is_none_is_said_and_a_file_name_is_none() {
    let pair = Pair::new(&twice(), b"abc");
    let mut stage = pair.open((160, 24));
    stage.keys(":diff 0x9000..0xa000\n");
    assert!(stage.screen().contains("the range is empty, or beyond"), "{}", stage.screen());
    stage.keys("\x1b\x1b");
    let directory = pair.0.path();
    let path = directory.join("..").join(directory.file_name().unwrap()).join("new");
    stage.keys(&format!(":diff {}\n", path.display()));
    assert_eq!(stage.open_count(), (2, 2), "{}", stage.screen());
}
