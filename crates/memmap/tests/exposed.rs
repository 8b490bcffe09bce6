//! Live bytes as other languages see them: by an address, without the guard.

#![cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"), not(miri)))]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::fs::{self, File};

use memmap::expose::{Expose, Exposed, address};
use memmap::{ErrorKind, MemMap, Mode};

const LEN: u64 = 40_000;
const PAGE: u64 = 4096;

/// A file whose bytes are all 7, mapped from `offset` on.
fn mapped(mode: Mode, offset: u64) -> (tempfile::NamedTempFile, MemMap) {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), vec![7; at(LEN)]).unwrap();
    let map = MemMap::options().mode(mode).offset(offset).open(file.path()).unwrap();
    (file, map)
}

fn set_len(file: &tempfile::NamedTempFile, len: u64) {
    File::options().write(true).open(file.path()).unwrap().set_len(len).unwrap();
}

fn at(offset: u64) -> usize {
    usize::try_from(offset).unwrap()
}

/// The byte at an offset, as foreign code loads it.
fn load(exposed: Exposed<'_>, offset: u64) -> u8 {
    assert!(at(offset) < exposed.bytes.len());
    // SAFETY: within the bytes of a map that is borrowed; they may change, and no reference is made.
    unsafe { address(exposed.bytes).wrapping_add(at(offset)).read_volatile() }
}

fn store(exposed: Exposed<'_>, offset: u64, byte: u8) {
    assert!(exposed.is_writable && at(offset) < exposed.bytes.len());
    // SAFETY: as above, and writable.
    unsafe { address(exposed.bytes).wrapping_add(at(offset)).write_volatile(byte) };
}

/// Where bytes were lost, and the lengths that their errors say.
fn lost(map: &MemMap, offset: u64, len: u64) -> Vec<(u64, u64, u64)> {
    let cut = |lost: memmap::expose::LostBytes| match *lost.why.kind() {
        ErrorKind::Truncated { offset, now, .. } if offset == lost.range.start => {
            assert!(lost.why.to_string().contains("was truncated"), "{}", lost.why);
            (lost.range.start, lost.range.end, now)
        }
        ref other => panic!("{other:?}"),
    };
    map.lost_bytes(offset, len).unwrap().into_iter().map(cut).collect()
}

#[test]
fn stores_are_those_of_the_file() {
    let (file, map) = mapped(Mode::ReadWrite, 0);
    let exposed = map.expose().unwrap();
    assert_eq!((exposed.bytes.len(), exposed.is_writable), (at(LEN), true));
    store(exposed, 5000, 1);
    assert_eq!(map.read_at(4999, 3).unwrap(), [7, 1, 7]);
    map.sync(..).unwrap();
    assert_eq!(fs::read(file.path()).unwrap()[5000], 1);
    assert_eq!(address(map.expose().unwrap().bytes), address(exposed.bytes), "mapped once");
    assert_eq!(lost(&map, 0, LEN), []);
}

#[test]
fn lost_bytes_are_zeros_there_and_errors_of_copies() {
    for (mode, offset) in [(Mode::Read, 0), (Mode::Read, 100), (Mode::ReadWrite, 5000)] {
        let (file, map) = mapped(mode, offset);
        let end = LEN - offset;
        let exposed = map.expose().unwrap();
        assert_eq!(load(exposed, LEN - 1 - offset), 7);
        set_len(&file, 3 * PAGE);
        // What lies behind the end in the last page shows zeros without a fault: the file says that.
        assert_eq!(lost(&map, 0, end), []);
        assert_eq!(load(exposed, LEN - 1 - offset), 0);
        let first = 3 * PAGE - offset;
        assert_eq!(lost(&map, 0, end), [(first, end, 3 * PAGE)]);
        assert_eq!(lost(&map, 0, first), []);
        assert_eq!(lost(&map, first + 5, 1), [(first + 5, first + 6, 3 * PAGE)]);
        let error = map.read_at(first, 1).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Truncated { .. }), "{error}");

        // It grows back: copies read what is there, and what was shown stays lost.
        fs::write(file.path(), vec![9; at(LEN)]).unwrap();
        assert_eq!(map.read_at(first, 1).unwrap(), [9]);
        assert_eq!(load(exposed, first), 0);
        assert_eq!(load(exposed, first - 1), 9);
        assert_eq!(lost(&map, 0, end).len(), 1);
        if mode == Mode::ReadWrite {
            store(exposed, first, 1);
            assert_eq!((load(exposed, first), map.read_at(first, 1).unwrap()), (1, vec![9]));
        }
        assert!(matches!(
            map.lost_bytes(end, 1).unwrap_err().kind(),
            ErrorKind::OutOfBounds { .. }
        ));
    }
}

#[test]
fn a_map_that_is_resized_is_exposed_anew() {
    let (file, mut map) = mapped(Mode::ReadWrite, 0);
    map.expose().unwrap();
    set_len(&file, PAGE);
    assert_eq!(load(map.expose().unwrap(), LEN - 1), 0);
    assert_eq!(lost(&map, 0, LEN).len(), 1);
    map.resize(2 * LEN).unwrap();
    let exposed = map.expose().unwrap();
    assert_eq!((exposed.bytes.len(), lost(&map, 0, 2 * LEN)), (at(2 * LEN), vec![]));
    store(exposed, 2 * LEN - 1, 3);
    assert_eq!(map.read_at(2 * LEN - 1, 1).unwrap(), [3]);
}

#[test]
fn what_has_no_pages_of_the_file_is_refused_or_empty() {
    let (_file, map) = mapped(Mode::CopyOnWrite, 0);
    let error = map.expose().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Unsupported { .. }), "{error}");
    let (_file, map) = mapped(Mode::Read, LEN);
    assert_eq!(map.expose().unwrap().bytes.len(), 0);
    assert_eq!(lost(&map, 0, 0), []);
}

#[test]
fn it_holds_one_descriptor_until_it_is_dropped() {
    let open = || fs::read_dir("/proc/self/fd").unwrap().count();
    let (file, map) = mapped(Mode::Read, 0);
    let of_this = || {
        let fds = fs::read_dir("/proc/self/fd").unwrap();
        let target = fs::canonicalize(file.path()).unwrap();
        fds.filter(|fd| {
            fs::read_link(fd.as_ref().unwrap().path()).is_ok_and(|found| found == target)
        })
        .count()
    };
    let before = of_this();
    map.expose().unwrap();
    assert_eq!(of_this(), before + 1, "{} are open", open());
    drop(map);
    assert_eq!(of_this(), before);
}
