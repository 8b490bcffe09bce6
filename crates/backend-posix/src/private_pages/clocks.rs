//! An atomic that tracks the happens-before relation of Rust's memory model: everything before a release store
//! happens before an acquire load that reads its value. A test simulates several threads in turns on one, so
//! the result does not depend on the reordering of this processor.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::atomic::{self, Ordering};

use zerocopy::FromZeros;

/// The number of simulated threads.
const THREADS: usize = 3;

/// A vector clock: for each thread, the number of its accesses that happened before.
type Clock = [u32; THREADS];

#[derive(Default)]
struct Play {
    /// The simulated thread that runs; `None` outside of a simulation, where nothing is tracked.
    thread: Option<usize>,
    clocks: [Clock; THREADS],
    /// For each atomic the clock of the release store whose value it has.
    released: HashMap<usize, Clock>,
}

impl Play {
    fn acquire(&mut self, thread: usize, atomic: usize) {
        let released = self.released.get(&atomic).copied().unwrap_or_default();
        for (mine, other) in self.clocks[thread].iter_mut().zip(released) {
            *mine = other.max(*mine);
        }
    }

    fn load(&mut self, atomic: usize, order: Ordering) {
        if let (Some(thread), Ordering::Acquire | Ordering::AcqRel | Ordering::SeqCst) =
            (self.thread, order)
        {
            self.acquire(thread, atomic);
        }
    }

    /// A store. As part of a read-modify-write operation it continues the release sequence of the value that
    /// it replaces.
    fn store(&mut self, atomic: usize, order: Ordering, continues_sequence: bool) {
        let Some(thread) = self.thread else { return };
        let mut clock = Clock::default();
        if continues_sequence {
            clock = self.released.get(&atomic).copied().unwrap_or_default();
        }
        if matches!(order, Ordering::Release | Ordering::AcqRel | Ordering::SeqCst) {
            for (all, mine) in clock.iter_mut().zip(self.clocks[thread]) {
                *all = mine.max(*all);
            }
        }
        self.released.insert(atomic, clock);
    }
}

thread_local! {
    static PLAY: RefCell<Play> = RefCell::default();
}

#[derive(FromZeros)]
#[repr(transparent)]
pub(crate) struct AtomicU8(atomic::AtomicU8);

impl AtomicU8 {
    fn at(&self) -> usize {
        (&raw const *self).addr()
    }

    pub(crate) fn load(&self, order: Ordering) -> u8 {
        PLAY.with_borrow_mut(|play| play.load(self.at(), order));
        self.0.load(order)
    }

    pub(crate) fn store(&self, new: u8, order: Ordering) {
        PLAY.with_borrow_mut(|play| play.store(self.at(), order, false));
        self.0.store(new, order);
    }

    pub(crate) fn compare_exchange(
        &self,
        old: u8,
        new: u8,
        done: Ordering,
        not: Ordering,
    ) -> Result<u8, u8> {
        let result = self.0.compare_exchange(old, new, done, not);
        PLAY.with_borrow_mut(|play| match result {
            Ok(_) => {
                play.load(self.at(), done);
                play.store(self.at(), done, true);
            }
            Err(_) => play.load(self.at(), not),
        });
        result
    }
}

/// A location that is accessed without an atomic.
#[derive(Debug, Default)]
pub(super) struct Plain {
    /// The last access of each thread.
    accessed: RefCell<Clock>,
}

impl Plain {
    /// Accesses the location. Panics on a data race: if an earlier access does not happen before this one.
    pub(super) fn access(&self) {
        PLAY.with_borrow_mut(|play| {
            let thread = play.thread.unwrap();
            let clock = &mut play.clocks[thread];
            let mut accessed = self.accessed.borrow_mut();
            let races = accessed.iter().zip(*clock).any(|(at, known)| *at > known);
            assert!(!races, "thread {thread} races: {accessed:?} is not before {clock:?}");
            clock[thread] = clock[thread].checked_add(1).unwrap();
            accessed[thread] = clock[thread];
        });
    }
}

/// Runs `act` as one of the simulated threads.
pub(super) fn as_thread<T>(thread: usize, act: impl FnOnce() -> T) -> T {
    PLAY.with_borrow_mut(|play| play.thread = Some(thread));
    let result = act();
    PLAY.with_borrow_mut(|play| play.thread = None);
    result
}

#[test]
fn what_is_handed_over_relaxed_races_and_by_release_and_acquire_does_not() {
    for (store, load, is_safe) in [
        (Ordering::Release, Ordering::Acquire, true),
        (Ordering::Relaxed, Ordering::Acquire, false),
        (Ordering::Release, Ordering::Relaxed, false),
    ] {
        PLAY.take();
        let (flag, place) = (AtomicU8(atomic::AtomicU8::new(0)), Plain::default());
        as_thread(0, || {
            place.access();
            flag.store(1, store);
        });
        let read = || as_thread(1, || (flag.load(load), place.access()));
        let read = std::panic::catch_unwind(std::panic::AssertUnwindSafe(read));
        assert_eq!(read.is_ok(), is_safe);
    }
}
