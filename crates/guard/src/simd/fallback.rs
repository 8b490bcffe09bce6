//! Targets that read nothing into wide registers. Each function reports that it has processed no bytes, and
//! its caller processes copies.

use super::progress::Budget;
use super::{Seen, Shape};
use crate::{Kernel, PairKernel};

/// # Safety
/// None: it processes nothing.
#[inline]
pub(crate) unsafe fn fold<K: Kernel>(_: *const u8, _: usize, kernel: K) -> (K, usize) {
    (kernel, 0)
}

/// # Safety
/// None: it processes nothing.
#[inline]
pub(crate) unsafe fn fold_pair<K: PairKernel>(
    _: (*const u8, *const u8),
    _: usize,
    kernel: K,
) -> (K, usize) {
    (kernel, 0)
}

/// # Safety
/// None: it processes nothing.
pub(crate) unsafe fn count_byte(_: *const u8, _: usize, _: u8) -> (u64, usize) {
    (0, 0)
}

/// # Safety
/// None: it processes nothing.
pub(crate) unsafe fn find_shape(
    _: *const u8,
    _: usize,
    _: &Shape,
    _: &mut Budget<'_>,
    _: &mut Seen,
) {
}

/// # Safety
/// None: it processes nothing.
pub(crate) unsafe fn histogram(_: *const u8, _: usize, _: &mut [[u32; 256]; 8]) -> usize {
    0
}
