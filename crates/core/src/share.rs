use memmap_guard::{AtomicOp, Integer};

use crate::{Mapping, Result};

/// A mapping that many may write at once, through a shared reference. [`SharedCells`] is built on it.
///
/// Its bytes are never borrowed as slices of plain bytes, so writes may happen at any time. Any copy may
/// tear; the accesses of [`atomic`](Self::atomic) do not.
///
/// [`SharedCells`]: crate::SharedCells
#[diagnostic::on_unimplemented(
    message = "the bytes of `{Self}` cannot be shared for writing",
    label = "this mapping has no cells",
    note = "memory that is lent as `&mut [u8]` is shared as slices, or as `[AtomicU64]` by zerocopy"
)]
pub trait Share: Mapping {
    /// [`Mapping::write_from`] while others write.
    ///
    /// # Errors
    /// As there.
    fn write_shared(&self, offset: u64, bytes: &[u8]) -> Result<()>;

    /// [`Mapping::fill`] while others write.
    ///
    /// # Errors
    /// As there.
    fn fill_shared(&self, offset: u64, len: u64, byte: u8) -> Result<()>;

    /// Accesses an aligned integer atomically, and returns its previous value.
    ///
    /// # Errors
    /// [`Misaligned`](crate::ErrorKind::Misaligned), and those of [`Mapping::read_into`] and
    /// [`Mapping::write_from`].
    fn atomic<T: Integer>(&self, offset: u64, op: AtomicOp<T>) -> Result<T>;
}
