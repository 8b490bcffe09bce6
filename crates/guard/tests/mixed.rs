//! Accesses of every type and width to the same bytes at the same time: in memory of this process, which is
//! what maps in memory and private edits use.
//!
//! With the assembly routines this tests what arrives. `cargo +nightly miri test -p memmap-guard --test mixed`
//! runs the routines in Rust, and also tests what Rust allows.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use memmap_guard::{Fault, InPlace, Integer};

const TURNS: u64 = if cfg!(miri) { 20 } else { 20_000 };

/// Bytes that only the guard accesses, from several threads. They start at a multiple of 8.
struct Shared {
    bytes: *mut [u64],
}

// SAFETY: all threads access the bytes by functions of the guard, which allow that.
unsafe impl Sync for Shared {}

impl Shared {
    fn new(words: usize) -> Self {
        Self { bytes: Box::into_raw(vec![0_u64; words].into_boxed_slice()) }
    }

    /// The address of `len` bytes at `offset`, which are allocated until `self` is dropped, and to which no
    /// reference exists.
    fn at(&self, offset: usize, len: usize) -> *mut u8 {
        let end = offset.saturating_add(len);
        assert!(end <= self.bytes.len() * size_of::<u64>(), "{len} bytes at {offset}");
        self.bytes.cast::<u8>().wrapping_add(offset)
    }

    /// The same for an integer, which is aligned.
    fn integer<T: Integer>(&self, offset: usize) -> *mut u8 {
        assert!(offset.is_multiple_of(size_of::<T>()), "{offset}");
        self.at(offset, size_of::<T>())
    }

    fn load<T: Integer>(&self, offset: usize) -> Result<T, Fault> {
        // SAFETY: `integer` checked that it is among the bytes, and aligned.
        unsafe { memmap_guard::load(self.integer::<T>(offset)) }
    }

    fn store<T: Integer>(&self, offset: usize, new: T) -> Result<(), Fault> {
        // SAFETY: as in `load`; the bytes are writable.
        unsafe { memmap_guard::store(self.integer::<T>(offset), new) }
    }

    fn fetch_add<T: Integer>(&self, offset: usize, more: T) -> Result<T, Fault> {
        // SAFETY: as in `store`.
        unsafe { memmap_guard::fetch_add(self.integer::<T>(offset), more) }
    }

    fn compare_exchange(
        &self,
        offset: usize,
        old: u64,
        new: u64,
    ) -> Result<Result<u64, u64>, Fault> {
        // SAFETY: as in `store`.
        unsafe { memmap_guard::compare_exchange(self.integer::<u64>(offset), old, new) }
    }

    fn copy_out(&self, offset: usize, out: &mut [u8]) -> Result<(), Fault> {
        // SAFETY: `at` checked that the range is among the bytes.
        unsafe { memmap_guard::copy_out(self.at(offset, out.len()), out) }
    }

    fn copy_in(&self, offset: usize, bytes: &[u8]) -> Result<(), Fault> {
        // SAFETY: as in `copy_out`; the bytes are writable.
        unsafe { memmap_guard::copy_in(self.at(offset, bytes.len()), bytes) }
    }

    fn fill(&self, offset: usize, byte: u8, len: usize) -> Result<(), Fault> {
        // SAFETY: as in `copy_in`.
        unsafe { memmap_guard::fill(self.at(offset, len), byte, len) }
    }

    fn in_place(&self, offset: usize, len: usize) -> InPlace<'_> {
        // SAFETY: as in `copy_out`, for as long as `self` is borrowed.
        unsafe { memmap_guard::in_place(self.at(offset, len), len) }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // SAFETY: the bytes came from `into_raw`, and whoever accesses them borrows `self`.
        drop(unsafe { Box::from_raw(self.bytes) });
    }
}

/// Two threads add until each has seen additions of the other so often that an addition in two steps would
/// have lost some, or until a time limit, on machines that do not run both at the same time.
#[test]
fn additions_of_two_threads_at_once_are_all_there() {
    const AT_A_TIME: u64 = 20;
    let (meetings_min, turns_max) = if cfg!(miri) { (3, 100) } else { (20_000, 100_000) };
    let shared = Shared::new(1);
    let made = [const { AtomicU64::new(0) }; 2];
    thread::scope(|scope| {
        for (own, other) in [(&made[0], &made[1]), (&made[1], &made[0])] {
            let shared = &shared;
            scope.spawn(move || {
                let (mut meetings, mut turns) = (0, 0);
                while meetings < meetings_min && turns < turns_max {
                    let before = other.load(Ordering::Relaxed);
                    for _ in 0..AT_A_TIME {
                        shared.fetch_add::<u64>(0, 1).unwrap();
                    }
                    own.fetch_add(AT_A_TIME, Ordering::Relaxed);
                    meetings += u32::from(other.load(Ordering::Relaxed) != before);
                    turns += 1;
                }
            });
        }
    });
    let sum = shared.load::<u64>(0).unwrap();
    assert_eq!(sum, made.into_iter().map(AtomicU64::into_inner).sum());
}

