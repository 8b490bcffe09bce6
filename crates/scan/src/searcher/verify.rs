//! Looking for candidates in place, and at each of them in a copy, where that is still needed.

use memmap_core::{Mapping, widen};

use super::prefiltered::Known;
use super::{CHUNK_LEN, COPIED_LEN, CREDIT, Place, Searcher, Step, is_repeated, narrow, placed};
use crate::Match;
use crate::matcher::Haystack;
use crate::matcher::Prefilter;

/// How many bytes of a candidate without a longest match are copied at first.
const FIRST_LEN: u64 = 256;

/// Candidates whose matches are longer than this go through a buffer.
const SMALL_LEN: u64 = 4 << 10;

/// What a try at a shape costs, in bytes that could be looked at meanwhile by whatever else there is.
const TRY_COST: i64 = 8;

/// A place at which a match may start.
enum Candidate {
    /// It does: its shape is all that it has.
    Match(Match),
    At(u64),
    NoneBefore(u64),
}

impl<M: Mapping> Searcher<'_, M> {
    /// The first place from `at` on that has the shape, where that is known without a look at the bytes.
    #[inline]
    pub(super) fn known(&mut self, at: u64) -> Option<u64> {
        match self.ahead.first_from(at) {
            Known::At(offset) => Some(offset),
            Known::NoneBefore(_) | Known::Nothing => None,
        }
    }

    /// Looks for the next candidate from `at` on, without a copy, and at it; `None` where a copy is
    /// the way.
    pub(super) fn look(&mut self, at: u64, place: Place, limit: u64) -> Option<Step> {
        let prefilter = self.matcher.prefilter.as_ref()?;
        if self.copied.contains(&at) {
            return None;
        }
        let mut from = at;
        let chunk_end = at.saturating_add(CHUNK_LEN).min(limit);
        while from < chunk_end {
            let candidate = match self.candidate(prefilter, from, chunk_end)? {
                Candidate::Match(found) => return Some(Step::Found(found)),
                Candidate::NoneBefore(next) => {
                    self.earn(next.saturating_sub(from));
                    return Some(Step::At(next));
                }
                Candidate::At(candidate) => candidate,
            };
            self.earn(candidate.saturating_sub(from));
            self.credit = self.credit.saturating_sub(self.matcher.candidate_cost);
            if self.is_broke(candidate) {
                return Some(Step::At(candidate));
            }
            let (base, at_in_hay, is_whole) = self.copy_small(candidate)?;
            let hay = Haystack { bytes: &self.small, base };
            let hit = self.matcher.find_at(&mut self.scratch, hay, at_in_hay);
            if !is_whole && self.matcher.reach().is_none() {
                let known = self.small.len().saturating_sub(narrow(self.matcher.context));
                let known = self.small.get(at_in_hay..known).unwrap_or_default();
                if self.matcher.open_from(&mut self.scratch, known) == 0 {
                    // It goes on behind the copy: a buffer follows it.
                    self.copied = candidate..candidate.saturating_add(1);
                    return if candidate == at { None } else { Some(Step::At(candidate)) };
                }
            }
            match hit.map(|hit| placed(base, hit)) {
                Some(found) if !is_repeated(&found, place) => return Some(Step::Found(found)),
                _ => from = candidate.saturating_add(1),
            }
        }
        Some(Step::At(chunk_end))
    }

    /// The first candidate in `from..end`; `None` where that cannot be found out in place.
    fn candidate(&mut self, prefilter: &Prefilter, from: u64, end: u64) -> Option<Candidate> {
        let mut from = from;
        let lead = widen(prefilter.at);
        while from < end {
            let sought = from.checked_add(lead)?;
            match self.ahead.first_from(sought) {
                Known::At(shape) => {
                    let offset = shape.saturating_sub(lead);
                    if offset >= end {
                        break;
                    }
                    let Some(len) = prefilter.match_len else { return Some(Candidate::At(offset)) };
                    if offset.is_multiple_of(self.matcher.alignment()) {
                        return Some(Candidate::Match(Match { offset, len: widen(len), index: 0 }));
                    }
                    from = offset.saturating_add(1);
                }
                Known::NoneBefore(next) => from = next.saturating_sub(lead),
                Known::Nothing if self.copied.contains(&from) => {
                    return Some(Candidate::NoneBefore(from));
                }
                Known::Nothing => {
                    let end = end.checked_add(lead)?;
                    let (bytes, tries) =
                        self.ahead.look(self.job, &prefilter.shape, sought, end)?;
                    let cost = TRY_COST.saturating_mul(i64::try_from(tries).unwrap_or(0));
                    self.credit = self.credit.saturating_sub(cost);
                    if prefilter.match_len.is_some() {
                        self.earn(bytes);
                    }
                    // What is known now is good for that, and only what is behind is done otherwise.
                    self.is_broke(sought.saturating_add(bytes).saturating_sub(lead));
                }
            }
        }
        Some(Candidate::NoneBefore(end))
    }

    /// So many bytes were passed.
    fn earn(&mut self, bytes: u64) {
        let gain = i64::try_from(bytes).unwrap_or(CREDIT);
        self.credit = self.credit.saturating_add(gain).min(CREDIT);
    }

    /// Whether looking in place cost too much: then some bytes from `at` on are copied, before it is
    /// tried again.
    fn is_broke(&mut self, at: u64) -> bool {
        let is_broke = self.credit < 0;
        if is_broke {
            self.credit = CREDIT;
            self.copied = at..at.saturating_add(COPIED_LEN);
        }
        is_broke
    }

    /// Copies what decides on a candidate. Answers the offset of the first byte copied, the candidate's
    /// place behind it, and whether nothing comes behind the last.
    fn copy_small(&mut self, candidate: u64) -> Option<(u64, usize, bool)> {
        let range = &self.job.range;
        let reach = self.matcher.reach().unwrap_or(FIRST_LEN);
        if reach > SMALL_LEN {
            return None;
        }
        let start = candidate.saturating_sub(self.matcher.context).max(range.start);
        let end = candidate.saturating_add(reach).min(range.end);
        let len = usize::try_from(end.checked_sub(start)?).ok()?;
        self.small.resize(len, 0);
        self.job.in_place(&(start..end))?.copy_out(&mut self.small).ok()?;
        let at = usize::try_from(candidate.saturating_sub(start)).ok()?;
        Some((start, at, end == range.end))
    }
}
