//! A compact, sorted list of differences.

use std::ops::Range;

use memmap::compare::{Difference, DifferenceKind, Side};

/// Differences in order. Between two of them, both sides are equal, so the start on the second side follows
/// from the first one: each takes three words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct DifferenceList {
    items: Vec<Item>,
    /// Indices of those that could not be read, sorted.
    unreadable: Vec<usize>,
    /// Differences that were only counted.
    uncounted: u64,
    /// Bytes that differ, of all differences.
    bytes: u64,
    /// Ranges that could not be read, of all.
    lost: u64,
    /// Offset on the second side minus that on the first one, at the start.
    shift: i64,
    /// Of aligned files: how many bytes the second side has more in all differences up to each one, not
    /// counting those in which the first side has more.
    added: Option<Vec<u64>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Item {
    /// The range of the first side.
    start: u64,
    end: u64,
    /// The end on the second side.
    b_end: u64,
}

/// Maximum number of differences kept: 48 MiB.
const KEPT_MAX: usize = 2 << 20;

impl DifferenceList {
    /// An empty list of files compared with this shift.
    pub(crate) fn new(shift: i64) -> Self {
        Self { shift, ..Self::default() }
    }

    /// An empty list of aligned files.
    pub(crate) fn aligned() -> Self {
        Self { added: Some(Vec::new()), ..Self::default() }
    }

    /// How many bytes the second side has more in the first `count` differences of aligned files, not counting
    /// those in which the first side has more.
    pub(crate) fn added(&self, count: usize) -> u64 {
        let added = self.added.as_ref().and_then(|all| all.get(count.checked_sub(1)?));
        added.copied().unwrap_or(0)
    }

    /// Number of differences that start at or before an offset of a side.
    pub(crate) fn started(&self, side: Side, position: u64) -> usize {
        self.count_while(|it| sides(side, it).0.start <= position)
    }

