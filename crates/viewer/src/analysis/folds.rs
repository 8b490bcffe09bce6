//! Runs of repeating rows, which the view folds.

use std::ops::Range;

use crate::analysis::repeat_rows::Run;

/// The runs of equal rows known so far, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Folds(Vec<Run>);

impl Folds {
    /// No known runs.
    pub(crate) const NONE: Self = Self(Vec::new());

    /// Adds a run, merging it with the runs it overlaps.
    pub(crate) fn take(&mut self, run: Run) {
        let mut run = run;
        self.0.retain(|old| {
            // Adjacent runs may consist of different rows, so only overlapping ones merge.
            if old.range.start >= run.range.end || run.range.start >= old.range.end {
                return true;
            }
            if old.range.end > run.range.end {
                run.range.end = old.range.end;
                run.is_end_known = old.is_end_known;
            }
            if old.range.start < run.range.start {
                run.range.start = old.range.start;
                run.is_start_known = old.is_start_known;
            }
            run.is_hole &= old.is_hole;
            run.is_zero &= old.is_zero;
            false
        });
        let at = self.0.partition_point(|old| old.range.start < run.range.start);
        self.0.insert(at, run);
    }

    /// Adds a run that starts after all others.
    pub(crate) fn push(&mut self, run: Run) {
        self.0.push(run);
    }

    /// Removes the runs that overlap a range.
    pub(crate) fn forget(&mut self, range: &Range<u64>) {
        self.0.retain(|run| run.range.end <= range.start || range.end <= run.range.start);
    }

    /// The first run that hides rows after a position. `row_len` is in bytes.
    pub(crate) fn hides_after(&self, position: u64, row_len: u64) -> Option<&Run> {
        let is_before = |run: &Run| run.range.start.saturating_add(row_len) <= position;
        let after = self.0.partition_point(is_before);
        self.0.get(after..)?.iter().find(|run| run.range.end - run.range.start > row_len)
    }

    /// The last run that ends at or before a position.
    pub(crate) fn ends_before(&self, position: u64) -> Option<&Run> {
        let after = self.0.partition_point(|run| run.range.end <= position);
        self.0.get(after.checked_sub(1)?)
    }

    /// The run that contains a position.
    pub(crate) fn run(&self, position: u64) -> Option<&Run> {
        let after = self.0.partition_point(|run| run.range.start <= position);
        self.0.get(after.checked_sub(1)?).filter(|run| position < run.range.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_that_overlap_are_one_and_those_that_meet_are_two() {
        let mut folds = Folds::default();
        [0..100, 100..200, 150..300].map(Run::of_zeros).into_iter().for_each(|run| folds.take(run));
        assert_eq!(folds.0, [Run::of_zeros(0..100), Run::of_zeros(100..300)]);
        assert_eq!(folds.run(99).map(|run| run.range.clone()), Some(0..100));
        assert_eq!(folds.run(300), None);
        let mut growing = Folds::default();
        growing.take(Run { is_end_known: false, ..Run::of_zeros(0..64) });
        growing.take(Run::of_zeros(0..96));
        assert_eq!(growing.0, [Run::of_zeros(0..96)]);
    }
}
