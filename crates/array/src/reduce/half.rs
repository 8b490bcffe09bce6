//! Floats of two bytes, which are widened a block at a time.

use half::f16;
use half::slice::HalfFloatSliceExt;
use memmap_core::BLOCK_LEN;

use super::kernels::Blocks;
use super::number::{Number, Ordered, one_nan};
use super::pairwise::add_up;
use super::sealed::{BlockSource, Extremes};
use super::sealed::{Extreme, Reduce};
use crate::Result;

/// The number of elements in a block.
const MOST: usize = BLOCK_LEN / 2;

/// The numbers of a block as floats of four bytes, which is exact.
fn widened(block: &[u8], wide: &mut [f32; MOST]) -> usize {
    let mut numbers = [f16::ZERO; MOST];
    let (pairs, _) = block.as_chunks::<2>();
    let count = pairs.len();
    for (number, bytes) in numbers.iter_mut().zip(pairs) {
        *number = f16::from_ne_bytes(*bytes);
    }
    let (numbers, wide) = (numbers.get(..count), wide.get_mut(..count));
    if let (Some(numbers), Some(wide)) = (numbers, wide) {
        numbers.convert_to_f32_slice(wide);
    }
    count
}

impl Reduce for f16 {
    type Total = f64;

    fn total(numbers: &impl BlockSource) -> Result<f64> {
        let step = |sum: &mut f64, block: &[u8]| {
            let mut wide = [0.0; MOST];
            let count = widened(block, &mut wide);
            // The sum of a block is exact in an `f64`.
            *sum += wide.iter().take(count).copied().map(f64::from).sum::<f64>();
        };
        Ok(numbers.fold_blocks(Blocks::new(0.0, step))?.state)
    }

    fn join(totals: &[f64]) -> f64 {
        add_up(totals.iter().copied())
    }

    fn count_nonzero(numbers: &impl BlockSource) -> Result<u64> {
        let step = |count: &mut u64, block: &[u8]| {
            // All bits but the sign's are 0.
            let is_nonzero = |bytes: &&[u8; 2]| u16::from_ne_bytes(**bytes) << 1 != 0;
            let found = block.as_chunks::<2>().0.iter().filter(is_nonzero).count();
            *count = count.wrapping_add(memmap_core::widen(found));
        };
        Ok(numbers.fold_blocks(Blocks::new(0_u64, step))?.state)
    }
}

impl Number for f16 {
    type Sum = Self;
    type Mean = Self;

    fn sum_of(total: f64) -> Self {
        Self::from_f64(one_nan(total))
    }

    fn mean_of(total: f64, count: f64) -> Self {
        Self::from_f64(one_nan(total / count))
    }
}

impl Ordered for f16 {}

impl Extreme for f16 {
    fn extremes(numbers: &impl BlockSource) -> Result<Extremes<Self>> {
        let start = (f32::INFINITY, f32::NEG_INFINITY, false);
        let step = |(least, greatest, nan): &mut (f32, f32, bool), block: &[u8]| {
            let mut wide = [0.0; MOST];
            let count = widened(block, &mut wide);
            for &number in wide.iter().take(count) {
                *least = if number < *least { number } else { *least };
                *greatest = if number > *greatest { number } else { *greatest };
                *nan |= number.is_nan();
            }
        };
        let (least, greatest, nan) = numbers.fold_blocks(Blocks::new(start, step))?.state;
        Ok(Extremes {
            least: Self::from_f32(least),
            greatest: Self::from_f32(greatest),
            nan: nan.then_some(Self::NAN),
        })
    }

    fn is_nan(&self) -> bool {
        Self::is_nan(*self)
    }
}
