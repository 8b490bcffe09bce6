//! What numbers do in a reduction. Only this crate implements it.

use memmap_core::Kernel;

use crate::Result;

/// A source of blocks of numbers for a kernel.
#[expect(unnameable_types, reason = "only the sealed trait uses it")]
pub trait BlockSource {
    #[doc(hidden)]
    fn fold_blocks<K: Kernel>(&self, kernel: K) -> Result<K>;
}

/// The smallest and the largest number, and a NaN if there is one.
#[derive(Debug, Clone, Copy)]
#[expect(unnameable_types, reason = "only the sealed trait uses it")]
pub struct Extremes<T> {
    pub(super) least: T,
    pub(super) greatest: T,
    pub(super) nan: Option<T>,
}

impl<T: PartialOrd + Copy> Extremes<T> {
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            least: if other.least < self.least { other.least } else { self.least },
            greatest: if other.greatest > self.greatest { other.greatest } else { self.greatest },
            nan: self.nan.or(other.nan),
        }
    }
}

#[expect(unnameable_types, reason = "this is what seals it")]
pub trait Reduce: Sized {
    /// The type of an unfinished sum.
    type Total: Copy + Send + Default;

    #[doc(hidden)]
    fn total(numbers: &impl BlockSource) -> Result<Self::Total>;

    /// A total that does not wrap around, for a mean.
    #[doc(hidden)]
    fn total_for_mean(numbers: &impl BlockSource) -> Result<Self::Total> {
        Self::total(numbers)
    }

    #[doc(hidden)]
    fn join(totals: &[Self::Total]) -> Self::Total;

    #[doc(hidden)]
    fn count_nonzero(numbers: &impl BlockSource) -> Result<u64>;
}

#[expect(unnameable_types, reason = "this is what seals it")]
pub trait Extreme: Sized {
    /// The extremes of at least one number.
    #[doc(hidden)]
    fn extremes(numbers: &impl BlockSource) -> Result<Extremes<Self>>;

    #[doc(hidden)]
    fn is_nan(&self) -> bool {
        false
    }
}
