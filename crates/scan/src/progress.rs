use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How far a scan is, for another thread to show.
///
/// The numbers only grow. One that is used for several scans counts them all.
///
/// # Examples
/// ```
/// use memmap_core::{MemMap, testing::Fake};
/// use memmap_scan::{Pattern, Progress, Scan};
///
/// let mm = MemMap::from_mapping(Fake::new(b"to be or not to be"));
/// let progress = Progress::new();
/// Scan::new(&mm).progress(&progress).count(&Pattern::literal("to")?)?;
/// assert_eq!((progress.done(), progress.total(), progress.hits()), (18, 18, 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Progress {
    total: AtomicU64,
    done: AtomicU64,
    hits: AtomicU64,
}

impl Progress {
    /// Nothing done yet.
    pub const fn new() -> Self {
        Self { total: AtomicU64::new(0), done: AtomicU64::new(0), hits: AtomicU64::new(0) }
    }

    /// Bytes that are to be scanned.
    pub fn total(&self) -> u64 {
        self.total.load(Ordering::Relaxed)
    }

    /// Bytes that were scanned, passed over as a hole, or found unreadable.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Matches found.
    pub fn hits(&self) -> u64 {
        self.hits.load(Ordering::Relaxed)
    }

    pub(crate) fn expect(&self, bytes: u64) {
        self.total.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn advance(&self, bytes: u64) {
        self.done.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn hit(&self, hits: u64) {
        self.hits.fetch_add(hits, Ordering::Relaxed);
    }
}

/// Ends scans from another thread, or from a signal's handler.
///
/// A scan that was cancelled returns what it found so far, and [`Outcome::cancelled`] says so.
///
/// # Cost
/// A scan asks after at most 256 KiB. Where it follows a match through a [`window`](crate::Scan::window)
/// it asks as often while that is copied, and not while it is searched: for a second or so, of 1 GiB.
///
/// [`Outcome::cancelled`]: crate::Outcome::cancelled
#[derive(Debug, Clone, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// Nothing is cancelled.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends all scans that were given this token or a clone of it, now and later.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether they are to end.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
