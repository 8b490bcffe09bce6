use std::ops::Range;

/// A replaced range: what it was before, and what it is after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hunk {
    pub(crate) old: Range<u64>,
    pub(crate) new: Range<u64>,
}

/// Which side of bytes that are inserted at a position it keeps to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there are two sides")]
pub enum Stick {
    /// It stays before them: the end of a selection.
    Left,
    /// It moves behind them: a mark, the start of a selection.
    Right,
}

/// How positions of one version become those of another.
///
/// [`Overlay::shift`](crate::Overlay::shift) makes it. A position belongs to a version: keep the
/// [`State`](crate::State) that it was set in, and translate it when it is used. Then it is back where it was
/// when its bytes are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shift {
    /// In order, and none touches another.
    hunks: Vec<Hunk>,
}

impl Shift {
    /// Hunks in order.
    pub(crate) fn new(hunks: Vec<Hunk>) -> Self {
        Self { hunks }
    }

    pub(crate) fn hunks(&self) -> &[Hunk] {
        &self.hunks
    }

    /// Whether every position stays.
    pub fn is_identity(&self) -> bool {
        self.hunks.is_empty()
    }

    /// The new position. A byte that was deleted has that of the deletion; one that was overwritten keeps its
    /// distance to the start of what was.
    pub fn position(&self, at: u64, stick: Stick) -> u64 {
        let behind = self.hunks.partition_point(|hunk| hunk.old.start <= at);
        let Some(hunk) = behind.checked_sub(1).and_then(|last| self.hunks.get(last)) else {
            return at;
        };
        if at == hunk.old.start && hunk.old.is_empty() {
            return if stick == Stick::Left { hunk.new.start } else { hunk.new.end };
        }
        if at < hunk.old.end {
            let within = at.saturating_sub(hunk.old.start);
            return hunk.new.start.saturating_add(within).min(hunk.new.end);
        }
        hunk.new.end.saturating_add(at.saturating_sub(hunk.old.end))
    }

    /// The new range of the same bytes: what was inserted at its ends is not in it.
    pub fn range(&self, range: Range<u64>) -> Range<u64> {
        let start = self.position(range.start, Stick::Right);
        if range.is_empty() {
            return start..start;
        }
        let end = self.position(range.end, Stick::Left);
        start..end.max(start)
    }

    /// Whether a byte of the range was changed or deleted, or bytes were inserted in it.
    pub fn changes(&self, range: &Range<u64>) -> bool {
        let first = self.hunks.partition_point(|hunk| hunk.old.end <= range.start);
        self.hunks.get(first).is_some_and(|hunk| hunk.old.start < range.end)
    }

    /// What changed, from the first to the last byte, in the new version. `None` if nothing did.
    pub fn hull(&self) -> Option<Range<u64>> {
        Some(self.hunks.first()?.new.start..self.hunks.last()?.new.end)
    }

    /// The same in the old version.
    pub fn replaced(&self) -> Option<Range<u64>> {
        Some(self.hunks.first()?.old.start..self.hunks.last()?.old.end)
    }

    /// The way back.
    pub(crate) fn reversed(self) -> Self {
        let swap = |Hunk { old, new }| Hunk { old: new, new: old };
        Self { hunks: self.hunks.into_iter().map(swap).collect() }
    }

    /// This, and then `next`.
    pub(crate) fn then(self, next: Self) -> Self {
        if self.hunks.is_empty() || next.hunks.is_empty() {
            let hunks = if self.hunks.is_empty() { next.hunks } else { self.hunks };
            return Self { hunks };
        }
        let mut first = self.hunks.into_iter().peekable();
        let mut second = next.hunks.into_iter().peekable();
        // How far positions moved, before and after the version in between, by the hunks so far.
        let (mut before, mut after) = (Moved::default(), Moved::default());
        let mut hunks = Vec::with_capacity(first.len().saturating_add(second.len()));
        loop {
            let starts =
                (first.peek().map(|it| it.new.start), second.peek().map(|it| it.old.start));
            let start = match starts {
                (None, None) => return Self { hunks },
                (Some(start), None) | (None, Some(start)) => start,
                (Some(one), Some(other)) => one.min(other),
            };
            let (old_start, new_start) = (before.back(start), after.forth(start));
            let mut end = start;
            loop {
                if let Some(hunk) = first.next_if(|hunk| hunk.new.start <= end) {
                    before.pass(&hunk);
                    end = end.max(hunk.new.end);
                } else if let Some(hunk) = second.next_if(|hunk| hunk.old.start <= end) {
                    after.pass(&hunk);
                    end = end.max(hunk.old.end);
                } else {
                    break;
                }
            }
            let (old, new) = (old_start..before.back(end), new_start..after.forth(end));
            hunks.push(Hunk { old, new });
        }
    }
}

