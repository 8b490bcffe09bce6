use std::collections::VecDeque;
use std::iter::FusedIterator;
use std::ops::{ControlFlow, Range};

use memmap_core::Mapping;

use crate::block::Wanted;
use crate::job::{Found, Job};
use crate::{Compared, Difference, DifferenceKind};

/// An iterator over the differences, in order: see [`Compare::differences`](crate::Compare::differences).
#[derive(Debug)]
pub struct Differences<'c, A: Mapping, B: Mapping> {
    job: Job<'c, A, B>,
    /// What was found and not returned, in order.
    ready: VecDeque<Found>,
    /// The last range. What follows may continue it.
    open: Option<(DifferenceKind, Range<u64>)>,
    /// Segments to compare next.
    ahead: u64,
    is_over: bool,
    tail: Option<Difference>,
}

/// Ranges that may wait to be returned before no more segments are compared, 2 MiB.
const MOST_READY: usize = 256 << 10;

/// Segments compared at once, for each thread, at most: enough to keep all of them busy.
const MOST_AHEAD: u64 = 16;

impl<'c, A: Mapping, B: Mapping> Differences<'c, A, B> {
    pub(crate) fn new(job: Job<'c, A, B>) -> Self {
        let tail = job.pair.tail();
        Self { job, ready: VecDeque::new(), open: None, ahead: 1, is_over: false, tail }
    }

    /// The result so far. Its value is the number of ranges that were found and not returned yet.
    pub fn outcome(self) -> Compared<usize> {
        let ready = self.ready.iter().map(Found::len).fold(0, usize::saturating_add);
        self.job.into_compared(ready.saturating_add(usize::from(self.open.is_some())))
    }

    pub(crate) fn into_job(self) -> Job<'c, A, B> {
        self.job
    }

    /// Number of bytes, of those that both sides have, before the first one that was not compared yet.
    pub const fn position(&self) -> u64 {
        self.job.at
    }

    /// Compares some more segments.
    fn search(&mut self) {
        let Self { job, ready, ahead, .. } = self;
        let mut waiting = 0_usize;
        let mut is_full = false;
        job.run(Wanted::Ranges, *ahead, |found| {
            waiting = waiting.saturating_add(found.len());
            if found.len() > 0 {
                ready.push_back(found);
            }
            is_full = waiting >= MOST_READY;
            if is_full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        let threads = u64::try_from(job.options.threads).unwrap_or(1);
        let most = MOST_AHEAD.saturating_mul(threads);
        *ahead = if is_full { 1 } else { ahead.saturating_mul(2).min(most) };
        self.is_over = self.job.is_at_end() || self.job.is_cancelled();
    }

    /// The next range that was found.
    fn piece(&mut self) -> Option<(DifferenceKind, Range<u64>)> {
        while let Some(found) = self.ready.front_mut() {
            if let Some(piece) = found.next() {
                return Some(piece);
            }
            self.ready.pop_front();
        }
        None
    }

    /// The next range with all that continues it.
    fn range(&mut self) -> Option<(DifferenceKind, Range<u64>)> {
        loop {
            match (self.piece(), &mut self.open) {
                (Some((kind, range)), Some((open_kind, open)))
                    if kind == *open_kind && range.start == open.end =>
                {
                    open.end = range.end;
                }
                (Some(piece), _) => {
                    if let Some(whole) = self.open.replace(piece) {
                        return Some(whole);
                    }
                }
                // Nothing continues what ends before the end of what was compared.
                (None, Some((_, open))) if open.end < self.job.at || self.is_over => {
                    return self.open.take();
                }
                (None, _) if self.is_over => return None,
                (None, _) => self.search(),
            }
        }
    }
}

impl<A: Mapping, B: Mapping> Iterator for Differences<'_, A, B> {
    type Item = Difference;

    fn next(&mut self) -> Option<Difference> {
        if let Some((kind, range)) = self.range() {
            if let (DifferenceKind::Changed, Some(progress)) = (kind, self.job.reports_to()) {
                progress.add_found(1);
            }
            return Some(self.job.pair.difference(kind, &range));
        }
        // A comparison that was cancelled does not know it.
        self.tail.take_if(|_| self.job.is_at_end())
    }
}

impl<A: Mapping, B: Mapping> FusedIterator for Differences<'_, A, B> {}
