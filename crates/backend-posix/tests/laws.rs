//! The conformance laws, run on real files.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use memmap_core::{Advice, ErrorKind, Files, Map, MapOptions, Mode, Progress, Proofs, widen};
use memmap_posix::{Frozen, Live, Posix};
use tempfile::{NamedTempFile, TempDir};

static DIR: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());

fn live(bytes: &[u8]) -> Map<Live> {
    map(0, bytes, Mode::Read)
}

/// A mapping of `bytes` that starts `offset` bytes into its file and, unless that is 0, ends before
/// its end.
fn map(offset: usize, bytes: &[u8], mode: Mode) -> Map<Live> {
    let file = NamedTempFile::new().unwrap();
    let around = [vec![0x55; offset], bytes.to_vec(), vec![0x77; offset]].concat();
    fs::write(&file, around).unwrap();
    let part = MapOptions::new(Files::new(Posix)).offset(widen(offset)).len(widen(bytes.len()));
    part.mode(mode).open(file.path()).unwrap()
}

/// A file, to be opened.
fn file(bytes: &[u8]) -> (Files<Posix>, NamedTempFile) {
    let file = NamedTempFile::new().unwrap();
    fs::write(&file, bytes).unwrap();
    (Files::new(Posix), file)
}

/// A mapping of a part of a file, up to its end.
fn tail(bytes: &[u8]) -> Map<Live> {
    let file = NamedTempFile::new().unwrap();
    fs::write(&file, [&[0x55; 4099], bytes].concat()).unwrap();
    MapOptions::new(Files::new(Posix)).offset(4099).mode(Mode::ReadWrite).open(file.path()).unwrap()
}

/// A mapping of a file that was created for it.
fn made(bytes: &[u8]) -> Map<Live> {
    let dir = tempfile::tempdir().unwrap();
    let options = MapOptions::new(Files::new(Posix)).mode(Mode::Create).len(widen(bytes.len()));
    let mut mm = options.open(dir.path().join("made")).unwrap();
    mm.write_at(0, bytes).unwrap();
    mm
}

/// Bytes that were read instead of mapped.
fn held(bytes: &[u8], mode: Mode) -> Map<Live> {
    let file = NamedTempFile::new().unwrap();
    fs::write(&file, bytes).unwrap();
    MapOptions::new(Files::new(Posix)).small_file(u64::MAX).mode(mode).open(file.path()).unwrap()
}

/// A mapping of a part of a file that nobody can change.
fn frozen(bytes: &[u8], proofs: Proofs) -> Map<Frozen> {
    map(4099, bytes, Mode::Read).prove(proofs).unwrap()
}

/// Bytes that freeze when they are touched, at the end of a file that is too long to be read at once.
#[cfg(target_os = "linux")]
fn touched(bytes: &[u8]) -> Map<Frozen> {
    const BEFORE: usize = 100_000;
    let file = NamedTempFile::new().unwrap();
    fs::write(&file, [&vec![9; BEFORE][..], bytes].concat()).unwrap();
    let whole = Map::<Live>::open(&file, Mode::Read).unwrap();
    let frozen = whole.prove(Proofs::none().first_touch()).unwrap();
    frozen.slice(widen(BEFORE)..).unwrap()
}

