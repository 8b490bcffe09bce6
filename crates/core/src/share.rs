use crate::{Mapping, Result};

/// A mapping that many may write at once, through a shared reference: what [`SharedCells`] stands on.
///
/// Its bytes are never borrowed as slices of plain bytes, so that a write may come at any time. All
/// copies may tear; the accesses of [`atomic`](Self::atomic) do not.
///
/// [`SharedCells`]: crate::SharedCells
#[diagnostic::on_unimplemented(
    message = "the bytes of `{Self}` cannot be shared for writing",
    label = "this mapping has no cells",
    note = "memory that is lent as `&mut [u8]` is shared as slices, or as `[AtomicU64]` by zerocopy"
)]
pub trait Share: Mapping {
    /// [`Mapping::write_from`], while others write.
    ///
    /// # Errors
    /// As there.
    fn write_shared(&self, offset: u64, bytes: &[u8]) -> Result<()>;

    /// [`Mapping::fill`], while others write.
    ///
    /// # Errors
    /// As there.
    fn fill_shared(&self, offset: u64, len: u64, byte: u8) -> Result<()>;

    /// Accesses an aligned integer in one step, and answers what was there before.
    ///
    /// # Errors
    /// [`Misaligned`](crate::ErrorKind::Misaligned), and those of [`Mapping::read_into`] and
    /// [`Mapping::write_from`].
    fn atomic<T: Integer>(&self, offset: u64, step: Step<T>) -> Result<T>;
}

/// What is done to an integer in one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a backend must do all of them")]
pub enum Step<T> {
    /// Nothing: it is looked at.
    Load,
    /// It is set.
    Store(T),
    /// It is added to, and wraps.
    Add(T),
    /// It is set to `new` if it was `old`.
    Exchange {
        /// What it must be.
        old: T,
        /// What it becomes.
        new: T,
    },
}

impl<T> Step<T> {
    /// Whether it may change the integer.
    pub const fn writes(&self) -> bool {
        !matches!(self, Self::Load)
    }
}

/// An integer that can be accessed in one step: `u8`, `u16`, `u32`, `u64`.
pub trait Integer: Copy + Eq + sealed::Sealed {
    /// It, in the width of all.
    fn widened(self) -> u64;
    /// The low bytes of a wide one.
    fn narrowed(wide: u64) -> Self;
}

mod sealed {
    #[expect(unnameable_types, reason = "this is what seals it")]
    pub trait Sealed {}
}

macro_rules! integer {
    ($($int:ident)+) => {
        $(
            impl sealed::Sealed for $int {}

            impl Integer for $int {
                #[inline]
                fn widened(self) -> u64 {
                    self.into()
                }
                #[inline]
                #[expect(clippy::cast_possible_truncation, clippy::as_conversions,
                    reason = "the low bytes are what is asked for")]
                #[allow(clippy::unnecessary_cast, reason = "for u64 it is the same")]
                fn narrowed(wide: u64) -> Self {
                    wide as Self
                }
            }
        )+
    };
}

integer!(u8 u16 u32);

impl sealed::Sealed for u64 {}

impl Integer for u64 {
    #[inline]
    fn widened(self) -> u64 {
        self
    }
    #[inline]
    fn narrowed(wide: u64) -> Self {
        wide
    }
}
