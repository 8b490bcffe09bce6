//! Memory that may vanish, behind a safe interface: every access is checked against its bounds and made
//! by the functions of this crate.

use std::fmt;
use std::ops::Range;

use crate::atomic_op::{self, AtomicOp};
use crate::{Fault, InPlace, Integer};

/// Memory that is accessed by this crate alone: a mapping of a file, or memory of the heap.
///
/// # Safety
/// As long as the value lives, and until it is changed through `&mut`:
/// 1. `len` bytes from `first` on are mapped. Pages may be missing; the addresses do not go away. Moving
///    the value does not move the bytes.
/// 2. If `is_writable`, they are mapped for writing.
/// 3. Within this process they are only written through [`Guarded`], and no reference to them exists
///    through which one could write, or that would notice a write. (Whoever makes one, by an unsafe
///    function of a backend, answers for that.)
pub unsafe trait Memory: Send + Sync + 'static {
    /// The address of the first byte; anything where `len` is 0.
    fn first(&self) -> *mut u8;

    /// Bytes.
    fn len(&self) -> usize;

    /// Whether the bytes may be written.
    fn is_writable(&self) -> bool;

    /// Whether there is no byte.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A [`Memory`], and how much of it may be accessed.
///
/// Nothing is accessible at first: [`allow`](Self::allow) says how much is.
pub struct Guarded<M> {
    first: *mut u8,
    /// What `quick_copy_out` and `quick_load` may read: all or nothing.
    readable_len: usize,
    /// What `quick_copy_in` may write: all or nothing.
    writable_len: usize,
    len: usize,
    /// Whether any function may write.
    may_write: bool,
    memory: M,
}

// SAFETY: the address is that of `memory`, which may be sent and shared; the accesses of this crate may
// come from all threads at once.
unsafe impl<M: Memory> Send for Guarded<M> {}

// SAFETY: as above.
unsafe impl<M: Memory> Sync for Guarded<M> {}

impl<M: Memory> Guarded<M> {
    /// Of this memory nothing may be accessed yet.
    #[inline]
    pub fn new(memory: M) -> Self {
        let first = memory.first();
        Self { first, readable_len: 0, writable_len: 0, len: 0, may_write: false, memory }
    }

    /// Allows access to the first `len` bytes, or to none if the memory has fewer. The quick functions
    /// may read, or write, only if that is said. Nothing writes unless `may_write`, and memory that is
    /// writable.
    #[inline]
    pub fn allow(&mut self, len: usize, quick_reads: bool, quick_writes: bool, may_write: bool) {
        self.first = self.memory.first();
        self.len = if self.memory.len() >= len { len } else { 0 };
        self.readable_len = if quick_reads { self.len } else { 0 };
        self.may_write = may_write && self.memory.is_writable();
        let writes = quick_writes && self.may_write;
        self.writable_len = if writes { self.len } else { 0 };
    }

    /// Bytes that may be accessed.
    #[inline]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether no byte may be accessed.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The memory itself.
    pub const fn memory(&self) -> &M {
        &self.memory
    }

    /// Changes the memory, which may move its bytes. Nothing is accessible afterwards, until
    /// [`allow`](Self::allow) is called.
    pub fn change<T>(&mut self, change: impl FnOnce(&mut M) -> T) -> T {
        // Before, so that it is so even if `change` panics.
        (self.readable_len, self.writable_len, self.len) = (0, 0, 0);
        self.may_write = false;
        change(&mut self.memory)
    }

    /// The bits of the first byte's address that an aligned access depends on.
    pub fn misalignment(&self, start: usize, align: usize) -> usize {
        self.first.addr().wrapping_add(start) & align.wrapping_sub(1)
    }

    /// The address of `len` accessible bytes.
    #[inline]
    fn at(&self, start: usize, len: usize) -> *mut u8 {
        let fits = self.len.checked_sub(len).is_some_and(|last| start <= last);
        assert!(fits, "{len} bytes at {start} of {}", self.len);
        self.first.wrapping_add(start)
    }

    /// Copies a few bytes out without a call, and says whether it did. It does not where bytes are out of
    /// bounds or lost, or where they are not allowed to be read so; `out` then holds anything.
    #[inline]
    pub fn quick_copy_out(&self, offset: u64, out: &mut [u8]) -> bool {
        match place(offset, out.len(), self.readable_len) {
            // SAFETY: 1. the range is within the memory, which stays mapped while `self` is borrowed
            // (`Memory`). 2. Only this crate accesses it.
            Some(start) => unsafe { crate::quick_copy_out(self.first.wrapping_add(start), out) },
            None => false,
        }
    }

