//! Ranges that are filled when they are touched.

use std::process::{Command, Output};
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering::SeqCst};
use std::thread;

use memmap_guard::{Cause, Fault, Fill, FillRange, Filled, copy_in, copy_out, load};
use windows_sys::Win32::Foundation::{
    CloseHandle, EXCEPTION_ACCESS_VIOLATION, GetLastError, INVALID_HANDLE_VALUE, SetLastError,
};
use windows_sys::Win32::System::Memory::{
    CreateFileMappingW, FILE_MAP_READ, FILE_MAP_WRITE, MEMORY_MAPPED_VIEW_ADDRESS, MapViewOfFile,
    PAGE_NOACCESS, PAGE_READONLY, PAGE_READWRITE, UnmapViewOfFile, VirtualProtect,
};

use super::PAGE;

const FREE: u8 = 0;
const BUSY: u8 = 1;
const DONE: u8 = 2;

/// Memory in two views: one to be read, and one to be filled. Each byte is the number of its page, from 1 on.
struct Filling {
    front: *mut u8,
    back: *mut u8,
    pages: Vec<AtomicU8>,
    /// The first page that cannot be had.
    end: AtomicUsize,
    calls: AtomicUsize,
    /// Fillings wait while this is set.
    waits: AtomicBool,
}

// SAFETY: views, which belong to no thread.
unsafe impl Send for Filling {}

// SAFETY: as above; what is not atomic does not change.
unsafe impl Sync for Filling {}

impl Filling {
    fn new(pages: usize) -> Self {
        let len = pages * PAGE;
        // SAFETY: a new section without a name, for which the system has the memory.
        let section = unsafe {
            let high = (len >> 32) as u32;
            CreateFileMappingW(
                INVALID_HANDLE_VALUE,
                ptr::null(),
                PAGE_READWRITE,
                high,
                len as u32,
                ptr::null(),
            )
        };
        assert!(!section.is_null());
        let map = |access| {
            // SAFETY: a new view, where the system chooses.
            let view = unsafe { MapViewOfFile(section, access, 0, 0, 0) }.Value;
            assert!(!view.is_null());
            view.cast::<u8>()
        };
        let (front, back) = (map(FILE_MAP_READ), map(FILE_MAP_READ | FILE_MAP_WRITE));
        // SAFETY: the handle made above. The views keep the section.
        unsafe { CloseHandle(section) };
        protect(front, len, PAGE_NOACCESS);
        Self {
            front,
            back,
            pages: (0..pages).map(|_| AtomicU8::new(FREE)).collect(),
            end: AtomicUsize::new(pages),
            calls: AtomicUsize::new(0),
            waits: AtomicBool::new(false),
        }
    }

    fn len(&self) -> usize {
        self.pages.len() * PAGE
    }

    fn at(&self, offset: usize) -> *const u8 {
        self.front.wrapping_add(offset)
    }

    fn read(&self, offset: usize) -> u8 {
        // SAFETY: a byte of a range that is filled; or this process is to end.
        unsafe { self.at(offset).read_volatile() }
    }

    /// Registers a range over it.
    fn registered(self) -> (Arc<Self>, FillRange) {
        let it = Arc::new(self);
        // SAFETY: whole pages, which stay mapped until `it` is dropped.
        let range = unsafe { FillRange::new(it.front, it.len(), Arc::<Self>::clone(&it)) };
        (it, range.unwrap())
    }
}

impl Drop for Filling {
    fn drop(&mut self) {
        for view in [self.front, self.back] {
            // SAFETY: a view made in `new`, to which there is no reference.
            unsafe { UnmapViewOfFile(MEMORY_MAPPED_VIEW_ADDRESS { Value: view.cast() }) };
        }
    }
}

fn protect(first: *mut u8, len: usize, protection: u32) {
    let mut before = 0;
    // SAFETY: pages of the test, which are closed before they are read, and opened when they are filled.
    let done = unsafe { VirtualProtect(first.cast(), len, protection, &raw mut before) };
    assert!(done != 0);
}

fn number(page: usize) -> u8 {
    (page % 251) as u8 + 1
}

// SAFETY: atomics, stores to memory of its own and a system call.
unsafe impl Fill for Filling {
    fn fill(&self, offset: usize) -> Filled {
        self.calls.fetch_add(1, SeqCst);
        // SAFETY: sets a number, which the handler preserves.
        unsafe { SetLastError(77) };
        while self.waits.load(SeqCst) {
            thread::yield_now();
        }
        let page = offset / PAGE;
        if page >= self.end.load(SeqCst) {
            return Filled::Lost;
        }
        match self.pages[page].compare_exchange(FREE, BUSY, SeqCst, SeqCst) {
            Ok(_) => {
                let to = self.back.wrapping_add(page * PAGE);
                // SAFETY: a page of the second view, which only this thread accesses.
                unsafe { to.write_bytes(number(page), PAGE) };
                protect(self.front.wrapping_add(page * PAGE), PAGE, PAGE_READONLY);
                self.pages[page].store(DONE, SeqCst);
            }
            Err(DONE) => {}
            Err(_) => {
                while self.pages[page].load(SeqCst) != DONE {
                    thread::yield_now();
                }
            }
        }
        Filled::Ready
    }
}

#[test]
fn each_page_is_filled_once() {
    let (it, _range) = Filling::new(300).registered();
    for page in (0..300).rev() {
        assert_eq!(it.read(page * PAGE + page), number(page));
        assert_eq!(it.read(page * PAGE), number(page));
    }
    assert_eq!(it.calls.load(SeqCst), 300);
}

