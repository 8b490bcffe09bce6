//! Search: typing, matches, and jumping between them.

use std::fmt::Write as _;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use lazyhex::testing::Stage;
use ratatui::style::Modifier;

use super::{OnDisk, SIZES, demo, demo_view};

fn alt(view: &mut Stage, c: char) {
    view.key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::ALT));
}

/// The highlighted characters on the screen, by line.
fn found(view: &Stage) -> Vec<String> {
    let buffer = view.buffer();
    let width = usize::from(buffer.area.width);
    let line = |cells: &[ratatui::buffer::Cell]| {
        let marked = cells.iter().filter(|cell| cell.modifier.contains(Modifier::UNDERLINED));
        marked.map(|cell| cell.symbol().to_owned()).collect::<String>()
    };
    buffer.content.chunks(width).map(line).filter(|line| !line.is_empty()).collect()
}

#[test]
fn what_is_typed_is_shown_on_the_screen_before_anything_is_searched() {
    let mut view = demo_view((80, 24));
    view.hold_jobs(true).keys("/pro");
    assert_eq!(
        found(&view),
        ["70726f", "pro"].map(String::from).concat().split('\n').collect::<Vec<_>>()
    );
    assert_eq!(view.footer(), "/text: pro  1 in view; Enter searches all");
    view.keys("z");
    assert!(found(&view).is_empty());
    assert!(view.jobs().is_empty());
    view.keys("\x1b");
    assert!(found(&view).is_empty());
}

#[test]
fn the_match_and_the_selection_are_places() {
    let mut view = demo_view((80, 24));
    view.keys(":match\n");
    let none = ":match  E: at 1: no match is known at the cursor or after it; / searches";
    assert_eq!(view.footer(), none);
    view.keys("\x1b");
    let place = view.keys("gg/pro\n").at();
    assert!(place > 0);
    assert_eq!(view.keys(":0\n:match\n").at(), place);
    assert_eq!(view.keys(":match + 2\n").at(), place + 2);
    // After the last match there is no further one.
    view.keys("G:sel\n");
    assert_eq!(view.footer(), ":sel  E: at 1: nothing is selected; v begins a selection");
    view.keys("\x1b");
    view.keys(":0x120\nv:0x110\n");
    assert_eq!(view.keys(":sel + 4\n").at(), 0x114);
    assert_eq!(view.keys("\x1b").at(), 0x114);
}

#[test]
fn the_prompt_says_how_it_is_read_and_what_is_wrong() {
    let mut screens = String::new();
    let mut view = demo_view((80, 24));
    let mut note = |view: &Stage| writeln!(screens, "{}", view.footer()).unwrap();
    note(view.keys("/"));
    view.ctrl('t');
    note(&view);
    note(view.keys("44 4"));
    note(view.keys("?"));
    note(view.keys(" g0\n"));
    view.ctrl('u');
    alt(&mut view, 'r');
    note(view.keys("[A-"));
    note(view.keys("z]{4,}"));
    view.ctrl('u');
    alt(&mut view, 'n');
    note(view.keys("u32le=977"));
    view.ctrl('u');
    alt(&mut view, 't');
    alt(&mut view, 'i');
    note(view.keys("MAPPING"));
    insta::assert_snapshot!(screens);
}

#[test]
fn enter_goes_to_the_next_hit_and_n_and_shift_n_go_on() {
    let mut view = demo_view((80, 24));
    view.keys(":0x40\n/e\n");
    assert_eq!((view.at(), view.footer()), (0x48, "\"e\": 17 matches".to_owned()));
    view.keys("n");
    assert_eq!((view.at(), view.footer().as_str()), (0x58, "match 2 of 17"));
    view.keys("N");
    assert_eq!((view.at(), view.footer().as_str()), (0x48, "match 1 of 17"));
    view.keys("N");
    assert_eq!(view.footer(), "match 17 of 17, from the end again");
    view.keys("n");
    assert_eq!((view.at(), view.footer().as_str()), (0x48, "match 1 of 17, from the start again"));
    // Ctrl-o returns to the start.
    view.ctrl('o').ctrl('o').ctrl('o').ctrl('o').ctrl('o');
    assert_eq!(view.at(), 0x40);
    view.keys("/nowhere\n");
    assert_eq!((view.at(), view.footer().as_str()), (0x40, "\"nowhere\": not found"));
    view.keys("n");
    assert_eq!(view.footer(), "E: \"nowhere\": not found");
}

