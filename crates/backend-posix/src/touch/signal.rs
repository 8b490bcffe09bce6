//! Pages that the thread that touches them brings itself, in a handler of `SIGSEGV`.
//!
//! The memory is mapped twice. Slices are made of the first mapping, in which missing pages cannot be read:
//! they have guard markers, or no access. A touch raises the signal; the handler reads the pages of the file
//! through the second mapping, and shows them in the first one. No descriptor of the memory exists.
//!
//! Guard markers split no mapping. Where the system has none, access is given page by page, which does: the
//! granules are then so long that the mappings suffice.
//!
//! # Source
//! madvise(2), `MADV_GUARD_INSTALL`; mremap(2), with an old length of 0; mprotect(2); signal-safety(7).

use std::fs::File;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use memmap_guard::{Fill, FillRange, Filled};

use super::area::Area;
use super::child::{Origin, Place};
use super::source::{self, errno};
use super::state::{Bring, LEAST, Locks, MOST, State, Why};

/// `MADV_GUARD_INSTALL` and `MADV_GUARD_REMOVE`.
const GUARD_INSTALL: i32 = 102;
const GUARD_REMOVE: i32 = 103;

/// A short granule. Without guard markers each granule may be a mapping of its own, and its neighbours another one. So many
/// granules may be short, and then they are so long that there are at most as many of them again.
const SHORT: usize = 64 << 10;
const GRANULES: usize = 10_000;

/// Guard markers are installed for so many bytes at a time: what a page table holds, and more where there
/// would be too many parts.
const BLOCK: usize = 2 << 20;
const BLOCKS: usize = 16_384;

/// Memory whose pages are brought in a signal handler. The order of the fields is the order of their drop.
pub(super) struct Signalled {
    _range: FillRange,
    brings: Arc<Filler>,
}

/// How missing pages are kept from being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    /// By guard markers.
    Markers,
    /// By no access.
    NoAccess,
}

/// What the handler uses.
struct Filler {
    /// What slices are made of.
    shown: Area,
    /// Where pages are filled.
    filled: Area,
    state: Arc<State>,
    origin: Origin,
    owner: u32,
    kept: Kept,
    /// Whether the pages that are shown are private, and may be written to.
    writes: bool,
    /// Bytes of a long granule without guard markers, or of a block with them.
    step: usize,
    /// The granules that were shown without guard markers.
    shown_granules: AtomicUsize,
    /// A lock for each [`MOST`] bytes, or for each granule that is longer.
    locks: Locks,
    /// With guard markers: a lock for each block, which stays closed once they are installed.
    blocks: Locks,
}

impl Signalled {
    /// # Errors
    /// Why this way is closed.
    pub(super) fn new(file: &Arc<File>, state: &Arc<State>, kept: Kept) -> Result<Self, String> {
        let failed = |error: std::io::Error| format!("no addresses are left: {error}");
        let filled = Area::shared(state.memory_len()).map_err(failed)?;
        let shown = filled.again().map_err(failed)?;
        Self::in_areas(file, state, kept, false, (filled, shown))
    }

    /// Memory that may be written to: what is written stays in this process, and a child has a copy of it.
    ///
    /// # Errors
    /// Why not.
    pub(super) fn writable(file: &Arc<File>, state: &Arc<State>) -> Result<Self, String> {
        let failed = |error: std::io::Error| format!("no memory is left: {error}");
        let areas = Area::shared_and_private(state.memory_len()).map_err(failed)?;
        Self::in_areas(file, state, Kept::NoAccess, true, areas)
    }

