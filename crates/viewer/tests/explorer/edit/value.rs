//! Values of the inspector.

use super::*;

/// The inspector, with the row of this name chosen.
fn at_row(view: &mut Stage, name: &str) {
    view.keys("gg");
    let rows = [
        "u8", "i8", "bits", "u16", "i16", "u32", "i32", "u64", "i64", "u128", "i128", "f16",
        "bf16", "f32",
    ];
    let line = rows.iter().position(|row| *row == name).unwrap();
    view.keys(&"j".repeat(line));
}

#[test]
fn enter_edits_a_value_in_its_own_notation() {
    let (_file, mut view) = edit_demo((160, 50));
    view.keys(":set theme mono\n:0xc\n\t");
    assert!(
        view.footer().starts_with("↑↓ choose  Enter edits the value  y copies it"),
        "{}",
        view.footer()
    );
    at_row(&mut view, "u16");
    view.keys("\n");
    assert!(status(&view).starts_with("EDIT VALUE  0xc = 12"), "{}", status(&view));
    assert_eq!(view.footer(), "u16 LE at 0xc: 977  d1 03 → d1 03");
    view.ctrl('u');
    assert_eq!(view.keys("1024").footer(), "u16 LE at 0xc: 1024  d1 03 → 00 04");
    assert!(
        title(&view).contains("8192 bytes") && !title(&view).contains("[+]"),
        "not before Enter"
    );
    view.keys("\n");
    assert_eq!(view.footer(), "u16 at 0xc is 1024; u undoes");
    assert_eq!(row(&view, "00000000")[46..58], *"<00 04>00 00");
    // The keyboard stays in the inspector, where u undoes.
    view.keys("u");
    assert_eq!(row(&view, "00000000")[47..52], *"d1 03");
    view.keys("\n").ctrl('u');
    assert_eq!(view.keys("4K+2").footer(), "u16 LE at 0xc: 4K+2  d1 03 → 02 10");
    view.keys("\x1b");
    assert_eq!(row(&view, "00000000")[47..52], *"d1 03");
    // In the other order.
    view.keys("e\n").ctrl('u');
    assert_eq!(view.keys("0x400").footer(), "u16 BE at 0xc: 0x400  d1 03 → 04 00");
    view.keys("\x1be");
    at_row(&mut view, "f32");
    view.keys("\n").ctrl('u');
    assert_eq!(view.keys("1.5").footer(), "f32 LE at 0xc: 1.5  d1 03 00 00 → 00 00 c0 3f");
    view.keys("\n");
    assert_eq!(row(&view, "00000000")[46..59], *"<00 00 c0 3f>");
    // y copies in both.
    assert_eq!(view.keys("y").copies(), ["1.5"]);
}

#[test]
fn what_is_no_value_is_refused_with_the_reason_and_stays_to_be_mended() {
    let (_file, mut view) = edit_demo((160, 50));
    view.keys("\t");
    at_row(&mut view, "u8");
    view.keys("\n").ctrl('u');
    assert_eq!(view.keys("300").footer(), "u8 at 0x0: 300  300 does not fit in u8");
    view.keys("\n");
    assert!(view.footer().contains("E: 300 does not fit in u8"), "{}", view.footer());
    view.press(KeyCode::Backspace).keys("\n");
    assert_eq!(view.footer(), "u8 at 0x0 is 30; u undoes");
    view.keys("\x1bG\t");
    at_row(&mut view, "u32");
    view.keys("\n1\n");
    assert!(view.footer().contains("E: the file ends before the value does"), "{}", view.footer());
    // The line is not one of the history of commands.
    view.keys("\x1b\x1b:").press(KeyCode::Up);
    assert!(!view.footer().contains("300"), "{}", view.footer());
}

#[test]
fn on_a_file_that_is_read_only_enter_copies() {
    let file = OnDisk::new(&demo());
    let mut view = file.view((160, 50));
    assert_eq!(view.keys("\t\n").copies(), ["147"]);
    assert!(view.footer().contains("copied"), "{}", view.footer());
}
