//! Journals whose bytes attack.

use std::path::{Path, PathBuf};

use memmap_core::disk::Disk;
use memmap_core::testing::TestDisk;
use memmap_core::widen;

use super::codec::Take;
use super::frame::{Chain, Payload};
use super::header::Header;
use super::{EndedBy, Journal, JournalOptions, Journals, Position, Reader, Record, Standing};

const FILE: &str = "/file";
const OPTIONS: JournalOptions = JournalOptions {
    limit: 1 << 30,
    queue: 1 << 20,
    patience: std::time::Duration::ZERO,
    pace: super::Pace { idle: std::time::Duration::ZERO, most: std::time::Duration::ZERO },
    has_thread: false,
};

/// The body of the fuzz target `journal`. The first byte says what the others are: a whole journal, what
/// follows a right header, or records (a byte for the kind, two for the length of the payload, the payload),
/// which get right checksums.
///
/// # Panics
/// If something that is promised does not hold.
pub fn journal(bytes: &[u8]) {
    let Some((&form, rest)) = bytes.split_first() else { return };
    let disk = TestDisk::new(4096);
    disk.put(FILE, b"the file");
    let journals = Journals::open(disk.clone(), "/journals").expect("an empty disk");
    let started = journals.create(Path::new(FILE), &disk.facts_at(FILE), OPTIONS);
    let path = started.as_ref().map(Journal::path).expect("an empty folder");
    drop(started);
    match form % 3 {
        0 => {
            disk.cut(&path, 0);
            disk.append(&path, rest);
        }
        1 => disk.append(&path, rest),
        _ => {
            let frames = framed(&disk, &path, rest);
            disk.append(&path, &frames);
        }
    }
    let whole = look(&disk, &path);
    listed(&disk, &journals, &path, whole);
}

/// The records that these bytes describe, as frames that follow the header.
fn framed(disk: &TestDisk, path: &Path, bytes: &[u8]) -> Vec<u8> {
    let file = disk.open(path, false).expect("it was made");
    let (_, _, mut chain): (_, _, Chain) = Header::read(disk, &file).expect("it has a header");
    let mut frames = Vec::new();
    let mut take = Take(bytes);
    while let (Some(kind), Some(len)) = (take.u8(), take.array().map(u16::from_le_bytes)) {
        let len = usize::from(len).min(take.0.len());
        let (payload, rest) = take.0.split_at(len);
        take.0 = rest;
        chain.append(&Payload { kind: kind.into(), bytes: payload.to_vec() }, &mut frames);
    }
    frames
}

/// Reads the records, and checks what the reader says of them.
fn look(disk: &TestDisk, path: &Path) -> Vec<Record> {
    let file = disk.open(path, false).expect("it was made");
    let len = widen(disk.read(path).len());
    let Ok(mut reader) = Reader::open(disk, &file) else { return Vec::new() };
    let mut at = None;
    let mut records = Vec::new();
    while let Some((position, record)) = reader.next().expect("the disk is whole") {
        let Position { record: range, old, new } = position;
        assert!(at.is_none_or(|at| at == range.start) && range.end <= len, "{range:?}");
        if let (Record::Range(parts), Some(old), Some(new)) = (&record, &old, &new) {
            assert!(old.end == new.start && new.end < range.end, "{old:?} {new:?}");
            assert_eq!(old.end - old.start, widen(parts.old.len()));
            assert_eq!(new.end - new.start, widen(parts.new.len()));
        }
        let encoded = Payload::of(&record).expect("what was read can be written");
        assert_eq!(widen(encoded.framed_len()), range.end - range.start);
        at = Some(range.end);
        records.push(record);
    }
    let end = reader.end().expect("it was read to its end");
    assert_eq!(end.at + end.dropped, len);
    assert!(at.is_none_or(|at| at == end.at) && (end.by == EndedBy::File) == (end.dropped == 0));
    records
}

/// Lists the journal, and goes on with it if that is possible: no record of it is lost then.
fn listed(
    disk: &TestDisk,
    journals: &Journals<TestDisk>,
    path: &PathBuf,
    mut records: Vec<Record>,
) {
    let before = disk.read(path);
    let name = path.file_name().expect("it has a name");
    let found = journals.of(Path::new(FILE)).expect("the folder is whole");
    assert_eq!(disk.read(path), before, "looking changes nothing");
    let standing = found.first().map(|found| found.standing.clone());
    if let Ok(journal) = journals.resume(name, OPTIONS, false) {
        journal.append_now(&[Record::Done]).expect("the disk has room");
        records.extend([Record::Resumed(disk.this_process()), Record::Done]);
        assert_eq!(look(disk, path), records);
        return;
    }
    assert_eq!(disk.read(path), before, "what is refused is not changed");
    let is_refused = standing.is_none_or(|standing| {
        matches!(
            standing,
            Standing::Empty
                | Standing::Damaged
                | Standing::UnknownVersion(_)
                | Standing::UnknownKind(_)
        )
    });
    assert!(is_refused, "it could be listed");
}
