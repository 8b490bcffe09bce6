//! The disk refuses something.

use std::io::ErrorKind as Io;

use super::*;

fn failed(journal: &Journal<TestDisk>) -> String {
    match journal.protection() {
        Protection::Failed(why) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn protection_follows_what_is_written() {
    let disk = disk();
    let journal = start(&disk).unwrap();
    assert_eq!(journal.protection(), Protection::Synced);
    journal.append(&edit(1));
    assert_eq!(journal.protection(), Protection::Pending);
    journal.write().unwrap();
    assert_eq!(journal.protection(), Protection::Pending);
    journal.flush().unwrap();
    assert_eq!(journal.protection(), Protection::Synced);
}

#[test]
fn records_that_a_full_disk_refused_are_written_when_it_has_room_again() {
    for kind in [Io::StorageFull, Io::QuotaExceeded, Io::PermissionDenied] {
        let disk = disk();
        let journal = start(&disk).unwrap();
        journal.append_now(&[edit(1)]).unwrap();
        disk.fail(At::Kind(CallKind::Write), DiskFault::Short(10), Times::Once);
        disk.fail(At::Kind(CallKind::Write), DiskFault::Error(kind), Times::Always);
        journal.append(&edit(2));
        journal.append(&edit(3));
        journal.write().unwrap_err();
        assert_eq!(failed(&journal), std::io::Error::from(kind).to_string());
        let (found, end) = read(&disk, &journal.path()).unwrap();
        assert_eq!((found, end.by), (vec![edit(1)], EndedBy::Torn));
        journal.append(&edit(4));
        journal.flush().unwrap_err();
        assert!(journal.append_now(&[Record::Done]).is_err(), "no saving without a journal");
        disk.heal();
        journal.flush().unwrap();
        assert_eq!(journal.protection(), Protection::Synced);
        let all = [1, 2, 3, 4].map(edit);
        assert_eq!(read(&disk, &journal.path()).unwrap().0, all);
    }
}

#[test]
fn short_and_interrupted_calls_go_on() {
    let disk = disk();
    let journal = start(&disk).unwrap();
    for kind in [CallKind::Write, CallKind::Read] {
        disk.fail(At::Kind(kind), DiskFault::Error(Io::Interrupted), Times::Once);
    }
    disk.fail(At::Kind(CallKind::Write), DiskFault::Short(3), Times::Once);
    disk.fail(At::Kind(CallKind::Read), DiskFault::Short(3), Times::Once);
    journal.append_now(&[edit(1), edit(2)]).unwrap();
    assert_eq!(read(&disk, &journal.path()).unwrap().0, [1, 2].map(edit));
}

#[test]
fn a_failed_sync_ends_the_journal_and_no_later_one_is_taken_for_proof() {
    let disk = disk();
    let journal = start(&disk).unwrap();
    journal.append_now(&[edit(1)]).unwrap();
    disk.fail(At::Kind(CallKind::Sync), DiskFault::Error(Io::Other), Times::Once);
    journal.append(&edit(2));
    journal.flush().unwrap_err();
    assert_eq!(failed(&journal), "other error");
    let syncs =
        |disk: &TestDisk| disk.calls().iter().filter(|call| call.kind == CallKind::Sync).count();
    let before = syncs(&disk);
    journal.append(&edit(3));
    journal.flush().unwrap_err();
    assert!(journal.append_now(&[Record::Done]).is_err());
    assert_eq!(syncs(&disk), before);
    let path = journal.path();
    drop(journal);
    for after in disk.crashes(100, 1) {
        let (found, _) = read(&after, &path).unwrap();
        assert!(found == [edit(1)] || found == [edit(1), edit(2)], "{found:?}");
    }
}

#[test]
fn a_plan_that_does_not_fit_leaves_no_trace_and_the_journal_goes_on() {
    let disk = disk();
    let journal = start(&disk).unwrap();
    journal.append_now(&[edit(1)]).unwrap();
    disk.set_free(Some(2048));
    let error = journal.append_now(&saving(1, &[range(1, 900), range(2000, 900)])).unwrap_err();
    assert!(matches!(error, JournalError::Io { what: "write", .. }), "{error}");
    assert_eq!(read(&disk, &journal.path()).unwrap().1.by, EndedBy::File);
    assert_eq!(journal.protection(), Protection::Synced);
    journal.append_now(&[edit(2)]).unwrap();
    assert_eq!(read(&disk, &journal.path()).unwrap().0, [1, 2].map(edit));
    // The same if it cannot be cut off.
    disk.fail(At::Kind(CallKind::SetLen), DiskFault::Error(Io::Other), Times::Always);
    journal.append_now(&saving(1, &[range(1, 900), range(2000, 900)])).unwrap_err();
    assert_eq!(read(&disk, &journal.path()).unwrap().1.by, EndedBy::Torn);
    journal.append_now(&[edit(3)]).unwrap();
    assert_eq!(read(&disk, &journal.path()).unwrap().0, [1, 2, 3].map(edit));
}

#[test]
fn a_record_that_ends_a_saving_has_its_room_beforehand() {
    let disk = disk();
    let journal = start(&disk).unwrap();
    journal.append_now(&saving(1, &[range(1, 400)])).unwrap();
    assert!(journal.reserve(4096).unwrap());
    disk.set_free(Some(0));
    journal.append_now(&[Record::Unfinished, Record::Back]).unwrap();
    assert_eq!(read(&disk, &journal.path()).unwrap().1.by, EndedBy::File);
    assert!(matches!(journal.reserve(1 << 20), Err(JournalError::Io { .. })));
    disk.set_reserves(false);
    assert!(!journal.reserve(1).unwrap());
}

#[test]
fn a_full_journal_ends_and_says_so() {
    let disk = disk();
    let facts = disk.facts_at(FILE);
    let options = JournalOptions { limit: 5000, ..MANUAL };
    let journal = journals(&disk).unwrap().create(Path::new(FILE), &facts, options).unwrap();
    let error = journal.append_now(&saving(1, &[range(1, 900)])).unwrap_err();
    assert!(matches!(error, JournalError::Full { limit: 5000 }), "{error}");
    assert_eq!(journal.protection(), Protection::Synced, "a plan that was refused is not a gap");
    let mut state = 0;
    while journal.protection() == Protection::Pending || state == 0 {
        state += 1;
        journal.append(&edit(state));
    }
    assert_eq!(failed(&journal), "the journal is full: it may have 5000 bytes");
    journal.flush().unwrap();
    journal.append(&Record::Marks(Vec::new()));
    journal.flush().unwrap();
    let (found, _) = read(&disk, &journal.path()).unwrap();
    let expected: Vec<Record> = (1..state).map(edit).collect();
    assert!(!expected.is_empty() && found == expected, "no record is missing between two others");
    assert!(matches!(journal.append_now(&[Record::Done]), Err(JournalError::Ended { .. })));
}

#[test]
fn what_ends_a_saving_may_go_beyond_the_limit() {
    let disk = disk();
    let facts = disk.facts_at(FILE);
    let records = saving(0, &[range(1, 100)]);
    let len: u64 =
        records.iter().map(|it| widen(frame::Payload::of(it).unwrap().framed_len())).sum();
    let options = JournalOptions { limit: 4096 + len, ..MANUAL };
    let journal = journals(&disk).unwrap().create(Path::new(FILE), &facts, options).unwrap();
    journal.append_now(&records).unwrap();
    assert!(matches!(journal.append_now(&[edit(1)]), Err(JournalError::Full { .. })));
    journal.append_now(&[Record::Done]).unwrap();
    journal.close().unwrap();
    assert_eq!(standing(&disk), Standing::Finished);
}

#[test]
fn a_queue_that_cannot_be_emptied_ends_the_journal_with_what_it_has() {
    let disk = disk();
    let facts = disk.facts_at(FILE);
    let options = JournalOptions { queue: 300 << 10, ..MANUAL };
    let journal = journals(&disk).unwrap().create(Path::new(FILE), &facts, options).unwrap();
    let large = Record::Marks(vec![7; 100 << 10]);
    for _ in 0..8 {
        journal.append(&large);
    }
    assert_eq!(
        journal.protection(),
        Protection::Pending,
        "without a thread a full queue is written"
    );
    disk.fail(At::Kind(CallKind::Write), DiskFault::Error(Io::StorageFull), Times::Always);
    for _ in 0..4 {
        journal.append(&large);
    }
    assert_eq!(failed(&journal), "no storage space");
    journal.append(&edit(1));
    disk.heal();
    journal.flush().unwrap();
    let (found, _) = read(&disk, &journal.path()).unwrap();
    assert!(found.iter().all(|record| *record == large) && found.len() >= 8, "{}", found.len());
}

#[test]
fn a_folder_that_cannot_be_synced_makes_no_journal() {
    let places = [CallKind::Create, CallKind::Write, CallKind::Sync].map(At::Kind);
    let folders = ["/", "/state", FOLDER].map(|path| At::on(CallKind::SyncFolder, path));
    for at in places.into_iter().chain(folders) {
        let disk = disk();
        journals(&disk).unwrap();
        disk.fail(at.clone(), DiskFault::Error(Io::StorageFull), Times::Always);
        let error = start(&disk).unwrap_err();
        assert!(error.to_string().ends_with(": no storage space"), "{at:?}: {error}");
        assert!(paths(&disk).is_empty(), "{at:?}");
    }
}

#[test]
fn many_records_are_given_up_if_one_cannot_be_made() {
    let disk = disk();
    let journal = start(&disk).unwrap();
    journal.append_now(&[edit(1)]).unwrap();
    let len = disk.read(journal.path()).len();
    let large = || Ok(range(5, 700 << 10));
    let unreadable = || Err(JournalError::Io { what: "read", source: Io::Other.into() });
    let error = journal.append_each([large(), large(), unreadable()]).unwrap_err();
    assert!(matches!(error, JournalError::Io { what: "read", .. }), "{error}");
    let writes = disk.calls().iter().filter(|call| call.kind == CallKind::Write).count();
    assert!(writes > 2, "some were written");
    assert_eq!(disk.read(journal.path()).len(), len);
    let positions = journal.append_each([large(), large()]).unwrap();
    assert_eq!(positions[0].record.start, widen(len));
    let (found, end) = read(&disk, &journal.path()).unwrap();
    assert!(found == [edit(1), range(5, 700 << 10), range(5, 700 << 10)]);
    assert_eq!((end.by, positions[1].record.end), (EndedBy::File, end.at));
    assert_eq!(disk.unsynced(), []);
}

#[test]
fn records_that_were_given_up_do_not_count_towards_the_limit() {
    let disk = disk();
    let facts = disk.facts_at(FILE);
    let record = range(5, 900);
    let len = widen(frame::Payload::of(&record).unwrap().framed_len());
    let options = JournalOptions { limit: 4096 + len, ..MANUAL };
    let journal = journals(&disk).unwrap().create(Path::new(FILE), &facts, options).unwrap();
    disk.fail(At::Kind(CallKind::Write), DiskFault::Error(Io::StorageFull), Times::Once);
    journal.append_now(std::slice::from_ref(&record)).unwrap_err();
    let error = journal.append_now(&[record.clone(), edit(1)]).unwrap_err();
    assert!(matches!(error, JournalError::Full { .. }), "{error}");
    journal.append_now(std::slice::from_ref(&record)).unwrap();
    assert!(read(&disk, &journal.path()).unwrap().0 == [record]);
}
