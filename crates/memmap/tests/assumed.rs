//! The unsafe door: a slice without a proof, and what becomes of it when a page is lost.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::env;
use std::fs::{self, OpenOptions};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;

use memmap::{AssumeFrozen, ErrorKind, MemMap, Mode, OnLostPage};

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
    assert_eq!(map.lost_page(), Some(u64::try_from(2 * PAGE - 10).unwrap()));
    assert_eq!(bytes[PAGE - 10], 0);
    assert_eq!(map.lost_page(), Some(u64::try_from(PAGE - 10).unwrap()));
    fs::write(&path, vec![9; 4 * PAGE]).unwrap();
    assert_eq!((bytes[PAGE - 10], bytes[2 * PAGE]), (0, 0));
    assert!(map.lost_page().is_some());
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
