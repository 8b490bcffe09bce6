//! Bytes that are lent because something proves that nobody can change them; and the processes that
//! try.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

#[path = "kit/child.rs"]
mod child;

use std::fs::{self, File, OpenOptions};
use std::io::{PipeReader, Read, Write, pipe};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use child::Child;
use memmap::{
    Advice, ErrorKind, FrozenMap, MemMap, Mode, NotProven, Progress, Proofs, RamMap, proof::Proof,
};
use rustix::fs::{FallocateFlags, MemfdFlags, SealFlags};
use rustix::pipe::SpliceFlags;
use rustix::process::{Resource, Rlimit};

fn bytes(len: usize) -> Vec<u8> {
    (0..len).map(|at| u8::try_from(at % 251).unwrap()).collect()
}

/// A file that nobody has open.
fn file_of(bytes: &[u8]) -> tempfile::TempPath {
    let path = tempfile::NamedTempFile::new().unwrap().into_temp_path();
    fs::write(&path, bytes).unwrap();
    path
}

fn prove(path: &Path, proofs: Proofs) -> Result<FrozenMap, NotProven> {
    MemMap::open(path, Mode::Read).unwrap().prove(proofs).map_err(|refused| refused.error)
}

/// Proves a map of a file that nobody has open for writing any more. The child that another test
/// starts just now has all files of this process open, until it becomes another program.
fn soon(mut map: MemMap, proofs: Proofs) -> FrozenMap {
    let begun = Instant::now();
    loop {
        map = match map.prove(proofs) {
            Ok(frozen) => return frozen,
            Err(memmap::Refused { value: map, error: why }) => {
                assert!(begun.elapsed() < Duration::from_secs(10), "{why}");
                map
            }
        };
        thread::sleep(Duration::from_millis(1));
    }
}

fn prove_soon(path: &Path, proofs: Proofs) -> FrozenMap {
    soon(MemMap::open(path, Mode::Read).unwrap(), proofs)
}

/// Whether temporary files are on a file system that is known to keep leases. Where they are not, each
/// lease is refused, which is a test of its own.
fn leases_are_kept() -> bool {
    let file = file_of(b"bytes");
    let explained = memmap::explain(&file).unwrap();
    let lease = explained.proofs.iter().find(|prospect| prospect.proof == Proof::Lease);
    let why_not = lease.and_then(|lease| lease.why_not.as_deref()).unwrap_or_default();
    !why_not.contains("on none of them")
}

fn why(path: &Path, mode: Mode, proofs: Proofs, proof: Proof) -> String {
    let memmap::Refused { value: map, error: not_proven } =
        MemMap::open(path, mode).unwrap().prove(proofs).unwrap_err();
    assert_eq!(map.mode(), mode);
    let refusal = not_proven.reasons().iter().find(|refusal| refusal.proof == proof);
    refusal.unwrap().why.clone()
}

// ---- lease ---------------------------------------------------------------------------------

#[test]
fn a_leased_map_lends_the_file_itself() {
    if !leases_are_kept() {
        return;
    }
    let bytes = bytes(100_000);
    let file = file_of(&bytes);
    let frozen = prove_soon(&file, Proofs::any().lease());
    assert_eq!(frozen.proof(), Proof::Lease);
    assert!(frozen[..] == bytes[..]);
    assert!(frozen.read_at(5, 90_000).unwrap() == bytes[5..90_005]);
    let part = MemMap::options().offset(4099).len(50_000).open(&file).unwrap();
    let part = soon(part, Proofs::any().lease());
    assert!(part[..] == bytes[4099..54_099]);
    drop((frozen, part));
    // Given back: nobody has to wait.
    let begun = Instant::now();
    fs::write(&file, b"new").unwrap();
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn whatever_another_process_does_borrowed_bytes_stay() {
    if let Some((deed, path)) = child::part() {
        return meddle(&deed, &path);
    }
    if !leases_are_kept() {
        return;
    }
    let bytes = bytes(3 << 20);
    for deed in ["write", "truncate", "map", "replace", "truncate-by-path"] {
        let file = file_of(&bytes);
        let map = MemMap::options().offset(77).open(&file).unwrap();
        let frozen = soon(map, Proofs::none().lease());
        let is_done = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let mut rounds = 0;
                    while !is_done.load(Ordering::Relaxed) || rounds < 2 {
                        assert!(frozen[..] == bytes[77..], "the bytes changed");
                        rounds += 1;
                    }
                });
            }
            let test = "whatever_another_process_does_borrowed_bytes_stay";
            let mut child = Child::start(test, deed, &file);
            assert_eq!(child.line(), "done");
            is_done.store(true, Ordering::Relaxed);
        });
        // Renaming changes no byte of the file, and asks nobody.
        let expected = if deed == "replace" { Proof::Lease } else { Proof::Snapshot };
        assert_eq!(frozen.proof(), expected, "after {deed}");
        assert!(fs::read(&file).unwrap() != bytes, "{deed} was refused");
        assert!(frozen[..] == bytes[77..]);
        let again = frozen.clone();
        drop(frozen);
        assert!(again[..] == bytes[77..]);
    }
}

