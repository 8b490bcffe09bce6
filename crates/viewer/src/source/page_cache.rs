//! Cache of the pages read for display. Pages do not overlap.

use std::ops::Range;

use memmap::widen;

use crate::source::read_error::{ReadError, Unreadable};

/// A range read for display. Unreadable bytes are `None`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Page {
    /// Offset of the first byte.
    pub start: u64,
    /// The bytes.
    pub bytes: Vec<Option<u8>>,
    /// Why some bytes are unreadable.
    pub problem: Option<ReadError>,
    /// Unreadable ranges next to the page, in the same blocks. They are not part of the page, as
    /// overlapping pages would evict each other.
    pub lost_beside: Vec<Range<u64>>,
}

impl Page {
    /// The range of offsets.
    pub(crate) fn range(&self) -> Range<u64> {
        self.start..self.start.saturating_add(widen(self.bytes.len()))
    }

    /// The bytes, if all of them could be read.
    pub(crate) fn whole(self) -> Result<Vec<u8>, Unreadable> {
        let Some(error) = self.problem else {
            return Ok(self.bytes.into_iter().flatten().collect());
        };
        let lost = self.bytes.iter().position(Option::is_none).unwrap_or(0);
        Err(Unreadable { error, at: self.start.saturating_add(widen(lost)) })
    }

    /// The state of the byte at a position.
    fn byte(&self, position: u64) -> Option<Known> {
        let at = usize::try_from(position.checked_sub(self.start)?).ok()?;
        Some(self.bytes.get(at)?.map_or(Known::Unreadable, Known::Value))
    }
}

/// The state of a byte. There is no placeholder value, so an unknown byte is never shown as data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    Value(u8),
    Unreadable,
    NotYet,
}

/// The state of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coverage {
    /// All bytes are known.
    Whole,
    /// Some bytes are unreadable.
    Unreadable,
    /// Some bytes are not read yet.
    NotYet,
}

/// The cached pages, sorted.
#[derive(Debug, Clone, Default)]
pub(crate) struct PageCache {
    pages: Vec<Page>,
    /// With this many pages it is time to evict those not needed.
    most: usize,
}

/// Below this number of pages, eviction is cheap enough to run every time.
const FEW: usize = 64;

impl PageCache {
    /// The last page that starts at or before a position.
    fn page_at(&self, position: u64) -> Option<&Page> {
        let after = self.pages.partition_point(|page| page.start <= position);
        self.pages.get(after.checked_sub(1)?)
    }

    /// The state of the byte at a position.
    pub(crate) fn byte(&self, position: u64) -> Known {
        self.page_at(position).and_then(|page| page.byte(position)).unwrap_or(Known::NotYet)
    }

    /// The states of up to `count` bytes from a position on.
    pub(crate) fn bytes(&self, from: u64, count: u64) -> Vec<Known> {
        (from..from.saturating_add(count)).map(|position| self.byte(position)).collect()
    }

    /// All pages.
    pub(crate) fn pages(&self) -> impl Iterator<Item = &Page> {
        self.pages.iter()
    }

    /// Whether the whole range is cached.
    pub(crate) fn cover(&self, range: &Range<u64>) -> bool {
        self.page_at(range.start).is_some_and(|page| range.end <= page.range().end)
    }

    /// Copies a range to `out`, if all its bytes are known.
    pub(crate) fn copy(&self, range: &Range<u64>, out: &mut Vec<u8>) -> Coverage {
        out.clear();
        let Some(page) = self.page_at(range.start) else { return Coverage::NotYet };
        let at = |position: u64| usize::try_from(position - page.start).unwrap_or(usize::MAX);
        let Some(bytes) = page.bytes.get(at(range.start)..at(range.end)) else {
            return Coverage::NotYet;
        };
        for byte in bytes {
            let Some(byte) = byte else { return Coverage::Unreadable };
            out.push(*byte);
        }
        Coverage::Whole
    }

    /// Whether to evict now. With many pages, eviction does not run for every new one.
    pub(crate) fn are_many(&self) -> bool {
        self.pages.len() < FEW || self.pages.len() >= self.most
    }

    /// Adds a page, and drops the pages it overlaps. If `needed` is given, sorted ranges, all other
    /// pages are dropped, too.
    pub(crate) fn take(&mut self, page: Page, needed: Option<&[Range<u64>]>) {
        let touch = |a: &Range<u64>, b: &Range<u64>| a.start < b.end && b.start < a.end;
        let fresh = page.range();
        let from = self.pages.partition_point(|old| old.range().end <= fresh.start);
        let to = self.pages.partition_point(|old| old.start < fresh.end).max(from);
        self.pages.splice(from..to, [page]);
        if let Some(needed) = needed {
            self.pages.retain(|old| {
                let old = old.range();
                old == fresh || {
                    let next = needed.partition_point(|range| range.end <= old.start);
                    needed.get(next).is_some_and(|range| touch(&old, range))
                }
            });
            self.most = 2 * self.pages.len();
        }
    }

