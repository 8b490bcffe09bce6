//! A mapped part of a file, with the ranges of it that are registered with the fault handler.

use std::fmt;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use memmap_core::{Advice, ErrorKind, Mode, Op, Result, widen};
use memmap_guard::{Memory, RegisteredRange};
use rustix::io::Errno;

use crate::pages::{Access, Pages, View};
use crate::paging;
use crate::refusal::{refusal, refuse};

/// Mapped pages of a file, and their registered ranges. The order of the fields is the order of their drop.
pub struct Shown {
    /// The range borrowed by [`AssumeFrozen`](memmap_guard::AssumeFrozen) with `Abort`: a lost page ends the process.
    pub(crate) lent: OnceLock<Box<RegisteredRange>>,
    /// The mapping borrowed by [`AssumeFrozen`](memmap_guard::AssumeFrozen) with `Zeros`.
    pub(crate) alias: OnceLock<Box<Alias>>,
    /// The mapping that is exposed to other languages.
    pub(crate) exposed: OnceLock<Box<Alias>>,
    /// The first byte of a page that was lost under a borrowed slice, before the pages moved.
    pub(crate) lost: Option<u64>,
    /// Whether pages that are dropped from memory come back as they were.
    pub(crate) may_drop: bool,
    pub(crate) pages: Pages,
}

/// A second mapping of the same pages, in which lost pages become zeros. Copies in and out use the
/// first mapping, whose pages are never replaced. The order of the fields is the order of their drop.
pub(crate) struct Alias {
    pub(crate) lent: RegisteredRange,
    pub(crate) pages: Pages,
    /// What says how long the file is when a page is lost.
    pub(crate) _file: Option<Arc<File>>,
}

impl fmt::Debug for Shown {
    /// Prints no address and no bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shown").field("len", &self.pages.len()).finish_non_exhaustive()
    }
}

impl Shown {
    pub(crate) const fn new(pages: Pages) -> Self {
        Self {
            lent: OnceLock::new(),
            alias: OnceLock::new(),
            exposed: OnceLock::new(),
            lost: None,
            may_drop: true,
            pages,
        }
    }

    /// Unregisters the borrowed ranges before the pages move. No borrow of them is left, as this takes an
    /// exclusive reference.
    pub(crate) fn take_back(&mut self) {
        self.lost = self.lost_byte();
        self.lent = OnceLock::new();
        self.alias = OnceLock::new();
        self.exposed = OnceLock::new();
    }

    /// The first byte of a page that was lost under a borrowed slice.
    pub(crate) fn lost_byte(&self) -> Option<u64> {
        let lent = [self.lent.get().map(|lent| &**lent), self.alias.get().map(|alias| &alias.lent)];
        let now = lent.into_iter().filter_map(|lent| lent?.lost()).min();
        now.map(widen).into_iter().chain(self.lost).min()
    }
}

// SAFETY: 1. The pages stay mapped, whole, until they are dropped or changed (`Pages`), and `len` bytes of
// them are mapped. 2. `Access::Write` is the access they are mapped with. 3. Their address is passed only to
// the guard, and to functions of this crate that make no references. Exceptions are `AssumeFrozen` and
// `Fixed`, which prove their references sound themselves, and `private_pages`, where a page is written by
// one thread alone before any other may access it.
unsafe impl Memory for Shown {
    fn first(&self) -> *mut u8 {
        self.pages.first()
    }

    fn len(&self) -> usize {
        self.pages.len()
    }

    fn is_writable(&self) -> bool {
        self.pages.access() == Access::Write
    }
}

impl memmap_core::Pages for Shown {
    fn contains(&self, address: usize) -> bool {
        self.pages.contains(address)
    }

    fn is_private(&self) -> bool {
        self.pages.view() == View::Private
    }

    fn protect(&mut self) -> io::Result<()> {
        self.pages.protect()
    }

    fn advise(&self, window: &Range<usize>, advice: Advice) -> Result<()> {
        paging::advise(&self.pages, window, advice, self.may_drop)
    }

    fn populate(&self, window: &Range<usize>) -> bool {
        paging::populate(&self.pages, window)
    }

    fn lock(&self, window: &Range<usize>) -> Result<(), ErrorKind> {
        paging::lock(&self.pages, window)
    }

    fn unlock(&self, window: &Range<usize>) -> io::Result<()> {
        paging::unlock(&self.pages, window)
    }

    fn resident(&self, window: &Range<usize>) -> Result<Vec<Range<u64>>> {
        paging::resident(&self.pages, window)
    }
}

/// Maps a part of a file. `None` means that the bytes must be read by system calls instead, as the file system
/// supports no mappings, or no addresses or mappings are left. Maps that write to the file, and requests with
/// `needs_mapping`, get an error then.
pub(crate) fn show(
    file: &File,
    offset: u64,
    len: usize,
    mode: Mode,
    needs_mapping: bool,
) -> Result<Option<Pages>> {
    let map = |view| Pages::map_as(view, file, offset, len, access(mode));
    let mut mapped = map(View::Shared);
    if mode.reaches_file() {
        return mapped.map(Some).map_err(|error| refuse(Op::Map, refusal(error, len, mode)));
    }
    if mapped.as_ref().is_err_and(|error| Errno::from_io_error(error) == Some(Errno::NODEV)) {
        mapped = map(View::Private);
    }
    match mapped {
        Ok(pages) => Ok(Some(pages)),
        Err(error) if !needs_mapping && can_be_read(&error) => Ok(None),
        Err(error) => Err(refuse(Op::Map, refusal(error, len, mode))),
    }
}

/// Whether the file can be read although `mmap` failed with this error.
fn can_be_read(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        // NODEV: the file system supports no mappings. NOMEM: no addresses or mappings are left. AGAIN: all
        // mappings are locked (`mlockall`), and the limit is reached.
        Some(Errno::NODEV | Errno::NOMEM | Errno::AGAIN | Errno::OVERFLOW)
    )
}

pub(crate) const fn access(mode: Mode) -> Access {
    match mode {
        Mode::Read | Mode::CopyOnWrite => Access::Read,
        Mode::ReadWrite | Mode::Create => Access::Write,
    }
}
