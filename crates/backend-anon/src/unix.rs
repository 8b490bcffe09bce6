//! Anonymous memory on POSIX systems.

use std::io;
use std::ops::Range;

use memmap_core::{Advice, Error, Op, Result, system, widen};
use memmap2::{MmapMut, MmapOptions};
use rustix::mm;

pub(crate) type Pages = MmapMut;

pub(crate) fn zeroed(len: usize) -> io::Result<Pages> {
    MmapMut::map_anon(len)
}

/// Addresses for `most` bytes. Pages take memory when they are first written.
pub(crate) fn reserve(most: usize, _: usize) -> io::Result<Pages> {
    MmapOptions::new().len(most).no_reserve_swap().map_anon()
}

pub(crate) fn room(pages: &Pages) -> usize {
    pages.len()
}

pub(crate) fn is_out_of_memory(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::OutOfMemory
}

/// Sets bytes to zero, and releases the memory of whole pages.
pub(crate) fn zero(pages: &mut Pages, range: Range<usize>) {
    let page = rustix::param::page_size();
    let first = range.start.checked_next_multiple_of(page).unwrap_or(range.end).min(range.end);
    if let Some(bytes) = pages.get_mut(range.start..first) {
        bytes.fill(0);
    }
    if first < range.end
        && !discard(pages, first..range.end)
        && let Some(bytes) = pages.get_mut(first..range.end)
    {
        bytes.fill(0);
    }
}

/// Sets bytes to zero by releasing their pages, including the rest of the last page. Returns whether it did.
#[cfg(target_os = "linux")]
fn discard(pages: &mut Pages, range: Range<usize>) -> bool {
    use memmap2::UncheckedAdvice;

    let len = range.end.saturating_sub(range.start);
    // SAFETY: `range` is within the pages and starts at a page boundary. Private anonymous memory reads as
    // zeros afterwards (madvise(2)), which are valid bytes. The rest of the last page is zeros before, as
    // is everything after the length, and stays zeros. No other reference to the pages exists: they are
    // borrowed exclusively.
    unsafe { pages.unchecked_advise_range(UncheckedAdvice::DontNeed, range.start, len) }.is_ok()
}

#[cfg(not(target_os = "linux"))]
fn discard(_: &mut Pages, _: Range<usize>) -> bool {
    false
}

/// Extends the mapping by zeros without copying. Returns whether it did.
#[cfg(target_os = "linux")]
pub(crate) fn grow(pages: &mut Pages, len: usize) -> bool {
    let options = memmap2::RemapOptions::new().may_move(true);
    // SAFETY: no byte is borrowed, as the mapping is borrowed exclusively, and none is removed, as it only
    // gets longer. New pages of private anonymous memory are zeros (mremap(2)).
    unsafe { pages.remap(len, options) }.is_ok()
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn grow(_: &mut Pages, _: usize) -> bool {
    false
}

/// Passes advice to the system. Advice that the system does not have, or that would discard bytes, is
/// ignored.
pub(crate) fn advise(pages: &Pages, range: Range<usize>, advice: Advice) -> io::Result<()> {
    let word = match advice {
        Advice::Normal => memmap2::Advice::Normal,
        Advice::Sequential => memmap2::Advice::Sequential,
        Advice::Random => memmap2::Advice::Random,
        Advice::WillNeed => memmap2::Advice::WillNeed,
        #[cfg(target_os = "linux")]
        Advice::HugePages => memmap2::Advice::HugePage,
        #[cfg(target_os = "linux")]
        Advice::SmallPages => memmap2::Advice::NoHugePage,
        // Dropping pages of anonymous memory would lose their bytes: there is no other copy.
        _ => return Ok(()),
    };
    pages.advise_range(word, range.start, range.end.saturating_sub(range.start))
}

/// The whole pages around a range.
fn around(pages: &Pages, range: &Range<usize>) -> (*mut std::ffi::c_void, usize) {
    let page = rustix::param::page_size();
    let start = range.start.saturating_sub(range.start.checked_rem(page).unwrap_or(0));
    let len = range.end.saturating_sub(start);
    (pages.as_ptr().wrapping_add(start).cast_mut().cast(), len)
}

pub(crate) fn lock_in_ram(pages: &Pages, range: Range<usize>) -> Result<()> {
    let (address, len) = around(pages, &range);
    // SAFETY: the range is within the mapping, and no byte of it changes.
    unsafe { mm::mlock(address, len) }
        .map_err(|errno| Error::new(Op::Prefault, system::why_not_locked(errno.into(), widen(len))))
}

pub(crate) fn unlock_from_ram(pages: &Pages, range: Range<usize>) -> io::Result<()> {
    let (address, len) = around(pages, &range);
    // SAFETY: the range is within the mapping, and no byte of it changes.
    Ok(unsafe { mm::munlock(address, len) }?)
}