    /// Fills in the bytes of a page that could not be read with what is known of them.
    pub(crate) fn fill(&self, page: &mut Page) {
        for (position, byte) in (page.start..).zip(&mut page.bytes) {
            if let (None, Known::Value(known)) = (*byte, self.byte(position)) {
                *byte = Some(known);
            }
        }
    }

    /// The range from the first to the last byte where a page differs from the cached bytes. Bytes
    /// not cached are ignored.
    pub(crate) fn differs(&self, page: &Page) -> Option<Range<u64>> {
        let mut differing = page.range().zip(&page.bytes).filter_map(|(position, byte)| {
            let was = self.byte(position);
            let now = byte.map_or(Known::Unreadable, Known::Value);
            (was != Known::NotYet && was != now).then_some(position)
        });
        let first = differing.next()?;
        Some(first..differing.last().unwrap_or(first).saturating_add(1))
    }

    /// The bytes known in a range, in parts.
    pub(crate) fn known_in(&self, range: &Range<u64>) -> Vec<(u64, Vec<u8>)> {
        let mut parts: Vec<(u64, Vec<u8>)> = Vec::new();
        let first = self.pages.partition_point(|page| page.range().end <= range.start);
        for page in self.pages.get(first..).unwrap_or_default() {
            if page.start >= range.end {
                break;
            }
            for (position, byte) in page.range().zip(&page.bytes) {
                let Some(byte) = byte.filter(|_| range.contains(&position)) else { continue };
                match parts.last_mut() {
                    Some((at, bytes)) if at.saturating_add(widen(bytes.len())) == position => {
                        bytes.push(byte);
                    }
                    _ => parts.push((position, vec![byte])),
                }
            }
        }
        parts
    }

    /// Puts bytes in the place of a range. What follows moves. A page that has only a part of the range keeps
    /// what is before it.
    pub(crate) fn splice(&mut self, range: &Range<u64>, bytes: &[u8]) {
        let len = widen(bytes.len());
        let moved =
            |at: u64| at.saturating_sub(range.end).saturating_add(range.start).saturating_add(len);
        let mut is_placed = false;
        let mut pages = Vec::with_capacity(self.pages.len());
        for mut page in std::mem::take(&mut self.pages) {
            let old = page.range();
            let place =
                |at: u64| usize::try_from(at.saturating_sub(old.start)).unwrap_or(usize::MAX);
            if old.start <= range.start && range.end <= old.end && !is_placed {
                is_placed = true;
                page.bytes
                    .splice(place(range.start)..place(range.end), bytes.iter().copied().map(Some));
                page.lost_beside.clear();
            } else if range.end <= old.start {
                page.start = moved(old.start);
                page.lost_beside.clear();
            } else if old.end > range.start {
                page.bytes.truncate(place(range.start));
            }
            if !page.bytes.is_empty() {
                pages.push(page);
            }
        }
        self.pages = pages;
    }

    /// Drops the pages that have bytes of a range.
    pub(crate) fn forget(&mut self, range: &Range<u64>) {
        self.pages.retain(|page| page.range().end <= range.start || range.end <= page.start);
    }

    /// Drops everything from a position on.
    pub(crate) fn cut(&mut self, end: u64) {
        self.pages.retain(|page| page.range().end <= end);
    }

    /// Drops the pages that overlap none of these sorted ranges.
    pub(crate) fn keep(&mut self, needed: &[Range<u64>]) {
        self.pages.retain(|page| {
            let page = page.range();
            let next = needed.partition_point(|range| range.end <= page.start);
            needed.get(next).is_some_and(|range| range.start < page.end)
        });
    }

    /// Drops all pages.
    pub(crate) fn clear(&mut self) {
        self.pages.clear();
    }

    /// Why bytes are unreadable, if any are.
    pub(crate) fn problem(&self) -> Option<&ReadError> {
        self.pages.iter().find_map(|page| page.problem.as_ref())
    }
}

