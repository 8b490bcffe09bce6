//! The regions of a source in the order of its bytes: each has a heading, and what has no bytes is one row.
//!
//! Rows are made of *places*. A heading has one, each byte of a region has one, and a gap or a region that cannot
//! be read has one as a whole, however long it is. So a process with a terabyte between two regions is as long on
//! the screen as its bytes are.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::ops::Range;
use std::path::Path;

use memmap::{AnyMap, Extent, Region};

use super::printable;

/// What a source says of its parts; empty for files and memory.
#[derive(Debug, Default)]
pub(crate) struct Regions {
    /// Those that begin before the end, in order.
    named: Vec<Named>,
    /// All offsets in order, without gaps between them.
    parts: Vec<Part>,
}

/// A region, and how it is called in a line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) region: Region,
    /// Its name, safe to print, and of a path the last part.
    pub(crate) label: String,
    /// Where the first region of this name begins: offsets in a module count from there.
    pub(crate) base: u64,
}

/// Offsets with a heading, or that are one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) range: Range<u64>,
    /// Its places: a heading and the bytes, or one.
    pub(crate) places: Range<u64>,
    pub(crate) kind: PartKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PartKind {
    /// A region that can be read, by its number.
    Region(usize),
    /// A region that cannot be read, by its number.
    Unreadable(usize),
    /// Bytes that are in no region.
    Between,
    /// No bytes.
    Gap,
}

impl Part {
    /// Whether its bytes are rows below a heading; otherwise it is one row.
    pub(crate) const fn is_open(&self) -> bool {
        matches!(self.kind, PartKind::Region(_) | PartKind::Between)
    }

    /// The number of its region.
    pub(crate) const fn region(&self) -> Option<usize> {
        match self.kind {
            PartKind::Region(number) | PartKind::Unreadable(number) => Some(number),
            PartKind::Between | PartKind::Gap => None,
        }
    }

    /// The places of its bytes.
    pub(crate) fn body(&self) -> Range<u64> {
        let heading = u64::from(self.is_open());
        self.places.start.saturating_add(heading)..self.places.end
    }
}

impl Regions {
    /// The regions of a map. Asks for the extents between them, and reads nothing.
    pub(crate) fn of(map: &AnyMap) -> Self {
        let is_gap = |range: &Range<u64>| {
            let extents = map.extents(range.clone());
            extents.is_ok_and(|all| all.iter().all(|it| matches!(it, Extent::Gap(_))))
        };
        Self::new(map.regions(), map.len(), is_gap)
    }

    fn new(regions: &[Region], len: u64, is_gap: impl Fn(&Range<u64>) -> bool) -> Self {
        let mut this = Self::default();
        let mut sorted: Vec<&Region> = regions.iter().collect();
        sorted.sort_by_key(|region| region.range.start);
        let mut at = 0;
        let mut bases: BTreeMap<&str, u64> = BTreeMap::new();
        for region in sorted {
            let range = region.range.start..region.range.end.min(len);
            // Regions within others have no rows of their own.
            if range.start < at || range.is_empty() {
                continue;
            }
            this.push_between(at..range.start, &is_gap);
            at = range.end;
            let number = this.named.len();
            let base = *bases.entry(&region.name).or_insert(range.start);
            let base = if region.name.is_empty() { range.start } else { base };
            this.named.push(Named { label: label(region), base, region: region.clone() });
            let kind = if region.is_readable {
                PartKind::Region(number)
            } else {
                PartKind::Unreadable(number)
            };
            this.push(range, kind);
        }
        if !this.named.is_empty() {
            this.push_between(at..len, &is_gap);
        }
        this
    }

    fn push_between(&mut self, range: Range<u64>, is_gap: impl Fn(&Range<u64>) -> bool) {
        if !range.is_empty() {
            let kind = if is_gap(&range) { PartKind::Gap } else { PartKind::Between };
            self.push(range, kind);
        }
    }

