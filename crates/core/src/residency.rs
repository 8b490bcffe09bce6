use std::ops::{Range, RangeBounds};

use crate::{Advice, ErrorKind, Extent, Map, Mapping, Op, Progress, Result, range};

/// Memory and disk: where bytes are, and where they should be.
impl<T: Mapping> Map<T> {
    /// Tells the system how the bytes of `range` will be used.
    ///
    /// # Errors
    /// [`BackwardRange`](crate::ErrorKind::BackwardRange),
    /// [`OutOfBounds`](crate::ErrorKind::OutOfBounds), and errors of the system, such as for large pages
    /// if it has none.
    ///
    /// # Platform
    /// POSIX: `madvise(2)` for all pages that overlap the range. [`Evict`](Advice::Evict) of a live map
    /// is also `posix_fadvise(2)` on Linux, Android and FreeBSD. Elsewhere, and for other maps, it is
    /// [`DontNeed`](Advice::DontNeed). Windows: `PrefetchVirtualMemory` for
    /// [`WillNeed`](Advice::WillNeed), and for [`DontNeed`](Advice::DontNeed) `VirtualUnlock` of pages
    /// that are not locked, unless any ever were. Advice that a system does not have is ignored.
    ///
    /// # Cost
    /// A system call. After [`DontNeed`](Advice::DontNeed) the next use takes page faults again. After
    /// [`Evict`](Advice::Evict) it reads from the device; `Evict` is two calls and takes time for each
    /// page.
    pub fn advise(&self, range: impl RangeBounds<u64>, advice: Advice) -> Result<()> {
        range::within(range, self.len(), Op::Advise)
            .and_then(|(offset, len)| self.mapping().advise(offset, len, advice))
            .map_err(|error| self.placed(error))
    }

    /// Brings the bytes of `range` into memory, so that using them does not wait.
    ///
    /// # Errors
    /// Those of [`read_into`](Self::read_into): bytes that cannot be read are found now.
    /// [`Cancelled`](crate::ErrorKind::Cancelled), with the number of bytes of the range that were done.
    ///
    /// # Platform
    /// Linux: `MADV_POPULATE_READ` (5.14). Elsewhere a byte of each page is read, on Windows after
    /// `PrefetchVirtualMemory`.
    ///
    /// # Examples
    /// ```
    /// use memmap_core::{Map, Progress, testing::FakeRam};
    ///
    /// let mm = Map::<FakeRam>::new(40 << 20)?;
    /// let progress = Progress::new();
    /// mm.prefault(.., &progress)?;
    /// assert_eq!(progress.done(), 40 << 20);
    /// # Ok::<(), memmap_core::Error>(())
    /// ```
    pub fn prefault(&self, range: impl RangeBounds<u64>, progress: &Progress) -> Result<()> {
        const STEP: u64 = 256 << 10;
        let (offset, len) =
            range::within(range, self.len(), Op::Prefault).map_err(|error| self.placed(error))?;
        progress.add_total(len);
        let mut done = 0;
        while let Some(rest) = len.checked_sub(done).filter(|&rest| rest > 0) {
            if progress.is_cancelled() {
                return Err(self.error(Op::Prefault, ErrorKind::Cancelled { done }));
            }
            let part = rest.min(STEP);
            self.mapping()
                .prefault(offset.saturating_add(done), part)
                .map_err(|error| self.placed(error.during(Op::Prefault)))?;
            done = done.saturating_add(part);
            progress.add_done(part);
        }
        Ok(())
    }

    /// Keeps the bytes of `range` in memory until they are unlocked, moved (by
    /// [`reserve`](Self::reserve), or by growing beyond it) or the map ends: using them never waits for
    /// the device.
    ///
    /// # Errors
    /// [`LimitReached`](crate::ErrorKind::LimitReached) with the limit of this user;
    /// [`Unsupported`](crate::ErrorKind::Unsupported).
    ///
    /// # Platform
    /// `mlock(2)`, in whole pages; the limit is `RLIMIT_MEMLOCK`. Windows: `VirtualLock`; the limit is
    /// the minimum working set of the process.
    ///
    /// # Cost
    /// It reads the whole range.
    pub fn lock_in_ram(&self, range: impl RangeBounds<u64>) -> Result<()> {
        range::within(range, self.len(), Op::Prefault)
            .and_then(|(offset, len)| self.mapping().lock_in_ram(offset, len))
            .map_err(|error| self.placed(error))
    }

    /// Allows the bytes of `range` to be paged out again.
    ///
    /// # Errors
    /// Errors of the system.
    pub fn unlock_from_ram(&self, range: impl RangeBounds<u64>) -> Result<()> {
        range::within(range, self.len(), Op::Prefault)
            .and_then(|(offset, len)| self.mapping().unlock_from_ram(offset, len))
            .map_err(|error| self.placed(error))
    }

    /// The bytes of `range` that are in memory, as sorted ranges of the mapping that do not touch.
    ///
    /// # Errors
    /// [`Unsupported`](crate::ErrorKind::Unsupported) if the system does not report it.
    ///
    /// # Platform
    /// `mincore(2)`, in whole pages. For a file that this user may not write to, Linux reports every
    /// page as present, so that nobody can spy on what others read. Windows: `QueryWorkingSetEx`, which
    /// reports the pages that this process has used, not other pages of the file in memory.
    ///
    /// # Cost
    /// A system call for each 256 MiB, and a byte of memory for each page of those.
    pub fn resident(&self, range: impl RangeBounds<u64>) -> Result<Vec<Range<u64>>> {
        range::within(range, self.len(), Op::Query)
            .and_then(|(offset, len)| self.mapping().resident(offset, len))
            .map_err(|error| self.placed(error))
    }

    /// The data and holes of `range`, sorted and without a gap. Bytes that a file has lost since it was
    /// mapped are not a hole: they count as data, and reading them is an error.
    ///
    /// # Errors
    /// Errors of the system.
    ///
    /// # Platform
    /// Linux, macOS and the BSDs: `SEEK_DATA` and `SEEK_HOLE` of lseek(2), at the granularity of the
    /// file system. Windows: `FSCTL_QUERY_ALLOCATED_RANGES`. If the file system does not know, all bytes
    /// are data, as for anonymous memory. If a map made from an open `File` shares its position, the
    /// position is moved and restored.
    ///
    /// # Cost
    /// Two system calls for each extent, and one for the file's length.
    pub fn extents(&self, range: impl RangeBounds<u64>) -> Result<Vec<Extent>> {
        range::within(range, self.len(), Op::Query)
            .and_then(|(offset, len)| self.mapping().extents(offset, len))
            .map_err(|error| self.placed(error))
    }
}
