//! The matches of a pattern in zeros, computed instead of searched.

use std::ops::Range;

use memmap_core::widen;

use crate::Match;
use crate::matcher::{Haystack, Matcher};
use crate::searcher::Place;

/// The match at each offset that has enough zeros around it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HoleMatches {
    /// Number of zeros required before the offset.
    pub(crate) before: u64,
    /// Number of zeros required from the offset on.
    pub(crate) after: u64,
    /// Length of the match; `None` if there is none.
    len: Option<u64>,
    index: usize,
    alignment: u64,
}

/// Matches at equal distances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) first: Match,
    pub(crate) step: u64,
    pub(crate) count: u64,
}

impl Run {
    /// The last one.
    pub(crate) const fn last(&self) -> Match {
        let steps = self.count.saturating_sub(1);
        let offset = self.first.offset.saturating_add(steps.saturating_mul(self.step));
        Match { offset, ..self.first }
    }
}

/// Number of zeros to try if the pattern has no longest match.
const TRIED_LEN: usize = 64 << 10;

impl HoleMatches {
    /// `None` if it cannot be computed: a match may be as long as the hole.
    pub(crate) fn of(matcher: &Matcher) -> Option<Self> {
        let mut scratch = matcher.scratch();
        let after = if let Some(reach) = matcher.reach() {
            reach
        } else {
            let zeros = vec![0; TRIED_LEN];
            let open = matcher.open_from(&mut scratch, &zeros);
            let longest = zeros.len().checked_sub(open).filter(|_| open > 0)?;
            widen(longest).checked_add(matcher.context)?.checked_add(1)?
        };
        let before = matcher.context;
        let len = before.checked_add(after)?.checked_add(matcher.context)?;
        let bytes = vec![0; usize::try_from(len).ok()?];
        let hay = Haystack { bytes: &bytes, base: 0 };
        // Aligned matches have no context, so this is 0.
        let found = matcher.find_at(&mut scratch, hay, usize::try_from(before).ok()?);
        Some(Self {
            before,
            after,
            len: found.map(|hit| widen(hit.end.saturating_sub(hit.start))),
            index: found.map_or(0, |hit| hit.index),
            alignment: matcher.alignment(),
        })
    }

    /// The offsets of a hole that have enough zeros around them.
    pub(crate) fn inner(&self, hole: &Range<u64>) -> Range<u64> {
        let start = hole.start.saturating_add(self.before).min(hole.end);
        let end = hole.end.saturating_sub(self.after).saturating_add(1);
        start..end.clamp(start, hole.end)
    }

    /// The matches from `place` on that start in `inner`.
    pub(crate) fn run(&self, place: Place, inner: &Range<u64>, overlaps: bool) -> Option<Run> {
        let len = self.len?;
        let mut at = place.at.max(inner.start);
        if len == 0 && place.is_end && place.at == at {
            at = at.checked_add(1)?;
        }
        let offset = at.checked_next_multiple_of(self.alignment)?;
        let step =
            if overlaps { 1 } else { len.max(1) }.checked_next_multiple_of(self.alignment)?;
        let room = inner.end.checked_sub(offset).filter(|&room| room > 0)?;
        let first = Match { offset, len, index: self.index };
        Some(Run { first, step, count: room.div_ceil(step) })
    }
}
