//! Files longer than 4 GiB, of which little is stored.
#![cfg(all(target_os = "linux", target_pointer_width = "64"))]
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::fs::{self, File};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;

use memmap::{ErrorKind, Extent, MemMap, Mode, Progress, RamMap, widen};
use tempfile::TempDir;

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const LEN: u64 = 6 * GIB;

/// Where numbers of 32 bits end.
const BORDER: u64 = 4 * GIB;

/// A new file of 6 GiB, all of it a hole.
fn sparse(dir: &TempDir) -> MemMap {
    let options = MemMap::options().mode(Mode::Create).sparse(true).len(LEN);
    options.open(dir.path().join("large")).unwrap()
}

/// What the file holds, asked by other means.
fn in_file(path: &Path, offset: u64, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    File::open(path).unwrap().read_exact_at(&mut bytes, offset).unwrap();
    bytes
}

/// Bytes of which none is zero and neighbours differ.
fn pattern(len: usize) -> Vec<u8> {
    (1..=251).cycle().take(len).collect()
}

#[test]
fn bytes_beyond_four_gib_are_written_and_read_where_they_belong() {
    let dir = tempfile::tempdir().unwrap();
    let mut map = sparse(&dir);
    let path = map.path().unwrap().to_owned();
    let bytes = pattern(10_000);

    // Across the border, far behind it, and at the very end.
    for offset in [BORDER - 3_333, 5 * GIB + 1, LEN - 10_000] {
        map.write_at(offset, &bytes).unwrap();
        assert_eq!(map.read_at(offset, 10_000).unwrap(), bytes);
        assert_eq!(in_file(&path, offset, 10_000), bytes);
        // Not where the low bits of the offset lead.
        let low = offset % BORDER;
        assert!(low > BORDER - 4_000 || in_file(&path, low, 10_000) == [0; 10_000]);
    }
    assert_eq!(map.get::<u64>(5 * GIB + 1).unwrap().to_ne_bytes(), bytes[..8]);

    for (value, offset) in (1_u64..).zip([BORDER - 4, BORDER, BORDER + 1, LEN - 8]) {
        map.set(offset, !value).unwrap();
        assert_eq!(map.get::<u64>(offset).unwrap(), !value);
        assert_eq!(in_file(&path, offset, 8), (!value).to_ne_bytes());
    }
    let error = map.set(LEN - 7, 1_u64).unwrap_err();
    let ErrorKind::OutOfBounds { offset, len: 8, bound: LEN } = *error.kind() else {
        panic!("{error}")
    };
    assert_eq!(offset, LEN - 7);
    map.close().unwrap();
}

#[test]
fn fills_and_copies_go_across_four_gib_in_both_directions() {
    let dir = tempfile::tempdir().unwrap();
    let mut map = sparse(&dir);
    let path = map.path().unwrap().to_owned();

    map.fill_range(BORDER - 70_000..BORDER + 70_001, 7).unwrap();
    let mut expected = vec![7; 140_003];
    (expected[0], expected[140_002]) = (0, 0);
    assert_eq!(in_file(&path, BORDER - 70_001, 140_003), expected);

    // Longer than the buffer that copies go through, and so that the ranges overlap.
    let bytes = pattern(600_000);
    for (from, to) in [
        (BORDER - 300_000, BORDER - 200_000),
        (BORDER - 200_000, BORDER - 300_001),
        (BORDER - 300_000, 5 * GIB + 5),
        (5 * GIB + 5, 11),
        (1000, LEN - 600_000),
    ] {
        map.write_at(from, &bytes).unwrap();
        map.copy_within(from..from + 600_000, to).unwrap();
        assert!(in_file(&path, to, 600_000) == bytes, "from {from} to {to}");
    }
    let error = map.copy_within(..=BORDER, LEN - BORDER).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::OutOfBounds { .. }), "{error}");
    map.close().unwrap();
}

#[test]
fn integers_beyond_four_gib_are_changed_in_one_step() {
    let dir = tempfile::tempdir().unwrap();
    let mut map = sparse(&dir);
    let path = map.path().unwrap().to_owned();
    let cells = map.cells();
    for at in [BORDER - 8, BORDER, 5 * GIB + 8, LEN - 8] {
        assert_eq!(cells.fetch_add(at, 5_u64).unwrap(), 0);
        assert_eq!(cells.compare_exchange(at, 5_u64, at).unwrap(), Ok(5));
        assert_eq!(cells.compare_exchange(at, 5_u64, 0).unwrap(), Err(at));
        assert_eq!(cells.load::<u64>(at).unwrap(), at);
        assert_eq!(in_file(&path, at, 8), at.to_ne_bytes());
        cells.store(at, 9_u8).unwrap();
        assert_eq!(cells.get::<u8>(at).unwrap(), 9);
    }
    let error = cells.load::<u64>(BORDER + 4).unwrap_err();
    let &ErrorKind::Misaligned { offset, align, lead } = error.kind() else { panic!("{error}") };
    assert_eq!((offset, align, lead), (BORDER + 4, 8, 0));
    cells.fill_range(BORDER..BORDER + 3, 1).unwrap();
    cells.sync(BORDER - 8..BORDER + 8).unwrap();
    assert_eq!(in_file(&path, BORDER, 4), [1, 1, 1, 0]);
}

