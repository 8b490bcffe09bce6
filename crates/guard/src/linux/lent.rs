//! Ranges that are lent, in their table: what to do when a page of one is lost, and what was lost.

use std::ptr;
#[cfg(not(test))]
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::{AtomicPtr, Ordering};

use super::mend::Mend;
use crate::OnLostPage;
#[cfg(test)]
use crate::range_table::AtomicUsize;
use crate::range_table::{Entry, Held, RangeTable, Slot};

/// A range that is lent: what to do if a page of it is lost, and what was lost.
#[derive(Debug)]
pub(crate) struct Lent {
    /// Not 0 if lost pages may become zeros.
    zeros: AtomicUsize,
    /// The offset from the first byte of the range of the lowest byte that was lost.
    lost: AtomicUsize,
    /// What is known of the file whose pages they are; null if nothing is. The owner of the range keeps it until
    /// the range is removed.
    mend: AtomicPtr<Mend>,
}

impl Entry for Lent {
    const NONE: Self = Self {
        zeros: AtomicUsize::new(0),
        lost: AtomicUsize::new(NOTHING_LOST),
        mend: AtomicPtr::new(ptr::null_mut()),
    };
}

const NOTHING_LOST: usize = usize::MAX;

/// The loss of a page: what to do, and the offset in the range of the first lost byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Loss {
    pub(crate) on_lost: OnLostPage,
    pub(crate) byte: usize,
    /// The file of the range, which says how much is lost with the page.
    pub(crate) mend: *const Mend,
}

#[cfg(test)]
impl Loss {
    /// The loss of a byte of no file.
    pub(crate) const fn of(on_lost: OnLostPage, byte: usize) -> Self {
        Self { on_lost, byte, mend: ptr::null() }
    }
}

impl<const N: usize> RangeTable<Lent, N> {
    /// Adds a range that is lent.
    pub(crate) fn add(&self, first: usize, last: usize, on_lost: OnLostPage) -> &Slot<Lent> {
        self.add_of_file(first, last, on_lost, ptr::null())
    }

    /// Adds a range of pages of a file. The caller keeps `mend` until the range is removed.
    pub(super) fn add_of_file(
        &self,
        first: usize,
        last: usize,
        on_lost: OnLostPage,
        mend: *const Mend,
    ) -> &Slot<Lent> {
        self.add_with(first, last, |lent| {
            lent.lost.store(NOTHING_LOST, Ordering::Relaxed);
            lent.zeros.store(usize::from(on_lost == OnLostPage::Zeros), Ordering::Relaxed);
            lent.mend.store(mend.cast_mut(), Ordering::Relaxed);
        })
    }

    /// Records the loss of the page from `first` to `last` in every range that overlaps it. Returns what the
    /// strictest of their owners chose; `None` if no range overlaps the page.
    ///
    /// For signal handlers: it allocates nothing and does not wait.
    ///
    /// Whether it finds a range that another thread adds or removes at the same time does not matter: the
    /// range that the faulting thread uses was added before the fault and is removed after it.
    pub(crate) fn lose(&self, first: usize, last: usize) -> Option<Loss> {
        let losses = self.held(first, last).map(|held| held.lose(first));
        losses.reduce(|found, loss| if found.on_lost == OnLostPage::Abort { found } else { loss })
    }
}

impl Slot<Lent> {
    /// The offset in the range of the lowest byte that was lost.
    pub(crate) fn lost(&self) -> Option<usize> {
        Some(self.entry.lost.load(Ordering::Acquire)).filter(|&lost| lost != NOTHING_LOST)
    }
}

impl Held<'_, Lent> {
    fn lose(&self, first: usize) -> Loss {
        let byte = first.saturating_sub(self.first());
        // Release: for code that reads the zeros afterwards, and then asks for the loss.
        self.entry().lost.fetch_min(byte, Ordering::Release);
        let is_zeros = self.entry().zeros.load(Ordering::Relaxed) != 0;
        let on_lost = if is_zeros { OnLostPage::Zeros } else { OnLostPage::Abort };
        Loss { on_lost, byte, mend: self.entry().mend.load(Ordering::Relaxed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use OnLostPage::{Abort, Zeros};

    const PAGE: usize = 0x1000;

    #[test]
    fn a_range_is_found_by_each_page_that_it_has_a_part_in() {
        let table = RangeTable::<Lent, 2>::new();
        let slot = table.add(PAGE + 100, 3 * PAGE, Zeros);
        let lose = |page: usize| table.lose(page * PAGE, page * PAGE + PAGE - 1);
        assert_eq!((lose(0), lose(4), slot.lost()), (None, None, None));
        assert_eq!(lose(3), Some(Loss::of(Zeros, 2 * PAGE - 100)));
        assert_eq!(slot.lost(), Some(2 * PAGE - 100));
        assert_eq!(lose(1), Some(Loss::of(Zeros, 0)));
        assert_eq!(lose(2).unwrap().byte, PAGE - 100);
        assert_eq!(slot.lost(), Some(0), "the lowest");
        slot.retire();
        assert_eq!(lose(2), None);
    }

    #[test]
    fn the_last_page_of_all_addresses_can_be_registered() {
        let table = RangeTable::<Lent, 1>::new();
        let slot = table.add(usize::MAX - 10, usize::MAX, Abort);
        assert_eq!(table.lose(0, PAGE - 1), None);
        let last = usize::MAX - (PAGE - 1);
        assert_eq!(table.lose(last, usize::MAX), Some(Loss::of(Abort, 0)));
        assert_eq!(slot.lost(), Some(0));
    }

    #[test]
    fn of_ranges_in_one_page_all_lose_it_and_the_strictest_decides() {
        let table = RangeTable::<Lent, 2>::new();
        let (first, last) = (10 * PAGE, 15 * PAGE - 1);
        let slots = [Zeros, Abort, Zeros].map(|on_lost| table.add(first, last, on_lost));
        let other = table.add(2 * first, 2 * last, Abort);
        let fault = || table.lose(first + 2 * PAGE, first + 3 * PAGE - 1);
        assert_eq!(fault(), Some(Loss::of(Abort, 2 * PAGE)));
        assert_eq!(slots.map(Slot::lost), [Some(2 * PAGE); 3]);
        assert_eq!(other.lost(), None);
        slots[1].retire();
        assert_eq!(fault().unwrap().on_lost, Zeros);
    }
}
