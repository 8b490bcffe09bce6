use std::collections::VecDeque;

use memmap_core::{Extent, Map, Mapping};

/// Where data and holes are, queried as the comparison moves forwards.
#[derive(Debug)]
pub(crate) struct Extents<'c, M: Mapping> {
    map: &'c Map<M>,
    end: u64,
    /// A shorter hole is read as data: that costs less than a block of its own.
    least_hole: u64,
    /// The known extents, in order.
    known: VecDeque<Extent>,
}

/// Bytes for which extents are queried at once: few enough for a short answer, and enough to make the
/// cost small.
const ASK_LEN: u64 = 64 << 20;

/// The shortest hole that is left out, where blocks are not shorter still.
const LEAST_HOLE: u64 = 64 << 10;

impl<'c, M: Mapping> Extents<'c, M> {
    /// Those up to `end`, for blocks of that length.
    pub(crate) fn new(map: &'c Map<M>, end: u64, block_len: u64) -> Self {
        Self { map, end, least_hole: block_len.min(LEAST_HOLE), known: VecDeque::new() }
    }

    /// Whether there is a hole at `at`, and where the hole or the data ends. Offsets must not decrease
    /// from call to call.
    pub(crate) fn at(&mut self, at: u64) -> (bool, u64) {
        while self.known.front().is_some_and(|extent| extent.range().end <= at) {
            self.known.pop_front();
        }
        if self.known.is_empty() {
            self.ask(at);
        }
        let mut end = at;
        for extent in &self.known {
            let range = extent.range();
            let hole_len = range.end.saturating_sub(range.start.max(at));
            if extent.is_hole() && range.start <= end && hole_len >= self.least_hole {
                // The first extent, or one after data.
                return if end == at { (true, range.end.min(self.end)) } else { (false, end) };
            }
            end = end.max(range.end);
        }
        // An answer that says nothing about `at` is no reason to stand still.
        let end = if end > at { end } else { at.saturating_add(ASK_LEN) };
        (false, end.min(self.end))
    }

    fn ask(&mut self, at: u64) {
        let mapping = self.map.mapping();
        let query = |from: u64, len: u64| {
            let len = len.min(self.end.saturating_sub(from));
            VecDeque::from(mapping.extents(from, len).unwrap_or_default())
        };
        self.known = query(at, ASK_LEN);
        // The whole hole, which costs as much as a part.
        let mut len = ASK_LEN;
        while let Some(Extent::Hole(hole)) = self.known.back_mut()
            && hole.end < self.end
            && hole.end == at.saturating_add(len)
        {
            let more = len.saturating_mul(7);
            let mut after = query(hole.end, more);
            let Some(Extent::Hole(next)) = after.pop_front() else { break };
            hole.end = next.end;
            self.known.append(&mut after);
            len = len.saturating_add(more);
        }
    }
}
