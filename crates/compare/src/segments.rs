use std::ops::Range;

use memmap_core::Mapping;

use crate::extents::Extents;
use crate::pair::Pair;

/// A part of the two sides, as offsets from the starts of what is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) range: Range<u64>,
    /// Whether the first side has a hole here.
    pub(crate) a_hole: bool,
    /// Whether the second side has.
    pub(crate) b_hole: bool,
}

/// Divides what is compared into segments, in order: a hole of both sides is one, however long; of the
/// rest, a segment is at most as long as a block.
#[derive(Debug)]
pub(crate) struct Segments<'c, A: Mapping, B: Mapping> {
    pair: Pair<'c, A, B>,
    a: Extents<'c, A>,
    b: Extents<'c, B>,
    range: Range<u64>,
    block_len: u64,
    left: u64,
}

impl<'c, A: Mapping, B: Mapping> Segments<'c, A, B> {
    /// Those of `range`, at most `most` of them.
    pub(crate) fn new(pair: Pair<'c, A, B>, range: Range<u64>, block_len: u64, most: u64) -> Self {
        let a = Extents::new(pair.a, pair.a_at(range.end), block_len);
        let b = Extents::new(pair.b, pair.b_at(range.end), block_len);
        Self { pair, a, b, range, block_len, left: most }
    }
}

impl<A: Mapping, B: Mapping> Iterator for Segments<'_, A, B> {
    type Item = Segment;

    fn next(&mut self) -> Option<Segment> {
        let start = self.range.start;
        if start >= self.range.end {
            return None;
        }
        self.left = self.left.checked_sub(1)?;
        let (a_start, b_start) = (self.pair.a_at(start), self.pair.b_at(start));
        let (a_hole, a_end) = self.a.at(a_start);
        let (b_hole, b_end) = self.b.at(b_start);
        let mut len = a_end.saturating_sub(a_start).min(b_end.saturating_sub(b_start));
        if !(a_hole && b_hole) {
            len = len.min(self.block_len);
        }
        let end = start.saturating_add(len.max(1)).min(self.range.end);
        self.range.start = end;
        Some(Segment { range: start..end, a_hole, b_hole })
    }
}
