//! Accesses of every type and width to the same bytes at the same time: in memory of this process, which is
//! what maps in memory and private edits use.
//!
//! With the assembly routines this tests what arrives. `cargo +nightly miri test -p memmap-guard --test mixed`
//! runs the routines in Rust, and also tests what Rust allows.
#![expect(
    clippy::undocumented_unsafe_blocks,
    reason = "a test, on memory of its own that its threads share through the guard alone"
)]

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use memmap_guard::{compare_exchange, copy_in, copy_out, fetch_add, fill, in_place, load, store};

const TURNS: u64 = if cfg!(miri) { 20 } else { 20_000 };

/// Bytes that only the guard accesses, from several threads.
struct Shared {
    bytes: *mut [u64],
}

unsafe impl Sync for Shared {}

impl Shared {
    fn new(words: usize) -> Self {
        Self { bytes: Box::into_raw(vec![0_u64; words].into_boxed_slice()) }
    }

    fn at(&self, offset: usize) -> *mut u8 {
        self.bytes.cast::<u8>().wrapping_add(offset)
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
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
                        unsafe { fetch_add::<u64>(shared.at(0), 1) }.unwrap();
                    }
                    own.fetch_add(AT_A_TIME, Ordering::Relaxed);
                    meetings += u32::from(other.load(Ordering::Relaxed) != before);
                    turns += 1;
                }
            });
        }
    });
    let sum = unsafe { load::<u64>(shared.at(0)) }.unwrap();
    assert_eq!(sum, made.into_iter().map(AtomicU64::into_inner).sum());
}

#[test]
fn additions_and_copies_of_the_same_bytes() {
    let shared = Shared::new(64);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..TURNS {
                    unsafe { fetch_add::<u64>(shared.at(8), 1) }.unwrap();
                }
            });
        }
        scope.spawn(|| {
            let mut out = [0; 100];
            for _ in 0..TURNS {
                unsafe { copy_out(shared.at(3), &mut out) }.unwrap();
                assert!(unsafe { load::<u64>(shared.at(8)) }.unwrap() <= 2 * TURNS);
                let blocks = unsafe { in_place(shared.at(0), 512) };
                assert_eq!(blocks.part(5, 3).unwrap().copy_out(&mut out), Ok(()));
            }
        });
        scope.spawn(|| {
            for _ in 0..TURNS {
                // On both sides of the integer, but not in it.
                unsafe { copy_in(shared.at(1), &[7; 7]) }.unwrap();
                unsafe { fill(shared.at(16), 9, 100) }.unwrap();
            }
        });
    });
    assert_eq!(unsafe { load::<u64>(shared.at(8)) }, Ok(2 * TURNS));
    let mut out = [0; 24];
    unsafe { copy_out(shared.at(0), &mut out) }.unwrap();
    assert_eq!((&out[1..8], &out[16..24]), (&[7; 7][..], &[9; 8][..]));
}

#[test]
fn bytes_written_beside_an_addition_are_not_lost() {
    let shared = Shared::new(2);
    thread::scope(|scope| {
        scope.spawn(|| {
            for turn in 0..TURNS {
                let byte = u8::try_from(turn % 251).unwrap();
                unsafe { copy_in(shared.at(7), &[byte]) }.unwrap();
                // The additions below do not change this byte.
                let mut out = [0];
                unsafe { copy_out(shared.at(7), &mut out) }.unwrap();
                assert_eq!(out, [byte]);
            }
        });
        scope.spawn(|| {
            for _ in 0..TURNS {
                unsafe { fetch_add::<u64>(shared.at(0), u64::from_ne_bytes(FIRST)) }.unwrap();
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
    unsafe { store(shared.at(0), both[0]) }.unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..TURNS {
                for new in both {
                    unsafe { store(shared.at(0), new) }.unwrap();
                }
            }
        });
        scope.spawn(|| {
            for _ in 0..TURNS {
                let seen = unsafe { load::<u64>(shared.at(0)) }.unwrap();
                assert!(both.contains(&seen), "{seen:#x}");
            }
        });
        scope.spawn(|| {
            for _ in 0..TURNS {
                let seen = unsafe { compare_exchange(shared.at(0), both[0], both[1]) }.unwrap();
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
                unsafe { fetch_add::<u8>(shared.at(0), 1) }.unwrap();
                unsafe { fetch_add::<u32>(shared.at(4), 1) }.unwrap();
            }
        });
        scope.spawn(|| {
            for _ in 0..TURNS {
                unsafe { fetch_add::<u16>(shared.at(2), 1) }.unwrap();
                unsafe { load::<u64>(shared.at(0)) }.unwrap();
            }
        });
    });
    let low = |width: u64| TURNS % (1 << width);
    assert_eq!(unsafe { load::<u8>(shared.at(0)) }.map(u64::from), Ok(low(8)));
    assert_eq!(unsafe { load::<u16>(shared.at(2)) }.map(u64::from), Ok(low(16)));
    assert_eq!(unsafe { load::<u32>(shared.at(4)) }.map(u64::from), Ok(low(32)));
}
