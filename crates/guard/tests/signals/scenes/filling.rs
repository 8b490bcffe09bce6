//! Memory that is filled from a file when it is touched.

use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8};

use memmap_guard::{Fill, FillRange, Filled};

use super::{AtomicUsize, File, PAGE, SeqCst, asked, c_int, null_mut};

/// How pages are made to fault.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Way {
    Guards,
    Protection,
}

impl Way {
    const GUARD_INSTALL: c_int = 102;
    const GUARD_REMOVE: c_int = 103;

    /// False if this system has no such guard markers.
    fn close(self, first: *mut u8, len: usize) -> bool {
        unsafe {
            match self {
                Self::Guards => libc::madvise(first.cast(), len, Self::GUARD_INSTALL) == 0,
                Self::Protection => libc::mprotect(first.cast(), len, libc::PROT_NONE) == 0,
            }
        }
    }

    fn open(self, page: *mut u8) -> bool {
        unsafe {
            match self {
                Self::Guards => libc::madvise(page.cast(), PAGE, Self::GUARD_REMOVE) == 0,
                Self::Protection => libc::mprotect(page.cast(), PAGE, libc::PROT_READ) == 0,
            }
        }
    }
}

const FREE: u8 = 0;
const BUSY: u8 = 1;
const DONE: u8 = 2;

/// Memory that is mapped twice: to be read, and to be filled from a file.
pub(super) struct Filling {
    pub(super) front: *mut u8,
    back: *mut u8,
    way: Way,
    file: File,
    pub(super) pages: Vec<AtomicU8>,
    /// The first page that cannot be had.
    pub(super) end: usize,
    pub(super) calls: AtomicUsize,
    /// Fillings wait while this is set.
    pub(super) waits: AtomicBool,
    /// Raised during each filling, unless it is 0.
    pub(super) raises: c_int,
}

unsafe impl Send for Filling {}
unsafe impl Sync for Filling {}

impl Filling {
    /// Memory of this many pages. Each byte of the file is the number of its page, from 1 on.
    pub(super) fn new(way: Way, pages: usize) -> Option<Self> {
        let file = tempfile::tempfile().unwrap();
        for page in 0..pages {
            file.write_all_at(&[number(page); PAGE], (page * PAGE) as u64).unwrap();
        }
        let (front, back) = unsafe {
            let memory = libc::memfd_create(c"filled".as_ptr(), 0);
            assert!(
                memory >= 0 && libc::ftruncate(memory, (pages * PAGE).cast_signed() as i64) == 0
            );
            let map = |access| {
                let it = libc::mmap(null_mut(), pages * PAGE, access, libc::MAP_SHARED, memory, 0);
                assert_ne!(it, libc::MAP_FAILED);
                it.cast::<u8>()
            };
            (map(libc::PROT_READ), map(libc::PROT_READ | libc::PROT_WRITE))
        };
        way.close(front, pages * PAGE).then(|| Self {
            front,
            back,
            way,
            file,
            pages: (0..pages).map(|_| AtomicU8::new(FREE)).collect(),
            end: pages,
            calls: AtomicUsize::new(0),
            waits: AtomicBool::new(false),
            raises: 0,
        })
    }

    fn bring(&self, page: usize) -> bool {
        let (start, bytes) = (page * PAGE, self.back.wrapping_add(page * PAGE));
        let read = unsafe {
            libc::pread(self.file.as_raw_fd(), bytes.cast(), PAGE, start.cast_signed() as i64)
        };
        read == PAGE.cast_signed() && self.way.open(self.front.wrapping_add(start))
    }
}

unsafe impl Fill for Filling {
    fn fill(&self, offset: usize) -> Filled {
        self.calls.fetch_add(1, SeqCst);
        while self.waits.load(SeqCst) {
            std::hint::spin_loop();
        }
        if self.raises != 0 {
            let before = asked();
            unsafe { libc::raise(self.raises) };
            if asked() != before {
                return Filled::Lost;
            }
        }
        // An error that the interrupted code must not see.
        unsafe { libc::close(-1) };
        let page = offset / PAGE;
        let state = &self.pages[page];
        if page >= self.end {
            return Filled::Lost;
        }
        if state.compare_exchange(FREE, BUSY, SeqCst, SeqCst).is_ok() {
            if !self.bring(page) {
                return Filled::Lost;
            }
            state.store(DONE, SeqCst);
        }
        while state.load(SeqCst) != DONE {
            std::hint::spin_loop();
        }
        Filled::Ready
    }
}

impl Drop for Filling {
    fn drop(&mut self) {
        unsafe {
            libc::munmap(self.back.cast(), self.pages.len() * PAGE);
            libc::munmap(self.front.cast(), self.pages.len() * PAGE);
        }
    }
}

pub(super) fn number(page: usize) -> u8 {
    (page % 250) as u8 + 1
}

/// A range that is filled.
pub(super) struct Pages {
    pub(super) range: FillRange,
    pub(super) filling: Arc<Filling>,
}

impl Pages {
    pub(super) fn of(filling: Filling) -> Self {
        let filling = Arc::new(filling);
        let (first, len) = (filling.front.cast_const(), filling.pages.len() * PAGE);
        let range = unsafe { FillRange::new(first, len, filling.clone()) }.unwrap();
        Self { range, filling }
    }

    pub(super) fn new(pages: usize) -> Self {
        Self::of(Filling::new(Way::Protection, pages).unwrap())
    }

    /// Byte 12288, and all after it, cannot be had.
    pub(super) fn cut() -> Self {
        let mut filling = Filling::new(Way::Protection, 5).unwrap();
        filling.end = 3;
        Self::of(filling)
    }

    /// Why no range can be made.
    pub(super) fn refused() -> &'static str {
        let filling = Arc::new(Filling::new(Way::Protection, 1).unwrap());
        let made = unsafe { FillRange::new(filling.front, PAGE, filling.clone()) };
        assert_eq!(Arc::strong_count(&filling), 1);
        made.unwrap_err()
    }

    pub(super) fn address(&self, offset: usize) -> usize {
        self.filling.front.addr() + offset
    }

    pub(super) fn touch(&self, offset: usize) -> u8 {
        unsafe { self.filling.front.wrapping_add(offset).read_volatile() }
    }

    pub(super) fn is_right(&self, page: usize) {
        assert_eq!(self.touch(page * PAGE + page % PAGE), number(page), "page {page}");
        let bytes = unsafe {
            std::slice::from_raw_parts(self.filling.front.wrapping_add(page * PAGE), PAGE)
        };
        assert!(bytes.iter().all(|&byte| byte == number(page)), "page {page}");
    }

    pub(super) fn calls(&self) -> usize {
        self.filling.calls.load(SeqCst)
    }
}
