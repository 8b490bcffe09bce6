use std::collections::VecDeque;
use std::iter::FusedIterator;
use std::ops::ControlFlow;

use memmap_core::{Mapping, Result};

use super::Scan;
use super::find::ForEachSink;
use crate::job::Job;
use crate::search::{End, Parallelism, Search};
use crate::searcher::Place;
use crate::{Match, Outcome, Pattern};

/// Searching, as an iterator.
impl<'s, M: Mapping> Scan<'s, M> {
    /// Iterates over the matches, in order.
    ///
    /// When no match is left, the next one that is asked for makes all threads search some blocks
    /// ahead. Between calls nothing runs. At the end, [`Matches::outcome`] tells what was covered.
    ///
    /// # Errors
    /// As [`count`](Self::count).
    ///
    /// # Cost
    /// Memory for up to 64 Ki matches, and for those of a block.
    pub fn find_iter(&self, pattern: &Pattern) -> Result<Matches<'s, M>> {
        let job = self.job()?;
        let place = Place::fresh(job.range.start);
        let covered = job.range.start;
        Ok(Matches {
            job,
            pattern: pattern.clone(),
            parallelism: self.parallelism(),
            ready: VecDeque::new(),
            place,
            covered,
            ahead: 1,
            is_over: false,
        })
    }

    /// Finds runs of at least `min_len` printable ASCII characters (32 to 126, and tabs), as
    /// strings(1) does.
    ///
    /// # Errors
    /// As [`count`](Self::count).
    pub fn strings(&self, min_len: usize) -> Result<Matches<'s, M>> {
        self.find_iter(&Pattern::strings(min_len))
    }
}

/// An iterator over the matches of a scan: see [`Scan::find_iter`].
#[derive(Debug)]
pub struct Matches<'s, M: Mapping> {
    job: Job<'s, M>,
    pattern: Pattern,
    parallelism: Parallelism,
    ready: VecDeque<Match>,
    place: Place,
    covered: u64,
    /// Blocks to search next.
    ahead: u64,
    is_over: bool,
}

/// Maximum number of matches that are stored.
const MOST_READY: usize = 64 << 10;

/// Blocks searched at once, for each thread, at most: enough to keep all of them busy.
const MOST_AHEAD: u64 = 16;

impl<M: Mapping> Matches<'_, M> {
    /// The outcome so far. Its value is the number of matches found and not returned yet.
    pub fn outcome(mut self) -> Outcome<usize> {
        let covered = self.covered.saturating_sub(self.job.range.start);
        self.job.outcome(self.ready.len(), covered)
    }

    /// Searches some more blocks.
    fn search(&mut self) {
        let Self { job, pattern, parallelism, ready, .. } = self;
        job.resume();
        // A hole full of matches is not checked anywhere else.
        if job.is_stopped() {
            self.is_over = true;
            return;
        }
        let range = job.range.clone();
        let search = Search::new(job, pattern, *parallelism).at_most(self.ahead);
        let start = self.covered.max(self.place.at).min(range.end);
        let mut is_full = false;
        let mut sink = ForEachSink(|found| {
            ready.push_back(found);
            job.hit(1);
            is_full = ready.len() >= MOST_READY;
            if is_full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        let End { place, covered } =
            search.run(self.place, start..range.end, parallelism.list(), &mut sink);
        self.place = place;
        self.covered = covered;
        if is_full {
            // It continues after the last match, within the same block.
            self.ahead = 1;
        } else {
            let most = MOST_AHEAD.saturating_mul(u64::try_from(parallelism.threads).unwrap_or(1));
            self.ahead = self.ahead.saturating_mul(2).min(most);
            self.is_over = covered == range.end || job.is_stopped();
        }
    }
}

impl<M: Mapping> Iterator for Matches<'_, M> {
    type Item = Match;

    fn next(&mut self) -> Option<Match> {
        while self.ready.is_empty() && !self.is_over {
            self.search();
        }
        self.ready.pop_front()
    }
}

impl<M: Mapping> FusedIterator for Matches<'_, M> {}
