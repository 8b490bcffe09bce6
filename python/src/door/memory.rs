//! Anonymous memory that Python may write to while Rust copies from it.

use std::fmt;

use memmap::RamMap;
use memmap::plugin::{Mapping, check};
use memmap::{Mode, Result};
use memmap_guard::InPlace;

use super::target::Target;

/// Memory of this process that Python objects may point to. Rust makes no reference to its bytes: it copies, as
/// from a mapped file.
pub(crate) struct Memory {
    first: *mut u8,
    len: usize,
    /// What owns the bytes. It is used again only to change their number, when nobody else has the memory.
    owner: RamMap,
}

// SAFETY: the memory belongs to no thread; it is accessed by copies of the guard, and by Python.
unsafe impl Send for Memory {}

// SAFETY: as above.
unsafe impl Sync for Memory {}

impl Memory {
    /// `len` bytes, all of them 0.
    pub(crate) fn new(len: u64) -> Result<Self> {
        let mut owner = RamMap::new(len)?;
        let bytes = owner.as_bytes_mut();
        // Moving the owner does not move its bytes, and no other reference to them is made.
        Ok(Self { first: bytes.as_mut_ptr(), len: bytes.len(), owner })
    }

    /// Bytes to be copied from; `None` if they are out of bounds.
    pub(crate) fn bytes(&self, offset: u64, len: usize) -> Option<InPlace<'_>> {
        let part = self.target(offset, len)?;
        if len == 0 {
            return Some(InPlace::from(&[][..]));
        }
        let start = usize::try_from(offset).ok()?;
        debug_assert_eq!(part.len(), len);
        // SAFETY: 1. within the memory, which `self` owns. 2. Rust has no reference to it.
        Some(unsafe { memmap_guard::in_place(self.first.wrapping_add(start), len) })
    }

    /// Bytes to be copied to; `None` if they are out of bounds.
    pub(crate) fn target(&self, offset: u64, len: usize) -> Option<Target<'_>> {
        let start = usize::try_from(offset).ok()?;
        start.checked_add(len).filter(|&end| end <= self.len)?;
        // SAFETY: 1. within the memory, which `self` owns. 2. Rust has no reference to it.
        Some(unsafe { Target::new(self.first.wrapping_add(start), len) })
    }

    /// Where the first byte is, as a number.
    pub(crate) fn address(&self) -> usize {
        self.first.addr()
    }

    /// The address of the first byte, for a Python object that keeps this value.
    pub(super) const fn first(&self) -> *mut u8 {
        self.first
    }
}

impl Mapping for Memory {
    fn len(&self) -> u64 {
        memmap::widen(self.len)
    }

    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        let len = out.len();
        check(offset, len, memmap::widen(self.len))?;
        if let Some(bytes) = self.bytes(offset, len) {
            // It cannot be lost.
            bytes.copy_out(out).ok();
        }
        Ok(())
    }

    fn in_place(&self, offset: u64, len: usize) -> Option<InPlace<'_>> {
        self.bytes(offset, len)
    }

    fn resize(&mut self, len: u64) -> Result<()> {
        let resized = self.owner.resize(len);
        // They may have moved. As in `new`; nothing has their former address, as `self` is borrowed alone.
        let bytes = self.owner.as_bytes_mut();
        (self.first, self.len) = (bytes.as_mut_ptr(), bytes.len());
        resized
    }

    fn name(&self) -> &'static str {
        "anonymous memory"
    }

    fn mode(&self) -> Mode {
        Mode::ReadWrite
    }
}

impl fmt::Debug for Memory {
    /// No address, and no bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("len", &self.len).finish_non_exhaustive()
    }
}
