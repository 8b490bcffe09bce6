//! Advice, locking in memory, resident pages and extents.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::windows::io::AsRawHandle;
use std::ptr;
use std::sync::atomic::Ordering;

use memmap_core::{Advice, Error, ErrorKind, Op, Result, widen};
use windows_sys::Win32::Foundation::{
    ERROR_MORE_DATA, ERROR_NO_SYSTEM_RESOURCES, ERROR_NOT_ENOUGH_MEMORY, ERROR_NOT_LOCKED,
    ERROR_WORKING_SET_QUOTA,
};
use windows_sys::Win32::System::IO::DeviceIoControl;
use windows_sys::Win32::System::Ioctl::{
    FILE_ALLOCATED_RANGE_BUFFER, FSCTL_QUERY_ALLOCATED_RANGES,
};
use windows_sys::Win32::System::Memory::{
    PAGE_READONLY, PrefetchVirtualMemory, VirtualLock, VirtualProtect, VirtualUnlock,
    WIN32_MEMORY_RANGE_ENTRY,
};
use windows_sys::Win32::System::ProcessStatus::{
    K32QueryWorkingSetEx, PSAPI_WORKING_SET_EX_INFORMATION,
};
use windows_sys::Win32::System::Threading::GetProcessWorkingSetSize;

use crate::os::{self, page_size};
use crate::pages::{Access, Pages};

fn os(op: Op, error: io::Error) -> Error {
    Error::new(op, ErrorKind::Os(error))
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
        advise(self, window, advice, may_drop);
        Ok(())
    }

    /// Returns false: the system may ignore the request, so the pages may not be in memory.
    fn populate(&self, window: &Range<usize>) -> bool {
        prefetch(self, window);
        false
    }

    fn lock(&self, window: &Range<usize>) -> Result<(), ErrorKind> {
        self.is_locked.store(true, Ordering::Relaxed);
        lock(self, window)
    }

    fn unlock(&self, window: &Range<usize>) -> io::Result<()> {
        unlock(self, window)
    }

    fn resident(&self, window: &Range<usize>) -> Result<Vec<Range<u64>>> {
        resident(self, window)
    }
}

/// Passes advice to the system. Advice that the system does not have is ignored. `may_drop` says that no page is
/// locked in memory, as dropping pages would unlock them.
pub(crate) fn advise(pages: &Pages, window: &Range<usize>, advice: Advice, may_drop: bool) {
    match advice {
        Advice::WillNeed => prefetch(pages, window),
        // Unlocking pages that are not locked removes them from the working set (`VirtualUnlock`). They stay
        // in the file cache, or, if they have private edits, in the paging file.
        Advice::DontNeed | Advice::Evict if may_drop => {
            let (address, len) = pages.around(window);
            // SAFETY: the range is ours, and no byte of it changes.
            unsafe { VirtualUnlock(address.cast(), len) };
        }
        // The order of access can only be set when a file is opened, and the page size when memory is
        // allocated.
        _ => {}
    }
}

/// Makes the system read missing pages, in few and large reads. It may ignore the request.
pub(crate) fn prefetch(pages: &Pages, window: &Range<usize>) {
    let (address, len) = pages.around(window);
    let range = WIN32_MEMORY_RANGE_ENTRY { VirtualAddress: address.cast(), NumberOfBytes: len };
    // SAFETY: our own process; the range is ours, and no byte of it changes.
    unsafe { PrefetchVirtualMemory(os::this_process(), 1, &raw const range, 0) };
}

/// Locks a window in memory.
pub(crate) fn lock(pages: &Pages, window: &Range<usize>) -> Result<(), ErrorKind> {
    let (address, len) = pages.around(window);
    // SAFETY: the range is ours, and no byte of it changes.
    if unsafe { VirtualLock(address.cast(), len) } != 0 {
        return Ok(());
    }
    let error = io::Error::last_os_error();
    let limits = [ERROR_WORKING_SET_QUOTA, ERROR_NO_SYSTEM_RESOURCES, ERROR_NOT_ENOUGH_MEMORY];
    Err(if os::is_one_of(&error, &limits) {
        ErrorKind::LimitReached {
            which: memmap_core::LimitKind::LockedMemory,
            now: None,
            max: Some(working_set()),
        }
    } else {
        ErrorKind::Os(error)
    })
}

/// The minimum working set of this process. All of it but a few pages can be locked (`VirtualLock`).
pub(crate) fn working_set() -> u64 {
    let (mut least, mut most) = (0, 0);
    // SAFETY: our own process; writes to two local numbers alone.
    let done =
        unsafe { GetProcessWorkingSetSize(os::this_process(), &raw mut least, &raw mut most) };
    if done == 0 { u64::MAX } else { widen(least) }
}

