//! The accesses. Each calls one routine, and turns the number of missing bytes into an exact [`Fault`].

use crate::arch::{self, Answer, Raw};
use crate::handler;
use crate::{Cause, Fault, Integer};

/// Copies `out.len()` bytes, starting at `from`, into `out`.
///
/// # Errors
/// [`Fault`], and then the first `moved` bytes of `out` were copied.
///
/// # Safety
/// 1. `from..from + out.len()` lies in a mapping made by `mmap` or its like, and all of it stays mapped until
///    this returns. The pages of the file may be gone, but not the addresses.
/// 2. Within this process only functions of this crate write to those bytes, and there is no reference to
///    them through which a write is possible, or whose bytes a write would change.
#[inline]
pub unsafe fn copy_out(from: *const u8, out: &mut [u8]) -> Result<(), Fault> {
    // SAFETY: `out` is writable and, as an exclusive reference, does not overlap the mapping (2.).
    unsafe { copy::<OUT>(out.as_mut_ptr(), from, out.len()) }
}

/// Copies `len` bytes, starting at `from`, to `to`: memory that may vanish or change as well, or that may be the
/// same memory. Each byte is loaded once and stored once, in any order.
///
/// # Errors
/// [`Fault`], in either range, and then the first `moved` bytes were copied.
///
/// # Safety
/// As [`copy_out`], for `from..from + len`; and as [`copy_in`], for `to..to + len`. The ranges may overlap.
#[inline]
pub(crate) unsafe fn copy_across(to: *mut u8, from: *const u8, len: usize) -> Result<(), Fault> {
    // SAFETY: both ranges are the caller's. The routine accesses both as relaxed atomics (SAFETY.md), so it does
    // not matter who else writes to them, nor whether they overlap.
    unsafe { copy::<OUT>(to, from, len) }
}

/// Loads a value of 1, 2, 4 or 8 bytes without a call, at any alignment: the fast path of [`load`]. The value
/// is in the first bytes of the array. `None` where [`quick_copy_out`] would return false.
///
/// # Safety
/// As [`copy_out`], for `len` bytes.
#[inline]
pub unsafe fn quick_load(from: *const u8, len: usize) -> Option<[u8; 8]> {
    if !handler::is_ready() {
        return None;
    }
    // SAFETY: the caller's range.
    unsafe { arch::quick_load(from, len) }.map(u64::to_le_bytes)
}

/// Copies up to 64 bytes without a call: the fast path of a read. If it returns false, the caller calls
/// [`copy_out`], which always copies or says why not.
///
/// It returns false, and the content of `out` is unspecified, if the target has no such path, if `out` is
/// longer than 64 bytes, if this thread has made no guarded access before, or if bytes are missing. If the
/// length is not a power of two, some bytes may be loaded twice.
///
/// # Safety
/// As [`copy_out`].
#[inline]
pub unsafe fn quick_copy_out(from: *const u8, out: &mut [u8]) -> bool {
    let len = out.len();
    if !handler::is_ready() {
        return false;
    }
    match len {
        // SAFETY: the caller's range, and `out`, which does not overlap it (2.); the length suits.
        16.. => len <= arch::QUICK_LEN && unsafe { arch::quick_copy(out.as_mut_ptr(), from, len) },
        // SAFETY: here and below the caller's range.
        8.. => unsafe { quick_pair::<8>(from, out) },
        // SAFETY: as above.
        4.. => unsafe { quick_pair::<4>(from, out) },
        // SAFETY: as above.
        2.. => unsafe { quick_pair::<2>(from, out) },
        // SAFETY: as above.
        1 => unsafe { quick_pair::<1>(from, out) },
        0 => true,
    }
}

