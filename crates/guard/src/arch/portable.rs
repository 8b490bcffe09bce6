//! Targets without assembly: the routines in Rust. They do exactly what SAFETY.md says that the assembly routines
//! are for the compiler. A fault ends the process.
//!
//! Every access is made byte by byte, by atomics of one size, because Rust's memory model demands that atomic
//! accesses that race have the same size. Accesses that must be whole take a lock exclusively; all others
//! share it.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::{Answer, Raw};
use crate::Integer;

pub(crate) use super::inline_fallback::*;

/// The number of bytes that share a lock. An aligned integer lies within one such stripe.
const STRIPE_LEN: usize = 4096;

/// The locks of all stripes. An access that reads or changes several bytes in one step takes the stripe's
/// lock exclusively; an access to single bytes shares it. No thread holds two locks.
static LOCKS: [RwLock<()>; 64] = [const { RwLock::new(()) }; 64];

const fn done(value: u64) -> Answer {
    Answer { value, missing: 0 }
}

fn lock(at: *const u8) -> &'static RwLock<()> {
    let [first, ..] = &LOCKS;
    let stripe = at.addr().checked_div(STRIPE_LEN).unwrap_or(0);
    LOCKS.get(stripe % LOCKS.len()).unwrap_or(first)
}

fn share(at: *const u8) -> RwLockReadGuard<'static, ()> {
    lock(at).read().unwrap_or_else(PoisonError::into_inner)
}

fn take(at: *const u8) -> RwLockWriteGuard<'static, ()> {
    lock(at).write().unwrap_or_else(PoisonError::into_inner)
}

/// Calls `act` with each offset below `len` from `first`, under the lock of its stripe.
fn each<G>(first: *const u8, len: usize, lock: fn(*const u8) -> G, mut act: impl FnMut(usize)) {
    let mut at = 0_usize;
    while at < len {
        let from = first.wrapping_add(at);
        let left = STRIPE_LEN.saturating_sub(from.addr() % STRIPE_LEN);
        let end = at.saturating_add(left).min(len);
        let _locked = lock(from);
        (at..end).for_each(&mut act);
        at = end;
    }
}

/// A byte that others may read or write at the same time.
///
/// # Safety
/// The byte at `at` is mapped, and within this process accessed only by functions of this crate.
unsafe fn cell<'a>(at: *const u8) -> &'a AtomicU8 {
    // SAFETY: mapped (the caller); any address is aligned for a byte; and all accesses go through shared
    // references to atomics. Relaxed loads work on read-only memory too: std, `core::sync::atomic`,
    // "Atomic accesses to read-only memory".
    unsafe { &*at.cast::<AtomicU8>() }
}

pub(crate) unsafe fn copy_out(to: *mut u8, from: *const u8, len: usize, _: *mut Raw) -> Answer {
    each(from, len, share, |at| {
        // SAFETY: within `from..from + len` (the caller).
        let byte = unsafe { cell(from.wrapping_add(at)) }.load(Ordering::Relaxed);
        // SAFETY: within `to..to + len`, which is the caller's own, or accessed as the range above.
        unsafe { cell(to.wrapping_add(at)) }.store(byte, Ordering::Relaxed);
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

/// Replaces an aligned integer in one step by the result of `change`; `None` leaves it as it is.
///
/// # Safety
/// As [`copy_in`], for the `N` bytes at `at`, which is aligned to `N`.
unsafe fn update<const N: usize>(
    at: *mut u8,
    change: impl FnOnce([u8; N]) -> Option<[u8; N]>,
) -> [u8; N] {
    let _exclusive = take(at);
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
        /// Whole if it is aligned: an access that writes several bytes in one step has the lock exclusively.
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
