//! Looking for candidates in place, and at each of them in a copy.

use memmap_core::{Mapping, widen};

use super::{COPIED_LEN, CREDIT, Cursor, Place, STRETCH_LEN, Step, is_repeated, narrow, placed};
use crate::engine::Haystack;
use crate::pattern::Probe;

/// How many bytes of a candidate without a longest match are copied at first.
const FIRST_LEN: u64 = 256;

/// Candidates whose matches are longer than this go through a window.
const SMALL_LEN: u64 = 4 << 10;

impl<M: Mapping> Cursor<'_, M> {
    /// Looks for the next candidate from `at` on, without a copy, and at it; `None` where a copy is
    /// the way.
    pub(super) fn look(&mut self, at: u64, place: Place, limit: u64) -> Option<Step> {
        let probe = self.engine.probe?;
        if at < self.copied_to {
            return None;
        }
        let mut from = at;
        let stretch_end = at.saturating_add(STRETCH_LEN).min(limit);
        while from < stretch_end {
            let Some(candidate) = self.candidate(probe, from, stretch_end)? else {
                return Some(Step::At(stretch_end));
            };
            let gain = i64::try_from(candidate.saturating_sub(from)).unwrap_or(CREDIT);
            self.credit =
                self.credit.saturating_add(gain).saturating_sub(self.engine.candidate_cost);
            self.credit = self.credit.min(CREDIT);
            if self.credit < 0 {
                self.credit = CREDIT;
                self.copied_to = candidate.saturating_add(COPIED_LEN);
                return Some(Step::At(candidate));
            }
            let (base, at_in_hay, is_whole) = self.copy_small(candidate)?;
            let hay = Haystack { bytes: &self.small, base };
            let hit = self.engine.find_at(&mut self.scratch, hay, at_in_hay);
            if !is_whole && self.engine.reach().is_none() {
                let known = self.small.len().saturating_sub(narrow(self.engine.context));
                let known = self.small.get(at_in_hay..known).unwrap_or_default();
                if self.engine.open_from(&mut self.scratch, known) == 0 {
                    // It goes on behind the copy: a window follows it.
                    self.copied_to = candidate.saturating_add(1);
                    return if candidate == at { None } else { Some(Step::At(candidate)) };
                }
            }
            match hit.map(|hit| placed(base, hit)) {
                Some(found) if !is_repeated(&found, place) => return Some(Step::Found(found)),
                _ => from = candidate.saturating_add(1),
            }
        }
        Some(Step::At(stretch_end))
    }

    /// The first position in `from..end` at which a match may start by its signs; `None` where that
    /// cannot be found out in place.
    #[expect(clippy::option_option, reason = "the answer may be that there is none")]
    fn candidate(&self, probe: Probe, from: u64, end: u64) -> Option<Option<u64>> {
        let Probe { first, second } = probe;
        let distance = second.at.checked_sub(first.at)?;
        let start = from.checked_add(widen(first.at))?;
        let bound = self.job.range.end.saturating_sub(widen(distance));
        let stop = end.checked_add(widen(first.at))?.min(bound);
        if start >= stop {
            return Some(None);
        }
        let bytes = self.job.in_place(&(start..stop.checked_add(widen(distance))?))?;
        let sign =
            |sign: crate::pattern::Sign| memmap_core::Sign { mask: sign.mask, value: sign.value };
        let found = bytes.find_pair(sign(first), sign(second), distance).ok()?;
        Some(found.map(|found| from.saturating_add(widen(found))))
    }

    /// Copies what decides on a candidate. Answers the offset of the first byte copied, the candidate's
    /// place behind it, and whether nothing comes behind the last.
    fn copy_small(&mut self, candidate: u64) -> Option<(u64, usize, bool)> {
        let range = &self.job.range;
        let reach = self.engine.reach().unwrap_or(FIRST_LEN);
        if reach > SMALL_LEN {
            return None;
        }
        let start = candidate.saturating_sub(self.engine.context).max(range.start);
        let end = candidate.saturating_add(reach).min(range.end);
        let len = usize::try_from(end.checked_sub(start)?).ok()?;
        self.small.resize(len, 0);
        self.job.in_place(&(start..end))?.copy_out(&mut self.small).ok()?;
        let at = usize::try_from(candidate.saturating_sub(start)).ok()?;
        Some((start, at, end == range.end))
    }
}