/// What the other process does to the file.
fn meddle(deed: &str, path: &Path) {
    let open = || OpenOptions::new().read(true).write(true).open(path).unwrap();
    match deed {
        "write" => open().write_all_at(&vec![0xFF; 1 << 20], 0).unwrap(),
        "truncate" => open().set_len(10).unwrap(),
        "truncate-by-path" => drop(File::create(path).unwrap()),
        "map" => {
            let mut map = MemMap::open(path, Mode::ReadWrite).unwrap();
            map.fill_range(.., 0xEE).unwrap();
            map.close().unwrap();
        }
        _ => {
            let new = path.with_extension("new");
            fs::write(&new, b"another file").unwrap();
            fs::rename(new, path).unwrap();
        }
    }
    child::say("done");
}

#[test]
fn many_leases_are_given_back_at_once() {
    if !leases_are_kept() {
        return;
    }
    let bytes = bytes(20_000);
    let files: Vec<_> = (0..50).map(|_| file_of(&bytes)).collect();
    let frozen: Vec<_> =
        files.iter().map(|file| prove_soon(file, Proofs::none().lease())).collect();
    let begun = Instant::now();
    thread::scope(|scope| {
        for file in &files {
            scope.spawn(move || fs::write(file, b"changed").unwrap());
        }
    });
    assert!(begun.elapsed() < Duration::from_secs(20));
    for frozen in &frozen {
        assert_eq!(frozen.proof(), Proof::Snapshot);
        assert!(frozen[..] == bytes[..]);
    }
}

#[test]
fn the_same_file_is_leased_many_times() {
    if !leases_are_kept() {
        return;
    }
    let bytes = bytes(20_000);
    let file = file_of(&bytes);
    let first = prove_soon(&file, Proofs::any().lease());
    let second = prove_soon(&file, Proofs::any().lease());
    drop(first);
    fs::write(&file, b"changed").unwrap();
    assert_eq!(second.proof(), Proof::Snapshot);
    assert!(second[..] == bytes[..]);
}

#[test]
fn a_file_that_is_open_for_writing_is_not_leased() {
    if !leases_are_kept() {
        return;
    }
    let file = file_of(&[7; 100]);
    let proofs = Proofs::none().lease();
    let writer = OpenOptions::new().write(true).open(&file).unwrap();
    let refused = why(&file, Mode::Read, proofs, Proof::Lease);
    assert!(refused.contains("open for writing"), "{refused}");
    drop(writer);

    // A mapping for writing counts as one, though its descriptor may be closed.
    let mapped = MemMap::open(&file, Mode::ReadWrite).unwrap();
    assert!(prove(&file, proofs).is_err());
    drop(mapped);
    assert_eq!(prove_soon(&file, proofs).proof(), Proof::Lease);

    for (mode, word) in [(Mode::ReadWrite, "writing"), (Mode::CopyOnWrite, "private edits")] {
        let refused = why(&file, mode, Proofs::one_moment(), Proof::Lease);
        assert!(refused.contains(word), "{refused}");
    }
}

#[test]
fn a_file_that_was_cut_short_before_it_is_leased_is_refused() {
    if !leases_are_kept() {
        return;
    }
    let file = file_of(&vec![7; 100_000]);
    let map = MemMap::open(&file, Mode::Read).unwrap();
    OpenOptions::new().write(true).open(&file).unwrap().set_len(50_000).unwrap();
    drop(prove_soon(&file, Proofs::none().lease())); // nobody has it open any more
    let memmap::Refused { value: map, error: not_proven } =
        map.prove(Proofs::none().lease()).unwrap_err();
    let text = not_proven.to_string();
    assert!(text.contains("lease: the file was cut short"), "{text}");
    // And the lease is not kept.
    let begun = Instant::now();
    fs::write(&file, b"new").unwrap();
    assert!(begun.elapsed() < Duration::from_secs(5));
    drop(map);
}