    fn in_areas(
        file: &Arc<File>,
        state: &Arc<State>,
        kept: Kept,
        writes: bool,
        (filled, shown): (Area, Area),
    ) -> Result<Self, String> {
        let failed = |error: std::io::Error| format!("no addresses are left: {error}");
        let len = state.memory_len();
        // Pages of a file system in memory may otherwise be huge, and take memory that nobody touched.
        let _not_known_everywhere = filled.advise(libc::MADV_NOHUGEPAGE);
        filled.open(true).map_err(failed)?;
        let step = match kept {
            Kept::Markers => BLOCK.max(len / BLOCKS).next_multiple_of(BLOCK),
            Kept::NoAccess => SHORT.max(len / GRANULES).next_multiple_of(SHORT),
        };
        let locked =
            if kept == Kept::NoAccess { step.max(MOST).next_multiple_of(step) } else { MOST };
        let no_memory = || "no memory".to_owned();
        let brings = Arc::new(Filler {
            locks: Locks::new(len, locked).ok_or_else(no_memory)?,
            blocks: Locks::new(if kept == Kept::Markers { len } else { 0 }, step)
                .ok_or_else(no_memory)?,
            shown,
            filled,
            state: Arc::clone(state),
            origin: Origin::new(file)?,
            owner: std::process::id(),
            kept,
            writes,
            step,
            shown_granules: AtomicUsize::new(0),
        });
        if kept == Kept::Markers && !brings.install(0..state.pages().min(1)) {
            return Err(format!("guard markers: {}", std::io::Error::last_os_error()));
        }
        // SAFETY: 1. the pages belong to `shown`, which `brings` keeps until after this registration is dropped.
        // 2. A page that cannot be read is filled before it can. 3. References are made by the owner of this
        // value, and borrow it. What drops it holds nothing that `fill` waits for: the locks are its own.
        let range =
            unsafe { FillRange::new(brings.shown.first(), len, Arc::<Filler>::clone(&brings)) }
                .map_err(str::to_owned)?;
        Ok(Self { _range: range, brings })
    }

    pub(super) fn first(&self) -> *mut u8 {
        self.brings.shown.first()
    }
}

impl Filler {
    fn bytes_at(area: &Area, pages: &Range<usize>, page_len: usize) -> (*mut u8, usize) {
        let first = area.first().wrapping_add(pages.start.saturating_mul(page_len));
        (first, pages.len().saturating_mul(page_len))
    }

    /// Installs guard markers over pages that cannot be accessed yet, and allows access to them.
    fn install(&self, pages: Range<usize>) -> bool {
        let (first, len) = Self::bytes_at(&self.shown, &pages, self.state.page_len);
        // SAFETY: the range is ours. Nobody can have read a page of it, so none is taken away.
        let install = || unsafe { libc::madvise(first.cast(), len, GUARD_INSTALL) == 0 };
        // Others may have locked all memory since the range was reserved. Locked memory takes no markers.
        // SAFETY: the range is ours; unlocking changes no byte.
        let unlock = || errno() == libc::EINVAL && unsafe { libc::munlock(first.cast(), len) == 0 };
        (install() || (unlock() && install())) && self.allow(&pages)
    }

    /// Allows the pages to be read, or written to.
    fn allow(&self, pages: &Range<usize>) -> bool {
        let (first, len) = Self::bytes_at(&self.shown, pages, self.state.page_len);
        let writes = if self.writes { libc::PROT_WRITE } else { 0 };
        // SAFETY: the range is ours, and becomes accessible: its pages are filled, or have guard markers.
        unsafe { libc::mprotect(first.cast(), len, libc::PROT_READ | writes) == 0 }
    }

    /// Maps many pages that are shown, all at once: a fault for each few of them takes longer.
    fn map(&self, pages: &Range<usize>) {
        if pages.len() <= self.state.page_at(SHORT) {
            return;
        }
        let (first, len) = Self::bytes_at(&self.shown, pages, self.state.page_len);
        // SAFETY: the range is ours, and no byte of it changes. If it fails, touches map the pages.
        unsafe { libc::madvise(first.cast(), len, libc::MADV_POPULATE_READ) };
    }

    /// Installs the guard markers of the block that a page is in.
    fn prepare(&self, page: usize) {
        let per_block = self.state.page_at(self.step);
        let block = page.checked_div(per_block).unwrap_or(0);
        if self.kept != Kept::Markers || !self.blocks.close(block, wait) {
            return;
        }
        let start = block.saturating_mul(per_block);
        let end = start.saturating_add(per_block).min(self.state.pages());
        if !self.install(start..end) {
            source::end(
                b"memmap: no memory or mapping is left for the pages of a borrowed map; the process ends\n",
            );
        }
        self.blocks.finish(block);
    }

    /// The pages to bring, none of them beyond the lock of this one.
    fn granule(&self, page: usize) -> Range<usize> {
        let least = match self.kept {
            Kept::Markers => LEAST,
            Kept::NoAccess if self.shown_granules.fetch_add(1, Ordering::Relaxed) < GRANULES => {
                SHORT
            }
            Kept::NoAccess => self.step,
        };
        self.state.granule_of_lock(page, least, &self.locks)
    }

