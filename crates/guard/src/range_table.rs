//! Tables of ranges: those that are lent, and those that are filled. Handlers look ranges up while any thread adds
//! and removes others.
//!
//! A slot is free, taken (by a thread that writes a range into it) or live. A handler reads the range of a
//! live slot only while it holds the slot, and a slot that is held cannot be taken:
//!
//! ```text
//! 0 ──take──▶ TAKEN ──publish──▶ TAKEN | LIVE ──retire──▶ 0      and at any time
//!  compare_exchange   fetch_or              fetch_and       hold: + HOLD, release: - HOLD
//! ```
//!
//! An owner can [close](Slot::close) the slot first: it is no longer live, but still taken, so its holders are of
//! this range, and no others come.
//!
//! No thread waits for another. A slot that is still held after it was retired is skipped by threads that
//! look for a free one, until its holder releases it. So the handler never
//! sees a mixture of two ranges, and a loss that it records never reaches the next range in the same slot.
//! There is no generation counter, which could wrap.

use std::iter;
use std::ptr;
use std::sync::atomic::Ordering;
#[cfg(not(test))]
use std::sync::atomic::{AtomicPtr, AtomicUsize};

#[cfg(test)]
pub(crate) use model::{AtomicPtr, AtomicUsize};

#[cfg(test)]
pub(crate) mod model;

/// What a table keeps for each range. It is written by the range's owner, and read by those who hold its slot.
pub(crate) trait Entry: Sized {
    /// The value in a slot that was never used.
    const NONE: Self;
}

/// A table of ranges: a chunk of `N` slots, and another chunk whenever all are in use. It never shrinks.
#[derive(Debug)]
pub(crate) struct RangeTable<E, const N: usize> {
    slots: [Slot<E>; N],
    next: AtomicPtr<Self>,
}

/// A place for a range. The code that [added](RangeTable::add) the range owns the slot until
/// [`Slot::retire`].
#[derive(Debug)]
pub(crate) struct Slot<E> {
    /// The flags, and the number of holders times [`HOLD`].
    state: AtomicUsize,
    first: AtomicUsize,
    /// The last byte. The one after it may not be an address.
    last: AtomicUsize,
    pub(crate) entry: E,
}

/// The slot has an owner.
const TAKEN: usize = 1;
/// The slot holds a range.
const LIVE: usize = 2;
/// One holder.
const HOLD: usize = 4;

impl<E: Entry, const N: usize> RangeTable<E, N> {
    pub(crate) const fn new() -> Self {
        Self { slots: [const { Slot::new() }; N], next: AtomicPtr::new(ptr::null_mut()) }
    }

    /// Adds the range from `first` to `last`, both included, with an entry that `set` writes. A few atomic
    /// accesses; allocates a chunk if more ranges are live than ever before.
    pub(crate) fn add_with(&self, first: usize, last: usize, set: impl FnOnce(&E)) -> &Slot<E> {
        let mut chunk = self;
        loop {
            if let Some(slot) = chunk.slots.iter().find(|slot| slot.take()) {
                slot.publish(first, last, set);
                return slot;
            }
            chunk = chunk.next().unwrap_or_else(|| chunk.append());
        }
    }

