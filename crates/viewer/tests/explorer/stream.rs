//! Pipes: what comes is shown, followed, searched and kept, up to a limit.

use std::time::Duration;

use lazyhex::testing::Stage;

use super::SECOND;

/// The time after which what came is shown at the latest.
const SOON: Duration = Duration::from_millis(250);

const NO_LIMIT: u64 = 1 << 32;

fn view(limit: u64) -> Stage {
    let mut view = Stage::new((80, 24));
    view.open_stream("standard input", limit).begin();
    view
}

/// The lines of the screen.
fn lines(view: &Stage) -> Vec<String> {
    let screen = view.screen();
    screen.lines().map(|line| line.trim_matches('"').trim_end().to_owned()).collect()
}

fn title(view: &Stage) -> String {
    lines(view)[0].split("   ").next().unwrap().trim().to_owned()
}

fn status(view: &Stage) -> String {
    lines(view)[22].trim().to_owned()
}

#[test]
fn what_comes_is_shown_at_once_and_then_four_times_a_second() {
    let mut view = view(NO_LIMIT);
    assert_eq!(title(&view), "standard input  read-only  pipe, 0 B so far");
    assert!(view.screen().contains("Nothing has come of the pipe yet."), "{}", view.screen());
    assert!(status(&view).ends_with("▶ reading"), "{}", status(&view));
    assert_eq!(view.feed(b"GET /index.html HTTP/1.1 "), 25);
    assert_eq!((view.len(), view.at()), (25, 0));
    let rows = lines(&view);
    assert_eq!(
        rows[2..4].iter().map(|row| row.trim_end_matches(['█', '│', ' '])).collect::<Vec<_>>(),
        [
            "00000000  47 45 54 20 2f 69 6e 64  65 78 2e 68 74 6d 6c 20  GET /index.html",
            "00000010  48 54 54 50 2f 31 2e 31  20 ·· ·· ·· ·· ·· ·· ··  HTTP/1.1",
        ]
    );
    // What comes at the same time is shown together.
    view.feed(b"200 ");
    view.feed(b"5123\n");
    assert_eq!(view.len(), 25);
    view.pass(SOON);
    assert_eq!((view.len(), view.at()), (34, 0));
    view.feed(&[0; 1990]);
    view.pass(SOON);
    assert_eq!(view.len(), 2024);
    // 1999 bytes in half a second.
    assert!(status(&view).ends_with("▶ reading  3.90 KiB/s"), "{}", status(&view));
    view.keys("G");
    assert!(status(&view).contains("100% of 1.97 KiB so far"), "{}", status(&view));
    view.pass(SECOND);
    assert!(status(&view).ends_with("▶ reading"), "{}", status(&view));
    assert!(view.footer().starts_with("F follows the end  / searches what comes, too  Esc stops"));
    view.end_stream(None);
    assert_eq!(title(&view), "standard input  read-only  pipe, 1.97 KiB, complete");
    assert!(!view.screen().contains("·· ··"), "{}", view.screen());
    assert!(status(&view).contains("99.95% of 1.97 KiB  00 0"), "{}", status(&view));
    assert!(!status(&view).contains("reading"), "{}", status(&view));
}

#[test]
fn the_end_is_followed_when_that_is_asked_for() {
    let mut view = view(NO_LIMIT);
    view.feed(b"one");
    view.keys("G");
    view.pass(SOON);
    view.feed(b"two");
    assert_eq!((view.len(), view.at()), (6, 2));
    view.keys("gg").keys("F");
    assert_eq!((view.at(), view.footer().as_str()), (5, "following the end; F stops that"));
    view.pass(SOON);
    view.feed(b"three");
    assert_eq!((view.len(), view.at()), (11, 10));
    view.keys("F").pass(SOON);
    view.feed(b"four");
    assert_eq!((view.len(), view.at()), (15, 10));
    view.end_stream(None).keys("F");
    assert_eq!(view.footer(), "E: nothing more comes; there is nothing to follow");
}

