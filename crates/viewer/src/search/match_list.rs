//! A compact, sorted list of matches.

use std::ops::Range;

/// A match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Match {
    pub(crate) offset: u64,
    pub(crate) len: u64,
}

impl Match {
    pub(crate) const fn end(self) -> u64 {
        self.offset.saturating_add(self.len)
    }
}

/// Matches sorted by offset. Each is stored as the distance from the previous one, plus its length
/// if that differs: two or three bytes in most cases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct MatchList {
    chunks: Vec<Chunk>,
    /// Matches counted but not kept.
    uncounted: u64,
    /// The longest match, in bytes.
    longest: u64,
}

/// Consecutive matches. A lookup finds the chunk, then walks it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Chunk {
    /// Index of the first match.
    index: usize,
    first: Match,
    last: Match,
    /// Number of matches in the chunk.
    count: usize,
    /// The encoded matches after the first.
    steps: Vec<u8>,
}

/// Maximum number of matches per chunk.
const CHUNK_LEN: usize = 512;

/// Maximum number of matches kept per search: about 25 MiB.
pub(crate) const KEPT_MAX: usize = 8 << 20;

impl MatchList {
    /// Number of matches kept.
    pub(crate) fn len(&self) -> usize {
        self.chunks.last().map_or(0, |chunk| chunk.index + chunk.count)
    }

    /// Number of all matches, including those only counted.
    pub(crate) fn total(&self) -> u64 {
        memmap::widen(self.len()).saturating_add(self.uncounted)
    }

    /// Whether some matches were counted but not kept.
    pub(crate) const fn is_cut(&self) -> bool {
        self.uncounted > 0
    }

    pub(crate) fn last(&self) -> Option<Match> {
        self.chunks.last().map(|chunk| chunk.last)
    }

    /// Counts matches without keeping them. No later match is kept, either.
    pub(crate) fn count(&mut self, more: u64) {
        self.uncounted = self.uncounted.saturating_add(more);
    }

    /// Appends a match that does not start before the last one. Past the limit, it is only counted.
    pub(crate) fn push(&mut self, hit: Match) {
        let index = self.len();
        if index >= KEPT_MAX || self.is_cut() {
            return self.count(1);
        }
        self.longest = self.longest.max(hit.len);
        match self.chunks.last_mut() {
            Some(chunk) if chunk.count < CHUNK_LEN => {
                let is_other_len = hit.len != chunk.last.len;
                let distance = hit.offset.saturating_sub(chunk.last.offset);
                let sign = u128::from(distance) << 1 | u128::from(is_other_len);
                put(&mut chunk.steps, sign);
                if is_other_len {
                    put(&mut chunk.steps, hit.len.into());
                }
                chunk.count += 1;
                chunk.last = hit;
            }
            full => {
                if let Some(full) = full {
                    full.steps.shrink_to_fit();
                }
                let steps = Vec::new();
                self.chunks.push(Chunk { index, first: hit, last: hit, count: 1, steps });
            }
        }
    }

    /// Appends a list whose matches follow these. Moves whole chunks if the list is long.
    pub(crate) fn append(&mut self, more: Self) {
        let Self { chunks, uncounted, longest } = more;
        for chunk in chunks {
            let room = self.chunks.last().map_or(0, |last| CHUNK_LEN - last.count);
            let index = self.len();
            if self.is_cut() || chunk.count <= room || index + chunk.count > KEPT_MAX {
                chunk.matches().for_each(|hit| self.push(hit));
            } else {
                self.chunks.push(Chunk { index, ..chunk });
            }
        }
        self.longest = self.longest.max(longest);
        self.count(uncounted);
    }

    /// The matches that start before an offset.
    pub(crate) fn up_to(self, offset: u64) -> Self {
        if self.last().is_none_or(|last| last.offset < offset) {
            return self;
        }
        let mut kept = Self::default();
        self.iter_from(0).take_while(|hit| hit.offset < offset).for_each(|hit| kept.push(hit));
        kept
    }

    /// Removes the matches that start before `offset`.
    pub(crate) fn drop_before(&mut self, offset: u64) {
        let whole = self.chunks.partition_point(|chunk| chunk.last.offset < offset);
        if whole == 0 && self.chunks.first().is_none_or(|chunk| chunk.first.offset >= offset) {
            return;
        }
        let mut left = Self { longest: self.longest, ..Self::default() };
        let rest =
            Self { chunks: self.chunks.split_off(whole), uncounted: self.uncounted, longest: 0 };
        let mut chunks = rest.chunks.into_iter();
        if let Some(chunk) = chunks.next() {
            chunk.matches().filter(|hit| hit.offset >= offset).for_each(|hit| left.push(hit));
        }
        left.append(Self { chunks: chunks.collect(), uncounted: rest.uncounted, longest: 0 });
        *self = left;
    }

    /// The match at an index.
    pub(crate) fn get(&self, index: usize) -> Option<Match> {
        let after = self.chunks.partition_point(|chunk| chunk.index <= index);
        let chunk = self.chunks.get(after.checked_sub(1)?)?;
        chunk.matches().nth(index - chunk.index)
    }

    /// The number of matches that start before `offset`, which is the index of the first one that
    /// does not.
    pub(crate) fn before(&self, offset: u64) -> usize {
        let after = self.chunks.partition_point(|chunk| chunk.first.offset < offset);
        let Some(chunk) = after.checked_sub(1).and_then(|at| self.chunks.get(at)) else { return 0 };
        chunk.index + chunk.matches().take_while(|hit| hit.offset < offset).count()
    }

