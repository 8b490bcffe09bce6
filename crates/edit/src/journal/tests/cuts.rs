//! A process is killed, and the power is cut, at each call.

use super::*;
use CallKind as Is;

/// What a session wrote, and what of it was confirmed.
#[derive(Default)]
struct Wrote {
    records: Vec<Record>,
    /// The records up to here were written.
    written: usize,
    /// The records up to here were synced.
    synced: usize,
}

/// A session: edits that are written and synced, a saving, more edits, an end.
fn session(disk: &TestDisk, wrote: &mut Wrote) -> Result<(), JournalError> {
    let journal = start(disk)?;
    let append = |wrote: &mut Wrote, record: Record| {
        journal.append(&record);
        wrote.records.push(record);
    };
    append(wrote, edit(1));
    append(wrote, edit(2));
    journal.write()?;
    wrote.written = wrote.records.len();
    append(wrote, Record::GoTo { state: 1, time: (7, 0) });
    journal.flush()?;
    (wrote.written, wrote.synced) = (wrote.records.len(), wrote.records.len());
    append(wrote, edit(3));
    journal.reserve(4096)?;
    wrote.written = wrote.records.len();
    let records = saving(3, &[range(1, 300), range(900, 700)]);
    wrote.records.extend(records.iter().cloned());
    journal.append_now(&records)?;
    (wrote.written, wrote.synced) = (wrote.records.len(), wrote.records.len());
    wrote.records.push(Record::Done);
    journal.append_now(&[Record::Done])?;
    (wrote.written, wrote.synced) = (wrote.records.len(), wrote.records.len());
    append(wrote, edit(4));
    journal.write()?;
    wrote.written = wrote.records.len();
    wrote.records.push(Record::Closed);
    journal.close()?;
    (wrote.written, wrote.synced) = (wrote.records.len(), wrote.records.len());
    Ok(())
}

/// What can be read is a prefix of what was written, and has everything that was confirmed.
fn check(disk: &TestDisk, wrote: &Wrote, confirmed: usize, when: &str) {
    let all = paths(disk);
    assert!(all.len() <= 1, "{when}");
    let found = match all.first().map(|path| read(disk, path)) {
        None | Some(Err(JournalError::Empty)) => Vec::new(),
        Some(Ok((found, _))) => found,
        Some(Err(error)) => panic!("{when}: {error}"),
    };
    assert!(wrote.records.starts_with(&found), "{when}: {found:?}");
    assert!(found.len() >= confirmed, "{when}: {} of {confirmed}", found.len());
}

#[test]
fn a_fault_at_each_call_leaves_what_was_confirmed() {
    use std::io::ErrorKind as Io;
    let errors = [
        Io::StorageFull,
        Io::QuotaExceeded,
        Io::ReadOnlyFilesystem,
        Io::StaleNetworkFileHandle,
        Io::PermissionDenied,
        Io::Interrupted,
        Io::Other,
    ];
    let faults = errors.map(DiskFault::Error).into_iter();
    let faults = faults.chain([DiskFault::Short(0), DiskFault::Short(1), DiskFault::Short(50)]);
    let mut failed = 0;
    for (fault, call) in faults.flat_map(|fault| (0..call_count()).map(move |call| (fault, call))) {
        let disk = disk();
        disk.fail(At::Call(call), fault, Times::Once);
        let mut wrote = Wrote::default();
        failed += usize::from(session(&disk, &mut wrote).is_err());
        let when = format!("{fault:?} at {:?}", disk.calls().get(call));
        check(&disk, &wrote, wrote.written, &when);
        for after in disk.crashes(20, 3) {
            check(&after, &wrote, wrote.synced, &when);
        }
    }
    assert!(failed > 50, "{failed}");
}

/// The calls of a whole session.
fn call_count() -> usize {
    let disk = disk();
    session(&disk, &mut Wrote::default()).unwrap();
    disk.call_count()
}

#[test]
fn a_journal_is_made_durable_before_anything_is_written_to_it() {
    let disk = disk();
    let journal = start(&disk).unwrap();
    let calls: Vec<_> = disk.calls().iter().map(|call| call.kind).collect();
    // The folders are synced again, for another session may have made them.
    let folders = [Is::MakeFolder, Is::MakeFolder];
    let synced = [Is::SyncFolder; 4];
    let file = [Is::Create, Is::Write, Is::Sync, Is::SyncFolder];
    assert_eq!(calls, [&folders[..], &synced, &file].concat());
    assert_eq!(disk.unsynced(), []);
    assert_eq!(disk.attributes_at(journal.path()).mode, Some(0o600));
}

#[test]
fn what_was_written_outlives_a_kill_at_each_call() {
    let calls = call_count();
    assert!(calls > 15, "{calls}");
    for stop in 0..=calls {
        for within in [None, Some(1), Some(100), Some(513)] {
            let disk = disk();
            match within {
                None => disk.stop_after(stop),
                Some(bytes) => disk.stop_within(stop, bytes),
            }
            let mut wrote = Wrote::default();
            let ended = session(&disk, &mut wrote);
            assert!(ended.is_err() || stop == calls);
            check(&disk.other_process(), &wrote, wrote.written, &format!("{stop} {within:?}"));
        }
    }
}

