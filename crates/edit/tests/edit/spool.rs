//! Bytes from elsewhere that are too many for memory.

use std::ffi::OsString;
use std::io::ErrorKind as Io;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use memmap_core::testing::{At, CallKind, DiskFault, Fake, Fault, TestDisk, TestMap, Times};
use memmap_core::{Map, Progress, disk::Stored};
use memmap_edit::journal::{Journals, Limits, Standing};
use memmap_edit::{Journal, Overlay, State, TakeError, Taken, Way};

use crate::saving::{OLD, PATH, all, journal, open};

const LEN: usize = (5 << 20) + 123;

fn many() -> Vec<u8> {
    (0..LEN).map(|at| (at % 253) as u8).collect()
}

/// A disk with large sectors, as there are many bytes.
fn disk() -> TestDisk {
    let disk = TestDisk::new(1 << 16);
    disk.put_folder("/files");
    disk.put_folder("/journals");
    disk.put(PATH, OLD);
    disk
}

fn take(journal: &Journal<TestDisk>, bytes: &[u8]) -> Result<Taken<TestMap>, TakeError> {
    journal.take(&Map::from_mapping(Fake::new(bytes)), &Progress::new())
}

fn spools(disk: &TestDisk) -> Vec<OsString> {
    let mut names = disk.list("/journals/of");
    names.retain(|name| name.to_string_lossy().contains(".spool"));
    names
}

fn recorded(disk: &TestDisk) -> (Overlay<TestMap>, Arc<Journal<TestDisk>>) {
    let (mut overlay, journal) = (open(disk), journal(disk));
    overlay.record_to(Arc::clone(&journal) as _);
    (overlay, journal)
}

fn replayed(disk: &TestDisk) -> Overlay<TestMap> {
    let journals = Journals::open(disk.clone(), "/journals/of").expect("a folder");
    let listed = journals.of(Path::new(PATH)).expect("readable");
    let map = TestMap::open_on(disk, Path::new(PATH)).expect("it exists");
    Overlay::replay(map, &journals, &listed[0].name).expect("it follows")
}

#[test]
fn many_bytes_are_beside_the_journal_and_later_sessions_have_them() {
    let disk = disk();
    let (mut overlay, journal) = recorded(&disk);
    let bytes = many();
    overlay.insert(2, b"before").expect("within");
    overlay.insert_taken(5, take(&journal, &bytes).expect("taken")).expect("within");
    assert_eq!(spools(&disk).len(), 1);
    // What is copied, cut and typed into is recorded as what it is.
    overlay.copy(1000..9000, 3).expect("within");
    overlay.delete(4000..5000).expect("within");
    overlay.overwrite(6000, b"typed").expect("within");
    let expected = all(&overlay);
    journal.flush().expect("it can be written");
    assert!(disk.read(journal.path()).len() < 1 << 20, "the bytes are not in the journal");
    disk.kill();
    let (killed, cut) = (disk.other_process(), disk.crash(&[]));
    for next in [killed, cut] {
        let mut again = replayed(&next);
        assert!(all(&again) == expected);
        again.go_to(State::FIRST).expect("it changed");
        assert_eq!(all(&again), OLD);
    }
}

#[test]
fn what_was_taken_is_saved_in_both_ways() {
    for way in [Way::InPlace, Way::Rewrite] {
        let disk = disk();
        let (mut overlay, journal) = recorded(&disk);
        overlay.insert_taken(36, take(&journal, &many()).expect("taken")).expect("within");
        let expected = all(&overlay);
        let save = overlay.save().way(way).journal(journal);
        save.run(&Progress::new()).expect("saved");
        assert!(disk.read(PATH) == expected, "{way:?}");
        assert!(all(&overlay) == expected, "{way:?}");
    }
}

#[test]
fn few_bytes_are_in_memory() {
    let disk = disk();
    let (mut overlay, journal) = recorded(&disk);
    let taken = take(&journal, b"a few").expect("taken");
    assert_eq!((taken.len(), taken.is_empty()), (5, false));
    overlay.insert_taken(0, taken).expect("within");
    assert_eq!(spools(&disk).len(), 0);
    assert_eq!(&all(&overlay)[..7], b"a few01");
}

#[test]
fn what_cannot_be_taken_leaves_nothing() {
    let disk = disk();
    let (_, journal) = recorded(&disk);
    let bytes = many();
    for kind in [CallKind::Write, CallKind::Sync] {
        let fault = DiskFault::Error(Io::StorageFull);
        disk.fail(At::on(kind, ".spool-0"), fault, Times::Once);
        let error = take(&journal, &bytes).expect_err("there is no room");
        assert!(matches!(error, TakeError::Journal(_)), "{kind:?}: {error}");
        assert_eq!(spools(&disk).len(), 0, "{kind:?}");
    }
    let lost = Fake::new(&bytes).with(Fault::Read { at: 5 << 20, kind: Io::Other });
    let taken = journal.take::<TestMap, _>(&Map::from_mapping(lost), &Progress::new());
    assert!(matches!(taken, Err(TakeError::Map(_))));
    let progress = Progress::new();
    progress.cancel();
    let from = Map::from_mapping(Fake::new(&bytes));
    let taken = journal.take::<TestMap, _>(&from, &progress);
    assert!(matches!(taken, Err(TakeError::Cancelled)));
    assert_eq!(spools(&disk).len(), 0);
}

/// Wherever the power goes while bytes are taken and inserted, a later session has all of them or none.
#[test]
fn a_cut_leaves_all_of_them_or_none() {
    let start = || {
        let disk = disk();
        let (overlay, journal) = recorded(&disk);
        (disk, overlay, journal)
    };
    let bytes = many();
    let insert = |overlay: &mut Overlay<TestMap>, journal: &Arc<Journal<TestDisk>>| {
        let Ok(taken) = take(journal, &bytes) else { return };
        overlay.insert_taken(3, taken).expect("within");
        journal.flush().ok();
    };
    let (disk, mut overlay, journal) = start();
    let from = disk.call_count();
    insert(&mut overlay, &journal);
    let (end, whole) = (disk.call_count(), all(&overlay));
    let mut found = [0, 0];
    for stop in from..=end {
        let (disk, mut overlay, journal) = start();
        disk.stop_after(stop);
        insert(&mut overlay, &journal);
        for after in disk.crashes(3, stop as u64) {
            let now = all(&replayed(&after));
            assert!(now == OLD || now == whole, "{stop}");
            found[usize::from(now != OLD)] += 1;
        }
    }
    assert!(found[0] > 0 && found[1] > 0, "{found:?}");
}

#[test]
fn it_goes_with_the_journal() {
    for is_removed in [true, false] {
        let disk = disk();
        let (overlay, journal) = recorded(&disk);
        take(&journal, &many()).expect("taken");
        drop(overlay);
        let journals = Journals::open(disk.clone(), "/journals/of").expect("a folder");
        let journal = Arc::into_inner(journal).expect("nobody else has it");
        if is_removed {
            journals.remove(journal).expect("it can");
        } else {
            journal.close().expect("it can");
            assert_eq!(spools(&disk).len(), 1);
            let removed = journals.tidy(Limits::default(), SystemTime::now()).expect("it can");
            assert_eq!((removed.len(), &removed[0].standing), (1, &Standing::Finished));
            assert!(removed[0].bytes > LEN as u64);
        }
        assert_eq!(disk.list("/journals/of").len(), 0);
    }
}
