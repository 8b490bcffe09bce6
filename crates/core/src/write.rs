use std::ops::RangeBounds;

use zerocopy::{Immutable, IntoBytes};

use crate::{Map, Mapping, Op, Result, range};

/// Writing. In modes [`ReadWrite`](crate::Mode::ReadWrite) and [`Create`](crate::Mode::Create), others
/// see a write at once, and it changes the file. In mode [`CopyOnWrite`](crate::Mode::CopyOnWrite) it
/// stays in this map: an edited page is copied into private memory, where neither changes nor truncation
/// of the file affect it.
impl<T: Mapping> Map<T> {
    /// Copies `bytes` into the mapping.
    ///
    /// # Shape
    /// `offset`: bytes from the start of the mapping, `0..=len` · `bytes`: any length; an empty slice
    /// writes nothing.
    ///
    /// # Errors
    /// - [`ReadOnly`](crate::ErrorKind::ReadOnly), [`OutOfBounds`](crate::ErrorKind::OutOfBounds);
    ///   nothing is then written
    /// - [`StorageFull`](crate::ErrorKind::StorageFull),
    ///   [`QuotaExceeded`](crate::ErrorKind::QuotaExceeded), [`Io`](crate::ErrorKind::Io),
    ///   [`Truncated`](crate::ErrorKind::Truncated) with the first byte that was not written; the bytes
    ///   before it are
    ///
    /// # Cost
    /// A copy and no system call; the first write to a page takes a page fault.
    ///
    /// # Examples
    /// ```
    /// use memmap_core::{Map, testing::FakeRam};
    ///
    /// let mut mm = Map::<FakeRam>::new(10)?;
    /// mm.write_at(3, b"abc")?;
    /// mm.set(6, 0x3837_u16.to_le())?;
    /// assert_eq!(mm.read_at(2, 7)?, b"\0abc78\0");
    /// # Ok::<(), memmap_core::Error>(())
    /// ```
    #[inline]
    pub fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        match self.mapping_mut().write_from(offset, bytes) {
            Ok(()) => Ok(()),
            Err(error) => Err(self.placed(error)),
        }
    }

    /// Writes one value of plain data: its bytes, in native byte order, at any offset.
    ///
    /// # Errors
    /// Those of [`write_at`](Self::write_at).
    ///
    /// # Source
    /// Which types are plain data: `zerocopy::IntoBytes`.
    #[inline]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a value of plain data is stored, as in a cell"
    )]
    pub fn set<V: IntoBytes + Immutable>(&mut self, offset: u64, value: V) -> Result<()> {
        self.write_at(offset, value.as_bytes())
    }

    /// Sets the bytes of `range` to `byte`.
    ///
    /// # Errors
    /// [`BackwardRange`](crate::ErrorKind::BackwardRange), and those of
    /// [`write_at`](Self::write_at).
    ///
    /// # Examples
    /// ```
    /// use memmap_core::{Map, testing::FakeRam};
    ///
    /// let mut mm = Map::<FakeRam>::new(4)?;
    /// mm.fill_range(1..3, 7)?;
    /// assert_eq!(mm.read_at(0, 4)?, [0, 7, 7, 0]);
    /// # Ok::<(), memmap_core::Error>(())
    /// ```
    pub fn fill_range(&mut self, range: impl RangeBounds<u64>, byte: u8) -> Result<()> {
        range::within(range, self.len(), Op::Write)
            .and_then(|(offset, len)| self.mapping_mut().fill(offset, len, byte))
            .map_err(|error| self.placed(error))
    }

    /// Copies the bytes of `range` to `to`, as if through a buffer of that length: the ranges may
    /// overlap (`slice::copy_within`).
    ///
    /// # Errors
    /// Those of [`fill_range`](Self::fill_range) and [`read_into`](Self::read_into).
    ///
    /// # Cost
    /// Two copies, through a buffer of at most 256 KiB.
    pub fn copy_within(&mut self, range: impl RangeBounds<u64>, to: u64) -> Result<()> {
        range::within(range, self.len(), Op::Write)
            .and_then(|(from, len)| self.mapping_mut().copy_within(from, len, to))
            .map_err(|error| self.placed(error))
    }
}
