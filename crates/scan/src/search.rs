//! The search for a pattern in a range, block by block, on one thread or several.

use std::ops::{ControlFlow, Range};
use std::sync::atomic::{AtomicBool, Ordering};

use memmap_core::{Faulted, InPlace, Mapping};

use crate::Pattern;
use crate::blocks::{Block, Blocks, Sizes};
use crate::hole_matches::HoleMatches;
use crate::job::{Job, Visitor};
use crate::merge::{BlockMatches, ListLimit, Merger, Sink};
use crate::ordered::{BLOCKS_AHEAD, in_order};
use crate::searcher::{Place, Searcher};

/// The parameters of a search.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Search<'s, M: Mapping> {
    pub(crate) job: &'s Job<'s, M>,
    pub(crate) pattern: &'s Pattern,
    pub(crate) parallelism: Parallelism,
    hole_matches: Option<HoleMatches>,
    /// Maximum number of blocks and holes to search.
    most_blocks: u64,
}

/// Threads and block sizes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parallelism {
    pub(crate) threads: usize,
    pub(crate) sizes: Sizes,
}

impl Parallelism {
    /// The number of threads for a range of this length: one if starting others would cost more.
    pub(crate) fn threads_for(&self, len: u64) -> usize {
        let few = len < self.sizes.block.saturating_mul(4);
        if few { 1 } else { self.threads }
    }

    /// The limit for the list of a block, if all matches are wanted.
    pub(crate) fn list(&self) -> ListLimit {
        let blocks = self.threads.saturating_mul(BLOCKS_AHEAD).max(1);
        let head = (MOST_LISTED / blocks).clamp(256, MOST_LISTED / BLOCKS_AHEAD);
        ListLimit { head, counts: false }
    }
}

/// A visitor that ignores everything.
struct Nothing;

impl Visitor for Nothing {
    fn wants_in_place(&self) -> bool {
        false
    }

    fn in_place(&mut self, _: InPlace<'_>) -> Result<(), Faulted> {
        Ok(())
    }

    fn copied(&mut self, _: u64, _: &[u8]) {}
}

/// Maximum number of listed matches that have not been taken, about 3 MiB.
const MOST_LISTED: usize = 128 << 10;

/// The result of a block before it is merged.
enum BlockResult {
    Matches(BlockMatches, Range<u64>),
    Hole(Range<u64>),
}

/// Where a search ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct End {
    /// Where it would continue.
    pub(crate) place: Place,
    /// Everything before this offset was searched.
    pub(crate) covered: u64,
}

impl<'s, M: Mapping> Search<'s, M> {
    pub(crate) fn new(job: &'s Job<'s, M>, pattern: &'s Pattern, parallelism: Parallelism) -> Self {
        let hole_matches = HoleMatches::of(pattern.matcher());
        let least = match &hole_matches {
            // In a shorter hole, no offset has enough zeros around it.
            Some(hole_matches) => {
                Some(hole_matches.before.saturating_add(hole_matches.after).saturating_add(1))
            }
            None => open_hole_len(pattern, job.max_match_len),
        };
        let parallelism = Parallelism { sizes: parallelism.sizes.of_holes(least), ..parallelism };
        Self { job, pattern, parallelism, hole_matches, most_blocks: u64::MAX }
    }

    /// Limits the number of blocks and holes.
    pub(crate) fn at_most(self, blocks: u64) -> Self {
        Self { most_blocks: blocks, ..self }
    }

