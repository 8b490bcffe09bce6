//! Events of a running search: matches, which accumulate until the event loop takes them.

use crate::job::Merge;
use crate::search::match_list::{Match, MatchList};

/// Where a match is relative to the start of the search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// It starts before that offset.
    Before,
    /// It starts at that offset or after it.
    Ahead,
}

/// An event of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum Found {
    /// More matches, in order. The side ahead of the start is searched first, then the side before
    /// it.
    Matches(Side, MatchList),
    /// The search is complete. The matches ahead that start before `from` are replaced by `seam`: a
    /// match that began before the start of the search may overlap them.
    Joined {
        /// The replacement.
        seam: MatchList,
        /// From this offset on, the matches stand.
        from: u64,
    },
    /// The search is complete, and these are all matches. Discard those reported before.
    Replaced(MatchList),
}

/// Maximum number of waiting matches: more than are usually found within a frame.
const WAITING_MAX: usize = 1 << 20;

impl Merge for MatchList {
    fn merge(&mut self, next: Self) -> Option<Self> {
        self.append(next);
        None
    }

    fn is_full(&self) -> bool {
        self.len() >= WAITING_MAX
    }
}

/// Adds a match to those waiting. Returns it if there is no room.
pub(crate) fn take(waiting: &mut MatchList, hit: Match) -> Option<Match> {
    if waiting.is_full() {
        return Some(hit);
    }
    waiting.push(hit);
    None
}

/// A list with a single match.
pub(crate) fn only(hit: Match) -> MatchList {
    let mut matches = MatchList::default();
    matches.push(hit);
    matches
}

impl Merge for Found {
    fn merge(&mut self, next: Self) -> Option<Self> {
        match (self, next) {
            (Self::Matches(side, matches), Self::Matches(other, more))
                if *side == other && !matches.is_full() =>
            {
                matches.append(more);
                None
            }
            (_, next) => Some(next),
        }
    }

    fn is_full(&self) -> bool {
        matches!(self, Self::Matches(_, matches) if matches.is_full())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_of_one_side_wait_as_one_event() {
        let matches = |offset| only(Match { offset, len: 1 });
        let mut waiting = Found::Matches(Side::Ahead, matches(5));
        assert_eq!(waiting.merge(Found::Matches(Side::Ahead, matches(7))), None);
        let before = Found::Matches(Side::Before, matches(1));
        assert_eq!(waiting.merge(before.clone()), Some(before));
        let Found::Matches(Side::Ahead, all) = waiting else { panic!() };
        assert_eq!(all.iter_from(0).map(|hit| hit.offset).collect::<Vec<_>>(), [5, 7]);
    }
}