    /// Brings zeros into pages that are to be filled, all at once: a fault of the read for each of them takes
    /// longer.
    fn make_room(&self, pages: &Range<usize>) {
        let (first, len) = Self::bytes_at(&self.filled, pages, self.state.page_len);
        // SAFETY: the range is ours, and its pages are missing. If it fails, the read brings them.
        unsafe { libc::madvise(first.cast(), len, libc::MADV_POPULATE_WRITE) };
    }
}

impl Bring for Filler {
    fn read(&self, pages: &Range<usize>) -> Result<(), (usize, Why)> {
        let (to, _) = Self::bytes_at(&self.filled, pages, self.state.page_len);
        self.origin.look().map_err(|why| (0, why))?;
        self.make_room(pages);
        // SAFETY: pages of the second mapping that are missing, so that nobody reads them in the first one;
        // this thread has their lock.
        let (whole, why) =
            unsafe { source::read(&self.state, self.origin.descriptor(), pages, to) };
        self.origin.look().map_err(|why| (0, why))?;
        why.map_or(Ok(()), |why| Err((whole, why)))
    }

    fn clear(&self, page: usize, keep: usize) {
        let only = page..page.saturating_add(1);
        let (to, len) = Self::bytes_at(&self.filled, &only, self.state.page_len);
        // SAFETY: the rest of a page that is missing; this thread has its lock.
        unsafe { to.wrapping_add(keep).write_bytes(0, len.saturating_sub(keep)) };
    }

    fn show(&self, pages: &Range<usize>) {
        let is_shown = match self.kept {
            Kept::NoAccess => self.allow(pages),
            Kept::Markers => {
                let (first, len) = Self::bytes_at(&self.shown, pages, self.state.page_len);
                // SAFETY: the range is ours, and its pages are filled: they keep their bytes.
                unsafe { libc::madvise(first.cast(), len, GUARD_REMOVE) == 0 }
            }
        };
        if !is_shown {
            source::end(match errno() {
                libc::ENOMEM => {
                    b"memmap: no memory or mapping is left to show a page of a borrowed map; the process ends\n"
                }
                _ => b"memmap: a page of a borrowed map cannot be shown; the process ends\n",
            });
        }
        self.map(pages);
    }
}

// SAFETY: 1. it calls only functions that make system calls and atomic accesses, and has no large local variable.
// 2. Its locks are taken in it alone, and it waits for the threads that have them; a child waits for no lock of its
// parent. 3. It reads into the second mapping, which is memory like any other, or into new memory. 4. Nothing in it panics; `source::end` ends the process. 5. It fills
// missing pages of its range, which nobody has read.
unsafe impl Fill for Filler {
    fn takes_stores(&self) -> bool {
        self.writes
    }

    fn fill(&self, offset: usize) -> Filled {
        let page = self.state.page_at(offset);
        if self.owner != std::process::id() {
            let place = Place { area: &self.shown, state: &self.state, writes: self.writes };
            // A thread that the child does not have may have been showing pages around this one.
            let is_alone = self.locks.is_closed(self.locks.of(offset));
            return self.origin.fill(&place, page, is_alone);
        }
        self.prepare(page);
        let lock = self.locks.of(offset);
        if !self.locks.close(lock, wait) {
            return Filled::Ready;
        }
        let filled = if self.state.is_present(page) {
            // Another thread was faster; or somebody took the page out of the mapping, and not its bytes.
            let page = page..page.saturating_add(1);
            let _is_allowed = self.allow(&page);
            self.show(&page);
            Filled::Ready
        } else if self.state.bring(page, self.granule(page), self) {
            Filled::Ready
        } else {
            Filled::Lost
        };
        self.locks.open(lock);
        filled
    }
}

/// Waits a little for another thread that is in a handler.
pub(super) fn wait(turns: u32) {
    if turns < 64 {
        // SAFETY: it has no conditions.
        unsafe { libc::sched_yield() };
        return;
    }
    let time = libc::timespec { tv_sec: 0, tv_nsec: 50_000 };
    // SAFETY: a local variable. Unlike the function of this name, the call is no cancellation point.
    unsafe { libc::syscall(libc::SYS_nanosleep, &raw const time, 0) };
}
