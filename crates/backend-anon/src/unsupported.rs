//! Anonymous memory on systems that are neither POSIX nor Windows.

use std::io;
use std::ops::Range;

use memmap_core::{Advice, Error, ErrorKind, Op, Result};
use memmap2::{MmapMut, MmapOptions};

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

pub(crate) fn zero(pages: &mut Pages, range: Range<usize>) {
    if let Some(bytes) = pages.get_mut(range) {
        bytes.fill(0);
    }
}

pub(crate) fn grow(_: &mut Pages, _: usize) -> bool {
    false
}

pub(crate) fn advise(_: &Pages, _: Range<usize>, _: Advice) -> io::Result<()> {
    Ok(())
}

pub(crate) fn lock_in_ram(_: &Pages, _: Range<usize>) -> Result<()> {
    let what = "locking memory on this system";
    let kind = ErrorKind::unsupported("anonymous memory", what);
    Err(Error::new(Op::Prefault, kind))
}

pub(crate) fn unlock_from_ram(_: &Pages, _: Range<usize>) -> io::Result<()> {
    Ok(())
}
