use std::collections::HashMap;

use crate::undo::State;

/// The numbers that states have in the journal. A journal goes on where a rewrite makes all states before it
/// unreachable for a later session, and where a later session counts its states anew.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    /// Those that a later session can go to; `None`: all, by their own numbers.
    known: Option<HashMap<State, u32>>,
    /// The next number that no state had.
    next: u32,
}

impl Numbers {
    /// Those of an overlay that was made from a journal.
    pub(crate) fn of(known: HashMap<State, u32>, next: u32) -> Self {
        Self { known: Some(known), next }
    }

    /// The number of a state; `None` if a later session cannot go to it.
    pub(crate) fn get(&self, state: State) -> Option<u32> {
        match &self.known {
            None => Some(state.number()),
            Some(known) => known.get(&state).copied(),
        }
    }

    /// Gives a state a number, if it has none.
    pub(crate) fn add(&mut self, state: State) -> u32 {
        if let Some(number) = self.get(state)
            && (self.known.is_some() || number < self.next)
        {
            return number;
        }
        let number = if self.known.is_some() { self.next } else { state.number() };
        self.next = number.saturating_add(1);
        if let Some(known) = &mut self.known {
            known.insert(state, number);
        }
        number
    }

    /// Forgets all states but one: the file was written anew, as this one.
    pub(crate) fn keep_only(&mut self, state: State) {
        let number = self.get(state);
        self.next = self.next.max(number.map_or(0, |number| number.saturating_add(1)));
        self.known = Some(number.into_iter().map(|number| (state, number)).collect());
    }
}
