//! What users have of the library on Windows: maps, arrays, and errors with the system's own words.
#![cfg(windows)]
#![forbid(unsafe_code)]

use std::fs;
use std::io;
use std::process::Command;

use memmap::array::{FrozenArray, MemArray, MemArrayDyn, Order};
use memmap::{Error, ErrorKind, FrozenMap, MemMap, Mode, Progress, RamMap, explain::FaultGuard};

#[test]
fn faults_become_errors_here() {
    assert_eq!(memmap::explain::FaultGuard::status(), FaultGuard::Active);
}

#[test]
fn errors_carry_the_text_of_the_system() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    fs::write(&path, vec![7; 10_000]).unwrap();
    let mut mm = MemMap::open(&path, Mode::ReadWrite).unwrap();
    let other = MemMap::open(&path, Mode::Read).unwrap();
    let texts = |error: &Error, code: i32| {
        let text = io::Error::from_raw_os_error(code).to_string();
        let line = error.to_string();
        assert!(line.contains(&text) && line.contains("; close it there first"), "{line}");
        assert!(line.starts_with("cannot ") && line.contains("file\": "), "{line}");
    };
    let error = mm.resize(10).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::InUse { .. }), "{error:?}");
    texts(&error, 1224);
    let error = MemMap::options().deny_write(true).open(&path).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::InUse { .. }), "{error:?}");
    texts(&error, 32);
    assert_eq!(io::Error::from(error).kind(), io::ErrorKind::ResourceBusy);
    other.close().unwrap();
}

#[test]
fn arrays_are_made_appended_to_and_read_in_files() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log.npy");
    let mut log = MemArray::<f64>::options().shape([0, 3]).create_npy(&path).unwrap();
    let rows: Vec<f64> = (0..30_000_u16).map(f64::from).collect();
    for part in rows.chunks(9_000) {
        log.append_rows(part).unwrap();
    }
    log.close().unwrap();
    let log = MemArray::<f64>::options().open_npy(&path).unwrap();
    assert_eq!((log.shape(), log.get([9_999, 2]).unwrap()), (&[10_000, 3][..], 29_999.0));
    // Whole numbers, so that the sum is exact.
    assert!((log.sum().unwrap() - 29_999.0 * 15_000.0).abs() < 0.5);
    let any = MemArrayDyn::options().open_npy(&path).unwrap();
    assert_eq!(any.shape(), [10_000, 3]);
    // An array of which views are lent is one of a snapshot.
    let map: MemMap = MemMap::options().offset(128).open(&path).unwrap();
    let frozen = FrozenMap::snapshot_of(&map, &Progress::new()).unwrap();
    let frozen = FrozenArray::<f64>::from_map(frozen, 0, [10_000, 3], Order::C);
    assert_eq!(frozen.unwrap().as_slice().unwrap(), rows);
}

#[test]
fn memory_is_detached_saved_and_found_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("saved");
    let mut ram = RamMap::new(300_000).unwrap();
    ram[299_999] = 7;
    ram.replace_file(&path, &Progress::new()).unwrap();
    let mut edited = MemMap::open(&path, Mode::CopyOnWrite).unwrap();
    edited.set(0, 8_u8).unwrap();
    let detached = RamMap::copy_of(&edited, &Progress::new()).unwrap();
    assert_eq!((detached[0], detached[299_999]), (8, 7));
    edited.close().unwrap();
    detached.replace_file(&path, &Progress::new()).unwrap();
    assert_eq!(fs::read(&path).unwrap()[0], 8);
}

/// Counts in a file that another process counts in, too.
#[test]
fn processes_count_together() {
    const CHILD: &str = "MEMMAP_COUNTS_IN";
    const TIMES: u64 = 20_000;
    let count = |path: &std::ffi::OsStr| {
        let mut mm = MemMap::open(path, Mode::ReadWrite).unwrap();
        let cells = mm.cells();
        for _ in 0..TIMES {
            cells.fetch_add(4096, 1_u64).unwrap();
        }
    };
    if let Some(path) = std::env::var_os(CHILD) {
        return count(&path);
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("counts");
    fs::write(&path, vec![0; 10_000]).unwrap();
    let mut children: Vec<_> = (0..3)
        .map(|_| {
            let mut command = Command::new(std::env::current_exe().unwrap());
            command.args(["--exact", "processes_count_together"]).env(CHILD, &path);
            command.stdout(std::process::Stdio::null()).spawn().unwrap()
        })
        .collect();
    count(path.as_os_str());
    assert!(children.iter_mut().all(|child| child.wait().unwrap().success()));
    assert_eq!(MemMap::open(&path, Mode::Read).unwrap().get::<u64>(4096).unwrap(), 4 * TIMES);
}
