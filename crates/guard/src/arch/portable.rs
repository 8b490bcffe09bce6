//! Where there is no assembly: the story of the routines, executed literally. A fault ends the
//! process.
//!
//! Every access is made byte by byte, by atomics of one size: in the model of Rust, atomic accesses that
//! race must have the same. What is to be whole has a lock that the others share.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::{Answer, Raw};
use crate::Integer;

pub(crate) use super::inline_fallback::*;

/// Bytes that share a lock: an aligned integer lies in one such piece, and so does a page's part of a
/// copy.
const PIECE_LEN: usize = 4096;

/// The locks of all pieces. Whoever needs several bytes to be seen whole, or changed in one step, has the
/// piece's lock alone; whoever moves bytes one by one shares it. No thread holds two.
static LOCKS: [RwLock<()>; 64] = [const { RwLock::new(()) }; 64];

const fn done(value: u64) -> Answer {
    Answer { value, missing: 0 }
}

fn lock(at: *const u8) -> &'static RwLock<()> {
    let [first, ..] = &LOCKS;
    let piece = at.addr().checked_div(PIECE_LEN).unwrap_or(0);
    LOCKS.get(piece % LOCKS.len()).unwrap_or(first)
}

fn share(at: *const u8) -> RwLockReadGuard<'static, ()> {
    lock(at).read().unwrap_or_else(PoisonError::into_inner)
}

fn take(at: *const u8) -> RwLockWriteGuard<'static, ()> {
    lock(at).write().unwrap_or_else(PoisonError::into_inner)
}

/// Calls `act` with each offset from `first` that is below `len`, under the lock of its piece.
fn each<G>(first: *const u8, len: usize, lock: fn(*const u8) -> G, mut act: impl FnMut(usize)) {
    let mut at = 0_usize;
    while at < len {
        let from = first.wrapping_add(at);
        let left = PIECE_LEN.saturating_sub(from.addr() % PIECE_LEN);
        let end = at.saturating_add(left).min(len);
        let _locked = lock(from);
        (at..end).for_each(&mut act);
        at = end;
    }
}

/// A byte that others may read or write meanwhile.
///
/// # Safety
/// The byte at `at` is mapped, and within this process accessed only by functions of this crate.
unsafe fn cell<'a>(at: *const u8) -> &'a AtomicU8 {
    // SAFETY: mapped (the caller), aligned as any address is for a byte, and nobody needs more than
    // a shared reference to an atomic. Relaxed loads work on read-only memory too: std,
    // `core::sync::atomic`, "Atomic accesses to read-only memory".
    unsafe { &*at.cast::<AtomicU8>() }
}

pub(crate) unsafe fn copy_out(to: *mut u8, from: *const u8, len: usize, _: *mut Raw) -> Answer {
    each(from, len, share, |at| {
        // SAFETY: within `from..from + len` (the caller).
        let byte = unsafe { cell(from.wrapping_add(at)) }.load(Ordering::Relaxed);
        // SAFETY: within `to..to + len`, which is the caller's own.
        unsafe { to.wrapping_add(at).write(byte) };
    });
    done(0)
}

pub(crate) unsafe fn copy_in(to: *mut u8, from: *const u8, len: usize, _: *mut Raw) -> Answer {
    each(to, len, share, |at| {
        // SAFETY: within `from..from + len`, which nobody writes to (the caller).
        let byte = unsafe { from.wrapping_add(at).read() };
        // SAFETY: within `to..to + len` (the caller).
        unsafe { cell(to.wrapping_add(at)) }.store(byte, Ordering::Relaxed);
    });
    done(0)
}

pub(crate) unsafe fn fill(to: *mut u8, byte: u64, len: usize, _: *mut Raw) -> Answer {
    let byte = u8::narrow(byte);
    // SAFETY: within `to..to + len` (the caller).
    each(to, len, share, |at| unsafe { cell(to.wrapping_add(at)) }.store(byte, Ordering::Relaxed));
    done(0)
}

/// Replaces an aligned integer in one step, by what `change` makes of it; `None` leaves it as it is.
///
/// # Safety
/// As [`copy_in`], for the `N` bytes at `at`, which is aligned to as many.
unsafe fn update<const N: usize>(
    at: *mut u8,
    change: impl FnOnce([u8; N]) -> Option<[u8; N]>,
) -> [u8; N] {
    let _alone = take(at);
    // SAFETY: within the caller's range.
    let cells: [&AtomicU8; N] = std::array::from_fn(|byte| unsafe { cell(at.wrapping_add(byte)) });
    let old = cells.map(|cell| cell.load(Ordering::Relaxed));
    if let Some(new) = change(old) {
        cells.iter().zip(new).for_each(|(cell, byte)| cell.store(byte, Ordering::Relaxed));
    }
    old
}

macro_rules! width {
    ($int:ty, $load:ident, $store:ident, $compare_exchange:ident, $fetch_add:ident) => {
        /// Whole if it is aligned: whoever writes several bytes in one step has the lock alone.
        pub(crate) unsafe fn $load(from: *const u8, _: u64, _: u64, raw: *mut Raw) -> Answer {
            let mut bytes = [0; size_of::<$int>()];
            // SAFETY: the caller's range; `bytes` is ours and of the same length.
            unsafe { copy_out(bytes.as_mut_ptr(), from, bytes.len(), raw) };
            done(<$int>::from_ne_bytes(bytes).into())
        }

        pub(crate) unsafe fn $store(to: *mut u8, value: u64, _: u64, _: *mut Raw) -> Answer {
            let bytes = <$int>::narrow(value).to_ne_bytes();
            each(to, bytes.len(), take, |at| {
                let byte = bytes.get(at).copied().unwrap_or_default();
                // SAFETY: within the caller's range.
                unsafe { cell(to.wrapping_add(at)) }.store(byte, Ordering::Relaxed);
            });
            done(0)
        }

        pub(crate) unsafe fn $compare_exchange(
            to: *mut u8,
            expected: u64,
            new: u64,
            _: *mut Raw,
        ) -> Answer {
            let (expected, new) = (<$int>::narrow(expected), <$int>::narrow(new));
            let exchange = |old| (old == expected.to_ne_bytes()).then(|| new.to_ne_bytes());
            // SAFETY: the caller's range, which is aligned.
            done(<$int>::from_ne_bytes(unsafe { update(to, exchange) }).into())
        }

        pub(crate) unsafe fn $fetch_add(to: *mut u8, value: u64, _: u64, _: *mut Raw) -> Answer {
            let more = <$int>::narrow(value);
            let add = |old| Some(<$int>::from_ne_bytes(old).wrapping_add(more).to_ne_bytes());
            // SAFETY: the caller's range, which is aligned.
            done(<$int>::from_ne_bytes(unsafe { update(to, add) }).into())
        }
    };
}

width!(u8, load_1, store_1, compare_exchange_1, fetch_add_1);
width!(u16, load_2, store_2, compare_exchange_2, fetch_add_2);
width!(u32, load_4, store_4, compare_exchange_4, fetch_add_4);
width!(u64, load_8, store_8, compare_exchange_8, fetch_add_8);
