//! Positions that keep to their bytes while others are inserted and deleted.

use std::ops::Range;

use memmap::edit::{EditedFile, Shift, State, Stick};

/// A position, and the version that it was set in. When that version is shown again, it is where it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Anchor {
    of: State,
    at: u64,
    now: u64,
}

/// A range, and the version that it was set in. What is inserted at its ends is not in it. Where its bytes were
/// deleted it is empty, and when that version is shown again it is what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AnchoredRange {
    of: State,
    at: Range<u64>,
    now: Range<u64>,
}

impl AnchoredRange {
    /// A range in the version that is shown.
    pub(crate) fn new(at: Range<u64>, of: State) -> Self {
        Self { of, now: at.clone(), at }
    }

    /// The range in the version that is shown.
    pub(crate) fn now(&self) -> Range<u64> {
        self.now.clone()
    }

    /// The version that it was set in.
    pub(crate) const fn state(&self) -> State {
        self.of
    }

    /// The range in another version. The steps lead there from the version that it was set in, one state at a
    /// time: two of them taken together would not tell what was deleted from what was inserted beside it.
    pub(crate) fn in_version(&self, steps: &[Shift]) -> Range<u64> {
        steps.iter().fold(self.at.clone(), |at, step| step.range(at))
    }

    /// Another version is shown.
    pub(crate) fn go(&mut self, steps: &[Shift]) {
        self.now = self.in_version(steps);
    }

    /// A version is shown that was just made from the one that was shown.
    pub(crate) fn follow(&mut self, moved: &Moved) {
        self.now = moved.range(self.now());
    }

    /// The version that it was set in was changed, as the keys of a typing run do.
    pub(crate) fn amend(&mut self, moved: &Moved) {
        self.now = moved.range(self.now());
        self.at = self.now();
    }

    /// The versions up to now do not exist any more.
    pub(crate) fn forget_versions(&mut self) {
        *self = Self::new(self.now(), State::FIRST);
    }
}

/// What an edit, an undo or a redo does to positions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Moved {
    /// A range was replaced by `len` bytes.
    Splice { range: Range<u64>, len: u64 },
    /// Another state is shown.
    Shift(Shift),
}

impl Moved {
    /// The new range of the same bytes.
    fn range(&self, at: Range<u64>) -> Range<u64> {
        let start = self.position(at.start, Stick::Right);
        let end = if at.is_empty() { start } else { self.position(at.end, Stick::Left) };
        start..end.max(start)
    }

    /// The new position.
    pub(crate) fn position(&self, at: u64, stick: Stick) -> u64 {
        let (range, len) = match self {
            Self::Shift(shift) => return shift.position(at, stick),
            Self::Splice { range, len } => (range, *len),
        };
        if at < range.start || (at == range.start && range.is_empty() && stick == Stick::Left) {
            at
        } else if at < range.end {
            range.start.saturating_add((at - range.start).min(len))
        } else {
            range.start.saturating_add(len).saturating_add(at - range.end)
        }
    }
}

impl Anchor {
    /// A position in the version that is shown.
    pub(crate) const fn new(at: u64, of: State) -> Self {
        Self { of, at, now: at }
    }

    /// The position in the version that is shown.
    pub(crate) const fn now(self) -> u64 {
        self.now
    }

    /// Follows the steps in order. `overlay` already shows the state after the last one.
    pub(crate) fn follow(&mut self, moved: &[Moved], overlay: &EditedFile) {
        // A byte that was deleted has lost its distance to others: only its own version knows it.
        if moved.iter().any(|it| matches!(it, Moved::Shift(_))) {
            let shift = overlay.shift(self.of, overlay.history().current());
            self.now = shift.position(self.at, Stick::Right);
            return;
        }
        for one in moved {
            self.now = one.position(self.now, Stick::Right);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_splice_moves_positions_as_the_shift_of_its_state_does() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&[7; 40]).unwrap();
        for (start, end, len) in
            [(5, 5, 3), (5, 9, 0), (5, 9, 2), (5, 9, 9), (0, 40, 1), (39, 40, 1)]
        {
            let map = memmap::MemMap::open(file.path(), memmap::Mode::Read).unwrap();
            let mut overlay = EditedFile::new(map);
            overlay.replace(start..end, &[1; 9][..len]).unwrap();
            let shift = Moved::Shift(overlay.shift(State::FIRST, overlay.history().current()));
            let splice = Moved::Splice { range: start..end, len: u64::try_from(len).unwrap() };
            for at in 0..=40 {
                for stick in [Stick::Left, Stick::Right] {
                    let (a, b) = (splice.position(at, stick), shift.position(at, stick));
                    assert_eq!(a, b, "{at} {stick:?} over {splice:?}");
                }
            }
        }
    }
}
