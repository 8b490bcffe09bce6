//! Bytes that freeze when they are first touched.
//!
//! A section of memory, not of a file, is mapped twice. Slices are of the first view, whose pages have no access at
//! first. A touch raises an exception; its handler reads the pages of the file into the second view, and allows the
//! first one to be read there. From then on nobody can change them, whatever happens to the file.
//!
//! The section is committed as a whole: the system promises memory for all of it, and takes it for the pages that are
//! touched. A section that is committed in parts (`SEC_RESERVE`) would not do: a page is committed in all views at
//! once, so that the first view would show zeros for a moment, and a view that has no access from the start is never
//! given any.
//!
//! # Source
//! `CreateFileMappingW`, `MapViewOfFile`, `VirtualProtect`: the protection of a view may be made stricter, and be what
//! it was mapped with again.

use std::fs::File;
use std::ops::Range;
use std::sync::Arc;

use memmap_core::touch::{AT_ONCE, Bring, LEAST, Locks, MOST, State, Why};
use memmap_core::{Lazy, OnLostPage};
use memmap_guard::{Fill, FillRange, Filled};

use crate::os;

mod source;
mod views;

use source::Source;
use views::{Section, View};

/// Where bits are kept. The allocator maps large blocks by themselves, already zero.
type Words = Box<[std::sync::atomic::AtomicUsize]>;

/// Memory whose pages are read from a file when they are first touched. The order of the fields is the order of their
/// drop.
pub(crate) struct Touch {
    _range: FillRange,
    brings: Arc<Filler>,
}

/// What the handler uses.
struct Filler {
    /// What slices are made of.
    shown: View,
    /// Where pages are filled.
    filled: View,
    state: State<Words>,
    source: Source,
    /// A lock for each [`MOST`] bytes.
    locks: Locks,
}

impl Touch {
    /// Maps a part of a regular file, at least one byte. None of it is read yet.
    ///
    /// # Errors
    /// Why that cannot be.
    pub(crate) fn new(
        file: &Arc<File>,
        part: Range<u64>,
        on_lost: OnLostPage,
    ) -> Result<Self, String> {
        let len = usize::try_from(part.end.saturating_sub(part.start)).unwrap_or(usize::MAX);
        let no_memory = || "no memory is left".to_owned();
        let state = State::new(part.start, len, os::page_size(), on_lost).ok_or_else(no_memory)?;
        let len = state.memory_len();
        let (shown, filled) = views(len)?;
        shown.close().map_err(|error| failed(&error))?;
        let locks = Locks::new(len, MOST).ok_or_else(no_memory)?;
        let source = Source::of(file)?;
        let brings = Arc::new(Filler { shown, filled, state, source, locks });
        // SAFETY: 1. the pages belong to `shown`, which `brings` keeps until after this registration is dropped.
        // 2. A page that cannot be read is filled before it can. 3. References are made by the owner of this
        // value, and borrow it. What drops it holds nothing that `fill` waits for: the locks are its own.
        let range =
            unsafe { FillRange::new(brings.shown.first(), len, Arc::<Filler>::clone(&brings)) }?;
        Ok(Self { _range: range, brings })
    }

    /// The address of the first byte.
    pub(crate) fn first(&self) -> *const u8 {
        self.brings.shown.first()
    }

    pub(crate) fn len(&self) -> usize {
        self.brings.state.len
    }

    /// What is known of its pages.
    pub(crate) fn known(&self) -> &dyn Lazy {
        &self.brings.state
    }
}

/// Whether so many bytes could be mapped.
pub(crate) fn could(len: usize) -> Result<(), String> {
    if len > AT_ONCE { views(len).map(drop) } else { Ok(()) }
}

fn views(len: usize) -> Result<(View, View), String> {
    let section = Section::new(len).map_err(|error| failed(&error))?;
    Ok((
        section.for_reading().map_err(|error| failed(&error))?,
        section.for_writing().map_err(|error| failed(&error))?,
    ))
}

fn failed(error: &std::io::Error) -> String {
    if os::is_out_of_memory(error) {
        return format!(
            "the system does not promise so much memory, although it would take what is touched alone: {error}"
        );
    }
    format!("memory cannot be mapped twice: {error}")
}

impl Filler {
    /// The bytes of pages in memory, up to the end of the last page.
    fn whole(&self, pages: &Range<usize>) -> Range<usize> {
        let at = |page: usize| page.saturating_mul(self.state.page_len);
        at(pages.start)..at(pages.end)
    }
}

impl Bring for Filler {
    fn read(&self, pages: &Range<usize>) -> Result<(), (usize, Why)> {
        let start = self.whole(pages).start;
        let (whole, why) = self.state.read(pages, |position, done, left| {
            let at = start.saturating_add(done);
            let to = self.filled.within(&(at..at.saturating_add(left)));
            let Some(to) = to else { return Ok(0) };
            // SAFETY: bytes of missing pages in the second view, so that nobody reads them in the first one; this
            // thread has their lock.
            unsafe { self.source.read(position, to, left) }
        });
        why.map_or(Ok(()), |why| Err((whole, why)))
    }

    fn clear(&self, page: usize, keep: usize) {
        let mut bytes = self.whole(&(page..page.saturating_add(1)));
        bytes.start = bytes.start.saturating_add(keep);
        if let Some(to) = self.filled.within(&bytes) {
            // SAFETY: as in `read`; the range is within the view.
            unsafe { to.write_bytes(0, bytes.len()) };
        }
    }

    fn show(&self, pages: &Range<usize>) {
        if !self.shown.open(&self.whole(pages)) {
            source::end(b"memmap: a page of a borrowed map cannot be shown; the process ends\n");
        }
    }
}

// SAFETY: 1. it makes system calls and atomic accesses alone, and has no large local variable. 2. Its locks are taken
// in it alone, and it waits for the threads that have them. 3. It reads into the second view, which is memory like any
// other. 4. Nothing in it panics; `source::end` ends the process. 5. It fills missing pages of its range, which nobody
// has read.
unsafe impl Fill for Filler {
    fn fill(&self, offset: usize) -> Filled {
        let (page, lock) = (self.state.page_at(offset), self.locks.of(offset));
        if !self.locks.close(lock, source::wait) {
            return Filled::Lost;
        }
        let is_there = if self.state.is_present(page) {
            // Another thread was faster; or somebody took the access to the page away.
            self.show(&(page..page.saturating_add(1)));
            true
        } else {
            self.state.bring(page, self.state.granule_of_lock(page, LEAST, &self.locks), self)
        };
        self.locks.open(lock);
        if is_there { Filled::Ready } else { Filled::Lost }
    }
}
