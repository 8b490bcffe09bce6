//! Files that another program appends to while they are edited.

use std::fs::OpenOptions;
use std::io::Write;

use lazyhex::ExitReason;

use super::SECOND;
use super::saving::Edited;

/// Appends, and lets the view look at the file.
fn append(file: &Edited, view: &mut lazyhex::testing::Stage, bytes: &[u8]) {
    OpenOptions::new().append(true).open(&file.path).unwrap().write_all(bytes).unwrap();
    view.pass(SECOND * 2);
}

#[test]
fn what_was_appended_is_a_state_of_its_own() {
    let file = Edited::new();
    let mut view = file.view((80, 24));
    view.overwrite(0x12, &[0xb7]);
    append(&file, &mut view, b"tail");
    assert_eq!(view.footer(), "4 B more in the file: r shows them, F follows");
    assert_eq!(view.len(), 4096);
    view.keys("r");
    assert_eq!((view.len(), view.footer().as_str()), (4100, "+4 B; G goes to the end"));
    // It does not count as an edit, and undo can go back past it.
    assert!(view.screen().contains("[+] 1 edit "), "{}", view.screen());
    view.keys("C");
    assert!(view.screen().contains("grown"), "{}", view.screen());
    assert!(view.screen().contains("by another program"), "{}", view.screen());
    view.keys("Cu");
    assert_eq!(
        (view.len(), view.footer().as_str()),
        (4096, "undone: a longer file; 4096 bytes (-4)")
    );
    view.keys("u");
    assert_eq!((view.len(), view.screen().contains("[+]")), (4096, false));
    view.ctrl('r').ctrl('r');
    assert_eq!(view.len(), 4100);
    view.keys("Gr");
    assert!(view.footer().contains("read again; the edits are kept"), "{}", view.footer());
    view.keys(":w\n");
    assert!(view.screen().contains("1 range, 1 byte, written in place"), "{}", view.screen());
    view.keys("y");
    let saved = file.bytes();
    assert_eq!((saved.len(), saved[0x12], &saved[4096..]), (4100, 0xb7, &b"tail"[..]));
    view.keys("q");
    assert_eq!(view.exit(), Some(ExitReason::Quit));
}

#[test]
fn a_followed_file_grows_under_the_edits() {
    let file = Edited::new();
    let mut view = file.view((80, 24));
    view.keys("FG");
    append(&file, &mut view, b"one");
    assert_eq!((view.len(), view.at()), (4099, 4098), "it stays at the end");
    assert!(!view.screen().contains("[+]"), "{}", view.screen());
    view.overwrite(4097, b"X").keys("gg");
    append(&file, &mut view, b"two");
    assert_eq!((view.len(), view.footer().as_str()), (4102, "+3 B; G goes to the end"));
    view.keys(":w\ny");
    assert_eq!(&file.bytes()[4096..], b"oXetwo");
    append(&file, &mut view, b"!");
    assert_eq!(view.len(), 4103);
    // Nothing is left to decide.
    view.keys("q");
    assert_eq!(view.exit(), Some(ExitReason::Quit));
}

#[test]
fn edits_of_a_file_that_grew_outlive_the_program() {
    let file = Edited::new();
    let mut view = file.view((80, 24));
    view.keys("F");
    append(&file, &mut view, b"tail");
    // What was appended is in the file: that alone is not asked about.
    view.terminate();
    drop(view);
    let mut view = file.open((80, 24));
    assert!(!view.screen().contains("unsaved"), "{}", view.screen());
    view.keys(":edit on\nF");
    append(&file, &mut view, b"more");
    view.overwrite(4101, b"O").terminate();
    drop(view);
    let mut view = file.open((80, 24));
    assert!(view.screen().contains("lazyhex ended with 1 edit not saved"), "{}", view.screen());
    view.keys("\n");
    assert_eq!(view.len(), 4104);
    view.keys(":w\ny");
    assert_eq!(&file.bytes()[4096..], b"tailmOre");
}

#[test]
fn behind_what_was_appended_a_plan_says_that_it_is_cut_off() {
    let file = Edited::new();
    let mut view = file.view((80, 24));
    view.keys("F");
    append(&file, &mut view, b"tail");
    view.keys("u:w\n");
    assert!(view.screen().contains("the length becomes 4096"), "{}", view.screen());
    assert!(view.screen().contains("never looked at"), "{}", view.screen());
    view.keys("\x1b");
    assert_eq!(file.bytes().len(), 4100);
}
