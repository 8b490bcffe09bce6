//! One search, forwards, over bytes that are copied buffer by buffer, or looked at in place first.

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

/// Where a search goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// The first byte at which the next match may start.
    pub(crate) at: u64,
    /// Whether a match ended here: then an empty one here is not another.
    pub(crate) is_end: bool,
}

impl Place {
    /// A place before which nothing was found.
    pub(crate) const fn fresh(at: u64) -> Self {
        Self { at, is_end: false }
    }

    /// Where to go on after a match.
    pub(crate) const fn after(found: &Match, overlaps: bool) -> Self {
        if overlaps {
            Self { at: found.offset.saturating_add(1), is_end: false }
        } else {
            Self { at: found.end(), is_end: true }
        }
    }
}

/// A search with buffers of its own: one for each thread.
#[derive(Debug)]
pub(crate) struct Searcher<'s, M: Mapping> {
    job: &'s Job<'s, M>,
    matcher: &'s Matcher,
    scratch: Scratch,
    buffer: Buffer,
    /// A buffer for candidates.
    small: Vec<u8>,
    /// How many bytes may still be lost on candidates before copying is better.
    credit: i64,
    /// The length of matches, where what has the prefilter's shape is one, and starts there.
    exact_len: Option<u64>,
    /// Where looking in place is not tried.
    copied: Range<u64>,
    /// What was found in place, and not yet asked for.
    ahead: Prefiltered,
    /// How many bytes may still be read to follow a match behind a buffer.
    followable: u64,
    follower_cache: Option<Cache>,
}

/// Bytes that were copied, all from one readable run.
#[derive(Debug, Default)]
struct Buffer {
    bytes: Vec<u8>,
    len: usize,
    start: u64,
    /// Whether nothing stands before it, as far as a match can tell.
    is_first: bool,
    /// Where the search that it was copied for began.
    from: u64,
    /// The first position at which a match that starts is not known for sure.
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

/// How far behind a chunk a match without a longest one is followed at first.
const FIRST_REACH: u64 = 4 << 10;

/// How much is looked at in place between two questions whether to go on.
const CHUNK_LEN: u64 = 256 << 10;

/// What a search starts with, and has again after it copied for a while.
const CREDIT: i64 = 16 << 10;

/// How far it copies before it looks in place again.
const COPIED_LEN: u64 = 256 << 10;

/// What came of one step.
enum Step {
    Found(Match),
    /// Nothing before this place.
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

    /// The first match from a place on that starts before `limit`; `None` also if the scan stopped.
    #[inline]
    pub(crate) fn next(&mut self, place: Place, limit: u64) -> Option<Match> {
        // Where matches are dense, most are known already.
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

    /// Whether the buffer has all that a search from here needs to see first.
    fn is_within(&self, at: u64) -> bool {
        let buffer = &self.buffer;
        let has_context =
            buffer.is_first || buffer.start.saturating_add(self.matcher.context) <= at;
        buffer.from <= at && has_context && at < buffer.unsure
    }

    /// Searches the buffer, which [`is_within`](Self::is_within) says that it can.
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

    /// Copies a buffer for a search from `at`; answers where else to go if there is nothing to search.
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
                // All is known, up to an empty match behind the last byte.
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
                // What starts in the first half is taken for what it seems to be, so that this ends.
                self.job.note_too_long(at);
                let half = self.job.max_match_len.div_ceil(2).max(1);
                self.buffer.unsure = at.saturating_add(half).min(end);
                return None;
            }
            reach = reach.saturating_mul(4).min(self.job.max_match_len);
        }
    }

    /// Fills the buffer with the bytes at `at` and what stands before them, about `len` bytes; says
    /// whether nothing comes behind. If there is nothing at `at`, says where there may be.
    fn copy(&mut self, at: u64, len: u64) -> Result<bool, u64> {
        let range = &self.job.range;
        // An empty match may start where the bytes end, if there are any.
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
                // A long copy that the end of the scan cut short is nothing to search.
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
                // Behind what cannot be read there is no run of bytes, not even an empty one.
                return Err(next.saturating_add(1));
            }
            start = next;
            is_first = true;
        }
    }
}

/// A length of something in memory, which fits.
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

/// Whether it is an empty match where the one before ended, which is no other.
fn is_repeated(found: &Match, place: Place) -> bool {
    place.is_end && found.is_empty() && found.offset == place.at
}
