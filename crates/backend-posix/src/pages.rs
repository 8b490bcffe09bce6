//! Address space: a range that is ours, with a part of a file mapped at its start.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::ptr;
use std::sync::OnceLock;

use memmap_core::widen;
use rustix::mm::{self, MapFlags, MprotectFlags, MsyncFlags, ProtFlags};

/// What is done with the pages, and whether it reaches the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

/// A range of addresses that nothing else in the process uses. At its start is a part of a file, or
/// nothing; behind that it cannot be accessed.
///
/// What it shows begins `lead` bytes into its first page, as the part of the file need not begin
/// where a page does.
pub(crate) struct Pages {
    base: *mut u8,
    /// Bytes of the range: whole pages.
    reserved: usize,
    lead: usize,
    /// Bytes shown.
    len: usize,
    access: Access,
    view: View,
}

/// Which mapping of a file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    /// The file's own pages: what is written to them reaches the file.
    Shared,
    /// The same pages, to be read alone: they are never written to, so that no private copy of one is
    /// ever made. It is what FUSE with direct I/O and its like still map.
    Private,
}

// SAFETY: a range of addresses belongs to no thread. All that is done to it through a shared
// reference are system calls that threads may make at once.
unsafe impl Send for Pages {}

// SAFETY: as above.
unsafe impl Sync for Pages {}

