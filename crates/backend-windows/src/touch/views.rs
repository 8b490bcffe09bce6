//! A section of memory, and views of it.

use std::io;
use std::ops::Range;
use std::ptr;

use windows_sys::Win32::Foundation::{CloseHandle, HANDLE, INVALID_HANDLE_VALUE};
use windows_sys::Win32::System::Memory::{
    CreateFileMappingW, FILE_MAP_READ, FILE_MAP_WRITE, MEMORY_MAPPED_VIEW_ADDRESS, MapViewOfFile,
    PAGE_NOACCESS, PAGE_READONLY, PAGE_READWRITE, UnmapViewOfFile, VirtualProtect,
};

/// Memory that can be mapped more than once. It has no name, and lives as long as it or a view of it.
pub(super) struct Section {
    handle: HANDLE,
    len: usize,
}

impl Section {
    pub(super) fn new(len: usize) -> io::Result<Self> {
        let size = memmap_core::widen(len);
        let (high, low) = (size >> 32, size & 0xFFFF_FFFF);
        let parts = (u32::try_from(high), u32::try_from(low));
        let (Ok(high), Ok(low)) = parts else { return Err(io::ErrorKind::OutOfMemory.into()) };
        // SAFETY: without a file the system makes new memory; the section has no name, and no attributes, so that no
        // child inherits it.
        let handle = unsafe {
            CreateFileMappingW(
                INVALID_HANDLE_VALUE,
                ptr::null(),
                PAGE_READWRITE,
                high,
                low,
                ptr::null(),
            )
        };
        if handle.is_null() { Err(io::Error::last_os_error()) } else { Ok(Self { handle, len }) }
    }

    pub(super) fn for_reading(&self) -> io::Result<View> {
        self.map(FILE_MAP_READ)
    }

    pub(super) fn for_writing(&self) -> io::Result<View> {
        self.map(FILE_MAP_READ | FILE_MAP_WRITE)
    }

    fn map(&self, access: u32) -> io::Result<View> {
        // SAFETY: the handle is open. The system chooses addresses that nothing uses.
        let view = unsafe { MapViewOfFile(self.handle, access, 0, 0, self.len) }.Value;
        if view.is_null() {
            return Err(io::Error::last_os_error());
        }
        Ok(View { first: view.cast(), len: self.len })
    }
}

impl Drop for Section {
    fn drop(&mut self) {
        // SAFETY: the handle is open, and nothing else owns it. Views keep their memory.
        unsafe { CloseHandle(self.handle) };
    }
}

/// A view of a whole section, which is unmapped when this is dropped.
pub(super) struct View {
    first: *mut u8,
    len: usize,
}

// SAFETY: it owns addresses, which belong to no thread. Who accesses them has promised to do it right.
unsafe impl Send for View {}

// SAFETY: as above.
unsafe impl Sync for View {}

impl View {
    pub(super) const fn first(&self) -> *const u8 {
        self.first
    }

    /// Takes all access away, before anybody has made a reference into the view.
    pub(super) fn close(&self) -> io::Result<()> {
        let all = 0..self.len;
        if self.protect(&all, PAGE_NOACCESS) { Ok(()) } else { Err(io::Error::last_os_error()) }
    }

    /// Allows a range of whole pages to be read. For handlers.
    pub(super) fn open(&self, bytes: &Range<usize>) -> bool {
        self.protect(bytes, PAGE_READONLY)
    }

    fn protect(&self, bytes: &Range<usize>, protection: u32) -> bool {
        let Some(first) = self.within(bytes) else { return false };
        let mut before = 0;
        // SAFETY: pages of this view. No byte changes. An access is taken away in `close` alone, before there is
        // anybody who has it.
        unsafe { VirtualProtect(first.cast(), bytes.len(), protection, &raw mut before) != 0 }
    }

    /// The address of a range; `None` if it is not within the view. For handlers.
    pub(super) fn within(&self, bytes: &Range<usize>) -> Option<*mut u8> {
        let fits = bytes.start <= bytes.end && bytes.end <= self.len;
        fits.then(|| self.first.wrapping_add(bytes.start))
    }
}

impl Drop for View {
    fn drop(&mut self) {
        // SAFETY: the view is ours. Every access to it borrows `self`, so none is left.
        unsafe { UnmapViewOfFile(MEMORY_MAPPED_VIEW_ADDRESS { Value: self.first.cast() }) };
    }
}
