use super::along::{ExtremeAlong, SumAlong};
use super::kernels::{Blocks, Each, FloatSum, MinMax, even_and_odd};
use super::pairwise::{Pairwise, add_up};
use super::product::Multiply;
use super::sealed::{self, BlockSource, Extremes};
use crate::{Complex, Element, Result};

/// Numbers that can be added: integers, floats, complex numbers, and `bool`, where true is 1.
///
/// No other type can implement it.
pub trait Number: Element + sealed::Reduce + Multiply + SumAlong {
    /// The type of a sum, as in numpy: 64 bits for integers, which wrap around; the same type for floats.
    type Sum: Copy + Send;
    /// The type of a mean, as in numpy: `f64` for integers; the same type for floats.
    type Mean: Copy + Send;

    /// The total as a sum.
    #[doc(hidden)]
    fn sum_of(total: Self::Total) -> Self::Sum;

    /// The total as the mean of `count` numbers.
    #[doc(hidden)]
    fn mean_of(total: Self::Total, count: f64) -> Self::Mean;
}

/// Numbers with an order: all except complex ones.
pub trait Ordered: Number + PartialOrd + sealed::Extreme + ExtremeAlong {}

/// The low 64 bits of a sum, which wraps around.
fn low_half(total: i128) -> [u8; 8] {
    let mut low = [0; 8];
    low.iter_mut().zip(total.to_le_bytes()).for_each(|(to, from)| *to = from);
    low
}

macro_rules! integers {
    ($($type:ty, $lanes:literal, $wide:ty, $sum:ty, $mean:ident;)+) => {
        $(
            impl sealed::Reduce for $type {
                /// Does not wrap around in practice.
                type Total = i128;

                fn total(numbers: &impl BlockSource) -> Result<i128> {
                    let step = |sum: &mut $wide, number: $type| {
                        *sum = sum.wrapping_add(<$wide>::from(number));
                    };
                    let kernel = Each::<$type, $wide, $lanes, _>::new(0, step);
                    let lanes = numbers.fold_blocks(kernel)?.lanes;
                    Ok(i128::from(lanes.into_iter().fold(0, <$wide>::wrapping_add)))
                }

                integers!(@$mean $type, $lanes);

                fn join(totals: &[i128]) -> i128 {
                    totals.iter().copied().fold(0, i128::wrapping_add)
                }

                fn count_nonzero(numbers: &impl BlockSource) -> Result<u64> {
                    let step = |count: &mut $type, number: $type| {
                        *count = count.wrapping_add(<$type>::from(number != 0));
                    };
                    let kernel = Each::<$type, $type, $lanes, _>::new(0, step);
                    let lanes = numbers.fold_blocks(kernel)?.lanes;
                    Ok(lanes.into_iter().filter_map(|count| u64::try_from(count).ok()).sum())
                }
            }

            integers!(@number $type, $sum);
            each_extreme!($type, $lanes);
        )+
    };
    // The sum of a chunk fits in 64 bits.
    (@fits $type:ty, $lanes:literal) => {};
    (@wraps $type:ty, $lanes:literal) => {
        fn total_for_mean(numbers: &impl BlockSource) -> Result<i128> {
            let step = |sum: &mut i128, number: $type| *sum = sum.wrapping_add(i128::from(number));
            let kernel = Each::<$type, i128, $lanes, _>::new(0, step);
            Ok(numbers.fold_blocks(kernel)?.lanes.into_iter().fold(0, i128::wrapping_add))
        }
    };
    (@number $type:ty, $sum:ty) => {
        impl Number for $type {
            type Sum = $sum;
            type Mean = f64;

            fn sum_of(total: i128) -> $sum {
                <$sum>::from_le_bytes(low_half(total))
            }

            #[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "a mean is rounded")]
            fn mean_of(total: i128, count: f64) -> f64 {
                total as f64 / count
            }
        }
    };
}

/// Minimum and maximum of integers of 4 and 8 bytes.
macro_rules! each_extreme {
    ($type:ty, $lanes:literal) => {
        impl Ordered for $type {}

        impl sealed::Extreme for $type {
            fn extremes(numbers: &impl BlockSource) -> Result<Extremes<$type>> {
                let kernel =
                    MinMax::<$type, u8, $lanes, _>::new(<$type>::MAX, <$type>::MIN, |_, _| 0);
                let lanes = numbers.fold_blocks(kernel)?;
                let least = lanes.least.into_iter().fold(<$type>::MAX, <$type>::min);
                let greatest = lanes.greatest.into_iter().fold(<$type>::MIN, <$type>::max);
                Ok(Extremes { least, greatest, nan: None })
            }
        }
    };
}

