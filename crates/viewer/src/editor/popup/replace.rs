//! The question whether a match is to be replaced.

use std::ops::Range;

use crate::format::hex::Hex;
use crate::format::units::in_thousands;
use crate::search::substitute::Substitution;
use crate::view::ViewId;

/// Matches that are asked about, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReplaceScreen {
    pub(crate) view: ViewId,
    pub(crate) found: Substitution,
    /// How many were answered.
    answered: usize,
    /// Those that are to be replaced, by their numbers.
    accepted: Vec<usize>,
}

impl ReplaceScreen {
    pub(crate) const fn new(view: ViewId, found: Substitution) -> Self {
        Self { view, found, answered: 0, accepted: Vec::new() }
    }

    /// The match that is asked about.
    pub(crate) fn range(&self) -> Option<Range<u64>> {
        self.found.ranges.get(self.answered).cloned()
    }

    /// Answers for one match. Returns whether there is another one.
    pub(crate) fn answer(&mut self, is_accepted: bool) -> bool {
        if self.answered < self.found.ranges.len() {
            self.accepted.extend(is_accepted.then_some(self.answered));
            self.answered = self.answered.saturating_add(1);
        }
        self.answered < self.found.ranges.len()
    }

    /// The matches that are to be replaced.
    pub(crate) fn accepted(self) -> Substitution {
        let Self { mut found, accepted, .. } = self;
        if accepted.len() < found.ranges.len() {
            let ranges = accepted.iter().filter_map(|&at| found.ranges.get(at).cloned()).collect();
            let seen = accepted.iter().filter_map(|&at| found.seen.get(at).cloned()).collect();
            (found.ranges, found.seen) = (ranges, seen);
        }
        found
    }

    /// The question, and its answers.
    pub(super) fn hint(&self) -> String {
        let count = |count: usize| in_thousands(memmap::widen(count));
        let (number, of) = (count(self.answered.saturating_add(1)), count(self.found.ranges.len()));
        let was = self.found.seen.get(self.answered).map_or(&[][..], Vec::as_slice);
        let (was, new) = (short(was), short(&self.found.bytes));
        format!("{number} of {of}: {was} → {new}?  y  n  a all  l last  q Esc stop")
    }
}

/// The first bytes.
pub(crate) fn short(bytes: &[u8]) -> String {
    match bytes {
        [] => "nothing".to_owned(),
        bytes if bytes.len() > 8 => format!("{} …", Hex::separated(&bytes[..8], " ")),
        bytes => Hex::separated(bytes, " ").to_string(),
    }
}