/// Steps a search until the condition holds.
fn step_until(view: &mut Stage, is_so: impl Fn(&Stage) -> bool) {
    for _ in 0..1000 {
        if is_so(view) {
            return;
        }
        let job = view.job();
        view.step(job);
    }
    panic!("{}", view.screen());
}

#[test]
fn hits_count_while_the_search_goes_on_and_what_is_missing_is_waited_for() {
    let mut view = demo_view((80, 24));
    view.hold_jobs(true).keys(":0x60\n/e\n");
    assert_eq!(view.at(), 0x60);
    view.keys("n");
    assert_eq!(view.footer().split("   ").next(), Some("not searched yet from 0x61 on …"));
    // Matches ahead of the cursor are found first.
    step_until(&mut view, |view| view.at() == 0x6e);
    assert!(view.footer().starts_with("match at 0x6e"), "{}", view.footer());
    view.keys("N");
    // Matches before the start are not known yet.
    assert!(view.footer().starts_with("not searched yet from 0x0 on …"), "{}", view.footer());
    step_until(&mut view, |view| view.screen().contains("of 15+"));
    assert_eq!(view.at(), 0x6e, "nearer ones may come");
    step_until(&mut view, |view| view.at() == 0x58);
    let job = view.job();
    view.finish(job);
    assert!(view.screen().contains("match 2 of 17 "), "{}", view.screen());
}

#[test]
fn who_goes_elsewhere_does_not_wait() {
    let mut view = demo_view((80, 24));
    view.hold_jobs(true).keys("/e\nj").finish(0);
    assert_eq!((view.at(), view.footer().as_str()), (0x10, "\"e\": 17 matches"));
    let mut view = demo_view((80, 24));
    view.hold_jobs(true).keys("/e\n\x1b").finish(0);
    assert_eq!(view.at(), 0);
}

#[test]
fn a_search_that_is_stopped_keeps_what_it_found() {
    let mut view = demo_view((80, 24));
    view.hold_jobs(true).keys("/e\n");
    step_until(&mut view, |view| view.at() > 0);
    let first = view.at();
    view.ctrl('c');
    view.finish(0);
    assert_eq!(view.footer(), "stopped: \"e\"");
    view.keys("n");
    assert!(view.at() >= first && view.jobs().is_empty());
    // The same query starts a new search, as the first one was not completed.
    view.keys("/e\n");
    assert_eq!(view.jobs(), ["\"e\""]);
}

#[test]
fn a_search_in_one_view_is_seen_in_the_other() {
    let mut view = demo_view((160, 24));
    view.keys("|").hold_jobs(true).keys("/e\n");
    step_until(&mut view, |view| view.cursors()[1] > 0);
    assert_eq!(view.cursors(), [0, 0x48], "only the view that asked has moved");
    view.finish(0);
    let reads = view.reads();
    view.keys("\tnn");
    assert_eq!(view.cursors(), [0x58, 0x48]);
    assert!(view.jobs().is_empty(), "the other view found the matches there");
    assert_eq!(view.reads(), reads, "and read nothing");
}

#[test]
fn a_star_searches_the_selection_the_word_or_the_value() {
    for (keys, expected) in [
        (":0x3b\n*", "\"mapping\": "),
        (":0x39\n*", "\" map\": "),
        (":0x40\nvll*", "\"g i\": "),
        (":0x78\nvll*", "\"d m\": "),
        ("*", "93 44 45 4d: 1 match"),
        (":0x1000\nvllll*", "00 00 00 00 00: "),
    ] {
        let mut view = demo_view((80, 24));
        view.keys(keys);
        assert!(view.footer().starts_with(expected), "{keys}: {}", view.footer());
    }
    let mut view = demo_view((80, 24));
    view.keys("vjjjjjjjjjjjjjjjjj");
    view.keys("G*");
    assert_eq!(view.footer(), "E: * searches for at most 256 bytes");
}

