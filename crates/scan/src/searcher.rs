//! A forward search. It looks for candidates in place, or copies the bytes into a buffer.

use std::ops::Range;

use memmap_core::{Mapping, widen};
use regex_automata::hybrid::dfa::Cache;

use crate::Match;
use crate::job::Job;
use crate::matcher::{Haystack, Hit, Matcher, Scratch};

mod prefiltered;
mod verify;
mod follow;

use follow::{Decision, FOLLOWED_LEN};
use prefiltered::Prefiltered;

/// Where a search continues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// The first offset at which the next match may start.
    pub(crate) at: u64,
    /// Whether a match ended here. Then an empty match here does not count.
    pub(crate) is_end: bool,
}

impl Place {
    /// A place with no match before it.
    pub(crate) const fn fresh(at: u64) -> Self {
        Self { at, is_end: false }
    }

    /// The place after a match.
    pub(crate) const fn after(found: &Match, overlaps: bool) -> Self {
        if overlaps {
            Self { at: found.offset.saturating_add(1), is_end: false }
        } else {
            Self { at: found.end(), is_end: true }
        }
    }
}

/// A search with its own buffers. Each thread has one.
#[derive(Debug)]
pub(crate) struct Searcher<'s, M: Mapping> {
    job: &'s Job<'s, M>,
    matcher: &'s Matcher,
    scratch: Scratch,
    buffer: Buffer,
    /// The bytes of a candidate.
    small: Vec<u8>,
    /// What candidates may still cost, in bytes, before copying is cheaper.
    credit: i64,
    /// The length of the matches, if everything that passes the prefilter is one and starts there.
    exact_len: Option<u64>,
    /// The range in which candidates are not looked for in place.
    copied: Range<u64>,
    /// Offsets found in place and not used yet.
    ahead: Prefiltered,
    /// How many bytes may still be read to follow matches after the buffer.
    followable: u64,
    follower_cache: Option<Cache>,
}

/// A copy of consecutive readable bytes.
#[derive(Debug, Default)]
struct Buffer {
    bytes: Vec<u8>,
    len: usize,
    start: u64,
    /// Whether it starts where the range does, or after unreadable bytes: a match sees nothing
    /// before it.
    is_first: bool,
    /// The offset of the search that it was copied for.
    from: u64,
    /// The first offset at which it is uncertain whether a match starts.
    unsure: u64,
}

impl Buffer {
    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    fn end(&self) -> u64 {
        self.start.saturating_add(widen(self.len))
    }

    fn haystack(&self) -> Haystack<'_> {
        Haystack { bytes: self.bytes(), base: self.start }
    }
}

/// How far after a chunk an unbounded match is followed at first.
const FIRST_REACH: u64 = 4 << 10;

/// Bytes between two checks for cancellation, at most.
const CHUNK_LEN: u64 = 256 << 10;

/// The credit at the start, and again after copying for a while.
const CREDIT: i64 = 16 << 10;

/// How many bytes are copied before candidates are looked for in place again.
const COPIED_LEN: u64 = 256 << 10;

/// The result of one step.
enum Step {
    Found(Match),
    /// No match before this offset.
    At(u64),
}

impl<'s, M: Mapping> Searcher<'s, M> {
    pub(crate) fn new(job: &'s Job<'s, M>, matcher: &'s Matcher) -> Self {
        Self {
            job,
            matcher,
            scratch: matcher.scratch(),
            buffer: Buffer::default(),
            small: Vec::new(),
            credit: CREDIT,
            exact_len: matcher.exact_len(),
            copied: 0..0,
            ahead: Prefiltered::default(),
            followable: FOLLOWED_LEN,
            follower_cache: None,
        }
    }

    /// The first match from `place` on that starts before `limit`; `None` also if the scan stopped.
    #[inline]
    pub(crate) fn next(&mut self, place: Place, limit: u64) -> Option<Match> {
        // If matches are dense, most of them are known already.
        match (self.known(place.at), self.exact_len) {
            (Some(offset), Some(len)) if offset < limit => Some(Match { offset, len, index: 0 }),
            _ => self.seek(place, limit),
        }
    }

    fn seek(&mut self, place: Place, limit: u64) -> Option<Match> {
        let mut at = place.at.max(self.job.range.start);
        let last_start = self.job.range.end.checked_sub(self.matcher.min_len)?;
        let limit = limit.min(last_start.saturating_add(1));
        while at < limit {
            let step = if self.is_within(at) {
                None
            } else if self.job.is_stopped() {
                return None;
            } else {
                self.look(at, place, limit).or_else(|| self.load(at))
            };
            match step.unwrap_or_else(|| self.search(at, place, limit)) {
                Step::Found(found) => return (found.offset < limit).then_some(found),
                Step::At(next) => at = next,
            }
        }
        None
    }

    /// Whether the buffer has everything that a search from `at` looks at first.
    fn is_within(&self, at: u64) -> bool {
        let buffer = &self.buffer;
        let has_context =
            buffer.is_first || buffer.start.saturating_add(self.matcher.context) <= at;
        buffer.from <= at && has_context && at < buffer.unsure
    }

