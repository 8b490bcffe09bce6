//! The jump list: positions before each jump, with back and forward as in a browser.

/// Maximum number of positions; the oldest are dropped first.
const PLACES_MAX: usize = 100;

/// Positions in the order in which they were left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct JumpList {
    places: Vec<u64>,
    /// Number of positions before the current one.
    at: usize,
}

impl JumpList {
    /// Adds the position that a jump leaves. Drops the positions ahead.
    pub(crate) fn leave(&mut self, from: u64) {
        self.places.truncate(self.at);
        if self.places.last() != Some(&from) {
            self.places.push(from);
        }
        if self.places.len() > PLACES_MAX {
            self.places.remove(0);
        }
        self.at = self.places.len();
    }

    /// The previous position.
    pub(crate) fn back(&mut self, here: u64) -> Option<u64> {
        let at = self.at.checked_sub(1)?;
        let place = *self.places.get(at)?;
        if self.at == self.places.len() {
            self.places.push(here);
        } else if let Some(slot) = self.places.get_mut(self.at) {
            *slot = here;
        }
        self.at = at;
        Some(place)
    }

    /// The next position, after going back.
    pub(crate) fn forward(&mut self, here: u64) -> Option<u64> {
        let place = *self.places.get(self.at.checked_add(1)?)?;
        if let Some(slot) = self.places.get_mut(self.at) {
            *slot = here;
        }
        self.at += 1;
        Some(place)
    }

    /// All positions, the oldest first, including `here`, and the index of `here`.
    pub(crate) fn places(&self, here: u64) -> (Vec<u64>, usize) {
        let mut places = self.places.clone();
        if self.at >= places.len() {
            places.push(here);
        } else if let Some(slot) = places.get_mut(self.at) {
            *slot = here;
        }
        (places, self.at)
    }

    /// Restores the positions of an earlier session.
    pub(crate) fn restore(&mut self, mut places: Vec<u64>) {
        places.drain(..places.len().saturating_sub(PLACES_MAX));
        places.append(&mut self.places);
        self.places = places;
        self.at = self.places.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_and_forward_lead_along_the_way() {
        let mut journey = JumpList::default();
        assert_eq!((journey.back(0), journey.forward(0)), (None, None));
        journey.leave(10);
        journey.leave(20);
        assert_eq!(journey.back(30), Some(20));
        assert_eq!(journey.back(20), Some(10));
        assert_eq!(journey.back(10), None);
        assert_eq!(journey.places(10), (vec![10, 20, 30], 0));
        assert_eq!(journey.forward(10), Some(20));
        assert_eq!(journey.forward(20), Some(30));
        assert_eq!(journey.forward(30), None);
    }

    #[test]
    fn a_new_way_forgets_the_one_that_was_ahead() {
        let mut journey = JumpList::default();
        journey.leave(10);
        journey.leave(20);
        journey.back(30);
        journey.leave(20);
        assert_eq!(journey.forward(40), None);
        assert_eq!(journey.back(40), Some(20));
        assert_eq!(journey.back(20), Some(10));
    }

    #[test]
    fn the_oldest_places_are_forgotten_first() {
        let mut journey = JumpList::default();
        for place in 0..1000 {
            journey.leave(place);
        }
        assert_eq!(journey.places(1000).0.len(), PLACES_MAX + 1);
        assert_eq!(journey.back(1000), Some(999));
    }
}
