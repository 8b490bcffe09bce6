//! The thread that writes.

use std::sync::mpsc;

use super::*;

/// A journal with a thread, and what tells of each call of a kind.
fn watched(pace: Pace) -> (TestDisk, Journal<TestDisk>) {
    let disk = disk();
    let facts = disk.facts_at(FILE);
    let options = JournalOptions { pace, has_thread: true, ..MANUAL };
    let journal = journals(&disk).unwrap().create(Path::new(FILE), &facts, options).unwrap();
    (disk, journal)
}

/// Receives when the next call of this kind begins.
fn next(disk: &TestDisk, kind: CallKind) -> mpsc::Receiver<()> {
    let (send, receive) = mpsc::channel();
    disk.before(At::Kind(kind), move |_| send.send(()).unwrap());
    receive
}

const NEVER: Duration = Duration::from_secs(1_000_000);

#[test]
fn a_record_is_written_at_once_and_synced_later() {
    let (disk, journal) = watched(Pace { idle: NEVER, most: NEVER });
    let written = next(&disk, CallKind::Write);
    journal.append(&edit(1));
    written.recv().unwrap();
    assert_eq!(journal.protection(), Protection::Pending);
    journal.flush().unwrap();
    assert_eq!(journal.protection(), Protection::Synced);

    let (disk, journal) = watched(Pace { idle: Duration::ZERO, most: NEVER });
    let synced = next(&disk, CallKind::Sync);
    journal.append(&edit(1));
    synced.recv().unwrap();
    journal.close().unwrap();
    assert_eq!(read(&disk, &paths(&disk)[0]).unwrap().0, [edit(1), Record::Closed]);
}

#[test]
fn dropping_the_journal_writes_what_waits() {
    let (disk, journal) = watched(Pace { idle: NEVER, most: NEVER });
    let all: Vec<Record> = (1..200).map(edit).collect();
    for record in &all {
        journal.append(record);
    }
    let path = journal.path();
    drop(journal);
    assert_eq!(read(&disk, &path).unwrap().0, all);
    assert_eq!(standing(&disk), Standing::Unsaved, "the lock is free");
}

#[test]
fn a_failed_write_is_tried_again_with_the_next_record() {
    let (disk, journal) = watched(Pace { idle: NEVER, most: NEVER });
    let full = DiskFault::Error(std::io::ErrorKind::StorageFull);
    disk.fail(At::Kind(CallKind::Write), full, Times::Once);
    let first = next(&disk, CallKind::Write);
    journal.append(&edit(1));
    first.recv().unwrap();
    while !matches!(journal.protection(), Protection::Failed(_)) {
        std::thread::yield_now();
    }
    let second = next(&disk, CallKind::Write);
    journal.append(&edit(2));
    second.recv().unwrap();
    journal.flush().unwrap();
    assert_eq!(journal.protection(), Protection::Synced);
    assert_eq!(read(&disk, &journal.path()).unwrap().0, [1, 2].map(edit));
}

#[test]
fn savings_are_in_order_with_records_that_others_append() {
    let (disk, journal) = watched(Pace { idle: Duration::ZERO, most: Duration::ZERO });
    std::thread::scope(|scope| {
        scope.spawn(|| (1..500).for_each(|state| journal.append(&edit(state))));
        for state in 0..20 {
            let positions = journal.append_now(&saving(state, &[range(1, 20)])).unwrap();
            assert_eq!(positions.len(), 3);
        }
    });
    journal.flush().unwrap();
    let (found, end) = read(&disk, &journal.path()).unwrap();
    assert_eq!(end.by, EndedBy::File);
    let (edits, plans): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|record| matches!(record, Record::Edit(_)));
    assert_eq!(edits, (1..500).map(edit).collect::<Vec<_>>());
    let expected: Vec<_> = (0..20).flat_map(|state| saving(state, &[range(1, 20)])).collect();
    assert_eq!(plans, expected);
}

