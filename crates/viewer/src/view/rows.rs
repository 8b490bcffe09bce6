//! Rows as shown on the screen. Most have a few bytes; a fold stands for a long run of equal rows.
//!
//! Rows are made of places. Those of one file are its offsets. Those of two aligned files are the places of their
//! alignment: some have a byte of one file only.

use std::ops::Range;

use crate::analysis::alignment::{Alignment, FoldOf, PairAt};
use crate::analysis::folds::Folds;

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
}

impl<'a> Rows<'a> {
    /// The rows of two aligned files.
    pub(crate) fn aligned(alignment: Alignment<'a>, row_len: u64) -> Self {
        const NO_FOLDS: &Folds = &Folds::NONE;
        let (len, alignment) = (alignment.len(), Some(alignment));
        Self { row_len, phase: 0, len, folds: NO_FOLDS, alignment }
    }

    /// The place of an offset.
    pub(crate) fn place(self, offset: u64) -> u64 {
        self.alignment.map_or(offset, |it| it.place(offset))
    }

    /// The offset at a place, or the next one if the file has no byte there.
    pub(crate) fn offset(self, place: u64) -> u64 {
        self.alignment.map_or(place, |it| it.offset(place))
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
        let place = self.at(row, column);
        if self.alignment.is_none() {
            return Some(place);
        }
        let bytes = self.bytes(&self.span(row));
        (!bytes.is_empty()).then(|| self.offset(place).min(bytes.end - 1))
    }

    /// The column of a place.
    pub(crate) fn column(self, place: u64) -> u64 {
        (place % self.row_len + self.row_len - self.phase) % self.row_len
    }

    /// The start of the row of a place, if nothing were folded.
    pub(crate) fn row_of(self, place: u64) -> u64 {
        place.saturating_sub(self.column(place))
    }

    /// The place in a column of a row, or the first one if the row starts further right.
    pub(crate) fn at(self, row: u64, column: u64) -> u64 {
        row.saturating_add(column.saturating_sub(self.column(row)))
    }

    /// The fold that hides a place.
    pub(crate) fn fold(self, place: u64) -> Option<Range<u64>> {
        if let Some(alignment) = self.alignment {
            return alignment.fold(place, self.row_len).map(|(range, _)| range);
        }
        let run = self.folds.run(place)?;
        let folded = run.range.start.saturating_add(self.row_len)..run.range.end;
        folded.contains(&place).then_some(folded)
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
        let run = self.folds.hides_after(row, self.row_len)?;
        Some(run.range.start.saturating_add(self.row_len))
    }

    /// The end of the previous fold, if that is at or after a place.
    fn fold_before(self, row: u64, until: u64) -> Option<u64> {
        match self.alignment {
            Some(alignment) => alignment.fold_before(row, until, self.row_len),
            None => self.folds.ends_before(row).map(|run| run.range.end),
        }
    }

    /// Start of the row that shows a place.
    pub(crate) fn start(self, place: u64) -> u64 {
        self.fold(place).map_or_else(|| self.row_of(place), |fold| fold.start)
    }

    /// The places that the row at `start` stands for.
    pub(crate) fn span(self, start: u64) -> Range<u64> {
        let end = match self.fold(start) {
            Some(fold) => fold.end,
            None => start.saturating_add(self.row_len - self.column(start)),
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
            if self.fold(row).is_none() {
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
            return row;
        }
        top.max(self.up(row, u64::from(count).saturating_sub(1)))
    }

    /// The largest `top` that leaves no row of the screen empty.
    pub(crate) fn last_top(self, count: u16) -> u64 {
        self.scrolled_to(self.len.saturating_sub(1), 0, count)
    }
}

#[cfg(test)]
mod tests {
    use memmap::compare::Side;
    use proptest::prelude::*;

    use super::*;
    use crate::analysis::alignment::testing::two_files;
    use crate::analysis::repeat_rows::Run;

    fn folds(runs: &[Range<u64>]) -> Folds {
        let mut folds = Folds::default();
        for range in runs {
            folds.take(Run::of_zeros(range.clone()));
        }
        folds
    }

    #[test]
    fn scrolling_moves_no_further_than_it_must() {
        let folds = Folds::default();
        let rows = Rows { row_len: 16, phase: 0, len: 1 << 40, folds: &folds, alignment: None };
        assert_eq!(rows.scrolled_to(0x1000, 0x1000, 20), 0x1000);
        assert_eq!(rows.scrolled_to(0x0FFF, 0x1000, 20), 0x0FF0);
        assert_eq!(rows.scrolled_to(0x113F, 0x1000, 20), 0x1000);
        assert_eq!(rows.scrolled_to(0x1140, 0x1000, 20), 0x1010);
        assert_eq!(rows.scrolled_to(u64::MAX, 0, 20), u64::MAX - 15 - 19 * 16);
        let last_top = |len| Rows { len, ..rows }.last_top(20);
        assert_eq!((last_top(0), last_top(5), last_top(321)), (0, 0, 16));
    }

