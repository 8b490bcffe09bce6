//! The offsets that pass a pattern's prefilter, found many at a time.

use std::ops::Range;

use memmap_core::{Mapping, Shape, widen};

use crate::job::Job;

/// Offsets found at once: enough to share the fixed cost of a call.
const MOST_FOUND: usize = 256;

/// Number of offsets with the two rarest bytes at which the whole shape may be compared before the
/// caller checks whether it is worth it.
const MOST_TRIES: usize = 1024;

/// The offsets of a range that have the shape.
#[derive(Debug, Default)]
pub(super) struct Prefiltered {
    range: Range<u64>,
    /// Relative to the start of the range. Only the first `found` are valid.
    places: Vec<usize>,
    found: usize,
    /// Index of the first one that was not passed.
    next: usize,
}

/// What is known about the offsets from a given one on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// The first that has the shape.
    At(u64),
    /// None before this one.
    NoneBefore(u64),
    Nothing,
}

impl Prefiltered {
    /// The first offset from `at` on that has the shape.
    #[inline]
    pub(super) fn first_from(&mut self, at: u64) -> Known {
        if !self.range.contains(&at) {
            return Known::Nothing;
        }
        let places = self.places.get(..self.found).unwrap_or_default();
        let within = at.saturating_sub(self.range.start);
        let is_before = |next: usize| {
            next.checked_sub(1).and_then(|last| places.get(last)).is_none_or(|&p| widen(p) < within)
        };
        // A search may go back.
        if !is_before(self.next) {
            self.next = 0;
        }
        while let Some(&place) = places.get(self.next) {
            if widen(place) >= within {
                return Known::At(self.range.start.saturating_add(widen(place)));
            }
            self.next = self.next.saturating_add(1);
        }
        Known::NoneBefore(self.range.end)
    }

    /// Finds the offsets in `from..end` that have the shape. Returns the number of bytes it
    /// covered, and how often the whole shape was compared; `None` if the first byte cannot be read
    /// in place.
    pub(super) fn look<M: Mapping>(
        &mut self,
        job: &Job<'_, M>,
        shape: &Shape,
        from: u64,
        end: u64,
    ) -> Option<(u64, usize)> {
        let rest = widen(shape.len()).saturating_sub(1);
        let stop = end.saturating_add(rest).min(job.range.end);
        let last = stop.saturating_sub(rest);
        self.range = from..from;
        (self.found, self.next) = (0, 0);
        if last <= from {
            // There is no room for one.
            self.range.end = end;
            return Some((end.saturating_sub(from), 0));
        }
        self.places.resize(MOST_FOUND, 0);
        let bytes = job.in_place(&(from..stop))?;
        let (seen, result) = bytes.find_shape(shape, MOST_TRIES, &mut self.places);
        if result.is_err() && seen.done == 0 {
            return None;
        }
        self.found = seen.found;
        let to = from.saturating_add(widen(seen.done));
        // After the last offset with room there is none.
        self.range.end = if to >= last { end.max(to) } else { to };
        Some((self.range.end.saturating_sub(from), seen.tried))
    }
}
