//! Private edits in the pages that are shown, as code sees them that has their address.
#![cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::fs::{self, File};
use std::sync::Arc;
use std::thread;

use memmap_core::{ErrorKind, expose::address};
use memmap_posix::Edited;

#[path = "kit/child.rs"]
mod child;

use child::{End, in_a_child};

const LEN: usize = 3 << 20;
const MIB: usize = 1 << 20;

fn bytes() -> Vec<u8> {
    (0..LEN).map(|at| u8::try_from(1 + (at / 7) % 251).unwrap()).collect()
}

/// The bytes of a file from 100 on, and the file.
fn edited() -> (tempfile::NamedTempFile, Edited, Vec<u8>) {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), bytes()).unwrap();
    let opened = Arc::new(File::open(file.path()).unwrap());
    let edited = Edited::new(&opened, 100, LEN - 100).unwrap();
    (file, edited, bytes().split_off(100))
}

fn load(edited: &Edited, at: usize) -> u8 {
    let bytes = edited.expose().unwrap().bytes;
    assert!(at < bytes.len());
    // SAFETY: within memory that `edited` keeps; no reference is made.
    unsafe { address(bytes).wrapping_add(at).read_volatile() }
}

fn store(edited: &Edited, at: usize, byte: u8) {
    let bytes = edited.expose().unwrap().bytes;
    assert!(at < bytes.len());
    // SAFETY: as above, and it may be written to.
    unsafe { address(bytes).wrapping_add(at).write_volatile(byte) };
}

fn all(edited: &Edited) -> Vec<u8> {
    let mut out = vec![0; edited.expose().unwrap().bytes.len()];
    edited.expose().unwrap().bytes.copy_out(&mut out).unwrap();
    out
}

#[test]
fn what_is_stored_stays_here() {
    let (file, edited, mut expected) = edited();
    assert_eq!(edited.touched(), 0);
    // The first touch of a page is a store; its other bytes are the file's.
    for at in [5000, MIB, 2 * MIB + 1, LEN - 101] {
        store(&edited, at, 0);
        expected[at] = 0;
        assert_eq!(load(&edited, at - 1), expected[at - 1]);
    }
    assert!(edited.touched() > 0 && edited.touched() < 1 << 20);
    assert_eq!(all(&edited), expected);
    assert_eq!(fs::read(file.path()).unwrap(), bytes(), "the file is as it was");
    assert!(edited.lost_bytes(0..LEN).is_empty());
}

#[test]
fn a_cut_takes_no_edit_away() {
    let (file, edited, expected) = edited();
    store(&edited, 2 * MIB, 252);
    File::options().write(true).open(file.path()).unwrap().set_len(1 << 20).unwrap();
    assert_eq!((load(&edited, 2 * MIB), load(&edited, 2 * MIB + 1)), (252, expected[2 * MIB + 1]));
    assert_eq!((load(&edited, LEN - 200), load(&edited, 7)), (0, expected[7]));
    // Stores to what is lost stay, too.
    store(&edited, LEN - 200, 251);
    assert_eq!(load(&edited, LEN - 200), 251);
    let lost = edited.lost_bytes(0..LEN);
    assert!(!lost.is_empty());
    for lost in &lost {
        let of_edit = 2 << 20;
        assert!(!lost.range.contains(&of_edit) && lost.range.start > 1 << 20, "{:?}", lost.range);
        assert!(matches!(lost.why.kind(), ErrorKind::Truncated { now: 0x10_0000, .. }), "{lost:?}");
    }
    assert!(edited.lost_bytes(0..MIB).is_empty());
}

#[test]
fn a_child_has_a_copy_of_the_edits() {
    let (_file, edited, expected) = edited();
    store(&edited, 5000, 0);
    let child = || {
        let inherited = load(&edited, 5000) == 0;
        store(&edited, 5000, 1);
        store(&edited, 2 * MIB, 2);
        let rest = load(&edited, 2 * MIB + 1) == expected[2 * MIB + 1];
        i32::from(inherited && rest && load(&edited, 5000) == 1 && load(&edited, 2 * MIB) == 2)
    };
    assert_eq!(in_a_child(child), End::Code(1));
    assert_eq!((load(&edited, 5000), load(&edited, 2 * MIB)), (0, expected[2 * MIB]));
}

#[test]
fn many_threads_touch_and_store() {
    let (_file, edited, mut expected) = edited();
    thread::scope(|scope| {
        for thread in 0..4 {
            let edited = &edited;
            scope.spawn(move || {
                for at in (thread..LEN - 100).step_by(997 * 4) {
                    store(edited, at, 0);
                }
            });
        }
    });
    for thread in 0..4 {
        for at in (thread..LEN - 100).step_by(997 * 4) {
            expected[at] = 0;
        }
    }
    assert!(all(&edited) == expected);
}

#[test]
fn a_file_that_is_too_short_is_refused() {
    let file = tempfile::tempfile().unwrap();
    file.set_len(50).unwrap();
    let error = Edited::new(&Arc::new(file), 10, 41).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Truncated { offset: 40, needed: 51, now: 50 }));
}
