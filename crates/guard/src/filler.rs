//! Ranges that are filled when they are touched, in their table.
//!
//! A handler holds the slot of a range while it calls what fills it. The owner that removes a range closes the slot,
//! waits until nobody holds it, and drops what fills it only then.

use std::ptr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

#[cfg(not(test))]
use std::sync::atomic::AtomicPtr;

#[cfg(test)]
use crate::range_table::AtomicPtr;
use crate::range_table::{Entry, RangeTable, Slot};
use crate::{Fill, Filled};

/// What fills a range: from a box, which is dropped by [`Slot::remove`].
#[derive(Debug)]
pub(crate) struct Filler {
    fill: AtomicPtr<Arc<dyn Fill>>,
}

impl Entry for Filler {
    const NONE: Self = Self { fill: AtomicPtr::new(ptr::null_mut()) };
}

impl<const N: usize> RangeTable<Filler, N> {
    pub(crate) fn add(&self, first: usize, last: usize, fill: Arc<dyn Fill>) -> &Slot<Filler> {
        let fill = Box::into_raw(Box::new(fill));
        self.add_with(first, last, |filler| filler.fill.store(fill, Ordering::Relaxed))
    }

    /// Fills the page with this address, which was loaded from or stored to. Returns the result, and the offset of the
    /// address in the range; `None` if it is in no range, or in one that takes no stores.
    ///
    /// For signal handlers: what it does beyond looking at the table is up to what fills the range.
    pub(crate) fn fill(&self, address: usize, is_load: bool) -> Option<(Filled, usize)> {
        let held = self.held(address, address).next()?;
        let offset = address - held.first();
        let fill = held.entry().fill.load(Ordering::Relaxed);
        // SAFETY: `add` stored the pointer before the slot became live, which `held` has seen. It is from a box
        // that `remove` drops when nobody holds the slot, and `held` exists to the end of this function.
        let fill = unsafe { &*fill };
        (is_load || fill.takes_stores()).then(|| (fill.fill(offset), offset))
    }
}

