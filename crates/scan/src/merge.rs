//! Merges per-block matches into the result of a single sequential search.

use std::ops::{ControlFlow, Range};

use memmap_core::Mapping;

use crate::Match;
use crate::hole_matches::Run;
use crate::searcher::{Place, Searcher};

/// The matches of a block, found as if nothing was before it.
#[derive(Debug)]
pub(crate) struct BlockMatches {
    /// The offsets at which matches may start.
    pub(crate) starts: Range<u64>,
    /// The first matches.
    pub(crate) head: Vec<Match>,
    /// Total number of matches, if all were counted.
    pub(crate) count: u64,
    /// The place after the last match that was counted.
    pub(crate) place: Place,
    /// Whether the whole block was searched.
    pub(crate) is_whole: bool,
}

/// How many matches of a block are listed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListLimit {
    /// Maximum number of matches in the list.
    pub(crate) head: usize,
    /// Whether the matches after the list are counted; otherwise the search of the block ends
    /// there.
    pub(crate) counts: bool,
}

impl BlockMatches {
    /// Searches a block.
    pub(crate) fn search<M: Mapping>(
        searcher: &mut Searcher<'_, M>,
        starts: Range<u64>,
        overlaps: bool,
        list_limit: ListLimit,
    ) -> Self {
        let mut place = Place::fresh(starts.start);
        let mut found = Self { head: Vec::new(), count: 0, place, is_whole: true, starts };
        while let Some(next) = searcher.next(place, found.starts.end) {
            if found.head.len() < list_limit.head {
                found.head.push(next);
            } else if !list_limit.counts {
                found.is_whole = false;
                break;
            }
            place = Place::after(&next, overlaps);
            found.count = found.count.saturating_add(1);
            found.place = place;
        }
        found
    }
}

/// Receives the matches in order.
pub(crate) trait Sink {
    /// One match.
    fn take(&mut self, found: Match) -> ControlFlow<()>;

    /// Matches that were only counted. None of them is the last of its block.
    fn count(&mut self, matches: u64);

    /// Called between blocks, and at the end.
    fn settle(&mut self) {}

    /// Matches at equal distances. Returns how many it took.
    fn take_run(&mut self, run: &Run) -> (u64, ControlFlow<()>) {
        let mut taken = 0;
        while taken < run.count {
            let offset = run.first.offset.saturating_add(taken.saturating_mul(run.step));
            let flow = self.take(Match { offset, ..run.first });
            taken = taken.saturating_add(1);
            if flow.is_break() {
                return (taken, flow);
            }
        }
        (taken, ControlFlow::Continue(()))
    }
}

/// Continues one search over all blocks.
#[derive(Debug)]
pub(crate) struct Merger<'s, M: Mapping> {
    searcher: Searcher<'s, M>,
    overlaps: bool,
    /// The current place: no match before it is accepted.
    pub(crate) place: Place,
}

impl<'s, M: Mapping> Merger<'s, M> {
    pub(crate) fn new(searcher: Searcher<'s, M>, place: Place, overlaps: bool) -> Self {
        Self { searcher, overlaps, place }
    }

    /// Searches a block from the current place on.
    pub(crate) fn search(&mut self, starts: Range<u64>, sink: &mut impl Sink) -> ControlFlow<()> {
        if self.place.at < starts.start {
            self.place = Place::fresh(starts.start);
        }
        while let Some(found) = self.searcher.next(self.place, starts.end) {
            self.accept(found, sink)?;
        }
        ControlFlow::Continue(())
    }

    /// Whether a match that starts there is longer than `max_match_len`.
    pub(crate) fn goes_on(&mut self, starts: &Range<u64>) -> bool {
        self.searcher.goes_on(starts)
    }

    /// Adds the matches of the next block. If an earlier match reaches into it, searches that part
    /// again.
    pub(crate) fn join(&mut self, block: &BlockMatches, sink: &mut impl Sink) -> ControlFlow<()> {
        let end = block.starts.end;
        if self.place.at < block.starts.start {
            self.place = Place::fresh(block.starts.start);
        }
        for found in &block.head {
            // If the current place is within a listed match, the list belongs to another search.
            while found.offset < self.place.at && self.place.at < found.end() {
                match self.searcher.next(self.place, end) {
                    Some(own) => self.accept(own, sink)?,
                    None => return ControlFlow::Continue(()),
                }
            }
            let is_repeated =
                self.place.is_end && found.is_empty() && found.offset == self.place.at;
            if found.offset >= self.place.at && !is_repeated {
                self.accept(*found, sink)?;
            }
        }
        let listed = u64::try_from(block.head.len()).unwrap_or(u64::MAX);
        let more = block.count.saturating_sub(listed);
        let is_in_step =
            block.head.last().is_some_and(|last| self.place == Place::after(last, self.overlaps));
        if more > 0 && is_in_step && block.is_whole {
            sink.count(more);
            self.place = block.place;
        } else if more > 0 || !block.is_whole {
            return self.search(self.place.at..end, sink);
        }
        ControlFlow::Continue(())
    }

    /// Accepts a match that starts at or after the current place.
    pub(crate) fn accept(&mut self, found: Match, sink: &mut impl Sink) -> ControlFlow<()> {
        self.place = Place::after(&found, self.overlaps);
        sink.take(found)
    }

    /// Accepts computed matches.
    pub(crate) fn accept_run(&mut self, run: &Run, sink: &mut impl Sink) -> ControlFlow<()> {
        let (taken, flow) = sink.take_run(run);
        let last = Run { count: taken, ..*run }.last();
        self.place = Place::after(&last, self.overlaps);
        flow
    }
}