/// Bytes of a page of memory.
pub(crate) fn page_size() -> usize {
    // Asked of libc, which looks it up each time.
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
    /// Maps `len` bytes of `file`, from `offset` on. At least one.
    pub(crate) fn map(file: &File, offset: u64, len: usize, access: Access) -> io::Result<Self> {
        Self::map_as(View::Shared, file, offset, len, access)
    }

    /// As [`map`](Self::map). A private view is for reading.
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
        // SAFETY: without an address and without `FIXED` the system finds a range that nothing uses.
        let base = unsafe {
            mm::mmap(ptr::null_mut(), reserved, access.protection(), view.flags(), file, start)
        }?;
        Ok(Self { base: base.cast(), reserved, lead, len, access, view })
    }

    /// Takes addresses for `len` bytes of a file, from `offset` on, and shows none of them yet.
    pub(crate) fn reserve(view: View, offset: u64, len: usize, access: Access) -> io::Result<Self> {
        let lead = lead_of(offset);
        let reserved = span(lead, len.max(1)).ok_or_else(out_of_memory)?;
        let flags = MapFlags::PRIVATE.union(MapFlags::NORESERVE);
        // SAFETY: as in `map`.
        let base =
            unsafe { mm::mmap_anonymous(ptr::null_mut(), reserved, ProtFlags::empty(), flags) }?;
        Ok(Self { base: base.cast(), reserved, lead, len: 0, access, view })
    }

    /// Zeroed memory of this process alone, laid out as a mapping of a file is; only pages that are
    /// written cost memory.
    pub(crate) fn anonymous(lead: usize, len: usize) -> io::Result<Self> {
        let reserved = span(lead, len).ok_or_else(out_of_memory)?;
        let flags = MapFlags::PRIVATE.union(MapFlags::NORESERVE);
        let access = Access::Write;
        // SAFETY: as in `map`.
        let base =
            unsafe { mm::mmap_anonymous(ptr::null_mut(), reserved, access.protection(), flags) }?;
        Ok(Self { base: base.cast(), reserved, lead, len, access, view: View::Private })
    }

    /// Which mapping of the file it is.
    pub(crate) fn view(&self) -> View {
        self.view
    }

    /// What may be done with what it shows.
    pub(crate) fn access(&self) -> Access {
        self.access
    }

    /// The first byte shown.
    pub(crate) fn first(&self) -> *mut u8 {
        self.base.wrapping_add(self.lead)
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The whole pages that show it.
    #[cfg(target_os = "linux")]
    pub(crate) fn whole(&self) -> (*mut u8, usize) {
        (self.base, span(self.lead, self.len).unwrap_or(0))
    }

    /// Bytes between the start of the first page and the first one shown.
    pub(crate) fn lead(&self) -> usize {
        self.lead
    }

    /// Whether `len` bytes fit where it is.
    pub(crate) fn holds(&self, len: usize) -> bool {
        span(self.lead, len).is_some_and(|span| span <= self.reserved)
    }

    /// Whether a fault at this address was one of ours.
    pub(crate) fn contains(&self, address: usize) -> bool {
        address.checked_sub(self.base.addr()).is_some_and(|within| within < self.reserved)
    }

    /// Shows `len` bytes of `file` from `offset` on, which is the offset it was made with: where it
    /// is if they fit, or elsewhere. After an error it is as it was.
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
            // shown in it: no access can be under way, as all stay below `len`, and none can start
            // while the caller has us exclusively.
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
                // In the middle of a huge page nothing begins, and nothing is gone.
                return self.relocate(file, offset, len);
            }
            if let Err(errno) = shown {
                // What was there may be gone (mmap(2)), so none of it is ours any more.
                self.reserved = before;
                return Err(errno.into());
            }
        }
        self.shorten(len);
        self.len = len;
        Ok(())
    }

    /// Shows no more than `len` bytes, for which no file is needed.
    pub(crate) fn shorten(&mut self, len: usize) {
        let spans = (span(self.lead, self.len), span(self.lead, len));
        let (Some(before), Some(after)) = spans else { return };
        if let Some(less) = before.checked_sub(after).filter(|&less| less > 0) {
            let flags = MapFlags::PRIVATE.union(MapFlags::NORESERVE).union(MapFlags::FIXED);
            // SAFETY: the range is ours (`before` is at most `reserved`), and no access to it can be
            // under way, as the caller has us exclusively.
            let hidden = unsafe {
                mm::mmap_anonymous(
                    self.base.wrapping_add(after).cast(),
                    less,
                    ProtFlags::empty(),
                    flags,
                )
            };
            // Within a huge page nothing is hidden, and nothing is gone.
            if hidden.is_err_and(|errno| errno != rustix::io::Errno::INVAL) {
                // As above; what is still there is not accessed any more.
                self.reserved = after;
            }
        }
        self.len = self.len.min(len);
    }

    /// Shows the same in a longer range.
    fn relocate(&mut self, file: &File, offset: u64, len: usize) -> io::Result<()> {
        if self.move_to_longer(len) {
            return Ok(());
        }
        *self = Self::map_as(self.view, file, offset, len, self.access)?;
        Ok(())
    }

    /// Moves pages that are in memory to a longer range, without a copy.
    #[cfg(target_os = "linux")]
    fn move_to_longer(&mut self, len: usize) -> bool {
        let (Some(before), Some(after)) = (span(self.lead, self.len), span(self.lead, len)) else {
            return false;
        };
        // A reservation behind the pages would have to be given up apart from them; it is simpler to
        // map anew then.
        if before == 0 || before != self.reserved {
            return false;
        }
        // SAFETY: the range is ours and all of it is one mapping of the file, or the system refuses.
        // Nothing else refers to it, as the caller has us exclusively; its old addresses, which the
        // system may give up, are forgotten here.
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

    /// Lets go of what was touched of a file's pages, which come back from there when they are touched
    /// again.
    #[cfg(target_os = "linux")]
    pub(crate) fn let_go(&self) -> io::Result<()> {
        let (base, span) = self.whole();
        // SAFETY: the range is ours, and what it shows are shared pages of a file, of which no byte
        // changes: this takes nothing out of the file.
        Ok(unsafe { mm::madvise(base.cast(), span, mm::Advice::LinuxDontNeed) }?)
    }

    /// Shows the same bytes of a file once more, elsewhere, to be read. It is a shared view.
    #[cfg(target_os = "linux")]
    pub(crate) fn again(&self) -> io::Result<Self> {
        let (base, span) = self.whole();
        let flags = mm::MremapFlags::MAYMOVE;
        // SAFETY: of a length of 0 nothing is moved (mremap(2)): the system finds a range that nothing
        // uses, and maps there what is shared at `base`, which is ours.
        let twin = unsafe { mm::mremap(base.cast(), 0, span, flags) }?;
        let Self { lead, len, access, view, .. } = *self;
        let mut twin = Self { base: twin.cast(), reserved: span, lead, len, access, view };
        twin.protect()?;
        Ok(twin)
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn again(&self) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Forbids writing.
    pub(crate) fn protect(&mut self) -> io::Result<()> {
        if let Some(span) = span(self.lead, self.len).filter(|&span| span > 0) {
            // SAFETY: the range is ours; writes are refused from now on by who calls this, and one
            // that came all the same would be a fault, not a wrong byte.
            unsafe { mm::mprotect(self.base.cast(), span, MprotectFlags::READ) }?;
        }
        self.access = Access::Read;
        Ok(())
    }

    /// The whole pages around a range of the bytes shown: address and length.
    pub(crate) fn around(&self, range: &Range<usize>) -> (*mut u8, usize) {
        let (first, len) = (self.lead.saturating_add(range.start), range.len());
        let within = first.checked_rem(page_size()).unwrap_or(0);
        (self.base.wrapping_add(first.saturating_sub(within)), len.saturating_add(within))
    }

    /// Brings what was written in the range to the file's device.
    pub(crate) fn sync(&self, range: &Range<usize>) -> io::Result<()> {
        let (address, len) = self.around(range);
        // SAFETY: the range is ours (`around`), and no byte of it changes.
        Ok(unsafe { mm::msync(address.cast(), len, MsyncFlags::SYNC) }?)
    }

    /// Starts to.
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
        // SAFETY: the range is ours, and whoever could access it borrowed from who drops us now.
        let mut unmapped = unsafe { mm::munmap(self.base.cast(), self.reserved) };
        // It fails only in the middle of a huge page, of which the system maps none in part.
        let mut page = page_size();
        while unmapped == Err(rustix::io::Errno::INVAL) && page < HUGEST {
            page = page.saturating_mul(2);
            let Some(len) = self.reserved.checked_next_multiple_of(page) else { return };
            // SAFETY: the range is ours as above. What was mapped at its end was rounded up to a huge page
            // (mmap(2), "Huge page (Huge TLB) mappings"), and all of that is this mapping's. A shorter
            // range than that ends within a huge page, so that the system refuses it and changes nothing;
            // a longer one is not tried.
            unmapped = unsafe { mm::munmap(self.base.cast(), len) };
        }
    }
}

/// The longest huge page of x86-64 and aarch64.
const HUGEST: usize = 1 << 30;

/// Bytes between the start of its page and `offset`.
pub(crate) fn lead_of(offset: u64) -> usize {
    let within = offset.checked_rem(widen(page_size())).unwrap_or(0);
    usize::try_from(within).unwrap_or(0)
}

/// Bytes of the pages that hold `len` bytes behind `lead`. None for no bytes.
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
