//! The places of two aligned files: what is equal has one place, and where one side has no byte, the other one
//! has a place of its own. Nothing is kept; a place is looked up in the list of differences.

use std::ops::Range;

use memmap::compare::{DifferenceKind, Side};

use crate::analysis::difference_list::DifferenceList;

/// An alignment of two files of these lengths, as one side sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Alignment<'l> {
    pub(crate) list: &'l DifferenceList,
    pub(crate) side: Side,
    pub(crate) lens: [u64; 2],
    /// From how many rows on equal bytes are folded; `None` if nothing is.
    pub(crate) folds_from: Option<u64>,
}

/// Why rows are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FoldOf {
    Equal,
    /// Only this side has bytes there.
    Only(Side),
}

/// A byte of a row on this side and on the other one, where they have one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PairAt {
    pub(crate) own: Option<u64>,
    pub(crate) other: Option<u64>,
}

/// A difference, or what is between two of them.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stretch {
    places: Range<u64>,
    a: Range<u64>,
    b: Range<u64>,
    /// Whether the bytes of both sides were compared, and are equal.
    is_equal: bool,
    /// Whether both sides were read.
    is_compared: bool,
}

/// Rows that only one side has are folded if they are more than this.
const ONLY_MAX: u64 = 2;

impl Stretch {
    const fn on(&self, side: Side) -> &Range<u64> {
        match side {
            Side::A => &self.a,
            Side::B => &self.b,
        }
    }

    /// The offset of a side at a place, if it has one.
    fn byte(&self, side: Side, place: u64) -> Option<u64> {
        let own = self.on(side);
        let at = own.start.checked_add(place.checked_sub(self.places.start)?)?;
        (at < own.end).then_some(at)
    }
}

