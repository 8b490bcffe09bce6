//! Ways in which a saving could lose a byte that is not its own, or say that it is done when it is not.

use std::io::ErrorKind as Io;
use std::path::Path;
use std::sync::Arc;

use memmap_core::Progress;
use memmap_core::disk::Stored;
use memmap_core::testing::{At, CallKind, DiskFault, TestDisk, TestMap, Times};
use memmap_edit::journal::{JournalOptions, Journals, Standing};
use memmap_edit::{Direction, Overlay, SaveError, State, Unfinished, Way};

use crate::saving::{PATH, disk_with, journal, open};

const OLD: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";

fn all(overlay: &Overlay<TestMap>) -> Vec<u8> {
    overlay.view().read_at(0, overlay.len() as usize).expect("readable")
}

fn options() -> JournalOptions {
    JournalOptions { has_thread: false, ..JournalOptions::default() }
}

fn fail_sync(disk: &TestDisk) {
    disk.fail(At::on(CallKind::Sync, "file"), DiskFault::Error(Io::Other), Times::Once);
}

fn unfinished(disk: &TestDisk) -> Option<Unfinished<TestMap>> {
    let journals = Journals::open(disk.clone(), "/journals/of").expect("a folder");
    let listed = journals.of(Path::new(PATH)).expect("readable");
    let found = listed.iter().find(|it| it.standing == Standing::UnfinishedSaving)?;
    let opened = Unfinished::open(&journals, &found.name, Path::new(PATH), options(), false);
    Some(opened.expect("it can be opened"))
}

/// After a saving that did not finish the file may have its bytes, whatever state is saved next.
#[test]
fn what_an_unfinished_saving_wrote_is_written_over_by_whatever_is_saved_next() {
    for way in [Way::InPlace, Way::Rewrite] {
        let disk = disk_with(OLD);
        let mut edited = open(&disk);
        edited.overwrite(3, b"XYZ").expect("within");
        fail_sync(&disk);
        let error = edited.save().run(&Progress::new()).expect_err("it fails");
        assert!(matches!(error, SaveError::Unfinished { .. }), "{error}");
        edited.undo();
        edited.save().way(way).run(&Progress::new()).expect("saved");
        assert_eq!(all(&edited), OLD, "{way:?}");
        assert_eq!(disk.read(PATH), OLD, "{way:?}");
        assert_eq!(disk.crash(&[]).read(PATH), OLD, "{way:?}");
        // Another edit instead.
        edited.overwrite(3, b"XYZ").expect("within");
        fail_sync(&disk);
        if way == Way::InPlace {
            edited.save().run(&Progress::new()).expect_err("it fails");
            edited.undo();
            edited.overwrite(20, b"!").expect("within");
            let expected = all(&edited);
            edited.save().way(way).run(&Progress::new()).expect("saved");
            assert_eq!(disk.crash(&[]).read(PATH), expected);
        }
    }
}

/// The same of a saving that is complete, and that the overlay was never told of.
#[test]
fn a_saving_that_was_not_taken_is_written_over_too() {
    for way in [Way::InPlace, Way::Rewrite] {
        let disk = disk_with(OLD);
        let mut edited = open(&disk);
        edited.overwrite(3, b"XYZ").expect("within");
        let planned = edited.save().plan(&Progress::new()).expect("possible");
        drop(planned.run(&Progress::new()).expect("saved"));
        edited.undo();
        edited.save().way(way).run(&Progress::new()).expect("saved");
        assert_eq!((disk.read(PATH), all(&edited)), (OLD.to_vec(), OLD.to_vec()), "{way:?}");
    }
}

/// What another program wrote where a saving did not finish is neither old nor new.
#[test]
fn what_others_wrote_after_an_unfinished_saving_is_a_conflict() {
    let disk = disk_with(OLD);
    let mut edited = open(&disk);
    edited.overwrite(3, b"XYZ").expect("within");
    fail_sync(&disk);
    edited.save().run(&Progress::new()).expect_err("it fails");
    edited.undo();
    disk.write_mapped(PATH, 4, b"?");
    let error = edited.save().run(&Progress::new()).expect_err("it is another's");
    assert!(matches!(error, SaveError::Conflicts(_)), "{error}");
    assert_eq!(&disk.read(PATH)[3..6], b"X?Z");
}

