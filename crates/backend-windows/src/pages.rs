//! Address space: a view of a part of a file.

use std::fmt;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use memmap_core::{Advice, ErrorKind, Result};
use memmap_guard::Memory;
use memmap2::{MmapOptions, MmapRaw};
use windows_sys::Win32::System::Memory::{PAGE_READONLY, VirtualProtect};

use crate::os::page_size;
use crate::paging;

/// What is done with the pages, and whether it reaches the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
    /// Pages that are written become this process's own.
    Copy,
}

/// A view of a file, which keeps its length. It begins wherever it was asked to: that the system's
/// views begin at multiples of 64 KiB is hidden by memmap2.
pub struct Pages {
    view: MmapRaw,
    access: Access,
    /// Whether pages were locked into memory, ever.
    is_locked: AtomicBool,
}

impl Pages {
    /// Maps `len` bytes of `file`, from `offset` on. At least one, and the file has them.
    pub(crate) fn map(file: &File, offset: u64, len: usize, access: Access) -> io::Result<Self> {
        let mut options = MmapOptions::new();
        // Otherwise sections are made that could be executed, to see whether they can.
        options.offset(offset).len(len).no_probe_handle();
        let view = match access {
            Access::Read => options.map_raw_read_only(file)?,
            Access::Write => options.map_raw(file)?,
            // SAFETY: what it could be dereferenced to is not made: only its address stays.
            Access::Copy => unsafe { options.map_copy(file) }?.into(),
        };
        Ok(Self { view, access, is_locked: AtomicBool::new(false) })
    }

    /// The first byte shown.
    pub(crate) fn first(&self) -> *mut u8 {
        self.view.as_mut_ptr()
    }

    pub(crate) fn len(&self) -> usize {
        self.view.len()
    }

    /// The range of bytes shown from the start of its first page: address and length.
    pub(crate) fn around(&self, range: &Range<usize>) -> (*mut u8, usize) {
        let address = self.first().wrapping_add(range.start);
        let within = address.addr().checked_rem(page_size()).unwrap_or(0);
        (address.wrapping_sub(within), range.len().saturating_add(within))
    }

    /// Hands what was written in the range to the system, which starts to write it: `FlushViewOfFile`.
    pub(crate) fn write_back(&self, range: &Range<usize>) -> io::Result<()> {
        self.view.flush_async_range(range.start, range.len())
    }
}

// SAFETY: 1. The view keeps its addresses and its length until it is dropped. 2. `access` is what it is mapped
// with, until `protect`. 3. Its address is given to the guard and to system calls alone, but by
// `AssumeFrozen`, which answers for it.
unsafe impl Memory for Pages {
    fn first(&self) -> *mut u8 {
        self.first()
    }

    fn len(&self) -> usize {
        self.len()
    }

    fn is_writable(&self) -> bool {
        self.access != Access::Read
    }
}

impl memmap_core::Pages for Pages {
    fn contains(&self, address: usize) -> bool {
        let (first, len) = self.around(&(0..self.len()));
        let end = first.addr().saturating_add(len).next_multiple_of(page_size());
        (first.addr()..end).contains(&address)
    }

    fn protect(&mut self) -> io::Result<()> {
        let (address, len) = self.around(&(0..self.len()));
        let mut before = 0;
        // SAFETY: the range is ours; writes are refused from now on by who calls this, and one that
        // came all the same would be a fault, not a wrong byte.
        let done = unsafe { VirtualProtect(address.cast(), len, PAGE_READONLY, &raw mut before) };
        if done == 0 {
            return Err(io::Error::last_os_error());
        }
        self.access = Access::Read;
        Ok(())
    }

    fn advise(&self, window: &Range<usize>, advice: Advice, _: bool) -> Result<()> {
        let may_drop = !self.is_locked.load(Ordering::Relaxed);
        paging::advise(self, window, advice, may_drop);
        Ok(())
    }

    /// The system may do nothing, so that nothing is known to be there.
    fn populate(&self, window: &Range<usize>) -> bool {
        paging::prefetch(self, window);
        false
    }

    fn lock(&self, window: &Range<usize>) -> Result<(), ErrorKind> {
        self.is_locked.store(true, Ordering::Relaxed);
        paging::lock(self, window)
    }

    fn unlock(&self, window: &Range<usize>) -> io::Result<()> {
        paging::unlock(self, window)
    }

    fn resident(&self, window: &Range<usize>) -> Result<Vec<Range<u64>>> {
        paging::resident(self, window)
    }
}

impl fmt::Debug for Pages {
    /// No address, and no bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("len", &self.len()).finish_non_exhaustive()
    }
}
