//! Where no access is made in line: whoever tries is told so, and calls a routine.

/// Loads in line: there are none here.
#[inline]
pub(crate) unsafe fn quick_load(_: *const u8, _: usize) -> Option<u64> {
    None
}

/// Stores in line: there are none here.
#[inline]
pub(crate) unsafe fn quick_store(_: *mut u8, _: u64, _: usize) -> bool {
    false
}

/// Up to this length a copy may be tried in line.
pub(crate) const QUICK_LEN: usize = 64;

/// Copies in line: there are none here.
#[inline]
pub(crate) unsafe fn quick_copy(_: *mut u8, _: *const u8, _: usize) -> bool {
    false
}