/// Copies `WIDTH` to `2 * WIDTH` bytes: the first `WIDTH` and, if there are more, the last `WIDTH`.
///
/// # Safety
/// As [`copy_out`], and `out` has at least `WIDTH` bytes, a length that [`arch::quick_load`] supports.
#[inline]
unsafe fn quick_pair<const WIDTH: usize>(from: *const u8, out: &mut [u8]) -> bool {
    let last = out.len().saturating_sub(WIDTH);
    // SAFETY: the caller's range.
    let Some(first_value) = (unsafe { arch::quick_load(from, WIDTH) }) else { return false };
    if let Some(first) = out.first_chunk_mut::<WIDTH>() {
        first.iter_mut().zip(first_value.to_le_bytes()).for_each(|(to, byte)| *to = byte);
    }
    if last == 0 {
        return true;
    }
    // SAFETY: the caller's range.
    let Some(value) = (unsafe { arch::quick_load(from.wrapping_add(last), WIDTH) }) else {
        return false;
    };
    if let Some(end) = out.last_chunk_mut::<WIDTH>() {
        end.iter_mut().zip(value.to_le_bytes()).for_each(|(to, byte)| *to = byte);
    }
    true
}

/// Copies up to 64 bytes in without a call: the fast path of a write. If it returns false, the caller calls
/// [`copy_in`], which always copies or says why not. It returns false where [`quick_copy_out`] does; some of
/// the bytes may then have arrived, the first ones before the others.
///
/// # Safety
/// As [`copy_in`].
#[inline]
pub unsafe fn quick_copy_in(to: *mut u8, bytes: &[u8]) -> bool {
    let len = bytes.len();
    if !handler::is_ready() {
        return false;
    }
    match len {
        // SAFETY: the caller's range, and `bytes`, which do not overlap it (2.); the length suits.
        16.. => len <= arch::QUICK_LEN && unsafe { arch::quick_copy(to, bytes.as_ptr(), len) },
        // SAFETY: here and below the caller's range.
        8.. => unsafe { quick_pair_in::<8>(to, bytes) },
        // SAFETY: as above.
        4.. => unsafe { quick_pair_in::<4>(to, bytes) },
        // SAFETY: as above.
        2.. => unsafe { quick_pair_in::<2>(to, bytes) },
        // SAFETY: as above.
        1 => unsafe { quick_pair_in::<1>(to, bytes) },
        0 => true,
    }
}

/// Stores `WIDTH` to `2 * WIDTH` bytes: the first `WIDTH` and, if there are more, the last `WIDTH`.
///
/// # Safety
/// As [`copy_in`], and `bytes` has at least `WIDTH` bytes, a length that [`arch::quick_store`] supports.
#[inline]
unsafe fn quick_pair_in<const WIDTH: usize>(to: *mut u8, bytes: &[u8]) -> bool {
    let register = |bytes: &[u8; WIDTH]| {
        let mut wide = [0; 8];
        wide.iter_mut().zip(bytes).for_each(|(to, byte)| *to = *byte);
        u64::from_le_bytes(wide)
    };
    let (Some(first), Some(end)) = (bytes.first_chunk(), bytes.last_chunk()) else { return false };
    // SAFETY: the caller's range.
    if !unsafe { arch::quick_store(to, register(first), WIDTH) } {
        return false;
    }
    let last = bytes.len().saturating_sub(WIDTH);
    // SAFETY: the caller's range.
    last == 0 || unsafe { arch::quick_store(to.wrapping_add(last), register(end), WIDTH) }
}

/// Copies `bytes` to the memory at `to`.
///
/// # Errors
/// [`Fault`], and then the first `moved` bytes have arrived.
///
/// # Safety
/// As [`copy_out`], for `to..to + bytes.len()`, which is mapped for writing.
#[inline]
pub unsafe fn copy_in(to: *mut u8, bytes: &[u8]) -> Result<(), Fault> {
    // SAFETY: the target is the caller's; `bytes`, as a reference, do not overlap it (2.).
    unsafe { copy::<IN>(to, bytes.as_ptr(), bytes.len()) }
}

/// The directions of a copy: out of guarded memory into ordinary memory, or in from ordinary memory.
const OUT: bool = true;
const IN: bool = false;

