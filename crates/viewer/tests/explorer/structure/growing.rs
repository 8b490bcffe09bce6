//! The fields of a file that is cut, that grows, or that is reloaded.

use std::time::Duration;

use crossterm::event::KeyCode;
use lazyhex::testing::Stage;

use super::{BLOCKS, Described, OnDisk, WALKED, chosen, many, pane, title};

/// What the title says of how much was read.
fn mebibytes_read(view: &Stage) -> f64 {
    let title = title(view);
    let (before, _) = title.split_once(" MiB read").unwrap();
    before.rsplit_once(' ').unwrap().1.parse().unwrap()
}

#[test]
fn a_file_that_was_cut_short_keeps_what_was_open() {
    let described = Described::new(BLOCKS);
    let file = OnDisk::new(&[1; 4 * 4096]);
    let mut view = file.view((160, 50));
    described.choose(&mut view);
    view.keys(":field blocks[2].number\n");
    if !file.write(&[1; 4096]) {
        return;
    }
    view.keys("r");
    let lines = pane(&view);
    assert!(lines.iter().any(|line| line.contains("▾ blocks")), "{lines:?}");
    assert!(lines.iter().any(|line| line.contains("? ")), "{lines:?}");
    // And as it grows again.
    assert!(file.write(&[1; 4 * 4096]));
    view.keys("r");
    let lines = pane(&view);
    assert!(
        lines.iter().any(|line| line.contains("number") && line.contains("16843009")),
        "{lines:?}"
    );
    assert!(lines.iter().any(|line| line.contains("▾ [2]")), "{lines:?}");
}

#[test]
fn a_file_that_grows_has_more_elements_and_keeps_what_was_open() {
    let text = "meta: {id: own}\nseq: [{id: items, type: item, repeat: eos}]\n\
                types: {item: {seq: [{id: byte, type: u4le}]}}";
    let described = Described::new(text);
    let file = OnDisk::new(&[1; 400]);
    let mut view = file.view((160, 50));
    described.choose(&mut view);
    view.keys("\x1b:follow\n:field items[50].byte\n");
    assert!(pane(&view).iter().any(|line| line.contains("▾ [50]")), "{:?}", pane(&view));
    assert!(file.write(&[1; 4000]));
    view.pass(Duration::from_secs(1));
    assert_eq!(view.len(), 4000);
    let lines = pane(&view);
    assert!(lines.iter().any(|line| line.contains("▾ [50]")), "{lines:?}");
    view.keys("\t\tgg");
    assert!(pane(&view)[1].contains("1,000 elements"), "{:?}", pane(&view));
}

/// A list that must be walked, and rows after it.
const GROWING: &str = "
meta: {id: own, endian: le}
seq: [{id: items, type: item, repeat: eos}]
instances:
  first: {value: 'items[0].len'}
  last: {value: 'items.size'}
types:
  item: {seq: [{id: len, type: u2}, {id: body, size: len}]}
";

#[test]
fn a_followed_file_that_grows_is_walked_on_and_the_chosen_row_stays() {
    let described = Described::new(GROWING);
    let file = OnDisk::new(&many(1500));
    let mut view = file.view((80, 24));
    view.keys(":follow\n");
    described.choose(&mut view);
    view.press(KeyCode::Right).keys("jjG");
    assert!(chosen(&view).contains("[1499]"), "{}", view.screen());
    view.keys("jj");
    assert!(chosen(&view).starts_with("last"), "{}", chosen(&view));
    let read = mebibytes_read(&view);
    assert!(file.write(&many(1503)));
    view.pass(Duration::from_secs(1));
    assert_eq!(view.len(), 1503 * 2000);
    // There are three rows more above it, and its value is another one.
    assert!(
        chosen(&view).starts_with("last") && chosen(&view).contains("1503"),
        "{}",
        view.screen()
    );
    assert!(mebibytes_read(&view) < read + 0.1, "walked anew: {}", title(&view));
    view.keys("gg");
    assert!(pane(&view)[1].contains(" 1,503 elements"), "{:?}", pane(&view));
    // All is read anew where the user asks for it, and the row that is chosen stays.
    view.keys("jj").press(KeyCode::Right).keys("jj");
    let before = chosen(&view);
    assert!(before.contains("▸ [1]"), "{before}");
    assert!(file.write(&many(1504)));
    view.keys("r");
    // Until its end is found anew, the list is not folded.
    assert!(chosen(&view).split_whitespace().eq(before.split_whitespace()), "{}", chosen(&view));
}

#[test]
fn a_walk_goes_on_in_a_file_that_grows() {
    let described = Described::new(WALKED);
    let file = OnDisk::new(&many(1500));
    let mut view = file.view((80, 24));
    view.keys(":follow\n");
    described.choose(&mut view);
    view.press(KeyCode::Right).keys("jj").hold_jobs(true).keys("G");
    let job = view.job();
    view.finish(job);
    assert_eq!(view.jobs(), ["elements of items"]);
    let job = view.job();
    view.step(job);
    assert!(file.write(&many(1600)));
    view.pass(Duration::from_secs(1));
    // First the file is opened again, then its fields are read, and then the walk goes on.
    for _ in 0..2 {
        let job = view.job();
        view.finish(job);
    }
    assert_eq!(view.len(), 1600 * 2000);
    view.hold_jobs(false).settle();
    assert_eq!(view.footer(), "elements of items: 1,600 elements");
    assert!(chosen(&view).contains("[1599]"), "{}", view.screen());
}
