//! Ranges of memory that are borrowed as slices, so that code outside of this crate reads them.

use std::ops::Range;
use std::sync::atomic::{Ordering, compiler_fence, fence};

use crate::handler::{self, Mend, Slot};
use crate::{Lost, OnLostPage};

/// A range of memory that is borrowed as a slice, registered with the handler while this value exists.
///
/// A page of a slice over a mapped file can be lost even if nobody changes the file, for example when its
/// device fails. No routine of this crate reads the slice, so the fault cannot become a value;
/// [`OnLostPage`] says what happens instead. A guarded access to a registered range replaces nothing: its
/// fault is a value. Once a page has become zeros, guarded accesses read those zeros too. Memory that is
/// both borrowed with `Zeros` and copied is therefore mapped twice, and only one mapping is registered.
///
/// If a page is part of several ranges, it is lost for all of them, and if one of them says `Abort`, that
/// is done. Losses before a range was registered are not reported by it.
///
/// # Platform
/// Where [`status()`](crate::status()) is `Unavailable`, and on Windows, this does nothing: a lost page ends
/// the process, and [`lost`](Self::lost) is `None`.
///
/// In a thread that blocks `SIGBUS` the fault ends the process whatever was chosen. Creating this value
/// unblocks the signal in the current thread, and so does [`status()`](crate::status()). Rust's threads do
/// not block it unless they, or the thread that started them, asked for it. A system call that is passed
/// lost bytes of the slice raises no signal: it returns `EFAULT`, and the page stays lost.
///
/// # Cost
/// A few atomic accesses. Any number of ranges can be registered; finding a free slot, and the range of a
/// fault, looks at all of them.
#[derive(Debug)]
#[must_use = "the range is registered only while this exists"]
pub struct RegisteredRange {
    slot: Option<Slot>,
    /// What the handler knows of the file of the pages, and where the range begins. Dropped after the slot was
    /// retired, when no reference is left, and so no fault of one can come.
    of_file: Option<(Box<Mend>, usize)>,
}

impl RegisteredRange {
    /// Registers the `len` bytes at `first`. A range of no bytes is not registered.
    ///
    /// # Safety
    /// 1. `first..first + len` is mapped by `mmap` or its like, and stays mapped until this value is
    ///    dropped. The range need not begin or end at a page boundary, but every page that it overlaps
    ///    belongs to the same mapping, and is only accessed by code that knows of this registration.
    /// 2. References to these bytes are created after this call, and are not used after the drop.
    /// 3. With `Zeros`, the caller is responsible for every reference into a page of the range: the page may
    ///    become zeros at any time, so the bytes change under the reference. Nothing in this process writes
    ///    to those pages, which are then no longer writable.
    pub unsafe fn new(first: *const u8, len: usize, on_lost: OnLostPage) -> Self {
        let first = first.addr();
        let last = len.checked_sub(1).map(|len| first.saturating_add(len));
        let slot = last.and_then(|last| handler::register(first, last, on_lost));
        // This thread makes no access to the range before the registration, so its handler finds it.
        // (Another thread accesses the range only after it was passed the slice.)
        compiler_fence(Ordering::SeqCst);
        Self { slot, of_file: None }
    }

    /// Registers the `len` bytes at `first`, at least one, which are those at `position` of the file that this
    /// descriptor is of. With a page that is lost because the file ends before it, all pages that lie behind the
    /// end become zeros, by one mapping; any other lost page by itself, and if no mapping is left, what follows
    /// it too. If `is_writable`, stores to zeros succeed, and reach nobody.
    ///
    /// What was lost is known page by page, also what a child lost after a fork: [`losses`](Self::losses).
    ///
    /// `None` where the system has no handler, or no memory.
    ///
    /// # Safety
    /// As [`new`](Self::new) with [`OnLostPage::Zeros`], and with `is_writable` this process may write to the pages
    /// other than through this crate. The descriptor stays open until this value is dropped. (If somebody else
    /// closes it, each lost page is replaced by itself.)
    #[cfg(unix)]
    #[must_use]
    pub unsafe fn of_file(
        first: *const u8,
        len: usize,
        file: std::os::fd::BorrowedFd<'_>,
        position: u64,
        is_writable: bool,
    ) -> Option<Self> {
        use std::os::fd::AsRawFd;

        use crate::handler::OfFile;

        let first = first.addr();
        let last = first.saturating_add(len.checked_sub(1)?);
        let file = OfFile::new(file.as_raw_fd(), position)?;
        let (slot, mend) = handler::register_of_file(first, last, file, is_writable)?;
        // As in `new`.
        compiler_fence(Ordering::SeqCst);
        Some(Self { slot: Some(slot), of_file: Some((mend, first)) })
    }

    /// What was lost of these bytes of a range [of a file](Self::of_file), in order: whole pages, and no others.
    ///
    /// A loss is recorded before any thread can read the zeros.
    pub fn losses(&self, bytes: Range<usize>) -> Vec<Lost> {
        self.of_file.as_ref().map_or_else(Vec::new, |(mend, first)| mend.lost(*first, bytes))
    }

    /// Returns the offset in the range of the lowest byte that was lost; `None` if none was. Once it is
    /// `Some` it stays so, and can only decrease.
    ///
    /// The loss of a page that becomes zeros is recorded before any thread can read the zeros. If this is
    /// `None` *after* the last use of the slice, no zero of a replaced page was read.
    pub fn lost(&self) -> Option<usize> {
        // After all reads of this thread, which may have seen a zero of a lost page.
        fence(Ordering::SeqCst);
        let slot = self.slot.as_ref()?;
        if self.of_file.is_none() {
            return slot.lost();
        }
        // Also what a child has lost.
        Some(self.losses(0..usize::MAX).first()?.start)
    }
}

impl Drop for RegisteredRange {
    fn drop(&mut self) {
        if let Some(slot) = &self.slot {
            slot.retire();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ptr;

    use super::*;

    #[test]
    fn no_bytes_are_no_range() {
        for first in [0, 4096, usize::MAX] {
            // SAFETY: the conditions are about bytes, and there are none.
            let range = unsafe {
                RegisteredRange::new(ptr::without_provenance(first), 0, OnLostPage::Abort)
            };
            assert!(range.slot.is_none());
            assert_eq!(range.lost(), None);
        }
    }
}
