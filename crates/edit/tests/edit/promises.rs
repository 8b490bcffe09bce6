//! What a saving must not say, or lose, when something fails around it.

use std::ffi::OsString;
use std::io::ErrorKind as Io;
use std::path::Path;

use memmap_core::Progress;
use memmap_core::disk::Attributes;
use memmap_core::testing::{At, CallKind, DiskFault, TestDisk, TestMap, Times};
use memmap_edit::journal::{JournalOptions, Journals, Standing};
use memmap_edit::{
    Check, Direction, JournalError, Overlay, RecoverError, SaveError, Unfinished, Way,
};

use crate::saving::{PATH, disk_with, journal, open};

const OLD: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
const NEW: &[u8] = b"012XYZ6789abcdefghijklmnopqrstuvwxyz";

fn edited(disk: &TestDisk) -> Overlay<TestMap> {
    let mut edited = open(disk);
    edited.overwrite(3, b"XYZ").expect("within");
    edited
}

fn unfinished(disk: &TestDisk) -> Option<Unfinished<TestMap>> {
    let journals = Journals::open(disk.clone(), "/journals/of").expect("a folder");
    let listed = journals.of(Path::new(PATH)).expect("readable");
    let found = listed.iter().find(|it| it.standing == Standing::UnfinishedSaving)?;
    let options = JournalOptions { has_thread: false, ..JournalOptions::default() };
    let opened = Unfinished::open(&journals, &found.name, Path::new(PATH), options, false);
    Some(opened.expect("it can be opened"))
}

/// A rewrite whose new names could not be brought to the disk, of a program that then ended.
fn rewritten_without_names(exchanges: bool) -> TestDisk {
    let disk = disk_with(OLD);
    disk.set_exchanges(exchanges);
    let mut edited = edited(&disk);
    let save = edited.save().way(Way::Rewrite).journal(journal(&disk));
    disk.fail(At::on(CallKind::SyncFolder, "files"), DiskFault::Error(Io::Other), Times::Once);
    let error = save.run(&Progress::new()).expect_err("the names are not durable");
    assert!(matches!(error, SaveError::Unfinished { .. }), "{error}");
    disk.kill();
    disk
}

#[test]
fn names_of_a_failed_sync_are_written_again() {
    for direction in [Direction::Forward, Direction::Back] {
        let next = rewritten_without_names(true).other_process();
        unfinished(&next).expect("unfinished").run(direction).expect("it can be written");
        assert_eq!(next.read(PATH), NEW);
        assert_eq!(next.list("/files"), ["file"]);
        assert_eq!(next.crash(&[]).read(PATH), NEW, "the names are not durable");
        assert!(unfinished(&next).is_none());
    }
}

/// Each call of such a recovery is the last one, and then the power goes.
#[test]
fn names_that_are_written_again_are_whole_wherever_it_is_cut() {
    let next = rewritten_without_names(true).other_process();
    let from = next.call_count();
    unfinished(&next).expect("unfinished").run(Direction::Forward).expect("it can be written");
    let end = next.call_count();
    for stop in from..end {
        let next = rewritten_without_names(true).other_process();
        next.stop_after(stop);
        if let Ok(journals) = Journals::open(next.clone(), "/journals/of")
            && let Ok(listed) = journals.of(Path::new(PATH))
            && let Some(found) = listed.first()
        {
            let options = JournalOptions { has_thread: false, ..JournalOptions::default() };
            let path = Path::new(PATH);
            let opened = Unfinished::<TestMap>::open(&journals, &found.name, path, options, false);
            opened.and_then(|it| it.run(Direction::Forward)).expect_err("stopped");
        }
        for after in next.crashes(24, stop as u64) {
            if let Some(left) = unfinished(&after) {
                left.run(Direction::Forward).expect("it begins again");
            }
            let read = after.read(PATH);
            assert!(read == NEW || read == OLD, "{stop}: {read:?}");
        }
    }
}

#[test]
fn names_that_cannot_be_written_again_are_said_to_be_unfinished() {
    let disk = rewritten_without_names(false);
    let next = disk.other_process();
    let error = unfinished(&next).expect("unfinished").run(Direction::Forward);
    let error = error.expect_err("another sync proves nothing");
    assert!(matches!(error, RecoverError::Io { .. }), "{error}");
    assert!(unfinished(&next).is_some(), "it is offered again");
    // When the system started again, what it shows is what the disk has.
    let started = next.crash(&[]);
    let left = unfinished(&started).expect("unfinished");
    left.run(Direction::Forward).expect("known");
    assert_eq!(started.read(PATH), OLD);
    assert!(unfinished(&started).is_none());
}

