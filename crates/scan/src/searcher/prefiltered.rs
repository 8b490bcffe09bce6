//! The offsets that pass a pattern's prefilter, found many at a time.

use std::ops::Range;

use memmap_core::{Mapping, Shape, widen};

use crate::job::Job;

/// So many places are found at once: enough that what a search costs to begin is shared.
const MOST_FOUND: usize = 256;

/// At most at so many places more than its rarest bytes are looked for before it is asked whether that
/// is worth it.
const MOST_TRIES: usize = 1024;

/// What is known of the positions of a range: which of them have the shape.
#[derive(Debug, Default)]
pub(super) struct Prefiltered {
    range: Range<u64>,
    /// From the start of the range, of which the first `found` count.
    places: Vec<usize>,
    found: usize,
    /// The first of them that was not passed.
    next: usize,
}

/// What is known from a position on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// The first that has the shape.
    At(u64),
    /// None before this one.
    NoneBefore(u64),
    Nothing,
}

impl Prefiltered {
    /// The first position from `at` on that has the shape.
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

    /// Looks at the positions from `from` on, up to `end` at most. Says how many bytes that were, and at
    /// how many places all of the shape was looked for; `None` if the first one cannot be looked at in
    /// place.
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
            // No place for one.
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
        // Behind the last position that has room there is none.
        self.range.end = if to >= last { end.max(to) } else { to };
        Some((self.range.end.saturating_sub(from), seen.tried))
    }
}