    /// Searches the buffer. [`is_within`](Self::is_within) must be true.
    fn search(&mut self, at: u64, place: Place, limit: u64) -> Step {
        let base = self.buffer.start;
        let unsure = self.buffer.unsure.min(limit);
        let hay = self.buffer.haystack();
        let mut from = narrow(at.saturating_sub(base));
        loop {
            let hit = self.matcher.find(&mut self.scratch, hay, from);
            let Some(found) = hit.map(|hit| placed(base, hit)) else { return Step::At(unsure) };
            if found.offset >= unsure {
                return Step::At(unsure);
            }
            if is_repeated(&found, place) {
                from = from.saturating_add(1);
                continue;
            }
            return Step::Found(found);
        }
    }

    /// Fills the buffer for a search from `at`. Returns where to continue if there is nothing to
    /// search.
    fn load(&mut self, at: u64) -> Option<Step> {
        let mut reach =
            self.matcher.reach().unwrap_or_else(|| FIRST_REACH.min(self.job.max_match_len));
        loop {
            let len = self.job.copy_len.saturating_add(reach);
            let is_last = match self.copy(at, len) {
                Ok(is_last) => is_last,
                Err(next) => return Some(Step::At(next)),
            };
            let end = self.buffer.end();
            if is_last {
                // Everything is known, including an empty match after the last byte.
                self.buffer.unsure = end.saturating_add(1);
                return None;
            }
            if let Some(reach) = self.matcher.reach() {
                self.buffer.unsure = end.saturating_sub(reach).saturating_add(1);
                return None;
            }
            if self.job.is_stopped() {
                return Some(Step::At(at));
            }
            let known = self.buffer.len.saturating_sub(narrow(self.matcher.context));
            let first = narrow(at.saturating_sub(self.buffer.start));
            let known = self.buffer.bytes.get(first..known).unwrap_or_default();
            let open = self.matcher.open_from(&mut self.scratch, known);
            let open = at.saturating_add(widen(open));
            if open > at {
                self.buffer.unsure = open;
                return None;
            }
            if reach >= self.job.max_match_len {
                match self.decide(at) {
                    Some(Decision::Search) => return None,
                    Some(Decision::GoTo(next)) => return Some(Step::At(next)),
                    None => {}
                }
                // Take what starts in the first half as it is, so that the search ends.
                self.job.note_too_long(at);
                let half = self.job.max_match_len.div_ceil(2).max(1);
                self.buffer.unsure = at.saturating_add(half).min(end);
                return None;
            }
            reach = reach.saturating_mul(4).min(self.job.max_match_len);
        }
    }

    /// Fills the buffer with about `len` bytes from `at` on and the context before them. Returns
    /// whether nothing follows. If there is nothing at `at`, returns the next offset to try.
    fn copy(&mut self, at: u64, len: u64) -> Result<bool, u64> {
        let range = &self.job.range;
        // An empty match may start at the end of the bytes.
        let context = self.matcher.context.max(u64::from(self.matcher.min_len == 0));
        let mut start = at.saturating_sub(context).max(range.start);
        let mut is_first = start == range.start;
        self.buffer.unsure = 0;
        self.buffer.from = at;
        loop {
            let end = at.saturating_add(len).min(range.end);
            let len = usize::try_from(end.saturating_sub(start)).unwrap_or(0);
            if self.buffer.bytes.len() < len {
                self.buffer.bytes.resize(len, 0);
            }
            let bytes = self.buffer.bytes.get_mut(..len).unwrap_or_default();
            let (there, stopped) = self.job.read_unless_stopped(start, bytes);
            let read_to = start.saturating_add(widen(there));
            self.buffer.start = start;
            self.buffer.len = there;
            self.buffer.is_first = is_first;
            let Some(reason) = stopped else {
                // The scan stopped during a long copy: there is nothing to search.
                return if there < len { Err(at) } else { Ok(read_to == range.end) };
            };
            let is_behind = self.matcher.min_len == 0 && read_to == at && there > 0;
            if read_to > at || is_behind {
                self.job.skip(read_to, reason, read_to);
                return Ok(true);
            }
            let next = self.job.skip(
                read_to,
                reason,
                at.saturating_add(widen(len).max(self.job.copy_len)),
            );
            if next > at {
                return Err(next);
            }
            if next == range.end {
                // After unreadable bytes at the end there is not even an empty match.
                return Err(next.saturating_add(1));
            }
            start = next;
            is_first = true;
        }
    }
}

/// Converts a length of something in memory, which always fits.
fn narrow(len: u64) -> usize {
    usize::try_from(len).unwrap_or(usize::MAX)
}

fn placed(base: u64, hit: Hit) -> Match {
    Match {
        offset: base.saturating_add(widen(hit.start)),
        len: widen(hit.end.saturating_sub(hit.start)),
        index: hit.index,
    }
}

/// Whether it is an empty match where the previous one ended, which does not count.
fn is_repeated(found: &Match, place: Place) -> bool {
    place.is_end && found.is_empty() && found.offset == place.at
}