#[test]
fn reading_pauses_at_the_limit_and_goes_on_with_another_one() {
    let mut view = view(1 << 20);
    assert_eq!(view.feed(&vec![b'x'; 3 << 20]), 1 << 20);
    assert_eq!(view.len(), 1 << 20);
    assert_eq!(view.footer(), "reading paused at 1.00 MiB: :spool 4M goes on");
    assert!(status(&view).ends_with("paused"), "{}", status(&view));
    assert_eq!(view.feed(b"x"), 0);
    view.keys(":spool much\n");
    assert!(view.footer().contains("E: "), "{}", view.footer());
    view.keys("\x1b:spool 2M\n");
    assert_eq!(view.footer(), "reading pauses at 2.00 MiB");
    assert!(status(&view).contains("▶ reading"), "{}", status(&view));
    view.pass(SOON);
    assert_eq!(view.feed(&vec![b'x'; 3 << 20]), 1 << 20);
    view.keys(":spool 1\n");
    assert_eq!((view.feed(b"x"), view.len()), (0, 2 << 20));
    view.end_stream(None).keys(":spool 3M\n");
    assert!(view.footer().ends_with("E: the stream has ended already"), "{}", view.footer());
}

#[test]
fn esc_stops_reading_and_what_came_stays() {
    let mut view = view(NO_LIMIT);
    view.feed(b"kept");
    // It ends a selection first.
    view.keys("v\x1b");
    assert!(title(&view).ends_with("so far"), "{}", title(&view));
    view.keys("\x1b");
    assert_eq!(view.footer(), "reading stopped; what came before is kept");
    assert_eq!(title(&view), "standard input  read-only  pipe, 4 B, stopped");
    assert_eq!((view.feed(b"more"), view.len()), (0, 4));
}

#[test]
fn a_failure_is_said_and_what_came_stays() {
    let mut view = view(NO_LIMIT);
    view.feed(b"kept");
    view.end_stream(Some("cannot be read: it broke"));
    assert_eq!(
        view.footer(),
        "E: standard input: cannot be read: it broke; what came of the pipe is kept"
    );
    assert_eq!(title(&view), "standard input  read-only  pipe, 4 B, failed");
    assert_eq!(view.len(), 4);
}

#[test]
fn a_pipe_is_not_edited_and_a_copy_is_saved() {
    let dir = tempfile::tempdir().unwrap();
    let copy = dir.path().join("copy");
    let mut view = view(NO_LIMIT);
    view.feed(b"what came");
    let why = "a pipe has nothing to save to: :write FILE saves a copy of what came";
    for keys in ["i", ":edit on\n", ":w\n"] {
        view.keys(keys);
        assert!(view.footer().ends_with(why), "{keys:?}: {}", view.footer());
        view.keys("\x1b").pass(SECOND * 3);
    }
    // Esc has stopped it.
    assert!(title(&view).ends_with("stopped"));

    let mut view = self::view(NO_LIMIT);
    view.feed(b"what came");
    view.keys(&format!(":w {}\n", copy.display()));
    let question = "Write the 9 bytes that came so far (more may come) to a new file?";
    let screen = view.screen();
    assert!(screen.contains("Write the 9 bytes that came so far"), "{question}\n{screen}");
    view.keys("\n");
    assert_eq!(std::fs::read(&copy).unwrap(), b"what came");
}

#[test]
fn a_search_goes_on_in_what_comes() {
    let mut view = view(NO_LIMIT);
    view.feed(b"a needle, a nee");
    view.keys("/needle\n");
    assert_eq!(view.at(), 2);
    // A match may begin in what came before.
    view.pass(SOON);
    view.feed(b"dle and a needle");
    assert_eq!(view.len(), 31);
    assert!(status(&view).contains("match 1 of 3"), "{}", status(&view));
    view.keys("n");
    assert_eq!((view.at(), view.footer().as_str()), (12, "match 2 of 3"));
    view.keys("n");
    assert_eq!(view.at(), 25);
    view.keys("/nothing\n");
    view.pass(SOON);
    view.feed(b" and nothing");
    view.keys("n");
    assert_eq!((view.at(), view.footer().as_str()), (36, "match 1 of 1"));
}

#[test]
#[cfg(unix)]
fn a_pipe_with_a_name_opens_in_a_tab_before_anybody_writes_to_it() {
    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut view = super::demo_view((80, 24));
    view.keys(&format!(":tab {}\n", pipe.display()));
    assert!(view.screen().contains("pipe  read-only  pipe, 0 B so far"), "{}", view.screen());
    view.feed(b"bytes");
    assert_eq!(view.len(), 5);
}
