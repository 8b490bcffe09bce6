//! Anonymous memory on Windows. Addresses are reserved, and memory is committed for those in use. A section,
//! which memmap2 would create, commits memory for its whole length.

use std::io;
use std::ops::{Deref, DerefMut, Range};
use std::ptr;
use std::slice;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use memmap_core::{Advice, Error, ErrorKind, Op, Result, widen};
use windows_sys::Win32::Foundation::{
    ERROR_COMMITMENT_LIMIT, ERROR_INVALID_PARAMETER, ERROR_NO_SYSTEM_RESOURCES,
    ERROR_NOT_ENOUGH_MEMORY, ERROR_NOT_LOCKED, ERROR_WORKING_SET_QUOTA, HANDLE,
};
use windows_sys::Win32::System::Memory::{
    MEM_COMMIT, MEM_DECOMMIT, MEM_RELEASE, MEM_RESERVE, PAGE_NOACCESS, PAGE_READWRITE,
    PrefetchVirtualMemory, VirtualAlloc, VirtualFree, VirtualLock, VirtualUnlock,
    WIN32_MEMORY_RANGE_ENTRY,
};
use windows_sys::Win32::System::SystemInformation::{GetSystemInfo, SYSTEM_INFO};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, GetProcessWorkingSetSize};

/// A reserved range of addresses. Its first `committed` bytes have memory.
pub(crate) struct Pages {
    base: *mut u8,
    reserved: usize,
    /// A multiple of the page size.
    committed: usize,
    is_locked: AtomicBool,
}

// SAFETY: it owns its memory, as a `Vec<u8>` does.
unsafe impl Send for Pages {}

// SAFETY: as above.
unsafe impl Sync for Pages {}

fn page_size() -> usize {
    static SIZE: OnceLock<usize> = OnceLock::new();
    *SIZE.get_or_init(|| {
        let mut info = SYSTEM_INFO::default();
        // SAFETY: writes to `info` alone.
        unsafe { GetSystemInfo(&raw mut info) };
        usize::try_from(info.dwPageSize).ok().filter(|size| size.is_power_of_two()).unwrap_or(4096)
    })
}

fn this_process() -> HANDLE {
    // SAFETY: returns a constant, a pseudo handle that need not be closed.
    unsafe { GetCurrentProcess() }
}

fn whole_pages(len: usize) -> Option<usize> {
    len.checked_next_multiple_of(page_size())
}

fn out_of_memory() -> io::Error {
    io::ErrorKind::OutOfMemory.into()
}

pub(crate) fn is_out_of_memory(error: &io::Error) -> bool {
    // A length beyond the address space is an invalid parameter to the system.
    let codes = [ERROR_NOT_ENOUGH_MEMORY, ERROR_COMMITMENT_LIMIT, ERROR_INVALID_PARAMETER];
    error.kind() == io::ErrorKind::OutOfMemory || is_one_of(error, &codes)
}

fn is_one_of(error: &io::Error, codes: &[u32]) -> bool {
    error.raw_os_error().is_some_and(|code| codes.contains(&code.cast_unsigned()))
}

pub(crate) fn zeroed(len: usize) -> io::Result<Pages> {
    reserve(len, len)
}

/// Addresses for `most` bytes, and memory for `len` of them.
pub(crate) fn reserve(most: usize, len: usize) -> io::Result<Pages> {
    let reserved = whole_pages(most.max(1)).ok_or_else(out_of_memory)?;
    // SAFETY: reserves addresses that the system chooses, so that nothing in use is affected.
    let base = unsafe { VirtualAlloc(ptr::null(), reserved, MEM_RESERVE, PAGE_NOACCESS) };
    if base.is_null() {
        return Err(io::Error::last_os_error());
    }
    let is_locked = AtomicBool::new(false);
    let mut pages = Pages { base: base.cast(), reserved, committed: 0, is_locked };
    pages.commit(len)?;
    Ok(pages)
}

impl Pages {
    /// Commits memory for the first `len` bytes.
    fn commit(&mut self, len: usize) -> io::Result<()> {
        let end = whole_pages(len).filter(|&end| end <= self.reserved).ok_or_else(out_of_memory)?;
        let Some(more) = end.checked_sub(self.committed).filter(|&more| more > 0) else {
            return Ok(());
        };
        let at = self.base.wrapping_add(self.committed).cast_const().cast();
        // SAFETY: `committed + more` is at most `reserved`, so the range is ours. It had no memory yet, so
        // nothing refers to it.
        let committed = unsafe { VirtualAlloc(at, more, MEM_COMMIT, PAGE_READWRITE) };
        if committed.is_null() {
            return Err(io::Error::last_os_error());
        }
        self.committed = end;
        Ok(())
    }
}