#[test]
fn pasted_bytes_are_searched_for_as_what_they_are() {
    let mut view = demo_view((80, 24));
    view.keys("/").paste("DEMO\u{1}");
    assert_eq!(view.footer(), "/hex: 44 45 4d 4f 01  1 in view; Enter searches all");
    view.keys("\x1b/").ctrl('t').paste("0x44, 0x45,\n0x4d\n");
    assert_eq!(view.footer(), "/hex:  44   45   4d  1 in view; Enter searches all");
    view.keys("\n");
    assert_eq!(view.at(), 1);
}

#[test]
fn searches_are_remembered_with_their_notation() {
    let mut view = demo_view((80, 24));
    view.keys("/promise\n:find -x 44 45\n:0x10\n/");
    assert!(view.footer().starts_with("/hex: "), "{}", view.footer());
    view.press(KeyCode::Up);
    assert!(view.footer().starts_with("/hex: 44 45  1 in view"), "{}", view.footer());
    view.press(KeyCode::Up);
    assert!(view.footer().starts_with("/text: promise  1 in view"), "{}", view.footer());
    view.press(KeyCode::Down).press(KeyCode::Down);
    assert!(view.footer().starts_with("/hex:   DE AD"), "{}", view.footer());
    view.keys("\x1b:");
    view.press(KeyCode::Up).press(KeyCode::Up);
    assert!(view.footer().starts_with(":find -x 44 45"), "{}", view.footer());
}

#[test]
fn a_file_that_was_looked_at_again_keeps_its_hits_and_says_so() {
    let file = OnDisk::new(&demo());
    let mut view = file.view((80, 24));
    view.keys("/promise\nrn");
    assert_eq!(
        view.footer(),
        "match 1 of 1, from the start again (as the file was; / Enter searches again)"
    );
    view.keys("/promise\nn");
    assert_eq!(view.footer(), "match 1 of 1, from the start again");
    if file.write(b"short") {
        assert_eq!(view.keys("rn").at(), 4);
    }
}

#[test]
fn the_hits_are_listed() {
    let mut screens = String::new();
    for size in SIZES {
        let mut view = demo_view(size);
        view.keys("/e\nnnH");
        writeln!(screens, "{}x{}\n{}", size.0, size.1, view.screen()).unwrap();
    }
    insta::assert_snapshot!(screens);
}

#[test]
fn a_search_under_way_is_shown_with_what_it_found() {
    let mut screens = String::new();
    for size in SIZES {
        let mut view = demo_view(size);
        view.hold_jobs(true).keys("/e\nHK\x1b");
        for _ in 0..17 {
            view.step(0);
        }
        view.progress(0, 0, 8192);
        view.pass(Duration::from_millis(500)).progress(0, 2048, 8192);
        view.pass(Duration::from_millis(500)).progress(0, 6000, 8192);
        view.keys("j");
        // How many steps it takes depends on how fast the search is.
        for _ in 0..20 {
            if !view.screen().contains("17 matches") {
                view.step(0).progress(0, 6000, 8192);
            }
        }
        writeln!(screens, "{}x{}\n{}", size.0, size.1, view.screen()).unwrap();
    }
    insta::assert_snapshot!(screens);
}

#[test]
fn in_the_list_enter_goes_there_and_x_ends_the_search() {
    let mut view = demo_view((80, 24));
    view.keys("/e\nHjj\n");
    assert_eq!(
        (view.at(), view.screen().contains("match 3 of 17")),
        (0x6e, true),
        "{}",
        view.screen()
    );
    view.keys("G\n");
    let last = view.at();
    view.keys("n");
    assert!(view.at() < last, "{}", view.footer());
    view.keys("x");
    assert!(view.screen().contains("no matches: / searches"), "{}", view.screen());
    assert!(found(&view).is_empty());
}

#[test]
fn hits_are_exported_to_a_new_file_after_a_second_enter() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("hits.csv");
    let mut view = demo_view((160, 50));
    view.keys(&format!(":hits export {}\n", path.display()));
    assert!(view.footer().contains("E: nothing was searched for yet"), "{}", view.footer());
    view.keys(&format!("\x1b/p[^r]\n/DEMO\n:hits export {}\n", path.display()));
    assert!(
        view.footer().contains("Write 1 match to a new file? Enter to confirm"),
        "{}",
        view.footer()
    );
    assert!(!path.exists());
    view.keys("\n");
    assert!(
        view.footer().starts_with("export of matches: 1 match written to "),
        "{}",
        view.footer()
    );
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "offset,length,bytes\n1,4,44454d4f\n");
}
