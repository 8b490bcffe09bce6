//! Searching blocks in the registers of AVX2. All but the loads is safe code: comparisons of what was
//! loaded once.

use std::arch::x86_64::{
    __m256i, _mm256_add_epi64, _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_extract_epi64,
    _mm256_movemask_epi8, _mm256_or_si256, _mm256_sad_epu8, _mm256_set1_epi8, _mm256_setzero_si256,
    _mm256_sub_epi8,
};

use super::vectors::{load_vectors, load_words};
use crate::{BLOCK_LEN, Sign};

/// Bytes of one register.
const VECTOR_LEN: usize = 32;

/// Counts a byte in whole blocks, until one is missing; says how many bytes those were. None where
/// the processor has no such registers.
///
/// # Safety
/// As the routines: `first..first + len` is memory of which every byte that exists may be read.
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
    /// A lane counts four bytes of each block, and holds no more than 255.
    const BLOCKS: usize = 63;
    let wanted = splat(byte);
    let zero = _mm256_setzero_si256();
    let mut sums = zero;
    let mut done = 0_usize;
    let mut is_there = true;
    while is_there && len.wrapping_sub(done) >= BLOCK_LEN {
        let mut lanes = zero;
        for _ in 0..BLOCKS.min(len.wrapping_sub(done) / BLOCK_LEN) {
            // SAFETY: `done` and a block are at most `len`.
            let Some([a, b, c, d]) = (unsafe { load_vectors(first.wrapping_add(done)) }) else {
                is_there = false;
                break;
            };
            // What is equal is -1.
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

/// Counts each byte in pieces of 32 bytes, until one is missing; says how many bytes those were.
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
        // SAFETY: `done` and 32 bytes are at most `len`.
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

/// The first of the `positions` at which a byte has the first sign and the byte `distance` behind it
/// the second; or how many positions have been looked at, in whole blocks. None where the processor
/// has no such registers.
///
/// # Safety
/// As [`count_byte`], for `positions + distance` bytes.
pub(crate) unsafe fn find_pair(
    first: *const u8,
    positions: usize,
    distance: usize,
    signs: [Sign; 2],
) -> Result<usize, usize> {
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the caller's range; the processor has the instructions.
        unsafe { find_pair_wide(first, positions, distance, signs) }
    } else {
        Err(0)
    }
}

/// # Safety
/// As [`find_pair`].
#[target_feature(enable = "avx2")]
unsafe fn find_pair_wide(
    first: *const u8,
    positions: usize,
    distance: usize,
    signs: [Sign; 2],
) -> Result<usize, usize> {
    let masks = signs.map(|sign| splat(sign.mask));
    let values = signs.map(|sign| splat(sign.value));
    let mut done = 0_usize;
    while positions.wrapping_sub(done) >= BLOCK_LEN {
        let at = first.wrapping_add(done);
        // SAFETY: `done` and a block are at most `positions`.
        let Some(block) = (unsafe { load_vectors(at) }) else { break };
        let other = if distance == 0 {
            block
        } else {
            // SAFETY: the same `distance` further, which is within the caller's range.
            let Some(other) = (unsafe { load_vectors(at.wrapping_add(distance)) }) else { break };
            other
        };
        let found: [__m256i; 4] = [
            both(block[0], other[0], masks, values),
            both(block[1], other[1], masks, values),
            both(block[2], other[2], masks, values),
            both(block[3], other[3], masks, values),
        ];
        let any = _mm256_or_si256(
            _mm256_or_si256(found[0], found[1]),
            _mm256_or_si256(found[2], found[3]),
        );
        if _mm256_movemask_epi8(any) != 0 {
            let bits = found.map(|part| _mm256_movemask_epi8(part).cast_unsigned());
            let mut parts = (0..).step_by(VECTOR_LEN).zip(bits);
            if let Some((before, bits)) = parts.find(|(_, bits)| *bits != 0) {
                let within = usize::try_from(bits.trailing_zeros()).unwrap_or(0);
                return Ok(done.wrapping_add(before).wrapping_add(within));
            }
        }
        done = done.wrapping_add(BLOCK_LEN);
    }
    Err(done)
}

/// Where one register has the first sign and the other the second.
#[target_feature(enable = "avx2")]
#[inline]
fn both(a: __m256i, b: __m256i, masks: [__m256i; 2], values: [__m256i; 2]) -> __m256i {
    let [first_mask, second_mask] = masks;
    let [first_value, second_value] = values;
    _mm256_and_si256(
        _mm256_cmpeq_epi8(_mm256_and_si256(a, first_mask), first_value),
        _mm256_cmpeq_epi8(_mm256_and_si256(b, second_mask), second_value),
    )
}

#[target_feature(enable = "avx2")]
#[inline]
fn splat(byte: u8) -> __m256i {
    _mm256_set1_epi8(byte.cast_signed())
}