#[test]
fn a_map_may_begin_anywhere_beyond_four_gib() {
    let dir = tempfile::tempdir().unwrap();
    let mut whole = sparse(&dir);
    let path = whole.path().unwrap().to_owned();
    let bytes = pattern(20_000);
    whole.write_at(BORDER, &bytes).unwrap();

    for before in [0, 1, 4095, 4096, 4097, 12_345] {
        let offset = BORDER + before;
        let start = usize::try_from(before).unwrap();
        let part = MemMap::options().offset(offset).open(&path).unwrap();
        assert_eq!((part.len(), part.offset()), (LEN - offset, offset));
        assert_eq!(part.read_at(0, 20_000 - start).unwrap(), bytes[start..]);
        let part = MemMap::options().mode(Mode::ReadWrite).offset(offset).len(5000);
        let mut part = part.open(&path).unwrap();
        part.write_at(4999, b"!").unwrap();
        assert_eq!(in_file(&path, offset + 4999, 1), b"!");
        whole.write_at(BORDER, &bytes).unwrap();
    }
    // The file is extended from there, too.
    let options = MemMap::options().mode(Mode::ReadWrite).extend(true);
    let mut tail = options.offset(LEN - 1).len(3).open(&path).unwrap();
    tail.write_at(0, b"end").unwrap();
    assert_eq!(in_file(&path, LEN - 1, 3), b"end");
    assert_eq!(fs::metadata(&path).unwrap().len(), LEN + 2);
}

#[test]
fn a_map_grows_from_one_mib_to_six_gib_and_back() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("large");
    let options = MemMap::options().mode(Mode::Create).sparse(true).len(MIB);
    let mut map = options.open(&path).unwrap();
    let bytes = pattern(1 << 20);
    map.write_at(0, &bytes).unwrap();

    for is_reserved in [false, true] {
        if is_reserved {
            map.reserve(LEN + GIB).unwrap();
        }
        map.resize(LEN).unwrap();
        assert_eq!((map.len(), fs::metadata(&path).unwrap().len()), (LEN, LEN));
        assert_eq!(map.read_at(0, 1 << 20).unwrap(), bytes);
        map.write_at(LEN - 3, b"end").unwrap();
        assert_eq!(in_file(&path, LEN - 3, 3), b"end");
        assert_eq!(map.get::<u64>(5 * GIB).unwrap(), 0);
        let stored = fs::metadata(&path).unwrap().blocks() * 512;
        assert!(stored < 4 * MIB, "{stored} bytes of the disk are taken");

        map.resize(MIB).unwrap();
        assert_eq!((map.len(), fs::metadata(&path).unwrap().len()), (MIB, MIB));
        assert_eq!(map.read_at(0, 1 << 20).unwrap(), bytes);
        assert!(map.get::<u8>(MIB).is_err());
    }
    // What was cut off is gone: it does not come back with the length.
    map.resize(LEN).unwrap();
    assert_eq!(map.read_at(LEN - 3, 3).unwrap(), [0; 3]);
    map.close().unwrap();
}

#[test]
fn what_is_stored_of_a_sparse_file_is_listed() {
    let dir = tempfile::tempdir().unwrap();
    let mut map = sparse(&dir);
    let written = [(0, 10), (BORDER - 5, 10), (5 * GIB + 100_000, 200_000), (LEN - 1, 1)];
    for (offset, len) in written {
        map.write_at(offset, &pattern(len)).unwrap();
    }
    let extents = map.extents(..).unwrap();
    let ends = |extent: &Extent| (extent.range().start, extent.range().end);
    assert_eq!(ends(extents.first().unwrap()).0, 0);
    assert_eq!(ends(extents.last().unwrap()).1, LEN);
    assert!(extents.windows(2).all(|pair| ends(&pair[0]).1 == ends(&pair[1]).0), "{extents:?}");
    for (offset, len) in written {
        let end = offset + widen(len);
        let covers = |it: &&Extent| it.is_data() && ends(it).0 <= offset && ends(it).1 >= end;
        assert!(extents.iter().find(covers).is_some(), "{offset}: {extents:?}");
    }
    let data = extents.iter().filter(|it| it.is_data()).map(|it| ends(it).1 - ends(it).0);
    let data: u64 = data.sum();
    assert!(data < 8 * MIB || extents.len() == 1, "{data} bytes of data: {extents:?}");

    // Of a part, counted from the start of a map that begins elsewhere.
    let part = MemMap::options().offset(BORDER + 7).open(map.path().unwrap()).unwrap();
    let start = 5 * GIB + 100_000 - (BORDER + 7);
    assert_eq!(
        part.extents(start..start + 200_000).unwrap(),
        [Extent::Data(start..start + 200_000)]
    );
    assert_eq!(part.extents(start..start).unwrap(), []);
}