    fn push(&mut self, range: Range<u64>, kind: PartKind) {
        let start = self.parts.last().map_or(0, |part| part.places.end);
        let len = range.end - range.start;
        let mut part = Part { range, places: start..start, kind };
        let is_open = part.is_open();
        part.places.end = start.saturating_add(1).saturating_add(if is_open { len } else { 0 });
        self.parts.push(part);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Whether two sources have the same regions.
    pub(crate) fn are(&self, others: &Self) -> bool {
        self.named == others.named && self.parts == others.parts
    }

    /// All of them, in order.
    pub(crate) fn named(&self) -> &[Named] {
        &self.named
    }

    /// Number of places.
    pub(crate) fn places(&self) -> u64 {
        self.parts.last().map_or(0, |part| part.places.end)
    }

    /// The part that an offset is in; the last one for an offset beyond the end.
    pub(crate) fn part(&self, offset: u64) -> Option<&Part> {
        let after = self.parts.partition_point(|part| part.range.start <= offset);
        self.parts.get(after.checked_sub(1)?)
    }

    /// The part that a place is in; the last one for a place beyond the end.
    pub(crate) fn part_at(&self, place: u64) -> Option<&Part> {
        let after = self.parts.partition_point(|part| part.places.start <= place);
        self.parts.get(after.checked_sub(1)?)
    }

    /// The parts that have offsets of a range.
    pub(crate) fn parts_in(&self, range: &Range<u64>) -> &[Part] {
        let first = self.parts.partition_point(|part| part.range.end <= range.start);
        let end = self.parts.partition_point(|part| part.range.start < range.end).max(first);
        self.parts.get(first..end).unwrap_or_default()
    }

    /// The readable parts of a range; without regions, the range itself.
    pub(crate) fn readable_in(&self, range: &Range<u64>) -> impl Iterator<Item = Range<u64>> {
        let (start, end) = (range.start, range.end);
        let open = self.parts_in(range).iter().filter(|part| part.is_open());
        let parts = open.map(move |part| part.range.start.max(start)..part.range.end.min(end));
        self.is_empty().then_some(start..end).into_iter().chain(parts)
    }

    /// The number of readable bytes in a range; without regions, its length.
    pub(crate) fn readable_len(&self, range: &Range<u64>) -> u64 {
        self.readable_in(range).map(|part| part.end - part.start).sum()
    }

    /// Where an offset is: the name of its region, and how far from where that begins.
    pub(crate) fn describe(&self, offset: u64) -> Option<String> {
        let part = self.part(offset)?;
        let Some(named) = part.region().and_then(|number| self.named.get(number)) else {
            return Some(if part.is_open() { "in no region" } else { "not mapped" }.to_owned());
        };
        let distance = offset.saturating_sub(named.base);
        Some(format!("{} + {distance:#x}", named.label))
    }

    /// The offset that many bytes further. What is one row is one step, and headings are none.
    pub(crate) fn forward(&self, from: u64, by: u64) -> u64 {
        let (mut at, mut left) = (from, by);
        while let Some(part) = self.part(at).filter(|_| left > 0) {
            let last = if part.is_open() { part.range.end - 1 } else { at };
            let steps = left.min(last.saturating_sub(at));
            (at, left) = (at + steps, left - steps);
            if left > 0 {
                if part.places.end == self.places() {
                    break;
                }
                (at, left) = (part.range.end, left - 1);
            }
        }
        at
    }

    /// The offset that many bytes back.
    pub(crate) fn back(&self, from: u64, by: u64) -> u64 {
        let (mut at, mut left) = (from, by);
        while let Some(part) = self.part(at).filter(|_| left > 0) {
            let first = if part.is_open() { part.range.start } else { at };
            let steps = left.min(at.saturating_sub(first));
            (at, left) = (at - steps, left - steps);
            let before = part.range.start.checked_sub(1).and_then(|last| self.part(last));
            let Some(before) = before.filter(|_| left > 0) else { break };
            at = if before.is_open() { before.range.end - 1 } else { before.range.start };
            left -= 1;
        }
        at
    }

    /// The offset of the first byte that can be read.
    pub(crate) fn first_readable(&self) -> u64 {
        self.parts.iter().find(|part| part.is_open()).map_or(0, |part| part.range.start)
    }

    /// The place of an offset; without regions, itself.
    pub(crate) fn place(&self, offset: u64) -> u64 {
        let Some(part) = self.part(offset) else { return offset };
        if !part.is_open() && offset < part.range.end {
            return part.places.start;
        }
        part.body().start.saturating_add(offset - part.range.start).min(part.places.end)
    }

    /// The offset at a place, or the next one if it has no byte.
    pub(crate) fn offset(&self, place: u64) -> u64 {
        let Some(part) = self.part_at(place) else { return place };
        if place >= part.places.end {
            return part.range.end;
        }
        part.range.start.saturating_add(place.saturating_sub(part.body().start))
    }

    /// The number of the region of an offset.
    pub(crate) fn number(&self, offset: u64) -> Option<usize> {
        self.part(offset).filter(|part| part.range.contains(&offset))?.region()
    }

    /// The region whose name, or the last part of it, a text begins with, and how long that is in bytes. The
    /// longest name counts.
    pub(crate) fn named_first_in(&self, text: &str) -> Option<(&Named, usize)> {
        let lens = |it: &Named| {
            let names = [it.region.name.as_str(), it.label.as_str()];
            names.into_iter().filter(|name| is_named(text, name)).map(str::len).max()
        };
        let found = self.named.iter().filter_map(|it| Some((it, lens(it)?)));
        // Of equal ones, the first.
        found.reduce(|a, b| if b.1 > a.1 { b } else { a })
    }
}

/// Whether a text begins with a name, and goes on as an address may.
fn is_named(text: &str, name: &str) -> bool {
    let rest = text.strip_prefix(name).filter(|_| !name.is_empty());
    let goes_on = |c: char| c.is_whitespace() || "+-*/%&|<>):".contains(c);
    rest.is_some_and(|rest| rest.chars().next().is_none_or(goes_on))
}

/// How a region is called in a line.
fn label(region: &Region) -> String {
    let name = region.name.as_str();
    if name.is_empty() {
        return "[anonymous]".to_owned();
    }
    let last = Path::new(name).file_name().filter(|_| name.starts_with('/'));
    printable(last.unwrap_or_else(|| OsStr::new(name)))
}

#[cfg(test)]
pub(crate) mod testing {
    use proptest::prelude::*;

