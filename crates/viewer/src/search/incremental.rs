//! Searches the bytes on the screen while the user types, without reading.

use std::ops::Range;

use memmap::scan::{Pattern, Scan};
use memmap::{Error, ErrorKind, Map, Result, plugin::Mapping, plugin::Op, widen};

use crate::source::page_cache::Page;

/// The matches within a page, as offsets. Unreadable bytes split the page.
pub(crate) fn found_in(page: &Page, pattern: &Pattern) -> Vec<Range<u64>> {
    let mut found = Vec::new();
    let mut start = page.start;
    for known in page.bytes.split(Option::is_none) {
        let bytes: Vec<u8> = known.iter().copied().flatten().collect();
        let end = start.saturating_add(widen(bytes.len()));
        if start < end {
            let map = Map::from_mapping(Stretch { start, bytes });
            let scan = Scan::new(&map).range(start..end).threads(1);
            // Reading from memory cannot fail.
            scan.find_all_into(pattern, |hit| found.push(hit.range())).map(drop).ok();
        }
        start = end.saturating_add(1);
    }
    found
}

/// Bytes at their offset in the file, so that the alignment of numbers is preserved.
#[derive(Debug)]
struct Stretch {
    start: u64,
    bytes: Vec<u8>,
}

impl Mapping for Stretch {
    fn len(&self) -> u64 {
        self.start.saturating_add(widen(self.bytes.len()))
    }

    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        let from = offset.checked_sub(self.start).and_then(|from| usize::try_from(from).ok());
        let there = from.and_then(|from| self.bytes.get(from..)?.get(..out.len()));
        let (len, bound) = (widen(out.len()), self.len());
        let missing = || Error::new(Op::Read, ErrorKind::OutOfBounds { offset, len, bound });
        out.copy_from_slice(there.ok_or_else(missing)?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(start: u64, text: &str) -> Page {
        let byte = |c: u8| (c != b'?').then_some(c);
        Page { start, bytes: text.bytes().map(byte).collect(), problem: None, ..Page::default() }
    }

    #[test]
    fn what_is_seen_is_found_where_it_is() {
        let fish = Pattern::literal("fish").unwrap();
        let found = found_in(&page(1 << 40, "fish fi?h ??fishfish"), &fish);
        let at = |n: u64| (1 << 40) + n..(1 << 40) + n + 4;
        assert_eq!(found, [at(0), at(12), at(16)]);
        assert!(found_in(&page(0, ""), &fish).is_empty());
        assert!(found_in(&page(0, "????"), &fish).is_empty());
    }

    #[test]
    fn numbers_stand_where_they_are_asked_for_in_the_whole() {
        let number = Pattern::number("u16le=0x6161@4").unwrap();
        let found = found_in(&page(2, "aaaaaaaa"), &number);
        assert_eq!(found, [4..6, 8..10]);
    }
}
