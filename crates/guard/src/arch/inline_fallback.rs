//! Targets without accesses by inline assembly. Each function reports that it did nothing, and its caller
//! calls a routine.

/// # Safety
/// None: it does nothing.
#[inline]
pub(crate) unsafe fn quick_load(_: *const u8, _: usize) -> Option<u64> {
    None
}

/// # Safety
/// None: it does nothing.
#[inline]
pub(crate) unsafe fn quick_store(_: *mut u8, _: u64, _: usize) -> bool {
    false
}

/// The longest copy that [`quick_copy`] is called for.
pub(crate) const QUICK_LEN: usize = 64;

/// # Safety
/// None: it does nothing.
#[inline]
pub(crate) unsafe fn quick_copy(_: *mut u8, _: *const u8, _: usize) -> bool {
    false
}
