use std::collections::BTreeMap;
use std::ops::Range;

use memmap_core::Error;

use crate::{Difference, DifferenceKind, NotCompared, Side};

/// The differences of two sides, collected in order.
#[derive(Debug, Default)]
pub(super) struct List {
    differences: Vec<Difference>,
    not_compared: Vec<NotCompared>,
    a_bad: Unreadable,
    b_bad: Unreadable,
}

/// Differences with fewer equal bytes between them are joined.
pub(super) const LEAST_EQUAL: u64 = 4;

impl List {
    /// Notes that a range of one side cannot be read.
    pub(super) fn note(&mut self, side: Side, range: Range<u64>, error: Error) {
        match side {
            Side::A => self.a_bad.add(range, error),
            Side::B => self.b_bad.add(range, error),
        }
    }

    /// Whether a byte of these ranges is known to be unreadable.
    pub(super) fn is_lost(&self, a: &Range<u64>, b: &Range<u64>) -> bool {
        self.a_bad.next(a.clone()).is_some() || self.b_bad.next(b.clone()).is_some()
    }

    /// Adds two ranges that have nothing in common. What cannot be read in them is listed apart, with the
    /// bytes of the other side at the same place.
    pub(super) fn push(&mut self, a: Range<u64>, b: Range<u64>) {
        let (mut a_at, mut b_at) = (a.start, b.start);
        while a_at < a.end || b_at < b.end {
            let a_bad = self.a_bad.next(a_at..a.end);
            let b_bad = self.b_bad.next(b_at..b.end);
            let before = |bad: &Option<Range<u64>>, at: u64| {
                bad.as_ref().map_or(u64::MAX, |bad| bad.start.saturating_sub(at))
            };
            let readable = before(&a_bad, a_at).min(before(&b_bad, b_at));
            let a_next = a_at.saturating_add(readable).min(a.end);
            let b_next = b_at.saturating_add(readable).min(b.end);
            self.add(kind_of(&(a_at..a_next), &(b_at..b_next)), a_at..a_next, b_at..b_next);
            (a_at, b_at) = (a_next, b_next);
            let starts_at = |bad: Option<Range<u64>>, at| bad.filter(|bad| bad.start == at);
            let (side, lost) = match (starts_at(a_bad, a_at), starts_at(b_bad, b_at)) {
                (Some(bad), _) => (Side::A, bad.end.saturating_sub(a_at)),
                (None, Some(bad)) => (Side::B, bad.end.saturating_sub(b_at)),
                (None, None) => continue,
            };
            let a_next = a_at.saturating_add(lost).min(a.end);
            let b_next = b_at.saturating_add(lost).min(b.end);
            self.lose(side, a_at..a_next, b_at..b_next);
            (a_at, b_at) = (a_next, b_next);
        }
    }

    fn lose(&mut self, side: Side, a: Range<u64>, b: Range<u64>) {
        let error = match side {
            Side::A => self.a_bad.take(a.start),
            Side::B => self.b_bad.take(b.start),
        };
        if let Some(error) = error {
            self.not_compared.push(NotCompared { side, a: a.clone(), b: b.clone(), error });
        } else if let Some(last) = self.not_compared.last_mut() {
            // It goes on.
            last.a.end = a.end;
            last.b.end = b.end;
        }
        self.add(DifferenceKind::Unreadable, a, b);
    }

    fn add(&mut self, kind: DifferenceKind, a: Range<u64>, b: Range<u64>) {
        if a.is_empty() && b.is_empty() {
            return;
        }
        if let Some(last) = self.differences.last_mut() {
            let equal = a.start.saturating_sub(last.a.end);
            let is_close = match (last.kind, kind) {
                (DifferenceKind::Unreadable, DifferenceKind::Unreadable) => equal == 0,
                (DifferenceKind::Unreadable, _) | (_, DifferenceKind::Unreadable) => false,
                _ => equal < LEAST_EQUAL,
            };
            if is_close && b.start.saturating_sub(last.b.end) == equal {
                last.a.end = a.end;
                last.b.end = b.end;
                if kind != DifferenceKind::Unreadable {
                    last.kind = kind_of(&last.a, &last.b);
                }
                return;
            }
        }
        self.differences.push(Difference { kind, a, b });
    }

    /// Number of differences.
    pub(super) const fn len(&self) -> usize {
        self.differences.len()
    }

    pub(super) fn into_parts(self) -> (Vec<Difference>, Vec<NotCompared>) {
        (self.differences, self.not_compared)
    }
}

const fn kind_of(a: &Range<u64>, b: &Range<u64>) -> DifferenceKind {
    if a.start >= a.end {
        DifferenceKind::OnlyInB
    } else if b.start >= b.end {
        DifferenceKind::OnlyInA
    } else {
        DifferenceKind::Changed
    }
}

/// The ranges of one side that are known to be unreadable.
#[derive(Debug, Default)]
struct Unreadable(BTreeMap<u64, (u64, Option<Error>)>);

impl Unreadable {
    fn add(&mut self, range: Range<u64>, error: Error) {
        let after = self.0.range(range.start.saturating_add(1)..).next();
        let end = after.map_or(range.end, |(&after, _)| range.end.min(after));
        match self.0.range_mut(..=range.start).next_back() {
            // Seen before, perhaps only up to the end of a block.
            Some((_, (known, _))) if *known >= range.start => *known = end.max(*known),
            _ => drop(self.0.insert(range.start, (end, Some(error)))),
        }
    }

    /// The next unreadable range in `within`, as far as it is in it.
    fn next(&self, within: Range<u64>) -> Option<Range<u64>> {
        let before = self.0.range(..=within.start).next_back();
        let known = before.filter(|(_, (end, _))| *end > within.start);
        let (&start, &(end, _)) = known.or_else(|| self.0.range(within.clone()).next())?;
        Some(start.max(within.start)..end.min(within.end)).filter(|range| !range.is_empty())
    }

    /// Why the range at `at` cannot be read, if it is asked for the first time.
    fn take(&mut self, at: u64) -> Option<Error> {
        self.0.range_mut(..=at).next_back()?.1.1.take()
    }
}
