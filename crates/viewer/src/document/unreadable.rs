//! The unreadable ranges of a document, as far as pages have shown them.

use std::ops::Range;

use memmap::widen;

use crate::source::page_cache::Page;
use crate::source::regions::Regions;

/// Sorted ranges that neither overlap nor touch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct UnreadableRanges(Vec<Range<u64>>);

impl UnreadableRanges {
    /// Updates the ranges from a page: bytes may have become unreadable, or readable again.
    /// What is in no region that can be read does not count.
    pub(crate) fn take(&mut self, page: &Page, regions: &Regions) {
        let lost = page.bytes.chunk_by(|a, b| a.is_none() == b.is_none()).scan(
            page.start,
            |start, bytes| {
                let end = start.saturating_add(widen(bytes.len()));
                let part = std::mem::replace(start, end)..end;
                Some(bytes.contains(&None).then_some(part))
            },
        );
        let lost = lost.flatten().flat_map(|range| regions.readable_in(&range).collect::<Vec<_>>());
        self.replace(page.range(), lost);
        for range in &page.lost_beside {
            self.replace(range.clone(), regions.readable_in(range));
        }
    }

    /// Replaces everything within `range` by the ranges in `lost`.
    fn replace(&mut self, range: Range<u64>, lost: impl Iterator<Item = Range<u64>>) {
        let from = self.0.partition_point(|old| old.end < range.start);
        let until = self.0.partition_point(|old| old.start <= range.end).max(from);
        let around = self.0.get(from..until).unwrap_or_default();
        let before = around.iter().map(|old| old.start..old.end.min(range.start));
        let after = around.iter().map(|old| old.start.max(range.end)..old.end);
        let mut joined: Vec<Range<u64>> = Vec::new();
        for part in before.chain(lost).chain(after).filter(|part| part.start < part.end) {
            match joined.last_mut() {
                Some(joint) if joint.end == part.start => joint.end = part.end,
                _ => joined.push(part),
            }
        }
        self.0.splice(from..until, joined);
    }

    /// Whether a range is unreadable as a whole.
    pub(crate) fn cover(&self, range: &Range<u64>) -> bool {
        let after = self.0.partition_point(|old| old.start <= range.start);
        let found = after.checked_sub(1).and_then(|at| self.0.get(at));
        found.is_some_and(|old| range.end <= old.end)
    }

    /// The number of ranges, and their total length in bytes.
    pub(crate) fn sums(&self) -> (usize, u64) {
        (self.0.len(), self.0.iter().map(|range| range.end - range.start).sum())
    }

    /// Forgets everything from a position on.
    pub(crate) fn cut(&mut self, end: u64) {
        self.replace(end..u64::MAX, std::iter::empty());
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_last_page_over_a_byte_says_whether_it_can_be_read(
            pages in prop::collection::vec(
                (0_u64..40, prop::collection::vec(prop::option::of(Just(7_u8)), 0..12)),
                0..12,
            ),
        ) {
            let mut ranges = UnreadableRanges::default();
            let mut naive = [false; 64];
            for (start, bytes) in pages {
                for (at, byte) in (start..).zip(&bytes) {
                    naive[usize::try_from(at).unwrap()] = byte.is_none();
                }
                ranges.take(&Page { start, bytes, ..Page::default() }, &Regions::default());
                let bytes = (0..64).filter(|&at| ranges.cover(&(at..at + 1))).count();
                prop_assert!((0_u64..64).zip(naive).all(|(at, gone)| ranges.cover(&(at..at + 1)) == gone));
                let mut cut = ranges.clone();
                cut.cut(20);
                prop_assert!((0_u64..64).zip(naive).all(|(at, gone)| cut.cover(&(at..at + 1)) == (gone && at < 20)));
                let count = naive.chunk_by(|a, b| a == b).filter(|run| run[0]).count();
                prop_assert_eq!(ranges.sums(), (count, widen(bytes)));
                prop_assert!(ranges.0.windows(2).all(|pair| pair[0].end < pair[1].start));
            }
        }
    }
}
