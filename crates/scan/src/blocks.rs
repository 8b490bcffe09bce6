use std::collections::VecDeque;
use std::ops::Range;

use memmap_core::{Advice, Extent, Mapping};

use crate::job::Job;

/// Divides a range into blocks of data and holes.
///
/// They are handed out in order, so early matches are found first. The system reads ahead from a
/// device for all threads together: with a separate region for each thread it would read less at a
/// time.
#[derive(Debug)]
pub(crate) struct Blocks {
    /// Where the next block starts.
    at: u64,
    end: u64,
    size: Sizes,
    /// The known extents from `at` on, in order.
    extents: VecDeque<Extent>,
    index: u64,
    /// Blocks and holes that may still be handed out.
    left: u64,
}

/// Lengths of blocks and holes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    /// Maximum length of a block.
    pub(crate) block: u64,
    /// Blocks and holes start at multiples of this, from the start of the range.
    pub(crate) align: u64,
    /// A shorter hole is read as data. `None` reads all of them.
    pub(crate) least_hole: Option<u64>,
    /// A longer hole is divided, if each of its zeros is processed.
    pub(crate) most_hole: u64,
}

/// A block of data, or a hole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    /// Counted from 0.
    pub(crate) index: u64,
    pub(crate) range: Range<u64>,
    /// Whether it is a hole.
    pub(crate) is_hole: bool,
}

/// Bytes for which extents are queried at once: few enough for a short answer, and enough to make
/// the cost small.
const LEAST_ASK_LEN: u64 = 64 << 20;

impl Sizes {
    /// Blocks of `block` bytes.
    pub(crate) fn new(block: u64) -> Self {
        Self { block, align: 1, least_hole: Some(block.clamp(1, 64 << 10)), most_hole: u64::MAX }
    }

    /// Ignores holes shorter than `least`; all holes if it is `None`.
    pub(crate) fn of_holes(self, least: Option<u64>) -> Self {
        let least_hole = self.least_hole.zip(least).map(|(own, least)| own.max(least));
        Self { least_hole, ..self }
    }

    /// For work that takes as long for a hole as for data.
    pub(crate) fn of_zeros(self) -> Self {
        Self { most_hole: self.block.max(self.least_hole.unwrap_or(0)), ..self }
    }

    /// Blocks whose lengths are multiples of `align` bytes.
    pub(crate) fn aligned_to(self, align: u64) -> Self {
        let align = align.max(1);
        let block = self.block.checked_next_multiple_of(align).unwrap_or(align).max(align);
        Self { block, align, ..self }.of_holes(Some(align))
    }
}

impl Blocks {
    pub(crate) fn new(range: &Range<u64>, size: Sizes) -> Self {
        Self {
            at: range.start,
            end: range.end,
            size,
            extents: VecDeque::new(),
            index: 0,
            left: u64::MAX,
        }
    }

    /// Only the first `blocks` of them, holes included.
    pub(crate) fn at_most(self, blocks: u64) -> Self {
        Self { left: blocks, ..self }
    }

    /// The next one; `None` at the end.
    pub(crate) fn next<M: Mapping>(&mut self, job: &Job<'_, M>) -> Option<Block> {
        if self.at >= self.end {
            return None;
        }
        self.left = self.left.checked_sub(1)?;
        self.ask(job);
        while let Some(Extent::Gap(gap)) = self.extents.iter().find(|it| it.range().end > self.at)
            && gap.start <= self.at
        {
            // A gap may be a thousand times as long as what is asked for at once.
            let next = job.map.mapping().next_readable(self.at);
            let next = self.align_up(next.max(gap.end), job.range.start).min(self.end);
            job.pass_gap(next.saturating_sub(self.at));
            self.at = next;
            if self.at >= self.end {
                return None;
            }
            self.ask(job);
        }
        let hole = self.hole_at(self.at);
        let end = match hole {
            Some(end) => end,
            None => self.data_end(job),
        };
        let (start, index) = (self.at, self.index);
        self.at = end;
        self.index = index.saturating_add(1);
        Some(Block { index, range: start..end, is_hole: hole.is_some() })
    }