/// Has a page of a file be in use: it lies in a pipe, where it is not copied to, until that is read.
fn use_page(path: &Path, at: u64) -> PipeReader {
    let (reader, writer) = pipe().unwrap();
    let file = File::open(path).unwrap();
    let mut at = at;
    let moved =
        rustix::pipe::splice(&file, Some(&mut at), &writer, None, 4096, SpliceFlags::empty());
    assert_eq!(moved, Ok(4096));
    reader
}

const IN_USE: &str = "a page is in use";

#[test]
fn a_file_of_which_a_page_is_in_use_is_not_leased() {
    if !leases_are_kept() {
        return;
    }
    let bytes = bytes(9 << 20);
    let file = file_of(&bytes);
    let map = MemMap::open(&file, Mode::Read).unwrap();
    let mut used = use_page(&file, 0);
    let memmap::Refused { value: map, error: why } = map.prove(Proofs::none().lease()).unwrap_err();
    assert!(why.to_string().contains(IN_USE), "{why}");
    // The map is as it was, and nobody who writes has to wait.
    assert!(map.read_at(0, 100_000).unwrap() == bytes[..100_000]);
    let begun = Instant::now();
    OpenOptions::new().write(true).open(&file).unwrap().write_all_at(b"new", 0).unwrap();
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert_eq!(map.read_at(0, 4).unwrap(), b"new\x03");

    // Of a part it is the part's pages that count, also if another part is leased.
    let part = || MemMap::options().offset((8 << 20) + 5).len(500_000).open(&file).unwrap();
    let frozen = soon(part(), Proofs::none().lease());
    assert!(frozen[..] == bytes[(8 << 20) + 5..][..500_000]);
    let again = soon(part(), Proofs::none().lease());
    let memmap::Refused { value: map, error: why } = map.prove(Proofs::none().lease()).unwrap_err();
    assert!(why.to_string().contains(IN_USE), "{why}");
    used.read_exact(&mut [0; 4096]).unwrap();
    drop((frozen, again));
    assert_eq!(soon(map, Proofs::none().lease())[..4], *b"new\x03");
}

#[test]
fn a_file_that_another_process_maps_is_not_leased() {
    if let Some((_, path)) = child::part() {
        let map = MemMap::open(&path, Mode::Read).unwrap();
        assert_eq!(map.read_at(0, 300_000).unwrap().len(), 300_000);
        child::say("touched");
        thread::sleep(Duration::from_secs(60));
        drop(map);
        return;
    }
    if !leases_are_kept() {
        return;
    }
    let bytes = bytes(300_000);
    let file = file_of(&bytes);
    let test = "a_file_that_another_process_maps_is_not_leased";
    let mut child = Child::start(test, "mapper", &file);
    assert_eq!(child.line(), "touched");
    let refused = why(&file, Mode::Read, Proofs::none().lease(), Proof::Lease);
    assert!(refused.contains(IN_USE), "{refused}");
    child.kill();
    assert!(prove_soon(&file, Proofs::none().lease())[..] == bytes[..]);
}

#[test]
fn a_file_that_is_read_all_the_time_is_leased_in_between() {
    if !leases_are_kept() {
        return;
    }
    let bytes = bytes(2 << 20);
    let file = file_of(&bytes);
    let is_done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_done.load(Ordering::Relaxed) {
                assert!(fs::read(&file).unwrap() == bytes);
            }
        });
        let frozen = prove_soon(&file, Proofs::none().lease());
        is_done.store(true, Ordering::Relaxed);
        assert!(frozen[..] == bytes[..]);
    });
}

#[test]
fn a_map_that_is_locked_in_ram_is_leased_once_it_is_not() {
    if !leases_are_kept() {
        return;
    }
    let file = file_of(&bytes(20_000));
    let map = MemMap::open(&file, Mode::Read).unwrap();
    map.lock_in_ram(..).unwrap();
    let memmap::Refused { value: map, error: why } = map.prove(Proofs::none().lease()).unwrap_err();
    assert!(why.to_string().contains("locked in RAM; unlock it"), "{why}");
    map.unlock_from_ram(..).unwrap();
    let frozen = soon(map, Proofs::none().lease());
    frozen.lock_in_ram(..).unwrap();
    assert!(frozen[..] == bytes(20_000)[..]);
}