#[test]
fn what_was_synced_outlives_a_power_cut_at_each_call() {
    // Sectors of this length: with the large ones each subset is tried.
    for (sector, limit, is_exhaustive) in [(512, 2048, true), (64, 200, false)] {
        let calls = call_count();
        let mut cuts = 0;
        for stop in 0..=calls {
            let disk = disk_of(sector);
            disk.stop_after(stop);
            let mut wrote = Wrote::default();
            drop(session(&disk, &mut wrote));
            let crashes = disk.crashes(limit, u64::try_from(stop).unwrap());
            assert!(crashes.is_complete() || !is_exhaustive, "{stop}");
            for after in crashes {
                let last = disk.calls().pop();
                check(&after, &wrote, wrote.synced, &format!("{sector} {stop}: {last:?}"));
                cuts += 1;
            }
        }
        assert!(cuts > 500, "{cuts}");
    }
}

#[test]
fn a_journal_that_does_not_sync_loses_what_was_confirmed() {
    // Otherwise the test before is blind.
    let disk = disk();
    let journal = start(&disk).unwrap();
    journal.append(&edit(1));
    journal.write().unwrap();
    let lost = disk.crashes(100, 1).any(|after| {
        let path = paths(&after).remove(0);
        read(&after, &path).unwrap().0.is_empty()
    });
    assert!(lost);
    journal.flush().unwrap();
    assert_eq!(disk.unsynced(), []);
}

#[test]
fn a_saving_counts_once_all_of_its_plan_is_there() {
    let disk = disk();
    let journal = start(&disk).unwrap();
    journal.append_now(&[edit(1)]).unwrap();
    let records = saving(1, &[range(1, 600), range(700, 600)]);
    for record in &records {
        journal.append(record);
    }
    journal.write().unwrap();
    for after in disk.crashes(200, 3) {
        let path = paths(&after).remove(0);
        let (found, _) = read(&after, &path).unwrap();
        let expected = if found.len() == records.len() + 1 {
            Standing::UnfinishedSaving
        } else {
            Standing::Unsaved
        };
        assert_eq!(standing(&after), expected, "{}", found.len());
    }
}

#[test]
fn a_journal_goes_on_after_a_power_cut_at_each_call_and_another_one_then() {
    let calls = call_count();
    for stop in 10..=calls {
        let first = disk();
        first.stop_after(stop);
        let mut wrote = Wrote::default();
        drop(session(&first, &mut wrote));
        for (index, after) in first.crashes(20, 5).enumerate() {
            let path = paths(&after).remove(0);
            let (found, _) = read(&after, &path).unwrap();
            let folder = journals(&after).unwrap();
            let journal = folder.resume(path.file_name().unwrap(), MANUAL, false).unwrap();
            journal.append_now(&[edit(9)]).unwrap();
            journal.append(&edit(10));
            journal.write().unwrap();
            let resumed = Record::Resumed(after.this_process());
            let all = [&found[..], &[resumed, edit(9), edit(10)]].concat();
            let (found, end) = read(&after, &path).unwrap();
            assert_eq!((found, end.by), (all.clone(), EndedBy::File), "what was torn is cut off");
            for again in after.crashes(5, u64::try_from(index).unwrap()) {
                let (found, _) = read(&again, &path).unwrap();
                assert!(all.starts_with(&found) && found.len() >= all.len() - 1, "{stop} {index}");
            }
        }
    }
}

#[test]
fn a_session_after_one_that_was_killed_does_not_rely_on_what_that_one_made() {
    let calls = call_count();
    for stop in 0..=calls {
        let killed = disk();
        killed.stop_after(stop);
        drop(session(&killed, &mut Wrote::default()));
        let next = killed.other_process();
        let old: Vec<PathBuf> = paths(&next);
        let folder = journals(&next).unwrap();
        let resumed = old.iter().find(|path| read(&next, path).is_ok());
        let journal = match resumed {
            Some(path) => folder.resume(path.file_name().unwrap(), MANUAL, false),
            None => folder.create(Path::new(FILE), &next.facts_at(FILE), MANUAL),
        };
        let journal = journal.unwrap();
        journal.append_now(&[edit(9)]).unwrap();
        let path = journal.path();
        for after in next.crashes(100, 9) {
            let (found, _) = read(&after, &path).unwrap();
            assert_eq!(found.last(), Some(&edit(9)), "{stop}");
        }
    }
}

#[test]
fn a_journal_whose_sync_failed_is_written_anew_before_it_goes_on() {
    let killed = disk();
    let journal = start(&killed).unwrap();
    // Its sectors are not those of the next record.
    let first = Record::Marks(vec![7; 2000]);
    journal.append(&first);
    killed.fail(At::Kind(Is::Sync), DiskFault::Error(std::io::ErrorKind::Other), Times::Once);
    journal.flush().unwrap_err();
    killed.kill();
    // The cache shows the record, and the next sync succeeds.
    let next = killed.other_process();
    let path = paths(&next).remove(0);
    let folder = journals(&next).unwrap();
    let journal = folder.resume(path.file_name().unwrap(), MANUAL, false).unwrap();
    journal.append_now(&[edit(2)]).unwrap();
    let all = [first, Record::Resumed(next.this_process()), edit(2)];
    assert_eq!(read(&next.crash(&[]), &path).unwrap().0, all);
}
