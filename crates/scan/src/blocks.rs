use std::collections::VecDeque;
use std::ops::Range;

use memmap_core::{Advice, Extent, Mapping};

use crate::job::Job;

/// The order of work: a range as blocks of data, and holes.
///
/// They are handed out in order, so that what is found first is near the front, and what was scanned
/// at any moment is a front part and a few blocks. What has to come from a device is read by the system
/// in one run then, ahead of all threads: where each had a run of its own, they took turns at what it
/// knows of the last read, and it read less at a time.
#[derive(Debug)]
pub(crate) struct Blocks {
    /// Where the next block starts.
    at: u64,
    end: u64,
    size: Sizes,
    /// What is known of the bytes from `at` on, in order.
    extents: VecDeque<Extent>,
    index: u64,
    /// Parts that may still be handed out.
    left: u64,
}

/// How long the parts are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    /// A block, at most.
    pub(crate) block: u64,
    /// Blocks and holes start at multiples of this, from the start of the range.
    pub(crate) align: u64,
    /// A hole that is shorter is read as data; `None` if all are.
    pub(crate) least_hole: Option<u64>,
    /// A hole that is longer is several parts: where its zeros are looked at one by one.
    pub(crate) most_hole: u64,
}

/// One part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    /// Counted from 0, without a gap.
    pub(crate) index: u64,
    pub(crate) range: Range<u64>,
    /// Whether all of it is zeros that are not stored.
    pub(crate) is_hole: bool,
}

/// Few enough that the answer is short, and many enough that the question costs nothing.
const LEAST_ASK_LEN: u64 = 64 << 20;

impl Sizes {
    /// For blocks of `block` bytes.
    pub(crate) fn new(block: u64) -> Self {
        Self { block, align: 1, least_hole: Some(block.clamp(1, 64 << 10)), most_hole: u64::MAX }
    }

    /// With holes of at least so many bytes; `None` for no holes at all.
    pub(crate) fn of_holes(self, least: Option<u64>) -> Self {
        let least_hole = self.least_hole.zip(least).map(|(own, least)| own.max(least));
        Self { least_hole, ..self }
    }

    /// For work that takes as long on a hole as on data.
    pub(crate) fn of_zeros(self) -> Self {
        Self { most_hole: self.block.max(self.least_hole.unwrap_or(0)), ..self }
    }

    /// For blocks that are made of whole pieces of `align` bytes.
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

    /// Of those the first `parts`.
    pub(crate) fn at_most(self, parts: u64) -> Self {
        Self { left: parts, ..self }
    }

    /// The next part; `None` behind the last.
    pub(crate) fn next<M: Mapping>(&mut self, job: &Job<'_, M>) -> Option<Block> {
        if self.at >= self.end {
            return None;
        }
        self.left = self.left.checked_sub(1)?;
        self.ask(job);
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

    /// Where the hole at `at` ends, if one is there that is worth it; a place between pieces.
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

    /// Where the data at `at` ends: at a hole that is worth it, or a block further.
    fn data_end<M: Mapping>(&self, job: &Job<'_, M>) -> u64 {
        let most = self.at.saturating_add(self.size.block).min(self.end);
        let holes = self.extents.iter().filter(|extent| !extent.is_data());
        for hole in holes.map(Extent::range).take_while(|hole| hole.start < most) {
            // The first place in it between pieces.
            let lead = hole.start.saturating_sub(job.range.start);
            let start = lead.checked_next_multiple_of(self.size.align).unwrap_or(u64::MAX);
            let start = start.saturating_add(job.range.start);
            if start > self.at && start < most && self.hole_at(start).is_some() {
                return start;
            }
        }
        most
    }

    /// The last place between pieces that is not behind `at`.
    fn align_down(&self, at: u64) -> u64 {
        // Blocks start between pieces, so counting from this one is the same.
        let within = at.saturating_sub(self.at);
        at.saturating_sub(within.checked_rem(self.size.align).unwrap_or(0))
    }

    /// Finds out what is at `at`, if that is not known.
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
        // All of a hole at once: it costs as much as a part, and what is searched across the border of
        // two parts has to be read.
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
            // Else the first touch of a little data makes the system read ahead, into the holes, and
            // fill memory with their zeros. Matches may reach over the border.
            for data in self.extents.iter().filter(|extent| extent.is_data()).map(Extent::range) {
                let start = data.start.saturating_sub(BORDER_LEN);
                let end = data.end.saturating_add(BORDER_LEN).min(mapping.len());
                let len = end.saturating_sub(start);
                if len <= READ_AHEAD_LEN {
                    // It only saves time.
                    mapping.advise(start, len, Advice::WillNeed).ok();
                }
            }
        }
    }
}

/// As much as systems read ahead, about: data that is longer is read ahead well.
const READ_AHEAD_LEN: u64 = 8 << 20;

/// The end of a hole that is searched with the data behind it, and some more.
const BORDER_LEN: u64 = 16 << 10;
