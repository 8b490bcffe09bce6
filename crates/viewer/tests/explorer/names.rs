//! Lines that refer to file names or to bytes not read yet; and mouse ownership.

use std::fs;

use super::demo_view;

#[test]
fn names_of_files_are_completed_as_commands_are() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["log.1", "log.2"] {
        fs::write(dir.path().join(name), b"").unwrap();
    }
    fs::create_dir(dir.path().join("logs")).unwrap();
    fs::create_dir(dir.path().join("new place")).unwrap();
    let at = dir.path().display();
    let mut view = demo_view((160, 24));
    view.keys(&format!(":tab {at}/lo\t"));
    assert_eq!(view.footer(), format!(":tab {at}/log"));
    let screen = view.screen();
    assert!(screen.contains("── files ──"), "{screen}");
    for name in ["log.1", "log.2", "logs/"] {
        assert!(screen.contains(&format!("\"   :tab {at}/{name} ")), "{screen}");
    }
    view.keys("\t\t");
    assert!(view.footer().starts_with(&format!(":tab {at}/log.2")), "{}", view.footer());
    // A late answer for another text is ignored.
    view.keys("\x1b").hold_jobs(true).keys(&format!(":write {at}/lo\t\x1b:write {at}/new"));
    view.hold_jobs(false).settle();
    assert!(view.footer().starts_with(&format!(":write {at}/new")), "{}", view.footer());
    view.keys("\t");
    assert!(view.footer().starts_with(&format!(":write {at}/new place/")), "{}", view.footer());
    view.hold_jobs(true).keys("\x1b:tab ").keys(&format!("{at}/l\t\x1b"));
    view.hold_jobs(false).settle();
    assert!(!view.footer().contains("log"), "{}", view.footer());
}

#[test]
fn the_mouse_is_given_back_to_the_terminal() {
    let mut view = demo_view((80, 24));
    view.keys(":set mouse off\n:set mouse\n");
    assert_eq!(view.mouse(), [false]);
    assert_eq!(view.footer(), "mouse is off");
}

#[test]
fn a_place_may_be_what_stands_at_another_place() {
    let mut view = demo_view((80, 24));
    // The value at offset 12 is 977: 0x3d1.
    assert_eq!(view.keys(":$\n:@u32(12)\n").at(), 0x3d1);
    view.keys(":@u16(8 + 4)-1");
    assert!(view.footer().contains("\u{2192} 0x3d0 = 976"), "{}", view.footer());
    // Enter is pressed before the bytes are read.
    view.keys("\x1b:$\n:").hold_reads().keys("@u32(0x10)\n");
    assert_eq!(view.at(), 8191);
    view.release_reads();
    assert_eq!(view.at(), 3908);
    // Keys after that Enter apply at the new position; Esc cancels them.
    for (keys, at) in [("@u32(0x10)\nll", 3910), ("@u32(0x10)\nl\x1b", 8191)] {
        view.keys(":$\n:").hold_reads().keys(keys).release_reads();
        assert_eq!(view.at(), at, "{keys:?}");
    }
    assert_eq!(view.keys(":mark q @u8(12)+@u8(13)*256\n'q").at(), 0x3d1);
    view.keys(":type u1 offset=@u16(12)\n");
    assert!(view.screen().contains("@0x3d1"), "{}", view.screen());
    assert!(view.keys(":@u32(0x2000)\n").footer().contains("there is no u32 at 0x2000"));
}
