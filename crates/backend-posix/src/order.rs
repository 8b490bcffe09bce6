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
