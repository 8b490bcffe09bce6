//! The handler of exceptions. If a page of a range that is filled when it is touched was touched, it is filled. If a
//! routine of this crate faulted, the handler edits the routine's registers. It passes every other exception on.

use std::ops::Range;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use windows_sys::Win32::Foundation::{
    EXCEPTION_ACCESS_VIOLATION, EXCEPTION_IN_PAGE_ERROR, STATUS_HARDWARE_MEMORY_ERROR,
};
use windows_sys::Win32::System::Diagnostics::Debug::{
    AddVectoredExceptionHandler, EXCEPTION_CONTINUE_EXECUTION, EXCEPTION_CONTINUE_SEARCH,
    EXCEPTION_POINTERS, RemoveVectoredExceptionHandler,
};
use windows_sys::Win32::System::Memory::{
    MEM_COMMIT, MEM_RELEASE, MEM_RESERVE, PAGE_NOACCESS, VirtualAlloc, VirtualFree,
};

use crate::arch::{self, Raw, registers};
use crate::{Cause, Lost, OnLostPage, Status, pin};

mod touch;

use touch::Touched;
pub(crate) use touch::{FillSlot, register_fill, unblock_fills};

/// The result of installing the handler, once for the process.
static INSTALLED: OnceLock<Status> = OnceLock::new();

/// Whether the handler was installed: a copy of [`INSTALLED`] that is cheaper to read.
static READY: AtomicBool = AtomicBool::new(false);

/// The system's handle of our first handler, as an address; 0 if there is none.
static HANDLE: Mutex<usize> = Mutex::new(0);

/// Whether threads may fault. Exceptions cannot be blocked, so there is nothing to do for each thread.
#[inline]
pub(crate) fn is_ready() -> bool {
    READY.load(Ordering::Relaxed)
}

#[inline]
pub(crate) fn prepare() {
    if !is_ready() {
        INSTALLED.get_or_init(install);
        READY.store(true, Ordering::Relaxed);
    }
}

/// There are no slots, because ranges are not registered here: a page of a view of a file cannot be replaced,
/// and the system itself reports why a process ends.
#[derive(Debug)]
pub(crate) enum Slot {}

impl Slot {
    pub(crate) fn lost(&self) -> Option<usize> {
        match *self {}
    }

    pub(crate) fn retire(&self) {
        match *self {}
    }
}

pub(crate) fn register(_: usize, _: usize, _: OnLostPage) -> Option<Slot> {
    None
}

/// Nothing is known of files, as no page is replaced.
#[derive(Debug)]
pub(crate) enum Mend {}

impl Mend {
    pub(crate) fn lost(&self, _: usize, _: Range<usize>) -> Vec<Lost> {
        match *self {}
    }
}

pub(crate) fn status() -> Status {
    prepare();
    *INSTALLED.get_or_init(install)
}

/// Handlers are called one after another. One that was added later as the first is called before ours.
pub(crate) fn ensure() -> Status {
    let status = status();
    if status == Status::Active {
        come_first();
    }
    status
}

pub(crate) fn can_guard() -> bool {
    ensure() == Status::Active
}

/// Adds the handler twice: as the first one, which [`come_first`] moves, and as the last one, which stays. If
/// a thread is in a handler of others while ours moves, it is past the new position, and finds nothing at the
/// old one. It then reaches the one that stays.
fn install() -> Status {
    pin::keep_loaded();
    // SAFETY: a function for exceptions, which lives as long as the process.
    let staying = unsafe { AddVectoredExceptionHandler(0, Some(handle)) };
    if !staying.is_null() && come_first() {
        self_test()
    } else {
        Status::Unavailable("the system accepts no handler for exceptions")
    }
}

/// Adds our handler before all others, and removes the one that was added before.
fn come_first() -> bool {
    let mut current = HANDLE.lock().unwrap_or_else(PoisonError::into_inner);
    // SAFETY: a function for exceptions, which lives as long as the process.
    let added = unsafe { AddVectoredExceptionHandler(1, Some(handle)) };
    if added.is_null() {
        return false;
    }
    if *current != 0 {
        // SAFETY: the handle of the handler that was added before, and was not removed.
        unsafe { RemoveVectoredExceptionHandler(ptr::without_provenance(*current)) };
    }
    *current = added.expose_provenance();
    true
}

/// Tests the handler with a page of our own that faults.
fn self_test() -> Status {
    const LEN: usize = 1;
    // SAFETY: new pages, at an address that the system chooses.
    let page = unsafe { VirtualAlloc(ptr::null(), LEN, MEM_RESERVE | MEM_COMMIT, PAGE_NOACCESS) };
    if page.is_null() {
        return Status::Unavailable("there is no memory to test the handler with");
    }
    let mut raw = Raw::default();
    // SAFETY: within the page; the handler is installed.
    let answer = unsafe { arch::load_1(page.cast(), 0, 0, &raw mut raw) };
    // SAFETY: the page made above, to which there is no reference.
    unsafe { VirtualFree(page, 0, MEM_RELEASE) };
    if answer.missing == 1 && raw.address == page.addr() {
        Status::Active
    } else {
        Status::Unavailable("a page made to fault did not fault as expected")
    }
}

/// The cause that a code, as written by a landing pad, stands for: 0, or the reason why a page could not be
/// read.
pub(crate) fn cause(code: usize) -> Cause {
    match u32::try_from(code) {
        Ok(0) | Err(_) => Cause::Missing,
        Ok(status) if status.cast_signed() == STATUS_HARDWARE_MEMORY_ERROR => Cause::Hardware,
        Ok(status) => Cause::InPage { status },
    }
}

/// The handler. It runs in the interrupted thread, on its stack, before the stack is unwound. It allocates
/// nothing, takes no lock, and calls only what fills the range that was touched and, for a page of one that is lost,
/// `WriteFile`.
///
/// # Source
/// `EXCEPTION_RECORD`: in both exceptions the second parameter is the address, and in `IN_PAGE_ERROR` the third
/// is the `NTSTATUS` of the failure.
unsafe extern "system" fn handle(exception: *mut EXCEPTION_POINTERS) -> i32 {
    // SAFETY: the system passes pointers that are valid while the handler runs.
    let pointers = unsafe { &*exception };
    // SAFETY: as above.
    let record = unsafe { &*pointers.ExceptionRecord };
    let [_, address, status, ..] = record.ExceptionInformation;
    let (code, touched) = match record.ExceptionCode {
        EXCEPTION_ACCESS_VIOLATION => (0, touch::touch(record)),
        EXCEPTION_IN_PAGE_ERROR => (u32::try_from(status & 0xFFFF_FFFF).unwrap_or(0), None),
        _ => return EXCEPTION_CONTINUE_SEARCH,
    };
    if matches!(touched, Some(Touched::Ready)) {
        return EXCEPTION_CONTINUE_EXECUTION;
    }
    // SAFETY: as above; the handler may change the context, and the thread continues with the context as it
    // is when the handler returns (`AddVectoredExceptionHandler`).
    let context = unsafe { &mut *pointers.ContextRecord };
    if let Some(landing) = arch::landing(registers::instruction(context)) {
        registers::redirect(context, landing, address, code);
        return EXCEPTION_CONTINUE_EXECUTION;
    }
    if let Some(Touched::Lost(byte)) = touched {
        touch::tell(byte);
    }
    EXCEPTION_CONTINUE_SEARCH
}