    /// Loads 1, 2, 4 or 8 bytes, which stand in front; `None` where
    /// [`quick_copy_out`](Self::quick_copy_out) would say that it did not.
    #[inline]
    pub fn quick_load(&self, offset: u64, len: usize) -> Option<[u8; 8]> {
        let start = place(offset, len, self.readable_len)?;
        // SAFETY: as in `quick_copy_out`.
        unsafe { crate::quick_load(self.first.wrapping_add(start), len) }
    }

    /// Copies a few bytes in without a call, and says whether it did; as
    /// [`quick_copy_out`](Self::quick_copy_out). If not, some of the bytes may have arrived.
    #[inline]
    pub fn quick_copy_in(&self, offset: u64, bytes: &[u8]) -> bool {
        match place(offset, bytes.len(), self.writable_len) {
            // SAFETY: as in `quick_copy_out`; it is writable where `writable_len` is not 0, and of no
            // bytes nothing is written.
            Some(start) => unsafe { crate::quick_copy_in(self.first.wrapping_add(start), bytes) },
            None => false,
        }
    }

    /// What may be read at `offset` by [`quick_copy_out`](Self::quick_copy_out), to be looked at in place.
    pub fn in_place(&self, offset: u64, len: usize) -> Option<InPlace<'_>> {
        let start = place(offset, len, self.readable_len)?;
        // SAFETY: as in `quick_copy_out`; the answer borrows `self`.
        Some(unsafe { crate::in_place(self.first.wrapping_add(start), len) })
    }

    /// Copies bytes out that [`quick_copy_out`](Self::quick_copy_out) may read, however many; `None` if it
    /// may not.
    #[inline]
    pub fn try_copy_out(&self, offset: u64, out: &mut [u8]) -> Option<Result<(), Fault>> {
        let start = place(offset, out.len(), self.readable_len)?;
        // SAFETY: as in `quick_copy_out`.
        Some(unsafe { crate::copy_out(self.first.wrapping_add(start), out) })
    }

    /// Copies bytes in where [`quick_copy_in`](Self::quick_copy_in) may write, however many; `None` if it
    /// may not.
    #[inline]
    pub fn try_copy_in(&self, offset: u64, bytes: &[u8]) -> Option<Result<(), Fault>> {
        let start = place(offset, bytes.len(), self.writable_len)?;
        // SAFETY: as in `quick_copy_in`.
        Some(unsafe { crate::copy_in(self.first.wrapping_add(start), bytes) })
    }

    /// Performs `op` where [`quick_copy_in`](Self::quick_copy_in) may write, or for a load where
    /// [`quick_copy_out`](Self::quick_copy_out) may read; `None` if it may not, or the integer is not
    /// aligned. See [`atomic`](Self::atomic).
    #[inline]
    pub fn try_atomic<T: Integer>(&self, offset: u64, op: AtomicOp<T>) -> Option<Result<T, Fault>> {
        let bound = if op.writes() { self.writable_len } else { self.readable_len };
        let at = self.first.wrapping_add(place(offset, size_of::<T>(), bound)?);
        if at.addr() & size_of::<T>().wrapping_sub(1) != 0 {
            return None;
        }
        // SAFETY: as in `quick_copy_in`, or `quick_copy_out`; it is aligned.
        Some(unsafe { atomic_op::atomic(at, op) })
    }

    /// Copies bytes out.
    ///
    /// # Errors
    /// [`Fault`], and then the first `moved` bytes of `out` are those of the memory.
    ///
    /// # Panics
    /// If the range is not accessible.
    #[inline]
    pub fn copy_out(&self, start: usize, out: &mut [u8]) -> Result<(), Fault> {
        // SAFETY: as in `quick_copy_out`.
        unsafe { crate::copy_out(self.at(start, out.len()), out) }
    }

    /// Copies bytes in.
    ///
    /// # Errors
    /// [`Fault`], and then the first `moved` bytes have arrived.
    ///
    /// # Panics
    /// If the range is not accessible, or the memory not writable.
    #[inline]
    pub fn copy_in(&self, start: usize, bytes: &[u8]) -> Result<(), Fault> {
        self.require_writable();
        // SAFETY: as in `quick_copy_out`, and it is writable.
        unsafe { crate::copy_in(self.at(start, bytes.len()), bytes) }
    }

    /// Sets the bytes of a range to `byte`.
    ///
    /// # Errors
    /// [`Fault`], and then at least the first `moved` bytes are set.
    ///
    /// # Panics
    /// As [`copy_in`](Self::copy_in).
    pub fn fill(&self, range: Range<usize>, byte: u8) -> Result<(), Fault> {
        self.require_writable();
        let len = range.len();
        // SAFETY: as in `copy_in`.
        unsafe { crate::fill(self.at(range.start, len), byte, len) }
    }

    /// Performs `op` on the integer at `start`, and returns what it was before; for a store, what it is
    /// now. A load acquires, a store releases, the others do both.
    ///
    /// # Errors
    /// [`Fault`], and then nothing was stored.
    ///
    /// # Panics
    /// If the integer is not accessible or not aligned; if it would be changed, and the memory is not
    /// writable.
    #[inline]
    pub fn atomic<T: Integer>(&self, start: usize, op: AtomicOp<T>) -> Result<T, Fault> {
        let at = self.at(start, size_of::<T>());
        assert!(at.addr() & size_of::<T>().wrapping_sub(1) == 0, "an integer that is not aligned");
        if op.writes() {
            self.require_writable();
        }
        // SAFETY: as in `copy_in`; it is aligned.
        unsafe { atomic_op::atomic(at, op) }
    }

    #[inline]
    fn require_writable(&self) {
        assert!(self.may_write, "memory that may not be written");
    }
}

