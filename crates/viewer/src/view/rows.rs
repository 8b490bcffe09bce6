//! Rows as shown on the screen. Most have a few bytes; a fold stands for a long run of equal rows.
//!
//! Rows are made of places. Those of one file are its offsets. Those of two aligned files are the places of their
//! alignment: some have a byte of one file only. Those of a source with regions are the places of its regions, some
//! of which have no byte: their headings.

use std::ops::Range;

use crate::analysis::alignment::{Alignment, FoldOf, PairAt};
use crate::analysis::folds::Folds;
use crate::analysis::repeat_rows::Run;
use crate::source::regions::{Part, Regions};

/// Maps places to screen rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows<'a> {
    pub(crate) row_len: u64,
    /// Where the first whole row starts, less than a row: the row above it is shorter.
    pub(crate) phase: u64,
    /// The number of places.
    pub(crate) len: u64,
    pub(crate) folds: &'a Folds,
    /// The alignment with another file, whose rows stand beside these.
    pub(crate) alignment: Option<Alignment<'a>>,
    /// The regions of the source, if it has some and they have headings.
    pub(crate) regions: Option<&'a Regions>,
}

/// What a row says of a part instead of showing bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Heading<'a> {
    /// The row above the bytes of a part.
    Above(&'a Part),
    /// The row that stands for all bytes of a part.
    Whole(&'a Part),
}

impl<'a> Rows<'a> {
    /// The rows of two aligned files.
    pub(crate) fn aligned(alignment: Alignment<'a>, row_len: u64) -> Self {
        const NO_FOLDS: &Folds = &Folds::NONE;
        let (len, alignment) = (alignment.len(), Some(alignment));
        Self { row_len, phase: 0, len, folds: NO_FOLDS, alignment, regions: None }
    }

    /// The place of an offset.
    pub(crate) fn place(self, offset: u64) -> u64 {
        match (self.alignment, self.regions) {
            (Some(alignment), _) => alignment.place(offset),
            (_, Some(regions)) => regions.place(offset),
            (None, None) => offset,
        }
    }

    /// The offset at a place, or the next one if the file has no byte there.
    pub(crate) fn offset(self, place: u64) -> u64 {
        match (self.alignment, self.regions) {
            (Some(alignment), _) => alignment.offset(place),
            (_, Some(regions)) => regions.offset(place),
            (None, None) => place,
        }
    }

    /// The bytes of the file at these places.
    pub(crate) fn bytes(self, places: &Range<u64>) -> Range<u64> {
        self.offset(places.start)..self.offset(places.end)
    }

    /// The bytes of both files at these places, if they are aligned.
    pub(crate) fn pairs(self, places: &Range<u64>) -> Option<Vec<PairAt>> {
        self.alignment.map(|it| it.pairs(places.clone()))
    }

    /// The byte of a row that is nearest to a column, unless the file has none there.
    pub(crate) fn nearest(self, row: u64, column: u64) -> Option<u64> {
        let bytes = self.bytes(&self.span(row));
        if self.regions.is_some() {
            let first = bytes.start - bytes.start % self.row_len;
            let at = first.saturating_add(column).max(bytes.start);
            return (!bytes.is_empty()).then(|| at.min(bytes.end - 1));
        }
        let place = self.at(row, column);
        if self.alignment.is_none() {
            return Some(place);
        }
        (!bytes.is_empty()).then(|| self.offset(place).min(bytes.end - 1))
    }

    /// The column of a place. A heading has none, and counts as the first one.
    pub(crate) fn column(self, place: u64) -> u64 {
        let place = match self.regions {
            Some(_) if self.heading(place).is_some() => 0,
            Some(regions) => regions.offset(place),
            None => place,
        };
        (place % self.row_len + self.row_len - self.phase) % self.row_len
    }

    /// The column of an offset, also of one whose bytes have no rows.
    pub(crate) fn column_of(self, offset: u64) -> u64 {
        if self.regions.is_some() { offset % self.row_len } else { self.column(self.place(offset)) }
    }

    /// The start of the row of a place, if nothing were folded.
    pub(crate) fn row_of(self, place: u64) -> u64 {
        place.saturating_sub(self.column(place)).max(self.body_of(place).start)
    }

    /// The place in a column of a row, or the first one if the row starts further right.
    pub(crate) fn at(self, row: u64, column: u64) -> u64 {
        let place = row.saturating_add(column.saturating_sub(self.column(row)));
        // A row at the end of a region may be short.
        place.min(self.body_of(row).end.saturating_sub(1))
    }

    /// The places of the bytes around a place that are rows without a heading in between.
    fn body_of(self, place: u64) -> Range<u64> {
        match self.regions.and_then(|it| it.part_at(place)) {
            Some(part) if self.heading(place).is_none() => part.body(),
            Some(_) => place..place.saturating_add(1),
            None => 0..u64::MAX,
        }
    }

    /// What the row at a place says of a part, if it shows no bytes.
    pub(crate) fn heading(self, place: u64) -> Option<Heading<'a>> {
        let part = self.regions?.part_at(place)?;
        if part.is_open() {
            (place == part.places.start).then_some(Heading::Above(part))
        } else {
            Some(Heading::Whole(part))
        }
    }

    /// The fold that hides a place.
    pub(crate) fn fold(self, place: u64) -> Option<Range<u64>> {
        if let Some(alignment) = self.alignment {
            return alignment.fold(place, self.row_len).map(|(range, _)| range);
        }
        if self.heading(place).is_some() {
            return Some(place..place.saturating_add(1));
        }
        let run = self.run(place)?;
        let folded = self.place(run.range.start).saturating_add(self.row_len)..self.end_of(run);
        folded.contains(&place).then_some(folded)
    }

    /// The run of repeated rows that a place is in.
    pub(crate) fn run(self, place: u64) -> Option<&'a Run> {
        if self.heading(place).is_some() {
            return None;
        }
        self.folds.run(self.offset(place))
    }

    /// The place after a run, which is in one part.
    fn end_of(self, run: &Run) -> u64 {
        let last = run.range.end.saturating_sub(1);
        self.place(last).saturating_add(1)
    }

    /// Why aligned rows are folded.
    pub(crate) fn fold_of(self, place: u64) -> Option<FoldOf> {
        self.alignment?.fold(place, self.row_len).map(|(_, of)| of)
    }

    /// The start of the next fold, if that is at or before a place.
    fn fold_after(self, row: u64, until: u64) -> Option<u64> {
        if let Some(alignment) = self.alignment {
            return alignment.fold_after(row, until, self.row_len);
        }
        let run = self.folds.hides_after(self.offset(row), self.row_len);
        let fold = run.map(|run| self.place(run.range.start).saturating_add(self.row_len));
        let end = self.regions.map(|_| self.body_of(row).end);
        fold.into_iter().chain(end).min()
    }

    /// The end of the previous fold, if that is at or after a place.
    fn fold_before(self, row: u64, until: u64) -> Option<u64> {
        if let Some(alignment) = self.alignment {
            return alignment.fold_before(row, until, self.row_len);
        }
        let run = self.folds.ends_before(self.offset(row));
        let fold = run.map(|run| self.end_of(run));
        let start = self.regions.map(|_| self.body_of(row).start);
        fold.into_iter().chain(start).max()
    }

    /// Start of the row that shows a place.
    pub(crate) fn start(self, place: u64) -> u64 {
        self.fold(place).map_or_else(|| self.row_of(place), |fold| fold.start)
    }

    /// The places that the row at `start` stands for.
    pub(crate) fn span(self, start: u64) -> Range<u64> {
        let end = if let Some(fold) = self.fold(start) {
            fold.end
        } else {
            let end = start.saturating_add(self.row_len - self.column(start));
            end.min(self.body_of(start).end)
        };
        start..end.min(self.len)
    }

    /// The row below.
    pub(crate) fn next(self, start: u64) -> Option<u64> {
        let end = self.span(start).end;
        (end < self.len && end > start).then_some(end)
    }

    /// The row above.
    pub(crate) fn previous(self, start: u64) -> Option<u64> {
        start.checked_sub(1).map(|before| self.start(before))
    }

    /// The row `by` rows below, or the last one.
    pub(crate) fn down(self, start: u64, by: u64) -> u64 {
        let (mut row, mut left) = (start, by);
        while left > 0
            && let Some(next) = self.next(row)
        {
            (row, left) = (next, left - 1);
            // The first row of a region may be shorter.
            let is_whole = self.regions.is_none() || self.column(row) == 0;
            if self.fold(row).is_none() && is_whole {
                // Up to the next fold, all rows have the same length.
                let until = row.saturating_add(left.saturating_mul(self.row_len));
                let fold = self.fold_after(row, until).unwrap_or(u64::MAX);
                let last = fold.min(self.len).saturating_sub(1).max(row);
                let steps = left.min((last - row) / self.row_len);
                (row, left) = (row + steps * self.row_len, left - steps);
            }
        }
        row
    }

    /// The row `by` rows above, or the first one.
    pub(crate) fn up(self, start: u64, by: u64) -> u64 {
        let (mut row, mut left) = (start, by);
        while left > 0
            && let Some(previous) = self.previous(row)
        {
            (row, left) = (previous, left - 1);
            if self.fold(row).is_none() {
                // Down to the previous fold, all rows have the same length.
                let until = row.saturating_sub(left.saturating_mul(self.row_len));
                let floor = self.fold_before(row, until).unwrap_or(0);
                let steps = left.min(row.saturating_sub(floor) / self.row_len);
                (row, left) = (row - steps * self.row_len, left - steps);
            }
        }
        row
    }

    /// Up to `count` rows from `top` on.
    pub(crate) fn from(self, top: u64, count: u16) -> impl Iterator<Item = Range<u64>> {
        let first = (top < self.len).then(|| self.start(top));
        std::iter::successors(first, move |&row| self.next(row))
            .take(count.into())
            .map(move |row| self.span(row))
    }

    /// The first of `count` rows so that a place is visible, as close to `top` as possible.
    pub(crate) fn scrolled_to(self, place: u64, top: u64, count: u16) -> u64 {
        let row = self.start(place);
        let top = self.start(top);
        if row <= top {
            return if row < top { self.with_heading(row) } else { row };
        }
        top.max(self.up(row, u64::from(count).saturating_sub(1)))
    }

    /// The heading directly above a row, or the row.
    pub(crate) fn with_heading(self, row: u64) -> u64 {
        let above = row.checked_sub(1).filter(|&above| {
            matches!(self.heading(above), Some(Heading::Above(part)) if part.body().start == row)
        });
        above.unwrap_or(row)
    }

    /// The largest `top` that leaves no row of the screen empty.
    pub(crate) fn last_top(self, count: u16) -> u64 {
        self.scrolled_to(self.len.saturating_sub(1), 0, count)
    }
}

#[cfg(test)]
mod tests;
