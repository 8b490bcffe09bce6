//! Pages that were made inaccessible, and exceptions that are not ours.

use std::ptr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use memmap_guard::{Cause, Fault, Status, copy_in, copy_out, ensure, load, status};
use windows_sys::Win32::Foundation::{EXCEPTION_ACCESS_VIOLATION, EXCEPTION_IN_PAGE_ERROR};
use windows_sys::Win32::System::Diagnostics::Debug::{
    AddVectoredExceptionHandler, EXCEPTION_CONTINUE_EXECUTION, EXCEPTION_CONTINUE_SEARCH,
    EXCEPTION_POINTERS, RaiseException, RemoveVectoredExceptionHandler,
};
use windows_sys::Win32::System::Memory::{
    MEM_COMMIT, MEM_RELEASE, MEM_RESERVE, PAGE_NOACCESS, PAGE_READWRITE, VirtualAlloc, VirtualFree,
    VirtualProtect,
};

use super::PAGE;

/// Pages whose second half is inaccessible.
pub(crate) struct Cut {
    first: *mut u8,
    len: usize,
}

// SAFETY: it is the address of memory, which belongs to no thread; only the guard accesses it.
unsafe impl Send for Cut {}

// SAFETY: as above.
unsafe impl Sync for Cut {}

impl Cut {
    /// `pages` pages, followed by the same number of missing ones.
    pub(crate) fn of(pages: usize) -> Self {
        let len = pages * PAGE;
        // SAFETY: new pages, at an address that the system chooses.
        let first =
            unsafe { VirtualAlloc(ptr::null(), 2 * len, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE) };
        assert!(!first.is_null());
        let cut = Self { first: first.cast(), len };
        let bytes: Vec<u8> = (0..len).map(|at| (at % 251) as u8).collect();
        // SAFETY: within the memory, to which there is no other reference.
        unsafe { copy_in(cut.at(0), &bytes) }.unwrap();
        cut.protect(PAGE_NOACCESS);
        cut
    }

    pub(crate) fn at(&self, offset: usize) -> *mut u8 {
        self.first.wrapping_add(offset)
    }

    fn protect(&self, protection: u32) {
        let mut before = 0;
        // SAFETY: the second half, which only the guard accesses.
        let done = unsafe {
            VirtualProtect(self.at(self.len).cast(), self.len, protection, &raw mut before)
        };
        assert!(done != 0);
    }
}

impl Drop for Cut {
    fn drop(&mut self) {
        // SAFETY: what was allocated, to which there is no reference any more.
        unsafe { VirtualFree(self.first.cast(), 0, MEM_RELEASE) };
    }
}

#[test]
fn a_page_that_comes_back_is_read_again() {
    let cut = Cut::of(1);
    let mut out = [0xEE; 8];
    // SAFETY: within the memory.
    unsafe { copy_out(cut.at(PAGE), &mut out) }.unwrap_err();
    cut.protect(PAGE_READWRITE);
    // SAFETY: within the memory.
    unsafe { copy_out(cut.at(PAGE), &mut out) }.unwrap();
    assert_eq!(out, [0; 8]);
}

#[test]
fn a_page_that_goes_while_it_is_copied_is_a_fault_at_its_first_byte() {
    let cut = Cut::of(16);
    cut.protect(PAGE_READWRITE);
    let (cut, len) = (&cut, 16 * PAGE);
    std::thread::scope(|scope| {
        let copies = scope.spawn(move || {
            let mut out = vec![0; 2 * len];
            let (mut whole, mut cut_short) = (0, 0);
            while whole < 100 || cut_short < 100 {
                // SAFETY: within the memory.
                match unsafe { copy_out(cut.at(0), &mut out) } {
                    Ok(()) => whole += 1,
                    Err(fault) => {
                        let Fault { moved, address, cause } = fault;
                        assert!(moved >= len && moved < 2 * len, "{fault:?}");
                        assert_eq!((address, cause), (cut.at(moved).addr(), Cause::Missing));
                        cut_short += 1;
                    }
                }
            }
        });
        while !copies.is_finished() {
            cut.protect(PAGE_NOACCESS);
            std::thread::yield_now();
            cut.protect(PAGE_READWRITE);
            std::thread::yield_now();
        }
        copies.join().unwrap();
    });
}

#[test]
fn a_hundred_thousand_faults_are_all_survived() {
    let cut = Cut::of(1);
    for _ in 0..100_000 {
        // SAFETY: within the memory.
        let fault = unsafe { load::<u64>(cut.at(PAGE)) }.unwrap_err();
        assert_eq!(fault, cut.fault(0));
    }
}

/// What the handler of a test was called for, and a lock for one such test at a time.
static ASKED: AtomicUsize = AtomicUsize::new(0);
static ADDRESS: AtomicUsize = AtomicUsize::new(0);
static ALONE: Mutex<()> = Mutex::new(());

/// An exception that only this test raises.
const OURS: u32 = 0xE000_4D4D;

/// Continues after an exception of the test, and repairs the page at `ADDRESS`.
unsafe extern "system" fn other(exception: *mut EXCEPTION_POINTERS) -> i32 {
    // SAFETY: the system passes valid pointers.
    let record = unsafe { &*(*exception).ExceptionRecord };
    let page = ADDRESS.load(Ordering::Relaxed);
    if record.ExceptionCode.cast_unsigned() == OURS {
        ASKED.fetch_add(1, Ordering::Relaxed);
        return EXCEPTION_CONTINUE_EXECUTION;
    }
    if record.ExceptionCode == EXCEPTION_ACCESS_VIOLATION && record.ExceptionInformation[1] == page
    {
        ASKED.fetch_add(1, Ordering::Relaxed);
        let mut before = 0;
        // SAFETY: the page of the test, which waits for the repair.
        let done = unsafe {
            VirtualProtect(
                ptr::with_exposed_provenance(page),
                PAGE,
                PAGE_READWRITE,
                &raw mut before,
            )
        };
        assert!(done != 0);
        return EXCEPTION_CONTINUE_EXECUTION;
    }
    EXCEPTION_CONTINUE_SEARCH
}

