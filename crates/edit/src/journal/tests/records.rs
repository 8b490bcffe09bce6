//! Records go through bytes and through a journal unchanged.

use std::time::{Duration, SystemTime};

use memmap_core::Map;
use memmap_core::disk::{Facts, NodeKind, Process, Sectors, Stored};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::super::frame::PAYLOAD_MAX;
use super::*;

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..40)
}

fn time() -> impl Strategy<Value = Time> {
    (any::<i64>(), 0_u32..1_000_000_000)
}

fn inserted() -> impl Strategy<Value = Inserted> {
    prop_oneof![
        bytes().prop_map(Inserted::Bytes),
        (bytes(), any::<u32>(), any::<u64>()).prop_map(|(pattern, phase, len)| Inserted::Fill {
            pattern,
            phase,
            len
        }),
        any::<(u32, u64, u64)>().prop_map(|(source, start, len)| Inserted::Base {
            source,
            start,
            len
        }),
        any::<(u32, u64, u64)>().prop_map(|(file, start, len)| Inserted::Spool {
            file,
            start,
            len
        }),
    ]
}

fn seen() -> impl Strategy<Value = Seen> {
    let what = prop_oneof![
        bytes().prop_map(SeenBytes::Exact),
        (any::<u64>(), vec(any::<[u8; 32]>(), 0..3))
            .prop_map(|(block_len, digests)| SeenBytes::Digest { block_len, digests }),
        any::<u64>().prop_map(|len| SeenBytes::Unread { len }),
    ];
    (any::<u64>(), any::<u32>(), what).prop_map(|(start, source, bytes)| Seen {
        start,
        source,
        bytes,
    })
}

fn splice() -> impl Strategy<Value = Splice> {
    (any::<u64>(), any::<u64>(), vec(inserted(), 0..4), vec(seen(), 0..4))
        .prop_map(|(place, removed, inserted, seen)| Splice { place, removed, inserted, seen })
}

fn process() -> impl Strategy<Value = Process> {
    (".{0,9}", ".{0,9}", any::<u32>(), any::<u64>(), any::<u32>())
        .prop_map(|(host, boot, id, started, user)| Process { host, boot, id, started, user })
}

fn record() -> impl Strategy<Value = Record> {
    let file = (any::<u128>(), any::<Option<u32>>(), option::of(time()))
        .prop_map(|(inode, generation, born)| TemporaryFile { inode, generation, born });
    prop_oneof![
        (any::<u32>(), any::<u32>(), time(), vec(splice(), 0..4)).prop_map(
            |(state, parent, time, splices)| {
                Record::Edit(Edit { state, parent, time, splices })
            }
        ),
        (any::<u32>(), time()).prop_map(|(state, time)| Record::GoTo { state, time }),
        bytes().prop_map(Record::Marks),
        (any::<bool>(), any::<u64>(), any::<u64>(), any::<u32>()).prop_map(
            |(rewrites, old_len, new_len, state)| {
                let way = if rewrites { SavingWay::Rewrite } else { SavingWay::InPlace };
                Record::Plan(SavingPlan { way, old_len, new_len, state })
            }
        ),
        (any::<u64>(), bytes(), bytes()).prop_map(|(start, old, new)| Record::Range(SavingRange {
            start,
            old,
            new
        })),
        (option::of(any::<(u32, u32)>()), any::<Option<u32>>(), vec((".{0,9}", bytes()), 0..3))
            .prop_map(|(owner, mode, extended)| {
                Record::Attributes(SavingAttributes { owner, mode, extended })
            }),
        (any::<u64>(), any::<[u8; 32]>())
            .prop_map(|(count, digest)| Record::Planned { count, digest }),
        (bytes(), option::of(file))
            .prop_map(|(name, file)| Record::Rewriting(Rewriting { name, file })),
        (any::<u32>(), bytes(), any::<u64>()).prop_map(|(file, name, len)| Record::Spooled {
            file,
            name,
            len
        }),
        process().prop_map(Record::Resumed),
        Just(Record::Done),
        Just(Record::Back),
        Just(Record::Unfinished),
        Just(Record::Discarded),
        Just(Record::Closed),
    ]
}

