//! Long lists fold into groups of a hundred, and those into more.

use std::io;

use crossterm::event::KeyCode;
use lazyhex::testing::Stage;
use memmap::Map;
use memmap_core::testing::{Fake, Fault};

use super::{Described, WALKED, chosen, many, pane, ram, title, view};

/// 30,000 elements of 4 bytes.
const PAIRS: &str = "
meta: {id: own, endian: le}
seq: [{id: items, type: item, repeat: eos}]
types:
  item: {seq: [{id: a, type: u2}, {id: b, type: u2}]}
";

fn pairs(size: (u16, u16)) -> Stage {
    let described = Described::new(PAIRS);
    let mut view = view(ram(&vec![7; 120_000]), size);
    described.choose(&mut view);
    view.press(KeyCode::Right);
    view
}

#[test]
fn groups_open_and_close_as_nodes_do() {
    let mut view = pairs((80, 24));
    let lines = pane(&view);
    assert!(lines[1].contains("▾ items"), "{lines:?}");
    assert!(lines[2].contains("▸ [0…9999]") && lines[2].contains("10,000 elements"), "{lines:?}");
    assert!(lines[2].contains("0x000000") && lines[2].contains("39.0 KiB"), "{lines:?}");
    assert_eq!(lines.len(), 5, "{lines:?}");
    // Down to an element, and back up by the same key.
    view.keys("jj").press(KeyCode::Right);
    assert!(chosen(&view).starts_with("▾ [10000…19999]"), "{}", view.screen());
    view.press(KeyCode::Right);
    assert!(chosen(&view).starts_with("▸ [10000…10099]"), "{}", view.screen());
    view.press(KeyCode::Right).press(KeyCode::Right).keys("j");
    assert!(chosen(&view).starts_with("▸ [10001]"), "{}", view.screen());
    view.press(KeyCode::Right).press(KeyCode::Right);
    assert!(chosen(&view).starts_with("a "), "{}", view.screen());
    let above = ["▾ [10001]", "▾ [10000…10099]", "▾ [10000…19999]", "▾ items"];
    for row in above {
        view.press(KeyCode::Left);
        assert!(chosen(&view).starts_with(row), "{row}: {}", view.screen());
        view.press(KeyCode::Left);
        assert!(chosen(&view).starts_with(&row.replace('▾', "▸")), "{row}: {}", view.screen());
    }
    // What was in a group that was closed is closed.
    view.press(KeyCode::Right).keys("jj").press(KeyCode::Right);
    assert!(pane(&view).iter().any(|line| line.contains("▸ [10000…10099]")), "{}", view.screen());
}

#[test]
fn a_group_has_bytes_and_is_copied() {
    let mut view = pairs((80, 24));
    view.keys("j").press(KeyCode::Right).keys("jj");
    assert!(chosen(&view).starts_with("▸ [100…199]"), "{}", view.screen());
    view.keys("y");
    let copies = view.copies();
    let lines: Vec<serde_json::Value> =
        copies[0].lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), &lines[0]["path"]), (300, &"items[100]".into()));
    assert!(view.footer().contains("items[100…199] copied as JSON"), "{}", view.footer());
    assert_eq!(view.keys("\n").at(), 400);
}

#[test]
fn the_nodes_at_the_top_have_groups_among_them() {
    let mut view = pairs((80, 40));
    view.keys(":field items[12345].b\n\tG");
    view.press(KeyCode::PageUp);
    let lines = pane(&view);
    let above = ["▾ items", "▾ [20000…29999]", "▾ [29900…29999]"];
    for (line, row) in lines.iter().zip(above) {
        assert!(line.contains(row), "{lines:#?}");
    }
    assert!(chosen(&view).starts_with("▸ [29"), "{}", view.screen());
}

#[test]
fn the_cursor_chooses_a_group_that_is_closed_and_a_path_opens_it() {
    let mut view = pairs((160, 50));
    view.keys("\x1b:49380\n");
    assert!(view.screen().contains("own › items[12345] › a"), "{}", view.screen());
    assert!(view.screen().contains("▌   ▸ [10000…19999]"), "{}", view.screen());
    view.keys("\t\t");
    assert!(view.screen().contains("│ [10000…199… 10,000 elements"), "{}", view.screen());
    view.keys("\x1b");
    // Through the bytes, field by field.
    assert_eq!(view.keys("]f").at(), 49_382);
    assert!(view.screen().contains("▌   ▸ [10000…19999]"), "{}", view.screen());
    view.keys(":field items[12345].b\n");
    let lines = pane(&view);
    for row in ["▾ [10000…19999]", "▾ [12300…12399]", "▾ [12345]"] {
        assert!(lines.iter().any(|line| line.contains(row)), "{row}: {lines:#?}");
    }
    // And on in what is open.
    view.keys("]f");
    assert!(view.screen().contains("▌       ▸ [12346]"), "{}", view.screen());
    view.keys("[f[f");
    assert!(view.screen().contains("▌           a "), "{}", view.screen());
    // In the bytes Enter opens what the cursor is in.
    view.keys(":0\n\n");
    assert!(
        view.screen().contains("▾ [0…99]") && view.screen().contains("▾ [0]"),
        "{}",
        view.screen()
    );
}

