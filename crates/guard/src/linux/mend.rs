//! A range of pages of a file whose lost pages become zeros: how much is lost with one of them.
//!
//! All that lies behind the end of the file is replaced by one mapping. If each page were replaced by one of its own,
//! a file that is cut short would take thousands of them, and the system allows only so many.

use std::fmt;
use std::mem;
use std::ops::Range;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

use libc::{
    MAP_ANONYMOUS, MAP_FAILED, MAP_FIXED, MAP_NORESERVE, MAP_PRIVATE, PROT_READ, PROT_WRITE,
};

use super::losses::Losses;
use super::page_repair::page_len;
use crate::Lost;

/// The most pages that are replaced by a mapping of their own, in all ranges. Each takes up to two mappings. The
/// default limit of the system is 65,530 (`vm.max_map_count`), and the process needs some for other things.
const SINGLE_MAX: usize = 10_000;

static SINGLE: AtomicUsize = AtomicUsize::new(0);

/// How a page was lost.
#[derive(Debug, Clone, Copy)]
pub(super) struct Missing {
    pub(super) by_a_store: bool,
    /// Whether its memory is broken, whatever the file is.
    pub(super) is_broken: bool,
}

/// The pages of a range, and the file that they show.
pub(crate) struct Mend {
    /// The address of the first page.
    first: usize,
    page_len: usize,
    pages: usize,
    /// Bytes of the range, which need not begin or end at a page boundary.
    len: usize,
    file: OfFile,
    is_writable: bool,
    losses: Losses,
    /// Pages that were replaced by a mapping of their own.
    single: AtomicUsize,
    /// From this page on, all were replaced in this process. (A child may have replaced others.)
    replaced: AtomicUsize,
}

/// Where the range is in its file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OfFile {
    descriptor: i32,
    device: libc::dev_t,
    number: libc::ino_t,
    /// The position of the first page.
    position: u64,
}

impl fmt::Debug for Mend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mend").field("losses", &self.losses).finish_non_exhaustive()
    }
}

impl OfFile {
    /// `None` if the descriptor is of no file.
    pub(crate) fn new(descriptor: i32, position: u64) -> Option<Self> {
        let (device, number, _) = look(descriptor)?;
        Some(Self { descriptor, device, number, position })
    }

    /// The length of the file now; `None` if it cannot be had, or if the descriptor is of another file by now.
    fn len(self) -> Option<u64> {
        let (device, number, len) = look(self.descriptor)?;
        (device == self.device && number == self.number).then_some(len)
    }
}

fn look(descriptor: i32) -> Option<(libc::dev_t, libc::ino_t, u64)> {
    // SAFETY: plain data, and all zeros is a value of it.
    let mut found: libc::stat = unsafe { mem::zeroed() };
    // SAFETY: writes `found`, a local variable. The function is allowed in signal handlers: signal-safety(7).
    let answer = unsafe { libc::fstat(descriptor, &raw mut found) };
    let len = u64::try_from(found.st_size).ok()?;
    (answer == 0).then_some((found.st_dev, found.st_ino, len))
}

impl Mend {
    /// Of the range from `first` to `last`. `None` if the system has no memory for it.
    pub(crate) fn new(first: usize, last: usize, file: OfFile, is_writable: bool) -> Option<Self> {
        let page_len = page_len();
        let within = first.checked_rem(page_len)?;
        let start = first.checked_sub(within)?;
        let pages = last.checked_sub(start)?.checked_div(page_len)?.checked_add(1)?;
        let position = file.position.checked_sub(u64::try_from(within).ok()?)?;
        let file = OfFile { position, ..file };
        let losses = Losses::new(pages)?;
        let len = last.checked_sub(first)?.checked_add(1)?;
        let (single, replaced) = (AtomicUsize::new(0), AtomicUsize::new(pages));
        Some(Self {
            first: start,
            page_len,
            pages,
            len,
            file,
            is_writable,
            losses,
            single,
            replaced,
        })
    }

