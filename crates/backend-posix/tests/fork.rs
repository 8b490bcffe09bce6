//! Maps in children made by `fork`. Locks and leases belong to the parent, and children cannot read leased bytes.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::fs::{self, OpenOptions};
use std::ptr;
use std::thread;

use memmap_core::{ErrorKind, Map, Mode, Proof, Proofs};
use memmap_posix::{Frozen, Live};

#[path = "kit/child.rs"]
mod child;

use child::{End, in_a_child};

const LEN: usize = 8 << 20;

/// A leased map; `None` if temporary files are on a file system without leases.
fn leased() -> Option<(tempfile::TempPath, Map<Frozen>)> {
    let path = tempfile::NamedTempFile::new().unwrap().into_temp_path();
    fs::write(&path, vec![b'f'; LEN]).unwrap();
    let mut map = Map::<Live>::open(&path, Mode::Read).unwrap();
    loop {
        map = match map.prove(Proofs::none().lease()) {
            Ok(frozen) => return Some((path, frozen)),
            Err(refused) if refused.to_string().contains("lease: only ext4") => return None,
            // A child of another test may have the file open for writing for a moment.
            Err(refused) => refused.value,
        };
        thread::yield_now();
    }
}

/// New memory. The system tends to choose the first gap in the addresses that fits.
fn new_memory() -> *mut u8 {
    let (protection, flags) =
        (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: without an address the system chooses a range that nothing uses.
    let memory = unsafe { libc::mmap(ptr::null_mut(), LEN, protection, flags, -1, 0) };
    assert_ne!(memory, libc::MAP_FAILED);
    memory.cast()
}

#[test]
fn a_child_that_touches_the_bytes_ends_whatever_it_did_before() {
    let Some((_path, frozen)) = leased() else { return };
    assert_eq!(in_a_child(|| frozen[0].into()), End::Signal(libc::SIGSEGV));
    let end = in_a_child(|| {
        let mine = new_memory();
        // SAFETY: the memory is new, and ours.
        unsafe { mine.write(b'M') };
        frozen[0].into()
    });
    assert_eq!(end, End::Signal(libc::SIGSEGV));
    assert_eq!((frozen[0], frozen.proof()), (b'f', Proof::Lease));
}

#[test]
fn a_child_that_drops_the_map_takes_nothing_from_itself_or_its_parent() {
    let Some((path, frozen)) = leased() else { return };
    let end = in_a_child(|| {
        let mine = new_memory();
        // SAFETY: the memory is new, and ours.
        unsafe { mine.write(b'M') };
        // SAFETY: the child ends without dropping the one that this is a copy of.
        drop(unsafe { ptr::read(&raw const frozen) });
        // SAFETY: as above.
        unsafe { mine.read_volatile() }.into()
    });
    assert_eq!(end, End::Code(b'M'.into()));
    assert_eq!(frozen.proof(), Proof::Lease);
    fs::write(&path, b"changed").unwrap();
    assert!(frozen.iter().all(|&byte| byte == b'f') && frozen.proof() == Proof::Snapshot);
}

#[test]
fn children_that_are_made_while_leases_are_wanted_back_do_not_wait_for_ever() {
    for _ in 0..20 {
        let Some((path, frozen)) = leased() else { return };
        thread::scope(|scope| {
            scope.spawn(|| OpenOptions::new().write(true).open(&path).unwrap().set_len(7));
            for _ in 0..3 {
                // The map may still be leased, may be a copy, or may be changing. The child drops it.
                let end = in_a_child(|| {
                    // SAFETY: the child ends without dropping the one that this is a copy of.
                    drop(unsafe { ptr::read(&raw const frozen) });
                    0
                });
                assert_eq!(end, End::Code(0));
            }
        });
        assert!(frozen.iter().all(|&byte| byte == b'f'));
    }
}

#[test]
fn a_child_releases_no_lock_of_its_parent() {
    let path = tempfile::NamedTempFile::new().unwrap().into_temp_path();
    fs::write(&path, [7; 100]).unwrap();
    let mut map = Map::<Live>::open(&path, Mode::Read).unwrap();
    let mut other = Map::<Live>::open(&path, Mode::Read).unwrap();
    let locked = map.lock().unwrap();
    let end = in_a_child(|| {
        // SAFETY: the child ends without dropping the one that this is a copy of.
        drop(unsafe { ptr::read(&raw const locked) });
        0
    });
    assert_eq!(end, End::Code(0));
    assert!(other.try_lock_shared().unwrap().is_none());
    let end = in_a_child(|| {
        // SAFETY: as above.
        let unlocked = unsafe { ptr::read(&raw const locked) }.unlock();
        i32::from(matches!(unlocked.unwrap_err().kind(), ErrorKind::InvalidOptions { .. }))
    });
    assert_eq!(end, End::Code(1));
    assert!(other.try_lock_shared().unwrap().is_none());
    // The parent can release it.
    locked.unlock().unwrap();
    drop(other.try_lock_shared().unwrap().unwrap());
    drop(map.lock().unwrap());
    assert!(other.try_lock().unwrap().is_some());
}