#[test]
fn eight_threads_touch_pages_that_others_fill() {
    let (it, _range) = Filling::new(2000).registered();
    thread::scope(|scope| {
        for thread in 0..8 {
            let it = &it;
            scope.spawn(move || {
                for turn in 0..2000 {
                    let page = (turn * 7 + thread % 2 * 1000) % 2000;
                    assert_eq!(it.read(page * PAGE + thread), number(page));
                }
            });
        }
    });
    assert!(it.pages.iter().all(|page| page.load(SeqCst) == DONE));
}

#[test]
fn the_last_error_of_the_thread_is_preserved() {
    let (it, _range) = Filling::new(1).registered();
    // SAFETY: sets a number.
    unsafe { SetLastError(5) };
    let byte = it.read(9);
    // SAFETY: returns a number.
    let error = unsafe { GetLastError() };
    assert_eq!((byte, error), (number(0), 5));
}

#[test]
fn guarded_copies_fill_or_are_a_value() {
    let (it, _range) = Filling::new(8).registered();
    it.end.store(5, SeqCst);
    let mut out = vec![0; 6 * PAGE];
    // SAFETY: within the memory.
    let fault = unsafe { copy_out(it.at(100), &mut out) }.unwrap_err();
    let expected =
        Fault { moved: 5 * PAGE - 100, address: it.at(5 * PAGE).addr(), cause: Cause::Missing };
    assert_eq!(fault, expected);
    assert!((0..5 * PAGE - 100).all(|at| out[at] == number((at + 100) / PAGE)));
    it.end.store(8, SeqCst);
    // SAFETY: within the memory.
    assert_eq!(unsafe { load::<u8>(it.at(7 * PAGE)) }, Ok(number(7)));
    // SAFETY: within the memory, to which there is no reference. A store fills nothing.
    unsafe { copy_in(it.front.wrapping_add(6 * PAGE), &[1]) }.unwrap_err();
    assert_eq!(it.pages[6].load(SeqCst), FREE);
}

#[test]
fn ranges_come_and_go_while_others_are_touched() {
    let (stays, _range) = Filling::new(3000).registered();
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for _ in 0..150 {
                    let (it, range) = Filling::new(3).registered();
                    assert_eq!(it.read(2 * PAGE), number(2));
                    drop(range);
                    assert_eq!(Arc::strong_count(&it), 1, "it is no longer in the table");
                }
            });
        }
        for page in 0..3000 {
            assert_eq!(stays.read(page * PAGE), number(page));
        }
    });
}

#[test]
fn a_range_is_dropped_when_nobody_is_in_it() {
    let (it, range) = Filling::new(2).registered();
    it.waits.store(true, SeqCst);
    thread::scope(|scope| {
        // A stray touch, which has nothing to do with references.
        let touch = scope.spawn(|| it.read(PAGE));
        while it.calls.load(SeqCst) == 0 {
            thread::yield_now();
        }
        let dropping = scope.spawn(|| drop(range));
        for _ in 0..1000 {
            thread::yield_now();
        }
        assert!(!dropping.is_finished() && Arc::strong_count(&it) == 2);
        it.waits.store(false, SeqCst);
        dropping.join().unwrap();
        assert_eq!(touch.join().unwrap(), number(1));
    });
    assert_eq!(Arc::strong_count(&it), 1);
}

/// Runs a test in a child, in which `deed` is to end the process.
fn dies(test: &str, deed: impl FnOnce()) -> Output {
    const CHILD: &str = "MEMMAP_GUARD_FILLS";
    if std::env::var_os(CHILD).is_some_and(|name| name == test) {
        deed();
        panic!("it did not end");
    }
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", &format!("windows_fills::{test}"), "--nocapture"]).env(CHILD, test);
    let ended = child.output().unwrap();
    assert_eq!(ended.status.code(), Some(EXCEPTION_ACCESS_VIOLATION), "{ended:?}");
    ended
}

fn lines(ended: &Output) -> Vec<String> {
    let said = String::from_utf8_lossy(&ended.stderr);
    said.lines().filter(|line| line.starts_with("memmap: ")).map(str::to_owned).collect()
}

#[test]
fn a_page_that_cannot_be_filled_ends_the_process_with_one_line() {
    let ended = dies("a_page_that_cannot_be_filled_ends_the_process_with_one_line", || {
        let (it, _range) = Filling::new(5).registered();
        it.end.store(3, SeqCst);
        assert_eq!(it.read(2 * PAGE), number(2));
        it.read(3 * PAGE + 5);
    });
    let expected = "memmap: byte 12288 of a borrowed map is lost: its device failed, or its file \
        was cut short; the process ends, as borrowed bytes cannot change";
    assert_eq!(lines(&ended), [expected]);
}

#[test]
fn a_store_into_a_range_ends_the_process() {
    let ended = dies("a_store_into_a_range_ends_the_process", || {
        let (it, _range) = Filling::new(5).registered();
        // SAFETY: none: this is the fault.
        unsafe { it.front.write_volatile(1) };
    });
    assert_eq!(lines(&ended), [""; 0]);
}

#[test]
fn a_range_that_is_not_filled_any_more_ends_the_process() {
    let ended = dies("a_range_that_is_not_filled_any_more_ends_the_process", || {
        let (it, range) = Filling::new(5).registered();
        drop(range);
        it.read(0);
    });
    assert_eq!(lines(&ended), [""; 0]);
}