integers! {
    i32, 32, i64, i64, fits;
    i64, 16, i64, i64, wraps;
    u32, 32, u64, u64, fits;
    u64, 16, u64, u64, wraps;
}

/// Integers of 1 and 2 bytes. The sum of a block fits in 32 bits.
macro_rules! small_integers {
    ($($type:ty, $wide:ty, $sum:ty;)+) => {
        $(
            impl sealed::Reduce for $type {
                type Total = i128;

                fn total(numbers: &impl BlockSource) -> Result<i128> {
                    let step = |sum: &mut i64, block: &[u8]| {
                        let (numbers, _) = block.as_chunks::<{ size_of::<$type>() }>();
                        let add = |sum: $wide, bytes: &[u8; size_of::<$type>()]| {
                            sum.wrapping_add(<$wide>::from(<$type>::from_ne_bytes(*bytes)))
                        };
                        *sum = sum.wrapping_add(i64::from(numbers.iter().fold(0, add)));
                    };
                    Ok(numbers.fold_blocks(Blocks::new(0_i64, step))?.state.into())
                }

                fn join(totals: &[i128]) -> i128 {
                    totals.iter().copied().fold(0, i128::wrapping_add)
                }

                fn count_nonzero(numbers: &impl BlockSource) -> Result<u64> {
                    count_small::<{ size_of::<$type>() }>(numbers)
                }
            }

            integers!(@number $type, $sum);
            impl Ordered for $type {}

            impl sealed::Extreme for $type {
                fn extremes(numbers: &impl BlockSource) -> Result<Extremes<$type>> {
                    const LANES: usize = 32 / size_of::<$type>();
                    let start = ([<$type>::MAX; LANES], [<$type>::MIN; LANES]);
                    let step = |(least, greatest): &mut ([$type; LANES], [$type; LANES]), block: &[u8]| {
                        let (numbers, _) = block.as_chunks::<{ size_of::<$type>() }>();
                        for part in numbers.chunks(LANES) {
                            for ((bytes, least), greatest) in
                                part.iter().zip(least.iter_mut()).zip(greatest.iter_mut())
                            {
                                let number = <$type>::from_ne_bytes(*bytes);
                                *least = number.min(*least);
                                *greatest = number.max(*greatest);
                            }
                        }
                    };
                    let (least, greatest) = numbers.fold_blocks(Blocks::new(start, step))?.state;
                    Ok(Extremes {
                        least: least.into_iter().fold(<$type>::MAX, <$type>::min),
                        greatest: greatest.into_iter().fold(<$type>::MIN, <$type>::max),
                        nan: None,
                    })
                }
            }
        )+
    };
}

small_integers! {
    i8, i32, i64;
    i16, i32, i64;
    u8, u32, u64;
    u16, u32, u64;
}

/// Counts numbers of `N` bytes that are not 0.
fn count_small<const N: usize>(numbers: &impl BlockSource) -> Result<u64> {
    let step = |count: &mut u64, block: &[u8]| {
        let (numbers, _) = block.as_chunks::<N>();
        // A block has fewer than 256 numbers.
        let found = numbers
            .iter()
            .fold(0_u8, |found, bytes| found.wrapping_add(u8::from(*bytes != [0; N])));
        *count = count.wrapping_add(found.into());
    };
    Ok(numbers.fold_blocks(Blocks::new(0_u64, step))?.state)
}

impl sealed::Reduce for bool {
    type Total = i128;

    fn total(numbers: &impl BlockSource) -> Result<i128> {
        Ok(Self::count_nonzero(numbers)?.into())
    }

    fn join(totals: &[i128]) -> i128 {
        totals.iter().sum()
    }

    fn count_nonzero(numbers: &impl BlockSource) -> Result<u64> {
        count_small::<1>(numbers)
    }
}

integers!(@number bool, i64);

