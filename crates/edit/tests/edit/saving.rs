use std::io::ErrorKind as Io;
use std::path::Path;
use std::sync::Arc;

use memmap_core::disk::{Disk, Stored};
use memmap_core::testing::{At, CallKind, DiskFault, TestDisk, TestMap, Times};
use memmap_core::{Map, Progress};
use memmap_edit::journal::{JournalOptions, Journals};
use memmap_edit::{Check, Journal, Overlay, Plan, SaveError, State, Way};

pub(crate) const PATH: &str = "/files/file";

pub(crate) fn disk_with(bytes: &[u8]) -> TestDisk {
    let disk = TestDisk::new(8);
    disk.put_folder("/files");
    disk.put_folder("/journals");
    disk.put(PATH, bytes);
    disk
}

pub(crate) fn open(disk: &TestDisk) -> Overlay<TestMap> {
    Overlay::new(map(disk))
}

fn map(disk: &TestDisk) -> Map<TestMap> {
    TestMap::open_on(disk, Path::new(PATH)).expect("it exists")
}

pub(crate) fn journal(disk: &TestDisk) -> Arc<Journal<TestDisk>> {
    let journals = Journals::open(disk.clone(), "/journals/of").expect("a folder");
    let facts = disk.look(Path::new(PATH)).expect("it exists");
    let options = JournalOptions { has_thread: false, ..JournalOptions::default() };
    Arc::new(journals.create(Path::new(PATH), &facts, options).expect("a journal"))
}

pub(crate) fn all(overlay: &Overlay<TestMap>) -> Vec<u8> {
    overlay.view().read_at(0, overlay.len() as usize).expect("readable")
}

fn plan(overlay: &mut Overlay<TestMap>) -> Result<Plan<TestMap>, SaveError> {
    overlay.save().plan(&Progress::new())
}

pub(crate) const OLD: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";

#[test]
fn what_changed_is_written_in_place_and_versions_stay_what_they_were() {
    for with_journal in [false, true] {
        let disk = disk_with(OLD);
        let mut edited = open(&disk);
        edited.overwrite(3, b"XY").expect("within");
        edited.overwrite(30, b"Z").expect("within");
        let (before, first) = (edited.view(), edited.view_of(State::FIRST));
        let mut save = edited.save();
        if with_journal {
            save = save.journal(journal(&disk));
        }
        let saving = save.run(&Progress::new()).expect("saved");
        assert_eq!((saving.way, saving.ranges), (Way::InPlace, vec![3..5, 30..31]));
        let new = b"012XY56789abcdefghijklmnopqrstZvwxyz".to_vec();
        assert_eq!(disk.read(PATH), new);
        assert_eq!(all(&edited), new);
        assert!(!edited.history().is_modified());
        assert_eq!(edited.changes().count(), 0);
        assert_eq!(before.read_at(0, 36).expect("readable"), new);
        assert_eq!(first.read_at(0, 36).expect("readable"), OLD);
        edited.undo();
        assert_eq!(all(&edited), b"012XY56789abcdefghijklmnopqrstuvwxyz");
        assert!(edited.history().is_modified());
        let changes: Vec<_> = edited.changes().map(|it| (it.base, it.now)).collect();
        assert_eq!(changes, [(30..31, 30..31)]);
        edited.undo();
        assert_eq!(all(&edited), OLD);
        edited.save().run(&Progress::new()).expect("saved");
        assert_eq!(disk.read(PATH), OLD);
        edited.redo();
        edited.redo();
        assert_eq!(all(&edited), new);
        edited.save().run(&Progress::new()).expect("saved");
        assert_eq!(disk.read(PATH), new);
        assert_eq!(first.read_at(0, 36).expect("readable"), OLD);
    }
}

