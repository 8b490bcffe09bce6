use std::fmt;
use std::marker::PhantomData;

use crate::{Fault, copy_out};

/// Bytes that may vanish or change, and may be looked at where they are: no reference to them is ever
/// made. Its maker promised once that they stay mapped for `'a`.
#[derive(Clone, Copy)]
pub struct InPlace<'a> {
    first: *const u8,
    len: usize,
    mapped: PhantomData<&'a ()>,
}

// SAFETY: it is the address of a mapping, which belongs to no thread; it is only given to functions of
// this crate, whose accesses may come from all threads at once.
unsafe impl Send for InPlace<'_> {}

// SAFETY: as above.
unsafe impl Sync for InPlace<'_> {}

/// Bytes that are gone. Those before were taken; none of the others was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a fact, with nothing to add")]
pub struct Faulted {
    /// Bytes from the start that were taken, whole blocks of a fold.
    pub done: usize,
}

/// The `len` bytes at `first`, to be looked at in place.
///
/// # Safety
/// As [`copy_out`], for those bytes and for as long as `'a`.
pub const unsafe fn in_place<'a>(first: *const u8, len: usize) -> InPlace<'a> {
    InPlace { first, len, mapped: PhantomData }
}

impl<'a> From<&'a [u8]> for InPlace<'a> {
    /// Bytes that hold still can be looked at, too.
    fn from(bytes: &'a [u8]) -> Self {
        // SAFETY: 1. they are readable while they are borrowed; 2. and nobody writes to them then.
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

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.len == 0
    }

    /// `len` bytes from `start` on; `None` if there are not as many.
    #[must_use]
    pub fn part(self, start: usize, len: usize) -> Option<Self> {
        let fits = start.checked_add(len).is_some_and(|end| end <= self.len);
        fits.then(|| Self { first: self.first.wrapping_add(start), len, mapped: PhantomData })
    }

    /// Copies the first bytes, as many as `out` holds; those that are not there stay as they are.
    ///
    /// # Errors
    /// [`Faulted`].
    #[inline]
    pub fn copy_out(self, out: &mut [u8]) -> Result<(), Faulted> {
        let len = self.len.min(out.len());
        let Some(out) = out.get_mut(..len) else { return Ok(()) };
        // SAFETY: within the bytes that the maker answers for, which are mapped while `'a` lasts.
        unsafe { copy_out(self.first, out) }.map_err(|Fault { moved, .. }| Faulted { done: moved })
    }
}

impl fmt::Debug for InPlace<'_> {
    /// No address, which is nobody's business.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InPlace").field("len", &self.len).finish_non_exhaustive()
    }
}