/// # Safety
/// One range meets the conditions of [`copy_out`], and so does the other, or it is ordinary memory that does not
/// overlap the first.
#[inline]
unsafe fn copy<const WAY: bool>(to: *mut u8, from: *const u8, len: usize) -> Result<(), Fault> {
    handler::prepare();
    let mut raw = Raw::default();
    // SAFETY: the caller's ranges; `raw` is ours.
    let answer = unsafe { move_bytes::<WAY>(to, from, len, &mut raw) };
    if answer.missing == 0 {
        return Ok(());
    }
    // SAFETY: the caller's ranges.
    Err(unsafe { settle::<WAY>(to, from, len, answer, raw) })
}

/// # Safety
/// As [`copy`].
#[inline]
unsafe fn move_bytes<const WAY: bool>(
    to: *mut u8,
    from: *const u8,
    len: usize,
    raw: &mut Raw,
) -> Answer {
    if WAY == OUT {
        // SAFETY: the caller's ranges.
        unsafe { arch::copy_out(to, from, len, raw) }
    } else {
        // SAFETY: the caller's ranges.
        unsafe { arch::copy_in(to, from, len, raw) }
    }
}

/// Completes a copy that faulted up to the exact byte: routines copy many bytes at a time, and count only
/// what is complete.
///
/// # Safety
/// As [`copy`].
#[cold]
unsafe fn settle<const WAY: bool>(
    to: *mut u8,
    from: *const u8,
    len: usize,
    mut answer: Answer,
    mut raw: Raw,
) -> Fault {
    let mut end = len;
    loop {
        let moved = end.saturating_sub(answer.missing);
        let reached = [from.addr(), to.addr()]
            .map(|start| raw.address.checked_sub(start).filter(|&at| at >= moved && at < end));
        let reached = reached.into_iter().flatten().min().unwrap_or(moved);
        let fault = Fault { moved: reached, address: raw.address, cause: cause(raw) };
        if reached == moved {
            return fault;
        }
        let mut again = Raw::default();
        // SAFETY: a part of the caller's ranges.
        answer = unsafe {
            move_bytes::<WAY>(
                to.wrapping_add(moved),
                from.wrapping_add(moved),
                reached.saturating_sub(moved),
                &mut again,
            )
        };
        if answer.missing == 0 {
            return fault;
        }
        // More was lost in the meantime, before that byte.
        (end, raw) = (reached, again);
    }
}

fn cause(raw: Raw) -> Cause {
    handler::cause(raw.code)
}

/// Sets `len` bytes, starting at `to`, to `byte`.
///
/// # Errors
/// [`Fault`], and then at least the first `moved` bytes are set.
///
/// # Safety
/// As [`copy_in`], for `to..to + len`.
pub unsafe fn fill(to: *mut u8, byte: u8, len: usize) -> Result<(), Fault> {
    handler::prepare();
    let mut raw = Raw::default();
    // SAFETY: the caller's range; `raw` is ours.
    let answer = unsafe { arch::fill(to, byte.into(), len, &raw mut raw) };
    if answer.missing == 0 {
        return Ok(());
    }
    // All bytes up to `moved` are filled. Fill again from there up to the fault.
    let moved = len.saturating_sub(answer.missing);
    let reached = raw.address.checked_sub(to.addr()).filter(|at| (moved..len).contains(at));
    let fault = Fault { moved: reached.unwrap_or(moved), address: raw.address, cause: cause(raw) };
    let mut again = Raw::default();
    let rest = fault.moved.saturating_sub(moved);
    // SAFETY: a part of the caller's range.
    let answer = unsafe { arch::fill(to.wrapping_add(moved), byte.into(), rest, &raw mut again) };
    Err(Fault { moved: fault.moved.saturating_sub(answer.missing), ..fault })
}