impl Deref for Pages {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        #[expect(clippy::disallowed_methods, reason = "this is the backend, and its memory")]
        // SAFETY: `committed` bytes are readable and initialised, as zeros at first. Only `self` gives
        // access to them, so they do not change while `self` is borrowed.
        unsafe {
            slice::from_raw_parts(self.base, self.committed)
        }
    }
}

impl DerefMut for Pages {
    fn deref_mut(&mut self) -> &mut [u8] {
        #[expect(clippy::disallowed_methods, reason = "this is the backend, and its memory")]
        // SAFETY: as above; `self` is borrowed exclusively, and the memory is writable.
        unsafe {
            slice::from_raw_parts_mut(self.base, self.committed)
        }
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: the whole range that was reserved. References to it borrow from `self`, so none is left.
        unsafe { VirtualFree(self.base.cast(), 0, MEM_RELEASE) };
    }
}

pub(crate) fn room(pages: &Pages) -> usize {
    pages.reserved
}

/// Sets bytes to zero, up to the end of the bytes in use, and releases the memory of whole pages.
pub(crate) fn zero(pages: &mut Pages, range: Range<usize>) {
    let Some(first) = whole_pages(range.start) else { return };
    if let Some(bytes) = pages.get_mut(range.start..first.min(range.end)) {
        bytes.fill(0);
    }
    let Some(less) = pages.committed.checked_sub(first).filter(|&less| less > 0) else { return };
    let at = pages.base.wrapping_add(first).cast();
    // SAFETY: the range starts at a page boundary and ends where the committed memory does. No reference to
    // it exists, as `pages` is borrowed exclusively, and `committed` excludes it from here on.
    if unsafe { VirtualFree(at, less, MEM_DECOMMIT) } != 0 {
        pages.committed = first;
    } else if let Some(bytes) = pages.get_mut(first..range.end) {
        bytes.fill(0);
    }
}

/// Extends the memory by zeros without copying. Returns whether it did.
pub(crate) fn grow(pages: &mut Pages, len: usize) -> bool {
    pages.commit(len).is_ok()
}

/// The whole pages around a range.
fn around(pages: &Pages, range: &Range<usize>) -> (*mut u8, usize) {
    let start = range.start.saturating_sub(range.start.checked_rem(page_size()).unwrap_or(0));
    (pages.base.wrapping_add(start), range.end.saturating_sub(start))
}

/// Passes advice to the system. Advice that the system does not have is ignored.
#[expect(clippy::unnecessary_wraps, reason = "other systems may refuse")]
pub(crate) fn advise(pages: &Pages, range: Range<usize>, advice: Advice) -> io::Result<()> {
    let (address, len) = around(pages, &range);
    match advice {
        Advice::WillNeed => {
            let range =
                WIN32_MEMORY_RANGE_ENTRY { VirtualAddress: address.cast(), NumberOfBytes: len };
            // SAFETY: our own process; the range is ours, and no byte of it changes.
            unsafe { PrefetchVirtualMemory(this_process(), 1, &raw const range, 0) };
        }
        // Unlocking pages that are not locked removes them from the working set.
        Advice::DontNeed | Advice::Evict if !pages.is_locked.load(Ordering::Relaxed) => {
            // SAFETY: the range is ours, and no byte of it changes.
            unsafe { VirtualUnlock(address.cast(), len) };
        }
        _ => {}
    }
    Ok(())
}

pub(crate) fn lock_in_ram(pages: &Pages, range: Range<usize>) -> Result<()> {
    let (address, len) = around(pages, &range);
    pages.is_locked.store(true, Ordering::Relaxed);
    // SAFETY: the range is ours, and no byte of it changes.
    if unsafe { VirtualLock(address.cast(), len) } != 0 {
        return Ok(());
    }
    let error = io::Error::last_os_error();
    let limits = [ERROR_WORKING_SET_QUOTA, ERROR_NO_SYSTEM_RESOURCES, ERROR_NOT_ENOUGH_MEMORY];
    let kind = if is_one_of(&error, &limits) {
        let (mut least, mut most) = (0, 0);
        // SAFETY: our own process; writes to two local numbers alone.
        let asked =
            unsafe { GetProcessWorkingSetSize(this_process(), &raw mut least, &raw mut most) };
        let max = if asked == 0 { u64::MAX } else { widen(least) };
        ErrorKind::LimitReached {
            which: memmap_core::LimitKind::LockedMemory,
            now: None,
            max: Some(max),
        }
    } else {
        ErrorKind::Os(error)
    };
    Err(Error::new(Op::Prefault, kind))
}

pub(crate) fn unlock_from_ram(pages: &Pages, range: Range<usize>) -> io::Result<()> {
    let (address, len) = around(pages, &range);
    // SAFETY: the range is ours, and no byte of it changes.
    if unsafe { VirtualUnlock(address.cast(), len) } != 0 {
        return Ok(());
    }
    match io::Error::last_os_error() {
        error if is_one_of(&error, &[ERROR_NOT_LOCKED]) => Ok(()),
        error => Err(error),
    }
}
