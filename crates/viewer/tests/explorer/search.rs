//! Searching: what is typed, what is found, and going from hit to hit.

use std::fmt::Write as _;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use lazyhex::{JobId, Msg, News, Task, Work};
use memmap::RamMap;
use ratatui::style::Modifier;

use super::{SIZES, View};

fn alt(view: &mut View, c: char) {
    view.send(Msg::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::ALT)));
}

/// A view whose jobs are only listed, and the search that was started in it.
fn held(keys: &str) -> (View, JobId, Vec<News>) {
    let mut view = View::demo((80, 24));
    view.holds_jobs = true;
    view.keys(keys);
    let last = view.tasks.pop();
    let Some(Task::Start(id, work @ Work::Find(..))) = last else { panic!("{last:?}") };
    let news = work.finish(&view.map);
    (view, id, news)
}

/// The characters on the screen that are marked as found, line by line.
fn found(view: &View) -> Vec<String> {
    let terminal = view.terminal();
    let buffer = terminal.backend().buffer();
    let width = usize::from(view.size.width);
    let line = |cells: &[ratatui::buffer::Cell]| {
        let marked = cells.iter().filter(|cell| cell.modifier.contains(Modifier::UNDERLINED));
        marked.map(|cell| cell.symbol().to_owned()).collect::<String>()
    };
    buffer.content.chunks(width).map(line).filter(|line| !line.is_empty()).collect()
}

#[test]
fn what_is_typed_is_shown_on_the_screen_before_anything_is_searched() {
    let mut view = View::demo((80, 24));
    view.holds_jobs = true;
    view.keys("/pro");
    assert_eq!(
        found(&view),
        ["70726f", "pro"].map(String::from).concat().split('\n').collect::<Vec<_>>()
    );
    assert_eq!(view.footer(), "/text: pro  1 in view; Enter searches all");
    view.keys("z");
    assert!(found(&view).is_empty());
    assert!(view.tasks.is_empty());
    view.keys("\x1b");
    assert!(found(&view).is_empty());
}

#[test]
fn the_match_and_the_selection_are_places() {
    let mut view = View::demo((80, 24));
    view.keys(":match\n");
    let none = ":match  E: at 1: no match is known at the cursor or after it; / searches";
    assert_eq!(view.footer(), none);
    view.keys("\x1b");
    let place = view.keys("g/pro\n").at();
    assert!(place > 0);
    assert_eq!(view.keys(":0\n:match\n").at(), place);
    assert_eq!(view.keys(":match + 2\n").at(), place + 2);
    // It is the next one then, and there is none behind the last.
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
    let mut view = View::demo((80, 24));
    let mut note = |view: &View| writeln!(screens, "{}", view.footer()).unwrap();
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
    let mut view = View::demo((80, 24));
    view.keys(":0x40\n/e\n");
    assert_eq!((view.at(), view.footer()), (0x48, "\"e\": 17 hits".to_owned()));
    view.keys("n");
    assert_eq!((view.at(), view.footer().as_str()), (0x58, "hit 2 of 17"));
    view.keys("N");
    assert_eq!((view.at(), view.footer().as_str()), (0x48, "hit 1 of 17"));
    view.keys("N");
    assert_eq!(view.footer(), "hit 17 of 17, from the end again");
    view.keys("n");
    assert_eq!((view.at(), view.footer().as_str()), (0x48, "hit 1 of 17, from the start again"));
    // The way back leads to where it began.
    view.ctrl('o').ctrl('o').ctrl('o').ctrl('o').ctrl('o');
    assert_eq!(view.at(), 0x40);
    view.keys("/nowhere\n");
    assert_eq!((view.at(), view.footer().as_str()), (0x40, "\"nowhere\": not found"));
    view.keys("n");
    assert_eq!(view.footer(), "E: \"nowhere\": not found");
}

#[test]
fn hits_count_while_the_search_goes_on_and_what_is_missing_is_waited_for() {
    let (mut view, id, news) = held(":0x60\n/e\n");
    // Those ahead come first.
    let [ahead, before, joined, .., ended] = &news[..] else { panic!("{news:?}") };
    assert!(matches!(joined, News::Joined { .. }), "{news:?}");
    assert_eq!(view.at(), 0x60);
    view.keys("n");
    assert_eq!(view.footer().split("   ").next(), Some("not searched yet from 0x61 on …"));
    view.send(Msg::News(id, ahead.clone()));
    assert_eq!(view.at(), 0x6e);
    assert!(view.screen().contains("hit 1 of 15+"), "{}", view.screen());
    view.keys("N");
    // What is before the start is not known yet.
    assert!(view.footer().starts_with("not searched yet from 0x0 on …"), "{}", view.footer());
    // At the end it goes on from the start, of which nothing is known either.
    view.keys(":$\nn");
    assert_eq!(
        view.footer().split("   ").next(),
        Some("hit at 0x6e, from the start again (not searched yet: 0x0 to 0x60)")
    );
    view.keys("N");
    let all = News::Progress { done: 8192 - 0x60, total: 8192, elapsed: Duration::from_secs(1) };
    view.send(Msg::News(id, all));
    view.send(Msg::News(id, before.clone()));
    assert_eq!(view.at(), 0x6e, "nearer ones may come");
    view.send(Msg::News(id, joined.clone()));
    assert_eq!(view.at(), 0x58);
    assert!(view.screen().contains("hit 2 of 17+"), "{}", view.screen());
    view.send(Msg::News(id, ended.clone()));
    assert!(view.screen().contains("hit 2 of 17 "), "{}", view.screen());
}

