//! A view of a part of a file.

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

/// What the pages may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
    /// Written pages become private copies.
    Copy,
}

/// A view of a file. Its length is fixed. It begins at any offset: memmap2 hides that the views of the system
/// begin at multiples of 64 KiB.
pub struct Pages {
    view: MmapRaw,
    access: Access,
    /// Whether any page was ever locked in memory.
    is_locked: AtomicBool,
}

impl Pages {
    /// Maps `len` bytes of `file`, starting at `offset`. `len` is at least 1, and the file has all of them.
    pub(crate) fn map(file: &File, offset: u64, len: usize, access: Access) -> io::Result<Self> {
        let mut options = MmapOptions::new();
        // Otherwise memmap2 creates executable sections to probe the handle.
        options.offset(offset).len(len).no_probe_handle();
        let view = match access {
            Access::Read => options.map_raw_read_only(file)?,
            Access::Write => options.map_raw(file)?,
            // SAFETY: the mapping is never dereferenced as a slice: only its address is kept.
            Access::Copy => unsafe { options.map_copy(file) }?.into(),
        };
        Ok(Self { view, access, is_locked: AtomicBool::new(false) })
    }

    /// The address of the first mapped byte.
    pub(crate) fn first(&self) -> *mut u8 {
        self.view.as_mut_ptr()
    }

    pub(crate) fn len(&self) -> usize {
        self.view.len()
    }

    /// A range of the mapped bytes, extended to the start of its first page: address and length.
    pub(crate) fn around(&self, range: &Range<usize>) -> (*mut u8, usize) {
        assert!(range.start <= range.end && range.end <= self.len(), "{range:?} of {}", self.len());
        let address = self.first().wrapping_add(range.start);
        let within = address.addr().checked_rem(page_size()).unwrap_or(0);
        (address.wrapping_sub(within), range.len().saturating_add(within))
    }

    /// Starts to write the dirty pages of the range to the device: `FlushViewOfFile`.
    pub(crate) fn write_back(&self, range: &Range<usize>) -> io::Result<()> {
        self.view.flush_async_range(range.start, range.len())
    }
}

// SAFETY: 1. The view keeps its addresses and its length until it is dropped. 2. `access` is the access it is
// mapped with; `protect` changes both. 3. Its address is passed only to the guard and to system calls. The
// exception is `AssumeFrozen`, which proves its references sound itself.
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
        // SAFETY: the range is ours. The caller refuses writes from now on; a write that came nevertheless
        // would fault and change no byte.
        let done = unsafe { VirtualProtect(address.cast(), len, PAGE_READONLY, &raw mut before) };
        if done == 0 {
            return Err(io::Error::last_os_error());
        }
        self.access = Access::Read;
        Ok(())
    }

    fn advise(&self, window: &Range<usize>, advice: Advice) -> Result<()> {
        let may_drop = !self.is_locked.load(Ordering::Relaxed);
        paging::advise(self, window, advice, may_drop);
        Ok(())
    }

    /// Returns false: the system may ignore the request, so the pages may not be in memory.
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
    /// Prints no address and no bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("len", &self.len()).finish_non_exhaustive()
    }
}