/// A plan shows what the file will be. After another saving the file would be something else.
#[test]
fn a_plan_from_before_another_saving_is_old() {
    for way in [Way::InPlace, Way::Rewrite] {
        let disk = disk_with(OLD);
        let mut edited = open(&disk);
        edited.overwrite(3, b"XYZ").expect("within");
        let first = edited.save().way(way).plan(&Progress::new()).expect("possible");
        edited.undo();
        edited.overwrite(20, b"!").expect("within");
        edited.save().run(&Progress::new()).expect("saved");
        let now = disk.read(PATH);
        let error = first.run(&Progress::new()).expect_err("the file is not what it was");
        assert!(matches!(error, SaveError::PlanIsOld { .. }), "{error}");
        assert_eq!(disk.read(PATH), now);
        assert_eq!(all(&edited), now);
    }
}

/// Calls of a saving on the file, to act before each of them.
fn calls_of(edit: fn(&mut Overlay<TestMap>), way: Way) -> std::ops::Range<usize> {
    let probe = disk_with(OLD);
    let mut edited = open(&probe);
    edit(&mut edited);
    let save = edited.save().way(way).journal(journal(&probe));
    let from = probe.call_count();
    save.run(&Progress::new()).expect("saved");
    from..probe.call_count()
}

/// The last call before the first that writes to the file: between the two only the file is read again.
fn is_before_writing(number: usize, range: &std::ops::Range<usize>, disk: &TestDisk) -> bool {
    let calls = disk.calls();
    let first = calls.iter().find(|call| {
        range.contains(&call.number)
            && call.on == PATH
            && matches!(call.kind, CallKind::Write | CallKind::SetLen)
    });
    first.is_none_or(|first| number < first.number)
}

/// A log gets a line at each step of a saving that changes the length.
#[test]
fn what_others_append_while_the_length_changes_is_not_lost() {
    let edits: [fn(&mut Overlay<TestMap>); 3] = [
        |edited| edited.insert(10, b"inserted").expect("within"),
        |edited| edited.insert(36, b"appended").expect("within"),
        |edited| edited.delete(20..30).expect("within"),
    ];
    for edit in edits {
        let range = calls_of(edit, Way::InPlace);
        for number in range.clone() {
            let disk = disk_with(OLD);
            let mut edited = open(&disk);
            edit(&mut edited);
            let new = all(&edited);
            let save = edited.save().way(Way::InPlace).journal(journal(&disk));
            disk.before(At::Call(number), |disk| disk.append(PATH, b"<line>"));
            let result = save.run(&Progress::new());
            let now = disk.read(PATH);
            // In the instant between the last look and the write nothing can be known.
            let calls = disk.calls();
            let call = calls.get(number).map(|call| (call.kind, call.on.clone()));
            let is_instant =
                matches!(&call, Some((CallKind::Write | CallKind::SetLen, on)) if on == PATH);
            assert!(
                is_instant || now.windows(6).any(|part| part == b"<line>"),
                "{call:?}: {result:?}: {}",
                now.escape_ascii()
            );
            if result.is_ok() && !is_instant {
                let with_line = [&new[..], b"<line>"].concat();
                assert!(now == new || now == with_line, "{call:?}: {}", now.escape_ascii());
            }
            if result.is_err() && is_before_writing(number, &range, &disk) && !is_instant {
                assert_eq!(now, [OLD, b"<line>"].concat(), "{call:?}");
            }
        }
    }
}

/// Another program writes into a covered range at each step before it is written.
#[test]
fn what_others_write_between_the_looks_of_a_saving_is_a_conflict() {
    let edit: fn(&mut Overlay<TestMap>) = |edited| {
        edited.overwrite(3, b"XYZ").expect("within");
        edited.overwrite(30, b"!").expect("within");
    };
    let disk = disk_with(OLD);
    let mut edited = open(&disk);
    edit(&mut edited);
    let save = edited.save().way(Way::InPlace).journal(journal(&disk));
    // Making room is between the look at all ranges and the journal.
    disk.before(At::Kind(CallKind::MakeRoom), |disk| disk.write_mapped(PATH, 4, b"?"));
    let error = save.run(&Progress::new()).expect_err("it is another's");
    assert!(matches!(error, SaveError::Conflicts(_)), "{error}");
    assert_eq!(&disk.read(PATH)[3..6], b"3?5");
}

