//! The memory of mode `c`: bytes of a file that are read when they are touched, and that may be written to.

use std::fmt;
use std::fs::File;
use std::sync::Arc;

use memmap::expose::{Edited, LostBytes, address};
use memmap::plugin::{Mapping, Op, check};
use memmap::{Mode, Result, widen};
use memmap_guard::InPlace;

use super::target::Target;

/// Private edits, in the pages that Python objects point to. Rust makes no reference to them.
pub(crate) struct Edits {
    edited: Edited,
    first: *mut u8,
    len: usize,
}

// SAFETY: the memory belongs to no thread; it is accessed by copies of the guard, and by Python.
unsafe impl Send for Edits {}

// SAFETY: as above.
unsafe impl Sync for Edits {}

impl Edits {
    /// `len` bytes of a file, at least one, from `offset` on.
    pub(crate) fn new(file: &Arc<File>, offset: u64, len: usize) -> Result<Self> {
        let edited = Edited::new(file, offset, len)?;
        // Moving the value does not move its bytes.
        let first = address(edited.expose()?.bytes);
        Ok(Self { edited, first, len })
    }

    /// Writes bytes, while others may read and write.
    pub(crate) fn write(&self, offset: u64, bytes: &[u8]) -> Result<()> {
        let start = check_range(offset, bytes.len(), self.len, Op::Write)?;
        // SAFETY: 1. within the memory, which `self` owns. 2. Rust has no reference to it.
        let target = unsafe { Target::new(self.first.wrapping_add(start), bytes.len()) };
        // Neither can be lost.
        target.receive(InPlace::from(bytes)).ok();
        Ok(())
    }

    /// What could not be read of these bytes, and is zeros.
    pub(crate) fn lost(&self, offset: u64, len: u64) -> Vec<LostBytes> {
        let at = |place| usize::try_from(place).unwrap_or(usize::MAX);
        self.edited.lost_bytes(at(offset)..at(offset.saturating_add(len)))
    }

    /// The address of the first byte, for a Python object that keeps this value.
    pub(super) const fn first(&self) -> *mut u8 {
        self.first
    }
}

fn check_range(offset: u64, len: usize, bound: usize, op: Op) -> Result<usize> {
    check(offset, len, widen(bound)).map_err(|error| error.during(op))?;
    Ok(usize::try_from(offset).unwrap_or(bound))
}

impl Mapping for Edits {
    fn len(&self) -> u64 {
        widen(self.len)
    }

    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        let (start, len) = (check_range(offset, out.len(), self.len, Op::Read)?, out.len());
        if len > 0 {
            // SAFETY: 1. within the memory, which `self` owns. 2. Rust has no reference to it.
            let bytes = unsafe { memmap_guard::in_place(self.first.wrapping_add(start), len) };
            // It cannot be lost: what cannot be read is zeros, of which the state tells.
            bytes.copy_out(out).ok();
        }
        match self.lost(offset, widen(len)).into_iter().next() {
            Some(lost) => Err(lost.why),
            None => Ok(()),
        }
    }

    fn name(&self) -> &'static str {
        "private edits"
    }

    fn mode(&self) -> Mode {
        Mode::CopyOnWrite
    }
}

impl fmt::Debug for Edits {
    /// No address, and no bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edits").field("len", &self.len).finish_non_exhaustive()
    }
}
