//! The histogram and the list of strings.

use std::fmt::Write as _;

use crossterm::event::KeyCode;
use memmap::RamMap;

use super::{OnDisk, SIZES, demo_view, view};

#[test]
fn the_histogram_stands_where_there_is_room() {
    let mut screens = String::new();
    for size in SIZES {
        let mut view = demo_view(size);
        view.keys("Sjjjjjj").press(KeyCode::Right);
        writeln!(screens, "{}x{}\n{}", size.0, size.1, view.screen()).unwrap();
    }
    insta::assert_snapshot!(screens);
}

#[test]
fn the_histogram_is_of_what_is_selected_and_enter_goes_on() {
    let mut view = demo_view((160, 50));
    view.keys(":0x38\nv:0x3d\n").keys("S");
    let screen = view.screen();
    assert!(screen.contains("histogram of 6 B from 0x38"), "{screen}");
    assert!(screen.contains("2.25 bits a byte  5 of 256 values  6 bytes"), "{screen}");
    // The letter p, which is under the cursor: the next one is found.
    view.keys("jjjjjjj");
    assert!(view.screen().contains("70 p 2 = 33.33%  rank 1"), "{}", view.screen());
    assert_eq!(view.keys("\n").at(), 0x4b, "{}", view.screen());
    assert_eq!(view.keys("\n").at(), 0x52);
    // Without a selection, the histogram covers the whole file.
    view.keys("\x1b\x1bSS");
    assert!(view.screen().contains("histogram of all"), "{}", view.screen());
}

#[test]
fn the_histogram_grows_while_it_is_counted_and_is_of_a_file_as_it_was() {
    let file = OnDisk::new(&super::demo());
    let mut view = file.view((80, 24));
    view.hold_jobs(true).keys("S");
    assert_eq!(view.jobs(), ["histogram of all, 8.00 KiB"]);
    assert!(view.screen().contains("0 of 256 values"), "{}", view.screen());
    let job = view.job();
    while !view.screen().contains("256 of 256 values") {
        view.step(job);
    }
    assert_eq!(view.jobs().len(), 1, "it is shown before the job has ended");
    view.finish(job).hold_jobs(false).keys("r");
    assert!(view.screen().contains("histogram of all, as the file was"), "{}", view.screen());
    // A cancelled job does not report its result.
    view.hold_jobs(true).keys("qS").finish(0);
    assert!(view.screen().contains("256 of 256 values"), "{}", view.screen());
    view.keys("q:0\nv:9\nS");
    assert!(view.screen().contains("0 of 256 values"), "{}", view.screen());
}

#[test]
fn a_value_that_does_not_occur_is_not_searched() {
    let mut view = view(RamMap::from_reader(&b"abcabc"[..]).unwrap().erase(), (80, 24));
    view.keys("S\n");
    assert_eq!(view.footer(), "E: 00 does not occur");
    view.keys("G");
    view.mouse_down(30, 21).keys("\n");
    assert!(view.footer().ends_with("does not occur"), "{}", view.screen());
}

#[test]
fn the_strings_stand_where_there_is_room() {
    let mut screens = String::new();
    for size in SIZES {
        let mut view = demo_view(size);
        view.keys(":strings 4\njj\n");
        writeln!(screens, "{}x{}\n{}", size.0, size.1, view.screen()).unwrap();
    }
    insta::assert_snapshot!(screens);
}

#[test]
fn strings_are_listed_as_they_are_found_and_enter_goes_there() {
    let mut bytes = vec![0; 100];
    bytes.extend(b"first text\0\0");
    bytes.extend("second, wide".encode_utf16().flat_map(u16::to_le_bytes));
    bytes.extend(vec![1; 5000]);
    bytes.extend(b"third\ttext");
    let mut view = view(RamMap::from_reader(&bytes[..]).unwrap().erase(), (80, 24));
    view.keys("s");
    let screen = view.screen();
    assert!(screen.contains("strings of 6 or more, ascii: 2 "), "{screen}");
    assert!(screen.contains("first text") && screen.contains("third text"), "{screen}");
    assert_eq!(view.keys("\n").at(), 100);
    assert_eq!(view.keys("j\n").at(), 100 + 12 + 24 + 5000);
    view.keys("\x1b:strings utf16\n");
    let screen = view.screen();
    assert!(screen.contains("strings of 6 or more, utf16: 1 "), "{screen}");
    assert!(screen.contains("second, wide"), "{screen}");
    view.keys("\x1b:strings 100\n");
    assert!(view.screen().contains("no strings so far: :strings 4"), "{}", view.screen());
    assert_eq!(
        view.keys("\x1b:strings x\n").footer(),
        ":strings x  E: strings 1 to 4096, ascii or utf16"
    );
    view.keys("\x1bgg]s");
    assert_eq!(view.at(), 100);
    assert_eq!(view.keys("]s").at(), 100 + 12 + 24 + 5000);
    assert_eq!(view.keys("[s").at(), 100);
}

#[test]
fn strings_of_a_file_that_became_shorter_lead_nowhere() {
    let file = OnDisk::new(&super::demo());
    let mut view = file.view((80, 24));
    view.keys(":strings 4\nG");
    if !file.write(&[0; 64]) {
        return;
    }
    view.keys("r");
    let at = view.at();
    assert_eq!(view.keys("\n").at(), at);
    assert!(view.screen().contains("as the file was"), "{}", view.screen());
}

#[test]
fn the_next_change_of_entropy_is_found_both_ways() {
    let mut view = demo_view((80, 24));
    assert_eq!(view.keys("]e").at(), 4096);
    assert_eq!(view.keys("]e").footer(), "there is no next change of entropy");
    assert_eq!(view.keys("[e").at(), 0);
}
