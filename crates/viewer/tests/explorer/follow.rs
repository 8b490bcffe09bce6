//! Files that change while they are viewed.

use std::fs;
use std::time::Duration;

use lazyhex::testing::Stage;
use memmap::RamMap;
use ratatui::style::Modifier;

use super::OnDisk;

/// Overwrites the file, and advances the clock by tenths of a second.
fn look(file: &OnDisk, view: &mut Stage, bytes: &[u8], tenths: u64) -> bool {
    let is_written = file.write(bytes);
    view.pass(Duration::from_millis(100 * tenths));
    is_written
}

fn underlined(view: &Stage) -> String {
    let cells = view.buffer().content.iter();
    let marked = cells.filter(|it| it.modifier.contains(Modifier::UNDERLINED));
    marked.map(ratatui::buffer::Cell::symbol).collect()
}

fn counted(len: usize) -> Vec<u8> {
    (0..len).map(|n| (n % 251).to_le_bytes()[0]).collect()
}

#[test]
fn at_the_end_it_stays_at_the_end_and_elsewhere_it_says_what_came() {
    let file = OnDisk::new(&counted(1000));
    let mut view = file.view((80, 24));
    assert!(view.keys("F").footer().starts_with("following;"), "{}", view.footer());
    assert!(view.screen().contains("followed"), "{}", view.screen());
    view.keys("G");
    // No poll before it is due.
    look(&file, &mut view, &counted(3000), 1);
    assert_eq!(view.at(), 999);
    look(&file, &mut view, &counted(3000), 2);
    assert_eq!(view.at(), 2999);
    assert!(view.screen().contains("00000bb0"), "{}", view.screen());
    view.keys("k");
    look(&file, &mut view, &counted(4024), 3);
    assert_eq!((view.at(), view.footer().as_str()), (2983, "+1.00 KiB; G goes to the end"));
    look(&file, &mut view, &counted(5048), 3);
    assert_eq!(view.footer(), "+2.00 KiB; G goes to the end");
    view.keys("h");
    look(&file, &mut view, &counted(5049), 3);
    assert_eq!(view.footer(), "+1 B; G goes to the end");
    assert_eq!(underlined(&view), "");
    assert!(view.keys("F").footer().starts_with("no longer followed"), "{}", view.footer());
    look(&file, &mut view, &counted(6000), 100);
    assert_eq!(view.len(), 5049);
}

#[test]
fn what_is_cut_off_is_said_and_the_cursor_stays_within() {
    let file = OnDisk::new(&counted(5000));
    let mut view = file.view((80, 24));
    view.keys(":follow\nG");
    if !look(&file, &mut view, &counted(2048), 3) {
        return;
    }
    assert_eq!((view.at(), view.footer().as_str()), (2047, "E: file cut to 2.00 KiB"));
    look(&file, &mut view, &[], 3);
    assert_eq!((view.at(), view.footer().as_str()), (0, "E: file cut to 0 B"));
    look(&file, &mut view, &counted(10), 3);
    assert!(!view.footer().contains("file cut"), "{}", view.footer());
    assert_eq!(view.at(), 9, "an empty file is at its end");
}

#[test]
fn a_look_at_the_file_says_what_came_and_what_was_cut_off() {
    let file = OnDisk::new(&counted(5000));
    let mut view = file.view((80, 24));
    view.keys("G");
    if !file.write(&counted(2048)) {
        return;
    }
    view.keys("r");
    assert_eq!((view.at(), view.footer().as_str()), (2047, "E: file cut to 2.00 KiB"));
    assert!(file.write(&counted(4096)));
    view.keys("r");
    assert_eq!((view.at(), view.footer().as_str()), (2047, "+2.00 KiB; G goes to the end"));
    view.pass(Duration::from_secs(2)).keys("r");
    assert!(view.footer().contains("search"), "{}", view.footer());
}

#[test]
fn bytes_that_become_others_are_underlined_for_two_seconds() {
    let mut bytes = counted(1000);
    let file = OnDisk::new(&bytes);
    let mut view = file.view((80, 24));
    view.keys("F");
    look(&file, &mut view, &bytes, 10);
    assert_eq!(underlined(&view), "");
    bytes[0x41] = b'x';
    bytes[999] = b'y';
    look(&file, &mut view, &bytes, 3);
    assert_eq!(underlined(&view), "78x", "the other one is not on the screen");
    look(&file, &mut view, &bytes, 19);
    assert_eq!(underlined(&view), "78x");
    look(&file, &mut view, &bytes, 3);
    assert_eq!(underlined(&view), "");
    view.keys(":type u1\n");
    bytes[0] = 200;
    look(&file, &mut view, &bytes, 3);
    assert!(underlined(&view).contains("200"), "{:?}", underlined(&view));
}