impl Alignment<'_> {
    /// The number of places.
    pub(crate) fn len(self) -> u64 {
        self.stretch(self.last()).places.end
    }

    /// The number of the last stretch. Those that are differences are odd.
    fn last(self) -> usize {
        self.list.len() * 2
    }

    fn stretch(self, number: usize) -> Stretch {
        let index = number / 2;
        let before = index.checked_sub(1).and_then(|at| self.list.get(at));
        let (a, b) = before.map_or((0, 0), |it| (it.a.end, it.b.end));
        let found = self.list.get(index);
        let added = self.list.added(index);
        let is_difference = number % 2 == 1;
        let (a, b, kind) = match found {
            Some(found) if is_difference => (found.a, found.b, Some(found.kind)),
            Some(found) => (a..found.a.start, b..found.b.start, None),
            None => (a..self.lens[0].max(a), b..self.lens[1].max(b), None),
        };
        let start = a.start.saturating_add(added);
        let len = (a.end - a.start).max(b.end - b.start);
        // After the last difference that is kept, nothing is known.
        let is_known = number < self.last() || !self.list.is_cut();
        Stretch {
            places: start..start.saturating_add(len),
            is_equal: !is_difference && is_known && a.end - a.start == b.end - b.start,
            is_compared: is_known && kind != Some(DifferenceKind::Unreadable),
            a,
            b,
        }
    }

    /// The stretch that a place is in, or the last one.
    fn number_at(self, place: u64) -> usize {
        let starts = |at: usize| self.stretch(at * 2 + 1).places.start;
        let (mut low, mut high) = (0, self.list.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if starts(middle) <= place {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        match low.checked_sub(1) {
            Some(last) if place < self.stretch(last * 2 + 1).places.end => last * 2 + 1,
            _ => low * 2,
        }
    }

    /// The place of an offset of this side.
    pub(crate) fn place(self, offset: u64) -> u64 {
        let started = self.list.started(self.side, offset);
        let within = started.checked_sub(1).map(|at| self.stretch(at * 2 + 1));
        let stretch = match within.filter(|it| offset < it.on(self.side).end) {
            Some(within) => within,
            None => self.stretch(started * 2),
        };
        stretch.places.start.saturating_add(offset.saturating_sub(stretch.on(self.side).start))
    }

    /// The offset of this side at a place, or the next one if it has none there.
    pub(crate) fn offset(self, place: u64) -> u64 {
        let stretch = self.stretch(self.number_at(place));
        let own = stretch.on(self.side);
        own.start.saturating_add(place.saturating_sub(stretch.places.start)).min(own.end)
    }

    /// The other side of the same.
    pub(crate) const fn across(self) -> Self {
        let side = match self.side {
            Side::A => Side::B,
            Side::B => Side::A,
        };
        Self { side, ..self }
    }

    /// The bytes at each of these places.
    pub(crate) fn pairs(self, places: Range<u64>) -> Vec<PairAt> {
        let mut number = self.number_at(places.start);
        let mut stretch = self.stretch(number);
        let other = self.across().side;
        places
            .map(|place| {
                while place >= stretch.places.end && number < self.last() {
                    number += 1;
                    stretch = self.stretch(number);
                }
                let byte = |side| stretch.byte(side, place);
                PairAt { own: byte(self.side), other: byte(other) }
            })
            .collect()
    }

    /// The rows of a stretch that are shown as one.
    fn fold_of(self, stretch: &Stretch, row_len: u64) -> Option<(Range<u64>, FoldOf)> {
        let folds_from = self.folds_from?;
        let (places, least, of) = if stretch.is_equal {
            (stretch.places.clone(), folds_from.max(2), FoldOf::Equal)
        } else {
            let lens = [&stretch.a, &stretch.b].map(|it| it.end - it.start);
            let only = if lens[0] > lens[1] { Side::A } else { Side::B };
            let both = stretch.places.start.saturating_add(lens[0].min(lens[1]));
            (both..stretch.places.end, ONLY_MAX + 1, FoldOf::Only(only))
        };
        let start = places.start.checked_next_multiple_of(row_len)?;
        // The last row may be shorter.
        let is_last = places.end == self.len();
        let end = if is_last { places.end } else { places.end - places.end % row_len };
        if !stretch.is_compared || end.saturating_sub(start).div_ceil(row_len) < least {
            return None;
        }
        // One of the equal rows stays, to say what they are about.
        let start = if of == FoldOf::Equal { start.saturating_add(row_len) } else { start };
        Some((start..end, of))
    }

    /// The rows that are shown as one at a place.
    pub(crate) fn fold(self, place: u64, row_len: u64) -> Option<(Range<u64>, FoldOf)> {
        let fold = self.fold_of(&self.stretch(self.number_at(place)), row_len)?;
        fold.0.contains(&place).then_some(fold)
    }

    /// The start of the first fold from a place on, up to another place.
    pub(crate) fn fold_after(self, place: u64, until: u64, row_len: u64) -> Option<u64> {
        self.folds_from?;
        let numbers = self.number_at(place)..=self.last();
        let stretches = numbers.map(|number| self.stretch(number));
        let mut before = stretches.take_while(|it| it.places.start < until);
        before.find_map(|it| {
            self.fold_of(&it, row_len).map(|(range, _)| range.start).filter(|&at| at >= place)
        })
    }

    /// The end of the last fold before a place, down to another place.
    pub(crate) fn fold_before(self, place: u64, until: u64, row_len: u64) -> Option<u64> {
        self.folds_from?;
        let numbers = (0..=self.number_at(place)).rev();
        let stretches = numbers.map(|number| self.stretch(number));
        let mut after = stretches.take_while(|it| it.places.end > until);
        after.find_map(|it| {
            self.fold_of(&it, row_len).map(|(range, _)| range.end).filter(|&at| at <= place)
        })
    }
}

/// Differences for tests.
#[cfg(test)]
pub(crate) mod testing {
    use memmap::compare::Difference;
    use proptest::prelude::*;

    use super::*;

    /// Two aligned files: the list of their differences, and their bytes. Each byte occurs once on a side, and
    /// bytes that are equal are the same number.
    #[derive(Debug, Clone)]
    pub(crate) struct TwoFiles {
        pub(crate) list: DifferenceList,
        pub(crate) a: Vec<u64>,
        pub(crate) b: Vec<u64>,
    }

    impl TwoFiles {
        pub(crate) fn new(stretches: &[(u64, u64, u64)]) -> Self {
            let mut it = Self { list: DifferenceList::aligned(), a: vec![], b: vec![] };
            for &(equal, a, b) in stretches {
                let at = [&it.a, &it.b].map(|all| memmap::widen(all.len()));
                let common = (at[0] + at[1]) << 1;
                it.a.extend((0..equal).map(|n| common + (n << 32)));
                it.b.extend((0..equal).map(|n| common + (n << 32)));
                let at = [&it.a, &it.b].map(|all| memmap::widen(all.len()));
                it.a.extend((0..a).map(|n| (at[0] + n) << 1 | 1));
                it.b.extend((0..b).map(|n| (at[1] + n) << 1 | 1 << 62 | 1));
                let kind = match (a, b) {
                    (0, 0) => continue,
                    (0, _) => DifferenceKind::OnlyInB,
                    (_, 0) => DifferenceKind::OnlyInA,
                    _ => DifferenceKind::Changed,
                };
                let (a, b) = (at[0]..at[0] + a, at[1]..at[1] + b);
                it.list.push(&Difference { kind, a, b });
            }
            it
        }

        pub(crate) fn alignment(&self, side: Side, folds_from: Option<u64>) -> Alignment<'_> {
            let lens = [&self.a, &self.b].map(|all| memmap::widen(all.len()));
            Alignment { list: &self.list, side, lens, folds_from }
        }
    }

    /// Files with differences of all kinds.
    pub(crate) fn two_files() -> impl Strategy<Value = TwoFiles> {
        let len = || prop_oneof![Just(0), 1..5_u64, 0..90_u64];
        let stretches = prop::collection::vec((len(), len(), len()), 0..8);
        stretches.prop_map(|all| TwoFiles::new(&all))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::testing::{TwoFiles, two_files};
    use super::*;

    /// `conf.old` and `conf.new`: four bytes are changed, 24 are new.
    fn example() -> TwoFiles {
        TwoFiles::new(&[(16, 4, 4), (20, 0, 24), (30, 3, 3), (9, 0, 0)])
    }

    #[test]
    fn equal_bytes_have_one_place_again_after_an_insertion() {
        let files = example();
        let (a, b) = (files.alignment(Side::A, None), files.alignment(Side::B, None));
        assert_eq!((a.len(), b.len()), (106, 106));
        assert_eq!([0, 16, 39, 40, 81].map(|at| a.place(at)), [0, 16, 39, 64, 105]);
        assert_eq!([0, 16, 39, 40, 105].map(|at| b.place(at)), [0, 16, 39, 40, 105]);
        assert_eq!([39, 40, 63, 64, 200].map(|at| a.offset(at)), [39, 40, 40, 40, 82]);
        let pairs: Vec<_> = a.pairs(38..66).into_iter().map(|it| (it.own, it.other)).collect();
        assert_eq!(pairs[1], (Some(39), Some(39)));
        assert_eq!((pairs[2], pairs[25]), ((None, Some(40)), (None, Some(63))));
        assert_eq!(pairs[26], (Some(40), Some(64)));
    }

    #[test]
    fn only_long_stretches_are_folded() {
        let files = example();
        // Two rows of eight are not worth folding, three of eight are.
        assert_eq!(files.alignment(Side::A, Some(9)).fold(50, 16), None);
        let folded = (40..64, FoldOf::Only(Side::B));
        assert_eq!(files.alignment(Side::A, Some(9)).fold(50, 8), Some(folded.clone()));
        assert_eq!(files.alignment(Side::B, Some(9)).fold(63, 8), Some(folded));
        assert_eq!(files.alignment(Side::B, None).fold(63, 8), None);
        // Of equal rows the first one stays.
        let equal = Some((72..88, FoldOf::Equal));
        assert_eq!(files.alignment(Side::A, Some(3)).fold(80, 8), equal);
        assert_eq!(files.alignment(Side::A, Some(3)).fold(71, 8), None);
        assert_eq!(files.alignment(Side::A, Some(4)).fold(80, 8), None);
    }

    proptest! {
        #[test]
        fn places_in_order_give_back_both_files(files in two_files()) {
            let alignment = files.alignment(Side::A, None);
            let pairs = alignment.pairs(0..alignment.len());
            let own: Vec<u64> = pairs.iter().filter_map(|it| it.own).collect();
            let other: Vec<u64> = pairs.iter().filter_map(|it| it.other).collect();
            prop_assert_eq!(own, (0..memmap::widen(files.a.len())).collect::<Vec<_>>());
            prop_assert_eq!(other, (0..memmap::widen(files.b.len())).collect::<Vec<_>>());
            let at = |all: &[u64], at: u64| all[usize::try_from(at).unwrap()];
            for (place, it) in (0..).zip(&pairs) {
                prop_assert!(it.own.is_some() || it.other.is_some());
                let across = files.list.across(Side::A, it.own.unwrap_or(0));
                if let Some(own) = it.own {
                    prop_assert_eq!(alignment.place(own), place);
                    prop_assert_eq!(it.other, across.1.then_some(across.0));
                }
                prop_assert!(it.own.is_none_or(|own| alignment.offset(place) == own));
                // Bytes that are equal stand beside each other, and those that are not never do as equals.
                if let (Some(own), Some(other)) = (it.own, it.other) {
                    let (own, other) = (at(&files.a, own), at(&files.b, other));
                    prop_assert_eq!(own == other, own & 1 == 0);
                }
            }
        }
    }
}
