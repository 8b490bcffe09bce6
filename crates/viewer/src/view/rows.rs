//! Rows as shown on the screen. Most have a few bytes; a fold stands for a long run of equal rows.

use std::ops::Range;

use crate::analysis::folds::Folds;

/// Maps positions to screen rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows<'a> {
    pub(crate) row_len: u64,
    /// Where the first whole row starts, less than a row: the row above it is shorter.
    pub(crate) phase: u64,
    pub(crate) len: u64,
    pub(crate) folds: &'a Folds,
}

impl Rows<'_> {
    /// The column of a position.
    pub(crate) fn column(self, position: u64) -> u64 {
        (position % self.row_len + self.row_len - self.phase) % self.row_len
    }

    /// The start of the row of a position, if nothing were folded.
    pub(crate) fn row_of(self, position: u64) -> u64 {
        position.saturating_sub(self.column(position))
    }

    /// The position in a column of a row, or the first one if the row starts further right.
    pub(crate) fn at(self, row: u64, column: u64) -> u64 {
        row.saturating_add(column.saturating_sub(self.column(row)))
    }

    /// The fold that hides a position.
    pub(crate) fn fold(self, position: u64) -> Option<Range<u64>> {
        let run = self.folds.run(position)?;
        let folded = run.range.start.saturating_add(self.row_len)..run.range.end;
        folded.contains(&position).then_some(folded)
    }

    /// Start of the row that shows a position.
    pub(crate) fn start(self, position: u64) -> u64 {
        self.fold(position).map_or_else(|| self.row_of(position), |fold| fold.start)
    }

    /// The bytes that the row at `start` stands for.
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
                let run = self.folds.hides_after(row, self.row_len);
                let fold = run.map_or(u64::MAX, |run| run.range.start.saturating_add(self.row_len));
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
                let floor = self.folds.ends_before(row).map_or(0, |run| run.range.end);
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

    /// The first of `count` rows so that `cursor` is visible, as close to `top` as possible.
    pub(crate) fn scrolled_to(self, cursor: u64, top: u64, count: u16) -> u64 {
        let row = self.start(cursor);
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
    use proptest::prelude::*;

    use super::*;
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
        let rows = Rows { row_len: 16, phase: 0, len: 1 << 40, folds: &folds };
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
            let rows = Rows { row_len: 16, phase: 0, len, folds: &folds };
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

    #[test]
    fn with_a_phase_the_first_row_is_shorter() {
        let folds = Folds::default();
        let rows = Rows { row_len: 16, phase: 3, len: 40, folds: &folds };
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
        let rows = Rows { row_len: 16, phase: 0, len: 0x1018, folds: &folds };
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
        let rows = Rows { row_len: 16, phase: 0, len: 1 << 40, folds: &folds };
        assert_eq!(rows.from(0, 20).collect::<Vec<_>>(), [0..16, 16..1 << 40]);
        assert_eq!((rows.last_top(20), rows.start((1 << 40) - 1)), (0, 16));
    }
}