#[test]
fn explaining_a_file_leaves_it_in_memory() {
    let file = file_of(&bytes(3 << 20));
    File::open(&file).unwrap().sync_all().unwrap();
    let map = MemMap::open(&file, Mode::Read).unwrap();
    let all = map.resident(..).unwrap();
    assert_eq!(all, vec![0..3 << 20; 1], "what was written is in memory");
    memmap::explain(&file).unwrap();
    assert_eq!(map.resident(..).unwrap(), all);
}

#[test]
fn advice_drops_nothing_of_a_copy_that_took_the_place_of_a_leased_file() {
    if !leases_are_kept() {
        return;
    }
    let bytes = bytes(300_000);
    let file = file_of(&bytes);
    let frozen = prove_soon(&file, Proofs::none().lease());
    frozen.advise(.., Advice::DontNeed).unwrap();
    assert!(frozen[..] == bytes[..]);
    fs::write(&file, b"changed").unwrap();
    assert_eq!(frozen.proof(), Proof::Snapshot);
    frozen.advise(.., Advice::DontNeed).unwrap();
    assert!(frozen[..] == bytes[..], "the copy was dropped");
}

#[test]
fn a_file_in_memory_is_neither_leased_nor_sealed() {
    let path = tempfile::NamedTempFile::new_in("/dev/shm").unwrap().into_temp_path();
    fs::write(&path, [7; 100]).unwrap();
    // To the kernel it is shared memory, of which it does not count the writers.
    let refused = why(&path, Mode::Read, Proofs::none().lease(), Proof::Lease);
    assert!(refused.contains("ext4, xfs and btrfs"), "{refused}");
    // It can be sealed by nobody.
    let refused = why(&path, Mode::Read, Proofs::none().sealed(), Proof::Sealed);
    assert_eq!(refused, "it is not sealed against writing and shrinking");
}

#[test]
fn a_file_without_its_name_is_leased_by_what_is_mapped() {
    if !leases_are_kept() {
        return;
    }
    let bytes = bytes(50_000);
    let file = file_of(&bytes);
    let (replaced, deleted) =
        (MemMap::open(&file, Mode::Read).unwrap(), MemMap::open(&file, Mode::Read).unwrap());
    let new = file_of(b"another file");
    let still_open = File::open(&file).unwrap();
    fs::rename(&new, &file).unwrap();
    let frozen = soon(replaced, Proofs::any().lease());
    assert_eq!(frozen.proof(), Proof::Lease);
    assert!(frozen[..] == bytes[..]);
    // Who writes to the file that has the name now waits for nobody.
    fs::write(&file, b"changed").unwrap();
    assert_eq!(frozen.proof(), Proof::Lease);
    drop(still_open);
    fs::remove_file(&file).unwrap();
    let deleted = soon(deleted, Proofs::any().lease());
    assert!(deleted[..] == bytes[..]);
}

#[test]
fn threads_go_on_reading_while_one_lease_after_the_other_is_broken() {
    if !leases_are_kept() {
        return;
    }
    let bytes = bytes(300_000);
    let files: Vec<_> = (0..20).map(|_| file_of(&bytes)).collect();
    let frozen: Vec<_> =
        files.iter().map(|file| prove_soon(file, Proofs::none().lease())).collect();
    let is_done = AtomicBool::new(false);
    thread::scope(|scope| {
        for at in 0..4 {
            let (frozen, is_done, bytes) = (&frozen, &is_done, &bytes);
            scope.spawn(move || {
                let mut turns = frozen.iter().cycle().skip(at * 5);
                while !is_done.load(Ordering::Relaxed) {
                    assert!(turns.next().unwrap()[..] == bytes[..], "the bytes changed");
                }
            });
        }
        for file in &files {
            OpenOptions::new().write(true).open(file).unwrap().write_all_at(b"changed", 7).unwrap();
        }
        is_done.store(true, Ordering::Relaxed);
    });
    for frozen in &frozen {
        assert_eq!(frozen.proof(), Proof::Snapshot);
        assert!(frozen[..] == bytes[..]);
    }
}

