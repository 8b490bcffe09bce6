use std::collections::VecDeque;
use std::ops::{ControlFlow, Range};
use std::sync::atomic::{AtomicBool, Ordering};

use memmap_core::{Mapping, Progress, widen};
use memmap_scan::ordered::{BLOCKS_AHEAD, in_order};

use crate::block::{Findings, Missing, Wanted, Worker};
use crate::pair::Pair;
use crate::segments::{Segment, Segments};
use crate::{Compared, DifferenceKind, NotCompared};

/// A comparison that runs: what its threads share, and what was not compared.
#[derive(Debug)]
pub(crate) struct Job<'c, A: Mapping, B: Mapping> {
    pub(crate) pair: Pair<'c, A, B>,
    pub(crate) options: Options<'c>,
    is_silent: bool,
    /// Everything before it was compared.
    pub(crate) at: u64,
    not_compared: Vec<NotCompared>,
    lost: u64,
    /// From where on pages are still held.
    held: u64,
}

/// How to compare.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options<'c> {
    pub(crate) threads: usize,
    pub(crate) block_len: u64,
    pub(crate) progress: Option<&'c Progress>,
    pub(crate) evicts_behind: bool,
}

/// Pages are released in units of this length, because each release interrupts all processors that run
/// this process.
pub(crate) const HELD_LEN: u64 = 4 << 20;

/// Pages that are kept longer: whoever takes a difference may read its bytes.
const KEPT_LEN: u64 = 32 << 20;

impl<'c, A: Mapping, B: Mapping> Job<'c, A, B> {
    pub(crate) fn new(pair: Pair<'c, A, B>, options: Options<'c>) -> Self {
        if let Some(progress) = options.progress {
            progress.add_total(pair.common_len());
        }
        Self::make(pair, options)
    }

    /// A comparison that is a part of another one: its progress is only asked whether it is cancelled.
    pub(crate) fn silent(pair: Pair<'c, A, B>, options: Options<'c>) -> Self {
        Self { is_silent: true, ..Self::make(pair, options) }
    }

    fn make(pair: Pair<'c, A, B>, options: Options<'c>) -> Self {
        let not_compared = Vec::new();
        Self { pair, options, is_silent: false, at: 0, not_compared, lost: 0, held: 0 }
    }