    /// Records the loss of the page at this address, and replaces it and whatever the file has lost with it. False if
    /// the system has no room for zeros.
    ///
    /// # Safety
    /// The range is registered, and all code that uses its pages allows them to become zeros.
    pub(super) unsafe fn mend(&self, address: usize, missing: Missing) -> bool {
        let Missing { by_a_store, is_broken } = missing;
        let offset = address.saturating_sub(self.first);
        let page = offset.checked_div(self.page_len).unwrap_or(0);
        if let Some(end) = self.end_of_file().filter(|&end| end <= page && !is_broken) {
            // What was stored to zeros before stays.
            let replaced = self.replaced.load(Ordering::Acquire);
            if page >= replaced {
                return true;
            }
            // Before anybody can read a zero.
            self.losses.end_before(end);
            // SAFETY: as the caller says.
            if unsafe { self.replace(end..replaced) } {
                self.replaced.fetch_min(end, Ordering::Release);
                return true;
            }
        } else {
            // Beside zeros, zeros take no mapping.
            let is_beside = self.losses.has(page.wrapping_sub(1)) || self.losses.has(page + 1);
            self.losses.lose(page..page + 1, by_a_store);
            if is_beside || self.may_be_single() {
                // SAFETY: as the caller says.
                if unsafe { self.replace(page..page + 1) } {
                    return true;
                }
            }
            // No mapping is left to split this one. Replacing its end needs fewer.
            self.losses.lose(page..self.pages, by_a_store);
            // SAFETY: as the caller says.
            if unsafe { self.replace(page..self.pages) } {
                return true;
            }
        }
        // Replacing the whole range splits no mapping.
        self.losses.lose(0..self.pages, by_a_store);
        // SAFETY: as the caller says.
        unsafe { self.replace(0..self.pages) }
    }

    fn may_be_single(&self) -> bool {
        self.single.fetch_add(1, Ordering::Relaxed);
        SINGLE.fetch_add(1, Ordering::Relaxed) < SINGLE_MAX
    }

    /// The first page that lies behind the end of the file.
    fn end_of_file(&self) -> Option<usize> {
        let len = self.file.len()?.saturating_sub(self.file.position);
        let page_len = u64::try_from(self.page_len).ok()?;
        Some(usize::try_from(len.div_ceil(page_len)).unwrap_or(usize::MAX))
    }

    /// Replaces pages by zeros. False if the system has no room for them, or if the pages are huge ones.
    ///
    /// # Safety
    /// As [`mend`](Self::mend).
    unsafe fn replace(&self, pages: Range<usize>) -> bool {
        let first = self.first.saturating_add(pages.start.saturating_mul(self.page_len));
        let len = pages.len().saturating_mul(self.page_len);
        let protection = if self.is_writable { PROT_READ | PROT_WRITE } else { PROT_READ };
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE;
        let first = ptr::without_provenance_mut(first);
        // SAFETY: pages of the caller's mapping, and no others. Other threads that access them find their content or
        // the zeros.
        unsafe { libc::mmap(first, len, protection, flags, -1, 0) != MAP_FAILED }
    }

    /// What was lost of these bytes, counted from the byte at `origin`, where the range begins.
    pub(crate) fn lost(&self, origin: usize, bytes: Range<usize>) -> Vec<Lost> {
        let bytes = bytes.start..bytes.end.min(self.len);
        if bytes.is_empty() {
            return Vec::new();
        }
        let before = origin.saturating_sub(self.first);
        let page_of = |byte: usize| byte.saturating_add(before).checked_div(self.page_len);
        let Some((start, last)) = page_of(bytes.start).zip(page_of(bytes.end.saturating_sub(1)))
        else {
            return Vec::new();
        };
        let mut found = self.losses.within(start..last.saturating_add(1));
        let byte_of = |page: usize| {
            let byte = page.saturating_mul(self.page_len).saturating_sub(before);
            byte.clamp(bytes.start, bytes.end)
        };
        for lost in &mut found {
            (lost.start, lost.end) = (byte_of(lost.start), byte_of(lost.end));
        }
        found
    }
}

impl Drop for Mend {
    fn drop(&mut self) {
        SINGLE.fetch_sub(*self.single.get_mut(), Ordering::Relaxed);
    }
}
