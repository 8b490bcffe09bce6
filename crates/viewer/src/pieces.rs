//! What was read of the data, to be shown: pieces that do not overlap.

use std::ops::Range;

use memmap::widen;

/// A part of the data, read to be shown; a byte that could not be read is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Where it starts.
    pub start: u64,
    /// The bytes.
    pub bytes: Vec<Option<u8>>,
    /// Why some are missing.
    pub problem: Option<String>,
}

impl Page {
    /// The bytes it holds, as positions.
    pub(crate) fn range(&self) -> Range<u64> {
        self.start..self.start.saturating_add(widen(self.bytes.len()))
    }

    /// What is known of the byte at a position.
    fn byte(&self, position: u64) -> Option<Known> {
        let at = usize::try_from(position.checked_sub(self.start)?).ok()?;
        Some(self.bytes.get(at)?.map_or(Known::Unreadable, Known::Value))
    }
}

/// What is known of a byte: never a made-up value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    Value(u8),
    Unreadable,
    NotYet,
}

/// The pieces at hand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Pieces(Vec<Page>);

impl Pieces {
    /// What is known of the byte at a position.
    pub(crate) fn byte(&self, position: u64) -> Known {
        self.0.iter().find_map(|page| page.byte(position)).unwrap_or(Known::NotYet)
    }

    /// What is known of as many bytes as there are from a position on, at most `count`.
    pub(crate) fn bytes(&self, from: u64, count: u64) -> Vec<Known> {
        (from..from.saturating_add(count)).map(|position| self.byte(position)).collect()
    }

    /// All of them.
    pub(crate) fn pages(&self) -> impl Iterator<Item = &Page> {
        self.0.iter()
    }

    /// Whether all of a range was read.
    pub(crate) fn cover(&self, range: &Range<u64>) -> bool {
        self.0.iter().any(|page| {
            let has = page.range();
            has.start <= range.start && range.end <= has.end
        })
    }

    /// Takes a piece; what it makes old is dropped, and so is what nobody needs any more.
    pub(crate) fn take(&mut self, page: Page, needed: &[Range<u64>]) {
        let touch = |a: &Range<u64>, b: &Range<u64>| a.start < b.end && b.start < a.end;
        let fresh = page.range();
        self.0.retain(|old| {
            let old = old.range();
            !touch(&old, &fresh) && needed.iter().any(|range| touch(&old, range))
        });
        self.0.push(page);
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Why bytes are missing, if some are.
    pub(crate) fn problem(&self) -> Option<&str> {
        self.0.iter().find_map(|page| page.problem.as_deref())
    }
}

/// Sorts ranges and joins those that touch, so that each is read once; empty ones go.
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
        Page { start: range.start, bytes, problem: None }
    }

    #[test]
    fn ranges_that_touch_are_one() {
        assert_eq!(joined(vec![20..30, 5..5, 0..10, 10..12, 25..27]), [0..12, 20..30]);
    }

    #[test]
    fn a_new_piece_replaces_what_it_overlaps_and_what_nobody_needs_goes() {
        let mut pieces = Pieces::default();
        let needed = [0..10, 50..60];
        pieces.take(page(0..10), &needed);
        pieces.take(page(50..60), &needed);
        assert!(pieces.cover(&(2..10)) && pieces.cover(&(50..60)) && !pieces.cover(&(9..11)));
        assert_eq!((pieces.byte(5), pieces.byte(20)), (Known::Value(5), Known::NotYet));
        pieces.take(page(5..15), std::slice::from_ref(&(5..15)));
        assert_eq!((pieces.byte(14), pieces.byte(0)), (Known::Value(14), Known::NotYet));
        assert_eq!(pieces.byte(55), Known::NotYet);
        assert_eq!(pieces.bytes(13, 3), [Known::Value(13), Known::Value(14), Known::NotYet]);
    }
}
