//! Counts blocks in the registers of AVX2. Only the loads are unsafe: everything else compares bytes that
//! were loaded once.

use std::arch::x86_64::{
    __m256i, _mm256_add_epi64, _mm256_cmpeq_epi8, _mm256_extract_epi64, _mm256_sad_epu8,
    _mm256_set1_epi8, _mm256_setzero_si256, _mm256_sub_epi8,
};

use super::vectors::{load_vectors, load_words};
use crate::BLOCK_LEN;

/// Counts a byte in whole blocks up to the first one that is missing. Returns the count and the number of
/// bytes in these blocks, which is 0 on processors without AVX2.
///
/// # Safety
/// As the routines: `first..first + len` is memory, and each of its bytes may be read if it exists.
pub(crate) unsafe fn count_byte(first: *const u8, len: usize, byte: u8) -> (u64, usize) {
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the caller's range; the processor has the instructions.
        unsafe { count_byte_wide(first, len, byte) }
    } else {
        (0, 0)
    }
}

/// # Safety
/// As [`count_byte`].
#[target_feature(enable = "avx2")]
unsafe fn count_byte_wide(first: *const u8, len: usize, byte: u8) -> (u64, usize) {
    /// A lane counts four bytes of each block, and counts up to 255.
    const BLOCKS: usize = 63;
    let wanted = splat(byte);
    let zero = _mm256_setzero_si256();
    let mut sums = zero;
    let mut done = 0_usize;
    let mut is_there = true;
    while is_there && len.wrapping_sub(done) >= BLOCK_LEN {
        let mut lanes = zero;
        for _ in 0..BLOCKS.min(len.wrapping_sub(done) / BLOCK_LEN) {
            // SAFETY: `done` plus a block is at most `len`.
            let Some([a, b, c, d]) = (unsafe { load_vectors(first.wrapping_add(done)) }) else {
                is_there = false;
                break;
            };
            // Equal bytes compare as -1.
            lanes = _mm256_sub_epi8(lanes, _mm256_cmpeq_epi8(a, wanted));
            lanes = _mm256_sub_epi8(lanes, _mm256_cmpeq_epi8(b, wanted));
            lanes = _mm256_sub_epi8(lanes, _mm256_cmpeq_epi8(c, wanted));
            lanes = _mm256_sub_epi8(lanes, _mm256_cmpeq_epi8(d, wanted));
            done = done.wrapping_add(BLOCK_LEN);
        }
        sums = _mm256_add_epi64(sums, _mm256_sad_epu8(lanes, zero));
    }
    let parts = [
        _mm256_extract_epi64::<0>(sums),
        _mm256_extract_epi64::<1>(sums),
        _mm256_extract_epi64::<2>(sums),
        _mm256_extract_epi64::<3>(sums),
    ];
    (parts.map(i64::cast_unsigned).into_iter().fold(0, u64::wrapping_add), done)
}

/// Counts each byte value, 32 bytes at a time, up to the first 32 with a missing byte. Returns the
/// number of bytes that were counted.
///
/// # Safety
/// As [`count_byte`].
pub(crate) unsafe fn histogram(
    first: *const u8,
    len: usize,
    tables: &mut [[u32; 256]; 8],
) -> usize {
    let mut done = 0_usize;
    while len.wrapping_sub(done) >= 32 {
        // SAFETY: `done` plus 32 bytes is at most `len`.
        let Some(words) = (unsafe { load_words(first.wrapping_add(done)) }) else { break };
        for word in words {
            for (table, byte) in tables.iter_mut().zip(word.to_le_bytes()) {
                table[usize::from(byte)] = table[usize::from(byte)].wrapping_add(1);
            }
        }
        done = done.wrapping_add(32);
    }
    done
}

#[target_feature(enable = "avx2")]
#[inline]
fn splat(byte: u8) -> __m256i {
    _mm256_set1_epi8(byte.cast_signed())
}