/// A program that empties the file between two ranges gets an empty file.
#[test]
fn a_file_that_others_empty_meanwhile_is_not_made_long_again() {
    let disk = disk_with(OLD);
    let mut edited = open(&disk);
    edited.overwrite(3, b"XYZ").expect("within");
    edited.overwrite(30, b"!").expect("within");
    disk.before(At::on(CallKind::Write, "file"), |disk| {
        disk.before(At::on(CallKind::Read, "file"), |disk| disk.cut(PATH, 0));
    });
    edited.save().run(&Progress::new()).expect_err("there is nothing at the second range");
    assert_eq!(disk.read(PATH), b"");
}

/// A person decides on a recovery. Meanwhile another program writes.
#[test]
fn recovery_looks_again_before_it_writes() {
    type Act = fn(&TestDisk);
    let acts: [(&str, Act); 4] = [
        ("written", |disk| disk.write_mapped(PATH, 4, b"?")),
        ("appended", |disk| disk.append(PATH, b"line")),
        ("replaced", |disk| disk.replace(PATH, b"another file")),
        ("in use", |disk| disk.set_in_use(PATH, Some("loop device /dev/loop3"))),
    ];
    for (what, act) in acts {
        for direction in [Direction::Forward, Direction::Back] {
            let disk = disk_with(OLD);
            let mut edited = open(&disk);
            edited.overwrite(3, b"XYZ").expect("within");
            fail_sync(&disk);
            edited.save().journal(journal(&disk)).run(&Progress::new()).expect_err("it fails");
            disk.kill();
            let next = disk.other_process();
            let saving = unfinished(&next).expect("cut short");
            act(&next);
            let now = next.read(PATH);
            saving.run(direction).expect_err(what);
            assert_eq!(next.read(PATH), now, "{what} {direction:?}");
            assert!(what == "replaced" || unfinished_stands(&next), "{what}: it is still open");
        }
    }
}

fn unfinished_stands(disk: &TestDisk) -> bool {
    let journals = Journals::open(disk.clone(), "/journals/of").expect("a folder");
    let listed = journals.of(Path::new(PATH)).expect("readable");
    listed.iter().any(|it| it.standing == Standing::UnfinishedSaving)
}

/// A rewrite is recovered by names, which may lead elsewhere when a person has decided.
#[test]
fn recovery_of_a_rewrite_looks_again_at_the_names() {
    let disk = disk_with(OLD);
    let mut edited = open(&disk);
    edited.insert(0, b"head ").expect("within");
    disk.fail(At::Kind(CallKind::SyncFolder), DiskFault::Error(Io::Other), Times::Once);
    let made = journal_after_faults(&disk);
    disk.fail(At::on(CallKind::SyncFolder, "files"), DiskFault::Error(Io::Other), Times::Once);
    let save = edited.save().way(Way::Rewrite).journal(made);
    save.run(&Progress::new()).expect_err("the folder was not synced");
    disk.kill();
    let next = disk.other_process();
    let saving = unfinished(&next).expect("cut short");
    next.replace(PATH, b"another file");
    saving.run(Direction::Forward).expect_err("another file has the name");
    let names = next.list("/files");
    assert_eq!(names.len(), 2, "the old file stays: {names:?}");
}

fn journal_after_faults(disk: &TestDisk) -> Arc<memmap_edit::Journal<TestDisk>> {
    disk.heal();
    journal(disk)
}

/// A saving that is tried again and taken back leaves what the one before it left.
#[test]
fn a_saving_that_was_taken_back_does_not_end_the_one_before_it() {
    let disk = disk_with(OLD);
    let mut edited = open(&disk);
    let journal = journal(&disk);
    edited.record_to(Arc::clone(&journal) as _);
    edited.overwrite(3, b"XYZ").expect("within");
    fail_sync(&disk);
    edited.save().journal(Arc::clone(&journal)).run(&Progress::new()).expect_err("it fails");
    disk.fail(At::on(CallKind::Write, "file"), DiskFault::Error(Io::StorageFull), Times::Once);
    let error = edited.save().journal(journal).run(&Progress::new()).expect_err("it fails");
    assert!(!matches!(error, SaveError::Unfinished { .. }), "{error}");
    disk.kill();
    let next = disk.other_process();
    let saving = unfinished(&next).expect("the first one is not finished");
    saving.run(Direction::Back).expect("it can be written");
    assert_eq!(next.crash(&[]).read(PATH), OLD);
    assert!(!unfinished_stands(&next));
}