memmap_conformance::conformance!(mod native_live, live, [read, ours]);
memmap_conformance::conformance!(mod native_live_in_the_middle, |bytes| map(4099, bytes, Mode::Read), [read, ours]);
memmap_conformance::conformance!(mod native_live_written, |bytes| map(4099, bytes, Mode::ReadWrite), [read, ours]);
memmap_conformance::conformance!(mod native_private, |bytes| map(4099, bytes, Mode::CopyOnWrite), [read, ours]);
memmap_conformance::conformance!(mod native_made, made, [read, ours]);
memmap_conformance::conformance!(mod native_held, |bytes| held(bytes, Mode::Read), [read, ours]);
#[cfg(target_os = "linux")]
memmap_conformance::conformance!(mod frozen_by_lease, |bytes| frozen(
    bytes,
    Proofs::any().lease().snapshot_up_to(u64::MAX)
), [read, ours]);
#[cfg(target_os = "linux")]
memmap_conformance::conformance!(mod frozen_by_touch, touched, [read, ours]);
memmap_conformance::conformance!(mod frozen_snapshot, |bytes| {
    frozen(bytes, Proofs::none().snapshot_up_to(u64::MAX))
}, [read, ours]);
#[cfg(target_os = "linux")]
memmap_conformance::conformance!(mod frozen_sealed, |bytes| Map::<Frozen>::sealed_of(
    &live(bytes),
    &Progress::new()
)
.unwrap(), [read, ours]);
memmap_conformance::conformance!(mod erased_live, |bytes| live(bytes).erase(), [read, ours]);
memmap_conformance::conformance!(mod native_live_for_reading, live, [read_only]);
memmap_conformance::conformance!(mod native_held_for_reading, |bytes| held(bytes, Mode::Read), [read_only]);
memmap_conformance::conformance!(mod native_shared, |bytes| map(0, bytes, Mode::ReadWrite), [write]);
memmap_conformance::conformance!(mod native_shared_in_the_middle, |bytes| map(4099, bytes, Mode::ReadWrite), [write]);
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
memmap_conformance::conformance!(
    mod lent_snapshot,
    |bytes| frozen(bytes, Proofs::none().snapshot_up_to(u64::MAX)),
    [lend]
);
#[cfg(target_os = "linux")]
memmap_conformance::conformance!(
    mod lent_by_lease,
    |bytes| frozen(bytes, Proofs::any().lease().snapshot_up_to(u64::MAX)),
    [lend]
);
#[cfg(target_os = "linux")]
memmap_conformance::conformance!(mod lent_by_touch, touched, [lend]);
memmap_conformance::files_laws!(mod native_open, DIR.path(), || MapOptions::new(Files::new(Posix)));
memmap_conformance::files_laws!(mod fake_open, fake_dir(), || {
    MapOptions::new(Files::new(memmap_core::testing::FakeBackend::default()))
});

/// The fake backend must pass the same laws on the same kind of files, in a separate directory.
fn fake_dir() -> &'static Path {
    static FAKE_DIR: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());
    FAKE_DIR.path()
}

/// A sum over the mappings of a file in this process, in KiB (proc(5), `smaps`).
#[cfg(target_os = "linux")]
fn mapped_kib(path: &Path, what: &str) -> u64 {
    let smaps = fs::read_to_string("/proc/self/smaps").unwrap();
    let name = format!("{}\n", path.to_str().unwrap());
    smaps
        .split(&name)
        .skip(1)
        .map(|mapping| {
            let line = mapping.lines().find_map(|line| line.strip_prefix(what)).unwrap();
            line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap()
        })
        .sum()
}

#[cfg(target_os = "linux")]
fn zeros(len: u64) -> (NamedTempFile, Map<Live>) {
    let file = NamedTempFile::new().unwrap();
    file.as_file().set_len(len).unwrap();
    let mm = MapOptions::new(Files::new(Posix)).open(file.path()).unwrap();
    (file, mm)
}

#[cfg(target_os = "linux")]
#[test]
fn prefaulted_pages_are_the_processs_and_released_ones_leave_it() {
    const LEN: u64 = 64 << 20;
    let (file, mm) = zeros(LEN);
    assert_eq!(mapped_kib(file.path(), "Rss:"), 0);
    mm.prefault(.., &Progress::new()).unwrap();
    assert_eq!(mapped_kib(file.path(), "Rss:"), LEN >> 10);
    mm.advise(.., Advice::DontNeed).unwrap();
    assert_eq!(mapped_kib(file.path(), "Rss:"), 0);
    assert_eq!(mm.get::<u8>(LEN - 1).unwrap(), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn locked_pages_are_counted_until_they_are_let_go() {
    const LEN: u64 = 4 << 20;
    let (file, mm) = zeros(LEN);
    match mm.lock_in_ram(..) {
        Ok(()) => {
            assert_eq!(mapped_kib(file.path(), "Locked:"), LEN >> 10);
            mm.unlock_from_ram(..).unwrap();
            assert_eq!(mapped_kib(file.path(), "Locked:"), 0);
        }
        Err(error) => {
            let &ErrorKind::LimitReached { now: Some(now), max: Some(max), .. } = error.kind()
            else {
                panic!("{error:?}")
            };
            assert!(now >= LEN && max < 2 * LEN, "{error}");
        }
    }
}
