//! Reference implementations: the same answers by one loop over a slice.

use memmap_core::{Extent, Mapping, Result, checked};
use memmap_scan::{Match, Pattern, Scan};

/// Bytes with holes, whatever is in them, for maps that say where they have some.
#[derive(Debug, Clone)]
pub(crate) struct Holey {
    pub(crate) bytes: Vec<u8>,
    /// Pieces of this length that hold nothing but zeros are holes.
    pub(crate) grain: usize,
}

impl Mapping for Holey {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }
    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        let start = checked(offset, out.len(), self.bytes.len())?;
        out.copy_from_slice(&self.bytes[start..start + out.len()]);
        Ok(())
    }
    fn extents(&self, offset: u64, len: u64) -> Result<Vec<Extent>> {
        let (mut at, end) = (offset as usize, (offset + len) as usize);
        let mut all: Vec<Extent> = Vec::new();
        while at < end {
            let next = ((at / self.grain + 1) * self.grain).min(end);
            let is_hole = self.bytes[at..next].iter().all(|&byte| byte == 0);
            let range = at as u64..next as u64;
            all.push(if is_hole { Extent::Hole(range) } else { Extent::Data(range) });
            at = next;
        }
        Ok(all)
    }
}

/// What a search of one kind finds from a position on: start and end.
pub(crate) type Finder = Box<dyn Fn(&[u8], usize) -> Option<(usize, usize)> + Send + Sync>;

/// The one search, over a slice: leftmost, and then on from its end, or from the next byte.
pub(crate) fn all(bytes: &[u8], find: &Finder, overlaps: bool) -> Vec<(u64, u64)> {
    let (mut at, mut ended, mut found) = (0, None, Vec::new());
    while at <= bytes.len() {
        let Some((start, end)) = find(bytes, at) else { break };
        if start == end && ended == Some(start) {
            at = start + 1;
            continue;
        }
        found.push((start as u64, (end - start) as u64));
        (at, ended) = if overlaps { (start + 1, None) } else { (end, Some(end)) };
    }
    found
}

/// What all questions to a scan answer, if they agree with each other.
pub(crate) fn found<M: Mapping>(scan: Scan<'_, M>, pattern: &Pattern) -> Vec<(u64, u64)> {
    let pair = |found: Match| (found.offset, found.len);
    let list: Vec<_> = scan.find_iter(pattern).unwrap().map(pair).collect();
    let mut pushed = Vec::new();
    let outcome = scan.find_all_into(pattern, |found| pushed.push(pair(found))).unwrap();
    assert_eq!(pushed, list, "find_all_into, find_iter");
    assert_eq!(outcome.value, list.len() as u64);
    assert_eq!(scan.count(pattern).unwrap().value, list.len() as u64, "count");
    let first = scan.find_first(pattern).unwrap().value.map(pair);
    assert_eq!(first, list.first().copied(), "first");
    let ultimate = scan.find_last(pattern).unwrap().value.map(pair);
    assert_eq!(ultimate, list.last().copied(), "last");
    list
}