/// Cut short while it was done again, it can go back to before the first try: in two steps.
#[test]
fn a_second_try_that_is_cut_short_goes_back_to_the_first_bytes() {
    let disk = disk_with(OLD);
    let mut edited = open(&disk);
    let journal = journal(&disk);
    edited.record_to(Arc::clone(&journal) as _);
    edited.overwrite(3, b"XYZ").expect("within");
    for _ in 0..2 {
        fail_sync(&disk);
        edited.save().journal(Arc::clone(&journal)).run(&Progress::new()).expect_err("it fails");
    }
    drop(journal);
    disk.kill();
    let next = disk.other_process();
    let mut steps = 0;
    while let Some(saving) = unfinished(&next) {
        saving.run(Direction::Back).expect("it can be written");
        steps += 1;
        assert!(steps < 3);
    }
    assert_eq!(next.crash(&[]).read(PATH), OLD);
}

/// What a first try wrote over is known to a later session too.
#[test]
fn a_later_session_undoes_a_saving_that_took_two_tries() {
    let disk = disk_with(OLD);
    let mut edited = open(&disk);
    let journal = journal(&disk);
    let name = journal.name().to_owned();
    edited.record_to(Arc::clone(&journal) as _);
    edited.overwrite(3, b"XYZ").expect("within");
    fail_sync(&disk);
    edited.save().journal(Arc::clone(&journal)).run(&Progress::new()).expect_err("it fails");
    edited.save().journal(Arc::clone(&journal)).run(&Progress::new()).expect("saved");
    edited.overwrite(10, b"more").expect("within");
    let expected = all(&edited);
    journal.write().expect("written");
    disk.kill();
    let next = disk.other_process();
    let journals = Journals::open(next.clone(), "/journals/of").expect("a folder");
    let map = TestMap::open_on(&next, Path::new(PATH)).expect("it exists");
    let mut again = Overlay::replay(map, &journals, &name).expect("it follows");
    assert_eq!(all(&again), expected);
    again.go_to(State::FIRST);
    assert_eq!(all(&again), OLD);
    again.save().run(&Progress::new()).expect("saved");
    assert_eq!(next.read(PATH), OLD);
}

/// After a rewrite, going back writes the old file's bytes: not over what others wrote since.
#[test]
fn what_others_wrote_after_a_rewrite_is_a_conflict_for_undo() {
    let disk = disk_with(OLD);
    let mut edited = open(&disk);
    edited.overwrite(3, b"XYZ").expect("within");
    edited.save().way(Way::Rewrite).run(&Progress::new()).expect("saved");
    disk.write_mapped(PATH, 4, b"?");
    edited.undo();
    for way in [Way::InPlace, Way::Rewrite] {
        let error = edited.save().way(way).run(&Progress::new()).expect_err("it is another's");
        let SaveError::Conflicts(conflicts) = &error else { panic!("{error}") };
        assert!(conflicts[0].range.contains(&4), "{conflicts:?}");
        assert_eq!(disk.read(PATH)[4], b'?');
    }
}

/// More than memory, and more than a disk.
#[test]
fn a_version_that_no_disk_holds_is_refused_at_once() {
    let disk = disk_with(OLD);
    disk.set_free(Some(1 << 30));
    for len in [1 << 50, u64::MAX - 36] {
        let mut edited = open(&disk);
        edited.insert_fill(0, len, b"\0").expect("it has a length");
        for way in [None, Some(Way::InPlace), Some(Way::Rewrite)] {
            let save = edited.save();
            let save = if let Some(way) = way { save.way(way) } else { save };
            let error = save.run(&Progress::new()).expect_err("it is too long");
            assert!(matches!(error, SaveError::NoRoom { .. }), "{error}");
            assert_eq!(disk.read(PATH), OLD);
        }
    }
}

/// The file that got the name is looked at before it is said to be saved.
#[test]
fn a_rewrite_that_is_replaced_at_once_is_not_said_to_be_saved() {
    let disk = disk_with(OLD);
    let mut edited = open(&disk);
    edited.insert(0, b"head ").expect("within");
    let save = edited.save().way(Way::Rewrite);
    disk.before(At::on(CallKind::SyncFolder, "files"), |disk| disk.replace(PATH, b"theirs"));
    let result = save.run(&Progress::new());
    assert!(
        result.as_ref().is_err() || result.as_ref().is_ok_and(|it| it.is_replaced),
        "{result:?}"
    );
    assert_eq!(disk.read(PATH), b"theirs");
    assert_eq!(all(&edited), [b"head ", OLD].concat());
}