#[test]
fn lengths_change_in_place() {
    let disk = disk_with(OLD);
    let mut edited = open(&disk);
    let first = edited.view();
    edited.insert(0, b"head ").expect("within");
    edited.delete(20..22).expect("within");
    let expected = all(&edited);
    edited.save().journal(journal(&disk)).run(&Progress::new()).expect("saved");
    assert_eq!(disk.read(PATH), expected);
    edited.delete(4..).expect("within");
    edited.save().journal(journal(&disk)).run(&Progress::new()).expect("saved");
    assert_eq!(disk.read(PATH), b"head");
    assert_eq!(all(&edited), b"head");
    edited.delete(..).expect("within");
    edited.save().run(&Progress::new()).expect("saved");
    assert_eq!(disk.read(PATH), b"");
    edited.undo();
    edited.undo();
    assert_eq!(all(&edited), expected);
    edited.go_to(State::FIRST).expect("it changed");
    assert_eq!(all(&edited), OLD);
    edited.save().journal(journal(&disk)).run(&Progress::new()).expect("saved");
    assert_eq!(disk.read(PATH), OLD);
    assert_eq!(first.read_at(0, 36).expect("readable"), OLD);
}

/// The same length, and every byte moved: a saving that copied from the file while it writes would smear.
#[test]
fn bytes_that_moved_are_written_from_what_was_kept() {
    let disk = disk_with(OLD);
    let mut edited = open(&disk);
    edited.insert(0, b"+").expect("within");
    edited.delete(36..).expect("within");
    edited.save().run(&Progress::new()).expect("saved");
    assert_eq!(disk.read(PATH), b"+0123456789abcdefghijklmnopqrstuvwxy");
    // Two ranges that change places.
    edited.copy(20..25, 0).expect("within");
    edited.copy(10..15, 30).expect("within");
    edited.delete(10..15).expect("within");
    edited.delete(20..25).expect("within");
    let expected = all(&edited);
    edited.save().journal(journal(&disk)).run(&Progress::new()).expect("saved");
    assert_eq!(disk.read(PATH), expected);
}

#[test]
fn bytes_that_are_typed_as_they_were_are_no_change() {
    let disk = disk_with(OLD);
    let mut edited = open(&disk);
    edited.overwrite(5, b"56").expect("within");
    let count = disk.call_count();
    let planned = plan(&mut edited).expect("possible");
    assert_eq!((planned.ranges().len(), planned.bytes()), (0, 0));
    planned.run(&Progress::new()).map(|saved| edited.saved(saved)).expect("saved");
    assert!(disk.calls()[count..].iter().all(|call| call.kind != CallKind::Write));
    assert!(!edited.history().is_modified());
}

#[test]
fn what_another_program_wrote_is_a_conflict_even_where_no_time_tells() {
    let disk = disk_with(OLD);
    let mut edited = open(&disk);
    edited.overwrite(3, b"XYZ").expect("within");
    disk.write_mapped(PATH, 4, b"?");
    let Err(SaveError::Conflicts(conflicts)) = plan(&mut edited) else { panic!("it is one") };
    assert_eq!(conflicts.len(), 1);
    let conflict = &conflicts[0];
    assert_eq!(
        (&conflict.seen[..], &conflict.now[..], &conflict.new[..]),
        (&b"345"[..], &b"3?5"[..], &b"XYZ"[..])
    );
    assert_eq!(conflict.range, 3..6);
    // Elsewhere it is none.
    edited.undo();
    edited.overwrite(20, b"!").expect("within");
    edited.save().run(&Progress::new()).expect("saved");
    assert_eq!(disk.read(PATH), b"0123?56789abcdefghij!lmnopqrstuvwxyz");
    // Seen as it is now, it is none either.
    edited.overwrite(3, b"XYZ").expect("within");
    edited.save().run(&Progress::new()).expect("saved");
    disk.write_mapped(PATH, 3, b"xyz");
    edited.undo();
    let Err(SaveError::Conflicts(conflicts)) = plan(&mut edited) else { panic!("it is one") };
    assert_eq!((&conflicts[0].seen[..], &conflicts[0].now[..]), (&b"XYZ"[..], &b"xyz"[..]));
    edited.save().overwrite(&conflicts[0]).run(&Progress::new()).expect("accepted");
    assert_eq!(&disk.read(PATH)[..6], b"0123?5");
}

