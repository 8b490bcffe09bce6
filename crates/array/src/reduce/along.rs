//! The accumulators of columns for each type of number.

use memmap_core::BLOCK_LEN;

use super::columns::{ColumnFold, column_fold};
use super::sealed::Reduce;
use crate::Complex;

/// Numbers that can be added along an axis.
#[expect(unnameable_types, reason = "this is what seals `Number`")]
pub trait SumAlong: Reduce {
    #[doc(hidden)]
    type SumColumns: ColumnFold<Wide = Self::Total>;

    /// Sums that do not wrap around, for means.
    #[doc(hidden)]
    type MeanColumns: ColumnFold<Wide = Self::Total>;
}

/// Numbers that can be compared along an axis.
#[expect(unnameable_types, reason = "this is what seals `Ordered`")]
pub trait ExtremeAlong: Sized {
    #[doc(hidden)]
    type MinColumns: ColumnFold<Wide = Self>;

    #[doc(hidden)]
    type MaxColumns: ColumnFold<Wide = Self>;
}

macro_rules! integers {
    ($($type:ty, $narrow:ty, $rows:literal, $exact:ty, $sum:ident, $mean:ident, $min:ident, $max:ident;)+) => {
        $(
            column_fold! {
                $sum of $type as $narrow, $rows, then i128;
                0, 0;
                |sum, number| sum.wrapping_add(<$narrow>::from(number));
                |wide, sum| wide.wrapping_add(sum.into());
                i128::wrapping_add
            }

            column_fold! {
                $mean of $type as $exact, $rows, then i128;
                0, 0;
                |sum, number| sum.wrapping_add(<$exact>::from(number));
                |wide, sum| wide.wrapping_add(sum.into());
                i128::wrapping_add
            }

            impl SumAlong for $type {
                type SumColumns = $sum;
                type MeanColumns = $mean;
            }

            column_fold! {
                $min of $type as $type, always;
                <$type>::MAX; Ord::min
            }

            column_fold! {
                $max of $type as $type, always;
                <$type>::MIN; Ord::max
            }

            impl ExtremeAlong for $type {
                type MinColumns = $min;
                type MaxColumns = $max;
            }
        )+
    };
}

// 256 of the smallest numbers fit in twice their bytes.
integers! {
    i8, i16, 256, i16, SumI8, MeanI8, MinI8, MaxI8;
    i16, i32, 256, i32, SumI16, MeanI16, MinI16, MaxI16;
    i32, i64, 256, i64, SumI32, MeanI32, MinI32, MaxI32;
    i64, i64, 256, i128, SumI64, MeanI64, MinI64, MaxI64;
    u8, u16, 256, u16, SumU8, MeanU8, MinU8, MaxU8;
    u16, u32, 256, u32, SumU16, MeanU16, MinU16, MaxU16;
    u32, u64, 256, u64, SumU32, MeanU32, MinU32, MaxU32;
    u64, u64, 256, i128, SumU64, MeanU64, MinU64, MaxU64;
}

column_fold! {
    CountBool of u8 as u16, 256, then i128;
    0, 0;
    |count, byte| count.wrapping_add(u16::from(byte != 0));
    |wide, count| wide.wrapping_add(count.into());
    i128::wrapping_add
}

impl SumAlong for bool {
    type SumColumns = CountBool;
    type MeanColumns = CountBool;
}

macro_rules! floats {
    ($($type:ty, $rows:literal, $sum:ident, $min:ident, $max:ident;)+) => {
        $(
            column_fold! {
                $sum of $type as $type, $rows, then f64;
                0.0, 0.0;
                |sum, number| sum + number;
                |wide, sum| wide + f64::from(sum);
                |a, b| a + b
            }

            impl SumAlong for $type {
                type SumColumns = $sum;
                type MeanColumns = $sum;
            }

            column_fold! {
                $min of $type as $type, always;
                <$type>::INFINITY;
                |least, number| {
                    let least_number = if number < least { number } else { least };
                    if number.is_nan() | least.is_nan() { number + least } else { least_number }
                }
            }

            column_fold! {
                $max of $type as $type, always;
                <$type>::NEG_INFINITY;
                |greatest, number| {
                    let greatest_number = if number > greatest { number } else { greatest };
                    if number.is_nan() | greatest.is_nan() { number + greatest } else { greatest_number }
                }
            }

            impl ExtremeAlong for $type {
                type MinColumns = $min;
                type MaxColumns = $max;
            }
        )+
    };
}

floats! {
    f32, 64, SumF32, MinF32, MaxF32;
    f64, 256, SumF64, MinF64, MaxF64;
}

macro_rules! complex {
    ($($part:ty, $sum:ident;)+) => {
        $(
            column_fold! {
                $sum of [$part; 2] as Complex<f64>, 256, then Complex<f64>;
                Complex { re: 0.0, im: 0.0 }, Complex { re: 0.0, im: 0.0 };
                |sum, [re, im]| sum + Complex { re: re.into(), im: im.into() };
                |wide, sum| wide + sum;
                |a, b| a + b
            }

            impl SumAlong for Complex<$part> {
                type SumColumns = $sum;
                type MeanColumns = $sum;
            }
        )+
    };
}

complex! {
    f32, SumC8;
    f64, SumC16;
}

#[cfg(feature = "half")]
mod half {
    use half::f16;

    use super::{BLOCK_LEN, ColumnFold, ExtremeAlong, SumAlong, column_fold};

    column_fold! {
        SumF16 of u16 as f32, 32, then f64;
        0.0, 0.0;
        |sum, number| sum + f16::from_bits(number).to_f32();
        |wide, sum| wide + f64::from(sum);
        |a, b| a + b
    }

    impl SumAlong for f16 {
        type SumColumns = SumF16;
        type MeanColumns = SumF16;
    }

    column_fold! {
        MinF16 of u16 as f16, 0xffff_ffff, then f16;
        f16::INFINITY, f16::INFINITY;
        |least, number| lesser(least, f16::from_bits(number));
        lesser;
        lesser
    }

    column_fold! {
        MaxF16 of u16 as f16, 0xffff_ffff, then f16;
        f16::NEG_INFINITY, f16::NEG_INFINITY;
        |greatest, number| greater(greatest, f16::from_bits(number));
        greater;
        greater
    }

    /// NaN if either number is.
    fn lesser(a: f16, b: f16) -> f16 {
        if b < a || b.is_nan() { b } else { a }
    }

    fn greater(a: f16, b: f16) -> f16 {
        if b > a || b.is_nan() { b } else { a }
    }

    impl ExtremeAlong for f16 {
        type MinColumns = MinF16;
        type MaxColumns = MaxF16;
    }
}