#[test]
fn additions_and_copies_of_the_same_bytes() {
    let shared = Shared::new(64);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..TURNS {
                    shared.fetch_add::<u64>(8, 1).unwrap();
                }
            });
        }
        scope.spawn(|| {
            let mut out = [0; 100];
            for _ in 0..TURNS {
                shared.copy_out(3, &mut out).unwrap();
                assert!(shared.load::<u64>(8).unwrap() <= 2 * TURNS);
                let blocks = shared.in_place(0, 512);
                assert_eq!(blocks.part(5, 3).unwrap().copy_out(&mut out), Ok(()));
            }
        });
        scope.spawn(|| {
            for _ in 0..TURNS {
                // On both sides of the integer, but not in it.
                shared.copy_in(1, &[7; 7]).unwrap();
                shared.fill(16, 9, 100).unwrap();
            }
        });
    });
    assert_eq!(shared.load::<u64>(8), Ok(2 * TURNS));
    let mut out = [0; 24];
    shared.copy_out(0, &mut out).unwrap();
    assert_eq!((&out[1..8], &out[16..24]), (&[7; 7][..], &[9; 8][..]));
}

#[test]
fn bytes_written_beside_an_addition_are_not_lost() {
    let shared = Shared::new(2);
    thread::scope(|scope| {
        scope.spawn(|| {
            for turn in 0..TURNS {
                let byte = u8::try_from(turn % 251).unwrap();
                shared.copy_in(7, &[byte]).unwrap();
                // The additions below do not change this byte.
                let mut out = [0];
                shared.copy_out(7, &mut out).unwrap();
                assert_eq!(out, [byte]);
            }
        });
        scope.spawn(|| {
            for _ in 0..TURNS {
                shared.fetch_add::<u64>(0, u64::from_ne_bytes(FIRST)).unwrap();
            }
        });
    });
}

/// An addend that changes only bytes before the last one, if the last byte is the most significant.
const FIRST: [u8; 8] = if cfg!(target_endian = "little") {
    [1, 0, 0, 0, 0, 0, 0, 0]
} else {
    [0, 0, 0, 0, 0, 0, 0, 0]
};

#[test]
fn an_aligned_integer_is_whole() {
    let shared = Shared::new(1);
    let both = [0x0101_0101_0101_0101_u64, 0xFEFE_FEFE_FEFE_FEFE];
    shared.store(0, both[0]).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..TURNS {
                for new in both {
                    shared.store(0, new).unwrap();
                }
            }
        });
        scope.spawn(|| {
            for _ in 0..TURNS {
                let seen = shared.load::<u64>(0).unwrap();
                assert!(both.contains(&seen), "{seen:#x}");
            }
        });
        scope.spawn(|| {
            for _ in 0..TURNS {
                let seen = shared.compare_exchange(0, both[0], both[1]).unwrap();
                let seen = seen.unwrap_or_else(|other| other);
                assert!(both.contains(&seen), "{seen:#x}");
            }
        });
    });
}

#[test]
fn integers_of_every_width_in_one_word() {
    let shared = Shared::new(1);
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..TURNS {
                shared.fetch_add::<u8>(0, 1).unwrap();
                shared.fetch_add::<u32>(4, 1).unwrap();
            }
        });
        scope.spawn(|| {
            for _ in 0..TURNS {
                shared.fetch_add::<u16>(2, 1).unwrap();
                shared.load::<u64>(0).unwrap();
            }
        });
    });
    let low = |width: u64| TURNS % (1 << width);
    assert_eq!(shared.load::<u8>(0).map(u64::from), Ok(low(8)));
    assert_eq!(shared.load::<u16>(2).map(u64::from), Ok(low(16)));
    assert_eq!(shared.load::<u32>(4).map(u64::from), Ok(low(32)));
}
