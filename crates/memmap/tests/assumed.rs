//! The unsafe door: a slice without a proof, and what becomes of it when a page is lost.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::env;
use std::fs::{self, OpenOptions};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;

use memmap::scan::{Pattern, Scan};
use memmap::{
    ErrorKind, MemMap, Mode, Proofs, kernel::BLOCK_LEN, kernel::Kernel, proof::AssumeFrozen,
    proof::OnLostPage,
};

const PAGE: usize = 4096;
const FILE: &str = "MEMMAP_ASSUMED_FILE";

fn file() -> tempfile::TempPath {
    let path = tempfile::NamedTempFile::new().unwrap().into_temp_path();
    fs::write(&path, vec![7; 4 * PAGE]).unwrap();
    path
}

fn cut(path: &Path, len: usize) {
    let file = OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(u64::try_from(len).unwrap()).unwrap();
}

#[test]
fn with_zeros_a_lost_page_is_zeros_for_good_and_is_reported() {
    let path = file();
    let map = MemMap::options().offset(10).open(&path).unwrap();
    // SAFETY: nobody writes to the file. It is cut short, for which `Zeros` is asked for.
    let bytes = unsafe { map.assume_frozen(OnLostPage::Zeros) }.unwrap();
    assert_eq!((bytes.len(), bytes[0], map.lost_page()), (4 * PAGE - 10, 7, None));
    cut(&path, PAGE);
    assert_eq!((bytes[PAGE - 11], bytes[2 * PAGE]), (7, 0));
    // All that lies behind the end of the file is lost with it.
    assert_eq!(map.lost_page(), Some(u64::try_from(PAGE - 10).unwrap()));
    assert_eq!(bytes[PAGE - 10], 0);
    assert_eq!(map.lost_page(), Some(u64::try_from(PAGE - 10).unwrap()));
    fs::write(&path, vec![9; 4 * PAGE]).unwrap();
    assert_eq!((bytes[PAGE - 10], bytes[2 * PAGE]), (0, 0));
    assert!(map.lost_page().is_some());
}

/// The sum of bytes.
struct Sum(u64);

impl Kernel for Sum {
    fn block(&mut self, block: &[u8; BLOCK_LEN]) {
        self.rest(block);
    }

    fn rest(&mut self, rest: &[u8]) {
        self.0 += rest.iter().map(|&byte| u64::from(byte)).sum::<u64>();
    }
}

/// The byte that all of a range is of, got in each way in which bytes are not borrowed; or the first
/// that is lost, as each way says.
fn in_every_way(map: &MemMap, at: u64) -> Result<u8, u64> {
    let first = |error: memmap::Error| match error.kind() {
        &ErrorKind::Truncated { offset, .. } => offset,
        _ => panic!("{error:?}"),
    };
    let one = |bytes: Vec<u8>| {
        assert!(bytes.iter().all(|&it| it == bytes[0]), "{bytes:?}");
        bytes[0]
    };
    let some = |len| {
        let mut out = vec![77; len];
        let partial = map.read_some(at, &mut out).unwrap();
        assert_eq!(partial.len, if partial.stopped.is_some() { 0 } else { len });
        partial.stopped.map_or(Ok(out), Err)
    };
    let sum = map.fold(at..at + 512, Sum(0)).map(|sum| vec![u8::try_from(sum.0 / 512).unwrap()]);
    let ways = [
        map.get(at).map(|byte: u8| vec![byte]),
        map.get(at).map(|word: u64| word.to_ne_bytes().to_vec()),
        map.read_at(at, 2),
        map.read_at(at, 64),
        map.read_at(at, 700),
        some(2),
        some(700),
        sum,
    ];
    let mut ways = ways.map(|way| way.map(one).map_err(first));
    ways.sort_unstable();
    assert_eq!(ways[0], ways[ways.len() - 1], "{ways:?}");
    let ones = Pattern::literal([1; 3]).unwrap();
    let counted = Scan::new(map).range(at..at + 700).count(&ones).unwrap();
    assert_eq!(counted.is_complete(), ways[0].is_ok(), "{counted:?}");
    ways[0]
}

#[test]
fn what_became_zeros_under_a_slice_is_an_error_of_everything_else() {
    for mode in [Mode::Read, Mode::ReadWrite] {
        let path = tempfile::NamedTempFile::new().unwrap().into_temp_path();
        fs::write(&path, vec![1; 16 * PAGE]).unwrap();
        let map = MemMap::open(&path, mode).unwrap();
        // SAFETY: nobody writes to what is looked at. It is cut short, for which `Zeros` is.
        let bytes = unsafe { map.assume_frozen(OnLostPage::Zeros) }.unwrap();
        // Not by the slice, whose bytes may be taken to stay what they were seen to be.
        assert_eq!(in_every_way(&map, 40_000), Ok(1));
        cut(&path, 5000);
        assert_eq!(in_every_way(&map, 40_000), Err(40_000));
        assert_eq!((bytes[40_000], map.lost_page()), (0, Some(2 * 4096)));
        assert_eq!(in_every_way(&map, 40_000), Err(40_000));
        // Pages beside it, too; what is left can be read.
        assert_eq!((in_every_way(&map, 50_000), in_every_way(&map, 0)), (Err(50_000), Ok(1)));
        // Grown back, the file gives what it has now, and the slice what it has shown.
        fs::write(&path, vec![9; 16 * PAGE]).unwrap();
        assert_eq!(in_every_way(&map, 40_000), Ok(9));
        assert_eq!((bytes[40_000], map.lost_page()), (0, Some(2 * 4096)));
    }
}