#[test]
fn a_file_that_is_not_the_one_that_was_opened_is_not_written_to() {
    let disk = disk_with(OLD);
    let mut edited = open(&disk);
    edited.overwrite(3, b"XYZ").expect("within");
    let planned = plan(&mut edited).expect("possible");
    disk.replace(PATH, b"another one");
    assert!(matches!(planned.run(&Progress::new()), Err(SaveError::Replaced { .. })));
    assert!(matches!(plan(&mut edited), Err(SaveError::Replaced { .. })));
    disk.unlink(PATH);
    assert!(matches!(plan(&mut edited), Err(SaveError::Replaced { .. })));
    disk.put(PATH, OLD);
    assert!(
        matches!(plan(&mut edited), Err(SaveError::Replaced { .. })),
        "only its bytes are the same"
    );
    let mut edited = open(&disk);
    edited.overwrite(3, b"XYZ").expect("within");
    disk.cut(PATH, 20);
    assert!(matches!(plan(&mut edited), Err(SaveError::LengthChanged { now: 20, .. })));
    disk.write(PATH, 20, b"abcdefghijklmnopqrst");
    edited.save().run(&Progress::new()).expect("bytes that others appended stay");
    assert_eq!(disk.read(PATH).len(), 40);
}

#[test]
fn a_draft_is_the_version_that_it_was_made_of() {
    let disk = disk_with(OLD);
    let mut edited = open(&disk);
    edited.overwrite(3, b"XYZ").expect("within");
    let draft = edited.save().journal(journal(&disk)).draft();
    edited.overwrite(3, b"...").expect("within");
    let saved = std::thread::spawn(|| {
        let planned = draft.plan(&Progress::new()).expect("possible");
        planned.run(&Progress::new()).expect("saved")
    });
    edited.saved(saved.join().expect("no panic"));
    assert_eq!(&disk.read(PATH)[..7], b"012XYZ6");
    assert_eq!(&all(&edited)[..7], b"012...6");
    assert!(edited.history().is_modified());
    edited.undo();
    assert!(!edited.history().is_modified());
}

#[test]
fn a_plan_saves_what_it_shows() {
    let disk = disk_with(OLD);
    let mut edited = open(&disk);
    edited.overwrite(3, b"XYZ").expect("within");
    let planned = plan(&mut edited).expect("possible");
    edited.overwrite(10, b"later").expect("within");
    edited.insert(0, b"#").expect("within");
    let saved = planned.run(&Progress::new()).expect("saved");
    assert_eq!(disk.read(PATH), b"012XYZ6789abcdefghijklmnopqrstuvwxyz");
    edited.saved(saved);
    assert!(edited.history().is_modified());
    assert_eq!(all(&edited), b"#012XYZ6789laterfghijklmnopqrstuvwxyz");
    let changes: Vec<_> = edited.changes().map(|it| (it.base, it.now)).collect();
    assert_eq!(changes, [(0..0, 0..1), (10..15, 11..16)]);
    // What changed in the file after the plan was made is noticed, also where nobody looked before.
    edited.undo();
    edited.fill(.., b"\0").expect("within");
    let planned = plan(&mut edited).expect("possible");
    disk.write(PATH, 30, b"\0");
    assert!(matches!(
        planned.run(&Progress::new()),
        Err(SaveError::PlanIsOld { .. } | SaveError::Conflicts(_))
    ));
}

#[test]
fn what_cannot_be_read_is_not_saved_as_zeros() {
    let disk = disk_with(OLD);
    disk.set_unreadable(PATH, 8..16);
    disk.set_copies(None);
    let mut edited = open(&disk);
    edited.overwrite(3, b"X").expect("within");
    edited.save().run(&Progress::new()).expect("it is not touched");
    edited.insert(0, b"1").expect("within");
    assert!(matches!(
        plan(&mut edited),
        Err(SaveError::Unreadable(_) | SaveError::OldUnreadable { .. })
    ));
    let beside = edited.save().way(Way::Rewrite).run(&Progress::new());
    assert!(beside.is_err(), "{beside:?}");
    assert_eq!(disk.list("/files"), ["file"]);
    assert_eq!(&disk.read(PATH)[..8], b"012X4567");
}

const NEW: &[u8] = b"012XYZ6789abcdefghijuvwxyz";

fn edit(edited: &mut Overlay<TestMap>) {
    edited.overwrite(3, b"XYZ").expect("within");
    edited.delete(20..30).expect("within");
}