    /// Where it reports what it does.
    pub(crate) fn reports_to(&self) -> Option<&'c Progress> {
        self.options.progress.filter(|_| !self.is_silent)
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.options.progress.is_some_and(Progress::is_cancelled)
    }

    /// Whether everything that both sides have was compared.
    pub(crate) fn is_at_end(&self) -> bool {
        self.at >= self.pair.common_len()
    }

    /// Compares at most `most` segments from where it is, and passes what is found to `take`, in order,
    /// until that returns `Break`. What `take` was passed counts as compared.
    pub(crate) fn run(
        &mut self,
        wanted: Wanted,
        most: u64,
        mut take: impl FnMut(Found) -> ControlFlow<()> + Send,
    ) {
        let (pair, options) = (self.pair, self.options);
        let range = self.at..pair.common_len();
        let len = range.end.saturating_sub(range.start);
        // As many blocks ahead as for the other questions, so that no thread waits for the next one, but
        // shorter: all that is compared after the first difference is lost work.
        let block_len = match wanted {
            Wanted::First => options.block_len.div_ceil(widen(BLOCKS_AHEAD)),
            Wanted::Ranges | Wanted::Count => options.block_len,
        };
        let mut segments = Segments::new(pair, range, block_len, most);
        let stop = AtomicBool::new(false);
        let is_stopped =
            || stop.load(Ordering::Relaxed) || options.progress.is_some_and(Progress::is_cancelled);
        let work = |worker: &mut Worker, segment: Segment| {
            worker.compare(&pair, &segment, wanted, &is_stopped)
        };
        let mut take = |findings: Findings| {
            let has_first = wanted == Wanted::First && findings.differing > 0;
            if findings.reached < findings.range.end && !has_first {
                // It was stopped halfway, so it is dropped.
                return ControlFlow::Break(());
            }
            let (found, passed) = self.pass(findings);
            let flow = if take(found).is_break() { ControlFlow::Break(()) } else { passed };
            if flow.is_break() {
                stop.store(true, Ordering::Relaxed);
            }
            flow
        };
        let threads = if len < options.block_len.saturating_mul(4) { 1 } else { options.threads };
        if threads > 1 && most > 1 {
            in_order((threads, BLOCKS_AHEAD), || segments.next(), Worker::default, work, take);
        } else {
            let mut worker = Worker::default();
            for segment in segments {
                if take(work(&mut worker, segment)).is_break() {
                    break;
                }
            }
        }
    }

    /// Counts a segment as compared. Breaks if nothing after it can be.
    fn pass(&mut self, mut findings: Findings) -> (Found, ControlFlow<()>) {
        let mut flow = ControlFlow::Continue(());
        let mut reached = findings.reached;
        let mut lost = VecDeque::new();
        for missing in std::mem::take(&mut findings.missing) {
            let mut range = missing.range.clone();
            if missing.is_to_the_end() {
                reached = self.pair.common_len();
                range.end = reached;
                flow = ControlFlow::Break(());
            }
            lost.push_back(range.clone());
            self.lose(&range, missing);
        }
        if let Some(progress) = self.reports_to() {
            progress.add_done(reached.saturating_sub(self.at));
        }
        self.at = reached;
        let passed = reached.saturating_sub(KEPT_LEN);
        if self.options.evicts_behind && passed.saturating_sub(self.held) >= HELD_LEN {
            self.pair.evict(&(self.held..passed));
            self.held = passed;
        }
        (Found { findings, next: 0, lost }, flow)
    }

    /// Lists a range that could not be read.
    fn lose(&mut self, range: &Range<u64>, missing: Missing) {
        let Missing { side, error, .. } = missing;
        self.lost = self.lost.saturating_add(range.end.saturating_sub(range.start));
        let a = self.pair.a_at(range.start)..self.pair.a_at(range.end);
        let b = self.pair.b_at(range.start)..self.pair.b_at(range.end);
        let kind = std::mem::discriminant(error.kind());
        match self.not_compared.last_mut() {
            Some(last)
                if last.a.end == a.start
                    && last.side == side
                    && std::mem::discriminant(last.error.kind()) == kind =>
            {
                last.a.end = a.end;
                last.b.end = b.end;
            }
            _ => self.not_compared.push(NotCompared { side, a, b, error }),
        }
    }

    /// The result so far.
    pub(crate) fn into_compared<T>(self, value: T) -> Compared<T> {
        Compared {
            value,
            compared: self.at.saturating_sub(self.lost),
            is_cancelled: self.is_cancelled() && !self.is_at_end(),
            not_compared: self.not_compared,
        }
    }
}

/// What was found in a segment, as ranges in order: those that differ, and those that were not compared.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) findings: Findings,
    /// The range that differs which comes next.
    next: usize,
    /// Ranges that were not compared and not returned yet.
    lost: VecDeque<Range<u64>>,
}

impl Found {
    /// How many ranges are left.
    pub(crate) fn len(&self) -> usize {
        self.findings.run_count().saturating_sub(self.next).saturating_add(self.lost.len())
    }
}

impl Iterator for Found {
    type Item = (DifferenceKind, Range<u64>);

    fn next(&mut self) -> Option<Self::Item> {
        let run = self.findings.run(self.next);
        let is_lost_next = match (&run, self.lost.front()) {
            (Some(run), Some(lost)) => lost.start < run.start,
            (None, lost) => lost.is_some(),
            (Some(_), None) => false,
        };
        if is_lost_next {
            return self.lost.pop_front().map(|range| (DifferenceKind::Unreadable, range));
        }
        self.next = self.next.saturating_add(1);
        run.map(|range| (DifferenceKind::Changed, range))
    }
}