    /// The live ranges that have a byte from `first` to `last`. Each is held as long as it is used.
    ///
    /// For signal handlers: it allocates nothing and does not wait.
    pub(crate) fn held(&self, first: usize, last: usize) -> impl Iterator<Item = Held<'_, E>> {
        let chunks = iter::successors(Some(self), |chunk| chunk.next());
        let held = chunks.flat_map(|chunk| &chunk.slots).filter_map(Slot::hold);
        held.filter(move |held| held.first() <= last && held.last() >= first)
    }

    #[cfg(test)]
    pub(crate) fn slot(&self, at: usize) -> &Slot<E> {
        &self.slots[at]
    }

    fn next(&self) -> Option<&Self> {
        let next = self.next.load(Ordering::Acquire);
        // SAFETY: null, or from the box of `append`, which is never freed or moved. It was complete when it
        // was stored (Release), and is only accessed through shared references.
        unsafe { next.as_ref() }
    }

    /// The next chunk: a new one, unless another thread was faster.
    #[cold]
    fn append(&self) -> &Self {
        let new = Box::into_raw(Box::new(Self::new()));
        let null = ptr::null_mut();
        let order = (Ordering::AcqRel, Ordering::Acquire);
        match self.next.compare_exchange(null, new, order.0, order.1) {
            // SAFETY: from the box above, which is never freed or moved from now on.
            Ok(_) => unsafe { &*new },
            Err(other) => {
                // SAFETY: from the box above, which was not published.
                drop(unsafe { Box::from_raw(new) });
                // SAFETY: as in `next`.
                unsafe { &*other }
            }
        }
    }
}

impl<E: Entry> Slot<E> {
    const fn new() -> Self {
        Self {
            state: AtomicUsize::new(0),
            first: AtomicUsize::new(0),
            last: AtomicUsize::new(0),
            entry: E::NONE,
        }
    }
}

impl<E> Slot<E> {
    /// Makes the caller the owner, unless the slot has an owner or a holder.
    fn take(&self) -> bool {
        // Acquire: after everything that earlier holders did before they released the slot.
        self.state.load(Ordering::Relaxed) == 0
            && self.state.compare_exchange(0, TAKEN, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    /// Writes a range into a slot that was taken. A handler that holds the slot at the same time reads only
    /// the state, and finds that it is not live.
    fn publish(&self, first: usize, last: usize, set: impl FnOnce(&E)) {
        self.first.store(first, Ordering::Relaxed);
        self.last.store(last, Ordering::Relaxed);
        set(&self.entry);
        // Release: a handler that finds the slot live finds the stores above.
        self.state.fetch_or(LIVE, Ordering::Release);
    }

    /// Hides the range from handlers that do not hold it yet. Called by the owner, before [`Self::retire`].
    pub(crate) fn close(&self) {
        // All accesses to the state that matter here are of one atomic, so a handler either added its hold before
        // this, and `is_held` finds it, or finds afterwards that the slot is not live.
        self.state.fetch_and(!LIVE, Ordering::Relaxed);
    }

    /// Whether a handler holds the slot, which was closed.
    pub(crate) fn is_held(&self) -> bool {
        // Acquire: after everything that holders did before they released the slot.
        self.state.load(Ordering::Acquire) >= HOLD
    }

    /// Removes the range. Called by the owner, which must not use the slot afterwards.
    pub(crate) fn retire(&self) {
        // Release: after everything that the owner did.
        self.state.fetch_and(!(TAKEN | LIVE), Ordering::Release);
    }

    fn hold(&self) -> Option<Held<'_, E>> {
        if self.state.load(Ordering::Relaxed) & LIVE == 0 {
            return None;
        }
        // Acquire: before the loads of the range that was published.
        let state = self.state.fetch_add(HOLD, Ordering::Acquire);
        let held = Held { slot: self };
        // If the slot was retired between the two, dropping `held` releases it.
        (state & LIVE != 0).then_some(held)
    }
}

/// A slot that was live. It is not given to another range while this exists.
pub(crate) struct Held<'a, E> {
    slot: &'a Slot<E>,
}

impl<E> Held<'_, E> {
    pub(crate) fn first(&self) -> usize {
        self.slot.first.load(Ordering::Relaxed)
    }

    fn last(&self) -> usize {
        self.slot.last.load(Ordering::Relaxed)
    }

    pub(crate) fn entry(&self) -> &E {
        &self.slot.entry
    }
}

impl<E> Drop for Held<'_, E> {
    fn drop(&mut self) {
        // Release: after everything that was done while it was held.
        self.slot.state.fetch_sub(HOLD, Ordering::Release);
    }
}