#[test]
fn rows_that_are_folded_open_where_one_of_them_changes() {
    let mut bytes = vec![0; 4096];
    let file = OnDisk::new(&bytes);
    let mut view = file.view((80, 24));
    assert!(view.screen().contains("* 3.98 KiB of zeros"), "{}", view.screen());
    bytes[3] = 7;
    view.keys("F");
    look(&file, &mut view, &bytes, 3);
    assert!(view.screen().contains("00 00 00 07"), "{}", view.screen());
    assert!(view.screen().contains("* 3.96 KiB of zeros"), "{}", view.screen());
    bytes.extend([0; 4096]);
    look(&file, &mut view, &bytes, 3);
    assert!(view.screen().contains("* 7.96 KiB of zeros"), "{}", view.screen());
}

#[test]
fn another_file_under_the_name_is_another_generation() {
    let file = OnDisk::new(&counted(100));
    let mut view = file.view((80, 24));
    view.keys("F");
    let other = file.path.with_extension("other");
    fs::write(&other, counted(50)).unwrap();
    if cfg!(windows) {
        return; // a file that is mapped cannot be replaced
    }
    fs::rename(&other, &file.path).unwrap();
    view.pass(Duration::from_secs(1));
    assert!(view.screen().contains("demo.bin (generation 2)"), "{}", view.screen());
    assert_eq!((view.len(), view.footer().contains("number 2")), (50, true));
    fs::remove_file(&file.path).unwrap();
    view.pass(Duration::from_secs(1));
    assert!(view.footer().ends_with("; showing the file as it was opened"), "{}", view.footer());
    view.pass(Duration::from_secs(2)).keys("j").pass(Duration::from_secs(1));
    assert!(!view.footer().contains("what is shown"), "it is said once");
    let mut memory = super::view(RamMap::from_reader(&b"x"[..]).unwrap().erase(), (80, 24));
    assert!(memory.keys("F").footer().contains("there is no file to follow"));
}

#[test]
fn both_views_of_a_file_see_that_it_changes() {
    let file = OnDisk::new(&counted(1000));
    let mut view = file.view((160, 24));
    view.keys("|G\tF");
    if !look(&file, &mut view, &counted(500), 3) {
        return;
    }
    assert_eq!(view.cursors(), [0, 499]);
    assert_eq!(view.screen().matches("500 bytes").count(), 2, "{}", view.screen());
    look(&file, &mut view, &counted(600), 3);
    assert_eq!(view.cursors(), [0, 599], "the one at the end stays there");
}

/// Overwrites the file, with a modification time this much later.
fn rewrite(file: &OnDisk, bytes: &[u8], seconds: u64) -> bool {
    let is_written = file.write(bytes);
    let later = std::time::SystemTime::now() + Duration::from_secs(seconds);
    fs::File::options().write(true).open(&file.path).unwrap().set_modified(later).unwrap();
    is_written
}

#[test]
fn a_file_that_is_cut_is_seen_within_a_second_without_a_key() {
    let file = OnDisk::new(&counted(5000));
    let mut view = file.view((80, 24));
    view.keys("ma:1024\nmb:4000\nmc");
    if !file.write(&counted(1024)) {
        return;
    }
    view.pass(Duration::from_secs(1));
    let said = "E: file cut to 1.00 KiB: 2 marks are beyond its end";
    assert_eq!((view.len(), view.at(), view.footer().as_str()), (1024, 1023, said));
    assert!(view.screen().contains("1024 bytes"), "{}", view.screen());
    assert!(!view.screen().contains("00000400"), "{}", view.screen());
    view.keys("B");
    assert!(view.screen().contains("b  0x400  beyond the end"), "{}", view.screen());
}

#[test]
fn a_file_that_is_cut_fills_the_screen_and_nothing_beyond_its_end_counts() {
    let file = OnDisk::new(&counted(18_000));
    let mut view = file.view((80, 24));
    view.keys("G");
    if !file.write(&counted(8980)) {
        return;
    }
    // What is read before the cut is noticed is unreadable, and folded.
    view.press(crossterm::event::KeyCode::PageUp);
    assert!(view.screen().contains("more bytes: the file was cut short"), "{}", view.screen());
    view.pass(Duration::from_secs(1));
    assert_eq!((view.len(), view.at()), (8980, 8979));
    assert!(!view.screen().contains("unreadable"), "{}", view.screen());
    let rows = view.screen();
    let offsets = rows.lines().filter(|row| row.starts_with("\"0000")).count();
    assert_eq!(offsets, 17, "{rows}");
    // What is written beyond the old end can be read.
    assert!(file.write(&counted(18_000)));
    view.pass(Duration::from_secs(1)).keys("G");
    assert!(!view.screen().contains("unreadable"), "{}", view.screen());
}