#[test]
fn bytes_that_nobody_looked_at_are_not_written_over_in_a_changed_file() {
    for way in [Way::InPlace, Way::Rewrite] {
        let disk = disk_with(OLD);
        let mut edited = open(&disk);
        edited.shown_only(Vec::new());
        edited.overwrite(3, b"XYZ").expect("within");
        let plan = edited.save().way(way).plan(&Progress::new()).expect("possible");
        assert!(plan.checks().contains(&Check::Unseen { bytes: 3, changed: false }));
        disk.write(PATH, 4, b"?");
        let error = plan.run(&Progress::new()).expect_err("it is another version than was planned");
        assert!(matches!(error, SaveError::PlanIsOld { .. }), "{way:?}: {error}");
        let now = disk.read(PATH);
        let error = edited.save().way(way).run(&Progress::new()).expect_err("nobody was asked");
        assert!(matches!(error, SaveError::Unseen { bytes: 3, .. }), "{way:?}: {error}");
        let plan = edited.save().way(way).plan(&Progress::new()).expect("possible");
        assert!(plan.checks().contains(&Check::Unseen { bytes: 3, changed: true }));
        let error = plan.run(&Progress::new()).expect_err("nobody was asked");
        assert!(matches!(error, SaveError::Unseen { .. }), "{way:?}: {error}");
        assert_eq!(disk.read(PATH), now);
        let plan = edited.save().way(way).plan(&Progress::new()).expect("possible");
        let saved = plan.accept_unseen().run(&Progress::new()).expect("a person said yes");
        edited.saved(saved);
        assert_eq!(disk.read(PATH), NEW);
    }
}

#[test]
fn a_saving_without_the_name_of_its_journal_is_refused() {
    for way in [Way::InPlace, Way::Rewrite] {
        let disk = disk_with(OLD);
        let mut edited = edited(&disk);
        let journal = journal(&disk);
        disk.unlink(journal.path());
        let save = edited.save().way(way).journal(journal);
        let error = save.run(&Progress::new()).expect_err("nothing could be recovered");
        let is_journal = matches!(error, SaveError::Journal(JournalError::Gone));
        assert!(is_journal, "{way:?}: {error}");
        assert_eq!((disk.read(PATH), disk.list("/files").len()), (OLD.to_vec(), 1));
    }
}

fn rights() -> Attributes {
    Attributes {
        owner: Some((7, 7)),
        mode: Some(0o6755),
        extended: vec![(OsString::from("security.capability"), b"\x01cap".to_vec())],
        ..Attributes::default()
    }
}

/// Writing to a file takes set-user-id and capabilities away. They are back, wherever the saving is cut.
#[test]
fn what_writing_takes_away_is_given_back_after_a_power_cut() {
    let start = || {
        let disk = disk_with(OLD);
        disk.set_attributes(PATH, &rights());
        disk
    };
    let probe = start();
    let mut whole = edited(&probe);
    let save = whole.save().journal(journal(&probe));
    let from = probe.call_count();
    save.run(&Progress::new()).expect("saved");
    assert_eq!(probe.attributes_at(PATH), rights());
    let mut recovered = 0;
    for stop in from..=probe.call_count() {
        let disk = start();
        let mut edited = edited(&disk);
        let save = edited.save().journal(journal(&disk));
        disk.stop_after(stop);
        save.run(&Progress::new()).err();
        for after in disk.crashes(16, stop as u64) {
            for direction in [Direction::Forward, Direction::Back] {
                let next = after.crash(&[]);
                if let Some(saving) = unfinished(&next) {
                    saving.run(direction).expect("nobody else wrote");
                    recovered += 1;
                }
                assert_eq!(next.attributes_at(PATH), rights(), "{stop} {direction:?}");
                assert_eq!(next.crash(&[]).attributes_at(PATH), rights(), "{stop}: not durable");
            }
        }
    }
    assert!(recovered > 0);
}

#[test]
fn what_writing_takes_away_is_given_back_when_it_is_taken_back_or_done_again() {
    // A write fails, and what was written is taken back.
    let disk = disk_with(OLD);
    disk.set_attributes(PATH, &rights());
    let mut overlay = edited(&disk);
    overlay.overwrite(30, b"Z").expect("within");
    let second = At::Call(disk.call_count() + 1);
    disk.fail(second, DiskFault::Error(Io::StorageFull), Times::Once);
    overlay.save().run(&Progress::new()).expect_err("no room");
    assert_eq!((disk.read(PATH), disk.attributes_at(PATH)), (OLD.to_vec(), rights()));
    assert_eq!(disk.crash(&[]).attributes_at(PATH), rights());
    // A sync fails, and all is written again.
    for way in [Way::InPlace, Way::Rewrite] {
        let disk = disk_with(OLD);
        disk.set_attributes(PATH, &rights());
        let mut overlay = edited(&disk);
        disk.fail(At::on(CallKind::Sync, "file"), DiskFault::Error(Io::Other), Times::Once);
        let error = overlay.save().journal(journal(&disk)).run(&Progress::new());
        assert!(matches!(error, Err(SaveError::Unfinished { .. })), "{error:?}");
        overlay.save().way(way).run(&Progress::new()).expect("saved");
        assert_eq!(disk.crash(&[]).attributes_at(PATH), rights(), "{way:?}");
    }
}

/// A file that has another owner now would let its programs run as that owner.
#[test]
fn another_owner_gets_no_rights_back() {
    let disk = disk_with(OLD);
    disk.set_attributes(PATH, &rights());
    let mut overlay = edited(&disk);
    disk.fail(At::on(CallKind::Sync, "file"), DiskFault::Error(Io::Other), Times::Once);
    overlay.save().journal(journal(&disk)).run(&Progress::new()).expect_err("it fails");
    disk.kill();
    let next = disk.other_process();
    let other = Attributes { owner: Some((8, 8)), mode: Some(0o755), ..Attributes::default() };
    next.set_attributes(PATH, &other);
    unfinished(&next).expect("unfinished").run(Direction::Forward).expect("it can be written");
    assert_eq!((next.read(PATH), next.attributes_at(PATH)), (NEW.to_vec(), other));
}