impl Slot<Filler> {
    /// Removes the range. While a handler is in what fills it, `may_wait` is called again and again. If that returns
    /// false, what fills the range is never dropped.
    ///
    /// # Safety
    /// Called by the owner, which does not use the slot afterwards.
    pub(crate) unsafe fn remove(&self, mut may_wait: impl FnMut() -> bool) {
        let fill = self.entry.fill.load(Ordering::Relaxed);
        self.close();
        let mut is_held = self.is_held();
        while is_held && may_wait() {
            is_held = self.is_held();
        }
        self.retire();
        if !is_held {
            // SAFETY: from the box of `add`, which only this call drops. Since the slot was closed nobody has begun
            // to hold it, and whoever held it before has released it.
            drop(unsafe { Box::from_raw(fill) });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::array;
    use std::sync::atomic::{AtomicBool, AtomicUsize as Count};
    use std::thread;

    use super::*;
    use crate::range_table::{AtomicUsize, model};

    const PAGE: usize = 0x1000;
    const RANGE: usize = 10 * PAGE;
    const ELSEWHERE: usize = 20 * PAGE;

    /// Counts the calls of a range, and fails if it is dropped during one.
    struct Probe {
        first: usize,
        /// An access at which a model can stop.
        step: AtomicUsize,
        calls: Arc<Count>,
        is_dropped: Arc<AtomicBool>,
    }

    // SAFETY: it changes atomics of its own.
    unsafe impl Fill for Probe {
        fn fill(&self, offset: usize) -> Filled {
            let is_dropped = Arc::clone(&self.is_dropped);
            assert_eq!((self.first, offset), (RANGE, PAGE + 7));
            self.step.fetch_add(1, Ordering::SeqCst);
            assert!(!is_dropped.load(Ordering::SeqCst), "dropped while it fills");
            self.calls.fetch_add(1, Ordering::SeqCst);
            Filled::Ready
        }
    }

    impl Drop for Probe {
        fn drop(&mut self) {
            self.is_dropped.store(true, Ordering::SeqCst);
        }
    }

    fn probe(first: usize) -> Probe {
        Probe {
            first,
            step: AtomicUsize::new(0),
            calls: Arc::default(),
            is_dropped: Arc::default(),
        }
    }

    fn add<const N: usize>(table: &RangeTable<Filler, N>, probe: Probe) -> &Slot<Filler> {
        table.add(probe.first, probe.first + 3 * PAGE - 1, Arc::new(probe))
    }

    /// Touches the second page of the range. Returns whether it was filled.
    fn touch<const N: usize>(table: &RangeTable<Filler, N>) -> bool {
        let found = table.fill(RANGE + PAGE + 7, true);
        assert!([None, Some((Filled::Ready, PAGE + 7))].contains(&found));
        found.is_some()
    }

    fn remove(slot: &Slot<Filler>) {
        // SAFETY: each test removes a slot once.
        unsafe { slot.remove(|| false) };
    }

    #[test]
    fn a_range_is_filled_until_it_is_removed() {
        let table = RangeTable::<Filler, 2>::new();
        let it = probe(RANGE);
        let (calls, is_dropped) = (Arc::clone(&it.calls), Arc::clone(&it.is_dropped));
        let slot = add(&table, it);
        let other = add(&table, probe(ELSEWHERE));
        assert!(touch(&table) && touch(&table));
        for outside in [0, RANGE - 1, RANGE + 3 * PAGE, ELSEWHERE - 1, usize::MAX] {
            assert_eq!(table.fill(outside, true), None, "{outside:#x}");
        }
        assert!(!is_dropped.load(Ordering::SeqCst));
        remove(slot);
        assert!(is_dropped.load(Ordering::SeqCst) && !touch(&table));
        assert_eq!(calls.load(Ordering::SeqCst), 2);
        remove(other);
    }

    #[test]
    fn a_range_that_is_held_is_waited_for_or_left() {
        let table = RangeTable::<Filler, 1>::new();
        let it = probe(RANGE);
        let is_dropped = Arc::clone(&it.is_dropped);
        let slot = add(&table, it);
        let mut holders: Vec<_> = (0..3).map(|_| table.held(RANGE, RANGE).next()).collect();
        assert!(holders.iter().all(Option::is_some));
        let mut waited = 0;
        let wait = || {
            waited += 1;
            assert!(!is_dropped.load(Ordering::SeqCst));
            holders.pop();
            true
        };
        // SAFETY: removed once.
        unsafe { slot.remove(wait) };
        assert!(is_dropped.load(Ordering::SeqCst));
        assert_eq!(waited, 3);

        let it = probe(RANGE);
        let is_dropped = Arc::clone(&it.is_dropped);
        let slot = add(&table, it);
        let holder = table.held(RANGE, RANGE).next().unwrap();
        remove(slot);
        assert!(!touch(&table), "it is closed");
        let other = add(&table, probe(ELSEWHERE));
        assert!(!ptr::eq(slot, other), "the slot is still held");
        drop(holder);
        assert!(!is_dropped.load(Ordering::SeqCst), "never");
        let reused = add(&table, probe(RANGE));
        assert!(ptr::eq(slot, reused));
        remove(reused);
        remove(other);
    }

    // Models: touches, in every order with the accesses of the thread that removes the range. That thread does not
    // wait here, as waiting has orders without end: what it would wait for is what it finds held.

    type It = (RangeTable<Filler, 2>, Arc<AtomicBool>);

    fn set() -> It {
        let table = RangeTable::new();
        let it = probe(RANGE);
        let is_dropped = Arc::clone(&it.is_dropped);
        add(&table, it);
        (table, is_dropped)
    }

    fn touches((table, _): &It) {
        touch(table);
    }

    fn removes((table, _): &It) {
        remove(table.slot(0));
    }

    fn reuses(it: &It) {
        removes(it);
        remove(add(&it.0, probe(ELSEWHERE)));
    }

    fn is_removed((table, _): &It) {
        assert!(!touch(table));
    }

    #[test]
    fn model_of_a_range_that_is_removed_while_it_is_touched() {
        let orders = model::every_order(set, [&touches, &removes], is_removed);
        assert!(orders > 5, "{orders}");
        let orders = model::every_order(set, [&touches, &touches, &removes], is_removed);
        assert!(orders > 50, "{orders}");
    }

    #[test]
    fn model_of_a_range_whose_slot_is_used_again_while_it_is_touched() {
        let orders = model::every_order(set, [&touches, &reuses], is_removed);
        assert!(orders > 20, "{orders}");
    }

    #[test]
    fn thousands_of_ranges_come_and_go_while_they_are_touched() {
        static TABLE: RangeTable<Filler, 64> = RangeTable::new();
        let ended = AtomicBool::new(false);
        let stays = add(&TABLE, probe(RANGE));
        thread::scope(|scope| {
            let adding = array::from_fn::<_, 2, _>(|_| {
                scope.spawn(|| {
                    for _ in 0..2000 {
                        let slots = array::from_fn::<_, 40, _>(|_| add(&TABLE, probe(ELSEWHERE)));
                        // SAFETY: removed once.
                        slots.into_iter().for_each(|slot| unsafe {
                            slot.remove(|| {
                                thread::yield_now();
                                true
                            });
                        });
                    }
                })
            });
            for _ in 0..2 {
                scope.spawn(|| {
                    while !ended.load(Ordering::Relaxed) {
                        assert!(touch(&TABLE));
                    }
                });
            }
            let results = adding.map(thread::ScopedJoinHandle::join);
            ended.store(true, Ordering::Relaxed);
            results.into_iter().for_each(Result::unwrap);
        });
        remove(stays);
    }
}