/// Each call of a saving fails in each way, once. The file is then the old one, or the saving is complete, or
/// it says that it is unfinished; and it can be done again.
#[test]
fn each_step_that_fails_leaves_the_file_as_it_was() {
    let faults = [
        DiskFault::Error(Io::StorageFull),
        DiskFault::Error(Io::QuotaExceeded),
        DiskFault::Error(Io::PermissionDenied),
        DiskFault::Error(Io::ReadOnlyFilesystem),
        DiskFault::Error(Io::StaleNetworkFileHandle),
        DiskFault::Error(Io::Interrupted),
        DiskFault::Error(Io::Other),
        DiskFault::Short(1),
    ];
    for way in [Way::InPlace, Way::Rewrite] {
        let probe = disk_with(OLD);
        let mut edited = open(&probe);
        edit(&mut edited);
        let save = edited.save().way(way).journal(journal(&probe));
        let from = probe.call_count();
        save.run(&Progress::new()).expect("saved");
        assert_eq!(probe.read(PATH), NEW);
        for number in from..probe.call_count() {
            let call = &probe.calls()[number];
            for fault in faults {
                let disk = disk_with(OLD);
                let mut edited = open(&disk);
                edit(&mut edited);
                let save = edited.save().way(way).journal(journal(&disk));
                disk.fail(At::Call(number), fault, Times::Once);
                let what = format!("{way:?} {call:?} {fault:?}");
                match save.run(&Progress::new()) {
                    Ok(_) => assert_eq!(disk.read(PATH), NEW, "{what}"),
                    Err(SaveError::Unfinished { .. }) => {
                        let is_sync = matches!(call.kind, CallKind::Sync | CallKind::SyncFolder);
                        let is_end = call.on.contains("journal") || call.kind == CallKind::LookIn;
                        assert!(is_sync || is_end, "{what}");
                        if way == Way::Rewrite {
                            // The new file has the name. The old one is beside it until the folder is synced.
                            assert_eq!(disk.read(PATH), NEW, "{what}");
                            assert!(is_end || disk.list("/files").len() == 2, "{what}");
                            continue;
                        }
                    }
                    Err(error) => {
                        assert_eq!(disk.read(PATH), OLD, "{what}: {error}");
                        assert_eq!(disk.list("/files"), ["file"], "{what}: {error}");
                    }
                }
                edited
                    .save()
                    .run(&Progress::new())
                    .unwrap_or_else(|error| panic!("{what}: {error}"));
                assert_eq!(disk.read(PATH), NEW, "{what}");
                assert_eq!(disk.crash(&[]).read(PATH), NEW, "{what}: not durable");
            }
        }
    }
}

#[test]
fn a_failed_sync_is_final_and_the_next_saving_writes_everything_again() {
    let disk = disk_with(OLD);
    let mut edited = open(&disk);
    edited.overwrite(3, b"XYZ").expect("within");
    disk.fail(At::on(CallKind::Sync, "file"), DiskFault::Error(Io::Other), Times::Once);
    let error = edited.save().journal(journal(&disk)).run(&Progress::new()).expect_err("it fails");
    let SaveError::Unfinished { journal: Some(_), ranges, .. } = error else { panic!("{error}") };
    assert_eq!(ranges, [3..6]);
    // The cache shows the new bytes, and the device has the old ones.
    assert_eq!(&disk.read(PATH)[3..6], b"XYZ");
    assert_eq!(disk.crash(&[]).read(PATH), OLD);
    assert!(edited.history().is_modified());
    assert_eq!(all(&edited), b"012XYZ6789abcdefghijklmnopqrstuvwxyz");
    edited.undo();
    assert_eq!(all(&edited), OLD);
    edited.redo();
    edited.save().journal(journal(&disk)).run(&Progress::new()).expect("saved");
    assert_eq!(disk.crash(&[]).read(PATH), b"012XYZ6789abcdefghijklmnopqrstuvwxyz");
    edited.undo();
    assert_eq!(all(&edited), OLD);
}

