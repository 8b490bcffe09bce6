//! What a search reports while it runs: matches, which wait together until the event loop takes them.

use crate::job::Merge;
use crate::search::match_list::{Match, MatchList};

/// Which of the places that a search finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Those that start before the place where the search began.
    Before,
    /// Those from there on.
    Ahead,
}

/// What a search reports.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum Found {
    /// Some matches, after those found before. First come those from where the search began on; what is
    /// before is searched then.
    Matches(Side, MatchList),
    /// All is searched. Of the matches from where the search began on, those before `from` are these
    /// instead: only now it is known what a match before reaches over.
    Joined {
        /// What is there instead.
        seam: MatchList,
        /// From here on, what was found is right.
        from: u64,
    },
    /// All is searched, and these are all matches, whatever was reported before.
    Replaced(MatchList),
}

/// Matches that wait, at most: what is found in a frame, or more.
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

/// Takes a match in among those that wait, unless they are too many.
pub(crate) fn take(waiting: &mut MatchList, hit: Match) -> Option<Match> {
    if waiting.is_full() {
        return Some(hit);
    }
    waiting.push(hit);
    None
}

/// One match.
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
