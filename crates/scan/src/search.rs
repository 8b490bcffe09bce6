//! A pattern's search over a range: block by block, by one thread or several.

use std::ops::{ControlFlow, Range};
use std::sync::atomic::{AtomicBool, Ordering};

use memmap_core::{InPlace, Lost, Mapping};

use crate::Pattern;
use crate::blocks::{Block, Blocks, Sizes};
use crate::cursor::{Cursor, Place};
use crate::job::{Job, Look};
use crate::ordered::{BLOCKS_AHEAD, in_order};
use crate::stitch::{Found, Keep, Sink, Stitcher};
use crate::zeros::Zeros;

/// What a search goes by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Search<'s, M: Mapping> {
    pub(crate) job: &'s Job<'s, M>,
    pub(crate) pattern: &'s Pattern,
    pub(crate) team: Team,
    zeros: Option<Zeros>,
    /// Blocks and holes that are searched in one go.
    most_parts: u64,
}

/// Who does it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Team {
    pub(crate) threads: usize,
    pub(crate) sizes: Sizes,
}

impl Team {
    /// How many threads it takes for so many bytes: one, where starting others would cost more.
    pub(crate) fn threads_for(&self, len: u64) -> usize {
        let few = len < self.sizes.block.saturating_mul(4);
        if few { 1 } else { self.threads }
    }

    /// How much of a block's matches is kept, where all are wanted.
    pub(crate) fn list(&self) -> Keep {
        let blocks = self.threads.saturating_mul(BLOCKS_AHEAD).max(1);
        let head = (MOST_LISTED / blocks).clamp(256, MOST_LISTED / BLOCKS_AHEAD);
        Keep { head, counts: false }
    }
}

/// Sees nothing.
struct Nothing;

impl Look for Nothing {
    fn wants_in_place(&self) -> bool {
        false
    }

    fn in_place(&mut self, _: InPlace<'_>) -> Result<(), Lost> {
        Ok(())
    }

    fn copied(&mut self, _: u64, _: &[u8]) {}
}

/// Matches that wait for their turn, at most: some 3 MiB.
const MOST_LISTED: usize = 128 << 10;

/// What was done to a block before its turn.
enum Part {
    Found(Found, Range<u64>),
    Hole(Range<u64>),
}

/// How a search ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct End {
    /// Where it would go on.
    pub(crate) place: Place,
    /// Up to where everything was searched.
    pub(crate) covered: u64,
}

impl<'s, M: Mapping> Search<'s, M> {
    pub(crate) fn new(job: &'s Job<'s, M>, pattern: &'s Pattern, team: Team) -> Self {
        let zeros = Zeros::of(pattern.engine());
        let least = match &zeros {
            // In a hole that is shorter no place has enough zeros around it.
            Some(zeros) => Some(zeros.before.saturating_add(zeros.after).saturating_add(1)),
            None => open_hole_len(pattern, job.max_match_len),
        };
        let team = Team { sizes: team.sizes.of_holes(least), ..team };
        Self { job, pattern, team, zeros, most_parts: u64::MAX }
    }

    /// Only so many blocks and holes.
    pub(crate) fn at_most(self, parts: u64) -> Self {
        Self { most_parts: parts, ..self }
    }

