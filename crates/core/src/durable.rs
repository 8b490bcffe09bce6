use std::ops::RangeBounds;

use crate::{Map, Mapping, Op, Result, range};

/// Durability: a write is visible in the file at once, and reaches the device when the system brings it
/// there.
impl<T: Mapping> Map<T> {
    /// Starts to bring bytes written in `range` to the device, so that a later [`sync`](Self::sync) has
    /// less to do. It does not wait, and guarantees nothing.
    ///
    /// # Errors
    /// [`BackwardRange`](crate::ErrorKind::BackwardRange),
    /// [`OutOfBounds`](crate::ErrorKind::OutOfBounds), and errors of the system.
    ///
    /// # Platform
    /// Linux: `sync_file_range(2)`, because `msync` with `MS_ASYNC` does nothing there. Other POSIX:
    /// `msync` with `MS_ASYNC`. Windows: `FlushViewOfFile`.
    pub fn write_back(&self, range: impl RangeBounds<u64>) -> Result<()> {
        range::within(range, self.len(), Op::Sync)
            .and_then(|(offset, len)| self.mapping().write_back(offset, len))
            .map_err(|error| self.placed(error))
    }

    /// Returns when all bytes written in `range` are on the device, together with everything needed to
    /// find them again: the file's length, and the name of a file that this map made.
    ///
    /// If nothing can be written to the file (mode `r`, private edits, anonymous memory), it does
    /// nothing.
    ///
    /// # Errors
    /// - [`BackwardRange`](crate::ErrorKind::BackwardRange),
    ///   [`OutOfBounds`](crate::ErrorKind::OutOfBounds)
    /// - [`NotDurable`](crate::ErrorKind::NotDurable) if the device failed. The system forgets which
    ///   bytes were not written, so the map remembers that there are some: each later call, and
    ///   [`close`](Self::close), returns the error again
    ///
    /// # Platform
    /// Linux: `msync(2)`, which flushes the device there. Other POSIX: `msync` and `fsync(2)`. macOS:
    /// also `F_FULLFSYNC`, without which bytes stay in the device's cache. Windows: `FlushViewOfFile`
    /// and `FlushFileBuffers`. [`close`](Self::close) is `msync` and `fsync`.
    ///
    /// # Cost
    /// The time of the device. Dirty bytes of `range` are written folio by folio: after large writes the
    /// system may hold, and write, more than a page at a time.
    #[doc(alias = "flush")]
    #[doc(alias = "msync")]
    pub fn sync(&self, range: impl RangeBounds<u64>) -> Result<()> {
        range::within(range, self.len(), Op::Sync)
            .and_then(|(offset, len)| self.mapping().sync(offset, len))
            .map_err(|error| self.placed(error))
    }
}