#[test]
fn a_map_can_be_dropped_while_its_lease_is_wanted_back() {
    const LEN: usize = 20_000;
    if let Some((_, path)) = child::part() {
        // Writes all of the file at a time, so that it is of one byte whenever nobody has it open.
        for round in (0..=u8::MAX).cycle() {
            let file = OpenOptions::new().write(true).open(&path).unwrap();
            file.write_all_at(&vec![round; LEN], 0).unwrap();
            // What is dirty has to be written before it can be leased, which takes too long here.
            file.sync_data().unwrap();
            drop(file);
            if round == 0 {
                child::say("0");
            }
            thread::sleep(Duration::from_micros(u64::from(round) * 7 % 900));
        }
    }
    if !leases_are_kept() {
        return;
    }
    let file = file_of(&vec![0; LEN]);
    let test = "a_map_can_be_dropped_while_its_lease_is_wanted_back";
    let mut child = Child::start(test, "writer", &file);
    assert_eq!(child.line(), "0");
    let mut proven = 0;
    while proven < 100 {
        // Refused whenever the other process has it open just now.
        let Ok(frozen) = prove(&file, Proofs::none().lease()) else { continue };
        proven += 1;
        let bytes = vec![frozen[0]; LEN];
        assert!(frozen[..] == bytes[..], "the bytes are of two rounds");
        // Sometimes it is wanted back by now, sometimes just then, sometimes not yet.
        thread::sleep(Duration::from_micros(proven * 37 % 500));
        assert!(frozen[..] == bytes[..], "the bytes changed");
        drop(frozen);
    }
    child.kill();
}

// ---- sealed --------------------------------------------------------------------------------

#[test]
fn sealed_memory_reaches_another_process_by_name() {
    if let Some((_, name)) = child::part() {
        let frozen = FrozenMap::open_shared(name.to_str().unwrap()).unwrap();
        assert_eq!(frozen.proof(), Proof::Sealed);
        child::say(if frozen[..] == bytes(70_001)[..] { "the same" } else { "other bytes" });
        return;
    }
    let mut ram = RamMap::new(70_001).unwrap();
    ram.as_bytes_mut().copy_from_slice(&bytes(70_001));
    let frozen = FrozenMap::sealed_of(&ram, &Progress::new()).unwrap();
    assert_eq!(frozen.proof(), Proof::Sealed);
    assert!(frozen[..] == ram[..]);
    let name = frozen.share().unwrap();
    let test = "sealed_memory_reaches_another_process_by_name";
    let mut child = Child::start(test, "reader", &PathBuf::from(name));
    assert_eq!(child.line(), "the same");
}

#[test]
fn names_of_nothing_and_of_what_is_not_sealed_are_refused() {
    let not_found = |name: &str| {
        let error = FrozenMap::open_shared(name).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::NotFound), "{name}: {error}");
    };
    for name in ["", "memmap-shared", "memmap-shared-1", "memmap-shared-x-y", "memmap-shared-0-0"] {
        not_found(name);
    }
    let name = {
        let frozen = FrozenMap::sealed_of(&RamMap::new(10).unwrap(), &Progress::new()).unwrap();
        frozen.share().unwrap()
    };
    // What has its number now, if anything, is nothing sealed.
    assert!(FrozenMap::open_shared(&name).is_err());

    let snapshot = FrozenMap::snapshot_of(&RamMap::new(10).unwrap(), &Progress::new()).unwrap();
    assert!(matches!(snapshot.share().unwrap_err().kind(), ErrorKind::Unsupported { .. }));
}

#[test]
fn nobody_changes_what_is_sealed_whatever_the_way() {
    let mut ram = RamMap::new(20_000).unwrap();
    ram.as_bytes_mut().copy_from_slice(&bytes(20_000));
    let frozen = FrozenMap::sealed_of(&ram, &Progress::new()).unwrap();
    let name = frozen.share().unwrap();
    let numbers: Vec<&str> = name.rsplit('-').collect();
    let path = format!("/proc/{}/fd/{}", numbers[2], numbers[1]);

    // It can be opened for writing, which is of no use.
    let file = OpenOptions::new().read(true).write(true).open(&path).unwrap();
    let denied = |result: std::io::Result<()>| {
        assert_eq!(result.unwrap_err().kind(), std::io::ErrorKind::PermissionDenied);
    };
    denied(file.write_all_at(b"changed", 0));
    denied(file.set_len(0));
    denied(file.set_len(100_000));
    denied(OpenOptions::new().write(true).truncate(true).open(&path).map(drop));
    let hole = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
    denied(rustix::fs::fallocate(&file, hole, 0, 4096).map_err(Into::into));
    assert!(MemMap::open(&path, Mode::ReadWrite).is_err());
    // Private edits are of another map alone.
    let mut edited = MemMap::open(&path, Mode::CopyOnWrite).unwrap();
    edited.write_at(0, b"changed").unwrap();
    assert!(frozen[..] == bytes(20_000)[..]);
    // And it proves itself to whoever maps it.
    assert_eq!(prove(Path::new(&path), Proofs::any()).unwrap().proof(), Proof::Sealed);
}

