//! Why parts of two files were not compared.

use memmap::compare::{NotCompared, Side};

use crate::source::read_error::in_short;

/// The reasons, in the order of the files. One stands for all ranges up to the next one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Reasons(Vec<Reason>);

/// Why a range was not compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reason {
    /// Where it starts on the first side.
    start: u64,
    /// The side that could not be read.
    pub(crate) side: Side,
    pub(crate) why: String,
}

/// Reasons that are kept. More of them would say nothing new.
const KEPT_MAX: usize = 10_000;

impl Reasons {
    pub(crate) fn of(all: &[NotCompared]) -> Self {
        let mut reasons = Self::default();
        for it in all {
            reasons.push(Reason { start: it.a.start, side: it.side, why: in_short(&it.error) });
        }
        reasons
    }

    fn push(&mut self, next: Reason) {
        let is_same = |last: &Reason| last.side == next.side && last.why == next.why;
        if self.0.len() < KEPT_MAX && !self.0.last().is_some_and(is_same) {
            self.0.push(next);
        }
    }

    /// Appends reasons of ranges that follow these.
    pub(crate) fn append(&mut self, more: Self) {
        for it in more.0 {
            self.push(it);
        }
    }

    /// The reason for the range that starts at this offset of the first side.
    pub(crate) fn at(&self, start: u64) -> Option<&Reason> {
        let after = self.0.partition_point(|it| it.start <= start);
        self.0.get(after.checked_sub(1)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_reason_stands_for_the_ranges_after_it() {
        let reason = |start, side, why: &str| Reason { start, side, why: why.to_owned() };
        let mut all = Reasons::default();
        for (start, side) in [(10, Side::A), (20, Side::A), (30, Side::B)] {
            all.push(reason(start, side, "an error"));
        }
        let mut more = Reasons::default();
        more.push(reason(40, Side::B, "an error"));
        more.push(reason(50, Side::B, "another one"));
        all.append(more);
        assert_eq!(all.0.len(), 3);
        assert_eq!(all.at(9), None);
        assert_eq!(
            [10, 25, 30, 45].map(|at| all.at(at).unwrap().side),
            [Side::A, Side::A, Side::B, Side::B]
        );
        assert_eq!(all.at(99).unwrap().why, "another one");
    }
}
