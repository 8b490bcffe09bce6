//! The folder of all journals.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::SystemTime;

use memmap_core::disk::{Facts, Sectors};

use super::*;

const DAY: u64 = 24 * 60 * 60;

/// A time some days after the clock of the disk.
fn after_days(disk: &TestDisk, days: u64) -> SystemTime {
    disk.facts_at(FILE).modified.unwrap() + Duration::from_secs(days * DAY + 60)
}

fn end_with(disk: &TestDisk, records: &[Record]) -> PathBuf {
    let journal = start(disk).unwrap();
    journal.append_now(records).unwrap();
    journal.path()
}

/// The records of a session that took its edit back.
fn settled() -> [Record; 3] {
    [edit(1), Record::GoTo { state: 0, time: (1, 0) }, Record::Closed]
}

#[test]
fn a_journal_stands_as_its_records_say() {
    let rewriting = Record::Rewriting(Rewriting { name: b"tmp".to_vec(), file: None });
    let rewrite =
        Record::Plan(SavingPlan { way: SavingWay::Rewrite, old_len: 1, new_len: 2, state: 1 });
    let whole = saving(1, &[range(1, 2)]);
    let cases: [(Vec<Record>, Standing); 13] = [
        (vec![], Standing::Finished),
        (vec![edit(1)], Standing::Unsaved),
        (vec![edit(1), Record::GoTo { state: 0, time: (1, 0) }], Standing::Finished),
        (vec![edit(1), Record::Closed], Standing::Unsaved),
        (vec![edit(1), Record::Discarded], Standing::Discarded),
        (vec![edit(1), Record::Discarded, Record::Closed], Standing::Discarded),
        (vec![edit(1), Record::Discarded, edit(2)], Standing::Unsaved),
        ([vec![edit(1)], whole[..2].to_vec()].concat(), Standing::Unsaved),
        ([vec![edit(1)], whole.clone()].concat(), Standing::UnfinishedSaving),
        ([vec![edit(1)], whole.clone(), vec![Record::Done]].concat(), Standing::Finished),
        ([vec![edit(1)], whole.clone(), vec![Record::Back]].concat(), Standing::Unsaved),
        (
            [vec![edit(1)], whole, vec![Record::Unfinished, Record::Discarded]].concat(),
            Standing::UnfinishedSaving,
        ),
        (vec![edit(1), rewrite, rewriting], Standing::UnfinishedSaving),
    ];
    for (records, expected) in cases {
        let disk = disk();
        end_with(&disk, &records);
        assert_eq!(standing(&disk), expected, "{records:?}");
    }
}

#[test]
fn a_plan_without_all_of_its_ranges_has_not_begun() {
    let disk = disk();
    let mut records = saving(1, &[range(1, 2), range(5, 2)]);
    records.remove(1);
    end_with(&disk, &records);
    assert_eq!(standing(&disk), Standing::Finished);
}

#[test]
fn a_session_that_lives_has_its_journal_and_one_that_was_killed_has_not() {
    let disk = disk();
    let journal = start(&disk).unwrap();
    journal.append_now(&[edit(1)]).unwrap();
    let other = disk.other_process();
    assert_eq!(standing(&other), Standing::InUse(disk.this_process()));
    let folder = journals(&other).unwrap();
    let name = journal.name();
    assert!(matches!(folder.resume(name, MANUAL, false), Err(JournalError::InUse)));
    assert!(folder.tidy(Limits { bytes: 0, ..Limits::default() }, after_days(&disk, 99)).is_ok());
    assert_eq!(paths(&other).len(), 1);
    disk.kill();
    assert_eq!(standing(&other), Standing::Unsaved);
    let listed = folder.of(Path::new(FILE)).unwrap();
    assert_eq!(listed[0].summary.as_ref().unwrap().edits, 1);
    let resumed = folder.resume(name, MANUAL, false).unwrap();
    assert!(matches!(folder.resume(name, MANUAL, false), Err(JournalError::InUse)));
    let third = other.other_process();
    assert_eq!(standing(&third), Standing::InUse(other.this_process()));
    resumed.append_now(&[Record::Discarded]).unwrap();
    resumed.close().unwrap();
    assert_eq!(standing(&third), Standing::Discarded);
}

#[test]
fn who_only_looks_at_a_journal_is_in_nobodys_way() {
    let disk = disk();
    let journal = start(&disk).unwrap();
    journal.append_now(&[edit(1)]).unwrap();
    let name = journal.name().to_owned();
    disk.kill();
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 {
            let looks = disk.other_process();
            let is_over = &is_over;
            scope.spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    assert!(!matches!(standing(&looks), Standing::Damaged));
                }
            });
        }
        let asked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for _ in 0..100 {
                let session = disk.other_process();
                assert_eq!(standing(&session), Standing::Unsaved);
                let resumed = journals(&session).unwrap().resume(&name, MANUAL, false).unwrap();
                resumed.close().unwrap();
            }
        }));
        is_over.store(true, Ordering::Relaxed);
        asked.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    });
}