// They look at ranges that are lent, which Linux alone has.
#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use std::array;
    use std::sync::atomic::AtomicBool;
    use std::thread;

    use super::*;
    use crate::OnLostPage::{Abort, Zeros};
    use crate::linux::lent::{Lent, Loss};

    const PAGE: usize = 0x1000;

    /// The pages of the mapping that stays registered in each of the models.
    const MAPPING: [usize; 2] = [0x10_0000, 0x10_4FFF];

    /// Pages far from it.
    const ELSEWHERE: [usize; 2] = [0x20_0000, 0x20_4FFF];

    /// Loses the third page of the mapping.
    fn fault<const N: usize>(table: &RangeTable<Lent, N>) -> Option<Loss> {
        let page = MAPPING[0] + 2 * PAGE;
        table.lose(page, page + PAGE - 1)
    }

    fn state<const N: usize>(table: &RangeTable<Lent, N>) -> Vec<usize> {
        let chunks = iter::successors(Some(table), |chunk| chunk.next());
        chunks
            .flat_map(|chunk| &chunk.slots)
            .map(|slot| slot.state.load(Ordering::Relaxed))
            .collect()
    }

    #[test]
    fn slots_are_used_again_and_chunks_added_when_all_are_in_use() {
        let table = RangeTable::<Lent, 4>::new();
        for _ in 0..100 {
            let slots: [&Slot<Lent>; 11] =
                array::from_fn(|at| table.add(at * PAGE, at * PAGE + 7, Zeros));
            for (at, slot) in slots.iter().enumerate() {
                assert_eq!(table.lose(at * PAGE, at * PAGE + 1).unwrap().byte, 0);
                assert_eq!(slot.lost(), Some(0));
            }
            slots.into_iter().for_each(Slot::retire);
        }
        assert_eq!(state(&table), [0; 12]);
    }

    // Models: a fault in a range that stays, in every order with the accesses of other threads.

    /// A table in which the mapping is registered.
    fn registered<const N: usize>() -> (RangeTable<Lent, N>, usize) {
        let table = RangeTable::<Lent, N>::new();
        let slot = table.add(MAPPING[0], MAPPING[1], Zeros);
        let at = table.slots.iter().position(|it| ptr::eq(it, slot)).unwrap();
        (table, at)
    }

    /// After a model: the loss is recorded for the mapping, and every other slot is free and has no holder.
    fn settled<const N: usize>((table, at): &(RangeTable<Lent, N>, usize)) {
        assert_eq!(table.slots[*at].lost(), Some(2 * PAGE));
        table.slots[*at].retire();
        assert!(state(table).iter().all(|&state| state == 0), "{:?}", state(table));
    }

    fn faults<const N: usize>((table, _): &(RangeTable<Lent, N>, usize)) {
        assert_eq!(fault(table), Some(Loss::of(Zeros, 2 * PAGE)));
    }

    /// Registers a range elsewhere, for which no loss may be recorded.
    fn comes_and_goes<const N: usize>((table, _): &(RangeTable<Lent, N>, usize)) {
        let slot = table.add(ELSEWHERE[0], ELSEWHERE[1], Abort);
        assert_eq!(slot.lost(), None);
        slot.retire();
    }

    /// Registers the mapping once more, and then a range elsewhere, which may get the same slot.
    fn reuses<const N: usize>(it: &(RangeTable<Lent, N>, usize)) {
        let again = it.0.add(MAPPING[0], MAPPING[1], Zeros);
        assert!([None, Some(2 * PAGE)].contains(&again.lost()));
        again.retire();
        comes_and_goes(it);
    }

    #[test]
    fn model_of_a_slot_that_is_used_again_while_the_handler_looks() {
        let orders = model::every_order(registered::<2>, [&faults, &reuses], settled);
        assert!(orders > 50, "{orders}");
    }

    #[test]
    fn model_of_two_threads_that_add_while_the_handler_looks() {
        let orders = model::every_order(
            registered::<2>,
            [&faults, &comes_and_goes, &comes_and_goes],
            settled,
        );
        assert!(orders > 100, "{orders}");
    }

    #[test]
    fn model_of_two_threads_that_hold_a_slot_while_it_is_used_again() {
        let holds = |(table, _): &(RangeTable<Lent, 2>, usize)| drop(table.slots[1].hold());
        let orders =
            model::every_order(registered::<2>, [&faults, &holds, &comes_and_goes], settled);
        assert!(orders > 100, "{orders}");
    }

    #[test]
    fn model_of_two_threads_that_need_a_new_chunk() {
        let add = |(table, _): &(RangeTable<Lent, 1>, usize)| {
            let slot = table.add(ELSEWHERE[0], ELSEWHERE[1], Abort);
            assert_eq!(slot.first.load(Ordering::Relaxed), ELSEWHERE[0]);
            assert_eq!(table.lose(ELSEWHERE[0], ELSEWHERE[0]).unwrap().on_lost, Abort);
            slot.retire();
        };
        let fault = |it: &(RangeTable<Lent, 1>, usize)| faults(it);
        let orders = model::every_order(registered::<1>, [&fault, &add], settled);
        assert!(orders > 3, "{orders}");
        let only_add = |(table, _): &(RangeTable<Lent, 1>, usize)| {
            let slot = table.add(ELSEWHERE[0], ELSEWHERE[1], Abort);
            // If both threads got one slot, the second one finds that it has no owner.
            assert_eq!(slot.state.fetch_and(!TAKEN, Ordering::Relaxed) & TAKEN, TAKEN);
        };
        let check = |(table, _): &(RangeTable<Lent, 1>, usize)| assert_eq!(state(table).len(), 3);
        let orders = model::every_order(registered::<1>, [&only_add, &only_add], check);
        assert!(orders > 3, "{orders}");
    }

    #[test]
    fn thousands_of_ranges_come_and_go_while_faults_are_looked_up() {
        const THREADS: usize = 4;
        const LIVE: usize = 40;
        static TABLE: RangeTable<Lent, 64> = RangeTable::new();
        let ended = AtomicBool::new(false);
        let stays = TABLE.add(MAPPING[0], MAPPING[1], Zeros);
        thread::scope(|scope| {
            let adding = array::from_fn::<_, THREADS, _>(|thread| {
                scope.spawn(move || {
                    // More than one chunk of these are live at once, and no two of them are adjacent.
                    for turn in 0..100 {
                        let slots = array::from_fn::<_, LIVE, _>(|at| {
                            let first = (1 + (thread * 100 + turn) * LIVE + at) << 24;
                            (first, TABLE.add(first + 5, first + 2 * PAGE, Abort))
                        });
                        for (first, slot) in slots {
                            assert_eq!(slot.lost(), None);
                            let expected = Some(Loss::of(Abort, PAGE - 5));
                            let page = first + PAGE;
                            assert_eq!(TABLE.lose(page, page + PAGE - 1), expected);
                            assert_eq!(slot.lost(), Some(PAGE - 5));
                            slot.retire();
                        }
                    }
                })
            });
            for _ in 0..2 {
                scope.spawn(|| {
                    while !ended.load(Ordering::Relaxed) {
                        assert_eq!(fault(&TABLE), Some(Loss::of(Zeros, 2 * PAGE)));
                        assert_eq!(TABLE.lose(ELSEWHERE[0], ELSEWHERE[0]), None);
                    }
                });
            }
            let results = adding.map(thread::ScopedJoinHandle::join);
            ended.store(true, Ordering::Relaxed);
            results.into_iter().for_each(Result::unwrap);
        });
        stays.retire();
        assert!(state(&TABLE).iter().all(|&state| state == 0));
    }
}