/// Sorts ranges, joins those that touch, and removes empty ones.
pub(crate) fn joined(mut ranges: Vec<Range<u64>>) -> Vec<Range<u64>> {
    ranges.retain(|range| range.start < range.end);
    ranges.sort_by_key(|range| range.start);
    let mut joined: Vec<Range<u64>> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(range: Range<u64>) -> Page {
        let bytes = range.clone().map(|at| u8::try_from(at).ok()).collect();
        Page { start: range.start, bytes, problem: None, ..Page::default() }
    }

    #[test]
    fn ranges_that_touch_are_one() {
        assert_eq!(joined(vec![20..30, 5..5, 0..10, 10..12, 25..27]), [0..12, 20..30]);
    }

    #[test]
    fn a_new_piece_replaces_what_it_overlaps_and_what_nobody_needs_goes() {
        let mut pieces = PageCache::default();
        let needed = [0..10, 50..60];
        pieces.take(page(0..10), Some(&needed));
        pieces.take(page(50..60), Some(&needed));
        assert!(pieces.cover(&(2..10)) && pieces.cover(&(50..60)) && !pieces.cover(&(9..11)));
        assert_eq!((pieces.byte(5), pieces.byte(20)), (Known::Value(5), Known::NotYet));
        pieces.take(page(5..15), Some(std::slice::from_ref(&(5..15))));
        assert_eq!((pieces.byte(14), pieces.byte(0)), (Known::Value(14), Known::NotYet));
        assert_eq!(pieces.byte(55), Known::NotYet);
        assert_eq!(pieces.bytes(13, 3), [Known::Value(13), Known::Value(14), Known::NotYet]);
    }

    #[test]
    fn of_many_pieces_those_that_are_needed_are_kept_and_not_many_others() {
        let mut pieces = PageCache::default();
        let needed: Vec<_> = (0..100).map(|n| 2 * n..2 * n + 1).collect();
        let take = |pieces: &mut PageCache, range: &Range<u64>, needed: &[Range<u64>]| {
            let is_due = pieces.are_many();
            pieces.take(page(range.clone()), is_due.then_some(needed));
        };
        for range in &needed {
            take(&mut pieces, range, &needed);
        }
        assert!(needed.iter().all(|range| pieces.cover(range)));
        for round in 1..5 {
            let later: Vec<_> = needed.iter().map(|it| it.start + round..it.end + round).collect();
            for range in &later {
                take(&mut pieces, range, &later);
            }
            assert!(later.iter().all(|range| pieces.cover(range)));
            assert!(pieces.pages.len() <= 2 * later.len() + FEW, "{}", pieces.pages.len());
        }
    }

    #[test]
    fn pages_move_with_what_is_inserted_and_deleted() {
        let bytes_at = |pages: &PageCache, from, count| -> Vec<Option<u8>> {
            let value = |known| match known {
                Known::Value(byte) => Some(byte),
                _ => None,
            };
            pages.bytes(from, count).into_iter().map(value).collect()
        };
        for (range, bytes, places) in [
            (3..3, &[99][..], [2, 99, 3]),
            (0..0, &[99], [1, 2, 3]),
            (3..5, &[], [2, 5, 6]),
            (3..4, &[99], [2, 99, 4]),
        ] {
            let mut pages = PageCache::default();
            pages.take(page(0..10), None);
            pages.take(page(20..30), None);
            pages.splice(&range, bytes);
            assert_eq!(bytes_at(&pages, 2, 3), places.map(Some), "{range:?}");
            let by = u64::try_from(bytes.len()).unwrap() + 20 - (range.end - range.start);
            assert_eq!(bytes_at(&pages, by, 10), (20..30).map(Some).collect::<Vec<_>>());
            assert_eq!(pages.byte(by - 1), Known::NotYet);
        }
        let mut pages = PageCache::default();
        pages.take(page(0..10), None);
        pages.take(page(20..30), None);
        assert_eq!(pages.known_in(&(8..22)), [(8, vec![8, 9]), (20, vec![20, 21])]);
        pages.splice(&(8..22), &[]);
        assert_eq!(bytes_at(&pages, 6, 4), [Some(6), Some(7), None, None], "22 to 29 are not kept");
    }

    #[test]
    fn bytes_at_the_end_of_the_longest_file_are_compared() {
        let mut pages = PageCache::default();
        let last = |byte| Page {
            start: u64::MAX - 1,
            bytes: vec![Some(byte)],
            problem: None,
            ..Page::default()
        };
        pages.take(last(1), None);
        assert_eq!(pages.differs(&last(1)), None);
        assert_eq!(pages.differs(&last(2)), Some(u64::MAX - 1..u64::MAX));
    }

    #[test]
    fn a_range_is_copied_whole_or_not_at_all() {
        let mut pieces = PageCache::default();
        pieces.take(Page { bytes: vec![Some(1), None, Some(3)], ..page(10..11) }, None);
        let mut out = vec![9];
        assert_eq!((pieces.copy(&(12..13), &mut out), &out[..]), (Coverage::Whole, &[3][..]));
        assert_eq!(pieces.copy(&(10..12), &mut out), Coverage::Unreadable);
        assert_eq!(pieces.copy(&(12..14), &mut out), Coverage::NotYet);
        assert_eq!(pieces.copy(&(9..11), &mut out), Coverage::NotYet);
    }
}