macro_rules! floats {
    ($($type:ty, $bits:ty, $lanes:literal;)+) => {
        $(
            impl sealed::Reduce for $type {
                type Total = f64;

                fn total(numbers: &impl BlockSource) -> Result<f64> {
                    let mut tree = Pairwise::default();
                    numbers.fold_blocks(FloatSum::<$type, $lanes>::new(&mut tree))?.finish();
                    let (even, odd) = even_and_odd(&tree);
                    Ok(even + odd)
                }

                fn join(totals: &[f64]) -> f64 {
                    add_up(totals.iter().copied())
                }

                fn count_nonzero(numbers: &impl BlockSource) -> Result<u64> {
                    let step = |count: &mut $bits, number: $type| {
                        *count = count.wrapping_add(<$bits>::from(number != 0.0));
                    };
                    let kernel = Each::<$type, $bits, $lanes, _>::new(0, step);
                    Ok(numbers.fold_blocks(kernel)?.lanes.into_iter().map(u64::from).sum())
                }
            }

            impl Ordered for $type {}

            impl sealed::Extreme for $type {
                fn extremes(numbers: &impl BlockSource) -> Result<Extremes<$type>> {
                    let (highest, lowest) = (<$type>::INFINITY, <$type>::NEG_INFINITY);
                    let is_nan = |a: $type, b: $type| <$bits>::from(a.is_nan() | b.is_nan());
                    let kernel = MinMax::<$type, $bits, $lanes, _>::new(highest, lowest, is_nan);
                    let lanes = numbers.fold_blocks(kernel)?;
                    Ok(Extremes {
                        least: lanes.least.into_iter().fold(highest, <$type>::min),
                        greatest: lanes.greatest.into_iter().fold(lowest, <$type>::max),
                        nan: lanes.nan.into_iter().any(|bits| bits != 0).then_some(<$type>::NAN),
                    })
                }

                fn is_nan(&self) -> bool {
                    <$type>::is_nan(*self)
                }
            }
        )+
    };
}

floats! {
    f32, u32, 32;
    f64, u64, 16;
}

impl Number for f32 {
    type Sum = Self;
    type Mean = Self;

    fn sum_of(total: f64) -> Self {
        narrow(total)
    }

    fn mean_of(total: f64, count: f64) -> Self {
        narrow(total / count)
    }
}

impl Number for f64 {
    type Sum = Self;
    type Mean = Self;

    fn sum_of(total: Self) -> Self {
        one_nan(total)
    }

    fn mean_of(total: Self, count: Self) -> Self {
        one_nan(total / count)
    }
}

#[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "it is rounded")]
fn narrow(number: f64) -> f32 {
    one_nan(number) as f32
}

/// Replaces any NaN by one NaN, since its sign and payload depend on the order of additions.
pub(super) const fn one_nan(number: f64) -> f64 {
    if number.is_nan() { f64::NAN } else { number }
}

macro_rules! complex {
    ($($part:ty, $bits:ty, $lanes:literal, $narrow:expr;)+) => {
        $(
            impl sealed::Reduce for Complex<$part> {
                type Total = Complex<f64>;

                fn total(numbers: &impl BlockSource) -> Result<Complex<f64>> {
                    let mut tree = Pairwise::default();
                    numbers.fold_blocks(FloatSum::<$part, $lanes>::new(&mut tree))?.finish();
                    let (re, im) = even_and_odd(&tree);
                    Ok(Complex { re, im })
                }

                fn join(totals: &[Complex<f64>]) -> Complex<f64> {
                    Complex {
                        re: add_up(totals.iter().map(|total| total.re)),
                        im: add_up(totals.iter().map(|total| total.im)),
                    }
                }

                fn count_nonzero(numbers: &impl BlockSource) -> Result<u64> {
                    let step = |count: &mut u64, block: &[u8]| {
                        let (numbers, _) = block.as_chunks::<{ size_of::<Self>() }>();
                        let is_zero = |bytes: &&[u8; size_of::<Self>()]| {
                            let (parts, _) = bytes.as_chunks::<{ size_of::<$part>() }>();
                            parts.iter().all(|part| <$part>::from_ne_bytes(*part) == 0.0)
                        };
                        let zeros = numbers.iter().filter(is_zero).count();
                        *count = count.wrapping_add(memmap_core::widen(numbers.len().saturating_sub(zeros)));
                    };
                    Ok(numbers.fold_blocks(Blocks::new(0_u64, step))?.state)
                }
            }

            impl Number for Complex<$part> {
                type Sum = Self;
                type Mean = Self;

                fn sum_of(total: Complex<f64>) -> Self {
                    Self { re: $narrow(total.re), im: $narrow(total.im) }
                }

                fn mean_of(total: Complex<f64>, count: f64) -> Self {
                    Self { re: $narrow(total.re / count), im: $narrow(total.im / count) }
                }
            }
        )+
    };
}

complex! {
    f32, u32, 32, narrow;
    f64, u64, 16, one_nan;
}