/// What is taken later than another saving is of a file that is gone.
#[test]
fn savings_that_are_taken_in_the_wrong_order_do_not_hide_the_last_one() {
    let disk = disk_with(OLD);
    let mut edited = open(&disk);
    edited.overwrite(3, b"XYZ").expect("within");
    let first = edited.save().plan(&Progress::new()).expect("possible");
    let first = first.run(&Progress::new()).expect("saved");
    edited.overwrite(20, b"!").expect("within");
    let second = edited.save().plan(&Progress::new()).expect("possible");
    let second = second.run(&Progress::new()).expect("saved");
    let now = disk.read(PATH);
    edited.saved(second);
    edited.saved(first);
    assert_eq!(all(&edited), now);
    assert!(!edited.history().is_modified());
    edited.undo();
    assert!(edited.history().is_modified());
    edited.save().run(&Progress::new()).expect("saved");
    assert_eq!(disk.read(PATH), b"012XYZ6789abcdefghijklmnopqrstuvwxyz");
}

/// What is typed while a plan is looked at is no part of it, and is not lost when it is saved.
#[test]
fn what_is_amended_after_a_plan_is_a_state_of_its_own() {
    let disk = disk_with(OLD);
    let mut edited = open(&disk);
    edited.overwrite(3, b"X").expect("within");
    let planned = edited.save().plan(&Progress::new()).expect("possible");
    edited.amend(|edited| edited.overwrite(4, b"YZ")).expect("within");
    let expected = all(&edited);
    let saved = planned.run(&Progress::new()).expect("saved");
    edited.saved(saved);
    assert_eq!(all(&edited), expected);
    assert!(edited.history().is_modified());
    edited.save().run(&Progress::new()).expect("saved");
    assert_eq!(disk.read(PATH), expected);
}

/// A write that fails behind the end, where another program wrote too: its line stays.
#[test]
fn what_others_append_is_not_cut_off_when_a_saving_is_taken_back() {
    let disk = disk_with(OLD);
    let mut edited = open(&disk);
    edited.insert(36, &[b'n'; 100]).expect("within");
    disk.before(At::on(CallKind::Write, "file"), |disk| disk.append(PATH, b"<line>"));
    disk.fail(At::on(CallKind::Write, "file"), DiskFault::Error(Io::StorageFull), Times::Once);
    edited.save().run(&Progress::new()).expect_err("it fails");
    assert_eq!(disk.read(PATH), [OLD, b"<line>"].concat());
}

/// A writer that waited in `open` for the lease of a rewrite gets the old file when the program is killed, and
/// writes to it.
#[test]
fn recovery_keeps_an_old_file_that_others_wrote_to() {
    let disk = disk_with(OLD);
    let mut edited = open(&disk);
    edited.insert(0, b"head ").expect("within");
    let made = journal(&disk);
    disk.fail(At::on(CallKind::SyncFolder, "files"), DiskFault::Error(Io::Other), Times::Once);
    let save = edited.save().way(Way::Rewrite).journal(made);
    save.run(&Progress::new()).expect_err("the folder was not synced");
    disk.kill();
    let next = disk.other_process();
    let names = next.list("/files");
    let beside = names.iter().find(|name| *name != "file").expect("the old one");
    let beside = Path::new("/files").join(beside);
    next.append(&beside, b"<line>");
    let saving = unfinished(&next).expect("cut short");
    saving.run(Direction::Forward).expect("the new file has the name");
    assert_eq!(next.read(&beside), [OLD, b"<line>"].concat());
}

/// An unfinished saving may have left the file longer. Other bytes after the end are another program's.
#[test]
fn a_line_behind_the_end_is_not_taken_for_what_an_unfinished_saving_wrote() {
    for undone in [false, true] {
        let disk = disk_with(OLD);
        let mut edited = open(&disk);
        edited.insert(36, &[b'n'; 100]).expect("within");
        fail_sync(&disk);
        edited.save().run(&Progress::new()).expect_err("it fails");
        disk.cut(PATH, 36);
        disk.append(PATH, b"<line>");
        if undone {
            edited.undo();
        }
        edited.save().run(&Progress::new()).expect_err("it is another's");
        assert_eq!(disk.read(PATH), [OLD, b"<line>"].concat());
    }
}
