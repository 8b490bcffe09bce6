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
/// no value is read twice.
///
/// # Safety
/// 1. `source..source + out.len()` is mapped and readable until this returns.
/// 2. Within this process those bytes are only ever read, by atomic loads; they overlap no
///    reference, `out` included.
#[inline]
pub(crate) unsafe fn copy_out(source: *const u8, out: &mut [u8]) {
    if out.len() < SHORT {
        // SAFETY: 1. and 2. are the caller's.
        unsafe { copy_bytes(source, out) }
    } else {
        // SAFETY: 1. and 2. are the caller's.
        unsafe { copy_words(source, out) }
    }
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
    #[expect(clippy::cast_ptr_alignment, reason = "`align_offset` made it so, or there is no word")]
    let first_word = words_at.cast::<AtomicUsize>();
    let tail_at = words_at.wrapping_add(words.as_flattened().len());

    // SAFETY: a part of the caller's range.
    unsafe { copy_bytes(source, head) };
    for (at, word) in words.iter_mut().enumerate() {
        let cell = first_word.wrapping_add(at);
        // SAFETY: as in `copy_bytes`; `cell` is aligned because `first_word` is (`align_offset`)
        // and steps are whole words. Loads of another size than `copy_bytes` makes of the same
        // bytes do not conflict: std forbids mixed sizes only where one of the two writes.
        *word = unsafe { &*cell }.load(Relaxed).to_ne_bytes();
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