    /// The aligned end of the hole at `at`, if there is one that is long enough.
    fn hole_at(&self, at: u64) -> Option<u64> {
        let Some(Extent::Hole(hole)) = self.extents.iter().find(|extent| extent.range().end > at)
        else {
            return None;
        };
        let end = if hole.end >= self.end { self.end } else { self.align_down(hole.end) };
        let end = end.min(at.saturating_add(self.size.most_hole));
        let is_long = end.saturating_sub(at) >= self.size.least_hole?;
        (hole.start <= at && end > at && is_long).then_some(end)
    }

    /// The end of the block at `at`: the next hole that is long enough, or the maximum length.
    fn data_end<M: Mapping>(&self, job: &Job<'_, M>) -> u64 {
        let most = self.at.saturating_add(self.size.block).min(self.end);
        let holes = self.extents.iter().filter(|extent| !extent.is_data());
        for hole in holes.take_while(|hole| hole.range().start < most) {
            if let Extent::Gap(gap) = hole
                && gap.start > self.at
            {
                return gap.start;
            }
            let hole = hole.range();
            // The first aligned offset in it.
            let lead = hole.start.saturating_sub(job.range.start);
            let start = lead.checked_next_multiple_of(self.size.align).unwrap_or(u64::MAX);
            let start = start.saturating_add(job.range.start);
            if start > self.at && start < most && self.hole_at(start).is_some() {
                return start;
            }
        }
        most
    }

    /// Rounds an offset up to a multiple of the alignment, from the start of the range.
    fn align_up(&self, at: u64, start: u64) -> u64 {
        let lead = at.saturating_sub(start);
        let lead = lead.checked_next_multiple_of(self.size.align).unwrap_or(u64::MAX);
        start.saturating_add(lead)
    }

    /// Rounds an offset down to a multiple of the alignment.
    fn align_down(&self, at: u64) -> u64 {
        // Blocks are aligned, so counting from this one gives the same.
        let within = at.saturating_sub(self.at);
        at.saturating_sub(within.checked_rem(self.size.align).unwrap_or(0))
    }

    /// Queries the extents at `at`, unless they are known.
    fn ask<M: Mapping>(&mut self, job: &Job<'_, M>) {
        while self.extents.front().is_some_and(|extent| extent.range().end <= self.at) {
            self.extents.pop_front();
        }
        if !self.extents.is_empty() {
            return;
        }
        let mut len = self.size.block.max(LEAST_ASK_LEN).min(self.end.saturating_sub(self.at));
        let mapping = job.map.mapping();
        self.extents = mapping.extents(self.at, len).unwrap_or_default().into();
        // Find the whole hole: it costs the same as a part, and the bytes on either side of a
        // border between two parts would have to be read.
        let mut more = len;
        while let Some(Extent::Hole(hole)) = self.extents.back_mut()
            && hole.end < self.end
            && hole.end == self.at.saturating_add(len)
        {
            more = more.saturating_mul(8).min(self.end.saturating_sub(hole.end));
            let mut behind = VecDeque::from(mapping.extents(hole.end, more).unwrap_or_default());
            let Some(Extent::Hole(next)) = behind.front() else { break };
            hole.end = next.end;
            behind.pop_front();
            self.extents.append(&mut behind);
            len = len.saturating_add(more);
        }
        if self.extents.is_empty() {
            self.extents.push_back(Extent::Data(self.at..self.at.saturating_add(len)));
        }
        if self.extents.len() > 1 {
            // Otherwise the first access to a little data makes the system read ahead into the
            // holes, and fill memory with zeros. Matches may cross the border.
            for data in self.extents.iter().filter(|extent| extent.is_data()).map(Extent::range) {
                let start = data.start.saturating_sub(BORDER_LEN);
                let end = data.end.saturating_add(BORDER_LEN).min(mapping.len());
                let len = end.saturating_sub(start);
                if len <= READ_AHEAD_LEN {
                    // Only a hint, so an error does not matter.
                    mapping.advise(start, len, Advice::WillNeed).ok();
                }
            }
        }
    }
}

/// About as much as systems read ahead. Longer data is read ahead well enough.
const READ_AHEAD_LEN: u64 = 8 << 20;

/// Bytes of a hole that may be searched together with the data next to it.
const BORDER_LEN: u64 = 16 << 10;
