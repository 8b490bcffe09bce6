//! Address space: a view of a part of a file.

use std::fs::File;
use std::io;
use std::ops::Range;

use memmap2::{MmapOptions, MmapRaw};
use windows_sys::Win32::System::Memory::{PAGE_READONLY, VirtualProtect};

use crate::system::page_size;

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
pub(crate) struct Pages {
    view: MmapRaw,
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
        Ok(Self { view })
    }

    /// The first byte shown.
    pub(crate) fn first(&self) -> *mut u8 {
        self.view.as_mut_ptr()
    }

    pub(crate) fn len(&self) -> usize {
        self.view.len()
    }

    /// Whether a fault at this address was one of ours.
    pub(crate) fn contains(&self, address: usize) -> bool {
        let (first, len) = self.around(&(0..self.len()));
        let end = first.addr().saturating_add(len).next_multiple_of(page_size());
        (first.addr()..end).contains(&address)
    }

    /// The range of bytes shown from the start of its first page: address and length.
    pub(crate) fn around(&self, range: &Range<usize>) -> (*mut u8, usize) {
        let address = self.first().wrapping_add(range.start);
        let within = address.addr().checked_rem(page_size()).unwrap_or(0);
        (address.wrapping_sub(within), range.len().saturating_add(within))
    }

    /// Forbids writing.
    pub(crate) fn protect(&mut self) -> io::Result<()> {
        let (address, len) = self.around(&(0..self.len()));
        let mut before = 0;
        // SAFETY: the range is ours; writes are refused from now on by who calls this, and one that
        // came all the same would be a fault, not a wrong byte.
        let done = unsafe { VirtualProtect(address.cast(), len, PAGE_READONLY, &raw mut before) };
        if done == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    /// Hands what was written in the range to the system, which starts to write it: `FlushViewOfFile`.
    pub(crate) fn write_back(&self, range: &Range<usize>) -> io::Result<()> {
        self.view.flush_async_range(range.start, range.len())
    }
}