impl<M> fmt::Debug for Guarded<M> {
    /// No address, and no bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guarded").field("len", &self.len).finish_non_exhaustive()
    }
}

/// The start of `len` bytes at `offset` within `bound` bytes, if they are there.
#[inline]
fn place(offset: u64, len: usize, bound: usize) -> Option<usize> {
    let last = bound.checked_sub(len)?;
    usize::try_from(offset).ok().filter(|&start| start <= last)
}

/// Memory of the heap, accessed as a mapping is: for bytes that were read instead of mapped.
pub struct HeapMemory {
    bytes: *mut [u8],
}

// SAFETY: memory of the heap belongs to no thread; it is accessed by this crate alone.
unsafe impl Send for HeapMemory {}

// SAFETY: as above.
unsafe impl Sync for HeapMemory {}

impl HeapMemory {
    /// Takes the bytes.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { bytes: Box::into_raw(bytes.into_boxed_slice()) }
    }

    /// Gives the bytes back, and keeps none.
    pub fn take(&mut self) -> Vec<u8> {
        let bytes = std::mem::replace(&mut self.bytes, Box::into_raw(Box::default()));
        // SAFETY: it came from `into_raw`, and whoever could access it borrowed from the caller, who has
        // this exclusively now.
        unsafe { Box::from_raw(bytes) }.into_vec()
    }
}

impl fmt::Debug for HeapMemory {
    /// No address, and no bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeapMemory").field("len", &self.bytes.len()).finish_non_exhaustive()
    }
}

impl Drop for HeapMemory {
    fn drop(&mut self) {
        // SAFETY: it came from `into_raw`, and whoever could access it borrowed from the owner.
        drop(unsafe { Box::from_raw(self.bytes) });
    }
}

// SAFETY: 1. and 2. the bytes are allocated until `take` or `drop`, apart from the value. 3. No reference
// to them is made in between.
unsafe impl Memory for HeapMemory {
    fn first(&self) -> *mut u8 {
        self.bytes.cast()
    }

    fn len(&self) -> usize {
        self.bytes.len()
    }

    fn is_writable(&self) -> bool {
        true
    }
}

/// Where the bytes of a map are: in pages of a file, on the heap, or nowhere, as there are none or they
/// are read by calls.
pub struct Backing<P> {
    /// Pages of a file.
    pub pages: Option<P>,
    heap: Option<HeapMemory>,
}

impl<P> fmt::Debug for Backing<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backing").field("is_mapped", &self.pages.is_some()).finish_non_exhaustive()
    }
}

impl<P> Backing<P> {
    /// Pages, or nothing.
    #[inline]
    pub const fn of(pages: Option<P>) -> Self {
        Self { pages, heap: None }
    }

    /// Bytes on the heap.
    pub fn heap(bytes: Vec<u8>) -> Self {
        Self { pages: None, heap: Some(HeapMemory::new(bytes)) }
    }

    /// Takes the bytes that are on the heap.
    pub fn take_heap(&mut self) -> Vec<u8> {
        self.heap.as_mut().map(HeapMemory::take).unwrap_or_default()
    }
}

// SAFETY: it is one of two memories or none, which it owns; neither is replaced but through `&mut`.
unsafe impl<P: Memory> Memory for Backing<P> {
    fn first(&self) -> *mut u8 {
        match (&self.pages, &self.heap) {
            (Some(pages), _) => pages.first(),
            (None, Some(heap)) => heap.first(),
            (None, None) => std::ptr::null_mut(),
        }
    }

    fn len(&self) -> usize {
        match (&self.pages, &self.heap) {
            (Some(pages), _) => pages.len(),
            (None, Some(heap)) => heap.len(),
            (None, None) => 0,
        }
    }

