use std::ops::RangeBounds;

use crate::{Map, Mapping, Op, Result, range};

/// Durability: what is written is at once in the file as everyone sees it, and on the device when
/// the system brings it there.
impl<T: Mapping> Map<T> {
    /// Starts to bring what was written in `range` to the device, so that a later
    /// [`sync`](Self::sync) has less to do. It waits for nothing and promises nothing.
    ///
    /// # Errors
    /// [`BackwardRange`](crate::ErrorKind::BackwardRange),
    /// [`OutOfBounds`](crate::ErrorKind::OutOfBounds), and what the system refuses.
    ///
    /// # Platform
    /// Linux: `sync_file_range(2)`, as `msync` with `MS_ASYNC` does nothing there. Other POSIX:
    /// `msync` with `MS_ASYNC`. Windows: `FlushViewOfFile`.
    pub fn write_back(&self, range: impl RangeBounds<u64>) -> Result<()> {
        range::within(range, self.len(), Op::Sync)
            .and_then(|(offset, len)| self.mapping().write_back(offset, len))
            .map_err(|error| self.placed(error))
    }

    /// Returns when what was written in `range` is on the device, and with it whatever is needed to
    /// find it there again: the file's length, and the name of a file that this map made.
    ///
    /// Where nothing can be written to the file (mode `r`, private edits, anonymous memory), there
    /// is nothing to do.
    ///
    /// # Errors
    /// - [`BackwardRange`](crate::ErrorKind::BackwardRange),
    ///   [`OutOfBounds`](crate::ErrorKind::OutOfBounds)
    /// - [`NotDurable`](crate::ErrorKind::NotDurable) if the device failed. The system forgets which
    ///   bytes were not written, so the map remembers that there are some: each later call, and
    ///   [`close`](Self::close), says so again
    ///
    /// # Platform
    /// Linux: `msync(2)`, which flushes the device there; other POSIX: `msync` and `fsync(2)`; macOS:
    /// `F_FULLFSYNC` besides, without which bytes stay in the device's cache; Windows:
    /// `FlushViewOfFile` and `FlushFileBuffers`. [`close`](Self::close) is `msync` and `fsync`.
    ///
    /// # Cost
    /// Time of the device. What is dirty of `range` is written, by the folio: of a file that was
    /// written in large pieces the system may hold, and write, more than a page at a time.
    #[doc(alias = "flush")]
    #[doc(alias = "msync")]
    pub fn sync(&self, range: impl RangeBounds<u64>) -> Result<()> {
        range::within(range, self.len(), Op::Sync)
            .and_then(|(offset, len)| self.mapping().sync(offset, len))
            .map_err(|error| self.placed(error))
    }
}