/// The exceptions for which another handler, before ours or after it, is called while `act` runs.
fn asked(first: u32, act: impl FnOnce()) -> usize {
    // SAFETY: a function for exceptions.
    let handle = unsafe { AddVectoredExceptionHandler(first, Some(other)) };
    let before = ASKED.load(Ordering::Relaxed);
    act();
    // SAFETY: what was added above.
    unsafe { RemoveVectoredExceptionHandler(handle) };
    ASKED.load(Ordering::Relaxed) - before
}

#[test]
fn exceptions_of_others_go_to_their_handlers() {
    let _alone = ALONE.lock().unwrap();
    assert_eq!(status(), Status::Active);
    for first in [0, 1] {
        // SAFETY: an exception that continues after the call.
        let raise = || unsafe { RaiseException(OURS, 0, 0, ptr::null()) };
        assert_eq!(asked(first, raise), 1);
        let cut = Cut::of(1);
        ADDRESS.store(cut.at(PAGE).expose_provenance(), Ordering::Relaxed);
        let touch = || {
            // SAFETY: a page that is repaired when an instruction outside of the guard touches it.
            assert_eq!(unsafe { cut.at(PAGE).read_volatile() }, 0);
        };
        assert_eq!(asked(first, touch), 1);
        ADDRESS.store(0, Ordering::Relaxed);
    }
}

#[test]
fn a_later_handler_that_passes_on_changes_nothing_and_ensuring_puts_ours_first() {
    let _alone = ALONE.lock().unwrap();
    let cut = Cut::of(1);
    let fault = || {
        // SAFETY: within the memory.
        assert_eq!(unsafe { load::<u8>(cut.at(PAGE)) }, Err(cut.fault(0)));
    };
    assert_eq!(asked(1, fault), 0);
    // A handler that takes faults of ours is not called once ours is first.
    ADDRESS.store(cut.at(PAGE).expose_provenance(), Ordering::Relaxed);
    let ensured = || {
        assert_eq!(ensure(), Status::Active);
        fault();
    };
    assert_eq!(asked(1, ensured), 0);
    ADDRESS.store(0, Ordering::Relaxed);
}

#[test]
fn a_fault_is_caught_while_the_handler_moves() {
    let _alone = ALONE.lock().unwrap();
    let cut = Cut::of(1);
    assert_eq!(status(), Status::Active);
    let is_over = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..5000 {
                // SAFETY: within the memory.
                assert_eq!(unsafe { load::<u8>(cut.at(PAGE)) }, Err(cut.fault(0)));
            }
            is_over.store(true, Ordering::Relaxed);
        });
        while !is_over.load(Ordering::Relaxed) {
            // Another handler is in front for a moment, and has the fault while ours moves.
            asked(1, || assert_eq!(ensure(), Status::Active));
        }
    });
}

/// Raises what a failing device raises, with the system's status for it.
#[test]
fn a_page_that_could_not_be_read_says_why() {
    const STATUS_DEVICE_NOT_CONNECTED: u32 = 0xC000_009D;

    unsafe extern "system" fn as_if_in_page(exception: *mut EXCEPTION_POINTERS) -> i32 {
        // SAFETY: the system passes valid pointers to structures that a handler may change.
        let record = unsafe { &mut *(*exception).ExceptionRecord };
        if record.ExceptionCode == EXCEPTION_ACCESS_VIOLATION
            && record.ExceptionInformation[1] == ADDRESS.load(Ordering::Relaxed)
        {
            record.ExceptionCode = EXCEPTION_IN_PAGE_ERROR;
            record.NumberParameters = 3;
            record.ExceptionInformation[2] = STATUS_DEVICE_NOT_CONNECTED as usize;
        }
        EXCEPTION_CONTINUE_SEARCH
    }

    let _alone = ALONE.lock().unwrap();
    let cut = Cut::of(1);
    assert_eq!(status(), Status::Active);
    ADDRESS.store(cut.at(PAGE).addr(), Ordering::Relaxed);
    // SAFETY: a function for exceptions.
    let handle = unsafe { AddVectoredExceptionHandler(1, Some(as_if_in_page)) };
    let mut out = vec![0; PAGE + 100];
    // SAFETY: within the memory.
    let fault = unsafe { copy_out(cut.at(10), &mut out) }.unwrap_err();
    // SAFETY: what was added above.
    unsafe { RemoveVectoredExceptionHandler(handle) };
    ADDRESS.store(0, Ordering::Relaxed);
    let cause = Cause::InPage { status: STATUS_DEVICE_NOT_CONNECTED };
    assert_eq!(fault, Fault { moved: PAGE - 10, address: cut.at(PAGE).addr(), cause });
}

/// An exception that no handler takes ends the process, as it would without the guard.
#[test]
fn a_fault_of_nobody_ends_the_process() {
    const CHILD: &str = "MEMMAP_GUARD_FOREIGN_FAULT";
    if std::env::var_os(CHILD).is_some() {
        assert_eq!(status(), Status::Active);
        let cut = Cut::of(1);
        // SAFETY: none: this is the fault.
        let byte = unsafe { cut.at(PAGE).read_volatile() };
        panic!("{byte} was read");
    }
    let ended = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "windows::a_fault_of_nobody_ends_the_process", "--nocapture"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    assert_eq!(ended.status.code(), Some(EXCEPTION_ACCESS_VIOLATION), "{ended:?}");
}
