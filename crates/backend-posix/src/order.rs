//! The order of accesses to integers that others share.

use memmap_core::Step;
use std::sync::atomic::Ordering;
#[cfg(not(test))]
use std::sync::atomic::fence;

/// Accesses an integer: a load acquires, a store releases, the others do both. The guard's access is
/// relaxed; fences make more of it (`std::sync::atomic::fence`).
#[inline]
pub(crate) fn ordered<T>(step: Step<u64>, access: impl FnOnce() -> T) -> T {
    if step.writes() {
        fence(Ordering::Release);
    }
    let was = access();
    if !matches!(step, Step::Store(_)) {
        fence(Ordering::Acquire);
    }
    was
}

#[cfg(test)]
use recorded::fence;

/// Fences that can be seen: on many processors nothing else tells whether they are there.
#[cfg(test)]
pub(crate) mod recorded {
    use std::cell::RefCell;
    use std::sync::atomic::{self, Ordering};

    type Seer = Box<dyn FnMut(Ordering)>;

    thread_local! {
        static SEER: RefCell<Option<Seer>> = const { RefCell::new(None) };
    }

    pub(super) fn fence(order: Ordering) {
        SEER.with_borrow_mut(|seer| seer.iter_mut().for_each(|seer| seer(order)));
        atomic::fence(order);
    }

    /// Has each fence of this thread be seen while it does this.
    pub(crate) fn seen<T>(seer: impl FnMut(Ordering) + 'static, act: impl FnOnce() -> T) -> T {
        SEER.set(Some(Box::new(seer)));
        let result = act();
        SEER.set(None);
        result
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;
    use std::sync::atomic::AtomicU64;

    use super::recorded::seen;
    use super::*;
    use crate::store::atomic;

    #[test]
    fn accesses_to_integers_are_between_the_fences_that_order_them() {
        use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

        // Each fence, and what was in memory when it came. What comes after the access is another
        // thread's store, which an access behind the last fence would find.
        let expected: [(Step<u64>, &[_], u64); 5] = [
            (Step::Load, &[(Acquire, 5)], 5),
            (Step::Store(7), &[(Release, 5)], 7),
            (Step::Add(2), &[(Release, 5), (Acquire, 7)], 5),
            (Step::Exchange { old: 5, new: 7 }, &[(Release, 5), (Acquire, 7)], 5),
            (Step::Exchange { old: 6, new: 7 }, &[(Release, 5), (Acquire, 5)], 5),
        ];
        for (step, fences, was) in expected {
            for width in [1, 2, 4, 8] {
                let integer = Rc::new(AtomicU64::new(5_u64.to_le()));
                let found = Rc::new(RefCell::new(Vec::new()));
                let (other, log) = (Rc::clone(&integer), Rc::clone(&found));
                let seer = move |order| {
                    log.borrow_mut().push((order, u64::from_le(other.load(Relaxed))));
                    if order == Acquire {
                        other.store(9_u64.to_le(), Relaxed);
                    }
                };
                let at = integer.as_ptr().cast::<u8>();
                // SAFETY: an integer of ours that is aligned for every width, and that all access
                // atomically.
                let answer = seen(seer, || unsafe { atomic(at, width, step) });
                assert_eq!((answer, &found.borrow()[..]), (Ok(was), fences), "{step:?}, {width}");
            }
        }
    }
}
