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
