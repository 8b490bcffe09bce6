//! The conformance laws, run on real files.
#![cfg(windows)]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use memmap_core::{Files, Map, MapOptions, Mode, Proofs, widen};
use memmap_windows::{Frozen, Live, Windows};
use tempfile::TempDir;

static DIR: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());

/// A different name for each file: a mapped file cannot be replaced.
fn fresh() -> PathBuf {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    DIR.path().join(format!("fresh-{}", COUNT.fetch_add(1, Ordering::Relaxed)))
}

/// A mapping of a file that is deleted while it is mapped.
fn mapped(bytes: &[u8], map: impl FnOnce(&Path) -> Map<Live>) -> Map<Live> {
    let path = fresh();
    fs::write(&path, bytes).unwrap();
    let mm = map(&path);
    // If the system does not delete mapped files, the file is removed with its directory.
    fs::remove_file(&path).ok();
    mm
}

fn live(bytes: &[u8]) -> Map<Live> {
    map(0, bytes, Mode::Read)
}

/// A mapping of `bytes` that starts `offset` bytes into its file and, unless that is 0, ends before
/// its end.
fn map(offset: usize, bytes: &[u8], mode: Mode) -> Map<Live> {
    let around = [vec![0x55; offset], bytes.to_vec(), vec![0x77; offset]].concat();
    let part = MapOptions::new(Files::new(Windows)).offset(widen(offset)).len(widen(bytes.len()));
    mapped(&around, |path| part.mode(mode).open(path).unwrap())
}

/// A file, to be opened.
fn file(bytes: &[u8]) -> (Files<Windows>, PathBuf) {
    let path = fresh();
    fs::write(&path, bytes).unwrap();
    (Files::new(Windows), path)
}

/// A mapping of a part of a file, up to its end.
fn tail(bytes: &[u8]) -> Map<Live> {
    mapped(&[&[0x55; 4099], bytes].concat(), |path| {
        MapOptions::new(Files::new(Windows)).offset(4099).mode(Mode::ReadWrite).open(path).unwrap()
    })
}

/// A mapping that nobody else may write to.
fn denying(bytes: &[u8], mode: Mode) -> Map<Live> {
    mapped(bytes, |path| {
        MapOptions::new(Files::new(Windows)).mode(mode).deny_write(true).open(path).unwrap()
    })
}

/// A mapping of a file that was created for it.
fn made(bytes: &[u8]) -> Map<Live> {
    let options = MapOptions::new(Files::new(Windows)).mode(Mode::Create).len(widen(bytes.len()));
    let mut mm = options.open(fresh()).unwrap();
    mm.write_at(0, bytes).unwrap();
    mm
}

/// Bytes that were read instead of mapped.
fn held(bytes: &[u8], mode: Mode) -> Map<Live> {
    mapped(bytes, |path| {
        MapOptions::new(Files::new(Windows)).small_file(u64::MAX).mode(mode).open(path).unwrap()
    })
}

/// A copy of a part of a file.
fn frozen(bytes: &[u8]) -> Map<Frozen> {
    map(4099, bytes, Mode::Read).prove(Proofs::none().snapshot_up_to(u64::MAX)).unwrap()
}

/// Bytes that freeze when they are touched, at the end of a file that is too long to be read at once.
#[cfg(target_arch = "x86_64")]
fn touched(bytes: &[u8]) -> Map<Frozen> {
    const BEFORE: usize = 100_000;
    let path = fresh();
    fs::write(&path, [&vec![9; BEFORE][..], bytes].concat()).unwrap();
    let whole = Map::<Live>::open(&path, Mode::Read).unwrap();
    let frozen = whole.prove(Proofs::none().first_touch()).unwrap();
    fs::remove_file(&path).unwrap();
    frozen.slice(widen(BEFORE)..).unwrap()
}

memmap_conformance::conformance!(mod native_live, live, [read, ours]);
memmap_conformance::conformance!(mod native_live_in_the_middle, |bytes| map(4099, bytes, Mode::Read), [read, ours]);
memmap_conformance::conformance!(mod native_live_written, |bytes| map(4099, bytes, Mode::ReadWrite), [read, ours]);
memmap_conformance::conformance!(mod native_live_alone, |bytes| denying(bytes, Mode::Read), [read, ours]);
memmap_conformance::conformance!(mod native_private, |bytes| map(4099, bytes, Mode::CopyOnWrite), [read, ours]);
memmap_conformance::conformance!(mod native_made, made, [read, ours]);
memmap_conformance::conformance!(mod native_held, |bytes| held(bytes, Mode::Read), [read, ours]);
memmap_conformance::conformance!(mod frozen_snapshot, frozen, [read, ours]);
#[cfg(target_arch = "x86_64")]
memmap_conformance::conformance!(mod frozen_by_touch, touched, [read, ours]);
memmap_conformance::conformance!(mod erased_live, |bytes| live(bytes).erase(), [read, ours]);
memmap_conformance::conformance!(mod native_live_for_reading, live, [read_only]);
memmap_conformance::conformance!(mod native_held_for_reading, |bytes| held(bytes, Mode::Read), [read_only]);
memmap_conformance::conformance!(mod native_shared, |bytes| map(0, bytes, Mode::ReadWrite), [write]);
memmap_conformance::conformance!(mod native_shared_in_the_middle, |bytes| map(4099, bytes, Mode::ReadWrite), [write]);
memmap_conformance::conformance!(mod native_shared_alone, |bytes| denying(bytes, Mode::ReadWrite), [write]);
memmap_conformance::conformance!(mod native_made_and_written, made, [write]);
memmap_conformance::conformance!(mod native_private_and_written, |bytes| map(77, bytes, Mode::CopyOnWrite), [write]);
memmap_conformance::conformance!(mod native_held_and_written, |bytes| held(bytes, Mode::CopyOnWrite), [write]);
memmap_conformance::conformance!(mod native_resized, |bytes| map(0, bytes, Mode::ReadWrite), [resize]);
memmap_conformance::conformance!(mod native_tail_resized, tail, [resize]);
memmap_conformance::conformance!(mod native_made_and_resized, made, [resize]);
memmap_conformance::conformance!(mod native_cells, |bytes| map(0, bytes, Mode::ReadWrite), [cells]);
memmap_conformance::conformance!(mod native_cells_in_the_middle, |bytes| map(4099, bytes, Mode::ReadWrite), [cells]);
memmap_conformance::conformance!(mod native_private_cells, |bytes| map(0, bytes, Mode::CopyOnWrite), [cells]);
memmap_conformance::conformance!(mod native_held_cells, |bytes| held(bytes, Mode::CopyOnWrite), [cells]);
memmap_conformance::conformance!(mod native_file, file, [read_only, open, durable, lock]);
memmap_conformance::conformance!(mod lent_snapshot, frozen, [lend]);
#[cfg(target_arch = "x86_64")]
memmap_conformance::conformance!(mod lent_by_touch, touched, [lend]);
memmap_conformance::files_laws!(mod native_open, DIR.path(), || MapOptions::new(Files::new(Windows)));
memmap_conformance::files_laws!(mod fake_open, fake_dir(), || {
    MapOptions::new(Files::new(memmap_core::testing::FakeBackend::default()))
});

/// The fake backend must pass the same laws on the same kind of files, in a separate directory.
fn fake_dir() -> &'static Path {
    static FAKE_DIR: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());
    FAKE_DIR.path()
}
