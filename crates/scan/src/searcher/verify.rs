//! Finds candidates in place, and verifies a copy of each if necessary.

use memmap_core::{Mapping, widen};

use super::prefiltered::Known;
use super::{CHUNK_LEN, COPIED_LEN, CREDIT, Place, Searcher, Step, is_repeated, narrow, placed};
use crate::Match;
use crate::matcher::Haystack;
use crate::matcher::Prefilter;

/// Bytes of a candidate of an unbounded pattern that are copied at first.
const FIRST_LEN: u64 = 256;

/// Candidates with longer matches are copied into the large buffer.
const SMALL_LEN: u64 = 4 << 10;

/// The cost of comparing a shape once, in bytes that could be searched in that time.
const TRY_COST: i64 = 8;

/// An offset at which a match may start.
enum Candidate {
    /// A match: the shape is all it consists of.
    Match(Match),
    At(u64),
    NoneBefore(u64),
}

impl<M: Mapping> Searcher<'_, M> {
    /// The first offset from `at` on that has the shape, if it is known without reading.
    #[inline]
    pub(super) fn known(&mut self, at: u64) -> Option<u64> {
        match self.ahead.first_from(at) {
            Known::At(offset) => Some(offset),
            Known::NoneBefore(_) | Known::Nothing => None,
        }
    }

    /// Finds and verifies the next candidate from `at` on; `None` if the bytes must be copied.
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
                    // It is longer than the copy, so the large buffer is needed.
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

    /// The first candidate in `from..end`; `None` if the bytes cannot be read in place.
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
                    // What was found stays valid; only the bytes after it are copied.
                    self.is_broke(sought.saturating_add(bytes).saturating_sub(lead));
                }
            }
        }
        Some(Candidate::NoneBefore(end))
    }

    /// Adds credit for bytes that were passed.
    fn earn(&mut self, bytes: u64) {
        let gain = i64::try_from(bytes).unwrap_or(CREDIT);
        self.credit = self.credit.saturating_add(gain).min(CREDIT);
    }

    /// Whether candidates cost too much. Then the bytes from `at` on are copied for a while.
    fn is_broke(&mut self, at: u64) -> bool {
        let is_broke = self.credit < 0;
        if is_broke {
            self.credit = CREDIT;
            self.copied = at..at.saturating_add(COPIED_LEN);
        }
        is_broke
    }

    /// Copies the bytes that decide about a candidate. Returns the offset of the first byte copied,
    /// the index of the candidate, and whether nothing follows the copy.
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
