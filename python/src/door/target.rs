//! Memory that bytes are copied to, without a reference to it.

use std::marker::PhantomData;

use memmap_guard::{Faulted, InPlace};

/// Memory for copies. Others may read and write it meanwhile, it may be lost, and it need not be initialized.
#[derive(Clone, Copy)]
pub(crate) struct Target<'a> {
    first: *mut u8,
    len: usize,
    held: PhantomData<&'a ()>,
}

// SAFETY: it is an address, which belongs to no thread. It is only passed to copies of the guard, which any
// number of threads may make at once.
unsafe impl Send for Target<'_> {}

// SAFETY: as above.
unsafe impl Sync for Target<'_> {}

impl Target<'_> {
    /// # Safety
    /// 1. `first..first + len` is mapped for writing, and stays so for `'a`. Pages may be missing.
    /// 2. Code of Rust has no reference to those bytes for `'a`, or uses none.
    pub(super) const unsafe fn new(first: *mut u8, len: usize) -> Self {
        Self { first, len, held: PhantomData }
    }

    pub(crate) const fn len(self) -> usize {
        self.len
    }

    /// The `len` bytes at `start`; as many as there are.
    pub(crate) fn part(self, start: usize, len: usize) -> Self {
        let start = start.min(self.len);
        let len = len.min(self.len.saturating_sub(start));
        Self { first: self.first.wrapping_add(start), len, held: PhantomData }
    }

    /// Copies bytes to it, from its start on; as many as both have.
    ///
    /// # Errors
    /// [`Faulted`], whether a byte to read is missing or a byte of this memory.
    pub(crate) fn receive(self, bytes: InPlace<'_>) -> Result<(), Faulted> {
        let len = self.len.min(bytes.len());
        let Some(bytes) = bytes.part(0, len).filter(|bytes| !bytes.is_empty()) else {
            return Ok(());
        };
        // SAFETY: 1. and 2. are what `new` demands, for a part of the range.
        unsafe { bytes.copy_to(self.first) }
    }
}
