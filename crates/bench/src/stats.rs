//! Summaries of many measurements.

/// The median and the extremes of some numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Spread {
    /// `None` if there are no numbers.
    pub(crate) fn of(numbers: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = numbers.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let (&min, &max) = (sorted.first()?, sorted.last()?);
        let upper = sorted.get(sorted.len() / 2)?;
        let lower = sorted.get((sorted.len() - 1) / 2)?;
        Some(Self { median: f64::midpoint(*lower, *upper), min, max })
    }

    /// Their times divided by ours, round by round.
    pub(crate) fn of_ratios(theirs: &[f64], ours: &[f64]) -> Option<Self> {
        Self::of(theirs.iter().zip(ours).map(|(theirs, ours)| theirs / ours))
    }
}

/// A count as a floating-point number.
#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "fewer digits are printed than `f64` holds"
)]
pub(crate) const fn real(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(numbers: &[f64], median: f64, min: f64, max: f64) {
        let spread = Spread::of(numbers.iter().copied());
        assert_eq!(spread, Some(Spread { median, min, max }), "{numbers:?}");
    }

    #[test]
    fn the_median_is_the_middle_or_between_the_two_middles() {
        check(&[7.0], 7.0, 7.0, 7.0);
        check(&[9.0, 1.0, 2.0], 2.0, 1.0, 9.0);
        check(&[9.0, 1.0, 2.0, 4.0], 3.0, 1.0, 9.0);
    }

    #[test]
    fn no_numbers_have_no_spread() {
        assert_eq!(Spread::of([]), None);
    }

    #[test]
    fn a_ratio_is_taken_within_its_round() {
        // In the second round the machine was ten times slower, which the ratio does not show.
        let ratio = Spread::of_ratios(&[4.0, 40.0], &[2.0, 20.0]).unwrap();
        assert_eq!(ratio, Spread { median: 2.0, min: 2.0, max: 2.0 });
    }
}
