//! Where nothing is looked at in registers: whoever tries is told so, and looks at copies.

use super::search::Enough;
use super::{Seen, Shape};
use crate::Kernel;

/// Blocks in registers: there are none here.
#[inline]
pub(crate) unsafe fn fold<K: Kernel>(_: *const u8, _: usize, kernel: K) -> (K, usize) {
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
    _: &Shape,
    _: &mut Enough<'_>,
    _: &mut Seen,
) {
}

/// # Safety
/// None: it looks at nothing, and leaves all to the copies.
pub(crate) unsafe fn histogram(_: *const u8, _: usize, _: &mut [[u32; 256]; 8]) -> usize {
    0
}
