//! Decides about a match that is still open at the end of the longest buffer.

use std::ops::Range;

use memmap_core::{Mapping, widen};

use super::{Searcher, narrow};
use crate::blocks::{Blocks, Sizes};
use crate::matcher::{Flow, Forward};

/// Bytes after the buffer are read in chunks of this length.
const CHUNK_LEN: usize = 256 << 10;

/// Total bytes read after buffers. Beyond it, every match that is longer than a buffer counts as
/// too long: the same bytes may have to be read again and again.
pub(super) const FOLLOWED_LEN: u64 = 4 << 30;

/// How far back the start of a match is looked for. If it is farther away, the match counts as too
/// long.
const BACKWARD_LEN: u64 = 64 << 20;

/// How often each byte of the buffer may be read to find out which matches are certain.
const ROUNDS: u64 = 4;

/// What is known about a match whose end is not in the buffer.
pub(super) enum Decision {
    /// The buffer has all matches that start before its `unsure` offset.
    Search,
    /// No match starts before this offset.
    GoTo(u64),
}

/// The end of the first match.
enum End {
    At(u64),
    /// There is no match, or the scan stopped.
    Nowhere,
}

impl<M: Mapping> Searcher<'_, M> {
    /// Finds out what starts at `at`, where a match is open at the end of the buffer.
    ///
    /// `None` if one is longer than the buffer, or if it cannot be decided.
    pub(super) fn decide(&mut self, at: u64) -> Option<Decision> {
        if self.job.is_too_long_from(at) {
            return None;
        }
        if let Some(end) = self.job.barren_to(at) {
            return Some(Decision::GoTo(end));
        }
        let follower = self.matcher.follower()?;
        let first = narrow(at.saturating_sub(self.buffer.start));
        let mut from = first;
        let mut cache = self.follower_cache.take();
        let mut left = widen(self.buffer.len).saturating_mul(ROUNDS);
        loop {
            let bytes = self.buffer.bytes();
            let mut run = follower.forward(cache, bytes, from, self.buffer.start)?;
            let begun = run.at;
            if run.feed(bytes.get(from..)?)? == Flow::Open {
                if from == first {
                    return self.follow(at, run);
                }
                self.follower_cache = Some(run.cache);
                return Some(self.sure_up_to(from));
            }
            if run.end.is_none() {
                // For example a pattern that must match at the first byte of the range.
                return Some(self.sure_up_to(self.buffer.len));
            }
            let hit = self.matcher.find(&mut self.scratch, self.buffer.haystack(), from)?;
            from = hit.start.saturating_add(1);
            left = left.saturating_sub(run.at.saturating_sub(begun));
            cache = Some(run.cache);
            if left == 0 || from >= self.buffer.len {
                self.follower_cache = cache;
                return Some(self.sure_up_to(from));
            }
        }
    }

    /// The buffer has all matches that start before this index.
    fn sure_up_to(&mut self, end: usize) -> Decision {
        self.buffer.unsure = self.buffer.start.saturating_add(widen(end));
        Decision::Search
    }

    /// Reads on after the buffer until the first match from `at` on is certain.
    fn follow(&mut self, at: u64, run: Forward<'_>) -> Option<Decision> {
        let buffer_end = self.buffer.end();
        let End::At(end) = self.end_of(at, buffer_end, run)? else {
            return Some(Decision::GoTo(self.job.barren_to(at).unwrap_or(at)));
        };
        if end <= buffer_end {
            let from = narrow(at.saturating_sub(self.buffer.start));
            let hit = self.matcher.find(&mut self.scratch, self.buffer.haystack(), from)?;
            return Some(self.sure_up_to(hit.start.saturating_add(1)));
        }
        // It is not longer than the buffer, so it starts after `at`.
        self.start_of(at, end).map(Decision::GoTo)
    }

    /// Whether a match that starts in `starts` is longer than `max_match_len`. The bytes before
    /// `starts` must be a hole.
    pub(crate) fn goes_on(&mut self, starts: &Range<u64>) -> bool {
        let at = starts.start;
        if self.job.barren_to(at).is_some() {
            return false;
        }
        let zeros = [0; 8];
        let base = at.saturating_sub(widen(zeros.len()));
        let run =
            self.matcher.follower().and_then(|it| it.forward(None, &zeros, zeros.len(), base));
        match run.and_then(|run| self.end_of(at, at, run)) {
            Some(End::Nowhere) => false,
            Some(End::At(end)) => self.start_of(at, end).is_none_or(|start| start < starts.end),
            None => true,
        }
    }

    /// Reads on from `next` until the end of the first match from `at` on is certain; `None` if it
    /// cannot be decided.
    fn end_of(&mut self, at: u64, next: u64, mut run: Forward<'_>) -> Option<End> {
        let bound = self.job.range.end;
        let mut blocks = Blocks::new(&(next..bound), Sizes::new(widen(CHUNK_LEN)));
        let mut flow = Flow::Open;
        let mut chunk = Vec::new();
        while flow == Flow::Open
            && let Some(block) = blocks.next(self.job)
        {
            if self.job.is_stopped() {
                return Some(End::Nowhere);
            }
            let len = block.range.end.saturating_sub(block.range.start);
            if block.is_hole {
                flow = run.feed_zeros(len)?;
                continue;
            }
            self.followable = self.followable.checked_sub(len)?;
            chunk.resize(narrow(len), 0);
            let (there, stopped) = self.job.read(block.range.start, &mut chunk);
            flow = run.feed(chunk.get(..there)?)?;
            self.job.evict(&block.range);
            if stopped.is_some() {
                // An unreadable byte ends what is before it.
                break;
            }
        }
        if flow == Flow::Open {
            run.finish()?;
        }
        let end = run.end.map_or(End::Nowhere, End::At);
        if matches!(end, End::Nowhere) {
            self.job.note_barren(at..run.at);
        }
        self.follower_cache = Some(run.cache);
        Some(end)
    }

    /// The start of the match that ends at `end`, where no match ends before. `None` unless it
    /// starts after `at` and is not longer than the buffer.
    fn start_of(&self, at: u64, end: u64) -> Option<u64> {
        let chunk = |start: u64, end: u64| {
            let mut bytes = vec![0; narrow(end.saturating_sub(start))];
            let (there, _) = self.job.read(start, &mut bytes);
            (there == bytes.len()).then_some(bytes)
        };
        if end.saturating_sub(at) > BACKWARD_LEN {
            return None;
        }
        // The bytes on either side are context.
        let last = end.saturating_add(self.matcher.context).min(self.job.range.end);
        let mut upper = end;
        let mut first = upper.saturating_sub(widen(CHUNK_LEN)).max(at);
        let mut bytes = chunk(first, last)?;
        let mut run =
            self.matcher.follower()?.backward(&bytes, narrow(end.saturating_sub(first)))?;
        bytes.truncate(narrow(end.saturating_sub(first)));
        let mut found = None;
        loop {
            if self.job.is_stopped() {
                // Nothing starts there, so nothing more is searched.
                return Some(self.job.range.end);
            }
            let (start, flow) = run.feed(&bytes)?;
            found = start.map(|start| first.saturating_add(widen(start))).or(found);
            if flow == Flow::Done {
                break;
            }
            if first == at {
                let before = at.checked_sub(1).filter(|&before| before >= self.job.range.start);
                let is_start = match before {
                    Some(before) => run.feed(&chunk(before, at)?)?.0.is_some(),
                    None => run.finish()?,
                };
                found = is_start.then_some(at).or(found);
                break;
            }
            upper = first;
            first = upper.saturating_sub(widen(CHUNK_LEN)).max(at);
            bytes = chunk(first, upper)?;
        }
        found.filter(|&start| start > at && end.saturating_sub(start) <= self.job.max_match_len)
    }
}
