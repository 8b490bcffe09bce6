//! The minimap: its column and its pane.

use std::fmt::Write as _;

use crossterm::event::KeyCode;
use lazyhex::testing::Stage;
use memmap::RamMap;
use ratatui::style::{Color, Modifier};

use super::{OnDisk, SIZES, demo_view, view};

/// 8 MiB of text, zeros, noise, 0xff and text.
fn large() -> Vec<u8> {
    const PART: usize = 8 << 18;
    let mut bytes: Vec<u8> = b"all work and no play makes jack a dull boy\n".repeat(1 << 16);
    bytes.truncate(PART);
    bytes.resize(2 * PART, 0);
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    while bytes.len() < 3 * PART {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes.resize(4 * PART - 4096, 0xff);
    bytes.resize(4 * PART, b'z');
    bytes
}

fn large_view(size: (u16, u16)) -> Stage {
    view(RamMap::from_reader(&large()[..]).unwrap().erase(), size)
}

#[test]
fn the_map_stands_where_there_is_room() {
    let mut screens = String::new();
    for size in SIZES {
        let mut view = large_view(size);
        view.keys("ma:$-10\nmb:0x280000\nM");
        writeln!(screens, "{}x{}\n{}", size.0, size.1, view.screen()).unwrap();
    }
    insta::assert_snapshot!(screens);
}

#[test]
fn the_map_of_a_small_file_is_all_of_it() {
    let mut screens = String::new();
    for size in SIZES {
        let mut view = demo_view(size);
        view.keys("M");
        writeln!(screens, "{}x{}\n{}", size.0, size.1, view.screen()).unwrap();
    }
    insta::assert_snapshot!(screens);
}

#[test]
fn the_column_stands_beside_the_scroll_bar_from_64_columns_on() {
    let mut screens = String::new();
    for size in [(80, 24), (64, 12), (63, 12)] {
        let mut view = large_view(size);
        view.keys("ma:set map on\n");
        writeln!(screens, "{}x{}\n{}", size.0, size.1, view.screen()).unwrap();
    }
    insta::assert_snapshot!(screens);
}

#[test]
fn what_a_cell_is_shows_in_its_colour_and_its_shade() {
    let mut view = large_view((80, 24));
    view.keys(":set inspector off\n:set map on\n");
    let buffer = view.buffer();
    let cells: Vec<(&str, Color)> =
        (2..22).map(|y| (buffer[(78, y)].symbol(), buffer[(78, y)].fg)).collect();
    let distinct = cells.iter().fold(Vec::new(), |mut all: Vec<_>, cell| {
        if all.last() != Some(cell) {
            all.push(*cell);
        }
        all
    });
    assert_eq!(
        distinct,
        [("▒", Color::Cyan), (" ", Color::DarkGray), ("█", Color::Yellow), ("░", Color::Green)]
    );
    assert!(!buffer[(78, 2)].modifier.contains(Modifier::DIM));
}

#[test]
fn keys_choose_and_zoom_and_enter_goes_there() {
    let mut view = large_view((80, 24));
    view.keys("M");
    assert_eq!(view.at(), 0);
    // 7 rows of 32 cells.
    view.keys("jl\n");
    let there = view.at();
    let cell = (8_u64 << 20) * 33 / 192;
    assert_eq!(there, cell, "{}", view.screen());
    // A second Enter does not move the cursor.
    assert_eq!(view.keys("\n").at(), there);
    view.keys("++");
    let screen = view.screen();
    assert!(screen.contains("map: 2.00 MiB from "), "{screen}");
    assert!(screen.contains("all read"), "{screen}");
    for _ in 0..30 {
        view.keys("+");
    }
    assert!(view.screen().contains("map: 256 B from "), "{}", view.screen());
    for _ in 0..30 {
        view.keys("-");
    }
    assert!(view.screen().contains("map: all"), "{}", view.screen());
    view.keys("G\n");
    assert!(view.at() > (8 << 20) - (64 << 10));
    view.keys("q");
    assert!(!view.screen().contains("map"), "{}", view.screen());
    assert_eq!(view.keys("+").footer(), "E: + and - zoom the map; M opens it");
}

#[test]
fn the_mouse_seeks_in_the_column_and_in_the_pane() {
    let mut view = large_view((80, 24));
    view.keys(":set inspector off\n:set map on\n");
    view.mouse_down(78, 12);
    assert_eq!(view.at(), 4 << 20);
    view.drag(78, 2).mouse_up();
    assert_eq!(view.at(), 0);
    view.keys("M");
    view.mouse_down(20, 21);
    let late = view.at();
    assert!(late > 6 << 20, "{late:x}");
    view.drag(20, 17).mouse_up();
    assert!(view.at() < late);
    // A drag far outside is ignored.
    let at = view.at();
    view.drag(20, 0).drag(20, 500);
    assert_eq!(view.at(), at);
}

#[test]
fn nothing_is_looked_at_before_the_map_is_wanted_and_once_then() {
    let mut view = large_view((80, 24));
    view.keys("jjjG").hold_jobs(true).keys("k");
    assert!(view.jobs().is_empty());
    view.keys("M");
    assert_eq!(view.jobs(), ["map of 8.00 MiB"]);
    // The job was not requested, so Ctrl-c quits.
    view.keys("jj\x1b").resize(80, 25);
    assert_eq!(view.jobs(), ["map of 8.00 MiB"]);
    assert!(!view.screen().contains('▶'), "{}", view.screen());
    view.keys("M").press(KeyCode::F(9)).keys("+");
    assert_eq!(view.jobs(), ["map of 8.00 MiB", "map of 4.00 MiB"]);
    view.finish(0);
    assert_eq!(view.jobs(), ["map of 4.00 MiB"], "the first one was cancelled");
    view.ctrl('c');
    assert!(view.exit().is_some());
}

#[test]
fn all_of_it_is_read_where_that_is_asked_for() {
    let mut view = large_view((80, 24));
    view.keys(":map full\n");
    assert_eq!(view.footer(), "map of 8.00 MiB: all of 8.00 MiB");
    let screen = view.screen();
    assert!(screen.contains("zero 25 %"), "{screen}");
    assert!(screen.contains("all read"), "{screen}");
    assert_eq!(view.keys("\x1b:map ful\n").footer(), ":map ful  E: map alone, or map full");
}

#[test]
fn what_is_in_memory_is_shown_instead_or_why_not() {
    let mut view = large_view((80, 24));
    view.keys("Mo");
    // Residency is not known for memory without a file.
    let screen = view.screen();
    let is_told = screen.contains("in memory 100 %") || view.footer().starts_with("E: ");
    assert!(is_told, "{screen}");
}

#[test]
fn what_was_found_is_marked_on_the_map() {
    let mut view = large_view((80, 24));
    view.keys("M\x1b:find zzzz\n");
    assert!(view.screen().contains("H 0.00  0xff    ◂•"), "{}", view.screen());
    view.keys("gg");
    let column = view.buffer()[(78, 13)].symbol().to_owned();
    assert_eq!(column, "•");
}

#[test]
fn marks_and_notes_are_marked_on_the_map() {
    let mut view = large_view((80, 24));
    view.keys(":note a header\n").keys("GmaM");
    assert!(view.screen().contains("◂#") || view.screen().contains("  #"), "{}", view.screen());
    assert!(view.screen().contains("◂a"), "{}", view.screen());
    view.keys("\x1b");
    let column: Vec<_> = (1..22).map(|y| view.buffer()[(78, y)].symbol().to_owned()).collect();
    assert_eq!((column.contains(&"#".to_owned()), column.contains(&"a".to_owned())), (true, true));
}

#[test]
fn a_file_that_changes_is_looked_at_again() {
    let file = OnDisk::new(&large());
    let mut view = file.view((80, 24));
    view.keys("M");
    if !file.write(&vec![b'a'; 4 << 20]) {
        return;
    }
    view.keys("r");
    assert!(view.screen().contains("text 100 %"), "{}", view.screen());
    if !file.write(&vec![0; 4 << 20]) {
        return;
    }
    view.keys("\x1br");
    assert!(view.screen().contains("zero 100 %"), "{}", view.screen());
}

#[test]
fn both_views_of_a_file_share_its_map() {
    let mut view = large_view((160, 50));
    view.keys(":set map on\n").hold_jobs(true).keys("|");
    assert!(view.jobs().is_empty(), "{:?}", view.jobs());
    assert!(view.screen().matches('█').count() > 20, "{}", view.screen());
}
