//! Where private edits may be.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The shortest range that holds every edit of a private mapping. The system keeps the edits
/// themselves, and does not say which pages they are in.
#[derive(Debug)]
pub(crate) struct Edits {
    start: AtomicUsize,
    end: AtomicUsize,
}

impl Edits {
    pub(crate) const fn none() -> Self {
        Self { start: AtomicUsize::new(usize::MAX), end: AtomicUsize::new(0) }
    }

    /// To be called before the edit is made.
    pub(crate) fn add(&self, range: &Range<usize>) {
        if !range.is_empty() {
            self.start.fetch_min(range.start, Ordering::Relaxed);
            self.end.fetch_max(range.end, Ordering::Relaxed);
        }
    }

    pub(crate) fn hull(&self) -> Range<usize> {
        let start = self.start.load(Ordering::Relaxed);
        start..self.end.load(Ordering::Relaxed).max(start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hull_holds_every_edit_and_nothing_if_there_is_none() {
        let edits = Edits::none();
        assert!(edits.hull().is_empty());
        edits.add(&(7..7));
        assert!(edits.hull().is_empty());
        edits.add(&(100..200));
        edits.add(&(50..51));
        assert_eq!(edits.hull(), 50..200);
    }
}
