//! The laws of reading and of opening, run on real files.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use memmap_core::{MapOptions, MemMap, widen};
use memmap_posix::{Live, Posix};
use tempfile::TempDir;

static DIR: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());

fn live(bytes: &[u8]) -> MemMap<Live> {
    live_at(0, bytes)
}

/// A mapping of `bytes` that starts `offset` bytes into its file and ends before its end.
fn live_at(offset: usize, bytes: &[u8]) -> MemMap<Live> {
    let file = tempfile::NamedTempFile::new().unwrap();
    let around = [vec![0x55; offset], bytes.to_vec(), vec![0x77; offset]].concat();
    fs::write(&file, around).unwrap();
    MapOptions::new(Posix).offset(widen(offset)).len(widen(bytes.len())).open(file.path()).unwrap()
}

memmap_core::mapping_laws!(native_live, live);
memmap_core::mapping_laws!(native_live_in_the_middle, |bytes| live_at(4099, bytes));
memmap_core::mapping_laws!(erased_live, |bytes| live(bytes).erase());
memmap_core::backend_laws!(native_open, DIR.path(), || MapOptions::new(Posix));
memmap_core::backend_laws!(fake_open, fake_dir(), || {
    MapOptions::new(memmap_core::testing::FakeBackend::default())
});

/// The fake backend is held to the same laws on the same kind of files, in a directory of its own.
fn fake_dir() -> &'static Path {
    static FAKE_DIR: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());
    FAKE_DIR.path()
}

/// What the process has of mapped files in memory, in KiB.
#[cfg(target_os = "linux")]
fn resident_file_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("RssFile:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn released_pages_leave_the_process() {
    const LEN: u64 = 256 << 20;
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len(LEN).unwrap();
    let mm = MapOptions::new(Posix).open(file.path()).unwrap();
    for at in (0..LEN).step_by(4096) {
        mm.get::<u8>(at).unwrap();
    }
    let before = resident_file_kib();
    mm.release(0, LEN);
    // Other tests of this process map far less than half of that.
    assert!(resident_file_kib() < before - (LEN >> 11), "{before} KiB before");
}