#[test]
fn what_is_stored_never_goes_to_a_page_that_became_zeros() {
    let path = tempfile::NamedTempFile::new().unwrap().into_temp_path();
    fs::write(&path, vec![1; 16 * PAGE]).unwrap();
    let mut map = MemMap::open(&path, Mode::ReadWrite).unwrap();
    let lose = |map: &MemMap| {
        // SAFETY: nobody writes to what is looked at. It is cut short, for which `Zeros` is.
        let bytes = unsafe { map.assume_frozen(OnLostPage::Zeros) }.unwrap();
        cut(&path, 5000);
        bytes[40_000]
    };
    assert_eq!(lose(&map), 0);
    let truncated = |error: memmap::Error| {
        assert!(matches!(error.kind(), ErrorKind::Truncated { offset: 40_000, .. }), "{error:?}");
    };
    truncated(map.write_at(40_000, b"lost").unwrap_err());
    truncated(map.write_at(40_000, &[2; 700]).unwrap_err());
    truncated(map.fill_range(40_000..40_700, 2).unwrap_err());
    truncated(map.cells().set(40_000, 7_u64).unwrap_err());
    truncated(map.cells().fetch_add(40_000, 7_u64).unwrap_err());
    cut(&path, 16 * PAGE);
    map.write_at(40_000, b"kept").unwrap();
    map.close().unwrap();
    assert_eq!(fs::read(&path).unwrap()[40_000..40_004], *b"kept");
}

#[test]
fn a_map_that_moved_lends_its_bytes_where_they_are_now() {
    let path = file();
    let mut map = MemMap::open(&path, Mode::ReadWrite).unwrap();
    // SAFETY: nobody else knows of the file, and nobody writes while it is borrowed.
    let borrow = |map: &MemMap, at| unsafe { map.assume_frozen(OnLostPage::Zeros) }.unwrap()[at];
    assert_eq!(borrow(&map, 3 * PAGE), 7);
    map.resize(memmap::widen(4000 * PAGE)).unwrap();
    map.write_at(memmap::widen(3999 * PAGE), b"new").unwrap();
    assert_eq!(borrow(&map, 3999 * PAGE), b'n');
    // Of the pages that are lent now a lost one is noted.
    cut(&path, PAGE);
    assert_eq!((borrow(&map, 3999 * PAGE), map.lost_page()), (0, Some(memmap::widen(PAGE))));
}

#[test]
fn a_map_that_lost_a_page_under_a_slice_is_proved_by_what_its_file_has() {
    let path = tempfile::NamedTempFile::new().unwrap().into_temp_path();
    fs::write(&path, vec![1; 4 * PAGE]).unwrap();
    let map = MemMap::open(&path, Mode::Read).unwrap();
    // SAFETY: as above.
    let bytes = unsafe { map.assume_frozen(OnLostPage::Zeros) }.unwrap();
    cut(&path, PAGE);
    assert_eq!(bytes[3 * PAGE], 0);
    let memmap::Refused { value: map, error: why } =
        map.prove(Proofs::none().snapshot_up_to(1 << 20)).unwrap_err();
    assert!(why.to_string().contains("was truncated"), "{why}");
    fs::write(&path, vec![9; 4 * PAGE]).unwrap();
    let frozen = map.prove(Proofs::none().snapshot_up_to(1 << 20)).unwrap();
    assert!(frozen.iter().all(|&byte| byte == 9));
}

#[test]
fn with_abort_a_lost_page_ends_the_process_with_one_line() {
    if let Some(path) = env::var_os(FILE) {
        let map = MemMap::open(&path, Mode::Read).unwrap();
        // SAFETY: nobody writes to the file; that it is cut short ends this process.
        let bytes = unsafe { map.assume_frozen(OnLostPage::Abort) }.unwrap();
        cut(Path::new(&path), PAGE);
        assert_eq!(bytes[PAGE - 1], 7);
        assert_eq!(bytes[3 * PAGE], 7, "this cannot be read");
        return;
    }
    let path = file();
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "with_abort_a_lost_page_ends_the_process_with_one_line", "--nocapture"])
        .env(FILE, &path)
        .output()
        .unwrap();
    assert_eq!(output.status.signal(), Some(7));
    let said = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = said.lines().filter(|line| line.starts_with("memmap: ")).collect();
    assert!(lines.len() == 1 && lines[0].contains("byte 12288"), "{said}");
}

#[test]
fn a_slice_is_of_one_piece_or_refused() {
    let path = file();
    let map = MemMap::open(&path, Mode::CopyOnWrite).unwrap();
    // SAFETY: nobody else knows of the file.
    let error = unsafe { map.assume_frozen(OnLostPage::Abort) }.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Unsupported { .. }));
    let map = MemMap::options().len(0).open(&path).unwrap();
    // SAFETY: as above.
    assert!(unsafe { map.assume_frozen(OnLostPage::Abort) }.unwrap().is_empty());
    let mut map = MemMap::open(&path, Mode::ReadWrite).unwrap();
    map.write_at(5, b"new").unwrap();
    map.resize(20 * 4096).unwrap();
    // SAFETY: as above.
    let bytes = unsafe { map.assume_frozen(OnLostPage::Abort) }.unwrap();
    assert_eq!((&bytes[4..9], bytes.len()), (&b"\x07new\x07"[..], 20 * 4096));
}
