//! Rows as the screen has them, one below the other: most show a few bytes, and some stand for a
//! long run of rows that are all the same.

use std::ops::Range;

use crate::analysis::folds::Folds;

/// How positions become rows of the screen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows<'a> {
    pub(crate) row_len: u64,
    pub(crate) len: u64,
    pub(crate) folds: &'a Folds,
}

impl Rows<'_> {
    /// The fold that hides a position.
    pub(crate) fn fold(self, position: u64) -> Option<Range<u64>> {
        let run = self.folds.run(position)?;
        let folded = run.range.start.saturating_add(self.row_len)..run.range.end;
        folded.contains(&position).then_some(folded)
    }

    /// Where the row begins that shows a position.
    pub(crate) fn start(self, position: u64) -> u64 {
        self.fold(position).map_or(position - position % self.row_len, |fold| fold.start)
    }

    /// The bytes that the row at `start` stands for.
    pub(crate) fn span(self, start: u64) -> Range<u64> {
        let end = match self.fold(start) {
            Some(fold) => fold.end,
            None => start.saturating_add(self.row_len),
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

    /// So many rows below, or the last one.
    pub(crate) fn down(self, start: u64, by: u64) -> u64 {
        let mut row = start;
        for _ in 0..by {
            let Some(next) = self.next(row) else { break };
            row = next;
        }
        row
    }

    /// So many rows above, or the first one.
    pub(crate) fn up(self, start: u64, by: u64) -> u64 {
        let mut row = start;
        for _ in 0..by {
            let Some(previous) = self.previous(row) else { break };
            row = previous;
        }
        row
    }

    /// The rows from `top` on, as many as `count`.
    pub(crate) fn from(self, top: u64, count: u16) -> impl Iterator<Item = Range<u64>> {
        let first = (top < self.len).then(|| self.start(top));
        std::iter::successors(first, move |&row| self.next(row))
            .take(count.into())
            .map(move |row| self.span(row))
    }

    /// Where the first of `count` rows must start so that `cursor` is among them, as close to
    /// `top` as that allows.
    pub(crate) fn scrolled_to(self, cursor: u64, top: u64, count: u16) -> u64 {
        let row = self.start(cursor);
        let top = self.start(top);
        if row <= top {
            return row;
        }
        top.max(self.up(row, u64::from(count).saturating_sub(1)))
    }

    /// The last top that wastes no row of the screen.
    pub(crate) fn last_top(self, count: u16) -> u64 {
        self.scrolled_to(self.len.saturating_sub(1), 0, count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::repeat_rows::Run;

    fn run(range: Range<u64>) -> Run {
        Run { range, is_hole: false, is_zero: true, is_start_known: true, is_end_known: true }
    }

    fn folds(runs: &[Range<u64>]) -> Folds {
        let mut folds = Folds::default();
        for range in runs {
            folds.take(run(range.clone()));
        }
        folds
    }

    #[test]
    fn scrolling_moves_no_further_than_it_must() {
        let folds = Folds::default();
        let rows = Rows { row_len: 16, len: 1 << 40, folds: &folds };
        assert_eq!(rows.scrolled_to(0x1000, 0x1000, 20), 0x1000);
        assert_eq!(rows.scrolled_to(0x0FFF, 0x1000, 20), 0x0FF0);
        assert_eq!(rows.scrolled_to(0x113F, 0x1000, 20), 0x1000);
        assert_eq!(rows.scrolled_to(0x1140, 0x1000, 20), 0x1010);
        assert_eq!(rows.scrolled_to(u64::MAX, 0, 20), u64::MAX - 15 - 19 * 16);
        let last_top = |len| Rows { len, ..rows }.last_top(20);
        assert_eq!((last_top(0), last_top(5), last_top(321)), (0, 0, 16));
    }

    #[test]
    fn a_fold_is_one_row_down_and_up() {
        let folds = folds(std::slice::from_ref(&(0x20..0x1000)));
        let rows = Rows { row_len: 16, len: 0x1018, folds: &folds };
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
        let rows = Rows { row_len: 16, len: 1 << 40, folds: &folds };
        assert_eq!(rows.from(0, 20).collect::<Vec<_>>(), [0..16, 16..1 << 40]);
        assert_eq!((rows.last_top(20), rows.start((1 << 40) - 1)), (0, 16));
    }
}