    use super::*;

    /// Regions at these places: the gap before it, its length, and whether it can be read.
    pub(crate) fn regions(all: &[(u64, u64, bool)]) -> (Regions, u64) {
        let mut at = 0;
        let mut regions = Vec::new();
        for (n, &(gap, len, is_readable)) in all.iter().enumerate() {
            let mut region = Region::new(at + gap..at + gap + len, format!("region {n}"));
            region.is_readable = is_readable;
            at = region.range.end;
            regions.push(region);
        }
        (Regions::new(&regions, at, |_| true), at)
    }

    /// A few regions. Some touch, some cannot be read.
    pub(crate) fn some() -> impl Strategy<Value = Vec<(u64, u64, bool)>> {
        let gap = prop_oneof![Just(0_u64), 1..90_u64, Just(1 << 40)];
        prop::collection::vec((gap, 1..200_u64, prop::bool::weighted(0.8)), 1..8)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::testing::{regions, some};
    use super::*;

    proptest! {
        #[test]
        fn places_are_those_of_a_naive_list(all in some()) {
            let (regions, len) = regions(&all);
            // What each place shows: the offset, and whether that is a byte.
            let mut naive: Vec<(u64, bool)> = Vec::new();
            let mut at = 0;
            for &(gap, size, is_readable) in &all {
                if gap > 0 {
                    naive.push((at, false));
                }
                at += gap;
                naive.push((at, false));
                if is_readable {
                    naive.extend((at..at + size).map(|offset| (offset, true)));
                }
                at += size;
            }
            prop_assert_eq!(regions.places(), memmap::widen(naive.len()));
            let readable = memmap::widen(naive.iter().filter(|it| it.1).count());
            prop_assert_eq!(regions.readable_len(&(0..len)), readable);
            for (&(offset, is_byte), place) in naive.iter().zip(0..) {
                prop_assert_eq!(regions.offset(place), offset);
                if is_byte {
                    prop_assert_eq!(regions.place(offset), place);
                }
            }
            prop_assert_eq!(regions.offset(regions.places()), len);
            let read: Vec<u64> = regions.readable_in(&(0..len)).flatten().collect();
            prop_assert!(read.iter().eq(naive.iter().filter(|it| it.1).map(|it| &it.0)));
            prop_assert_eq!(regions.first_readable(), read.first().copied().unwrap_or(0));
        }
    }

    proptest! {
        #[test]
        fn many_steps_are_as_many_one_by_one(all in some(), from: u64, by in 0..300_u64) {
            let (regions, len) = regions(&all);
            let from = from % len;
            let (mut forward, mut back) = (from, from);
            let mut steps = Vec::new();
            for _ in 0..by {
                (forward, back) = (regions.forward(forward, 1), regions.back(back, 1));
                steps.push(forward);
            }
            prop_assert_eq!((regions.forward(from, by), regions.back(from, by)), (forward, back));
            // Each step is to another byte, or to a part that is one row.
            let ends = steps.iter().rposition(|&at| at != forward).map_or(0, |at| at + 1);
            prop_assert!(steps[..ends].windows(2).all(|pair| pair[0] < pair[1]));
            let is_byte = |at: u64| regions.part(at).is_some_and(Part::is_open);
            for at in steps {
                let is_start = regions.part(at).is_some_and(|part| part.range.start == at);
                prop_assert!(at == from || is_byte(at) || is_start);
            }
        }
    }

    #[test]
    fn bytes_that_are_in_no_region_have_rows() {
        let named = [Region::new(10..20, "/a/b.so"), Region::new(15..18, "inside")];
        let regions = Regions::new(&named, 30, |range| range.start == 0);
        let kinds: Vec<_> = regions.parts.iter().map(|it| (it.range.clone(), it.kind)).collect();
        assert_eq!(
            kinds,
            [(0..10, PartKind::Gap), (10..20, PartKind::Region(0)), (20..30, PartKind::Between)]
        );
        assert_eq!(
            (regions.number(9), regions.number(19), regions.number(20)),
            (None, Some(0), None)
        );
        assert!(Regions::new(&[], 30, |_| true).is_empty());
    }

    #[test]
    fn names_are_found_whole_and_the_longest_counts() {
        let named = ["/lib/libc.so", "/lib/libc.so.6", "/lib/libc.so.6", "[stack]", ""]
            .into_iter()
            .zip(1..)
            .map(|(name, at)| Region::new(at * 16..at * 16 + 16, name))
            .collect::<Vec<_>>();
        let regions = Regions::new(&named, 96, |_| true);
        let found = |text| regions.named_first_in(text).map(|(it, len)| (it.base, len));
        assert_eq!(found("libc.so.6+0x10"), Some((32, 9)));
        assert_eq!(found("libc.so - 1"), Some((16, 7)));
        assert_eq!(found("/lib/libc.so.6"), Some((32, 14)));
        assert_eq!(found("[stack])"), Some((64, 7)));
        assert_eq!((found("libc.so.7"), found("libc.so.66"), found("")), (None, None, None));
        let bases: Vec<u64> = regions.named().iter().map(|it| it.base).collect();
        assert_eq!(bases, [16, 32, 32, 64, 80]);
    }
}
