//! A range of addresses that we own, with a part of a file mapped at its start.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::ptr;
use std::sync::OnceLock;

use memmap_core::widen;
use rustix::mm::{self, MapFlags, MprotectFlags, MsyncFlags, ProtFlags};

/// What the pages may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

/// A range of addresses that nothing else in the process uses. Its first pages map a part of a file, or
/// nothing; the rest is reserved and cannot be accessed.
///
/// The mapped bytes begin `lead` bytes into the first page, as the part of the file need not begin at a page
/// boundary.
pub(crate) struct Pages {
    base: *mut u8,
    /// Length of the range in bytes, a multiple of the page size.
    reserved: usize,
    lead: usize,
    /// Mapped bytes, without the lead.
    len: usize,
    access: Access,
    view: View,
}

/// Whether a mapping is shared or private (mmap(2)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    /// Writes reach the file.
    Shared,
    /// Read-only. The pages are never written to, so the system never makes private copies of them. FUSE with
    /// direct I/O and similar file systems support only this kind of mapping.
    Private,
}

// SAFETY: a range of addresses belongs to no thread. Through a shared reference only system calls are
// made on it, which threads may make concurrently.
unsafe impl Send for Pages {}

// SAFETY: as above.
unsafe impl Sync for Pages {}

pub(crate) fn page_size() -> usize {
    // Cached, as libc looks it up on each call.
    static SIZE: OnceLock<usize> = OnceLock::new();
    *SIZE.get_or_init(rustix::param::page_size)
}

fn out_of_memory() -> io::Error {
    rustix::io::Errno::NOMEM.into()
}

impl Access {
    const fn protection(self) -> ProtFlags {
        match self {
            Self::Read => ProtFlags::READ,
            Self::Write => ProtFlags::READ.union(ProtFlags::WRITE),
        }
    }
}

impl View {
    const fn flags(self) -> MapFlags {
        match self {
            Self::Shared => MapFlags::SHARED,
            Self::Private => MapFlags::PRIVATE,
        }
    }
}

impl Pages {
    /// Maps `len` bytes of `file`, starting at `offset`. `len` is at least 1.
    pub(crate) fn map(file: &File, offset: u64, len: usize, access: Access) -> io::Result<Self> {
        Self::map_as(View::Shared, file, offset, len, access)
    }

    /// As [`map`](Self::map). A private view requires read access.
    pub(crate) fn map_as(
        view: View,
        file: &File,
        offset: u64,
        len: usize,
        access: Access,
    ) -> io::Result<Self> {
        let lead = lead_of(offset);
        let reserved = span(lead, len).ok_or_else(out_of_memory)?;
        let start = offset.saturating_sub(widen(lead));
        // SAFETY: without an address and without `FIXED` the system chooses a range that nothing uses.
        let base = unsafe {
            mm::mmap(ptr::null_mut(), reserved, access.protection(), view.flags(), file, start)
        }?;
        Ok(Self { base: base.cast(), reserved, lead, len, access, view })
    }

    /// Reserves addresses for `len` bytes of a file, starting at `offset`, and maps none of them yet.
    pub(crate) fn reserve(view: View, offset: u64, len: usize, access: Access) -> io::Result<Self> {
        let lead = lead_of(offset);
        let reserved = span(lead, len.max(1)).ok_or_else(out_of_memory)?;
        let flags = MapFlags::PRIVATE.union(MapFlags::NORESERVE);
        // SAFETY: as in `map`.
        let base =
            unsafe { mm::mmap_anonymous(ptr::null_mut(), reserved, ProtFlags::empty(), flags) }?;
        Ok(Self { base: base.cast(), reserved, lead, len: 0, access, view })
    }

