//! Where there is no assembly: the story of the routines, executed literally. A fault ends the
//! process.

use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering};

use super::{Answer, Raw};
use crate::Atomic;

#[path = "none_in_line.rs"]
mod none_in_line;

pub(crate) use none_in_line::*;

const fn done(value: u64) -> Answer {
    Answer { value, missing: 0 }
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

pub(crate) unsafe fn copy(to: *mut u8, from: *const u8, len: usize, _: *mut Raw) -> Answer {
    for at in 0..len {
        // SAFETY: within `from..from + len` (the caller).
        let byte = unsafe { cell(from.wrapping_add(at)) }.load(Ordering::Relaxed);
        // SAFETY: within `to..to + len` (the caller).
        unsafe { cell(to.wrapping_add(at)) }.store(byte, Ordering::Relaxed);
    }
    done(0)
}

pub(crate) unsafe fn fill(to: *mut u8, byte: u64, len: usize, _: *mut Raw) -> Answer {
    for at in 0..len {
        // SAFETY: within `to..to + len` (the caller).
        unsafe { cell(to.wrapping_add(at)) }.store(byte.to_le_bytes()[0], Ordering::Relaxed);
    }
    done(0)
}

macro_rules! width {
    ($atomic:ty, $int:ty, $load:ident, $store:ident, $compare_exchange:ident, $fetch_add:ident) => {
        pub(crate) unsafe fn $load(from: *const u8, _: u64, _: u64, raw: *mut Raw) -> Answer {
            let mut bytes = [0; size_of::<$int>()];
            // SAFETY: the caller's range; `bytes` is ours and of the same length.
            unsafe { copy(bytes.as_mut_ptr(), from, bytes.len(), raw) };
            done(<$int>::from_ne_bytes(bytes).into())
        }

        pub(crate) unsafe fn $store(to: *mut u8, value: u64, _: u64, raw: *mut Raw) -> Answer {
            let bytes = <$int>::narrow(value).to_ne_bytes();
            // SAFETY: the caller's range; `bytes` is ours and of the same length.
            unsafe { copy(to, bytes.as_ptr(), bytes.len(), raw) }
        }

        pub(crate) unsafe fn $compare_exchange(
            to: *mut u8,
            expected: u64,
            new: u64,
            _: *mut Raw,
        ) -> Answer {
            // SAFETY: mapped, writable, aligned, and accessed by atomics only (the caller).
            let cell = unsafe { <$atomic>::from_ptr(to.cast()) };
            let (expected, new) = (<$int>::narrow(expected), <$int>::narrow(new));
            let (Ok(old) | Err(old)) =
                cell.compare_exchange(expected, new, Ordering::SeqCst, Ordering::SeqCst);
            done(old.into())
        }

        pub(crate) unsafe fn $fetch_add(to: *mut u8, value: u64, _: u64, _: *mut Raw) -> Answer {
            // SAFETY: mapped, writable, aligned, and accessed by atomics only (the caller).
            let cell = unsafe { <$atomic>::from_ptr(to.cast()) };
            done(cell.fetch_add(<$int>::narrow(value), Ordering::SeqCst).into())
        }
    };
}

width!(AtomicU8, u8, load_1, store_1, compare_exchange_1, fetch_add_1);
width!(AtomicU16, u16, load_2, store_2, compare_exchange_2, fetch_add_2);
width!(AtomicU32, u32, load_4, store_4, compare_exchange_4, fetch_add_4);
width!(AtomicU64, u64, load_8, store_8, compare_exchange_8, fetch_add_8);
