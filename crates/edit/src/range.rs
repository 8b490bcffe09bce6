use std::ops::{Bound, Range, RangeBounds};

use memmap_core::ErrorKind;

/// A range within `len` bytes.
pub(crate) fn within(range: impl RangeBounds<u64>, len: u64) -> Result<Range<u64>, ErrorKind> {
    let start = match range.start_bound() {
        Bound::Included(&start) => start,
        Bound::Excluded(&start) => start.saturating_add(1),
        Bound::Unbounded => 0,
    };
    let end = match range.end_bound() {
        Bound::Included(&end) => end.saturating_add(1),
        Bound::Excluded(&end) => end,
        Bound::Unbounded => len,
    };
    match end.checked_sub(start) {
        None => Err(ErrorKind::BackwardRange { start, end }),
        Some(of) if end > len => Err(ErrorKind::OutOfBounds { offset: start, len: of, bound: len }),
        Some(_) => Ok(start..end),
    }
}
