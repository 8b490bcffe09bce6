use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::Cancel;

/// The progress of a long operation, and a way to stop it.
///
/// Pass a reference to the operation and read the numbers from another thread. They only grow; a
/// `Progress` that several operations use adds them up. If you do not need it, pass `&Progress::new()`.
///
/// A cancelled operation that collects results, such as a scan, returns what it has so far, and its
/// outcome says that it was cancelled.
///
/// # Cost
/// An operation checks for cancellation at least every 256 KiB.
///
/// # Examples
/// ```
/// use memmap_core::{Cancel, Progress};
///
/// let progress = Progress::new();
/// assert_eq!((progress.done(), progress.total(), progress.found()), (0, 0, 0));
///
/// // One switch for several operations.
/// let cancel = Cancel::new();
/// let progress = Progress::until(cancel.clone());
/// cancel.cancel();
/// assert!(progress.is_cancelled());
/// ```
#[derive(Debug, Default)]
pub struct Progress {
    total: AtomicU64,
    done: AtomicU64,
    found: AtomicU64,
    is_cancelled: AtomicBool,
    cancel: Option<Cancel>,
}

impl Progress {
    /// Progress of operations that have not started.
    pub const fn new() -> Self {
        Self {
            total: AtomicU64::new(0),
            done: AtomicU64::new(0),
            found: AtomicU64::new(0),
            is_cancelled: AtomicBool::new(false),
            cancel: None,
        }
    }

    /// The same, for operations that `cancel` also stops.
    pub fn until(cancel: Cancel) -> Self {
        Self { cancel: Some(cancel), ..Self::new() }
    }

    /// Bytes to process: the sum over all operations started so far.
    pub fn total(&self) -> u64 {
        self.total.load(Ordering::Relaxed)
    }

    /// Bytes processed. Holes and unreadable bytes count once they are passed.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Matches, or other results of a search, found so far.
    pub fn found(&self) -> u64 {
        self.found.load(Ordering::Relaxed)
    }

    /// Stops the operations that use this `Progress`, now and later. A [`Cancel`] passed to
    /// [`until`](Self::until) does not change, and other operations that use it continue.
    pub fn cancel(&self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether operations that use this `Progress` should stop.
    pub fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::Relaxed)
            || self.cancel.as_ref().is_some_and(Cancel::is_cancelled)
    }

    /// Called at the start of an operation, with the bytes that it will process.
    #[doc(hidden)]
    pub fn add_total(&self, bytes: u64) {
        self.total.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Called by an operation, with the bytes that it has processed.
    #[doc(hidden)]
    pub fn add_done(&self, bytes: u64) {
        self.done.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Called by an operation, with the number of matches that it has found.
    #[doc(hidden)]
    pub fn add_found(&self, matches: u64) {
        self.found.fetch_add(matches, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_switch_stops_all_and_a_progress_stops_only_its_own() {
        let cancel = Cancel::new();
        let (first, second) = (Progress::until(cancel.clone()), Progress::until(cancel.clone()));
        first.cancel();
        assert!(first.is_cancelled() && !second.is_cancelled() && !cancel.is_cancelled());
        drop(cancel.on_drop());
        assert!(second.is_cancelled());
    }

    #[test]
    fn operations_add_up() {
        let progress = Progress::new();
        for _ in 0..2 {
            progress.add_total(10);
            progress.add_done(7);
            progress.add_found(1);
        }
        assert_eq!((progress.total(), progress.done(), progress.found()), (20, 14, 2));
    }
}
