use std::ops::ControlFlow;

use memmap_core::{Mapping, Result};

use super::Scan;
use crate::hole_matches::Run;
use crate::merge::{ListLimit, Sink};
use crate::search::{End, Search};
use crate::searcher::Place;
use crate::{Match, Outcome, Pattern};

/// Searching.
impl<M: Mapping> Scan<'_, M> {
    /// Counts the matches of a pattern.
    ///
    /// # Errors
    /// [`BackwardRange`](memmap_core::ErrorKind::BackwardRange) and
    /// [`OutOfBounds`](memmap_core::ErrorKind::OutOfBounds) if the range is not within the map.
    /// Unreadable bytes are no error: the outcome lists them.
    ///
    /// # Cost
    /// The search itself. Matches are not stored.
    pub fn count(&self, pattern: &Pattern) -> Result<Outcome<u64>> {
        if let Some(byte) = pattern.matcher().only_byte() {
            let outcome = self.count_byte(byte)?;
            if let Some(progress) = self.progress {
                progress.add_found(outcome.value);
            }
            return Ok(outcome);
        }
        let mut job = self.job()?;
        let range = job.range.clone();
        let mut counter = CountSink { count: 0, told: 0, tell: |hits| job.hit(hits) };
        let search = Search::new(&job, pattern, self.parallelism());
        let list_limit = ListLimit { head: 64, counts: true };
        let End { covered, .. } =
            search.run(Place::fresh(range.start), range.clone(), list_limit, &mut counter);
        let count = counter.count;
        Ok(job.outcome(count, covered.saturating_sub(range.start)))
    }

    /// Finds the first match.
    ///
    /// # Errors
    /// As [`count`](Self::count).
    ///
    /// # Cost
    /// Reads the bytes up to the match and, with several threads, at most one
    /// [block](Self::block_len) for each thread after it.
    pub fn find_first(&self, pattern: &Pattern) -> Result<Outcome<Option<Match>>> {
        let mut job = self.job()?;
        let range = job.range.clone();
        let mut first = None;
        let search = Search::new(&job, pattern, self.parallelism());
        let mut sink = ForEachSink(|found| {
            first = Some(found);
            ControlFlow::Break(())
        });
        let list_limit = ListLimit { head: 1, counts: false };
        let End { covered, .. } =
            search.run(Place::fresh(range.start), range.clone(), list_limit, &mut sink);
        job.hit(u64::from(first.is_some()));
        let covered = first.map_or(covered, |found: Match| found.end());
        Ok(job.outcome(first, covered.saturating_sub(range.start)))
    }

    /// Passes each match to `take`, in order, as it is found. The search runs on several threads;
    /// `take` is called by one at a time.
    ///
    /// # Errors
    /// As [`count`](Self::count).
    ///
    /// # Cost
    /// Memory for the matches of a few blocks. If `take` is slower than the search, the search
    /// waits.
    ///
    /// # Panics
    /// If `take` panics. The scan ends then.
    pub fn find_all_into(
        &self,
        pattern: &Pattern,
        mut take: impl FnMut(Match) + Send,
    ) -> Result<Outcome<u64>> {
        let mut job = self.job()?;
        let range = job.range.clone();
        let mut count = 0_u64;
        let search = Search::new(&job, pattern, self.parallelism());
        let mut sink = ForEachSink(|found| {
            count = count.saturating_add(1);
            job.hit(1);
            take(found);
            // A hole full of matches is not checked anywhere else.
            if count.is_multiple_of(1024) && job.is_stopped() {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        });
        let list_limit = search.parallelism.list();
        let End { covered, .. } =
            search.run(Place::fresh(range.start), range.clone(), list_limit, &mut sink);
        Ok(job.outcome(count, covered.saturating_sub(range.start)))
    }

    /// Finds the last match.
    ///
    /// # Errors
    /// As [`count`](Self::count).
    ///
    /// # Cost
    /// Reads backwards from the end to an offset before the match that no match can cross. If the
    /// pattern has no longest match, reads everything.
    pub fn find_last(&self, pattern: &Pattern) -> Result<Outcome<Option<Match>>> {
        let mut job = self.job()?;
        let range = job.range.clone();
        let search = Search::new(&job, pattern, self.parallelism());
        let mut step = search.parallelism.sizes.block.saturating_mul(8);
        let mut end = range.end;
        let (last, covered) = loop {
            let start = search.border_before(end.saturating_sub(step).max(range.start));
            let mut last = LastMatchSink(None);
            search.run(Place::fresh(start), start..end, search.parallelism.list(), &mut last);
            if last.0.is_some() || start == range.start || job.is_stopped() {
                break (last.0, range.end.saturating_sub(start));
            }
            end = start;
            // Few steps lead through a long hole.
            step = step.saturating_mul(2);
        };
        job.hit(u64::from(last.is_some()));
        let mut outcome = job.outcome(last, 0);
        outcome.covered = covered;
        Ok(outcome)
    }
}

impl<M: Mapping> Search<'_, M> {
    /// The last offset up to `at` that no match can cross, whatever is found before it.
    fn border_before(&self, mut at: u64) -> u64 {
        let first = self.job.range.start;
        let Some(reach) = self.pattern.matcher().reach() else { return first };
        let mut searcher = self.searcher();
        // In a long run of matches, such as zeros, there may be none.
        for _ in 0..MOST_BORDERS {
            if at <= first {
                break;
            }
            let mut place = Place::fresh(at.saturating_sub(reach).max(first));
            let mut is_border = true;
            while let Some(found) = searcher.next(place, at) {
                if found.end() >= at {
                    is_border = false;
                    break;
                }
                place = Place::after(&found, true);
            }
            if is_border || self.job.is_stopped() {
                return at;
            }
            let back = reach.max(self.parallelism.sizes.block);
            at = at.saturating_sub(back).max(first);
        }
        first
    }
}

/// Offsets tried, before everything is searched from the start.
const MOST_BORDERS: usize = 16;

/// Keeps the last match.
struct LastMatchSink(Option<Match>);

impl Sink for LastMatchSink {
    fn take(&mut self, found: Match) -> ControlFlow<()> {
        self.0 = Some(found);
        ControlFlow::Continue(())
    }

    /// Not called: the matches are listed.
    fn count(&mut self, _: u64) {}

    fn take_run(&mut self, run: &Run) -> (u64, ControlFlow<()>) {
        self.0 = Some(run.last());
        (run.count, ControlFlow::Continue(()))
    }
}

/// Counts matches.
struct CountSink<F> {
    count: u64,
    /// How many of them were reported as progress.
    told: u64,
    tell: F,
}

impl<F: Fn(u64)> Sink for CountSink<F> {
    fn take(&mut self, _: Match) -> ControlFlow<()> {
        self.count(1);
        ControlFlow::Continue(())
    }

    fn count(&mut self, matches: u64) {
        self.count = self.count.saturating_add(matches);
    }

    fn settle(&mut self) {
        (self.tell)(self.count.saturating_sub(self.told));
        self.told = self.count;
    }

    fn take_run(&mut self, run: &Run) -> (u64, ControlFlow<()>) {
        self.count(run.count);
        (run.count, ControlFlow::Continue(()))
    }
}

/// Passes each match to a closure.
pub(crate) struct ForEachSink<F>(pub(crate) F);

impl<F: FnMut(Match) -> ControlFlow<()>> Sink for ForEachSink<F> {
    fn take(&mut self, found: Match) -> ControlFlow<()> {
        (self.0)(found)
    }

    /// Not called: the matches are listed.
    fn count(&mut self, _: u64) {}
}