#[test]
fn what_a_file_has_lost_is_no_hole() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cut");
    fs::write(&path, vec![7; 100_000]).unwrap();
    let file = File::options().write(true).open(&path).unwrap();
    file.set_len(3 * MIB).unwrap();
    let map = MemMap::open(&path, Mode::Read).unwrap();
    let part = MemMap::options().offset(2 * MIB).open(&path).unwrap();
    assert!(!map.extents(2 * MIB..).unwrap()[0].is_data());

    // Cut within the hole, and before the map begins.
    file.set_len(MIB).unwrap();
    assert_eq!(map.extents(2 * MIB..).unwrap(), [Extent::Data(2 * MIB..3 * MIB)]);
    let end = map.extents(MIB - 10..MIB + 10).unwrap();
    assert_eq!(end, [Extent::Hole(MIB - 10..MIB), Extent::Data(MIB..MIB + 10)]);
    assert_eq!(part.extents(..).unwrap(), [Extent::Data(0..MIB)]);
    file.set_len(50_000).unwrap();
    assert_eq!(map.extents(..).unwrap(), [Extent::Data(0..3 * MIB)]);
}

#[test]
fn private_edits_beyond_four_gib_are_kept_whatever_the_file_loses() {
    let dir = tempfile::tempdir().unwrap();
    drop(sparse(&dir));
    let path = dir.path().join("large");
    let mut map = MemMap::open(&path, Mode::CopyOnWrite).unwrap();
    map.write_at(100, b"low").unwrap();
    map.write_at(BORDER - 2, b"border").unwrap();
    map.write_at(5 * GIB + 4095, b"high").unwrap();
    assert_eq!(map.cells().fetch_add(LEN - 8, 5_u64).unwrap(), 0);
    assert_eq!(map.read_at(5 * GIB + 4094, 6).unwrap(), b"\0high\0");
    assert_eq!(map.read_at(BORDER - 3, 8).unwrap(), b"\0border\0");
    assert_eq!(map.read_at(100 + GIB, 3).unwrap(), [0; 3]);
    assert_eq!(in_file(&path, 5 * GIB + 4095, 4), [0; 4]);
    assert_eq!(in_file(&path, BORDER - 2, 6), [0; 6]);
    let stored = fs::metadata(&path).unwrap().blocks() * 512;
    assert!(stored < MIB, "{stored} bytes of the disk are taken");

    let file = File::options().write(true).open(&path).unwrap();
    file.set_len(5 * GIB).unwrap();
    let error = map.read_at(5 * GIB + 4096 - 8000, 20_000).unwrap_err();
    let ErrorKind::Truncated { offset, now, .. } = *error.kind() else { panic!("{error}") };
    let page = widen(rustix::param::page_size());
    assert_eq!(now, 5 * GIB);
    assert!(offset >= 5 * GIB + 4099 && offset.is_multiple_of(page), "{offset}");
    file.set_len(0).unwrap();
    assert_eq!(map.read_at(100, 3).unwrap(), b"low");
    assert_eq!(map.read_at(BORDER - 2, 6).unwrap(), b"border");
    assert_eq!(map.read_at(5 * GIB + 4095, 4).unwrap(), b"high");
    assert_eq!(map.get::<u64>(LEN - 8).unwrap(), 5);
    let error = map.write_at(3 * GIB + 1, b"x").unwrap_err();
    let ErrorKind::Truncated { offset, now: 0, .. } = *error.kind() else { panic!("{error}") };
    assert_eq!(offset, 3 * GIB + 1);
}

#[test]
fn a_file_is_deleted_or_renamed_right_after_it_was_closed() {
    let dir = tempfile::tempdir().unwrap();
    let (path, renamed) = (dir.path().join("large"), dir.path().join("renamed"));
    for _ in 0..3 {
        let mut map = sparse(&dir);
        map.write_at(BORDER, b"bytes").unwrap();
        map.close().unwrap();
        fs::rename(&path, &renamed).unwrap();
        let map = MemMap::open(&renamed, Mode::Read).unwrap();
        assert_eq!(map.read_at(BORDER, 5).unwrap(), b"bytes");
        map.close().unwrap();
        fs::remove_file(&renamed).unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}

#[test]
fn a_part_beyond_four_gib_is_detached_and_saved() {
    let dir = tempfile::tempdir().unwrap();
    let mut whole = sparse(&dir);
    let bytes = pattern(3 << 20);
    whole.write_at(BORDER + 9, &bytes).unwrap();
    let options = MemMap::options().offset(BORDER + 9).len(widen(bytes.len()));
    let part = options.open(whole.path().unwrap()).unwrap();
    let ram = RamMap::copy_of(&part, &Progress::new()).unwrap();
    assert!(ram.as_bytes() == bytes);
    let copy = dir.path().join("copy");
    part.replace_file(&copy, &Progress::new()).unwrap();
    assert!(fs::read(&copy).unwrap() == bytes);
}