#[test]
fn where_locks_do_not_work_the_process_decides() {
    let disk = disk();
    disk.set_locks(false);
    let journal = start(&disk).unwrap();
    journal.append_now(&[edit(1)]).unwrap();
    let process = disk.this_process();
    let other = disk.other_process();
    assert_eq!(standing(&other), Standing::InUse(process.clone()));
    let far = disk.on_host("far");
    assert_eq!(standing(&far), Standing::MaybeInUse(process));
    let refused = journals(&far).unwrap().resume(journal.name(), MANUAL, false);
    assert!(matches!(refused, Err(JournalError::InUse)));
    let here = journals(&other).unwrap().resume(journal.name(), MANUAL, true);
    assert!(matches!(here, Err(JournalError::InUse)), "it is known to run");
    disk.kill();
    assert_eq!(standing(&other), Standing::Unsaved);
    let resumed = journals(&other).unwrap().resume(journal.name(), MANUAL, false).unwrap();
    let third = other.other_process();
    assert_eq!(standing(&third), Standing::InUse(other.this_process()), "the last one that has it");
    drop(resumed);
    let moved = journals(&far).unwrap().resume(journal.name(), MANUAL, true).unwrap();
    assert_eq!(standing(&far), Standing::InUse(far.this_process()), "a person said so");
    drop(moved);
    let again = far.crash(&[]);
    assert_eq!(standing(&again), Standing::Unsaved, "the machine was started anew");
}

#[test]
fn journals_are_listed_by_their_file() {
    let disk = disk();
    disk.put("/data/other", b"1");
    let first = end_with(&disk, &[edit(1)]);
    let second = end_with(&disk, &[edit(2)]);
    let folder = journals(&disk).unwrap();
    let other = Path::new("/data/other");
    let journal = folder.create(other, &disk.facts_at(other), MANUAL).unwrap();
    journal.close().unwrap();
    disk.put(Path::new(FOLDER).join("note.txt"), b"not a journal");
    let listed = folder.of(Path::new(FILE)).unwrap();
    let names: Vec<_> = listed.iter().map(|it| Path::new(FOLDER).join(&it.name)).collect();
    assert_eq!(names, [first.clone(), second], "the newest is the last");
    assert_eq!(folder.of(other).unwrap().len(), 1);
    assert_eq!(folder.of(Path::new("/data/none")).unwrap().len(), 0);
    // A path with the same hash is told from the header.
    let (start, _) = first.to_str().unwrap().rsplit_once('-').unwrap();
    let disguised = format!("{start}-0000000000000000.journal");
    disk.put(&disguised, &disk.read(Path::new(FOLDER).join(&folder.of(other).unwrap()[0].name)));
    assert_eq!(folder.of(Path::new(FILE)).unwrap().len(), 2);
    disk.fail(At::on(CallKind::Read, &disguised), DiskFault::Errno(5), Times::Always);
    let listed = folder.of(Path::new(FILE)).unwrap();
    let unreadable = |it: &&Listed| matches!(it.standing, Standing::Unreadable(_));
    assert_eq!(listed.iter().filter(unreadable).count(), 1);
}

#[test]
fn old_journals_go_and_those_with_work_stay() {
    let disk = disk();
    let unsaved = end_with(&disk, &[edit(1)]);
    let unfinished = end_with(&disk, &saving(1, &[range(1, 2)]));
    let discarded = end_with(&disk, &[edit(1), Record::Discarded]);
    let finished = end_with(&disk, &settled());
    let torn = end_with(&disk, &settled());
    disk.append(&torn, b"the start of a record");
    disk.settle();
    let spool = finished.to_str().unwrap().replace(".journal", ".spool-0");
    disk.put(&spool, b"spooled");
    let folder = journals(&disk).unwrap();
    let left = || paths(&disk).into_iter().collect::<std::collections::BTreeSet<_>>();
    let tidy = |days| {
        let removed = folder.tidy(Limits::default(), after_days(&disk, days)).unwrap();
        removed.into_iter().map(|it| it.standing).collect::<Vec<_>>()
    };
    assert_eq!(tidy(6), []);
    assert_eq!(tidy(8), [Standing::Discarded]);
    assert!(!left().contains(&discarded));
    assert_eq!(tidy(29), []);
    assert_eq!(tidy(31), [Standing::Finished]);
    assert_eq!(left(), [unsaved, unfinished, torn].into());
    assert_eq!(tidy(9999), []);
    assert!(!disk.exists(&spool));
    assert_eq!(disk.unsynced(), [], "the removal is durable");
}