/// Memory with these seals, by a name of this process.
fn sealed_with(seals: SealFlags) -> (File, String) {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let memory = File::from(rustix::fs::memfd_create("test", flags).unwrap());
    memory.write_all_at(&bytes(10_000), 0).unwrap();
    rustix::fs::fcntl_add_seals(&memory, seals).unwrap();
    let name = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&memory));
    (memory, name)
}

#[test]
fn memory_is_sealed_against_writing_and_shrinking_or_not_at_all() {
    let (write, shrink) = (SealFlags::WRITE, SealFlags::SHRINK);
    for seals in [write, shrink, SealFlags::GROW | SealFlags::SEAL, SealFlags::FUTURE_WRITE] {
        let (_memory, name) = sealed_with(seals);
        let refused = why(Path::new(&name), Mode::Read, Proofs::one_moment(), Proof::Sealed);
        assert_eq!(refused, "it is not sealed against writing and shrinking", "{seals:?}");
    }
    // Cut short, it would lose what was lent.
    let (memory, name) = sealed_with(write);
    memory.set_len(0).unwrap();
    drop((memory, name));
    let (_memory, name) = sealed_with(write | shrink);
    assert_eq!(prove(Path::new(&name), Proofs::any()).unwrap().proof(), Proof::Sealed);
}

#[test]
fn a_name_of_memory_that_is_not_sealed_is_refused() {
    let name = |memory: &File| {
        let descriptor = std::os::fd::AsRawFd::as_raw_fd(memory);
        let number = std::os::unix::fs::MetadataExt::ino(&memory.metadata().unwrap());
        format!("memmap-shared-{}-{descriptor}-{number}", std::process::id())
    };
    let (memory, _) = sealed_with(SealFlags::WRITE | SealFlags::SHRINK);
    assert_eq!(FrozenMap::open_shared(&name(&memory)).unwrap()[..], bytes(10_000)[..]);
    for seals in [SealFlags::WRITE, SealFlags::SHRINK, SealFlags::GROW] {
        let (memory, _) = sealed_with(seals);
        let error = FrozenMap::open_shared(&name(&memory)).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::InvalidOptions { .. }), "{seals:?}: {error}");
    }
}

#[test]
fn a_name_of_other_memory_that_is_sealed_as_well_is_refused() {
    let frozen = FrozenMap::sealed_of(&RamMap::new(10).unwrap(), &Progress::new()).unwrap();
    let name = frozen.share().unwrap();
    assert_eq!(FrozenMap::open_shared(&name).unwrap().len(), 10);
    // The descriptor is the right one; but it has been given to this memory only since.
    let (before, number) = name.rsplit_once('-').unwrap();
    let other = format!("{before}-{}", number.parse::<u64>().unwrap() + 1);
    let error = FrozenMap::open_shared(&other).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotFound), "{error}");
}

#[test]
fn sealing_more_than_the_limit_of_a_file_is_an_error_with_the_numbers() {
    if child::part().is_some() {
        let limit = Rlimit { current: Some(100_000), maximum: Some(100_000) };
        rustix::process::setrlimit(Resource::Fsize, limit).unwrap();
        // What is beyond ends the process, if it is written.
        let seal = |len| -> memmap::Result<FrozenMap> {
            FrozenMap::sealed_of(&RamMap::new(len)?, &Progress::new())
        };
        let error = seal(100_001).unwrap_err();
        let &ErrorKind::FileTooLarge { len, limit } = error.kind() else { panic!("{error:?}") };
        let fits = seal(100_000).map(|sealed| sealed.len());
        child::say(&format!("{len} of {limit:?}, {:?}", fits.unwrap()));
        return;
    }
    let test = "sealing_more_than_the_limit_of_a_file_is_an_error_with_the_numbers";
    let mut child = Child::start(test, "sealer", Path::new("none"));
    assert_eq!(child.line(), "100001 of Some(100000), 100000");
}