/// The bytes that hunks took out and put in.
#[derive(Debug, Default)]
struct Moved {
    out: u64,
    into: u64,
}

impl Moved {
    fn pass(&mut self, hunk: &Hunk) {
        self.out = self.out.saturating_add(hunk.old.end.saturating_sub(hunk.old.start));
        self.into = self.into.saturating_add(hunk.new.end.saturating_sub(hunk.new.start));
    }

    /// A position behind the hunks, after them.
    fn forth(&self, at: u64) -> u64 {
        at.saturating_sub(self.out).saturating_add(self.into)
    }

    /// A position behind the hunks, before them.
    fn back(&self, at: u64) -> u64 {
        at.saturating_sub(self.into).saturating_add(self.out)
    }
}

#[cfg(test)]
#[allow(clippy::as_conversions, reason = "numbers of tests are small")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Replaces `len` values at `at` by new ones, and says so.
    fn change(values: &mut Vec<u32>, fresh: &mut u32, at: u16, len: u8, new: u8) -> Shift {
        let at = usize::from(at) % (values.len() + 1);
        let len = usize::from(len).min(values.len() - at);
        let added: Vec<u32> = (0..u32::from(new)).map(|more| *fresh + more).collect();
        *fresh += u32::from(new);
        values.splice(at..at + len, added);
        let at = at as u64;
        let (old, new) = (at..at + len as u64, at..at + u64::from(new));
        if old.is_empty() && new.is_empty() {
            return Shift::default();
        }
        Shift::new(vec![Hunk { old, new }])
    }

    proptest! {
        #[test]
        fn what_stays_is_found_again(
            changes in prop::collection::vec((any::<u16>(), 0..9_u8, 0..9_u8), 1..40), half in 0..40_usize,
        ) {
            let before: Vec<u32> = (0..200).collect();
            let (mut values, mut fresh) = (before.clone(), 1000);
            let mut shifts: Vec<Shift> = changes
                .into_iter()
                .map(|(at, len, new)| change(&mut values, &mut fresh, at, len, new))
                .collect();
            // In any order of joining.
            let rest = shifts.split_off(half.min(shifts.len()));
            let join = |shifts: Vec<Shift>| shifts.into_iter().fold(Shift::default(), Shift::then);
            let shift = join(shifts).then(join(rest));
            for (at, value) in before.iter().enumerate() {
                let Some(now) = values.iter().position(|it| it == value) else { continue };
                let range = at as u64..at as u64 + 1;
                prop_assert_eq!(shift.position(at as u64, Stick::Right), now as u64);
                prop_assert_eq!(shift.position(at as u64 + 1, Stick::Left), now as u64 + 1);
                prop_assert!(!shift.changes(&range));
            }
            let back = shift.clone().reversed();
            for (now, value) in values.iter().enumerate() {
                let Some(at) = before.iter().position(|it| it == value) else { continue };
                prop_assert_eq!(back.position(now as u64, Stick::Right), at as u64);
            }
            for pair in shift.hunks.windows(2) {
                prop_assert!(pair[0].old.end < pair[1].old.start, "{:?}", pair);
                prop_assert!(pair[0].new.end < pair[1].new.start, "{:?}", pair);
            }
            prop_assert_eq!(shift.position(200, Stick::Right), values.len() as u64);
        }
    }

    #[test]
    fn a_mark_moves_with_what_is_inserted_at_it_and_an_end_does_not() {
        let shift =
            Shift::new(vec![Hunk { old: 10..10, new: 10..14 }, Hunk { old: 20..30, new: 24..24 }]);
        assert_eq!(shift.position(10, Stick::Right), 14);
        assert_eq!(shift.position(10, Stick::Left), 10);
        assert_eq!(shift.range(5..10), 5..10);
        assert_eq!(shift.range(10..12), 14..16);
        assert_eq!(shift.position(25, Stick::Right), 24);
        assert_eq!(shift.range(22..28), 24..24);
        assert!(shift.changes(&(29..40)) && !shift.changes(&(30..40)) && !shift.changes(&(0..10)));
        assert!(shift.changes(&(9..11)));
        assert_eq!((shift.replaced(), shift.hull()), (Some(10..30), Some(10..24)));
    }
}