    fn is_writable(&self) -> bool {
        self.pages.as_ref().is_none_or(Memory::is_writable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guarded(bytes: &[u8]) -> Guarded<HeapMemory> {
        let mut guarded = Guarded::new(HeapMemory::new(bytes.to_vec()));
        guarded.allow(bytes.len(), true, true, true);
        make_ready();
        guarded
    }

    /// The first slow access makes a thread ready for the quick ones.
    fn make_ready() {
        let mut any = Guarded::new(HeapMemory::new(vec![0]));
        any.allow(1, true, true, true);
        any.copy_out(0, &mut [0]).unwrap();
    }

    /// Whether bytes may be read, and written, in any of the ways that ask.
    fn allowed(guarded: &Guarded<HeapMemory>, offset: u64, len: usize) -> (bool, bool) {
        let mut out = vec![0; len];
        let reads = guarded.try_copy_out(offset, &mut out).is_some();
        let writes = guarded.try_copy_in(offset, &out).is_some();
        // Not every system has the quick functions, and none answers what is not allowed.
        assert!(reads || !guarded.quick_copy_out(offset, &mut out));
        assert!(reads || guarded.quick_load(offset, len).is_none());
        assert_eq!(reads, guarded.in_place(offset, len).is_some());
        assert!(writes || !guarded.quick_copy_in(offset, &out));
        (reads, writes)
    }

    #[test]
    fn nothing_is_accessible_before_it_is_allowed_or_after_a_change() {
        make_ready();
        let mut guarded = Guarded::new(HeapMemory::new(vec![7; 8]));
        assert_eq!((allowed(&guarded, 0, 1), guarded.len()), ((false, false), 0));
        guarded.allow(9, true, true, true);
        assert_eq!(
            (allowed(&guarded, 0, 1), guarded.len()),
            ((false, false), 0),
            "there are fewer"
        );
        guarded.allow(8, true, true, true);
        assert_eq!((allowed(&guarded, 0, 1), guarded.len()), ((true, true), 8));
        assert_eq!(guarded.change(HeapMemory::take), [7; 8]);
        assert_eq!((allowed(&guarded, 0, 1), guarded.len()), ((false, false), 0));
    }

    #[test]
    fn quick_access_is_what_was_allowed() {
        let mut guarded = guarded(&[1, 2, 3, 4]);
        guarded.allow(4, false, true, true);
        assert_eq!(allowed(&guarded, 0, 4), (false, true));
        guarded.allow(4, true, false, true);
        assert_eq!(allowed(&guarded, 0, 4), (true, false));
        guarded.allow(4, true, true, true);
        for (offset, len) in [(0, 4), (3, 1), (4, 0)] {
            assert_eq!(allowed(&guarded, offset, len), (true, true), "{len} at {offset}");
        }
        for (offset, len) in [(1, 4), (4, 1), (5, 0), (0, 5), (u64::MAX, 1), (u64::MAX, 0)] {
            assert_eq!(allowed(&guarded, offset, len), (false, false), "{len} at {offset}");
        }
    }

    #[test]
    fn all_accesses_reach_the_same_bytes() {
        let guarded = guarded(&[0; 16]);
        guarded.copy_in(1, &[1, 2, 3]).unwrap();
        guarded.fill(4..6, 7).unwrap();
        assert_eq!(guarded.atomic(8, AtomicOp::Add(5_u64)).unwrap(), 0);
        let mut out = [0; 16];
        guarded.copy_out(0, &mut out).unwrap();
        assert_eq!(out[..8], [0, 1, 2, 3, 7, 7, 0, 0]);
        assert_eq!(guarded.atomic(8, AtomicOp::<u64>::Load).unwrap(), 5);
    }

    #[test]
    #[should_panic(expected = "may not be written")]
    fn memory_that_may_not_be_written_is_not() {
        let mut guarded = guarded(&[0; 4]);
        guarded.allow(4, true, true, false);
        assert!(!guarded.quick_copy_in(0, &[1]) && guarded.try_copy_in(0, &[1]).is_none());
        guarded.copy_in(0, &[1]).ok();
    }

    #[test]
    #[should_panic(expected = "2 bytes at 3 of 4")]
    fn a_range_out_of_bounds_is_a_fault_of_the_caller() {
        guarded(&[0; 4]).copy_out(3, &mut [0; 2]).ok();
    }

    #[test]
    #[should_panic(expected = "not aligned")]
    fn an_integer_that_is_not_aligned_is_a_fault_of_the_caller() {
        guarded(&[0; 16]).atomic(1, AtomicOp::<u64>::Load).ok();
    }
}
