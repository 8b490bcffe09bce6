//! Ranges that are filled when they are touched: the part of the handler of exceptions that is about them.

use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{hint, thread};

use windows_sys::Win32::Foundation::{GetLastError, SetLastError};
use windows_sys::Win32::Storage::FileSystem::WriteFile;
use windows_sys::Win32::System::Console::{GetStdHandle, STD_ERROR_HANDLE};
use windows_sys::Win32::System::Diagnostics::Debug::EXCEPTION_RECORD;
use windows_sys::Win32::System::Memory::{
    MEM_COMMIT, MEM_RELEASE, MEM_RESERVE, PAGE_NOACCESS, PAGE_READONLY, VirtualAlloc, VirtualFree,
    VirtualProtect,
};

use crate::arch::{self, Raw};
use crate::filler::Filler;
use crate::range_table::{RangeTable, Slot};
use crate::report::report;
use crate::{Fill, Filled, Status};

/// All ranges of this process that are filled when they are touched.
static RANGES: RangeTable<Filler, 64> = RangeTable::new();

/// Whether the handler passed the test of filling. Failures are not remembered, because their reason may pass.
static WORKS: AtomicBool = AtomicBool::new(false);

const BEHIND: &str = "another handler of exceptions is in front of ours";
const NO_MEMORY: &str = "there is no memory to test the handler with";
const NOT_FILLED: &str = "a page that was to be filled when it was touched was not";

/// Bytes of a page on x86-64.
const PAGE: usize = 4096;

/// An access that is a load, as the record of an access violation says.
const LOAD: usize = 0;

/// A range in the table.
#[derive(Debug)]
pub(crate) struct FillSlot {
    slot: &'static Slot<Filler>,
}

/// Adds a range, and makes the handler the first one again.
pub(crate) fn register_fill(
    first: usize,
    last: usize,
    fill: Arc<dyn Fill>,
) -> Result<FillSlot, &'static str> {
    match super::ensure() {
        Status::Active => {}
        Status::Unavailable(why) => return Err(why),
        Status::Replaced => return Err(BEHIND),
    }
    if !WORKS.load(Ordering::Relaxed) {
        self_test()?;
        WORKS.store(true, Ordering::Relaxed);
    }
    Ok(FillSlot::add(first, last, fill))
}

/// Exceptions cannot be blocked.
pub(crate) fn unblock_fills() {}

impl FillSlot {
    fn add(first: usize, last: usize, fill: Arc<dyn Fill>) -> Self {
        Self { slot: RANGES.add(first, last, fill) }
    }
}

impl Drop for FillSlot {
    fn drop(&mut self) {
        let mut turns = 0_u32;
        let may_wait = || {
            turns = turns.saturating_add(1);
            if turns < 100 {
                hint::spin_loop();
            } else {
                thread::yield_now();
            }
            true
        };
        // SAFETY: this value owns the slot, and does not use it afterwards.
        unsafe { self.slot.remove(may_wait) };
    }
}

/// What became of a touch.
pub(super) enum Touched {
    /// The page is there: the load is to be executed again.
    Ready,
    /// The page with this byte of a range cannot be had.
    Lost(usize),
}

/// Fills the page that an access violation is about, if it is a load from a range that is to be filled. The last
/// error of the thread is preserved.
///
/// # Source
/// `EXCEPTION_RECORD`: of an access violation the first parameter is 0 for a load, and the second is the address.
pub(super) fn touch(record: &EXCEPTION_RECORD) -> Option<Touched> {
    let [LOAD, address, ..] = record.ExceptionInformation else { return None };
    if record.NumberParameters < 2 {
        return None;
    }
    match with_last_error_kept(|| RANGES.fill(address, true))? {
        (Filled::Ready, _) => Some(Touched::Ready),
        (Filled::Lost, offset) => Some(Touched::Lost(offset.saturating_sub(address % PAGE))),
    }
}

/// Writes the line about a lost byte of a range to standard error.
pub(super) fn tell(byte: usize) {
    with_last_error_kept(|| {
        report(byte, |line| {
            // SAFETY: takes and returns a number. A process without standard error has a null handle here, which
            // the next call refuses.
            let to = unsafe { GetStdHandle(STD_ERROR_HANDLE) };
            let (len, mut written) = (u32::try_from(line.len()).unwrap_or(0), 0);
            // SAFETY: the bytes of the line; the number goes to a local variable.
            unsafe { WriteFile(to, line.as_ptr(), len, &raw mut written, ptr::null_mut()) };
        });
    });
}

fn with_last_error_kept<T>(act: impl FnOnce() -> T) -> T {
    // SAFETY: returns a number of this thread.
    let before = unsafe { GetLastError() };
    let result = act();
    // SAFETY: sets a number of this thread.
    unsafe { SetLastError(before) };
    result
}

/// Makes a page readable when it is touched.
struct Opens {
    page: usize,
}

// SAFETY: a single system call, on a page of its own, which was not read before because it was not accessible.
unsafe impl Fill for Opens {
    fn fill(&self, _: usize) -> Filled {
        let mut before = 0;
        let page = ptr::without_provenance(self.page);
        // SAFETY: the page that `self_test` made.
        match unsafe { VirtualProtect(page, PAGE, PAGE_READONLY, &raw mut before) } {
            0 => Filled::Lost,
            _ => Filled::Ready,
        }
    }
}

/// Tests the handler with a page of our own. The error says what failed.
fn self_test() -> Result<(), &'static str> {
    // SAFETY: new pages, at an address that the system chooses.
    let page = unsafe { VirtualAlloc(ptr::null(), PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_NOACCESS) };
    if page.is_null() {
        return Err(NO_MEMORY);
    }
    let first = page.addr();
    let slot = FillSlot::add(first, first + (PAGE - 1), Arc::new(Opens { page: first }));
    let mut raw = Raw::default();
    // SAFETY: within the page; the handler is installed, and the page is in the table.
    let answer = unsafe { arch::load_1(page.cast(), 0, 0, &raw mut raw) };
    drop(slot);
    // SAFETY: the page made above, to which there is no reference.
    unsafe { VirtualFree(page, 0, MEM_RELEASE) };
    if answer.missing == 0 { Ok(()) } else { Err(NOT_FILLED) }
}
