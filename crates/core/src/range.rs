//! The one place where positions in mapped data (`u64`) and lengths of buffers (`usize`) meet.

use std::ops::{Bound, Range, RangeBounds};

use crate::{Error, ErrorKind, Map, Mapping, Op, Result};

/// Converts a length in memory to a length in mapped data. Exact: no supported address space is wider.
#[expect(clippy::as_conversions, reason = "usize is at most 64 bits wide, so nothing is cut off")]
pub const fn widen(len: usize) -> u64 {
    const { assert!(usize::BITS <= u64::BITS) };
    len as u64
}

/// Checks that `len` bytes at `offset` are among the first `bound` bytes. A plug-in's
/// [`read_into`](crate::Mapping::read_into) starts with it.
///
/// # Errors
/// [`ErrorKind::OutOfBounds`] of [`Op::Read`] unless `offset + len <= bound`, whatever the numbers.
///
/// # Examples
/// ```
/// use memmap_core::check;
///
/// assert!(check(1 << 40, 4, (1 << 40) + 4).is_ok());
/// assert!(check(u64::MAX, 2, 8).is_err());
/// ```
pub fn check(offset: u64, len: usize, bound: u64) -> Result<()> {
    crate::mapping::require_within(Op::Read, offset, widen(len), bound)
}

/// Checks that `len` bytes at `offset` are within `bound` bytes of memory, and returns their start.
///
/// Every read of a mapping starts with this check, so that no range is checked twice or never. The sum
/// cannot overflow, whatever the numbers.
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

/// [`checked`] without an error, for a quick path whose slow path makes one.
///
/// The first of the two comparisons is about the lengths alone, so a loop of reads of the same length
/// makes it only once.
#[inline]
pub fn place(offset: u64, len: usize, bound: usize) -> Option<usize> {
    let last = bound.checked_sub(len)?;
    usize::try_from(offset).ok().filter(|&start| start <= last)
}

/// Checks a range of `bound` bytes of memory whose length is not that of a buffer.
///
/// # Errors
/// [`ErrorKind::OutOfBounds`] of `op` unless `offset + len <= bound`.
pub fn window(op: Op, offset: u64, len: u64, bound: usize) -> Result<Range<usize>> {
    let fits = usize::try_from(len).ok();
    let start = fits.and_then(|len| place(offset, len, bound));
    match (start, fits) {
        (Some(start), Some(len)) => Ok(start..start.saturating_add(len)),
        _ => Err(Error::new(op, ErrorKind::OutOfBounds { offset, len, bound: widen(bound) })),
    }
}

/// Converts a range of a mapping of `bound` bytes to its start and its length.
///
/// # Errors
/// [`ErrorKind::BackwardRange`] if it ends before it starts, [`ErrorKind::OutOfBounds`] if it is not
/// within the mapping; both of `op`.
pub(crate) fn within(range: impl RangeBounds<u64>, bound: u64, op: Op) -> Result<(u64, u64)> {
    let refuse = |kind| Err(Error::new(op, kind));
    let start = match range.start_bound() {
        Bound::Included(&start) => start,
        Bound::Excluded(&before) => before.saturating_add(1),
        Bound::Unbounded => 0,
    };
    let end = match range.end_bound() {
        Bound::Included(&last) => last.saturating_add(1),
        Bound::Excluded(&end) => end,
        Bound::Unbounded => bound.max(start),
    };
    match end.checked_sub(start) {
        None => refuse(ErrorKind::BackwardRange { start, end }),
        Some(len) if end > bound => refuse(ErrorKind::OutOfBounds { offset: start, len, bound }),
        Some(len) => Ok((start, len)),
    }
}

/// Converts a range of a map to offsets from the start of it, after checking them: for crates over this one.
///
/// # Errors
/// [`ErrorKind::BackwardRange`] and [`ErrorKind::OutOfBounds`] of [`Op::Read`], with the origin of the map.
#[doc(hidden)]
pub fn bounded<M: Mapping>(map: &Map<M>, range: impl RangeBounds<u64>) -> Result<Range<u64>> {
    let (start, len) = within(range, map.len(), Op::Read).map_err(|error| map.placed(error))?;
    Ok(start..start.saturating_add(len))
}

/// Out of line, so that the check itself stays small.
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
    fn ranges_of_every_form_become_first_byte_and_length() {
        let within = |range: (Bound<u64>, Bound<u64>)| within(range, 10, Op::Sync);
        let (all, none) = (Bound::Unbounded, Bound::Excluded(3));
        assert_eq!(within((all, all)).unwrap(), (0, 10));
        assert_eq!(within((Bound::Included(3), none)).unwrap(), (3, 0));
        assert_eq!(within((Bound::Included(3), Bound::Included(9))).unwrap(), (3, 7));
        assert_eq!(within((Bound::Excluded(3), all)).unwrap(), (4, 6));
        assert_eq!(within((Bound::Included(10), all)).unwrap(), (10, 0));
        let error = within((Bound::Included(4), none)).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::BackwardRange { start: 4, end: 3 }));
        assert_eq!(error.op(), Op::Sync);
        for end in [10, 11, u64::MAX] {
            let error = within((Bound::Included(10), Bound::Included(end))).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::OutOfBounds { offset: 10, bound: 10, .. }));
        }
        for start in [11, u64::MAX] {
            let error = within((Bound::Included(start), all)).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::OutOfBounds { bound: 10, .. }));
        }
    }

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