    pub(crate) fn searcher(&self) -> Searcher<'s, M> {
        Searcher::new(self.job, self.pattern.matcher())
    }

    pub(crate) fn merger(&self, place: Place) -> Merger<'s, M> {
        Merger::new(self.searcher(), place, self.pattern.overlaps())
    }

    /// Finds the matches that start in `range`, continuing from `from`, and passes them to the
    /// sink.
    pub(crate) fn run(
        &self,
        from: Place,
        range: Range<u64>,
        list_limit: ListLimit,
        sink: &mut (impl Sink + Send),
    ) -> End {
        let mut merger = self.merger(from);
        let start = range.start.max(from.at);
        let range = start..range.end.max(start);
        let len = range.end.saturating_sub(range.start);
        let mut covered = range.start;
        if len == 0 {
            // An empty match after the last byte.
            if merger.search(self.starts(&range), sink).is_continue() {
                covered = range.end;
            }
        } else if self.most_blocks > 1 && self.parallelism.threads_for(len) > 1 {
            self.in_parallel(&range, list_limit, &mut merger, sink, &mut covered);
        } else {
            let mut blocks = Blocks::new(&range, self.parallelism.sizes).at_most(self.most_blocks);
            while let Some(block) = blocks.next(self.job) {
                let flow = if block.is_hole {
                    self.hole(&block.range, &mut merger, sink)
                } else {
                    merger.search(self.starts(&block.range), sink)
                };
                sink.settle();
                if flow.is_break() || self.job.is_stopped() {
                    break;
                }
                covered = self.cover(&block.range);
            }
        }
        sink.settle();
        if covered == self.job.range.end {
            self.touch_rest();
        }
        // If it stopped within a block, everything up to the last match was searched.
        let reached = merger.place.at.clamp(covered, range.end.max(covered));
        self.job.advance(reached.saturating_sub(covered));
        End { place: merger.place, covered: reached }
    }

    /// Checks whether the last bytes can be read. No match can start there, so the search does not
    /// read them.
    fn touch_rest(&self) {
        let Range { start, end } = self.job.range;
        let rest = end.saturating_sub(self.pattern.matcher().min_len).max(start);
        self.job.visit(&(rest..end), &mut Vec::new(), &mut Nothing);
    }

    fn in_parallel(
        &self,
        range: &Range<u64>,
        list_limit: ListLimit,
        merger: &mut Merger<'s, M>,
        sink: &mut (impl Sink + Send),
        covered: &mut u64,
    ) {
        let mut blocks = Blocks::new(range, self.parallelism.sizes).at_most(self.most_blocks);
        // If only the first match is wanted, blocks after one that has a match are not needed.
        let is_enough = AtomicBool::new(false);
        let next = || if is_enough.load(Ordering::Relaxed) { None } else { blocks.next(self.job) };
        let work = |searcher: &mut Searcher<'s, M>, Block { range, is_hole, .. }: Block| {
            if is_hole {
                return BlockResult::Hole(range);
            }
            let found = BlockMatches::search(
                searcher,
                self.starts(&range),
                self.pattern.overlaps(),
                list_limit,
            );
            if list_limit.head == 1 && !found.head.is_empty() {
                is_enough.store(true, Ordering::Relaxed);
            }
            BlockResult::Matches(found, range)
        };
        let take = |result: BlockResult| {
            // A search that was stopped may have missed matches.
            if self.job.is_stopped() {
                return ControlFlow::Break(());
            }
            let (flow, range) = match result {
                BlockResult::Hole(range) => (self.hole(&range, merger, sink), range),
                BlockResult::Matches(found, range) => (merger.join(&found, sink), range),
            };
            sink.settle();
            if flow.is_break() || self.job.is_stopped() {
                self.job.stop();
                return ControlFlow::Break(());
            }
            *covered = self.cover(&range);
            ControlFlow::Continue(())
        };
        // Bytes read after the first match are wasted.
        let ahead = if list_limit.head == 1 { 1 } else { BLOCKS_AHEAD };
        in_order((self.parallelism.threads, ahead), next, || self.searcher(), work, take);
    }

    /// The offsets at which matches of these bytes may start. They include the end if it is the end
    /// of the whole range.
    fn starts(&self, range: &Range<u64>) -> Range<u64> {
        let is_last = range.end == self.job.range.end;
        range.start..range.end.saturating_add(u64::from(is_last))
    }

    fn cover(&self, range: &Range<u64>) -> u64 {
        self.job.pass(range);
        range.end
    }

    /// Finds the matches in a hole: searches its borders, and computes the rest.
    fn hole(
        &self,
        hole: &Range<u64>,
        merger: &mut Merger<'s, M>,
        sink: &mut impl Sink,
    ) -> ControlFlow<()> {
        let starts = self.starts(hole);
        let Some(hole_matches) = self.hole_matches else {
            return self.open_hole(hole, merger, sink);
        };
        let inner = hole_matches.inner(hole);
        if inner.is_empty() {
            return merger.search(starts, sink);
        }
        merger.search(starts.start..inner.start, sink)?;
        if let Some(run) = hole_matches.run(merger.place, &inner, self.pattern.overlaps()) {
            merger.accept_run(&run, sink)?;
        }
        merger.search(inner.end..starts.end, sink)
    }

    /// Finds the matches at both ends of a hole that matches may cross, if they can be longer than
    /// they are followed. The rest of the hole adds nothing.
    fn open_hole(
        &self,
        hole: &Range<u64>,
        merger: &mut Merger<'s, M>,
        sink: &mut impl Sink,
    ) -> ControlFlow<()> {
        let starts = self.starts(hole);
        let longest = self.job.max_match_len;
        let left = starts.start.saturating_add(longest);
        let entered = hole.end.saturating_sub(longest);
        if left >= entered {
            return merger.search(starts, sink);
        }
        merger.search(starts.start..left, sink)?;
        if merger.goes_on(&(left..entered)) {
            self.job.note_too_long(left);
        }
        merger.search(entered..starts.end, sink)
    }
}

/// The length from which on only the ends of a hole are searched although matches may cross it: no
/// match is followed from one end to the other. `None` if the whole hole must be searched.
fn open_hole_len(pattern: &Pattern, longest: u64) -> Option<u64> {
    let is_followed = pattern.max_len().is_some_and(|len| len <= longest);
    (!is_followed).then(|| longest.saturating_mul(4))
}