#[test]
fn too_many_bytes_remove_the_oldest_finished_ones() {
    let disk = disk();
    let unsaved = end_with(&disk, &[edit(1)]);
    let made: Vec<_> = (0..4).map(|_| end_with(&disk, &settled())).collect();
    let folder = journals(&disk).unwrap();
    let each = widen(disk.read(&made[0]).len());
    let limits = Limits { bytes: each * 3 + 500, ..Limits::default() };
    let removed = folder.tidy(limits, after_days(&disk, 1)).unwrap();
    let names: Vec<_> = removed.iter().map(|it| Path::new(FOLDER).join(&it.name)).collect();
    assert_eq!(names, made[..2]);
    assert_eq!(removed[0].bytes, each);
    let limits = Limits { bytes: 0, ..limits };
    folder.tidy(limits, after_days(&disk, 1)).unwrap();
    assert_eq!(paths(&disk), [unsaved]);
}

#[test]
fn a_file_without_a_header_goes_unless_its_session_still_begins() {
    let disk = disk();
    let journal = start(&disk).unwrap();
    disk.cut(journal.path(), 0);
    let folder = journals(&disk.other_process()).unwrap();
    let now = after_days(&disk, 0);
    assert_eq!(folder.tidy(Limits::default(), now).unwrap(), [], "it is locked");
    drop(journal);
    let removed = folder.tidy(Limits::default(), now).unwrap();
    assert_eq!(removed[0].standing, Standing::Empty);
    // One that is removed just before it is locked is begun again.
    let end = At::Kind(CallKind::Lock);
    disk.before(end, move |other| {
        let name = paths(other).remove(0);
        other.unlink(name);
    });
    let journal = start(&disk).unwrap();
    journal.append_now(&[edit(1)]).unwrap();
    assert!(disk.exists(journal.path()));
    assert_eq!(paths(&disk).len(), 1);
}

#[test]
fn the_folder_is_private_and_not_on_what_is_edited() {
    let disk = disk();
    let folder = journals(&disk).unwrap();
    assert_eq!(folder.path(), Path::new(FOLDER));
    let inside = Path::new(FOLDER).join("file");
    disk.put(&inside, b"1");
    let error = folder.create(&inside, &disk.facts_at(&inside), MANUAL).unwrap_err();
    assert!(matches!(error, JournalError::EditsJournal), "{error}");
    let sectors = Sectors { logical: 512, physical: 512 };
    disk.put_device("/dev", &[0; 1024], sectors, "SN");
    let there = disk.facts_at("/dev");
    folder.create(Path::new("/dev"), &there, MANUAL).unwrap();
    let under = Facts { device: disk.facts_at(FOLDER).device, ..there };
    let error = folder.create(Path::new("/dev"), &under, MANUAL).unwrap_err();
    assert!(matches!(error, JournalError::OnEditedDevice), "{error}");
    disk.set_not_private(FOLDER, Some("others may write to it"));
    let error = journals(&disk).unwrap_err();
    assert_eq!(error.to_string(), "cannot open the folder of the journal: others may write to it");
}

#[test]
fn a_journal_that_was_replaced_meanwhile_is_not_removed() {
    let disk = disk();
    let path = end_with(&disk, &[Record::Closed]);
    let folder = journals(&disk).unwrap();
    let now = after_days(&disk, 99);
    // The last look at the name is the one before it is removed.
    let replaced = path.clone();
    disk.before(At::on(CallKind::Lock, ".journal"), move |other| other.replace(replaced, b"new"));
    assert_eq!(folder.tidy(Limits::default(), now).unwrap(), []);
    assert_eq!(disk.read(path), b"new");
}

#[test]
fn all_journals_are_listed_and_one_of_which_nothing_is_kept_goes() {
    let disk = disk();
    disk.put("/other", b"bytes");
    let folder = journals(&disk).unwrap();
    let kept = start(&disk).unwrap();
    let facts = disk.look(Path::new("/other")).unwrap();
    let gone = folder.create(Path::new("/other"), &facts, MANUAL).unwrap();
    let names = |listed: Vec<Listed>| {
        let mut names: Vec<_> = listed.into_iter().map(|it| it.name).collect();
        names.sort();
        names
    };
    let mut both = [kept.name().to_owned(), gone.name().to_owned()];
    both.sort();
    assert_eq!(names(folder.all().unwrap()), both);
    assert_eq!(names(folder.find(Path::new("/other")).unwrap()), [gone.name()]);
    folder.remove(gone).unwrap();
    assert_eq!(names(folder.all().unwrap()), [kept.name()]);
    assert!(folder.find(Path::new("/nothing")).is_err());
}

#[test]
fn a_session_that_changed_nothing_leaves_nothing() {
    let disk = disk();
    for (records, stays) in [
        (vec![], false),
        (vec![Record::Closed], false),
        (vec![edit(1), Record::GoTo { state: 0, time: (1, 0) }, Record::Closed], true),
        ([saving(0, &[range(1, 2)]), vec![Record::Done, Record::Closed]].concat(), true),
    ] {
        let path = end_with(&disk, &records);
        let folder = journals(&disk).unwrap();
        let removed = folder.tidy(Limits::default(), after_days(&disk, 0)).unwrap();
        assert_eq!(removed.is_empty(), stays, "{records:?}");
        assert_eq!(paths(&disk).contains(&path), stays, "{records:?}");
    }
}
