use std::fmt;
use std::marker::PhantomData;

use crate::{Fault, arch, copy_out, handler};

/// How many bytes a [`Kernel`] is given at a time.
pub const BLOCK_LEN: usize = 128;

/// The most blocks that a [`Kernel`] is given in a row.
pub const ROUND_LEN: usize = 32;

/// What is done to bytes where they are: a sum, a count, a search.
///
/// Bytes come in order, block after block, and what is left of them last. A block is a copy: it was
/// loaded once, into registers where the processor can, and does not change any more.
///
/// Mark both methods `#[inline(always)]`: then the loop over the blocks is compiled for the widest
/// registers that this processor has, and with it what is done there. Arithmetic on a few arrays of 8
/// to 32 numbers stays in registers; arrays of more, and branches, do not.
pub trait Kernel {
    /// Takes a whole block.
    fn block(&mut self, block: &[u8; BLOCK_LEN]);

    /// Takes what is left: fewer bytes than a block. Called at most once, last.
    fn rest(&mut self, rest: &[u8]);

    /// Called between blocks, so often that there are never more than [`ROUND_LEN`] since the last
    /// time: the place to put together what lanes must not hold for long, outside of the loop that
    /// keeps them in registers.
    fn round(&mut self) {}
}

/// Gives blocks to a kernel that are in memory already.
#[inline]
pub fn give<K: Kernel>(kernel: &mut K, blocks: &[[u8; BLOCK_LEN]]) {
    for round in blocks.chunks(ROUND_LEN) {
        for block in round {
            kernel.block(block);
        }
        kernel.round();
    }
}

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
pub struct Lost {
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
    /// [`Lost`].
    #[inline]
    pub fn copy_out(self, out: &mut [u8]) -> Result<(), Lost> {
        let len = self.len.min(out.len());
        let Some(out) = out.get_mut(..len) else { return Ok(()) };
        // SAFETY: within the bytes that the maker answers for, which are mapped while `'a` lasts.
        unsafe { copy_out(self.first, out) }.map_err(|Fault { moved, .. }| Lost { done: moved })
    }

    /// Gives all the bytes to a kernel, and the kernel back.
    ///
    /// # Errors
    /// [`Lost`], and then the kernel has taken the [`done`](Lost::done) first bytes, whole blocks.
    ///
    /// # Cost
    /// On x86-64 with AVX2, that of reading memory once. Elsewhere 4 KiB at a time are copied to where
    /// the kernel reads them.
    pub fn fold<K: Kernel>(self, kernel: K) -> (K, Result<(), Lost>) {
        handler::prepare();
        // SAFETY: the bytes that the maker answers for, which are mapped while `'a` lasts.
        let (mut kernel, mut done) = unsafe { arch::fold(self.first, self.len, kernel) };
        let mut buffer = [0; ROUND_LEN * BLOCK_LEN];
        while let Some(left) = self.len.checked_sub(done).filter(|&left| left > 0) {
            let part = left.min(buffer.len());
            let part = buffer.get_mut(..part).unwrap_or_default();
            // SAFETY: a part of those bytes.
            let copied = unsafe { copy_out(self.first.wrapping_add(done), part) };
            let there = copied.map_or_else(|fault| fault.moved, |()| part.len());
            let (blocks, rest) = part.get(..there).unwrap_or_default().as_chunks::<BLOCK_LEN>();
            give(&mut kernel, blocks);
            done = done.saturating_add(blocks.as_flattened().len());
            if copied.is_err() {
                return (kernel, Err(Lost { done }));
            }
            if !rest.is_empty() {
                kernel.rest(rest);
                break;
            }
        }
        (kernel, Ok(()))
    }
}

impl fmt::Debug for InPlace<'_> {
    /// No address, which is nobody's business.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InPlace").field("len", &self.len).finish_non_exhaustive()
    }
}
