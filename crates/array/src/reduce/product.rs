//! Products, which are kept in the type of an unfinished sum.

use super::kernels::{Blocks, Each};
use super::sealed::BlockSource;
use super::sealed::Reduce;
use crate::{Complex, Result};

/// Numbers that can be multiplied.
#[expect(unnameable_types, reason = "this is what seals `Number`")]
pub trait Multiply: Reduce {
    #[doc(hidden)]
    fn product(numbers: &impl BlockSource) -> Result<Self::Total>;

    #[doc(hidden)]
    fn join_products(products: &[Self::Total]) -> Self::Total;
}

macro_rules! products {
    // The low 64 bits of a product are those of the product of the low 64 bits.
    (integers: $($type:ty, $wide:ty;)+) => {
        $(
            impl Multiply for $type {
                fn product(numbers: &impl BlockSource) -> Result<i128> {
                    let step = |product: &mut $wide, block: &[u8]| {
                        let (numbers, _) = block.as_chunks::<{ size_of::<$type>() }>();
                        for bytes in numbers {
                            let number = <$wide>::from(<$type>::from_ne_bytes(*bytes));
                            *product = product.wrapping_mul(number);
                        }
                    };
                    Ok(numbers.fold_blocks(Blocks::new(1, step))?.state.into())
                }

                fn join_products(products: &[i128]) -> i128 {
                    products.iter().copied().fold(1, i128::wrapping_mul)
                }
            }
        )+
    };
    (floats: $($type:ty, $lanes:literal;)+) => {
        $(
            impl Multiply for $type {
                fn product(numbers: &impl BlockSource) -> Result<f64> {
                    let step = |product: &mut f64, number: $type| *product *= f64::from(number);
                    let kernel = Each::<$type, f64, $lanes, _>::new(1.0, step);
                    Ok(numbers.fold_blocks(kernel)?.lanes.into_iter().product())
                }

                fn join_products(products: &[f64]) -> f64 {
                    products.iter().product()
                }
            }
        )+
    };
    (complex: $($part:ty;)+) => {
        $(
            impl Multiply for Complex<$part> {
                fn product(numbers: &impl BlockSource) -> Result<Complex<f64>> {
                    let step = |product: &mut Complex<f64>, block: &[u8]| {
                        let (parts, _) = block.as_chunks::<{ size_of::<$part>() }>();
                        for [re, im] in parts.as_chunks::<2>().0 {
                            let re = f64::from(<$part>::from_ne_bytes(*re));
                            let im = f64::from(<$part>::from_ne_bytes(*im));
                            *product = times(*product, Complex { re, im });
                        }
                    };
                    Ok(numbers.fold_blocks(Blocks::new(Complex { re: 1.0, im: 0.0 }, step))?.state)
                }

                fn join_products(products: &[Complex<f64>]) -> Complex<f64> {
                    products.iter().copied().fold(Complex { re: 1.0, im: 0.0 }, times)
                }
            }
        )+
    };
}

products!(integers: i8, i64; i16, i64; i32, i64; i64, i64; u8, u64; u16, u64; u32, u64; u64, u64;);
products!(floats: f32, 32; f64, 16;);
products!(complex: f32; f64;);

fn times(a: Complex<f64>, b: Complex<f64>) -> Complex<f64> {
    Complex { re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re }
}

/// True if all are.
impl Multiply for bool {
    fn product(numbers: &impl BlockSource) -> Result<i128> {
        let step = |all: &mut Self, block: &[u8]| *all &= !block.contains(&0);
        Ok(numbers.fold_blocks(Blocks::new(true, step))?.state.into())
    }

    fn join_products(products: &[i128]) -> i128 {
        products.iter().product()
    }
}

#[cfg(feature = "half")]
impl Multiply for half::f16 {
    fn product(numbers: &impl BlockSource) -> Result<f64> {
        let step = |product: &mut f64, block: &[u8]| {
            for bytes in block.as_chunks::<2>().0 {
                *product *= Self::from_ne_bytes(*bytes).to_f64();
            }
        };
        Ok(numbers.fold_blocks(Blocks::new(1.0, step))?.state)
    }

    fn join_products(products: &[f64]) -> f64 {
        products.iter().product()
    }
}