#[test]
fn an_empty_map_is_proven_by_itself() {
    let file = file_of(&[]);
    for proofs in [Proofs::any().lease(), Proofs::none()] {
        assert!(prove(&file, proofs).unwrap().is_empty());
    }
    let sealed = FrozenMap::sealed_of(&RamMap::new(0).unwrap(), &Progress::new()).unwrap();
    assert!(sealed.is_empty());
}

// ---- snapshots -----------------------------------------------------------------------------

#[test]
fn a_snapshot_is_made_only_within_its_limit() {
    let bytes = bytes(10_000);
    let file = file_of(&bytes);
    let refused = why(&file, Mode::Read, Proofs::none().snapshot_up_to(9_999), Proof::Snapshot);
    assert!(refused.contains("10000 bytes are more than the 9999"), "{refused}");
    let frozen = prove(&file, Proofs::none().snapshot_up_to(10_000)).unwrap();
    assert_eq!(frozen.proof(), Proof::Snapshot);
    fs::write(&file, b"changed").unwrap();
    assert!(frozen[..] == bytes[..]);
}

#[test]
fn a_snapshot_tells_of_its_progress_and_can_be_broken_off() {
    let bytes = bytes(5 << 20);
    let file = file_of(&bytes);
    let map = MemMap::open(&file, Mode::Read).unwrap();
    let progress = Progress::new();
    let frozen = FrozenMap::snapshot_of(&map, &progress).unwrap();
    assert_eq!((progress.done(), progress.total()), (5 << 20, 5 << 20));
    assert!(frozen[..] == bytes[..]);
    progress.cancel();
    let error = FrozenMap::snapshot_of(&map, &progress).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Cancelled { done: 0 }));
}

#[test]
fn private_edits_are_in_a_snapshot() {
    let file = file_of(&[7; 10_000]);
    let mut map = MemMap::open(&file, Mode::CopyOnWrite).unwrap();
    map.write_at(5_000, b"edit").unwrap();
    let frozen = map.prove(Proofs::any().lease().snapshot_up_to(u64::MAX)).unwrap();
    assert_eq!((frozen.proof(), &frozen[4_999..5_005]), (Proof::Snapshot, &b"\x07edit\x07"[..]));
}

#[test]
fn what_was_read_into_memory_is_frozen_as_it_is() {
    let map = MemMap::options().small_file(1 << 20).open("/etc/hostname").unwrap();
    let bytes = map.read_at(0, usize::try_from(map.len()).unwrap()).unwrap();
    let frozen = soon(map, Proofs::none());
    assert_eq!((frozen.proof(), &frozen[..]), (Proof::Snapshot, &bytes[..]));
}

// ---- what others can do with it ------------------------------------------------------------

#[test]
fn a_proven_map_is_an_owner_of_bytes() {
    let file = file_of(b"0123456789");
    let frozen = prove(&file, Proofs::any().lease().snapshot_up_to(100)).unwrap();
    let shared = bytes::Bytes::from_owner(frozen.clone());
    let middle = shared.slice(2..5);
    drop((shared, frozen));
    let reader = thread::spawn(move || middle.to_vec());
    assert_eq!(reader.join().unwrap(), b"234");
}

#[test]
fn the_refusals_say_what_to_do() {
    let file = file_of(b"0123456789");
    let mut writer = OpenOptions::new().append(true).open(&file).unwrap();
    writer.write_all(b"!").unwrap();
    let map = MemMap::open(&file, Mode::Read).unwrap();
    let memmap::Refused { error: not_proven, .. } = map.prove(Proofs::one_moment()).unwrap_err();
    let proofs: Vec<Proof> = not_proven.reasons().iter().map(|refusal| refusal.proof).collect();
    assert_eq!(proofs, Proof::ALL);
    let text = not_proven.to_string();
    let lease = if leases_are_kept() {
        "\n  lease: the file is open for writing or mapped for writing, perhaps by this process"
    } else {
        "\n  lease: only ext4, xfs and btrfs are known to honour it"
    };
    for part in [
        "nothing proves that these bytes cannot change\n  sealed: ",
        lease,
        "\n  snapshot: it was not asked for",
    ] {
        assert!(text.contains(part), "{text}");
    }
    assert_eq!(text.lines().count(), 1 + Proof::ALL.len());
}
