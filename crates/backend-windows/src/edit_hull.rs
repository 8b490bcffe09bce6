//! The range that contains all private edits.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use memmap_core::{Edits, Error, Result};
use memmap_guard::Guarded;

use crate::pages::Pages;

/// The shortest range that contains every edit of a private mapping. The system keeps the edits and does not
/// report which pages have any.
#[derive(Debug)]
pub struct EditHull {
    start: AtomicUsize,
    end: AtomicUsize,
}

impl EditHull {
    pub(crate) const fn none() -> Self {
        Self { start: AtomicUsize::new(usize::MAX), end: AtomicUsize::new(0) }
    }

    fn add(&self, range: &Range<usize>) {
        if !range.is_empty() {
            self.start.fetch_min(range.start, Ordering::Relaxed);
            self.end.fetch_max(range.end, Ordering::Relaxed);
        }
    }

    fn hull(&self) -> Range<usize> {
        let start = self.start.load(Ordering::Relaxed);
        start..self.end.load(Ordering::Relaxed).max(start)
    }
}

impl Edits<Pages> for EditHull {
    /// `None`: edits are in the pages of the view, which the system copies on write.
    fn apart(&self) -> Option<&Guarded<Pages>> {
        None
    }

    fn bring(
        &self,
        range: &Range<usize>,
        _: impl FnMut(usize, &mut [u8]) -> Result<()>,
    ) -> Result<(), (usize, Error)> {
        self.add(range);
        Ok(())
    }

    fn may_be_in_pages(&self, range: &Range<usize>) -> bool {
        let hull = self.hull();
        hull.start < range.end && hull.end > range.start
    }

    fn runs(&self, range: &Range<usize>) -> Vec<Range<usize>> {
        let hull = self.hull();
        let edited = hull.start.max(range.start)..hull.end.min(range.end);
        if edited.is_empty() { Vec::new() } else { vec![edited; 1] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hull_holds_every_edit_and_nothing_if_there_is_none() {
        let edits = EditHull::none();
        assert!(edits.hull().is_empty());
        edits.add(&(7..7));
        assert!(edits.hull().is_empty());
        edits.add(&(100..200));
        edits.add(&(50..51));
        assert_eq!(edits.hull(), 50..200);
    }
}
