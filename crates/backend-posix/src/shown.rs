//! A part of a file that is mapped, and what was lent of it.

use std::fmt;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::OnceLock;

use memmap_core::{Advice, ErrorKind, Mode, Op, Result, widen};
use memmap_guard::{Memory, RegisteredRange};
use rustix::io::Errno;

use crate::pages::{Access, Pages, View};
use crate::paging;
use crate::refusal::{refusal, refuse};

/// Pages of a file, with what the handler knows of them. The fields end in this order.
pub struct Shown {
    /// What was lent by [`AssumeFrozen`](crate::AssumeFrozen), to end the process if a page of it is lost.
    pub(crate) lent: OnceLock<Box<RegisteredRange>>,
    /// The same, to become zeros then.
    pub(crate) twin: OnceLock<Box<Twin>>,
    /// The first byte of a page that was lost so, before the bytes moved.
    pub(crate) lost: Option<u64>,
    pub(crate) pages: Pages,
}

/// The pages of a file once more, for borrowers to whom lost ones become zeros. What is copied in and out is
/// the other mapping, of which no page is ever replaced.
pub(crate) struct Twin {
    pub(crate) lent: RegisteredRange,
    pub(crate) pages: Pages,
}

impl fmt::Debug for Shown {
    /// No address, and no bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shown").field("len", &self.pages.len()).finish_non_exhaustive()
    }
}

impl Shown {
    pub(crate) const fn new(pages: Pages) -> Self {
        Self { lent: OnceLock::new(), twin: OnceLock::new(), lost: None, pages }
    }

    /// Lends no more of what is about to move: whoever borrowed it has given it back.
    pub(crate) fn take_back(&mut self) {
        self.lost = self.lost_byte();
        self.lent = OnceLock::new();
        self.twin = OnceLock::new();
    }

    /// The first byte of a page that was lost while it was lent.
    pub(crate) fn lost_byte(&self) -> Option<u64> {
        let lent = [self.lent.get().map(|lent| &**lent), self.twin.get().map(|twin| &twin.lent)];
        let now = lent.into_iter().filter_map(|lent| lent?.lost()).min();
        now.map(widen).into_iter().chain(self.lost).min()
    }
}

// SAFETY: 1. The pages are mapped, whole, until they are dropped or changed (`Pages`), and `len` are shown.
// 2. `Access::Write` is what they are mapped with. 3. Their address is given to the guard, and to functions
// of this crate that make no references: but `AssumeFrozen` and `Fixed`, which answer for them, and
// `private_pages`, where each page is written by its one owner before it is anyone else's.
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

    fn advise(&self, window: &Range<usize>, advice: Advice, may_drop: bool) -> Result<()> {
        paging::advise(&self.pages, window, advice, may_drop)
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

/// Maps a part of a file, or finds that its bytes have to be read from the file instead: the file system maps
/// none, or there is no room for a mapping. That is for maps that do not write to the file, unless
/// `needs_mapping`.
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

/// Whether `mmap` refused for a reason that does not concern reading.
fn can_be_read(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        // The file system maps nothing; no addresses, or mappings, are left; all mappings are to be
        // locked (`mlockall`), and this would be too much.
        Some(Errno::NODEV | Errno::NOMEM | Errno::AGAIN | Errno::OVERFLOW)
    )
}

pub(crate) const fn access(mode: Mode) -> Access {
    match mode {
        Mode::Read | Mode::CopyOnWrite => Access::Read,
        Mode::ReadWrite | Mode::Create => Access::Write,
    }
}
