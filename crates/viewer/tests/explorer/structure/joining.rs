//! The pane that joins others at the right by itself.

use lazyhex::testing::Stage;

use super::{gpt, ram, view};

/// The columns of the bytes.
fn bytes(view: &Stage) -> Vec<String> {
    let screen = view.screen();
    screen.lines().skip(1).take(20).map(|line| line.chars().take(78).collect()).collect()
}

fn held(size: (u16, u16), set: &str) -> Stage {
    let mut view = Stage::new(size);
    view.hold_all_jobs().open("disk", ram(&gpt::sample())).begin();
    view.keys(set);
    view
}

#[test]
fn the_tree_joins_the_inspector_and_no_byte_moves() {
    for height in [50, 24] {
        let mut view = held((160, height), "");
        let before = bytes(&view);
        assert!(!view.screen().contains(" structure"), "{}", view.screen());
        view.hold_jobs(false).settle();
        assert!(view.screen().contains("structure: gpt"), "{}", view.screen());
        assert!(view.screen().contains(" inspector @ 0x0"), "{}", view.screen());
        let after = bytes(&view);
        // Rows of zeros are folded meanwhile; the offset, the first row and the width stay.
        assert_eq!((&before[0], &before[1]), (&after[0], &after[1]));
        // The keyboard stays in the bytes, and T goes into the tree, then closes it.
        assert_eq!(view.keys("l").at(), 1);
        view.keys("Tj\n");
        assert_eq!(view.at(), 512, "{}", view.screen());
        view.keys("TT");
        assert!(view.screen().contains("structure: gpt"), "{}", view.screen());
        view.keys("T:format mbr\n");
        assert!(!view.screen().contains("structure: "), "once is enough: {}", view.screen());
    }
}

#[test]
fn it_does_not_join_where_it_would_take_room_from_bytes() {
    for (size, set) in
        [((159, 50), ""), ((120, 50), ""), ((80, 24), ""), ((160, 50), ":set inspector off\n")]
    {
        let mut view = held(size, set);
        view.hold_jobs(false).settle();
        assert!(view.screen().contains("GUID partition table"), "{}", view.screen());
        assert!(!view.screen().contains("structure: "), "{size:?} {set}: {}", view.screen());
    }
    // Nor where no format is recognised.
    let view = view(ram(&[0x5b; 500]), (160, 50));
    assert!(!view.screen().contains(" structure"), "{}", view.screen());
}
