//! Files that others write to while they are looked at.

use std::fs;
use std::time::Duration;

use lazyhex::testing::Stage;
use memmap::RamMap;
use ratatui::style::Modifier;

use super::OnDisk;

/// The file has these bytes now, and so much time passes.
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
    assert!(view.keys("F").footer().starts_with("followed"), "{}", view.footer());
    assert!(view.screen().contains("followed"), "{}", view.screen());
    view.keys("G");
    // Nothing is looked at before it is time.
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
    assert!(view.keys("F").footer().starts_with("not followed"), "{}", view.footer());
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
    assert_eq!((view.at(), view.footer().as_str()), (2047, "E: cut to 2.00 KiB"));
    look(&file, &mut view, &[], 3);
    assert_eq!((view.at(), view.footer().as_str()), (0, "E: cut to 0 B"));
    look(&file, &mut view, &counted(10), 3);
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
    assert_eq!((view.at(), view.footer().as_str()), (2047, "E: cut to 2.00 KiB"));
    assert!(file.write(&counted(4096)));
    view.keys("r");
    assert_eq!((view.at(), view.footer().as_str()), (2047, "+2.00 KiB; G goes to the end"));
    view.keys("r");
    assert!(view.footer().contains("/ search"), "{}", view.footer());
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
    assert!(view.screen().contains("* 3.98 KiB the same"), "{}", view.screen());
    bytes[3] = 7;
    view.keys("F");
    look(&file, &mut view, &bytes, 3);
    assert!(view.screen().contains("00 00 00 07"), "{}", view.screen());
    assert!(view.screen().contains("* 3.96 KiB the same"), "{}", view.screen());
    bytes.extend([0; 4096]);
    look(&file, &mut view, &bytes, 3);
    assert!(view.screen().contains("* 7.96 KiB the same"), "{}", view.screen());
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
    assert_eq!((view.len(), view.footer().contains("the 2. one")), (50, true));
    fs::remove_file(&file.path).unwrap();
    view.pass(Duration::from_secs(1));
    assert!(view.footer().ends_with("; what is shown is what was opened"), "{}", view.footer());
    view.keys("j").pass(Duration::from_secs(1));
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
