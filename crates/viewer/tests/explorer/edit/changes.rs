//! The list of edits.

use super::*;

/// The screen without the times of day.
fn masked(view: &Stage) -> String {
    let mut screen = String::new();
    let mut chars = view.screen().chars().collect::<Vec<_>>();
    for at in 0..chars.len().saturating_sub(8) {
        let part: String = chars[at..at + 8].iter().collect();
        let is_time = part
            .chars()
            .enumerate()
            .all(|(i, c)| if i % 3 == 2 { c == ':' } else { c.is_ascii_digit() });
        if is_time {
            for (c, hidden) in chars[at..at + 8].iter_mut().zip("hh:mm:ss".chars()) {
                *c = hidden;
            }
        }
    }
    screen.extend(chars);
    screen
}

#[test]
fn edits_are_listed_and_lead_to_their_states() {
    let (_file, mut view) = edit_demo((80, 24));
    assert!(
        view.keys("C").screen().contains("no edits yet: R types over, i inserts"),
        "{}",
        view.screen()
    );
    view.keys("q:0x18\nRdead\x1b:0x12\nRb7\x1b:0x20\ni76322e31\x1b:0x40\n4xu:set theme mono\nC");
    insta::assert_snapshot!(masked(&view));
    // The one that is shown is chosen; the newest is the first.
    view.keys("j\n");
    assert_eq!(view.footer(), "state 2, 1 edit away; 8192 bytes");
    assert!(view.screen().contains("● 2"), "{}", view.screen());
    view.keys("gg\n");
    assert_eq!(view.footer(), "state 4, 2 edits away; 8192 bytes");
    view.keys("\n");
    assert_eq!(view.footer(), "this is the state that is shown");
    view.keys("G\n");
    assert_eq!((view.len(), view.footer()), (8192, "state 0, 4 edits away; 8192 bytes".to_owned()));
    assert!(!title(&view).contains("[+]"), "{}", title(&view));
    // An edit after that begins a branch, and the others stay.
    view.keys("q").keys("xC");
    assert!(
        view.screen().contains("changes: 5 edits") && view.screen().contains("● 5"),
        "{}",
        view.screen()
    );
    view.keys("j\n");
    assert_eq!((view.len(), view.footer()), (8192, "state 4, 5 edits away; 8192 bytes".to_owned()));
    // Undo works there, too.
    view.keys("u");
    assert!(view.screen().contains("● 3"), "{}", view.screen());
    assert_eq!(view.len(), 8196);
}

#[test]
fn without_edits_the_list_says_how_to_allow_them() {
    let file = OnDisk::new(&demo());
    let mut view = file.view((80, 24));
    let said = "no edits yet: lazyhex -w or :edit on allows them";
    assert!(view.keys("C").screen().contains(said), "{}", view.screen());
}

#[test]
fn the_wide_screen_has_the_list_beside_the_bytes() {
    let (_file, mut view) = edit_demo((160, 50));
    view.keys(":set theme mono\n:0x18\nRdead\x1b:0x20\ni76322e31\x1b:s/00 00 00 00/ff/\nuC");
    insta::assert_snapshot!(masked(&view));
}
