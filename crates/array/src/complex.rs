use std::fmt;
use std::ops::Add;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// A complex number in the layout of numpy, C and `num_complex`: the real part first.
///
/// It is for storage. To compute, enable the feature `num-complex` and convert it.
#[derive(Debug, Clone, Copy, PartialEq, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
#[expect(clippy::exhaustive_structs, reason = "a complex number has exactly two parts")]
pub struct Complex<F> {
    /// The real part.
    pub re: F,
    /// The imaginary part.
    pub im: F,
}

impl<F> Complex<F> {
    /// Creates a number from its parts.
    pub const fn new(re: F, im: F) -> Self {
        Self { re, im }
    }
}

impl<F: Add<Output = F>> Add for Complex<F> {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { re: self.re + other.re, im: self.im + other.im }
    }
}

impl<F: fmt::Display> fmt::Display for Complex<F> {
    /// As numpy: `(1.5-2j)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({}{:+}j)", self.re, self.im)
    }
}

#[cfg(feature = "num-complex")]
impl<F> From<num_complex::Complex<F>> for Complex<F> {
    fn from(number: num_complex::Complex<F>) -> Self {
        Self { re: number.re, im: number.im }
    }
}

#[cfg(feature = "num-complex")]
impl<F> From<Complex<F>> for num_complex::Complex<F> {
    fn from(number: Complex<F>) -> Self {
        Self { re: number.re, im: number.im }
    }
}