    proptest! {
        #[test]
        fn many_rows_at_once_are_as_many_one_by_one(
            runs in prop::collection::vec((0..60_u64, 1..20_u64), 0..6),
            len in 1..1200_u64,
            from: u64,
            by in 0..90_u64,
        ) {
            let runs = runs.into_iter().map(|(row, rows)| row * 16..(row + rows) * 16);
            let runs: Vec<_> = runs.filter(|run| run.end <= len).collect();
            let folds = folds(&runs);
            let rows = Rows { row_len: 16, phase: 0, len, folds: &folds, alignment: None };
            let start = rows.start(from % len);
            let (mut down, mut up) = (start, start);
            for _ in 0..by {
                down = rows.next(down).unwrap_or(down);
                up = rows.previous(up).unwrap_or(up);
            }
            prop_assert_eq!((rows.down(start, by), rows.up(start, by)), (down, up));
            let (first, last) = (rows.up(start, u64::MAX), rows.down(start, u64::MAX));
            prop_assert_eq!((first, rows.next(last)), (0, None));
        }
    }

    proptest! {
        #[test]
        fn aligned_rows_are_the_same_down_and_up_and_in_one_step(
            files in two_files(),
            row_len in 1..40_u64,
            folds_from in prop::option::of(0..6_u64),
            from: u64,
            by in 0..60_u64,
        ) {
            for side in [Side::A, Side::B] {
                let rows = Rows::aligned(files.alignment(side, folds_from), row_len);
                let all: Vec<Range<u64>> = rows.from(0, u16::MAX).collect();
                let ends = std::iter::once(0).chain(all.iter().map(|row| row.end));
                prop_assert!(all.iter().map(|row| row.start).eq(ends.take(all.len())));
                prop_assert_eq!(all.last().map_or(0, |row| row.end), rows.len);
                let own = if side == Side::A { &files.a } else { &files.b };
                // Their bytes are those of the file, in order.
                let mut end = 0;
                for row in &all {
                    let bytes = rows.bytes(row);
                    prop_assert_eq!(bytes.start, end);
                    end = bytes.end;
                    let pairs = rows.pairs(row).unwrap();
                    let cells: Vec<u64> = pairs.iter().filter_map(|it| it.own).collect();
                    prop_assert_eq!(cells, bytes.clone().collect::<Vec<_>>());
                    let is_whole = row.end - row.start == row_len || row.end == rows.len;
                    prop_assert!(is_whole || rows.fold(row.start) == Some(row.clone()));
                    let column = from % row_len;
                    let nearest = rows.nearest(row.start, column);
                    prop_assert!(nearest.is_none_or(|at| bytes.contains(&at)));
                    prop_assert_eq!(nearest.is_none(), bytes.is_empty());
                }
                prop_assert_eq!(end, memmap::widen(own.len()));
                let mut back: Vec<u64> =
                    std::iter::successors(all.last().map(|row| row.start), |&row| rows.previous(row)).collect();
                back.reverse();
                prop_assert!(back.iter().copied().eq(all.iter().map(|row| row.start)));
                if rows.len == 0 {
                    continue;
                }
                let start = rows.start(from % rows.len);
                let at = all.iter().position(|row| row.start == start);
                prop_assert!(at.is_some());
                let (at, by_rows) = (at.unwrap_or(0), usize::try_from(by).unwrap());
                let down = all[(at + by_rows).min(all.len() - 1)].start;
                prop_assert_eq!(rows.down(start, by), down);
                prop_assert_eq!(rows.up(start, by), all[at.saturating_sub(by_rows)].start);
                for offset in 0..memmap::widen(own.len()) {
                    let place = rows.place(offset);
                    prop_assert_eq!(rows.offset(place), offset);
                }
            }
        }
    }

    #[test]
    fn with_a_phase_the_first_row_is_shorter() {
        let folds = Folds::default();
        let rows = Rows { row_len: 16, phase: 3, len: 40, folds: &folds, alignment: None };
        assert_eq!(rows.from(0, 9).collect::<Vec<_>>(), [0..3, 3..19, 19..35, 35..40]);
        assert_eq!((rows.start(2), rows.start(3), rows.start(39)), (0, 3, 35));
        assert_eq!((rows.column(0), rows.column(2), rows.column(3)), (13, 15, 0));
        assert_eq!((rows.at(0, 1), rows.at(0, 14), rows.at(19, 14)), (0, 1, 33));
        assert_eq!((rows.up(35, 9), rows.down(0, 2), rows.up(35, 2)), (0, 19, 3));
        assert_eq!((rows.previous(3), rows.last_top(2)), (Some(0), 19));
    }

    #[test]
    fn a_fold_is_one_row_down_and_up() {
        let folds = folds(std::slice::from_ref(&(0x20..0x1000)));
        let rows = Rows { row_len: 16, phase: 0, len: 0x1018, folds: &folds, alignment: None };
        let all: Vec<_> = rows.from(0, 20).collect();
        assert_eq!(
            all,
            [0..0x10, 0x10..0x20, 0x20..0x30, 0x30..0x1000, 0x1000..0x1010, 0x1010..0x1018]
        );
        let mut back = vec![rows.start(0x1017)];
        while let Some(row) = rows.previous(*back.last().unwrap()) {
            back.push(row);
        }
        back.reverse();
        assert_eq!(back, all.iter().map(|row| row.start).collect::<Vec<_>>());
        assert_eq!(rows.last_top(3), 0x30);
        assert_eq!(rows.scrolled_to(0x800, 0, 2), 0x20);
    }

    #[test]
    fn a_fold_that_reaches_the_end_is_the_last_row() {
        let folds = folds(std::slice::from_ref(&(0..1 << 40)));
        let rows = Rows { row_len: 16, phase: 0, len: 1 << 40, folds: &folds, alignment: None };
        assert_eq!(rows.from(0, 20).collect::<Vec<_>>(), [0..16, 16..1 << 40]);
        assert_eq!((rows.last_top(20), rows.start((1 << 40) - 1)), (0, 16));
    }
}
