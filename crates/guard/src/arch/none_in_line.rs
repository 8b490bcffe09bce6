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

/// Blocks in registers: there are none here.
#[inline]
pub(crate) unsafe fn fold<K: crate::Kernel>(_: *const u8, _: usize, kernel: K) -> (K, usize) {
    (kernel, 0)
}

/// # Safety
/// None: it looks at nothing, and leaves all to the copies.
pub(crate) unsafe fn count_byte(_: *const u8, _: usize, _: u8) -> (u64, usize) {
    (0, 0)
}

/// # Safety
/// None: it looks at nothing, and leaves all to the copies.
pub(crate) unsafe fn find_shape(
    _: *const u8,
    _: usize,
    _: &crate::Shape,
    _: &mut crate::shape::Enough<'_>,
    _: &mut crate::Seen,
) {
}

/// # Safety
/// None: it looks at nothing, and leaves all to the copies.
pub(crate) unsafe fn histogram(_: *const u8, _: usize, _: &mut [[u32; 256]; 8]) -> usize {
    0
}
