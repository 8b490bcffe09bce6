//! Pages that a child touches and its parent had not. The thread, or the memory, that fills them in the parent is not
//! the child's: it reads them from the file itself, at a moment of its own, into private memory.
//!
//! # Source
//! fork(2), mremap(2).

use std::cell::Cell;
use std::fs::File;
use std::ops::Range;
use std::os::fd::AsRawFd;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use memmap_guard::{Fill, Filled};
use rustix::io::Errno;

use super::area::Area;
use super::signal::wait;
use super::source::{self, Named};
use super::state::{Bring, State, Why};

/// The fewest bytes that are filled at a time. Each such piece is a mapping of its own, so that after so many they
/// are longer: there are at most as many of them again.
const SHORT: usize = 64 << 10;
const PIECES: usize = 10_000;

/// The file of the pages, and the lock of who fills them.
pub(super) struct Origin {
    file: Arc<File>,
    named: Named,
    /// Keeps the number of the file from naming another one. Devices, and file systems that map nothing, have none.
    _named_alone: Option<Area>,
    /// The process whose thread fills now, or 0. A child does not wait for a thread of its parent.
    filling: AtomicU32,
    pieces: AtomicUsize,
}

impl Origin {
    pub(super) fn new(file: &Arc<File>) -> Result<Self, String> {
        Ok(Self {
            named: Named::of(file.as_raw_fd()).map_err(|errno| errno.to_string())?,
            _named_alone: Area::of_file(file).ok(),
            file: Arc::clone(file),
            filling: AtomicU32::new(0),
            pieces: AtomicUsize::new(0),
        })
    }

    pub(super) fn descriptor(&self) -> i32 {
        self.file.as_raw_fd()
    }

    /// Looks whether the descriptor is that of the file still: others may have closed it, and opened another file by
    /// its number. An error is one of the file's own system, which may be gone.
    pub(super) fn look(&self) -> Result<(), Why> {
        match Named::of(self.descriptor()) {
            Ok(named) if named == self.named => Ok(()),
            Err(errno) if errno != Errno::BADF => Err(Why::Errno(errno.raw_os_error())),
            _ => source::end(
                b"memmap: another file has the descriptor of a borrowed map; the process ends, as its bytes \
                  cannot be read\n",
            ),
        }
    }

    /// Fills a page that a child touched, and with it others that are missing; none if `is_alone`. For signal
    /// handlers.
    pub(super) fn fill(&self, place: &Place<'_>, page: usize, is_alone: bool) -> Filled {
        let process = std::process::id();
        let take = |from| {
            let order = (Ordering::Acquire, Ordering::Relaxed);
            self.filling.compare_exchange(from, process, order.0, order.1)
        };
        let mut turns = 0;
        while let Err(other) = take(0) {
            if other != process && take(other).is_ok() {
                break;
            }
            wait(turns);
            turns = turns.saturating_add(1);
        }
        let filled = self.fill_locked(place, page, is_alone);
        self.filling.store(0, Ordering::Release);
        filled
    }

    fn fill_locked(&self, place: &Place<'_>, page: usize, is_alone: bool) -> Filled {
        let state = place.state;
        let only = page..page.saturating_add(1);
        if state.is_present(page) {
            // Another thread was faster; or all pages were made inaccessible when the child was made. A child that no
            // handler of forks knows of does not have them, and cannot have the same bytes again.
            return if place.allow(&only) { Filled::Ready } else { Filled::Lost };
        }
        let pieces = self.pieces.fetch_add(1, Ordering::Relaxed);
        let least = if pieces < PIECES { SHORT } else { SHORT.max(state.len / PIECES) };
        let granule = if is_alone { only } else { state.granule(page, least).0 };
        let by = ByOwnMemory { origin: self, place, scratch: Cell::new(None) };
        let is_filled = state.bring(page, granule, &by);
        by.drop_scratch();
        if is_filled { Filled::Ready } else { Filled::Lost }
    }
}

/// The pages that slices are made of.
pub(super) struct Place<'a> {
    pub(super) area: &'a Area,
    pub(super) state: &'a State,
    /// Whether they may be written to.
    pub(super) writes: bool,
}

