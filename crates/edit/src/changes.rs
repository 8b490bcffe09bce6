use std::collections::VecDeque;
use std::ops::{Range, RangeBounds};
use std::sync::Arc;

use memmap_core::Mapping;

use crate::overlay::Overlay;
use crate::piece::Piece;
use crate::range::within;
use crate::source::Source;
use crate::tree::Pieces;
use crate::version::Sources;

/// A range that is not as in the base. One of the two may be empty: bytes were inserted, or deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// What it was in the base.
    pub base: Range<u64>,
    /// What it is now.
    pub now: Range<u64>,
}

/// The changes of an [`Overlay`](crate::Overlay), in order. It keeps the version that it was made from.
#[derive(Debug)]
pub struct Changes<M: Mapping> {
    pieces: Pieces,
    sources: Arc<Sources<M>>,
    base: u32,
    /// Bytes of the base that stand between changes: where in the base, and where now.
    kept: VecDeque<(Range<u64>, u64)>,
    /// The ends of what was passed, in the base and now.
    passed: (u64, u64),
    is_done: bool,
}

impl<M: Mapping> Changes<M> {
    pub(crate) const fn new(pieces: Pieces, sources: Arc<Sources<M>>, base: u32) -> Self {
        let kept = VecDeque::new();
        Self { pieces, sources, base, kept, passed: (0, 0), is_done: false }
    }

    fn source(&self, number: u32) -> Option<&Source<M>> {
        self.sources.get(usize::try_from(number).ok()?).map(|source| &**source)
    }

    /// The bytes of a piece that are those of the base.
    fn keep(&mut self, at: u64, piece: &Piece) {
        let Piece::Source { source, moved: false, start, len } = *piece else { return };
        let (Some(found), Some(base)) = (self.source(source), self.source(self.base)) else {
            return;
        };
        if !found.is_same_file(base) {
            return;
        }
        let mut kept = Vec::new();
        for (range, is_equal) in found.compared(start..start.saturating_add(len), base) {
            if is_equal {
                let now = at.saturating_add(range.start.saturating_sub(start));
                kept.push((range, now));
            }
        }
        self.kept.extend(kept);
    }
}

impl<M: Mapping> Iterator for Changes<M> {
    type Item = Change;

    fn next(&mut self) -> Option<Change> {
        loop {
            let (passed_base, passed_now) = self.passed;
            let Some((base, now)) = self.kept.pop_front() else {
                if let Some((at, piece)) = self.pieces.next() {
                    self.keep(at, &piece);
                    continue;
                }
                if self.is_done {
                    return None;
                }
                self.is_done = true;
                let base = passed_base..self.source(self.base)?.len().max(passed_base);
                let now = passed_now..self.pieces.end();
                return (!base.is_empty() || !now.is_empty()).then_some(Change { base, now });
            };
            // An older version of the file may put bytes back in another order: those are changes too.
            if base.start < passed_base {
                continue;
            }
            let len = base.end.saturating_sub(base.start);
            let change = Change { base: passed_base..base.start, now: passed_now..now };
            self.passed = (base.end, now.saturating_add(len));
            if !change.base.is_empty() || !change.now.is_empty() {
                return Some(change);
            }
        }
    }
}

impl<M: Mapping> Overlay<M> {
    /// What is not as in the base within a range: ranges of this version in order, cut to it. An empty one is
    /// a place where bytes were deleted.
    ///
    /// # Cost
    /// One step for each piece in the range, wherever it is. The base is not read.
    pub fn changed_in(&self, range: impl RangeBounds<u64>) -> Vec<Range<u64>> {
        let Ok(range) = within(range, self.len()) else { return Vec::new() };
        let base_len = self.file().len();
        // The bytes next to the range show whether some were deleted at its ends.
        let start = range.start.saturating_sub(1);
        let end = range.end.saturating_add(1).min(self.len());
        let mut changed: Vec<Range<u64>> = Vec::new();
        // Where the next byte of the base is expected, if the byte before is one.
        let mut expected = (start == 0).then_some(0);
        let mut add = |found: Range<u64>| match changed.last_mut() {
            Some(last) if last.end == found.start => last.end = found.end,
            _ => changed.push(found),
        };
        for (at, piece) in self.tree.pieces(start, end) {
            for (part, base) in self.kept_in(&piece) {
                let part = at.saturating_add(part.start)..at.saturating_add(part.end);
                match base {
                    None => {
                        add(part);
                        expected = None;
                    }
                    Some(base) => {
                        if expected.is_some_and(|expected| expected != base) {
                            add(part.start..part.start);
                        }
                        let len = part.end.saturating_sub(part.start);
                        expected = Some(base.saturating_add(len));
                    }
                }
            }
        }
        if end == self.len() && expected.is_some_and(|expected| expected < base_len) {
            add(end..end);
        }
        let cut = |found: Range<u64>| {
            let part = found.start.max(range.start)..found.end.min(range.end);
            let is_within = if found.is_empty() { part == found } else { part.start < part.end };
            is_within.then_some(part)
        };
        changed.into_iter().filter_map(cut).collect()
    }

    /// Where in the base a byte is; `None` if it was edited, or is not there.
    ///
    /// # Cost
    /// One search in the pieces. The base is not read.
    pub fn in_base(&self, offset: u64) -> Option<u64> {
        let (_, piece) = self.tree.pieces(offset, offset.saturating_add(1)).next()?;
        self.kept_in(&piece).into_iter().next()?.1
    }

    /// The parts of a piece, and where in the base those are that are bytes of it in their order.
    fn kept_in(&self, piece: &Piece) -> Vec<(Range<u64>, Option<u64>)> {
        let all = 0..piece.len();
        let Piece::Source { source, moved: false, start, len } = *piece else {
            return vec![(all, None)];
        };
        let source = usize::try_from(source).ok().and_then(|source| self.sources.get(source));
        let Some(found) = source.filter(|found| found.is_same_file(self.file())) else {
            return vec![(all, None)];
        };
        let parts = found.compared(start..start.saturating_add(len), self.file());
        let part = |(range, is_equal): (Range<u64>, bool)| {
            let base = is_equal.then_some(range.start);
            (range.start.saturating_sub(start)..range.end.saturating_sub(start), base)
        };
        parts.into_iter().map(part).collect()
    }
}
