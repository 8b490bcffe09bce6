//! Jobs, as the view shows them.

use std::fmt::Write as _;
use std::time::Duration;

use crossterm::event::KeyCode;
use lazyhex::{Algorithm, JobId, Msg, News, Task, Work};

use super::{SIZES, View};

/// The job that was started last.
fn started(view: &mut View) -> (JobId, Work) {
    let last = view.tasks.pop();
    let Some(Task::Start(id, work)) = last else { panic!("{last:?}") };
    (id, work)
}

fn progress(done: u64, millis: u64) -> News {
    News::Progress { done, total: 8192, elapsed: Duration::from_millis(millis) }
}

#[test]
fn jobs_are_listed_with_how_far_they_are_and_what_came_of_them() {
    let mut screens = String::new();
    for size in SIZES {
        let mut view = View::demo(size);
        view.keys("#c");
        view.holds_jobs = true;
        view.keys("vlll#sK");
        let (id, _) = started(&mut view);
        view.send(Msg::News(id, progress(1, 1000)));
        view.keys("\x1b\x1b:hash blake3\n");
        let (id, _) = started(&mut view);
        view.send(Msg::News(id, progress(2048, 1000)));
        view.send(Msg::News(id, progress(6000, 2000)));
        view.press(KeyCode::F(8)).press(KeyCode::F(8));
        writeln!(screens, "{}x{}\n{}", size.0, size.1, view.screen()).unwrap();
    }
    insta::assert_snapshot!(screens);
}

#[test]
fn a_digest_is_said_below_and_enter_copies_it() {
    let mut view = View::demo((80, 24));
    view.keys("vl#s");
    let sha = "9f0b2ecbcc9ee2ae2d35d8ef9a2a5ba6b6bc76a3b0ecb2fbe90d4b2a5d9b6b48";
    let footer = view.footer();
    assert!(footer.starts_with("sha256 of the selection, 2 B: "), "{footer}");
    assert_eq!(footer.len(), "sha256 of the selection, 2 B: ".len() + 49, "{footer} {sha}");
    view.keys("K\n");
    let Some(Task::CopyText(text)) = view.tasks.pop() else { panic!("{}", view.screen()) };
    assert!(text.len() == 64 && footer.ends_with(&text[..49]), "{text}");
}

#[test]
fn ctrl_c_stops_the_newest_job_and_x_the_chosen_one() {
    let mut view = View::demo((80, 24));
    view.holds_jobs = true;
    view.keys("#c");
    let (older, work) = started(&mut view);
    assert_eq!(work, Work::Digest(Algorithm::Crc32, 0..8192));
    view.keys("#b");
    let (newer, _) = started(&mut view);
    view.ctrl('c');
    assert_eq!(view.tasks.pop(), Some(Task::Cancel(newer)));
    assert!(view.app.ending().is_none());
    view.send(Msg::News(newer, News::Ended(Err("stopped".to_owned()))));
    assert_eq!(view.footer(), "stopped: blake3 of all, 8.00 KiB   ▶ crc32 of all, 8.00 KiB");
    view.keys("Kkkx");
    assert_eq!(view.tasks.pop(), Some(Task::Cancel(older)));
    view.send(Msg::News(older, News::Ended(Err("stopped".to_owned()))));
    // What has ended is taken away.
    view.keys("xx");
    assert!(view.screen().contains("none: / searches, # hashes"), "{}", view.screen());
    // News of what is gone is no news.
    view.send(Msg::News(newer, progress(1, 1)));
    assert!(view.screen().contains("none: / searches, # hashes"), "{}", view.screen());
    view.ctrl('c');
    assert!(view.app.ending().is_some());
}

#[test]
fn what_cannot_be_hashed_says_why() {
    let mut view = View::demo((80, 24));
    view.holds_jobs = true;
    view.keys("#c");
    let (id, _) = started(&mut view);
    view.send(Msg::News(id, News::Ended(Err("it is gone".to_owned()))));
    assert_eq!(view.footer(), "E: crc32 of all, 8.00 KiB: it is gone");
}