    /// The number of differences at the start for which this holds.
    pub(crate) fn count_while(&self, holds: impl Fn(&Difference) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.get(middle).is_some_and(|it| holds(&it)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Notes how many bytes the last difference adds.
    fn add_last(&mut self) {
        let Some(last) = self.len().checked_sub(1) else { return };
        let Some(found) = self.get(last).filter(|_| self.added.is_some()) else { return };
        let more = (found.b.end - found.b.start).saturating_sub(found.a.end - found.a.start);
        let sum = self.added(last).saturating_add(more);
        if let Some(added) = &mut self.added {
            added.truncate(last);
            added.push(sum);
        }
    }

    /// Offset on the second side minus that on the first one, at the start.
    pub(crate) const fn shift(&self) -> i64 {
        self.shift
    }

    /// Number of differences kept, including those that could not be read.
    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    /// Number of ranges that differ.
    pub(crate) fn count(&self) -> u64 {
        memmap::widen(self.len()).saturating_add(self.uncounted).saturating_sub(self.lost)
    }

    /// Number of bytes in them.
    pub(crate) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Number of ranges that could not be read.
    pub(crate) const fn unreadable(&self) -> u64 {
        self.lost
    }

    /// Whether some were counted but not kept.
    pub(crate) const fn is_cut(&self) -> bool {
        self.uncounted > 0
    }

    /// Whether a range follows the last one without a gap, and is of the same kind.
    fn continues(&self, found: &Difference) -> bool {
        self.len().checked_sub(1).and_then(|last| self.get(last)).is_some_and(|last| {
            last.kind == found.kind && (last.a.end, last.b.end) == (found.a.start, found.b.start)
        })
    }

    /// Appends a difference that starts after the last one, or continues it. Past the limit it is only counted.
    pub(crate) fn push(&mut self, found: &Difference) {
        let is_lost = found.kind == DifferenceKind::Unreadable;
        if !is_lost {
            self.bytes = self.bytes.saturating_add(found.len());
        }
        if !self.is_cut() && self.continues(found) {
            if let Some(last) = self.items.last_mut() {
                (last.end, last.b_end) = (found.a.end, found.b.end);
            }
            self.add_last();
            return;
        }
        self.lost += u64::from(is_lost);
        if self.len() >= KEPT_MAX {
            self.uncounted += 1;
            return;
        }
        if is_lost {
            self.unreadable.push(self.len());
        }
        let Range { start, end } = found.a;
        self.items.push(Item { start, end, b_end: found.b.end });
        self.add_last();
    }

    /// Appends a list whose differences follow these.
    pub(crate) fn append(&mut self, more: &Self) {
        let bytes = self.bytes.saturating_add(more.bytes);
        for at in 0..more.len() {
            if let Some(found) = more.get(at) {
                self.push(&found);
            }
        }
        self.bytes = bytes;
        self.lost += more.lost - memmap::widen(more.unreadable.len());
        self.uncounted = self.uncounted.saturating_add(more.uncounted);
    }

    /// The difference at an index.
    pub(crate) fn get(&self, at: usize) -> Option<Difference> {
        let item = self.items.get(at)?;
        let before = at.checked_sub(1).and_then(|at| self.items.get(at));
        let b_start = match before {
            Some(before) => before.b_end.saturating_add(item.start.saturating_sub(before.end)),
            None => u64::try_from(i128::from(item.start) + i128::from(self.shift)).unwrap_or(0),
        };
        // With a shift beyond the end, there is no such offset.
        let b_start = b_start.min(item.b_end);
        let (a, b) = (item.start..item.end, b_start..item.b_end);
        let kind = if self.unreadable.binary_search(&at).is_ok() {
            DifferenceKind::Unreadable
        } else if b.is_empty() {
            DifferenceKind::OnlyInA
        } else if a.is_empty() {
            DifferenceKind::OnlyInB
        } else {
            DifferenceKind::Changed
        };
        Some(Difference { kind, a, b })
    }

    /// The last difference that starts at or before an offset of a side.
    fn last_at(&self, side: Side, position: u64) -> Option<Difference> {
        self.get(self.started(side, position).checked_sub(1)?)
    }

    /// The offset on the other side of an offset on this one, and whether the bytes there are a pair. Where the
    /// other side has none, it is where they would be.
    pub(crate) fn across(&self, side: Side, position: u64) -> (u64, bool) {
        let Some(last) = self.last_at(side, position) else { return (position, true) };
        let (own, other) = sides(side, &last);
        if position >= own.end {
            return (other.end.saturating_add(position - own.end), true);
        }
        let across = other.start.saturating_add(position - own.start);
        (across.min(other.end), across < other.end)
    }

    /// Where a cursor on the other side stands beside one on this side: at the start of what only the other side
    /// has.
    pub(crate) fn beside(&self, side: Side, position: u64) -> u64 {
        let Some(last) = self.last_at(side, position) else { return position };
        let (own, other) = sides(side, &last);
        if position < own.end || position == own.start {
            other.start.saturating_add(position - own.start).min(other.end)
        } else {
            other.end.saturating_add(position - own.end)
        }
    }

    /// Number of differences that start before an offset of the first side.
    pub(crate) fn before(&self, offset: u64) -> usize {
        self.items.partition_point(|item| item.start < offset)
    }
}

/// The ranges on a side and on the other one.
const fn sides(side: Side, found: &Difference) -> (&Range<u64>, &Range<u64>) {
    match side {
        Side::A => (&found.a, &found.b),
        Side::B => (&found.b, &found.a),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(kind: DifferenceKind, a: Range<u64>, b: Range<u64>) -> Difference {
        Difference { kind, a, b }
    }

    #[test]
    fn what_is_kept_comes_back() {
        let all = [
            found(DifferenceKind::Changed, 3..4, 6..7),
            found(DifferenceKind::Unreadable, 4..9, 7..12),
            found(DifferenceKind::OnlyInB, 10..10, 13..20),
            found(DifferenceKind::Changed, 12..14, 22..29),
            found(DifferenceKind::OnlyInA, 20..30, 35..35),
        ];
        let mut list = DifferenceList::new(3);
        for it in &all {
            list.push(it);
        }
        let kept: Vec<_> = (0..list.len()).filter_map(|at| list.get(at)).collect();
        assert_eq!(kept, all);
        assert_eq!((list.count(), list.unreadable(), list.bytes()), (4, 1, 1 + 7 + 7 + 10));
        assert_eq!((list.before(3), list.before(4), list.before(21)), (0, 1, 5));
        assert_eq!(list.get(5), None);
    }

    #[test]
    fn an_offset_has_one_on_the_other_side() {
        let mut list = DifferenceList::new(0);
        list.push(&found(DifferenceKind::OnlyInB, 10..10, 10..20));
        list.push(&found(DifferenceKind::Changed, 30..34, 40..42));
        let to_b = [9, 10, 29, 31, 33, 34].map(|at| list.across(Side::A, at));
        assert_eq!(to_b, [(9, true), (20, true), (39, true), (41, true), (42, false), (42, true)]);
        let to_a = [9, 10, 19, 20, 41, 42].map(|at| list.across(Side::B, at));
        assert_eq!(to_a, [(9, true), (10, false), (10, false), (10, true), (31, true), (34, true)]);
        let beside = [9, 10, 11, 33].map(|at| list.beside(Side::A, at));
        assert_eq!(beside, [9, 10, 21, 42]);
        let beside = [10, 19, 20, 42].map(|at| list.beside(Side::B, at));
        assert_eq!(beside, [10, 10, 10, 34]);
    }

    #[test]
    fn ranges_that_meet_are_one() {
        let part = |range: Range<u64>| found(DifferenceKind::Changed, range.clone(), range);
        let mut list = DifferenceList::new(0);
        for it in [0..4, 4..8, 9..10].map(part) {
            list.push(&it);
        }
        assert_eq!((list.len(), list.bytes()), (2, 9));
        let mut more = DifferenceList::new(0);
        for it in [10..12, 20..21].map(part) {
            more.push(&it);
        }
        list.append(&more);
        assert_eq!((list.get(1).unwrap().a, list.len(), list.bytes()), (9..12, 3, 12));
    }
}
