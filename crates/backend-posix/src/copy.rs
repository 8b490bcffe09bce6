//! Copying out of memory that others may change meanwhile: the only way bytes of a live file are
//! ever read.

use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering::Relaxed};

const WORD: usize = size_of::<usize>();

/// Below this many bytes, finding the aligned middle costs more than it saves.
const SHORT: usize = 4 * WORD;

/// Copies `out.len()` bytes, starting at `source`, into `out`.
///
/// The story told to the compiler: some relaxed atomic loads, in any order, each followed by a
/// plain store to `out`. Bytes that others write meanwhile arrive old or new, each one by itself;
/// no byte is loaded twice.
///
/// # Safety
/// 1. `source..source + out.len()` is mapped and readable until this returns.
/// 2. Within this process those bytes are only ever read, by atomic loads; they overlap no
///    reference, `out` included.
#[inline]
pub(crate) unsafe fn copy_out(source: *const u8, out: &mut [u8]) {
    match out.len() {
        // SAFETY: 1. and 2. are the caller's.
        len @ (1 | 2 | 4 | 8) => match unsafe { value::load(source, len) } {
            Some(value) => out.iter_mut().zip(value).for_each(|(byte, value)| *byte = value),
            // SAFETY: 1. and 2. are the caller's.
            None => unsafe { copy_bytes(source, out) },
        },
        // SAFETY: 1. and 2. are the caller's.
        len if len < SHORT => unsafe { copy_bytes(source, out) },
        // SAFETY: 1. and 2. are the caller's.
        _ => unsafe { copy_words(source, out) },
    }
}

/// One load for a value at any alignment. Random reads are bound by the loads in flight, so one
/// instead of four is worth a third of the time of a `get::<u32>`, and more the less the caches hold.
#[cfg(all(target_arch = "x86_64", not(miri)))]
mod value {
    use std::arch::asm;

    /// The `len` bytes at `source`, for a `len` that one instruction loads; `None` for others.
    ///
    /// # Safety
    /// As [`copy_out`](super::copy_out).
    #[inline]
    pub(super) unsafe fn load(source: *const u8, len: usize) -> Option<[u8; 8]> {
        macro_rules! load {
            ($instruction:literal) => {{
                let value: u64;
                // SAFETY: for the compiler this block is so many relaxed loads of single bytes,
                // the story of `copy_out`, whose conditions the caller keeps; the instruction
                // reads just those bytes, at any alignment, and writes one register.
                unsafe {
                    asm!($instruction, out(reg) value, in(reg) source,
                         options(nostack, preserves_flags, readonly));
                }
                Some(value.to_le_bytes())
            }};
        }
        match len {
            1 => load!("movzx {0:e}, byte ptr [{1}]"),
            2 => load!("movzx {0:e}, word ptr [{1}]"),
            4 => load!("mov {0:e}, dword ptr [{1}]"),
            8 => load!("mov {0}, qword ptr [{1}]"),
            _ => None,
        }
    }
}

/// Elsewhere, and where undefined behaviour is looked for, there is nothing between bytes and
/// aligned words.
#[cfg(not(all(target_arch = "x86_64", not(miri))))]
mod value {
    /// Nothing: the caller copies bytes.
    ///
    /// # Safety
    /// None is needed.
    #[inline]
    pub(super) unsafe fn load(_: *const u8, _: usize) -> Option<[u8; 8]> {
        None
    }
}

/// Loads a word that others may write meanwhile.
///
/// # Safety
/// `source` is aligned to a word, and [`copy_out`]'s 1. and 2. hold for that word.
#[inline]
unsafe fn load_word(source: *const u8) -> usize {
    #[expect(clippy::cast_ptr_alignment, reason = "aligned, as the caller promises")]
    let cell = source.cast::<AtomicUsize>();
    // SAFETY: aligned and mapped (the caller), and no writer in this process needs more than this
    // shared reference to an atomic (2.). That the memory may be read-only is allowed for relaxed
    // loads of up to a word: std, `core::sync::atomic`, "Atomic accesses to read-only memory".
    // Loads of other sizes of the same bytes, as `copy_bytes` makes, do not conflict: std forbids
    // mixed sizes only where one of the two writes.
    unsafe { &*cell }.load(Relaxed)
}

/// [`copy_out`], a byte at a time.
///
/// # Safety
/// As [`copy_out`].
#[inline]
unsafe fn copy_bytes(source: *const u8, out: &mut [u8]) {
    for (at, byte) in out.iter_mut().enumerate() {
        let cell = source.wrapping_add(at).cast::<AtomicU8>();
        // SAFETY: `cell` is within the mapped bytes (1.), aligned as any address is for one byte,
        // and no writer in this process needs more than this shared reference to an atomic (2.).
        // That the memory may be read-only is allowed for relaxed loads of up to a word: std,
        // `core::sync::atomic`, "Atomic accesses to read-only memory".
        *byte = unsafe { &*cell }.load(Relaxed);
    }
}

/// [`copy_out`], a word at a time between the first and the last aligned address.
///
/// # Safety
/// As [`copy_out`].
#[inline(never)]
unsafe fn copy_words(source: *const u8, out: &mut [u8]) {
    let head_len = source.align_offset(WORD).min(out.len());
    let (head, rest) = out.split_at_mut(head_len);
    let (words, tail) = rest.as_chunks_mut::<WORD>();
    let words_at = source.wrapping_add(head_len);
    let tail_at = words_at.wrapping_add(words.as_flattened().len());

    // SAFETY: a part of the caller's range.
    unsafe { copy_bytes(source, head) };
    for (at, word) in words.iter_mut().enumerate() {
        // SAFETY: aligned, because `words_at` is (`align_offset`) and steps are whole words; and
        // a part of the caller's range.
        let value = unsafe { load_word(words_at.wrapping_add(at.wrapping_mul(WORD))) };
        *word = value.to_ne_bytes();
    }
    // SAFETY: a part of the caller's range.
    unsafe { copy_bytes(tail_at, tail) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_alignment_and_length_is_copied_exactly_and_nothing_beyond() {
        let source: Vec<u8> = (0..200).collect();
        for start in 0..2 * WORD {
            for len in 0..source.len() - start {
                let mut out = vec![0xEE; len + 2];
                // SAFETY: 1. within `source`, 2. which nobody writes to.
                unsafe { copy_out(source.as_ptr().wrapping_add(start), &mut out[1..=len]) };
                assert_eq!(out[1..=len], source[start..start + len]);
                assert_eq!((out[0], out[len + 1]), (0xEE, 0xEE));
            }
        }
    }
}
