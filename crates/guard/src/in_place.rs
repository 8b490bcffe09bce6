use std::fmt;
use std::marker::PhantomData;

use crate::access::copy_across;
use crate::{Fault, copy_out};

/// Bytes that may vanish or change, to be read where they are, without a reference to them. Whoever created
/// the value promised that they stay mapped for `'a`.
#[derive(Clone, Copy)]
pub struct InPlace<'a> {
    first: *const u8,
    len: usize,
    mapped: PhantomData<&'a ()>,
}

// SAFETY: it is the address of a mapping, which belongs to no thread. It is only passed to functions of
// this crate, whose accesses may be made by any number of threads at once.
unsafe impl Send for InPlace<'_> {}

// SAFETY: as above.
unsafe impl Sync for InPlace<'_> {}

/// The door for bindings to other languages: the address of these bytes, which they access without the guard. In Rust
/// nothing may make a reference to them, and only functions of this crate may copy them.
///
/// It stays valid as long as whoever created the value promised, which the caller keeps alive.
#[doc(hidden)]
#[must_use]
pub const fn expose(bytes: InPlace<'_>) -> *mut u8 {
    bytes.first.cast_mut()
}

/// A byte is missing. The first `done` bytes were processed, and none of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a fact, with nothing to add")]
pub struct Faulted {
    /// Bytes from the start that were processed. A fold processes whole blocks.
    pub done: usize,
}

/// The `len` bytes at `first`, to be read in place.
///
/// # Safety
/// As [`copy_out`], for those bytes and for as long as `'a`.
pub const unsafe fn in_place<'a>(first: *const u8, len: usize) -> InPlace<'a> {
    InPlace { first, len, mapped: PhantomData }
}

impl<'a> From<&'a [u8]> for InPlace<'a> {
    /// Bytes that do not change can be read in place, too.
    fn from(bytes: &'a [u8]) -> Self {
        // SAFETY: 1. they stay readable while they are borrowed; 2. and are not written while they are.
        unsafe { in_place(bytes.as_ptr(), bytes.len()) }
    }
}

impl InPlace<'_> {
    /// The number of bytes.
    pub const fn len(self) -> usize {
        self.len
    }

    #[inline]
    pub(crate) const fn first(self) -> *const u8 {
        self.first
    }

    /// Whether there are no bytes.
    pub const fn is_empty(self) -> bool {
        self.len == 0
    }

    /// The `len` bytes at offset `start`; `None` if the range ends before them.
    #[must_use]
    pub fn part(self, start: usize, len: usize) -> Option<Self> {
        let fits = start.checked_add(len).is_some_and(|end| end <= self.len);
        fits.then(|| Self { first: self.first.wrapping_add(start), len, mapped: PhantomData })
    }

    /// Copies the first bytes, at most as many as fit into `out`. Bytes of `out` that nothing is copied to
    /// keep their values.
    ///
    /// # Errors
    /// [`Faulted`].
    #[inline]
    pub fn copy_out(self, out: &mut [u8]) -> Result<(), Faulted> {
        let len = self.len.min(out.len());
        let Some(out) = out.get_mut(..len) else { return Ok(()) };
        // SAFETY: within the range whose creator promised that it stays mapped for `'a`.
        unsafe { copy_out(self.first, out) }.map_err(|Fault { moved, .. }| Faulted { done: moved })
    }

    /// Copies all bytes to `to`, which need not be memory that Rust knows of: others may write to it meanwhile, it
    /// may be lost as these bytes may, it need not be initialized, and it may overlap them. Where it overlaps,
    /// it is unspecified whether a byte is copied before or after it is overwritten.
    ///
    /// # Errors
    /// [`Faulted`], whether a byte to read is missing or a byte of the target.
    ///
    /// # Safety
    /// 1. `to..to + len` is mapped for writing, and all of it stays mapped until this returns. Pages may be missing,
    ///    but not the addresses.
    /// 2. No reference to those bytes is used meanwhile.
    #[inline]
    pub unsafe fn copy_to(self, to: *mut u8) -> Result<(), Faulted> {
        // SAFETY: the source is within the range whose creator promised that it stays mapped for `'a`; the target
        // is the caller's. Rust code has no reference to it, so other writers are foreign code or this crate.
        let copied = unsafe { copy_across(to, self.first, self.len) };
        copied.map_err(|Fault { moved, .. }| Faulted { done: moved })
    }
}

impl fmt::Debug for InPlace<'_> {
    /// Leaves out the address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InPlace").field("len", &self.len).finish_non_exhaustive()
    }
}