pub(crate) fn unlock(pages: &Pages, window: &Range<usize>) -> io::Result<()> {
    let (address, len) = pages.around(window);
    // SAFETY: the range is ours, and no byte of it changes.
    if unsafe { VirtualUnlock(address.cast(), len) } != 0 {
        return Ok(());
    }
    match io::Error::last_os_error() {
        error if os::is_one_of(&error, &[ERROR_NOT_LOCKED]) => Ok(()),
        error => Err(error),
    }
}

/// Pages per query.
const PAGES_MAX: usize = 1 << 12;

/// The bytes of a window that are in the working set of this process.
pub(crate) fn resident(pages: &Pages, window: &Range<usize>) -> Result<Vec<Range<u64>>> {
    let page = os::page_size();
    let (first, len) = pages.around(window);
    let mut ranges: Vec<Range<u64>> = Vec::new();
    let mut answer = Vec::new();
    let mut done = 0_usize;
    while done < len {
        let count = len.saturating_sub(done).div_ceil(page).min(PAGES_MAX);
        answer.clear();
        answer.extend((0..count).map(|index| {
            let at = done.saturating_add(index.saturating_mul(page));
            PSAPI_WORKING_SET_EX_INFORMATION {
                VirtualAddress: first.wrapping_add(at).cast(),
                ..Default::default()
            }
        }));
        let room = u32::try_from(size_of_val(&*answer)).unwrap_or(0);
        // SAFETY: our own process; `answer` has `room` bytes.
        let asked =
            unsafe { K32QueryWorkingSetEx(os::this_process(), answer.as_mut_ptr().cast(), room) };
        if asked == 0 {
            return Err(os(Op::Query, io::Error::last_os_error()));
        }
        for state in &answer {
            // SAFETY: any bits are a valid number. The lowest says whether the page is in the working set.
            let is_there = unsafe { state.VirtualAttributes.Flags } & 1 == 1;
            // The first page may begin before the mapping, so its start is clamped.
            let base = state.VirtualAddress.addr();
            let start = base.saturating_sub(pages.first().addr()).max(window.start);
            let end = base.saturating_add(page).saturating_sub(pages.first().addr());
            let end = end.min(window.end);
            match ranges.last_mut() {
                _ if !is_there || start >= end => {}
                Some(last) if last.end == widen(start) => last.end = widen(end),
                _ => ranges.push(widen(start)..widen(end)),
            }
        }
        done = done.saturating_add(count.saturating_mul(page));
    }
    Ok(ranges)
}

/// The allocated extents of a range of a file, in order: `FSCTL_QUERY_ALLOCATED_RANGES`.
pub(crate) fn allocated(file: &File, range: &Range<u64>) -> io::Result<Vec<Range<u64>>> {
    const RUNS_MAX: usize = 256;
    let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let mut runs: Vec<Range<u64>> = Vec::new();
    let Range { start: mut at, end } = *range;
    loop {
        let asked = FILE_ALLOCATED_RANGE_BUFFER {
            FileOffset: signed(at),
            Length: signed(end.saturating_sub(at)),
        };
        let mut answer = [FILE_ALLOCATED_RANGE_BUFFER::default(); RUNS_MAX];
        let mut answered = 0_u32;
        // SAFETY: the handle is open. This request reads `asked` and writes at most as many structures as
        // `answer` has room for.
        let done = unsafe {
            DeviceIoControl(
                file.as_raw_handle(),
                FSCTL_QUERY_ALLOCATED_RANGES,
                (&raw const asked).cast(),
                u32::try_from(size_of_val(&asked)).unwrap_or(0),
                answer.as_mut_ptr().cast(),
                u32::try_from(size_of_val(&answer)).unwrap_or(0),
                &raw mut answered,
                ptr::null_mut(),
            )
        };
        let is_all = done != 0;
        if !is_all {
            let error = io::Error::last_os_error();
            if !os::is_one_of(&error, &[ERROR_MORE_DATA]) {
                return Err(error);
            }
        }
        let bytes = usize::try_from(answered).unwrap_or(0);
        let count = bytes.checked_div(size_of_val(&asked)).unwrap_or(0);
        for run in answer.iter().take(count) {
            let start = u64::try_from(run.FileOffset).unwrap_or(0);
            let len = u64::try_from(run.Length).unwrap_or(0);
            runs.push(start..start.saturating_add(len));
        }
        let next = runs.last().map_or(end, |run| run.end);
        if is_all || next >= end || next <= at {
            return Ok(runs);
        }
        at = next;
    }
}