    /// The matches from an index on.
    pub(crate) fn iter_from(&self, index: usize) -> impl Iterator<Item = Match> + '_ {
        let after = self.chunks.partition_point(|chunk| chunk.index <= index);
        let at = after.saturating_sub(1);
        let skipped = self.chunks.get(at).map_or(0, |chunk| index.saturating_sub(chunk.index));
        self.chunks.get(at..).unwrap_or_default().iter().flat_map(Chunk::matches).skip(skipped)
    }

    /// The matches that overlap `range`, unless they start 64 KiB or more before it.
    pub(crate) fn within(&self, range: Range<u64>) -> impl Iterator<Item = Match> + '_ {
        let reach = self.longest.min(64 << 10);
        let first = self.before(range.start.saturating_sub(reach));
        self.iter_from(first)
            .take_while(move |hit| hit.offset < range.end)
            .filter(move |hit| hit.end() > range.start)
    }
}

impl Chunk {
    fn matches(&self) -> impl Iterator<Item = Match> + '_ {
        let mut steps = self.steps.iter();
        let mut last = self.first;
        let rest = std::iter::from_fn(move || {
            let sign = take(&mut steps)?;
            let distance = u64::try_from(sign >> 1).ok()?;
            let len = if sign & 1 == 1 { u64::try_from(take(&mut steps)?).ok()? } else { last.len };
            last = Match { offset: last.offset.saturating_add(distance), len };
            Some(last)
        });
        std::iter::once(self.first).chain(rest)
    }
}

/// Seven bits per byte, lowest first. The high bit marks that more bytes follow.
fn put(steps: &mut Vec<u8>, mut value: u128) {
    while let Some(rest) = Some(value >> 7).filter(|&rest| rest > 0) {
        steps.push(low(value) | 0x80);
        value = rest;
    }
    steps.push(low(value));
}

fn low(value: u128) -> u8 {
    value.to_le_bytes()[0] & 0x7f
}

fn take<'a>(steps: &mut impl Iterator<Item = &'a u8>) -> Option<u128> {
    let mut value = 0;
    let mut shift = 0;
    loop {
        let byte = *steps.next()?;
        value |= u128::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(value);
        }
        shift += 7;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(all: &[Match]) -> MatchList {
        let mut matches = MatchList::default();
        for &hit in all {
            matches.push(hit);
        }
        matches
    }

    fn list(matches: &MatchList) -> Vec<Match> {
        matches.iter_from(0).collect()
    }

    prop_compose! {
        fn some()(
            steps in prop::collection::vec((prop_oneof![0..3_u64, 0..300_u64, 0..u64::MAX >> 12], 0..4_u64), 0..1500),
        ) -> Vec<Match> {
            let mut offset = 0;
            steps.into_iter().map(|(step, len)| {
                offset += step;
                Match { offset, len }
            }).collect()
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn hits_are_what_was_put_in_however_they_are_asked_for(
            all in some(), at in any::<prop::sample::Index>(), cut in any::<prop::sample::Index>(),
        ) {
            let matches = of(&all);
            prop_assert_eq!(matches.len(), all.len());
            prop_assert_eq!(list(&matches), all.clone());
            prop_assert_eq!(matches.last(), all.last().copied());
            prop_assert_eq!(matches.get(all.len()), None);
            if all.is_empty() {
                return Ok(());
            }
            let place = all[at.index(all.len())].offset;
            for offset in [place.saturating_sub(1), place, place + 1] {
                let before = all.iter().filter(|hit| hit.offset < offset).count();
                prop_assert_eq!(matches.before(offset), before);
                prop_assert_eq!(matches.get(before), all.get(before).copied());
                prop_assert_eq!(matches.iter_from(before).next(), all.get(before).copied());
                let range = offset..offset + 50;
                let expected: Vec<Match> = all.iter().copied()
                    .filter(|hit| hit.offset < range.end && hit.end() > range.start).collect();
                prop_assert_eq!(matches.within(range).collect::<Vec<_>>(), expected);
                let mut left = matches.clone();
                left.drop_before(offset);
                prop_assert_eq!(list(&left), all[before..].to_vec());
                prop_assert_eq!(left.get(0), all.get(before).copied());
            }
            let (front, back) = all.split_at(cut.index(all.len()));
            let mut joined = of(front);
            joined.append(of(back));
            prop_assert_eq!(list(&joined), all.clone());
            prop_assert_eq!(joined.get(all.len() - 1), all.last().copied());
        }
    }

    #[test]
    fn what_is_too_much_is_counted() {
        let mut matches = MatchList::default();
        for offset in 0..memmap::widen(KEPT_MAX) + 10 {
            matches.push(Match { offset, len: 1 });
        }
        assert_eq!((matches.len(), matches.total()), (KEPT_MAX, memmap::widen(KEPT_MAX) + 10));
        assert!(matches.is_cut());
        let bytes: usize = matches.chunks.iter().map(|chunk| chunk.steps.capacity()).sum();
        assert!(bytes < 3 * KEPT_MAX, "{bytes}");
        let mut more = of(&[Match { offset: u64::MAX, len: 0 }]);
        more.count(5);
        matches.append(more);
        assert_eq!((matches.len(), matches.total()), (KEPT_MAX, memmap::widen(KEPT_MAX) + 16));
    }
}
