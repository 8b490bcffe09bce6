//! What a search says while it goes on: places, which wait together until somebody asks for them.

use crate::job::context::{Merge, WAITING_MAX, Wire};
use crate::search::match_list::{Hit, Hits};

/// Which of the places that a search finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a place has two sides")]
pub enum Side {
    /// Those that start before the place where the search began.
    Before,
    /// Those from there on.
    Ahead,
}

/// What is said of places that were found.
#[derive(Debug)]
pub(crate) enum Found {
    /// Some, behind those found before.
    Hits(Side, Hits),
    /// Of the places from where the search began on, those before `from` are these instead.
    Joined { seam: Hits, from: u64 },
    /// These are all, whatever was said before.
    Replaced(Hits),
}

/// News that may be of places.
pub(crate) trait OfHits: Merge + From<Found> {
    /// The places, if it has them as [`Found::Hits`].
    fn hits(&mut self) -> Option<(Side, &mut Hits)>;
}

/// Places that wait, at most: what is found in a frame, or more.
const HITS_WAITING_MAX: usize = 1 << 20;

impl<N: OfHits> Wire<N> {
    /// Says that something was found.
    pub(crate) fn hit(&self, side: Side, hit: Hit) {
        let mut said = self.said();
        loop {
            match said.last_mut().and_then(N::hits) {
                Some((last, hits)) if last == side => {
                    if hits.len() < HITS_WAITING_MAX || self.cancel.is_cancelled() {
                        return hits.push(hit);
                    }
                }
                _ => said.push(Found::Hits(side, Hits::default()).into()),
            }
            if said.len() >= WAITING_MAX || self.is_full(&mut said) {
                said = self.wait(said);
            }
        }
    }

    fn is_full(&self, said: &mut [N]) -> bool {
        let hits = said.last_mut().and_then(N::hits);
        hits.is_some_and(|(_, hits)| hits.len() >= HITS_WAITING_MAX) && !self.cancel.is_cancelled()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Merge for Found {}

    impl OfHits for Found {
        fn hits(&mut self) -> Option<(Side, &mut Hits)> {
            match self {
                Self::Hits(side, hits) => Some((*side, hits)),
                _ => None,
            }
        }
    }
}
