//! What is done to an integer in one step, and the order that others see.

use std::sync::atomic::Ordering;
#[cfg(not(test))]
use std::sync::atomic::fence;

use crate::{Fault, Integer, compare_exchange, fetch_add, load, store};
#[cfg(test)]
use recorded::fence;

/// What is done to an integer in one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "whoever performs it must know them all")]
pub enum AtomicOp<T> {
    /// It is only read.
    Load,
    /// It is set.
    Store(T),
    /// It is added to, and wraps.
    Add(T),
    /// It is set to `new` if it was `old`.
    Exchange {
        /// What it must be.
        old: T,
        /// What it becomes.
        new: T,
    },
}

impl<T> AtomicOp<T> {
    /// Whether it may change the integer.
    pub const fn writes(&self) -> bool {
        !matches!(self, Self::Load)
    }
}

/// Performs `op` on an aligned integer and returns what it was before; for a store, what it is now. A
/// load acquires, a store releases, the others do both.
///
/// # Errors
/// [`Fault`], and then nothing was stored.
///
/// # Safety
/// As [`compare_exchange`]; for a load as [`load`].
// Callers know the operation. Inlined, its operands stay in registers.
#[inline(always)]
pub(crate) unsafe fn atomic<T: Integer>(at: *mut u8, op: AtomicOp<T>) -> Result<T, Fault> {
    // The accesses themselves are relaxed; fences order them (`std::sync::atomic::fence`).
    if op.writes() {
        fence(Ordering::Release);
    }
    let was = match op {
        // SAFETY: the caller's integer.
        AtomicOp::Load => unsafe { load(at) },
        // SAFETY: the caller's integer.
        AtomicOp::Store(new) => unsafe { store(at, new) }.map(|()| new),
        // SAFETY: the caller's integer, which is aligned.
        AtomicOp::Add(more) => unsafe { fetch_add(at, more) },
        AtomicOp::Exchange { old, new } => {
            // SAFETY: the caller's integer, which is aligned.
            let was = unsafe { compare_exchange(at, old, new) };
            was.map(|was| was.unwrap_or_else(|other| other))
        }
    };
    if !matches!(op, AtomicOp::Store(_)) {
        fence(Ordering::Acquire);
    }
    was
}

/// Fences that a test can observe: on many processors nothing else tells whether they are there.
#[cfg(test)]
mod recorded {
    use std::cell::RefCell;
    use std::sync::atomic::{self, Ordering};

    type Observer = Box<dyn FnMut(Ordering)>;

    thread_local! {
        static OBSERVER: RefCell<Option<Observer>> = const { RefCell::new(None) };
    }

    pub(super) fn fence(order: Ordering) {
        OBSERVER.with_borrow_mut(|observer| observer.iter_mut().for_each(|it| it(order)));
        atomic::fence(order);
    }

    /// Runs `act`; `observer` is called at each fence of this thread meanwhile.
    pub(super) fn observed<T>(
        observer: impl FnMut(Ordering) + 'static,
        act: impl FnOnce() -> T,
    ) -> T {
        OBSERVER.set(Some(Box::new(observer)));
        let result = act();
        OBSERVER.set(None);
        result
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;
    use std::sync::atomic::AtomicU64;

    use super::recorded::observed;
    use super::*;

    /// Checks the fences of an integer type: each, and what was in memory when it came. At an acquiring
    /// fence another thread's store follows, which an access after that fence would read.
    fn fences_of<T: Integer + From<u8> + std::fmt::Debug>() {
        use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

        let of = T::from;
        let expected: [(AtomicOp<T>, &[_], u8); 5] = [
            (AtomicOp::Load, &[(Acquire, 5)], 5),
            (AtomicOp::Store(of(7)), &[(Release, 5)], 7),
            (AtomicOp::Add(of(2)), &[(Release, 5), (Acquire, 7)], 5),
            (AtomicOp::Exchange { old: of(5), new: of(7) }, &[(Release, 5), (Acquire, 7)], 5),
            (AtomicOp::Exchange { old: of(6), new: of(7) }, &[(Release, 5), (Acquire, 5)], 5),
        ];
        for (op, fences, was) in expected {
            let integer = Rc::new(AtomicU64::new(5_u64.to_le()));
            let found = Rc::new(RefCell::new(Vec::new()));
            let (other, log) = (Rc::clone(&integer), Rc::clone(&found));
            let observer = move |order| {
                log.borrow_mut().push((order, u64::from_le(other.load(Relaxed))));
                if order == Acquire {
                    other.store(9_u64.to_le(), Relaxed);
                }
            };
            let at = integer.as_ptr().cast::<u8>();
            // SAFETY: an integer of ours, aligned for every width, which is only accessed atomically.
            let answer = observed(observer, || unsafe { atomic(at, op) });
            assert_eq!((answer, &found.borrow()[..]), (Ok(of(was)), fences), "{op:?}");
        }
    }

    #[test]
    fn accesses_to_integers_are_between_the_fences_that_order_them() {
        fences_of::<u8>();
        fences_of::<u16>();
        fences_of::<u32>();
        fences_of::<u64>();
    }
}