proptest! {
    #[test]
    fn a_record_is_read_as_it_was_encoded(record in record()) {
        let (kind, bytes) = record.encode().unwrap();
        prop_assert_eq!(Record::decode(kind, &bytes), Some(record));
    }

    #[test]
    fn a_payload_that_was_cut_or_extended_is_no_record(record in record(), cut in any::<prop::sample::Index>()) {
        let (kind, mut bytes) = record.encode().unwrap();
        if kind != 3 && !bytes.is_empty() {
            prop_assert_eq!(Record::decode(kind, &bytes[..cut.index(bytes.len())]), None);
        }
        if kind != 3 {
            bytes.push(0);
            prop_assert_eq!(Record::decode(kind, &bytes), None);
        }
    }

    #[test]
    fn any_bytes_are_a_record_that_is_encoded_again_or_none(kind in 0_u16..40, bytes in vec(any::<u8>(), 0..200)) {
        if let Some(record) = Record::decode(kind, &bytes) {
            let (again, encoded) = record.encode().unwrap();
            prop_assert_eq!((again, encoded), (kind, bytes));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_journal_gives_back_its_records(records in vec(record(), 0..12), now in any::<u16>()) {
        let disk = disk();
        let journal = start(&disk).unwrap();
        for (index, record) in records.iter().enumerate() {
            if now >> (index % 16) & 1 == 1 {
                journal.append_now(std::slice::from_ref(record)).unwrap();
            } else {
                journal.append(record);
            }
        }
        journal.flush().unwrap();
        prop_assert_eq!(journal.protection(), Protection::Synced);
        let (found, end) = read(&disk, &journal.path()).unwrap();
        prop_assert_eq!(found, records);
        prop_assert_eq!((end.dropped, end.by), (0, EndedBy::File));
    }
}

#[test]
fn a_header_goes_through_bytes_unchanged_however_long_its_path_is() {
    let disk = disk();
    for (name_len, blocks) in [(10, 1), (5000, 2)] {
        let path = PathBuf::from(format!("/data/{}", "n".repeat(name_len)));
        let before = SystemTime::UNIX_EPOCH - Duration::from_nanos(1_500_000_001);
        let facts = Facts {
            kind: NodeKind::Device,
            device: 5,
            inode: u128::MAX,
            generation: None,
            born: Some(before),
            len: 7,
            modified: Some(SystemTime::UNIX_EPOCH - Duration::from_secs(3)),
            changed: None,
            links: 1,
            sectors: Some(Sectors { logical: 512, physical: 4096 }),
            is_read_only: true,
            serial: "SN 1".to_owned(),
        };
        let journal = journals(&disk).unwrap().create(&path, &facts, MANUAL).unwrap();
        assert_eq!(disk.read(journal.path()).len(), 4096 * blocks);
        let file = disk.open(&journal.path(), false).unwrap();
        let reader = Reader::open(&disk, &file).unwrap();
        let header = reader.header();
        assert_eq!(header, journal.header());
        assert!(header.is_of(&path) && !header.is_of(Path::new(FILE)));
        assert_eq!((&header.file, &header.process), (&facts, &disk.this_process()));
    }
}

#[test]
fn the_bytes_of_a_range_are_where_its_position_says() {
    let disk = disk();
    let journal = start(&disk).unwrap();
    journal.append(&edit(1));
    let records = saving(1, &[range(5, 3), range(100, SavingRange::LEN_MAX), range(9, 0)]);
    let positions = journal.append_now(&records).unwrap();
    assert_eq!(positions.len(), records.len());
    let map = TestMap::open_on(&disk, &journal.path()).unwrap();
    let bytes = |map: &Map<TestMap>, range: &std::ops::Range<u64>| {
        map.read_at(range.start, usize::try_from(range.end - range.start).unwrap()).unwrap()
    };
    let file = disk.open(&journal.path(), false).unwrap();
    let mut reader = Reader::open(&disk, &file).unwrap();
    assert_eq!(reader.next().unwrap().unwrap().1, edit(1));
    for (record, position) in records.iter().zip(&positions) {
        assert_eq!(reader.next().unwrap(), Some((position.clone(), record.clone())));
        if let Record::Range(SavingRange { old, new, .. }) = record {
            assert_eq!(&bytes(&map, position.old.as_ref().unwrap()), old);
            assert_eq!(&bytes(&map, position.new.as_ref().unwrap()), new);
        } else {
            assert_eq!((&position.old, &position.new), (&None, &None));
        }
    }
    let too_long = range(0, SavingRange::LEN_MAX + 1);
    let error = journal.append_now(&[too_long]).unwrap_err();
    assert!(matches!(error, JournalError::TooLarge { len: 1_048_577 }), "{error}");
    journal.append_now(&[Record::Done]).unwrap();
}

#[test]
fn a_record_that_is_longer_than_a_frame_is_several() {
    let disk = disk();
    let journal = start(&disk).unwrap();
    let text: Vec<u8> = (0..PAYLOAD_MAX * 2 + 100).map(|at| at.to_le_bytes()[1]).collect();
    let records = [edit(1), Record::Marks(text), edit(2)];
    for record in &records {
        journal.append(record);
    }
    journal.flush().unwrap();
    let (found, end) = read(&disk, &journal.path()).unwrap();
    assert!(found == records && end.by == EndedBy::File);
    // Without its last frame the record has no end, and nothing of it counts.
    let len = disk.read(journal.path()).len();
    drop(journal);
    let path = paths(&disk).remove(0);
    let mut last = Vec::new();
    let (_, edit_bytes) = edit(2).encode().unwrap();
    disk.cut(&path, len - edit_bytes.len() - 48 - 100);
    last.extend(read(&disk, &path).unwrap().0);
    assert_eq!(last, [edit(1)]);
    disk.cut(&path, len - edit_bytes.len() - 48 - 148 - 36);
    let (found, end) = read(&disk, &path).unwrap();
    assert_eq!((found, end.by), (vec![edit(1)], EndedBy::Torn));
}
