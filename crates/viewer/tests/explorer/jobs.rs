//! Jobs as the view shows them.

use std::fmt::Write as _;
use std::time::Duration;

use crossterm::event::KeyCode;
use memmap::Map;
use memmap_core::testing::{Fake, Fault};

use super::{SIZES, demo_view, view};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn jobs_are_listed_with_how_far_they_are_and_what_came_of_them() {
    let mut screens = String::new();
    for size in SIZES {
        let mut view = demo_view(size);
        view.keys("#c").hold_jobs(true).keys("vlll#sK");
        let job = view.job();
        view.pass(SECOND).progress(job, 1, 8192);
        view.keys("\x1b\x1b:hash blake3\n");
        let job = view.job();
        view.pass(SECOND).progress(job, 2048, 8192);
        view.pass(SECOND).progress(job, 6000, 8192);
        view.press(KeyCode::F(8)).press(KeyCode::F(8));
        writeln!(screens, "{}x{}\n{}", size.0, size.1, view.screen()).unwrap();
    }
    insta::assert_snapshot!(screens);
}

#[test]
fn a_digest_is_said_below_and_enter_copies_it() {
    let mut view = demo_view((80, 24));
    view.keys("vl#s");
    let footer = view.footer();
    let digest = footer.strip_prefix("sha256 of th…: ").unwrap();
    assert_eq!(digest.len(), 64, "{footer}");
    view.keys("K\n");
    let copies = view.copies();
    let [text] = &copies[..] else { panic!("{}", view.screen()) };
    assert_eq!(text, digest);
}

#[test]
fn ctrl_c_stops_the_newest_job_and_x_the_chosen_one() {
    let mut view = demo_view((80, 24));
    view.hold_jobs(true).keys("#c#b");
    assert_eq!(view.jobs(), ["crc32 of all, 8.00 KiB", "blake3 of all, 8.00 KiB"]);
    view.ctrl('c');
    assert!(view.exit().is_none());
    view.finish(1);
    assert_eq!(view.footer(), "stopped: blake3 of all, 8.00 KiB   ▶ crc32 of all, 8.00 KiB");
    view.keys("Kkkx").finish(0);
    assert!(view.footer().starts_with("stopped: crc32"), "{}", view.footer());
    // An ended job is removed from the list.
    view.keys("xx");
    assert!(view.screen().contains("no jobs: / searches, # s makes a digest"), "{}", view.screen());
    view.ctrl('c');
    assert!(view.exit().is_some());
}

#[test]
fn what_cannot_be_hashed_says_why() {
    let fake = Fake::new(&[7; 8192]).with(Fault::Read { at: 9, kind: std::io::ErrorKind::Other });
    let mut view = view(Map::from_mapping(fake).erase(), (80, 24));
    view.keys("#c");
    let footer = view.footer();
    assert!(footer.starts_with("E: crc32 of all, 8.00 KiB: no crc32: "), "{footer}");
}

#[test]
fn quitting_asks_while_a_file_is_written_and_removes_what_is_given_up() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("new.bin");
    let mut view = demo_view((160, 24));
    view.hold_jobs(true).keys(&format!("vG:write {}\n\n", path.display()));
    let job = view.job();
    view.step(job);
    assert!(path.exists());
    view.keys("q");
    assert!(view.footer().starts_with("still running: write 8.00 KiB to "), "{}", view.footer());
    view.keys("\n");
    assert!(view.exit().is_none(), "Enter confirms nothing");
    view.keys("\x1b");
    assert!(view.exit().is_none() && !view.footer().contains("still running"));
    view.keys(":qa\ny");
    assert!(view.exit().is_some());
    view.finish(job);
    assert!(!path.exists());
}
