//! Journals with wrong bytes.

use super::*;

/// A small journal with records of many kinds, its path and its records.
fn small() -> (TestDisk, PathBuf, Vec<Record>) {
    let disk = disk();
    let journal = start(&disk).unwrap();
    let mut records = vec![edit(1), Record::Marks(b"cursor".to_vec())];
    records.extend(saving(1, &[range(2, 3)]));
    records.push(Record::Done);
    records.push(edit(2));
    journal.append_now(&records).unwrap();
    let path = journal.path();
    drop(journal);
    (disk, path, records)
}

#[test]
fn each_truncation_leaves_the_records_before_it() {
    let (disk, path, records) = small();
    let bytes = disk.read(&path);
    let mut ends = Vec::new();
    {
        let file = disk.open(&path, false).unwrap();
        let mut reader = Reader::open(&disk, &file).unwrap();
        while let Some((position, _)) = reader.next().unwrap() {
            ends.push(usize::try_from(position.record.end).unwrap());
        }
    }
    assert_eq!(ends.last(), Some(&bytes.len()));
    for len in (0..bytes.len()).rev() {
        disk.cut(&path, len);
        if len < 4096 {
            assert!(matches!(read(&disk, &path), Err(JournalError::Empty)), "{len}");
            assert_eq!(standing(&disk), Standing::Empty);
            continue;
        }
        let whole = ends.iter().filter(|&&end| end <= len).count();
        let at = if whole == 0 { 4096 } else { ends[whole - 1] };
        let (found, end) = read(&disk, &path).unwrap();
        assert_eq!(found, records[..whole], "{len}");
        let by = if at == len { EndedBy::File } else { EndedBy::Torn };
        assert_eq!((end.at, end.dropped, end.by), (widen(at), widen(len - at), by), "{len}");
    }
}

#[test]
fn each_flipped_byte_is_noticed_and_what_is_before_it_counts() {
    let (disk, path, records) = small();
    let bytes = disk.read(&path);
    for at in 0..bytes.len() {
        disk.write(&path, at, &[bytes[at] ^ 1 << (at % 8)]);
        match read(&disk, &path) {
            Ok((found, end)) => {
                assert!(at >= 4096 && found.len() < records.len(), "{at}");
                assert_eq!(found, records[..found.len()], "{at}");
                assert!(end.at <= widen(at) && end.by == EndedBy::Torn, "{at}");
            }
            Err(JournalError::Version { .. }) => assert!((8..12).contains(&at), "{at}"),
            Err(JournalError::Damaged) => assert!(at < 4096, "{at}"),
            Err(error) => panic!("{at}: {error}"),
        }
        // It is listed, and never panics.
        if at.is_multiple_of(97) {
            journals(&disk).unwrap().of(Path::new(FILE)).unwrap();
        }
        disk.write(&path, at, &bytes[at..=at]);
    }
    assert_eq!(read(&disk, &path).unwrap().0, records);
}

#[test]
fn zeros_and_another_journals_records_are_not_read() {
    let (disk, path, records) = small();
    disk.append(&path, &[0; 5000]);
    let (found, end) = read(&disk, &path).unwrap();
    assert_eq!((found, end.dropped, end.by), (records.clone(), 5000, EndedBy::Torn));
    let (other_disk, other, _) = small();
    disk.cut(&path, 4096);
    disk.append(&path, &other_disk.read(other)[4096..]);
    assert_eq!(read(&disk, &path).unwrap().0, []);
}

#[test]
fn lengths_that_a_file_does_not_have_take_no_memory() {
    let (disk, path, records) = small();
    let len = disk.read(&path).len();
    for claimed in [1, 48, PAYLOAD, PAYLOAD + 1, u32::MAX] {
        disk.cut(&path, len);
        disk.append(&path, &claimed.to_le_bytes());
        disk.append(&path, &[1; 60]);
        assert_eq!(read(&disk, &path).unwrap().0, records, "{claimed}");
    }
}

const PAYLOAD: u32 = 4 << 20;

#[test]
fn frames_that_were_given_up_are_not_read_after_others() {
    // A plan fails to be written, but its second record reaches the device, and so does a record that
    // replaces the first, and is exactly as long.
    let disk = disk();
    let journal = start(&disk).unwrap();
    let first = Record::Marks(b"1234".to_vec());
    disk.fail(At::Kind(CallKind::Sync), DiskFault::Error(std::io::ErrorKind::Other), Times::Once);
    journal.append_now(&[first, edit(1)]).unwrap_err();
    drop(journal);
    let path = paths(&disk).remove(0);
    let stale = disk.read(&path);
    disk.cut(&path, 4096);
    let journal =
        journals(&disk).unwrap().resume(path.file_name().unwrap(), MANUAL, false).unwrap();
    drop(journal);
    disk.cut(&path, 4096);
    let file = disk.open(&path, true).unwrap();
    let (header, _, mut chain) = Header::read(&disk, &file).unwrap();
    let mut bytes = Vec::new();
    let again = Record::Marks(b"4321".to_vec());
    chain.append(&frame::Payload::of(&again).unwrap(), &mut bytes);
    assert_eq!(header.session, chain.session);
    bytes.extend_from_slice(&stale[4096 + bytes.len()..]);
    disk.append(&path, &bytes);
    let (found, end) = read(&disk, &path).unwrap();
    assert_eq!((found, end.by), (vec![again], EndedBy::Torn));
}

#[test]
fn a_later_version_is_listed_and_not_touched() {
    let (disk, path, _) = small();
    disk.write(&path, 8, &2_u32.to_le_bytes());
    let before = disk.read(&path);
    let folder = journals(&disk).unwrap();
    let listed = folder.of(Path::new(FILE)).unwrap();
    assert_eq!(listed[0].standing, Standing::UnknownVersion(2));
    let error = folder.resume(path.file_name().unwrap(), MANUAL, false).unwrap_err();
    assert!(matches!(error, JournalError::Version { version: 2 }), "{error}");
    let year_3000 = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(32_503_680_000);
    let limits = Limits { bytes: 0, ..Limits::default() };
    assert_eq!(folder.tidy(limits, year_3000).unwrap(), []);
    assert_eq!(disk.read(&path), before);
}

#[test]
fn a_record_of_a_later_version_ends_the_reading_and_is_not_overwritten() {
    let disk = disk();
    let journal = start(&disk).unwrap();
    journal.append_now(&[edit(1)]).unwrap();
    let path = journal.path();
    drop(journal);
    let file = disk.open(&path, false).unwrap();
    let mut reader = Reader::open(&disk, &file).unwrap();
    while reader.next().unwrap().is_some() {}
    let (mut chain, mut frame) = (reader.chain(), Vec::new());
    chain.append(&frame::Payload { kind: 999, bytes: b"later".to_vec() }, &mut frame);
    disk.append(&path, &frame);
    let before = disk.read(&path);
    let (found, end) = read(&disk, &path).unwrap();
    assert_eq!((found, end.by), (vec![edit(1)], EndedBy::UnknownKind(999)));
    assert_eq!(standing(&disk), Standing::UnknownKind(999));
    let error =
        journals(&disk).unwrap().resume(path.file_name().unwrap(), MANUAL, false).unwrap_err();
    assert!(matches!(error, JournalError::UnknownKind { kind: 999 }), "{error}");
    assert_eq!(disk.read(&path), before);
}
