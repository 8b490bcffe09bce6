use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A cancellation switch that several operations share.
///
/// All clones are the same switch. Pass it to operations with
/// [`Progress::until`](crate::Progress::until). Cancellation is permanent.
///
/// # Cost
/// [`cancel`](Self::cancel) is one atomic store: it is safe in a signal handler.
///
/// # Examples
/// ```
/// use memmap_core::{Cancel, Progress};
///
/// let cancel = Cancel::new();
/// let (first, second) = (Progress::until(cancel.clone()), Progress::until(cancel.clone()));
/// cancel.cancel();
/// assert!(first.is_cancelled() && second.is_cancelled());
/// ```
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// A switch that is not cancelled.
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops all operations that use this switch, now and later.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether this switch or a clone of it was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Cancels when the returned value is dropped.
    ///
    /// A future that holds it ends its blocking work when it is dropped itself.
    ///
    /// # Examples
    /// ```
    /// use memmap_core::Cancel;
    ///
    /// let cancel = Cancel::new();
    /// let guard = cancel.clone().on_drop();
    /// assert!(!cancel.is_cancelled());
    /// drop(guard);
    /// assert!(cancel.is_cancelled());
    /// ```
    pub const fn on_drop(self) -> CancelOnDrop {
        CancelOnDrop(self)
    }
}

/// Cancels a [`Cancel`] when it is dropped: see [`Cancel::on_drop`].
#[derive(Debug)]
#[must_use = "it cancels when it is dropped"]
pub struct CancelOnDrop(Cancel);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}