#[test]
fn a_file_that_changes_is_seen_with_a_key_and_when_the_user_comes_back() {
    let file = OnDisk::new(&counted(5000));
    for is_key in [true, false] {
        assert!(rewrite(&file, &counted(5000), 100) || cfg!(windows));
        let mut view = file.view((80, 24));
        view.pass(Duration::from_millis(300));
        let mut bytes = counted(5000);
        bytes[0] = 0xfe;
        assert!(rewrite(&file, &bytes, 200) || cfg!(windows));
        if is_key {
            view.keys("j")
        } else {
            view.focus()
        };
        assert_eq!(view.footer(), "file changed on disk; the visible bytes were read again");
        assert!(view.screen().contains("00000000  fe 01"), "{}", view.screen());
        // The message is shown once, and bytes not on the screen are read again.
        bytes[4999] = 0xfd;
        assert!(rewrite(&file, &bytes, 300) || cfg!(windows));
        view.pass(Duration::from_secs(1)).keys("G");
        assert!(view.screen().contains(" fd "), "{}", view.screen());
    }
}

#[test]
fn a_fold_does_not_hide_what_was_written_into_it() {
    let file = OnDisk::new(&[0; 8192]);
    let mut view = file.view((80, 24));
    assert!(view.screen().contains("* 7.98 KiB"), "{}", view.screen());
    let mut bytes = vec![0; 8192];
    bytes[0x1005] = 7;
    assert!(rewrite(&file, &bytes, 100) || cfg!(windows));
    view.pass(Duration::from_secs(1));
    assert!(view.screen().contains("00 00 00 00 00 07"), "{}", view.screen());
}

#[test]
fn what_was_found_before_a_file_changed_is_said_to_be_old() {
    let file = OnDisk::new(&counted(5000));
    let mut view = file.view((80, 24));
    view.keys("/p\n");
    assert!(rewrite(&file, &counted(5000), 100) || cfg!(windows));
    view.pass(Duration::from_secs(1)).keys("n");
    assert!(view.footer().contains("as the file was"), "{}", view.footer());
}

#[test]
fn what_has_grown_is_said_and_not_shown_before_it_is_asked_for() {
    let file = OnDisk::new(&counted(1000));
    let mut view = file.view((80, 24));
    look(&file, &mut view, &counted(2024), 10);
    assert_eq!(view.footer(), "1.00 KiB more in the file: r shows them, F follows");
    assert_eq!(view.len(), 1000);
    look(&file, &mut view, &counted(3000), 10);
    view.keys("r");
    assert_eq!(view.len(), 3000);
}

#[test]
fn a_file_that_was_replaced_stays_until_the_other_one_is_asked_for() {
    if cfg!(windows) {
        return; // a file that is mapped cannot be replaced
    }
    let file = OnDisk::new(&counted(100));
    let mut view = file.view((80, 24));
    let other = file.path.with_extension("other");
    fs::write(&other, [0xee; 50]).unwrap();
    fs::rename(&other, &file.path).unwrap();
    view.pass(Duration::from_secs(1));
    let said = "E: demo.bin was replaced by another file: r opens it; this is the old one";
    assert!(said.starts_with(view.footer().trim_end_matches(" :messages").trim_end_matches('…')));
    assert!(view.screen().contains("demo.bin  REPLACED  100 bytes"), "{}", view.screen());
    assert!(view.screen().contains("00 01 02 03"), "{}", view.screen());
    view.pass(Duration::from_secs(2)).keys("j").pass(Duration::from_secs(5));
    assert!(!view.footer().contains("replaced"), "it is said once: {}", view.footer());
    view.keys("r");
    assert!(view.screen().contains("demo.bin (generation 2)  read-only  50 bytes"));
    assert!(view.screen().contains("ee ee ee ee"), "{}", view.screen());
    fs::remove_file(&file.path).unwrap();
    view.pass(Duration::from_secs(1));
    assert!(view.footer().ends_with("; showing the file as it was opened"), "{}", view.footer());
    assert!(view.screen().contains("DELETED"), "{}", view.screen());
}

#[test]
fn a_view_that_is_only_looked_at_draws_nothing() {
    let file = OnDisk::new(&counted(5000));
    let mut view = file.view((80, 24));
    view.pass(Duration::from_secs(1));
    let frames = view.frames();
    for _ in 0..10 {
        view.pass(Duration::from_secs(1));
    }
    assert_eq!(view.frames(), frames);
}
