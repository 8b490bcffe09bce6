//! The one place where positions in mapped data (`u64`) and lengths of buffers (`usize`) meet.

use crate::{Error, ErrorKind, Op, Result};

/// A length in memory as a position in mapped data. Exact: no supported address space is wider.
#[expect(clippy::as_conversions, reason = "usize is at most 64 bits wide, so nothing is cut off")]
pub const fn widen(len: usize) -> u64 {
    const { assert!(usize::BITS <= u64::BITS) };
    len as u64
}

/// The start of `len` bytes at `offset` within `bound` bytes of memory, or why they are not there.
///
/// Every read of a mapping starts with this check, so that no range is checked twice or never.
/// No sum can overflow, whatever the numbers.
///
/// # Errors
/// [`ErrorKind::OutOfBounds`] of [`Op::Read`] unless `offset + len <= bound`.
///
/// # Examples
/// ```
/// use memmap_core::checked;
///
/// assert_eq!(checked(4, 4, 8).unwrap(), 4);
/// assert_eq!(checked(8, 0, 8).unwrap(), 8);
/// assert!(checked(u64::MAX, 2, 8).is_err());
/// ```
#[inline]
pub fn checked(offset: u64, len: usize, bound: usize) -> Result<usize> {
    match place(offset, len, bound) {
        Some(start) => Ok(start),
        None => Err(out_of_bounds(offset, len, bound)),
    }
}

/// [`checked`] without a reason, for a path that has another one to fall back on.
///
/// Of the two comparisons the first is about the lengths alone, so that a loop of reads of one kind
/// makes it once.
#[inline]
pub fn place(offset: u64, len: usize, bound: usize) -> Option<usize> {
    let last = bound.checked_sub(len)?;
    usize::try_from(offset).ok().filter(|&start| start <= last)
}

/// Out of line, so that the check itself stays as small as it is.
#[cold]
#[inline(never)]
fn out_of_bounds(offset: u64, len: usize, bound: usize) -> Error {
    let kind = ErrorKind::OutOfBounds { offset, len: widen(len), bound: widen(bound) };
    Error::new(Op::Read, kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checked_agrees_with_wide_arithmetic_at_every_edge() {
        let edges = [0, 1, 4095, 4096, 4097, usize::MAX - 1, usize::MAX];
        for bound in edges {
            for len in edges {
                for offset in edges.map(widen).into_iter().chain([u64::MAX - 1, u64::MAX]) {
                    let fits =
                        u128::from(offset) + u128::from(widen(len)) <= u128::from(widen(bound));
                    assert_eq!(checked(offset, len, bound).is_ok(), fits, "{offset}+{len}/{bound}");
                }
            }
        }
    }
}
