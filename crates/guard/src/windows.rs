//! The handler of exceptions: it edits the registers of a routine of ours that faulted, and passes
//! everything else on.

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
use crate::{Cause, OnLostPage, Status, pin};

/// What installing came to, once for the process.
static INSTALLED: OnceLock<Status> = OnceLock::new();

/// Whether it was installed, for who only wants to know that.
static READY: AtomicBool = AtomicBool::new(false);

/// What the system calls our handler, as an address; 0 if it has none.
static HANDLE: Mutex<usize> = Mutex::new(0);

/// Whether a thread may fault already. No thread has to be made ready: exceptions cannot be blocked.
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

/// Ranges that are lent are not known here: nothing else can be put into a view of a file, and the
/// system reports what ends a process.
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

pub(crate) fn status() -> Status {
    prepare();
    *INSTALLED.get_or_init(install)
}

/// Handlers are asked one after the other; who came later and wanted to be first is asked before us.
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

/// The handler is known to the system twice: as the first one, which moves, and as one that stays. A thread
/// whose fault is with somebody else's handler just when ours moves has passed the new place, and the old
/// one is gone when it comes there; it finds the one that stays, which is behind it still: else it would
/// have been asked, and would have answered.
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

/// Puts our handler before all others, and takes out the one that may have been there.
fn come_first() -> bool {
    let mut current = HANDLE.lock().unwrap_or_else(PoisonError::into_inner);
    // SAFETY: a function for exceptions, which lives as long as the process.
    let added = unsafe { AddVectoredExceptionHandler(1, Some(handle)) };
    if added.is_null() {
        return false;
    }
    if *current != 0 {
        // SAFETY: what the system called the handler that we added before, and did not remove.
        unsafe { RemoveVectoredExceptionHandler(ptr::without_provenance(*current)) };
    }
    *current = added.expose_provenance();
    true
}

/// Makes a page of our own fault, to see that it is survived.
fn self_test() -> Status {
    const LEN: usize = 1;
    // SAFETY: new pages, at an address that the system chooses.
    let page = unsafe { VirtualAlloc(ptr::null(), LEN, MEM_RESERVE | MEM_COMMIT, PAGE_NOACCESS) };
    if page.is_null() {
        return Status::Unavailable("there is no memory to test the handler with");
    }
    let mut raw = Raw::default();
    // SAFETY: within the page; the handler is in place.
    let answer = unsafe { arch::load_1(page.cast(), 0, 0, &raw mut raw) };
    // SAFETY: the page made above, which nothing refers to any more.
    unsafe { VirtualFree(page, 0, MEM_RELEASE) };
    if answer.missing == 1 && raw.address == page.addr() {
        Status::Active
    } else {
        Status::Unavailable("a page made to fault did not fault as expected")
    }
}

/// What the code that a landing pad wrote says of the page: nothing, or why it could not be read.
pub(crate) fn cause(code: usize) -> Cause {
    match u32::try_from(code) {
        Ok(0) | Err(_) => Cause::Missing,
        Ok(status) if status.cast_signed() == STATUS_HARDWARE_MEMORY_ERROR => Cause::Hardware,
        Ok(status) => Cause::InPage { status },
    }
}

/// Runs in the interrupted thread, on its stack, before anyone unwinds it. Allocates nothing, takes no
/// lock, and calls nothing.
///
/// # Source
/// `EXCEPTION_RECORD`: of both exceptions the second number is the address, and of `IN_PAGE_ERROR` the
/// third is the `NTSTATUS` of what failed.
unsafe extern "system" fn handle(exception: *mut EXCEPTION_POINTERS) -> i32 {
    // SAFETY: the system passes valid pointers, for as long as the handler runs.
    let pointers = unsafe { &*exception };
    // SAFETY: as above.
    let record = unsafe { &*pointers.ExceptionRecord };
    let [_, address, status, ..] = record.ExceptionInformation;
    let code = match record.ExceptionCode {
        EXCEPTION_ACCESS_VIOLATION => 0,
        EXCEPTION_IN_PAGE_ERROR => u32::try_from(status & 0xFFFF_FFFF).unwrap_or(0),
        _ => return EXCEPTION_CONTINUE_SEARCH,
    };
    // SAFETY: as above; the context is ours to change: what it says when we return is where the thread
    // goes on (`AddVectoredExceptionHandler`).
    let context = unsafe { &mut *pointers.ContextRecord };
    match arch::landing(registers::instruction(context)) {
        Some(landing) => {
            registers::redirect(context, landing, address, code);
            EXCEPTION_CONTINUE_EXECUTION
        }
        None => EXCEPTION_CONTINUE_SEARCH,
    }
}