/// Makes the next call of this kind hang until something is sent. The first channel tells that it hangs.
fn hang(disk: &TestDisk, kind: CallKind) -> (mpsc::Receiver<()>, mpsc::Sender<()>) {
    let (hangs, hanging) = mpsc::channel();
    let (release, released) = mpsc::channel();
    disk.before(At::Kind(kind), move |_| {
        hangs.send(()).unwrap();
        released.recv().unwrap();
    });
    (hanging, release)
}

#[test]
fn who_types_does_not_wait_for_a_disk_that_hangs() {
    for kind in [CallKind::Write, CallKind::Sync] {
        let (disk, journal) = watched(Pace { idle: Duration::ZERO, most: NEVER });
        let (hanging, release) = hang(&disk, kind);
        journal.append(&edit(1));
        hanging.recv().unwrap();
        for state in 2..1000 {
            journal.append(&edit(state));
        }
        assert_eq!(journal.protection(), Protection::Pending);
        release.send(()).unwrap();
        journal.flush().unwrap();
        let all: Vec<Record> = (1..1000).map(edit).collect();
        assert_eq!(read(&disk, &journal.path()).unwrap().0, all);
    }
}

#[test]
fn a_large_record_waits_for_room_and_a_small_one_does_not() {
    let disk = disk();
    let pace = Pace { idle: NEVER, most: NEVER };
    let options =
        JournalOptions { pace, has_thread: true, queue: 100 << 10, patience: NEVER, ..MANUAL };
    let facts = disk.facts_at(FILE);
    let journal = journals(&disk).unwrap().create(Path::new(FILE), &facts, options).unwrap();
    let large = Record::Marks(vec![1; 70 << 10]);
    let (hanging, release) = hang(&disk, CallKind::Write);
    journal.append(&edit(1));
    hanging.recv().unwrap();
    journal.append(&large);
    journal.append(&edit(2));
    std::thread::scope(|scope| {
        let waits = scope.spawn(|| journal.append(&large));
        release.send(()).unwrap();
        waits.join().unwrap();
    });
    journal.flush().unwrap();
    assert_eq!(journal.protection(), Protection::Synced);
    let all = [edit(1), large.clone(), edit(2), large];
    assert!(read(&disk, &journal.path()).unwrap().0 == all);
}

#[test]
fn the_thread_ends_with_a_sync_that_fails() {
    let (disk, journal) = watched(Pace { idle: Duration::ZERO, most: NEVER });
    let failure = DiskFault::Error(std::io::ErrorKind::Other);
    disk.fail(At::Kind(CallKind::Sync), failure, Times::Always);
    journal.append(&edit(1));
    while journal.protection() != Protection::Failed("other error".to_owned()) {
        std::thread::yield_now();
    }
    let before = disk.call_count();
    journal.append(&edit(2));
    journal.flush().unwrap_err();
    drop(journal);
    assert_eq!(disk.call_count(), before, "nothing is written after it");
}

#[test]
fn a_disk_that_takes_nothing_ends_the_journal_once_the_queue_is_full() {
    let disk = disk();
    let pace = Pace { idle: NEVER, most: NEVER };
    let options = JournalOptions { pace, has_thread: true, queue: 100 << 10, ..MANUAL };
    let facts = disk.facts_at(FILE);
    let journal = journals(&disk).unwrap().create(Path::new(FILE), &facts, options).unwrap();
    let large = Record::Marks(vec![1; 70 << 10]);
    let (hanging, release) = hang(&disk, CallKind::Write);
    journal.append(&edit(1));
    hanging.recv().unwrap();
    journal.append(&large);
    journal.append(&large);
    let why = "records come faster than the disk takes them".to_owned();
    assert_eq!(journal.protection(), Protection::Failed(why));
    journal.append(&edit(2));
    release.send(()).unwrap();
    journal.flush().unwrap();
    assert!(read(&disk, &journal.path()).unwrap().0 == [edit(1), large]);
    assert!(matches!(journal.protection(), Protection::Failed(_)), "it stays");
}
