use std::ops::{Range, RangeBounds};

use crate::{Advice, ErrorKind, Extent, Map, Mapping, Op, Progress, Result, range};

/// Memory and disk: what is where, and what shall be.
impl<T: Mapping> Map<T> {
    /// Tells the system how the bytes of `range` will be used.
    ///
    /// # Errors
    /// [`BackwardRange`](crate::ErrorKind::BackwardRange),
    /// [`OutOfBounds`](crate::ErrorKind::OutOfBounds), and what the system refuses: large pages
    /// where it has none.
    ///
    /// # Platform
    /// POSIX: `madvise(2)`, of all pages that the range has a part in; [`Evict`](Advice::Evict) of a live
    /// map is `posix_fadvise(2)` besides, on Linux, Android and FreeBSD. Elsewhere, and of other maps, it
    /// is [`DontNeed`](Advice::DontNeed). Windows: `PrefetchVirtualMemory`
    /// for [`WillNeed`](Advice::WillNeed), and for [`DontNeed`](Advice::DontNeed) `VirtualUnlock` of
    /// pages that are not locked, unless some ever were. Where a system has no such advice it does
    /// nothing.
    ///
    /// # Cost
    /// A system call. After [`DontNeed`](Advice::DontNeed) the next use takes page faults again, and after
    /// [`Evict`](Advice::Evict), which is two calls and takes time by the page, it reads the device.
    pub fn advise(&self, range: impl RangeBounds<u64>, advice: Advice) -> Result<()> {
        range::within(range, self.len(), Op::Advise)
            .and_then(|(offset, len)| self.mapping().advise(offset, len, advice))
            .map_err(|error| self.placed(error))
    }

    /// Brings the bytes of `range` into memory, so that using them waits for nothing.
    ///
    /// # Errors
    /// Those of [`read_into`](Self::read_into): bytes that cannot be brought are found now.
    /// [`Cancelled`](crate::ErrorKind::Cancelled), with how many bytes of the range were done.
    ///
    /// # Platform
    /// Linux: `MADV_POPULATE_READ` (5.14), elsewhere a byte of each page is read; on Windows after
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
    /// [`reserve`](Self::reserve), or growing beyond it) or the map ends: using them never waits for
    /// the device.
    ///
    /// # Errors
    /// [`LimitReached`](crate::ErrorKind::LimitReached) with what this user may keep;
    /// [`Unsupported`](crate::ErrorKind::Unsupported).
    ///
    /// # Platform
    /// `mlock(2)`, in whole pages; the limit is `RLIMIT_MEMLOCK`. Windows: `VirtualLock`; the limit is the
    /// least that the process's working set has.
    ///
    /// # Cost
    /// It reads all of the range.
    pub fn lock_in_ram(&self, range: impl RangeBounds<u64>) -> Result<()> {
        range::within(range, self.len(), Op::Prefault)
            .and_then(|(offset, len)| self.mapping().lock_in_ram(offset, len))
            .map_err(|error| self.placed(error))
    }

    /// Lets the bytes of `range` be paged out again.
    ///
    /// # Errors
    /// What the system refuses.
    pub fn unlock_from_ram(&self, range: impl RangeBounds<u64>) -> Result<()> {
        range::within(range, self.len(), Op::Prefault)
            .and_then(|(offset, len)| self.mapping().unlock_from_ram(offset, len))
            .map_err(|error| self.placed(error))
    }

    /// Which bytes of `range` are in memory: ranges of the mapping, in order, that do not touch.
    ///
    /// # Errors
    /// [`Unsupported`](crate::ErrorKind::Unsupported) where the system does not tell.
    ///
    /// # Platform
    /// `mincore(2)`, in whole pages. Of a file that this user may not write to, Linux calls every
    /// page present, so that nobody can spy on what others read. Windows: `QueryWorkingSetEx`, which
    /// knows what this process has used, and not what else of the file is in memory.
    ///
    /// # Cost
    /// A system call for 256 MiB, and a byte of memory for each page of those.
    pub fn resident(&self, range: impl RangeBounds<u64>) -> Result<Vec<Range<u64>>> {
        range::within(range, self.len(), Op::Query)
            .and_then(|(offset, len)| self.mapping().resident(offset, len))
            .map_err(|error| self.placed(error))
    }

    /// Which bytes of `range` are stored and which are holes, in order and without a gap. What a file
    /// has lost since it was mapped is no hole: it counts as data, and reading it is an error.
    ///
    /// # Errors
    /// What the system refuses.
    ///
    /// # Platform
    /// Linux, macOS and the BSDs: `SEEK_DATA` and `SEEK_HOLE` of lseek(2), as fine as the file
    /// system knows; Windows: `FSCTL_QUERY_ALLOCATED_RANGES`. Where it does not know, all are data, as
    /// for anonymous memory. Where a map made
    /// from an open `File` shares its position, that is moved and put back.
    ///
    /// # Cost
    /// Two system calls an extent, and one for the file's length.
    pub fn extents(&self, range: impl RangeBounds<u64>) -> Result<Vec<Extent>> {
        range::within(range, self.len(), Op::Query)
            .and_then(|(offset, len)| self.mapping().extents(offset, len))
            .map_err(|error| self.placed(error))
    }
}
