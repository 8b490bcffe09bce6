//! Long stretches in which two files are equal, which the view folds.

use std::ops::Range;

use memmap::compare::Side;

use crate::analysis::difference_list::DifferenceList;
use crate::analysis::folds::Folds;
use crate::analysis::repeat_rows::Run;

/// The stretches found so far, as runs of rows of each side.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct EqualStretches {
    folds: [Folds; 2],
    row_len: u64,
    /// Number of differences looked at, and the end of the last one on the first side.
    seen: usize,
    end: u64,
    is_complete: bool,
}

impl EqualStretches {
    /// The runs of a side, if rows have this length.
    pub(crate) fn folds(&self, side: Side, row_len: u64) -> Option<&Folds> {
        let [first, second] = &self.folds;
        (self.row_len == row_len).then_some(if side == Side::A { first } else { second })
    }

    /// Looks for stretches of at least `rows_min` rows between differences that are new in the list. Once it is
    /// complete, the stretch after the last one counts, too. `common` was compared, of the first side.
    pub(crate) fn extend(
        &mut self,
        list: &DifferenceList,
        is_complete: bool,
        common: &Range<u64>,
        (row_len, rows_min): (u64, u64),
    ) {
        if self.row_len != row_len {
            *self = Self { row_len, end: common.start, ..Self::default() };
        }
        while let Some(found) = list.get(self.seen) {
            let end = found.a.start - found.a.start % row_len;
            self.add(self.end..end, list.shift(), rows_min);
            (self.seen, self.end) = (self.seen + 1, found.a.end);
        }
        if is_complete && !self.is_complete && !list.is_cut() {
            self.is_complete = true;
            self.add(self.end..common.end, list.shift(), rows_min);
        }
    }

    /// Adds the whole rows of a stretch of the first side.
    fn add(&mut self, equal: Range<u64>, shift: i64, rows_min: u64) {
        let Some(start) = equal.start.checked_next_multiple_of(self.row_len) else { return };
        let least = self.row_len.saturating_mul(rows_min.max(2));
        if equal.end.saturating_sub(start) < least {
            return;
        }
        let across = |at| u64::try_from(i128::from(at) + i128::from(shift)).unwrap_or(0);
        let second = across(start)..across(equal.end);
        for (folds, range) in self.folds.iter_mut().zip([start..equal.end, second]) {
            folds.push(Run {
                range,
                is_hole: false,
                is_unreadable: false,
                is_zero: false,
                is_start_known: true,
                is_end_known: true,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use memmap::compare::{Difference, DifferenceKind};

    use super::*;

    #[test]
    fn stretches_of_whole_rows_are_found_as_differences_come() {
        let mut list = DifferenceList::new(3);
        let mut stretches = EqualStretches::default();
        let find = |it: &EqualStretches, side, at| {
            it.folds(side, 16).and_then(|folds| folds.run(at)).map(|run| run.range.clone())
        };
        stretches.extend(&list, false, &(0..1000), (16, 4));
        assert_eq!(find(&stretches, Side::A, 100), None);
        for start in [300, 340, 500] {
            let (a, b) = (start..start + 1, start + 3..start + 4);
            list.push(&Difference { kind: DifferenceKind::Changed, a, b });
        }
        stretches.extend(&list, false, &(0..1000), (16, 4));
        assert_eq!(find(&stretches, Side::A, 100), Some(0..288));
        assert_eq!(find(&stretches, Side::B, 100), Some(3..291));
        assert_eq!((find(&stretches, Side::A, 320), find(&stretches, Side::A, 600)), (None, None));
        assert_eq!(find(&stretches, Side::A, 400), Some(352..496));
        stretches.extend(&list, true, &(0..1000), (16, 4));
        assert_eq!(find(&stretches, Side::A, 999), Some(512..1000));
        // Other rows are other stretches.
        stretches.extend(&list, true, &(0..1000), (8, 4));
        assert_eq!(find(&stretches, Side::A, 100), None);
        assert_eq!(stretches.folds(Side::A, 8).unwrap().run(299).map(|it| it.range.end), None);
        assert_eq!(stretches.folds(Side::A, 8).unwrap().run(280).unwrap().range, 0..296);
    }
}