    pub(crate) fn cursor(&self) -> Cursor<'s, M> {
        Cursor::new(self.job, self.pattern.engine())
    }

    pub(crate) fn stitcher(&self, place: Place) -> Stitcher<'s, M> {
        Stitcher::new(self.cursor(), place, self.pattern.overlaps())
    }

    /// Finds what starts in `range`, standing at `from`, and gives it to the sink.
    pub(crate) fn run(
        &self,
        from: Place,
        range: Range<u64>,
        keep: Keep,
        sink: &mut (impl Sink + Send),
    ) -> End {
        let mut stitcher = self.stitcher(from);
        let start = range.start.max(from.at);
        let range = start..range.end.max(start);
        let len = range.end.saturating_sub(range.start);
        let mut covered = range.start;
        if len == 0 {
            // An empty match behind the last byte.
            if stitcher.search(self.starts(&range), sink).is_continue() {
                covered = range.end;
            }
        } else if self.most_parts > 1 && self.team.threads_for(len) > 1 {
            self.in_parallel(&range, keep, &mut stitcher, sink, &mut covered);
        } else {
            let mut blocks = Blocks::new(&range, self.team.sizes).at_most(self.most_parts);
            while let Some(block) = blocks.next(self.job) {
                let flow = if block.is_hole {
                    self.hole(&block.range, &mut stitcher, sink)
                } else {
                    stitcher.search(self.starts(&block.range), sink)
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
        // Where it broke off within a block, all is searched up to the last match.
        let reached = stitcher.place.at.clamp(covered, range.end.max(covered));
        self.job.advance(reached.saturating_sub(covered));
        End { place: stitcher.place, covered: reached }
    }

    /// Finds out whether the last bytes can be read, at which no match can start.
    fn touch_rest(&self) {
        let Range { start, end } = self.job.range;
        let rest = end.saturating_sub(self.pattern.engine().min_len).max(start);
        self.job.show(&(rest..end), &mut Vec::new(), &mut Nothing);
    }

    fn in_parallel(
        &self,
        range: &Range<u64>,
        keep: Keep,
        stitcher: &mut Stitcher<'s, M>,
        sink: &mut (impl Sink + Send),
        covered: &mut u64,
    ) {
        let mut blocks = Blocks::new(range, self.team.sizes).at_most(self.most_parts);
        // Where one match is all that is wanted, none behind a block that has one is.
        let is_enough = AtomicBool::new(false);
        let next = || if is_enough.load(Ordering::Relaxed) { None } else { blocks.next(self.job) };
        let work = |cursor: &mut Cursor<'s, M>, Block { range, is_hole, .. }: Block| {
            if is_hole {
                return Part::Hole(range);
            }
            let found = Found::search(cursor, self.starts(&range), self.pattern.overlaps(), keep);
            if keep.head == 1 && !found.head.is_empty() {
                is_enough.store(true, Ordering::Relaxed);
            }
            Part::Found(found, range)
        };
        let take = |part: Part| {
            // What a stopped search did not find may be there.
            if self.job.is_stopped() {
                return ControlFlow::Break(());
            }
            let (flow, range) = match part {
                Part::Hole(range) => (self.hole(&range, stitcher, sink), range),
                Part::Found(found, range) => (stitcher.join(&found, sink), range),
            };
            sink.settle();
            if flow.is_break() || self.job.is_stopped() {
                self.job.stop();
                return ControlFlow::Break(());
            }
            *covered = self.cover(&range);
            ControlFlow::Continue(())
        };
        // What is read after the first match is read in vain.
        let ahead = if keep.head == 1 { 1 } else { BLOCKS_AHEAD };
        in_order((self.team.threads, ahead), next, || self.cursor(), work, take);
    }

    /// Where matches may start that belong to these bytes: behind the last one, too, if all ends there.
    fn starts(&self, range: &Range<u64>) -> Range<u64> {
        let is_last = range.end == self.job.range.end;
        range.start..range.end.saturating_add(u64::from(is_last))
    }

    fn cover(&self, range: &Range<u64>) -> u64 {
        self.job.pass(range);
        range.end
    }

    /// What is found in a hole: where zeros end on either side by a search, and worked out between.
    fn hole(
        &self,
        hole: &Range<u64>,
        stitcher: &mut Stitcher<'s, M>,
        sink: &mut impl Sink,
    ) -> ControlFlow<()> {
        let starts = self.starts(hole);
        let Some(zeros) = self.zeros else { return self.open_hole(hole, stitcher, sink) };
        let inner = zeros.inner(hole);
        if inner.is_empty() {
            return stitcher.search(starts, sink);
        }
        stitcher.search(starts.start..inner.start, sink)?;
        if let Some(run) = zeros.run(stitcher.place, &inner, self.pattern.overlaps()) {
            stitcher.accept_run(&run, sink)?;
        }
        stitcher.search(inner.end..starts.end, sink)
    }

    /// What is found at the ends of a hole that matches may go on through for longer than they are
    /// followed: what is between says nothing new.
    fn open_hole(
        &self,
        hole: &Range<u64>,
        stitcher: &mut Stitcher<'s, M>,
        sink: &mut impl Sink,
    ) -> ControlFlow<()> {
        let starts = self.starts(hole);
        let window = self.job.max_match_len;
        let left = starts.start.saturating_add(window);
        let entered = hole.end.saturating_sub(window);
        if left >= entered {
            return stitcher.search(starts, sink);
        }
        stitcher.search(starts.start..left, sink)?;
        if stitcher.goes_on(&(left..entered)) {
            self.job.exceed(left);
        }
        stitcher.search(entered..starts.end, sink)
    }
}

/// From which length on the inside of a hole is passed over though matches may go on through it:
/// where none is followed from one end to the other. `None` if all of it has to be searched.
fn open_hole_len(pattern: &Pattern, window: u64) -> Option<u64> {
    let is_followed = pattern.max_len().is_some_and(|len| len <= window);
    (!is_followed).then(|| window.saturating_mul(4))
}
