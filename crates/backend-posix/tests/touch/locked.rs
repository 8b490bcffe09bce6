//! Memory that is locked, before and after a map is made: locking brings pages in.

use std::path::Path;

use super::ways::{self, Way};
use super::{MIB, PAGE, bytes, stage, touch, touching};

/// More than one block of guard markers.
const LEN: usize = 7 * MIB + 100;

/// Allows this process to lock memory; `false` if it may not.
fn may_lock() -> bool {
    let all = libc::rlimit { rlim_cur: libc::RLIM_INFINITY, rlim_max: libc::RLIM_INFINITY };
    // SAFETY: reads a local variable. Who has the right to needs no limit.
    unsafe { libc::setrlimit(libc::RLIMIT_MEMLOCK, &raw const all) };
    // SAFETY: it takes a number, and changes no byte.
    let answer = unsafe { libc::mlockall(libc::MCL_CURRENT) };
    // SAFETY: as above.
    unsafe { libc::munlockall() };
    answer == 0
}

fn lock_all(flags: i32) {
    // SAFETY: it takes a number, and changes no byte.
    assert_eq!(unsafe { libc::mlockall(flags) }, 0);
}

fn lock(part: &[u8]) -> i32 {
    // SAFETY: a range of memory that is mapped. What it brings in is up to the system.
    unsafe { libc::mlock(part.as_ptr().cast(), part.len()) }
}

#[test]
fn new_memory_that_is_locked_is_not_brought_in() {
    let (stage, path) = stage(LEN);
    let deed = |way: Way, path: &Path| {
        if !may_lock() {
            return println!("skipped: this user may not lock memory");
        }
        for flags in [libc::MCL_FUTURE, libc::MCL_FUTURE | libc::MCL_CURRENT] {
            lock_all(flags);
            let frozen = touching(path);
            way.is_taken();
            assert_eq!(frozen.touched(), 0);
            assert_eq!(touch(&frozen, 5 * MIB), bytes(LEN)[5 * MIB]);
            assert!(frozen[..] == bytes(LEN)[..]);
        }
    };
    ways::each_ends_well("locked::new_memory_that_is_locked_is_not_brought_in", &path, deed);
    drop(stage);
}

#[test]
fn memory_that_is_locked_later_is_brought_all_the_same() {
    let (stage, path) = stage(LEN);
    let deed = |way: Way, path: &Path| {
        if !may_lock() {
            return println!("skipped: this user may not lock memory");
        }
        let frozen = touching(path);
        way.is_taken();
        assert_eq!(touch(&frozen, 3 * PAGE), bytes(LEN)[3 * PAGE]);
        lock_all(libc::MCL_CURRENT);
        assert!(frozen[..] == bytes(LEN)[..]);
    };
    ways::each_ends_well(
        "locked::memory_that_is_locked_later_is_brought_all_the_same",
        &path,
        deed,
    );
    drop(stage);
}

#[test]
fn a_part_that_is_locked_is_brought_when_it_is_touched() {
    let (stage, path) = stage(LEN);
    let deed = |way: Way, path: &Path| {
        if !may_lock() {
            return println!("skipped: this user may not lock memory");
        }
        let frozen = touching(path);
        way.is_taken();
        assert_eq!(touch(&frozen, 0), bytes(LEN)[0]);
        // The system brings nothing in for itself; what it cannot lock is an error.
        lock(&frozen[2 * PAGE..9 * PAGE]);
        lock(&frozen[5 * MIB + 3 * PAGE..5 * MIB + 4 * PAGE]);
        lock(&frozen[3 * MIB..LEN]);
        assert!(frozen[..] == bytes(LEN)[..]);
        assert_eq!(lock(&frozen), 0, "all of it is there");
        assert!(frozen[..] == bytes(LEN)[..]);
    };
    ways::each_ends_well(
        "locked::a_part_that_is_locked_is_brought_when_it_is_touched",
        &path,
        deed,
    );
    drop(stage);
}
