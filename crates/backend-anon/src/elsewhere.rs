//! What can be done with anonymous memory where nothing is known of the system.

use std::io;
use std::ops::Range;

use memmap_core::{Advice, Error, ErrorKind, Op, Result};
use memmap2::MmapMut;

pub(crate) fn zero(pages: &mut MmapMut, range: Range<usize>) {
    if let Some(bytes) = pages.get_mut(range) {
        bytes.fill(0);
    }
}

pub(crate) fn grow(_: &mut MmapMut, _: usize) -> bool {
    false
}

pub(crate) fn advise(_: &MmapMut, _: Range<usize>, _: Advice) -> io::Result<()> {
    Ok(())
}

pub(crate) fn lock_in_ram(_: &MmapMut, _: Range<usize>) -> Result<()> {
    let what = "locking memory on this system";
    let kind = ErrorKind::Unsupported { backend: "anonymous memory", what };
    Err(Error::new(Op::Prefault, kind))
}

pub(crate) fn unlock_from_ram(_: &MmapMut, _: Range<usize>) -> io::Result<()> {
    Ok(())
}
