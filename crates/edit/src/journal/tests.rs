use std::path::{Path, PathBuf};
use std::time::Duration;

use memmap_core::disk::Disk;
use memmap_core::testing::{At, CallKind, DiskFault, TestDisk, TestFile, TestMap, Times};
use memmap_core::widen;

use super::*;

mod cuts;
mod damage;
mod faults;
mod folder;
mod model;
mod orders;
mod records;
mod threads;

const FILE: &str = "/data/file";
const FOLDER: &str = "/state/journal";

/// A disk with a file that is edited.
fn disk() -> TestDisk {
    disk_of(512)
}

fn disk_of(sector: usize) -> TestDisk {
    let disk = TestDisk::new(sector);
    disk.put_folder("/data");
    disk.put(FILE, b"the bytes of the file");
    disk
}

/// Nothing happens that a test does not ask for.
const MANUAL: JournalOptions = JournalOptions {
    limit: 1 << 30,
    queue: 64 << 20,
    patience: Duration::ZERO,
    pace: Pace { idle: Duration::from_secs(1), most: Duration::from_secs(2) },
    has_thread: false,
};

fn journals(disk: &TestDisk) -> Result<Journals<TestDisk>, JournalError> {
    Journals::open(disk.clone(), FOLDER)
}

fn start(disk: &TestDisk) -> Result<Journal<TestDisk>, JournalError> {
    let facts = disk.look(Path::new(FILE)).map_err(JournalError::io("look at"))?;
    journals(disk)?.create(Path::new(FILE), &facts, MANUAL)
}

fn edit(state: u32) -> Record {
    Record::Edit(Edit {
        state,
        parent: state.saturating_sub(1),
        time: (1_000_000_000, 5),
        splices: vec![Splice {
            place: u64::from(state),
            removed: 1,
            inserted: vec![Inserted::Bytes(vec![b'x'])],
            seen: vec![Seen { start: 3, source: 0, bytes: SeenBytes::Exact(vec![b' ']) }],
        }],
    })
}

fn plan(state: u32) -> Record {
    Record::Plan(SavingPlan { way: SavingWay::InPlace, old_len: 21, new_len: 21, state })
}

fn range(start: u64, len: usize) -> Record {
    Record::Range(SavingRange { start, old: vec![b'o'; len], new: vec![b'n'; len] })
}

/// A plan with its ranges and their end.
fn saving(state: u32, ranges: &[Record]) -> Vec<Record> {
    let mut digest = SavingDigest::default();
    let mut records = vec![plan(state)];
    records.extend_from_slice(ranges);
    for record in &records {
        digest.add(record);
    }
    records.push(digest.planned());
    records
}

/// The records of a journal and how it ends.
fn read(disk: &TestDisk, path: &Path) -> Result<(Vec<Record>, End), JournalError> {
    let file = disk.open(path, false).map_err(JournalError::io("open"))?;
    let mut reader = Reader::open(disk, &file)?;
    let mut records = Vec::new();
    while let Some((_, record)) = reader.next()? {
        records.push(record);
    }
    Ok((records, reader.end().unwrap()))
}

/// The paths of all journals.
fn paths(disk: &TestDisk) -> Vec<PathBuf> {
    if !disk.exists(FOLDER) {
        return Vec::new();
    }
    disk.list(FOLDER).iter().map(|name| Path::new(FOLDER).join(name)).collect()
}

fn standing(disk: &TestDisk) -> Standing {
    let mut listed = journals(disk).unwrap().of(Path::new(FILE)).unwrap();
    assert_eq!(listed.len(), 1);
    listed.remove(0).standing
}