impl Place<'_> {
    fn bytes(&self, pages: &Range<usize>) -> (*mut u8, usize) {
        let page_len = self.state.page_len;
        let first = self.area.first().wrapping_add(pages.start.saturating_mul(page_len));
        (first, pages.len().saturating_mul(page_len))
    }

    fn protection(&self) -> i32 {
        if self.writes { libc::PROT_READ | libc::PROT_WRITE } else { libc::PROT_READ }
    }

    /// Makes pages accessible, if they are mapped.
    fn allow(&self, pages: &Range<usize>) -> bool {
        let (first, len) = self.bytes(pages);
        // SAFETY: the range is ours, and its pages have their bytes.
        unsafe { libc::mprotect(first.cast(), len, self.protection()) == 0 }
    }
}

fn end_for_want() -> ! {
    source::end(
        b"memmap: no memory or mapping is left for a page of a borrowed map; the process ends\n",
    )
}

/// Fills pages in new memory, and puts it in their place.
struct ByOwnMemory<'a> {
    origin: &'a Origin,
    place: &'a Place<'a>,
    /// The memory, which holds these pages from its start on.
    scratch: Cell<Option<(*mut u8, usize)>>,
}

impl ByOwnMemory<'_> {
    fn drop_scratch(&self) {
        if let Some((first, len)) = self.scratch.take() {
            // SAFETY: the memory of `read`, or what is left of it. Nobody else knows of it.
            unsafe { libc::munmap(first.cast(), len) };
        }
    }
}

impl Bring for ByOwnMemory<'_> {
    fn read(&self, pages: &Range<usize>) -> Result<(), (usize, Why)> {
        self.drop_scratch();
        let (_, len) = self.place.bytes(pages);
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: a new mapping, at an address that the system chooses.
        let to = unsafe { libc::mmap(ptr::null_mut(), len, protection, flags, -1, 0) };
        if to == libc::MAP_FAILED {
            end_for_want();
        }
        self.scratch.set(Some((to.cast(), len)));
        self.origin.look().map_err(|why| (0, why))?;
        let descriptor = self.origin.descriptor();
        // SAFETY: the new memory, which has room for the pages.
        let (whole, why) = unsafe { source::read(self.place.state, descriptor, pages, to.cast()) };
        self.origin.look().map_err(|why| (0, why))?;
        why.map_or(Ok(()), |why| Err((whole, why)))
    }

    fn clear(&self, _: usize, keep: usize) {
        if let Some((first, len)) = self.scratch.get() {
            // SAFETY: the rest of the memory of `read`, which was called for this page alone.
            unsafe { first.wrapping_add(keep).write_bytes(0, len.saturating_sub(keep)) };
        }
    }

    fn show(&self, pages: &Range<usize>) {
        let (to, len) = self.place.bytes(pages);
        let Some((from, all)) = self.scratch.take().filter(|&(_, all)| all >= len) else {
            end_for_want()
        };
        // SAFETY: the first pages of the memory of `read`.
        let is_ready = unsafe { libc::mprotect(from.cast(), len, self.place.protection()) } == 0;
        let flags = libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED;
        // SAFETY: as above; they come in the place of pages that are missing, which nobody has read, and which are
        // ours.
        let moved = unsafe { libc::mremap(from.cast(), len, len, flags, to) };
        if !is_ready || moved == libc::MAP_FAILED {
            end_for_want();
        }
        if all > len {
            self.scratch.set(Some((from.wrapping_add(len), all.saturating_sub(len))));
        }
    }
}

/// What fills pages in children alone: those of a [`Server`](super::server::Server).
pub(super) struct OfChild {
    pub(super) shared: Arc<super::server::Shared>,
    pub(super) origin: Origin,
    pub(super) owner: u32,
}

// SAFETY: 1. it calls only functions that make system calls and atomic accesses, and has no large local variable.
// 2. Its lock is taken in it alone; a child that does not have the thread which holds it takes it over. 3. It reads
// into new memory. 4. Nothing in it panics; `source::end` ends the process. 5. It replaces missing pages of its range,
// which nobody has read, in this process or before the fork.
unsafe impl Fill for OfChild {
    fn fill(&self, offset: usize) -> Filled {
        if self.owner == std::process::id() {
            // The thread fills these. Somebody took the page away.
            return Filled::Lost;
        }
        let Self { shared, origin, .. } = self;
        let place = Place { area: &shared.area, state: &shared.state, writes: false };
        origin.fill(&place, shared.state.page_at(offset), false)
    }
}