/// Calls the routine for the width of a type. The width is known at compile time.
macro_rules! by_width {
    ($type:ty, [$one:ident, $two:ident, $four:ident, $eight:ident], $($argument:expr),+) => {
        match size_of::<$type>() {
            // SAFETY: the conditions of the routine are those of the function that calls it.
            1 => unsafe { arch::$one($($argument),+) },
            // SAFETY: as above.
            2 => unsafe { arch::$two($($argument),+) },
            // SAFETY: as above.
            4 => unsafe { arch::$four($($argument),+) },
            // SAFETY: as above.
            _ => unsafe { arch::$eight($($argument),+) },
        }
    };
}

/// The value that a routine returned, or the fault.
#[inline]
fn value<T: Integer>(answer: Answer, raw: Raw) -> Result<T, Fault> {
    if answer.missing == 0 {
        Ok(T::narrow(answer.value))
    } else {
        Err(Fault { moved: 0, address: raw.address, cause: cause(raw) })
    }
}

/// Loads an integer, at any alignment; whole if it is aligned.
///
/// # Errors
/// [`Fault`].
///
/// # Safety
/// As [`copy_out`], for the bytes of a `T`.
#[inline]
pub unsafe fn load<T: Integer>(from: *const u8) -> Result<T, Fault> {
    handler::prepare();
    // SAFETY: the caller's range.
    match unsafe { arch::quick_load(from, size_of::<T>()) } {
        Some(value) => Ok(T::narrow(value)),
        // SAFETY: the caller's range.
        None => unsafe { load_slowly(from) },
    }
}

/// [`load`] by a call, which also reports the address of a fault.
///
/// # Safety
/// As [`load`].
#[cold]
#[inline(never)]
unsafe fn load_slowly<T: Integer>(from: *const u8) -> Result<T, Fault> {
    let mut raw = Raw::default();
    let answer = by_width!(T, [load_1, load_2, load_4, load_8], from, 0, 0, &raw mut raw);
    value(answer, raw)
}

/// Stores an integer, at any alignment; whole if it is aligned.
///
/// # Errors
/// [`Fault`], and then nothing was stored in the missing page.
///
/// # Safety
/// As [`copy_in`], for the bytes of a `T`.
#[inline]
pub unsafe fn store<T: Integer>(to: *mut u8, new: T) -> Result<(), Fault> {
    handler::prepare();
    let mut raw = Raw::default();
    let new = new.into();
    let answer = by_width!(T, [store_1, store_2, store_4, store_8], to, new, 0, &raw mut raw);
    value::<T>(answer, raw).map(drop)
}

/// Stores `new` if the current value is `old`, in one step that all processes see whole. Returns
/// `Ok(Ok(old))` if it was, and `Ok(Err(current))` if not.
///
/// # Errors
/// [`Fault`], and then nothing was stored.
///
/// # Safety
/// As [`copy_in`], and `to` is aligned to the size of `T`.
#[inline]
pub unsafe fn compare_exchange<T: Integer>(
    to: *mut u8,
    old: T,
    new: T,
) -> Result<Result<T, T>, Fault> {
    handler::prepare();
    let mut raw = Raw::default();
    let answer = by_width!(
        T,
        [compare_exchange_1, compare_exchange_2, compare_exchange_4, compare_exchange_8],
        to,
        old.into(),
        new.into(),
        &raw mut raw
    );
    let found = value::<T>(answer, raw)?;
    Ok(if found == old { Ok(found) } else { Err(found) })
}

/// Adds to an integer, wrapping, in one step that all processes see whole. Returns the previous value.
///
/// # Errors
/// [`Fault`], and then nothing was stored.
///
/// # Safety
/// As [`compare_exchange`].
#[inline]
pub unsafe fn fetch_add<T: Integer>(to: *mut u8, more: T) -> Result<T, Fault> {
    handler::prepare();
    let mut raw = Raw::default();
    let more = more.into();
    let answer = by_width!(
        T,
        [fetch_add_1, fetch_add_2, fetch_add_4, fetch_add_8],
        to,
        more,
        0,
        &raw mut raw
    );
    value(answer, raw)
}