#[test]
fn a_plan_says_what_it_knows() {
    let disk = disk_with(OLD);
    let mut edited = open(&disk);
    edited.overwrite(1, b"!").expect("within");
    let planned = plan(&mut edited).expect("possible");
    assert!(planned.checks().contains(&Check::NoJournal));
    assert!(planned.checks().contains(&Check::AsSeen));
    assert_eq!(planned.sample(0..3).expect("readable"), (b"012".to_vec(), b"0!2".to_vec()));
    let planned = edited.save().journal(journal(&disk)).plan(&Progress::new()).expect("possible");
    assert!(planned.checks().contains(&Check::Journal { survives_power_cut: true }));
    disk.set_in_use(PATH, Some("loop device /dev/loop3"));
    let error = plan(&mut edited).expect_err("in use");
    assert!(error.to_string().contains("loop3"), "{error}");
    disk.set_in_use(PATH, None);
    disk.set_read_only(PATH, true);
    assert!(matches!(plan(&mut edited), Err(SaveError::ReadOnly { .. })));
    disk.set_read_only(PATH, false);
    let file = disk.other_process().open(Path::new(PATH), true).expect("open");
    assert!(disk.other_process().try_lock(&file).expect("it can"));
    assert!(matches!(plan(&mut edited), Err(SaveError::InUse { .. })));
}

#[test]
fn what_others_write_while_it_is_saved_stays() {
    let disk = disk_with(OLD);
    let mut edited = open(&disk);
    edited.overwrite(3, b"XYZ").expect("within");
    edited.overwrite(30, b"Z").expect("within");
    let probe = disk_with(OLD);
    let second_write = {
        let mut edited = open(&probe);
        edited.overwrite(3, b"XYZ").expect("within");
        edited.overwrite(30, b"Z").expect("within");
        edited.save().run(&Progress::new()).expect("saved");
        let calls = probe.calls();
        let mut writes =
            calls.iter().filter(|it| it.kind == CallKind::Write && it.on.ends_with("file"));
        writes.nth(1).expect("two ranges").number
    };
    // Another program writes into the first range, which is written already, and the second write fails.
    disk.before(At::Call(second_write), |disk| disk.write_mapped(PATH, 4, b"?"));
    disk.fail(At::Call(second_write), DiskFault::Error(Io::Other), Times::Once);
    let error = edited.save().run(&Progress::new()).expect_err("it fails");
    assert!(!matches!(error, SaveError::Unfinished { .. }), "{error}");
    assert_eq!(disk.read(PATH), b"0123?56789abcdefghijklmnopqrstuvwxyz");
}

#[test]
fn a_state_that_was_in_the_file_once_is_not_amended() {
    let disk = disk_with(OLD);
    let mut edited = open(&disk);
    edited.overwrite(0, b"A").expect("within");
    let once = edited.history().current();
    edited.save().run(&Progress::new()).expect("saved");
    edited.undo();
    edited.overwrite(0, b"B").expect("within");
    edited.save().run(&Progress::new()).expect("saved");
    edited.go_to(once).expect("it changed");
    edited.amend(|edited| edited.insert(1, b"+")).expect("within");
    assert_ne!(edited.history().current(), once);
    assert_eq!(edited.view_of(once).read_at(0, 2).expect("readable"), b"A1");
    let current = edited.history().current();
    assert_eq!(edited.view_of(current).read_at(0, 3).expect("readable"), b"A+1");
}

#[test]
fn of_what_was_shown_nothing_is_read_and_the_rest_was_not_looked_at() {
    // Another program wrote 'Q' after the bytes were shown. Those from 12 on were not.
    let disk = disk_with(b"0123456789aQcdefghijklmnopqrstuvwxyz");
    let mut edited = open(&disk);
    edited.overwrite(8, b"--").expect("within");
    edited.shown_only(vec![(4, b"4567".to_vec()), (10, b"ab".to_vec())]);
    edited.delete(6..14).expect("within");
    edited.insert(6, b"########").expect("within");
    let Err(SaveError::Conflicts(conflicts)) = plan(&mut edited) else {
        panic!("it was seen otherwise")
    };
    let of =
        |at: usize| (conflicts[at].range.clone(), &conflicts[at].seen[..], &conflicts[at].now[..]);
    assert_eq!((of(0), conflicts.len()), ((10..12, &b"ab"[..], &b"aQ"[..]), 1));
    let save = edited.save().overwrite(&conflicts[0]);
    let plan = save.plan(&Progress::new()).expect("accepted");
    let unseen = |check: &Check| matches!(check, Check::Unseen { bytes: 2, .. });
    assert!(plan.checks().iter().any(unseen), "{:?}", plan.checks());
}
