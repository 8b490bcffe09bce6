use std::collections::BTreeMap;
use std::ops::Range;

/// Bytes that both sides have, at their offsets in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) a: u64,
    pub(super) b: u64,
    pub(super) len: u64,
}

impl Match {
    pub(super) const fn a_end(&self) -> u64 {
        self.a.saturating_add(self.len)
    }

    pub(super) const fn b_end(&self) -> u64 {
        self.b.saturating_add(self.len)
    }

    /// Without its first bytes.
    const fn after(self, skipped: u64) -> Self {
        Self {
            a: self.a.saturating_add(skipped),
            b: self.b.saturating_add(skipped),
            len: self.len.saturating_sub(skipped),
        }
    }
}

/// The matches with the most bytes that are in the same order on both sides, without overlaps.
///
/// `matches` are in the order of `b`.
pub(super) fn chain(matches: &[Match]) -> Vec<Match> {
    // For each end in A of a chain, the most bytes that a chain with this end or an earlier one has. Ends
    // and bytes grow together: a chain that ends later and has no more bytes is of no use.
    let mut best: BTreeMap<u64, (u64, usize)> = BTreeMap::new();
    let mut previous: Vec<Option<usize>> = Vec::with_capacity(matches.len());
    for (index, found) in matches.iter().enumerate() {
        let before = best.range(..=found.a).next_back().map(|(_, &chain)| chain);
        let bytes = before.map_or(0, |(bytes, _)| bytes).saturating_add(found.len);
        previous.push(before.map(|(_, last)| last));
        // By its start: a match that overlaps the end of a chain is cut, and still counts.
        let end = found.a.saturating_add(1);
        let is_beaten = best.range(..=end).next_back().is_some_and(|(_, &(most, _))| most >= bytes);
        if is_beaten {
            continue;
        }
        while let Some((&later, _)) = best.range(end..).next().filter(|(_, it)| it.0 <= bytes) {
            best.remove(&later);
        }
        best.insert(end, (bytes, index));
    }
    let mut chosen = Vec::new();
    let mut next = best.last_key_value().map(|(_, &(_, last))| last);
    while let Some(index) = next {
        chosen.extend(matches.get(index));
        next = previous.get(index).copied().flatten();
    }
    chosen.reverse();
    without_overlaps(chosen)
}

/// Cuts what overlaps the match before it.
fn without_overlaps(matches: Vec<Match>) -> Vec<Match> {
    let mut kept: Vec<Match> = Vec::with_capacity(matches.len());
    for found in matches {
        let (a_end, b_end) = kept.last().map_or((0, 0), |last| (last.a_end(), last.b_end()));
        let overlap = a_end.saturating_sub(found.a).max(b_end.saturating_sub(found.b));
        let rest = found.after(overlap);
        if rest.len > 0 {
            kept.push(rest);
        }
    }
    kept
}

/// The ranges between matches, in order: before the first one, between two, and after the last one.
pub(super) fn between<'m>(
    a: &Range<u64>,
    b: &Range<u64>,
    matches: &'m [Match],
) -> impl Iterator<Item = (Range<u64>, Range<u64>)> + use<'m> {
    let (a_end, b_end) = (a.end, b.end);
    let (mut a_at, mut b_at) = (a.start, b.start);
    let ends = matches.iter().map(|it| (it.a, it.b, it.a_end(), it.b_end()));
    ends.chain([(a_end, b_end, a_end, b_end)]).map(move |(a, b, a_next, b_next)| {
        let gap = (a_at..a, b_at..b);
        (a_at, b_at) = (a_next, b_next);
        gap
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(all: &[(u64, u64, u64)]) -> Vec<Match> {
        all.iter().map(|&(a, b, len)| Match { a, b, len }).collect()
    }

    #[test]
    fn the_chain_with_the_most_bytes_wins() {
        // One long match, and two short ones that cross it.
        let matches = of(&[(500, 0, 20), (0, 100, 300), (520, 500, 20)]);
        assert_eq!(chain(&matches), of(&[(0, 100, 300), (520, 500, 20)]));
        // Two together have more than one.
        let matches = of(&[(100, 0, 30), (0, 100, 40), (200, 200, 30)]);
        assert_eq!(chain(&matches), of(&[(0, 100, 40), (200, 200, 30)]));
        assert_eq!(chain(&[]), []);
    }

    #[test]
    fn an_overlap_is_cut() {
        let matches = of(&[(0, 0, 10), (5, 20, 10)]);
        assert_eq!(chain(&matches), of(&[(0, 0, 10), (10, 25, 5)]));
    }

    #[test]
    fn what_is_between_matches_is_all_the_rest() {
        let gaps: Vec<_> = between(&(0..10), &(0..20), &of(&[(2, 3, 4), (6, 9, 2)])).collect();
        assert_eq!(gaps, [(0..2, 0..3), (6..6, 7..9), (8..10, 11..20)]);
    }
}