    /// Zeroed private memory with the layout of a file mapping. Pages take memory when they are first
    /// written.
    pub(crate) fn anonymous(lead: usize, len: usize) -> io::Result<Self> {
        let reserved = span(lead, len).ok_or_else(out_of_memory)?;
        let flags = MapFlags::PRIVATE.union(MapFlags::NORESERVE);
        let access = Access::Write;
        // SAFETY: as in `map`.
        let base =
            unsafe { mm::mmap_anonymous(ptr::null_mut(), reserved, access.protection(), flags) }?;
        Ok(Self { base: base.cast(), reserved, lead, len, access, view: View::Private })
    }

    pub(crate) fn view(&self) -> View {
        self.view
    }

    pub(crate) fn access(&self) -> Access {
        self.access
    }

    /// The address of the first mapped byte.
    pub(crate) fn first(&self) -> *mut u8 {
        self.base.wrapping_add(self.lead)
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The whole mapped pages: address and length.
    #[cfg(target_os = "linux")]
    pub(crate) fn whole(&self) -> (*mut u8, usize) {
        (self.base, span(self.lead, self.len).unwrap_or(0))
    }

    /// Bytes between the start of the first page and the first mapped byte.
    pub(crate) fn lead(&self) -> usize {
        self.lead
    }

    /// Whether `len` bytes fit into the range.
    pub(crate) fn holds(&self, len: usize) -> bool {
        span(self.lead, len).is_some_and(|span| span <= self.reserved)
    }

    /// Whether an address, such as that of a fault, lies in the range.
    pub(crate) fn contains(&self, address: usize) -> bool {
        address.checked_sub(self.base.addr()).is_some_and(|within| within < self.reserved)
    }

    /// Maps `len` bytes of `file`, starting at `offset`, which must be the offset it was created with. It
    /// stays in place if the bytes fit, and moves otherwise. After an error it is unchanged.
    pub(crate) fn resize(&mut self, file: &File, offset: u64, len: usize) -> io::Result<()> {
        let before = span(self.lead, self.len).ok_or_else(out_of_memory)?;
        let after = span(self.lead, len).ok_or_else(out_of_memory)?;
        if after > self.reserved {
            return self.relocate(file, offset, len);
        }
        if let Some(more) = after.checked_sub(before).filter(|&more| more > 0) {
            let start = offset.saturating_sub(widen(self.lead)).saturating_add(widen(before));
            let protection = self.access.protection();
            // SAFETY: `before + more` is at most `reserved`, so the range is ours, and nothing was
            // mapped in it: no access to it is in progress, as all stay below `len`, and none can start
            // while the caller holds the exclusive reference.
            let shown = unsafe {
                mm::mmap(
                    self.base.wrapping_add(before).cast(),
                    more,
                    protection,
                    self.view.flags().union(MapFlags::FIXED),
                    file,
                    start,
                )
            };
            if shown == Err(rustix::io::Errno::INVAL) {
                // A mapping cannot begin within a huge page. The system refused and changed nothing.
                return self.relocate(file, offset, len);
            }
            if let Err(errno) = shown {
                // The reservation may have been unmapped (mmap(2)), so the range must not be used again.
                self.reserved = before;
                return Err(errno.into());
            }
        }
        self.shorten(len);
        self.len = len;
        Ok(())
    }

    /// Reduces the mapped bytes to `len`. No file is needed for that.
    pub(crate) fn shorten(&mut self, len: usize) {
        let spans = (span(self.lead, self.len), span(self.lead, len));
        let (Some(before), Some(after)) = spans else { return };
        if let Some(less) = before.checked_sub(after).filter(|&less| less > 0) {
            let flags = MapFlags::PRIVATE.union(MapFlags::NORESERVE).union(MapFlags::FIXED);
            // SAFETY: the range is ours (`before` is at most `reserved`), and no access to it is in
            // progress, as the caller holds the exclusive reference.
            let hidden = unsafe {
                mm::mmap_anonymous(
                    self.base.wrapping_add(after).cast(),
                    less,
                    ProtFlags::empty(),
                    flags,
                )
            };
            // `INVAL`: the range begins within a huge page. The system refused and changed nothing.
            if hidden.is_err_and(|errno| errno != rustix::io::Errno::INVAL) {
                // As in `resize`. Pages that are still mapped there are not accessed again.
                self.reserved = after;
            }
        }
        self.len = self.len.min(len);
    }

    /// Moves the mapping to a longer range.
    fn relocate(&mut self, file: &File, offset: u64, len: usize) -> io::Result<()> {
        if self.move_to_longer(len) {
            return Ok(());
        }
        *self = Self::map_as(self.view, file, offset, len, self.access)?;
        Ok(())
    }

    /// Moves the pages to a longer range without copying. Returns whether it did.
    #[cfg(target_os = "linux")]
    fn move_to_longer(&mut self, len: usize) -> bool {
        let (Some(before), Some(after)) = (span(self.lead, self.len), span(self.lead, len)) else {
            return false;
        };
        // A reservation after the pages would have to be unmapped separately. Mapping the file again is
        // simpler.
        if before == 0 || before != self.reserved {
            return false;
        }
        // SAFETY: the range is ours and is one mapping of the file, or the system refuses. Nothing else
        // refers to it, as the caller holds the exclusive reference. The old addresses, which the system
        // unmaps, are overwritten below.
        let moved =
            unsafe { mm::mremap(self.base.cast(), before, after, mm::MremapFlags::MAYMOVE) };
        match moved {
            Ok(base) => {
                self.base = base.cast();
                self.reserved = after;
                self.len = len;
                true
            }
            Err(_) => false,
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn move_to_longer(&mut self, _: usize) -> bool {
        false
    }

    /// Drops the pages of a file from this process. They are read from the file again when they are next
    /// accessed.
    #[cfg(target_os = "linux")]
    pub(crate) fn drop_resident(&self) -> io::Result<()> {
        let (base, span) = self.whole();
        // SAFETY: the range is ours and maps shared pages of a file. Dropping those changes no byte: the
        // file keeps them.
        Ok(unsafe { mm::madvise(base.cast(), span, mm::Advice::LinuxDontNeed) }?)
    }

    /// Maps the same bytes of the file a second time, read-only. The view must be shared.
    #[cfg(target_os = "linux")]
    pub(crate) fn map_again(&self) -> io::Result<Self> {
        let (base, span) = self.whole();
        let flags = mm::MremapFlags::MAYMOVE;
        // SAFETY: with an old length of 0 nothing is moved (mremap(2)): the system chooses a range that
        // nothing uses, and maps there what is mapped shared at `base`, which is ours.
        let alias = unsafe { mm::mremap(base.cast(), 0, span, flags) }?;
        let Self { lead, len, access, view, .. } = *self;
        let mut alias = Self { base: alias.cast(), reserved: span, lead, len, access, view };
        if access == Access::Write {
            alias.protect()?;
        }
        Ok(alias)
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn map_again(&self) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Makes the pages read-only.
    pub(crate) fn protect(&mut self) -> io::Result<()> {
        if let Some(span) = span(self.lead, self.len).filter(|&span| span > 0) {
            // SAFETY: the range is ours. The caller refuses writes from now on; a write that came
            // nevertheless would fault and change no byte.
            unsafe { mm::mprotect(self.base.cast(), span, MprotectFlags::READ) }?;
        }
        self.access = Access::Read;
        Ok(())
    }

    /// A range of the mapped bytes, extended to the start of its first page: address and length.
    pub(crate) fn around(&self, range: &Range<usize>) -> (*mut u8, usize) {
        assert!(range.start <= range.end && range.end <= self.len(), "{range:?} of {}", self.len());
        let (first, len) = (self.lead.saturating_add(range.start), range.len());
        let within = first.checked_rem(page_size()).unwrap_or(0);
        (self.base.wrapping_add(first.saturating_sub(within)), len.saturating_add(within))
    }

    /// Writes the dirty pages of the range to the device, and waits for it.
    pub(crate) fn sync(&self, range: &Range<usize>) -> io::Result<()> {
        let (address, len) = self.around(range);
        // SAFETY: the range is ours (`around`), and no byte of it changes.
        Ok(unsafe { mm::msync(address.cast(), len, MsyncFlags::SYNC) }?)
    }

    /// Starts to write the dirty pages of the range to the device.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn write_back(&self, range: &Range<usize>) -> io::Result<()> {
        let (address, len) = self.around(range);
        // SAFETY: as in `sync`.
        Ok(unsafe { mm::msync(address.cast(), len, MsyncFlags::ASYNC) }?)
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        if self.reserved == 0 {
            return;
        }
        // SAFETY: the range is ours. Every access to it borrows `self`, so none is left.
        let mut unmapped = unsafe { mm::munmap(self.base.cast(), self.reserved) };
        // It fails only if the range ends within a huge page: the system unmaps whole ones alone.
        let mut page = page_size();
        while unmapped == Err(rustix::io::Errno::INVAL) && page < HUGEST {
            page = page.saturating_mul(2);
            let Some(len) = self.reserved.checked_next_multiple_of(page) else { return };
            // SAFETY: the range is ours as above. The system rounded the end of the mapping up to a huge page
            // (mmap(2), "Huge page (Huge TLB) mappings"), and all of that belongs to this mapping. A shorter
            // range ends within a huge page, so the system refuses it and changes nothing. The loop ends at
            // the first range that is not refused, so no longer one is tried.
            unmapped = unsafe { mm::munmap(self.base.cast(), len) };
        }
    }
}

/// The largest huge page of x86-64, and of aarch64 with pages of 4 KiB.
const HUGEST: usize = 1 << 30;

/// Bytes between `offset` and the start of its page.
pub(crate) fn lead_of(offset: u64) -> usize {
    let within = offset.checked_rem(widen(page_size())).unwrap_or(0);
    usize::try_from(within).unwrap_or(0)
}

/// Bytes of the whole pages that hold `len` bytes after `lead`; 0 if `len` is 0. `None` on overflow.
fn span(lead: usize, len: usize) -> Option<usize> {
    if len == 0 {
        return Some(0);
    }
    lead.checked_add(len)?.checked_next_multiple_of(page_size())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs;

    use rustix::fs::MemfdFlags;

    use super::*;

    #[test]
    #[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
    fn a_part_of_a_huge_page_is_unmapped_as_a_whole() {
        const LEN: u64 = 4 << 20;
        let count = || {
            let maps = fs::read_to_string("/proc/self/maps").unwrap();
            maps.lines().filter(|line| line.contains("memmap-huge-pages")).count()
        };
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::HUGETLB | MemfdFlags::HUGE_2MB;
        let made = rustix::fs::memfd_create("memmap-huge-pages", flags).map(File::from);
        let pages = |offset, len| {
            let file = made.as_ref().ok().filter(|file| file.set_len(LEN).is_ok())?;
            Pages::map(file, offset, len, Access::Read).ok()
        };
        let whole = usize::try_from(LEN).unwrap();
        let Some(mut all) = pages(0, whole) else {
            eprintln!("skipped: there are no huge pages of 2 MiB");
            return;
        };
        assert_eq!(count(), 1);
        all.shorten(5000);
        all.resize(made.as_ref().unwrap(), 0, whole).unwrap();
        assert_eq!((all.len(), count()), (whole, 1));
        all.shorten(5000);
        drop(all);
        assert_eq!(count(), 0, "of two huge pages");
        for (offset, len) in [(0, 100), (100, 5000), (2 << 20, 1)] {
            drop(pages(offset, len).unwrap());
            assert_eq!(count(), 0, "{len} bytes at {offset}");
        }
    }
}
