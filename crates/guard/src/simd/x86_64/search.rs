//! Searches for shapes in the registers of AVX2. Only the loads are unsafe: everything else compares bytes
//! that were loaded once.

use std::arch::x86_64::{
    __m256i, _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_min_epu8, _mm256_movemask_epi8,
    _mm256_or_si256, _mm256_set1_epi8, _mm256_setr_epi64x, _mm256_sub_epi8,
};

use super::vectors::{load_vector, load_vectors};
use crate::BLOCK_LEN;
use crate::simd::progress::Budget;
use crate::simd::{SHAPE_LEN, Seen, Shape};

/// Searches for a shape at the first `positions`, in whole blocks, until a block is missing or the search
/// ends. Does nothing on processors without AVX2.
///
/// # Safety
/// As the routines: `first..first + positions + SHAPE_LEN - 1` is memory, and each of its bytes may be read if
/// it exists.
pub(crate) unsafe fn find_shape(
    first: *const u8,
    positions: usize,
    shape: &Shape,
    budget: &mut Budget<'_>,
    seen: &mut Seen,
) {
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the caller's range; the processor has the instructions.
        *seen = unsafe { find_shape_wide(first, positions, shape, budget) };
    }
}

/// # Safety
/// As [`find_shape`].
#[target_feature(enable = "avx2")]
unsafe fn find_shape_wide(
    first: *const u8,
    positions: usize,
    shape: &Shape,
    budget: &mut Budget<'_>,
) -> Seen {
    let [(a, a_sign), (b, b_sign)] = shape.rare();
    // Places are less than `SHAPE_LEN`, and at least as many bytes follow a block of positions.
    let (a, b) = (a.min(SHAPE_LEN - 1), b.min(SHAPE_LEN - 1));
    let masks = [splat(a_sign.mask), splat(b_sign.mask)];
    let values = [splat(a_sign.value), splat(b_sign.value)];
    let lanes = [&shape.masks, &shape.lows, &shape.mores].map(|bytes| join(bytes));
    let mut seen = Seen::default();
    while positions.wrapping_sub(seen.done) >= BLOCK_LEN {
        let at = first.wrapping_add(seen.done);
        // SAFETY: the block begins at a place of the shape, so its last byte is within the caller's range.
        let Some(block) = (unsafe { load_vectors(at.wrapping_add(a)) }) else { break };
        // SAFETY: the same.
        let Some(other) = (unsafe { load_vectors(at.wrapping_add(b)) }) else { break };
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
            let [b0, b1, b2, b3] =
                found.map(|part| u64::from(_mm256_movemask_epi8(part).cast_unsigned()));
            for (half, mut bits) in [(0, b0 | b1 << 32), (64, b2 | b3 << 32)] {
                while bits != 0 {
                    let within = usize::try_from(bits.trailing_zeros()).unwrap_or(0);
                    let position = seen.done.wrapping_add(half).wrapping_add(within);
                    if budget.is_spent(&seen) {
                        return Seen { done: position, ..seen };
                    }
                    // SAFETY: one of the caller's positions, each of which is followed by a whole register.
                    let there = unsafe { load_vector(first.wrapping_add(position)) };
                    let Some(there) = there else { return Seen { done: position, ..seen } };
                    budget.record(&mut seen, position, fits(there, lanes));
                    bits &= bits.wrapping_sub(1);
                }
            }
        }
        seen.done = seen.done.wrapping_add(BLOCK_LEN);
    }
    seen
}

/// The lanes in which one register matches the first sign and the other register the second.
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

/// Whether every byte is allowed at its place.
#[target_feature(enable = "avx2")]
#[inline]
fn fits(bytes: __m256i, [masks, lows, mores]: [__m256i; 3]) -> bool {
    let above = _mm256_sub_epi8(_mm256_and_si256(bytes, masks), lows);
    // `above` is at most `mores` where the minimum of both is `above`.
    _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_min_epu8(above, mores), above)) == -1
}

/// Loads an array of ours into a register.
#[target_feature(enable = "avx2")]
#[inline]
fn join(bytes: &[u8; SHAPE_LEN]) -> __m256i {
    let mut words = [0; 4];
    for (word, bytes) in words.iter_mut().zip(bytes.as_chunks::<8>().0) {
        *word = i64::from_le_bytes(*bytes);
    }
    let [a, b, c, d] = words;
    _mm256_setr_epi64x(a, b, c, d)
}

#[target_feature(enable = "avx2")]
#[inline]
fn splat(byte: u8) -> __m256i {
    _mm256_set1_epi8(byte.cast_signed())
}
