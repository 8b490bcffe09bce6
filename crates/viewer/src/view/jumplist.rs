//! The jump list: positions before each jump, with back and forward as in a browser.

use memmap::edit::EditedFile;

use crate::document::anchor::{Anchor, Moved};

/// Maximum number of positions; the oldest are dropped first.
const PLACES_MAX: usize = 100;

/// Positions in the order in which they were left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct JumpList {
    places: Vec<Anchor>,
    /// Number of positions before the current one.
    at: usize,
}

impl JumpList {
    /// Adds the position that a jump leaves. Drops the positions ahead.
    pub(crate) fn leave(&mut self, from: Anchor) {
        self.places.truncate(self.at);
        if self.places.last().map(|it| it.now()) != Some(from.now()) {
            self.places.push(from);
        }
        if self.places.len() > PLACES_MAX {
            self.places.remove(0);
        }
        self.at = self.places.len();
    }

    /// The previous position.
    pub(crate) fn back(&mut self, here: Anchor) -> Option<u64> {
        let at = self.at.checked_sub(1)?;
        let place = *self.places.get(at)?;
        if self.at == self.places.len() {
            self.places.push(here);
        } else if let Some(slot) = self.places.get_mut(self.at) {
            *slot = here;
        }
        self.at = at;
        Some(place.now())
    }

    /// The next position, after going back.
    pub(crate) fn forward(&mut self, here: Anchor) -> Option<u64> {
        let place = *self.places.get(self.at.checked_add(1)?)?;
        if let Some(slot) = self.places.get_mut(self.at) {
            *slot = here;
        }
        self.at += 1;
        Some(place.now())
    }

    /// All positions, the oldest first, including `here`, and the index of `here`.
    pub(crate) fn places(&self, here: u64) -> (Vec<u64>, usize) {
        let mut places: Vec<u64> = self.places.iter().map(|it| it.now()).collect();
        if self.at >= places.len() {
            places.push(here);
        } else if let Some(slot) = places.get_mut(self.at) {
            *slot = here;
        }
        (places, self.at)
    }

    /// Moves the positions with an edit.
    pub(crate) fn follow(&mut self, moved: &[Moved], overlay: &EditedFile) {
        self.places.iter_mut().for_each(|anchor| anchor.follow(moved, overlay));
    }

    /// Restores the positions of an earlier session.
    pub(crate) fn restore(&mut self, mut places: Vec<Anchor>) {
        places.drain(..places.len().saturating_sub(PLACES_MAX));
        places.append(&mut self.places);
        self.places = places;
        self.at = self.places.len();
    }
}

#[cfg(test)]
mod tests {
    use memmap::edit::State;

    use super::*;

    fn at(place: u64) -> Anchor {
        Anchor::new(place, State::FIRST)
    }

    #[test]
    fn back_and_forward_lead_along_the_way() {
        let mut journey = JumpList::default();
        assert_eq!((journey.back(at(0)), journey.forward(at(0))), (None, None));
        journey.leave(at(10));
        journey.leave(at(20));
        assert_eq!(journey.back(at(30)), Some(20));
        assert_eq!(journey.back(at(20)), Some(10));
        assert_eq!(journey.back(at(10)), None);
        assert_eq!(journey.places(10), (vec![10, 20, 30], 0));
        assert_eq!(journey.forward(at(10)), Some(20));
        assert_eq!(journey.forward(at(20)), Some(30));
        assert_eq!(journey.forward(at(30)), None);
    }

    #[test]
    fn a_new_way_forgets_the_one_that_was_ahead() {
        let mut journey = JumpList::default();
        journey.leave(at(10));
        journey.leave(at(20));
        journey.back(at(30));
        journey.leave(at(20));
        assert_eq!(journey.forward(at(40)), None);
        assert_eq!(journey.back(at(40)), Some(20));
        assert_eq!(journey.back(at(20)), Some(10));
    }

    #[test]
    fn the_oldest_places_are_forgotten_first() {
        let mut journey = JumpList::default();
        for place in 0..1000 {
            journey.leave(at(place));
        }
        assert_eq!(journey.places(1000).0.len(), PLACES_MAX + 1);
        assert_eq!(journey.back(at(1000)), Some(999));
    }
}
