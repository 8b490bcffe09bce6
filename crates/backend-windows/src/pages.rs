//! A view of a part of a file.

use std::fmt;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::atomic::AtomicBool;

use memmap_guard::Memory;
use memmap2::{MmapOptions, MmapRaw};

use crate::os::page_size;

/// What a view may be used for.
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
    pub(crate) access: Access,
    /// Whether any page was ever locked in memory.
    pub(crate) is_locked: AtomicBool,
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

impl fmt::Debug for Pages {
    /// Prints no address and no bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("len", &self.len()).finish_non_exhaustive()
    }
}
