//! The nodes that the first row of a window is in: they stay at the top, in place of rows.
//!
//! They take no line that the chosen row needs, as a window keeps that many lines above it.

use memmap_structure::Row;

/// The lines at the top that they may take: a third.
fn most(height: usize) -> usize {
    height / 3
}

/// How many lines a window keeps above a row of this depth.
pub(crate) fn margin(depth: usize, height: usize) -> usize {
    // The root is named in the title.
    depth.saturating_sub(1).min(most(height))
}

/// How many rows at the top of a window give way, and the one whose nodes above take their place: the first
/// after them, or one that gave way, if that is deeper.
pub(crate) fn count(rows: &[Row], height: usize) -> (usize, Option<&Row>) {
    let taken = lines(|at| rows.get(at).map(|row| row.depth), height);
    let next = rows.get(taken).filter(|it| margin(it.depth, height) == taken);
    (taken, next.or_else(|| rows.get(taken.checked_sub(1)?)))
}

fn lines(depth: impl Fn(usize) -> Option<usize>, height: usize) -> usize {
    let above = |at| depth(at).map_or(0, |it| margin(it, height));
    let mut taken = 0;
    while above(taken) > taken {
        taken += 1;
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_lines_are_taken_as_the_first_row_after_them_needs() {
        let of = |depths: &[usize]| lines(|at| depths.get(at).copied(), 9);
        assert_eq!(of(&[1, 1, 2, 2]), 0);
        assert_eq!(of(&[2, 2, 2, 2]), 1);
        assert_eq!(of(&[4, 4, 4, 4, 4, 4]), 3);
        assert_eq!(of(&[6, 6, 6, 6, 6, 6]), 3);
        // The last element of a list gives way to the list.
        assert_eq!(of(&[2, 1, 1, 1]), 1);
        assert_eq!(of(&[0, 1, 2]), 0);
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config {
            failure_persistence: None,
            ..proptest::test_runner::Config::default()
        })]

        #[test]
        fn the_chosen_row_never_gives_way(
            depths in proptest::collection::vec(0..9_usize, 1..40), line in 0..40_usize, height in 1..30_usize,
        ) {
            let line = line.min(depths.len() - 1);
            // A window keeps this many lines above the chosen row.
            let first = line.saturating_sub(margin(depths[line], height));
            let taken = lines(|at| depths.get(first + at).copied(), height);
            proptest::prop_assert!(taken <= line - first || first == 0 && depths[0] > 0);
            proptest::prop_assert!(taken <= height / 3);
        }
    }
}