#[test]
fn a_list_that_must_be_walked_folds_at_its_end_and_the_chosen_element_stays() {
    let described = Described::new(WALKED);
    let mut view = view(ram(&many(500)), (80, 24));
    described.choose(&mut view);
    view.press(KeyCode::Right).keys("j");
    assert!(pane(&view)[2].contains("▸ [0]"), "nothing is walked to fold it: {:?}", pane(&view));
    let number = |view: &Stage| -> u32 {
        let row = chosen(view);
        let inside = row.split_once("▸ [").and_then(|it| it.1.split_once(']'));
        inside.unwrap_or_else(|| panic!("{row}: {}", view.screen())).0.parse().unwrap()
    };
    while number(&view) < 470 {
        view.press(KeyCode::PageDown);
    }
    while number(&view) < 499 {
        view.keys("j");
    }
    // One row further is the end: the hundreds before this one are groups now.
    view.keys("j");
    assert_eq!(number(&view), 499);
    view.press(KeyCode::Left);
    assert!(chosen(&view).starts_with("▾ [400…499]"), "{}", view.screen());
    view.press(KeyCode::Up);
    assert!(chosen(&view).starts_with("▸ [300…399]"), "{}", view.screen());
    // It has no place that is known without a look, and Enter finds it.
    assert_eq!(view.keys("\n").at(), 300 * 2000);
}

#[test]
fn what_a_walk_has_found_is_folded_while_it_runs() {
    let described = Described::new(WALKED);
    let mut view = view(ram(&many(2000)), (80, 48));
    described.choose(&mut view);
    view.press(KeyCode::Right).keys("jj").hold_jobs(true).keys("G");
    let job = view.job();
    view.finish(job);
    assert_eq!(view.jobs(), ["elements of items"]);
    let job = view.job();
    for _ in 0..6 {
        view.step(job);
    }
    view.keys("\x1b").finish(job);
    view.hold_jobs(false).settle();
    let lines = pane(&view);
    // The chosen element is where it was, in a group that is open.
    assert!(chosen(&view).starts_with("▸ [1]"), "{}", view.screen());
    assert!(lines.iter().any(|line| line.contains("▾ [0…99]")), "{lines:#?}");
    let read = title(&view);
    view.press(KeyCode::Left).press(KeyCode::Left);
    let lines = pane(&view);
    assert!(lines[2].contains("▸ [0…99]") && lines[3].contains("▸ [100…199]"), "{lines:#?}");
    assert!(lines.last().unwrap().contains("known, more follow; En"), "{lines:#?}");
    assert_eq!(title(&view), read, "nothing is walked to show it");
}

const COUNTED: &str = "
meta: {id: own, endian: le}
seq: [{id: items, type: item, repeat: expr, repeat-expr: 2000}]
types:
  item: {seq: [{id: len, type: u2}, {id: body, size: len}]}
";

#[test]
fn the_end_of_a_counted_list_is_walked_to() {
    let described = Described::new(COUNTED);
    let mut view = view(ram(&many(2000)), (80, 24));
    described.choose(&mut view);
    view.press(KeyCode::Right).keys("j");
    assert!(chosen(&view).starts_with("▸ [0…99]"), "{}", view.screen());
    assert!(title(&view).contains("8.00 KiB read"), "{}", title(&view));
    view.keys("G");
    assert!(chosen(&view).contains("[1999]"), "{}", view.screen());
}

#[test]
fn readable_parts_fold_around_an_unreadable_one() {
    let described = Described::new(PAIRS);
    let bad = (4096..8192).step_by(2).map(|at| Fault::Read { at, kind: io::ErrorKind::Other });
    let fake = bad.fold(Fake::new(&vec![1; 4 * 4096]), Fake::with);
    let mut view = view(Map::from_mapping(fake).erase(), (160, 50));
    described.choose(&mut view);
    view.press(KeyCode::Right).keys("j");
    assert!(chosen(&view).contains("[0…99]"), "{}", view.screen());
    view.keys(":field items[1024].a\n");
    let lines = pane(&view);
    assert!(
        lines.iter().any(|line| line.contains("▾ [1024…2047]") && line.contains("?? ")),
        "{lines:#?}"
    );
    assert!(lines.iter().any(|line| line.contains("?? ") && line.contains(" a ")), "{lines:#?}");
    view.keys("\t\t");
    for _ in 0..5 {
        view.press(KeyCode::Left);
    }
    assert!(chosen(&view).contains("[1024…2047]"), "{}", view.screen());
    view.press(KeyCode::Up);
    assert!(chosen(&view).contains("▸ [1000…1023]"), "{}", view.screen());
}
