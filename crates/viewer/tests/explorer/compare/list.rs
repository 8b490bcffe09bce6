//! The list of differences.

use std::fs;
use std::io::ErrorKind;

use lazyhex::testing::Stage;
use memmap::Map;
use memmap_core::testing::{Fake, Fault};

use super::{Pair, changed, demo_view, numbers};

#[test]
fn the_list_has_both_sides_and_leads_there() {
    let pair = Pair::new(&numbers(), &changed(&[3, 4, 0x20, 0x1000])[..8000]);
    let mut stage = pair.view((160, 24));
    stage.keys("C");
    insta::assert_snapshot!(stage.screen());
    assert_eq!(stage.keys("jj\n").at(), 0x1000);
    // It is below both files, and stays there. It belongs to the first one.
    assert_eq!(stage.keys("Gk\n").cursors(), [0x1000, 0x1000]);
    stage.keys("Gy");
    assert_eq!(
        stage.copies(),
        ["0x00000003  2  00 b1 → ff 4e\n\
        0x00000020  1  88 → 77\n\
        0x00001000  1  00 → ff\n\
        0x00001f40  192  only in old  d0 b6 66 11 81 30 9e af …\n"]
    );
    stage.keys(":copy row\n");
    assert_eq!(stage.copies(), ["0x00001f40  0x00001f40  192 → 0"]);
    stage.keys("\x1b");
    assert!(stage.screen().contains("── differences: 4 ──"), "{}", stage.screen());
    assert!(!stage.keys("C").screen().contains("differences: 4"), "{}", stage.screen());
    // From the second file it opens, too, and a click chooses a line.
    assert!(stage.keys("\tC").screen().contains("   differences: 4  "), "{}", stage.screen());
    assert_eq!(stage.mouse_down(120, 18).mouse_up().keys("\n").at(), 0x20);
    let mut equal = Pair::new(&numbers(), &numbers()).view((160, 24));
    let screen = equal.keys("C").screen();
    assert!(screen.contains("no differences: the files are equal (8.00 KiB compared)"), "{screen}");
    let screen = demo_view((80, 24)).keys("C").screen();
    assert!(screen.contains("no edits yet"), "{screen}");
}

#[test]
fn what_was_not_compared_says_why() {
    let pair = Pair::new(b"", &changed(&[3]));
    let fake = Fake::new(&numbers()).with(Fault::Read { at: 0x1800, kind: ErrorKind::TimedOut });
    let mut stage = Stage::new((160, 24));
    stage.open("old", Map::from_mapping(fake).erase()).begin();
    stage.keys(&format!(":diff {}\nC", pair.path("new")));
    let screen = stage.screen();
    assert!(screen.contains("1 range differs, 1 B, 1 not compared"), "{screen}");
    assert!(screen.contains("?? timed out in old: not compared"), "{screen}");
}

#[test]
fn differences_are_written_as_a_patch() {
    let mut longer = changed(&[3, 4]);
    longer.splice(0x100..0x100, [1, 2, 3]);
    let pair = Pair::new(&numbers(), &longer);
    for how in ["", "!"] {
        let mut stage = pair.open((160, 24));
        stage.keys(&format!(":diff{how} {}\n", pair.path("new")));
        let path = pair.path(&format!("patch{}.bps", how.len()));
        stage.keys(&format!(":patch {path}\n"));
        assert!(stage.screen().contains("Write a BPS patch to a new file? Enter"));
        stage.keys("\n");
        assert!(stage.footer().contains("BPS patch of "), "{}", stage.footer());
        assert!(fs::read(&path).unwrap().starts_with(b"BPS1"));
        stage.keys(&format!(":patch {path}\n\n"));
        assert!(stage.footer().starts_with("E: write a BPS patch"), "{}", stage.footer());
        assert!(
            stage.keys(":messages\n").screen().contains("only new files"),
            "{}",
            stage.screen()
        );
        // From the second view, the patch is of the same two files.
        let other = pair.path(&format!("other{}.bps", how.len()));
        stage.keys(&format!("\t:patch {other}\n\n"));
        assert!(fs::read(&path).unwrap() == fs::read(&other).unwrap());
    }
    let mut stage = pair.view((160, 24));
    stage.keys(":patch here\n");
    assert!(stage.footer().contains("does not say which format of patches"), "{}", stage.footer());
    let mut alone = pair.open((80, 24));
    alone.keys(":patch a.bps\n");
    assert!(alone.footer().contains("nothing is compared here"), "{}", alone.footer());
    alone.keys("\x1b");
}

/// A capture without packets, and with bytes after its header.
fn capture(version: u8) -> Vec<u8> {
    let mut bytes = 0xa1b2_c3d4_u32.to_le_bytes().to_vec();
    bytes.extend([version, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0]);
    bytes
}

#[test]
fn the_list_names_the_field_of_a_difference() {
    let pair = Pair::new(&capture(2), &capture(3));
    for size in [(160, 24), (80, 24)] {
        let mut stage = pair.view(size);
        let screen = stage.keys("C").screen();
        assert!(screen.contains("02 → 03"), "{screen}");
        assert!(screen.contains("pcap › header › version_major"), "{screen}");
    }
}
