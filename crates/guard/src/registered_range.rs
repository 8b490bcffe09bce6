//! Ranges of memory that are lent as slices, whose readers no routine of ours guards.

use std::sync::atomic::{Ordering, compiler_fence, fence};

use crate::handler::{self, Slot};

/// What to do when a page of a lent range is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnLostPage {
    /// One line on standard error says which byte is lost, and then the fault goes to who handled it
    /// before, as without us: the process ends by `SIGBUS`, with its core dump.
    Abort,
    /// A page of zeros takes its place, for good: it stays when the file grows back, or the device
    /// recovers. No other page is touched.
    Zeros,
}

/// A range of memory that is lent as a slice, known to the handler while this exists.
///
/// Who reads a slice over a mapped file can lose a page of it even if nobody changes the file, as
/// when its device fails. That fault is no routine's of ours, so it cannot become a value; what
/// happens instead is said by [`OnLostPage`]. A guarded access to the same range replaces nothing: its
/// fault is a value. Once a page became zeros, guarded accesses find those zeros too. Bytes that are
/// lent for zeros and also copied are therefore mapped twice, and only one of the mappings is lent.
///
/// What one range loses counts for every other that has a part in the same page, and if one of them
/// says `Abort`, that is done. What was lost before a range was lent is not known to it.
///
/// # Platform
/// Where [`status`](crate::status()) is `Unavailable`, and on Windows, this does nothing: a lost page ends
/// the process, and [`lost`](Self::lost) is `None`.
///
/// A thread that blocks `SIGBUS` dies of the fault whatever is said here. Making this lets the signal
/// through in this thread, and so does [`status`](crate::status()) in the one that calls it; threads
/// of Rust do not block it unless they, or who started them, asked for it. A system call that is given
/// lost bytes of the slice raises no signal; it answers `EFAULT`, and the page stays lost.
///
/// # Cost
/// A few atomic accesses. Of live ranges there can be any number; looking for a free place, and for
/// the range of a fault, goes through all of them.
#[derive(Debug)]
#[must_use = "the range is known to the handler only while this exists"]
pub struct RegisteredRange {
    slot: Option<Slot>,
}

impl RegisteredRange {
    /// Makes the `len` bytes from `first` on known to the handler. Of no bytes nothing is made known.
    ///
    /// # Safety
    /// 1. `first..first + len` is mapped by `mmap` or its like and stays so until this is dropped.
    ///    Neither needs to begin or end with a page, but every page that the range has a part in is
    ///    given to us: it is one of the same mapping, not accessed by who does not know of this.
    /// 2. References to these bytes are made after this, and not used once it is dropped.
    /// 3. With `Zeros`, the caller answers for what a page of the range, which becomes zeros at any
    ///    time, does to each reference into it: the bytes change under it. In the same process
    ///    nothing writes to those pages, which cannot be written to any more.
    pub unsafe fn new(first: *const u8, len: usize, on_lost: OnLostPage) -> Self {
        let first = first.addr();
        let last = len.checked_sub(1).map(|len| first.saturating_add(len));
        let slot = last.and_then(|last| handler::register(first, last, on_lost));
        // No access to the range, which the handler of this same thread may be asked about, is made
        // earlier than it is known. (What another thread does it does after it was told.)
        compiler_fence(Ordering::SeqCst);
        Self { slot }
    }

    /// Whether a page of the range was lost: how far behind the first byte of the range the lowest
    /// byte is that was. Once it is `Some` it stays, and can become less but not more.
    ///
    /// Of a page that became zeros this is known before anyone reads them. So where this is `None`
    /// *after* the last use of the slice, what was read is what was there.
    pub fn lost(&self) -> Option<usize> {
        // After all that this thread read before, a zero of a lost page perhaps.
        fence(Ordering::SeqCst);
        self.slot.as_ref()?.lost()
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
            // SAFETY: of no bytes nothing is demanded.
            let lent = unsafe {
                RegisteredRange::new(ptr::without_provenance(first), 0, OnLostPage::Abort)
            };
            assert!(lent.slot.is_none());
            assert_eq!(lent.lost(), None);
        }
    }
}
