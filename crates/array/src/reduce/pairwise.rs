//! Pairwise summation.

/// Adds lanes of numbers as the leaves of a balanced tree: each of n takes part in log2(n) additions
/// instead of n.
///
/// # Source
/// N. Higham, "The accuracy of floating point summation", 1993.
#[derive(Debug, Clone)]
pub(super) struct Pairwise<const LANES: usize> {
    /// The sums of 1, 2, 4, … leaves, valid where the count has that bit.
    levels: [[f64; LANES]; LEVELS],
    count: u64,
}

/// Enough for any number of elements in memory.
const LEVELS: usize = 64;

impl<const LANES: usize> Default for Pairwise<LANES> {
    fn default() -> Self {
        Self { levels: [[0.0; LANES]; LEVELS], count: 0 }
    }
}

impl<const LANES: usize> Pairwise<LANES> {
    #[inline(never)]
    pub(super) fn add<T: Copy + Into<f64>>(&mut self, numbers: &[T; LANES]) {
        let mut sum = numbers.map(T::into);
        let mut bits = self.count;
        for level in &mut self.levels {
            if bits & 1 == 0 {
                *level = sum;
                break;
            }
            sum.iter_mut().zip(&*level).for_each(|(sum, below)| *sum += below);
            bits >>= 1;
        }
        self.count = self.count.wrapping_add(1);
    }

    /// The sum of each lane.
    pub(super) fn totals(&self) -> [f64; LANES] {
        let mut totals = [0.0; LANES];
        let mut bits = self.count;
        for level in &self.levels {
            if bits & 1 != 0 {
                totals.iter_mut().zip(level).for_each(|(total, sum)| *total += sum);
            }
            bits >>= 1;
        }
        totals
    }
}

/// The sum of the numbers, added as a tree.
pub(super) fn add_up(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut tree = Pairwise::<1>::default();
    numbers.for_each(|number| tree.add(&[number]));
    let [total] = tree.totals();
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_tenths_are_exact_to_the_last_digits() {
        let total = add_up(std::iter::repeat_n(0.1, 1_000_000));
        assert!((total - 100_000.0).abs() < 1e-10, "{total}");
        // One after the other they are not.
        let naive = std::iter::repeat_n(0.1, 1_000_000).fold(0.0, |sum, tenth| sum + tenth);
        assert!((naive - 100_000.0_f64).abs() > 1e-7);
    }

    #[test]
    fn what_is_not_finite_stays_so() {
        let sum = |numbers: &[f64]| add_up(numbers.iter().copied());
        assert_eq!(sum(&[]).to_bits(), 0.0_f64.to_bits());
        assert_eq!(sum(&[1.0, f64::INFINITY, 2.0]).to_bits(), f64::INFINITY.to_bits());
        assert!(sum(&[f64::NEG_INFINITY, f64::INFINITY, 2.0]).is_nan());
        assert!(sum(&[1.0, f64::NAN, 2.0]).is_nan());
    }

    #[test]
    fn lanes_are_added_each_for_itself() {
        let mut tree = Pairwise::<2>::default();
        (0..1000).for_each(|number| tree.add(&[f64::from(number), 1.0]));
        let totals = tree.totals().map(f64::to_bits);
        assert_eq!(totals, [499_500.0_f64.to_bits(), 1000.0_f64.to_bits()]);
    }
}
