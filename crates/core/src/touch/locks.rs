//! Locks for handlers of signals and exceptions.

use std::sync::atomic::{AtomicU8, Ordering};

use zerocopy::FromZeros;

/// Locks, each of a part of the memory. They are taken in handlers alone.
#[derive(Debug)]
pub struct Locks {
    states: Box<[AtomicU8]>,
    step: usize,
}

const OPEN: u8 = 0;
const CLOSED: u8 = 1;
/// What the lock was for needs not be done again.
const DONE: u8 = 2;

impl Locks {
    /// A lock for each `step` of `len` bytes; `None` if there is no memory for them.
    pub fn new(len: usize, step: usize) -> Option<Self> {
        let count = len.div_ceil(step.max(1));
        let states = <[AtomicU8]>::new_box_zeroed_with_elems(count).ok()?;
        Some(Self { states, step })
    }

    /// How many bytes each lock is of.
    pub const fn step(&self) -> usize {
        self.step
    }

    /// The lock of a byte.
    pub fn of(&self, byte: usize) -> usize {
        byte.checked_div(self.step).unwrap_or(0)
    }

    /// Waits until this thread has the lock; `false` if it is done. `wait` is passed how often it was called before.
    pub fn close(&self, at: usize, mut wait: impl FnMut(u32)) -> bool {
        let Some(state) = self.states.get(at) else { return false };
        let mut turns = 0_u32;
        loop {
            match state.compare_exchange_weak(OPEN, CLOSED, Ordering::Acquire, Ordering::Acquire) {
                Ok(_) => return true,
                Err(DONE) => return false,
                Err(_) => wait(turns),
            }
            turns = turns.saturating_add(1);
        }
    }

    /// Whether a thread has the lock. In a child, one had it when the child was made.
    pub fn is_closed(&self, at: usize) -> bool {
        self.states.get(at).is_some_and(|state| state.load(Ordering::Acquire) == CLOSED)
    }

    /// Gives the lock to others.
    pub fn open(&self, at: usize) {
        self.leave(at, OPEN);
    }

    /// Says that what the lock was for needs not be done again: it stays closed.
    pub fn finish(&self, at: usize) {
        self.leave(at, DONE);
    }

    fn leave(&self, at: usize, state: u8) {
        if let Some(lock) = self.states.get(at) {
            lock.store(state, Ordering::Release);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn one_thread_at_a_time_has_a_lock_until_it_is_done() {
        let locks = Locks::new(10_000, 4096).unwrap();
        assert_eq!((locks.of(4095), locks.of(4096), locks.of(9999)), (0, 1, 2));
        let inside = AtomicU8::new(0);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..1000 {
                        assert!(locks.close(2, |_| thread::yield_now()));
                        assert_eq!(inside.fetch_add(1, Ordering::Relaxed), 0);
                        inside.fetch_sub(1, Ordering::Relaxed);
                        locks.open(2);
                    }
                });
            }
        });
        assert!(locks.close(1, |_| ()) && locks.is_closed(1));
        locks.finish(1);
        assert!(!locks.is_closed(1) && !locks.is_closed(2));
        assert!(!locks.close(1, |_| ()) && !locks.close(3, |_| ()));
    }
}