#[test]
fn who_goes_elsewhere_does_not_wait() {
    let (mut view, id, news) = held("/e\n");
    view.keys("j");
    for news in news {
        view.send(Msg::News(id, news));
    }
    assert_eq!((view.at(), view.footer().as_str()), (0x10, "\"e\": 17 hits"));
    let (mut view, id, news) = held("/e\n");
    view.keys("\x1b");
    for news in news {
        view.send(Msg::News(id, news));
    }
    assert_eq!(view.at(), 0);
}

#[test]
fn a_search_that_is_stopped_keeps_what_it_found() {
    let (mut view, id, news) = held("/e\n");
    view.send(Msg::News(id, news[0].clone()));
    view.ctrl('c');
    assert_eq!(view.tasks.pop(), Some(Task::Cancel(id)));
    view.send(Msg::News(id, News::Ended(Ok("17 hits".to_owned()))));
    assert_eq!(view.footer(), "stopped: \"e\"");
    view.keys("nn");
    assert!(view.at() > 0x58);
    // The same once more begins anew, as not all was searched.
    view.keys("/e\n");
    assert!(matches!(view.tasks.last(), Some(Task::Start(_, Work::Find(..)))), "{:?}", view.tasks);
}

#[test]
fn a_star_searches_the_selection_the_word_or_the_value() {
    for (keys, expected) in [
        (":0x3b\n*", "\"mapping\": "),
        (":0x39\n*", "\" map\": "),
        (":0x40\nvll*", "\"g i\": "),
        (":0x78\nvll*", "\"d m\": "),
        ("*", "93 44 45 4d: 1 hit"),
        (":0x1000\nvllll*", "00 00 00 00 00: "),
    ] {
        let mut view = View::demo((80, 24));
        view.keys(keys);
        assert!(view.footer().starts_with(expected), "{keys}: {}", view.footer());
    }
    let mut view = View::demo((80, 24));
    view.keys("vjjjjjjjjjjjjjjjjj");
    view.keys("G*");
    assert_eq!(view.footer(), "E: only 256 bytes can be searched for so");
}

#[test]
fn pasted_bytes_are_searched_for_as_what_they_are() {
    let mut view = View::demo((80, 24));
    view.keys("/").send(Msg::Paste("DEMO\u{1}".to_owned()));
    assert_eq!(view.footer(), "/hex: 44 45 4d 4f 01  1 in view; Enter searches all");
    view.keys("\x1b/").ctrl('t').send(Msg::Paste("0x44, 0x45,\n0x4d\n".to_owned()));
    assert_eq!(view.footer(), "/hex:  44   45   4d  1 in view; Enter searches all");
    view.keys("\n");
    assert_eq!(view.at(), 1);
}

#[test]
fn searches_are_remembered_with_their_notation() {
    let mut view = View::demo((80, 24));
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
    let mut view = View::demo((80, 24));
    view.keys("/promise\n").send(Msg::Refreshed(8192));
    view.keys("n");
    assert_eq!(
        view.footer(),
        "hit 1 of 1, from the start again (as the file was; / Enter searches anew)"
    );
    view.keys("/promise\nn");
    assert_eq!(view.footer(), "hit 1 of 1, from the start again");
    view.map = RamMap::from_reader(&b"short"[..]).unwrap().erase();
    view.send(Msg::Refreshed(5)).keys("n");
    assert_eq!(view.at(), 4);
}

#[test]
fn the_hits_are_listed() {
    let mut screens = String::new();
    for size in SIZES {
        let mut view = View::demo(size);
        view.keys("/e\nnnH");
        writeln!(screens, "{}x{}\n{}", size.0, size.1, view.screen()).unwrap();
    }
    insta::assert_snapshot!(screens);
}

#[test]
fn a_search_under_way_is_shown_with_what_it_found() {
    let mut screens = String::new();
    for size in SIZES {
        let mut view = View::demo(size);
        view.holds_jobs = true;
        view.keys("/e\nHK\x1b");
        let Some(Task::Start(id, work)) = view.tasks.pop() else { panic!() };
        view.send(Msg::News(id, work.finish(&view.map).remove(0)));
        let some = |done, millis| News::Progress {
            done,
            total: 8192,
            elapsed: Duration::from_millis(millis),
        };
        view.send(Msg::News(id, some(2048, 500))).send(Msg::News(id, some(6000, 1000)));
        view.keys("j");
        writeln!(screens, "{}x{}\n{}", size.0, size.1, view.screen()).unwrap();
    }
    insta::assert_snapshot!(screens);
}

#[test]
fn in_the_list_enter_goes_there_and_x_ends_the_search() {
    let mut view = View::demo((80, 24));
    view.keys("/e\nHjj\n");
    assert_eq!(
        (view.at(), view.screen().contains("hit 3 of 17")),
        (0x6e, true),
        "{}",
        view.screen()
    );
    view.keys("G\n");
    let last = view.at();
    view.keys("n");
    assert!(view.at() < last, "{}", view.footer());
    view.keys("x");
    assert!(view.screen().contains("none: / searches"), "{}", view.screen());
    assert!(found(&view).is_empty());
}

#[test]
fn hits_are_exported_to_a_new_file_after_a_second_enter() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("hits.csv");
    let mut view = View::demo((160, 50));
    view.keys(&format!(":hits export {}\n", path.display()));
    assert!(view.footer().contains("E: nothing was searched for yet"), "{}", view.footer());
    view.keys(&format!("\x1b/p[^r]\n/DEMO\n:hits export {}\n", path.display()));
    assert!(view.footer().contains("1 hit into a new file: Enter once more"), "{}", view.footer());
    assert!(!path.exists());
    view.keys("\n");
    assert!(view.footer().starts_with("export of hits: 1 hit is in "), "{}", view.footer());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "offset,length,bytes\n1,4,44454d4f\n");
}
