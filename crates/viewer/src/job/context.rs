//! What a job does, what it says meanwhile, and the place where it is done.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use memmap::scan::{CancelToken, Progress, Scan};
use memmap::{AnyMap, Mapping};
use rayon::ThreadPool;

/// What a job says, which waits until somebody asks for it.
pub(crate) trait Merge: Sized + Send + 'static {
    /// Takes in what is said next, where both can wait as one; else that is given back.
    fn merge(&mut self, next: Self) -> Option<Self> {
        Some(next)
    }
}

/// What a job does. Plain data: what it is done on comes with the [`Site`].
pub(crate) trait Body: Send + 'static {
    /// What it says meanwhile.
    type News: Merge;

    /// Does it, and answers with what is to be said of it at the end.
    fn run(self, site: &Site<'_, Self::News>) -> Result<String, String>;
}

/// A job that was done here and now.
#[derive(Debug)]
pub(crate) struct Finished<N> {
    pub(crate) news: Vec<N>,
    /// Bytes done, of how many.
    pub(crate) progress: (u64, u64),
    pub(crate) ended: Result<String, String>,
}

/// Does all of a job here and now, on this thread.
pub(crate) fn finish<N: Merge>(
    map: &AnyMap,
    run: impl FnOnce(&Site<'_, N>) -> Result<String, String>,
) -> Finished<N> {
    let wire = Wire::default();
    let ended = run(&Site { map, wire: &wire, pool: None });
    Finished { news: wire.take(), progress: wire.progress(), ended }
}

/// Where a job is done: on which bytes, by whom, and who is told.
#[derive(Debug)]
pub(crate) struct Site<'s, N> {
    pub(crate) map: &'s AnyMap,
    pub(crate) wire: &'s Wire<N>,
    /// Whose threads help; else rayon's own.
    pub(crate) pool: Option<&'s ThreadPool>,
}

/// What a job is done with at once: so little that few MiB are held of a file, and that it ends soon
/// after it was told to.
const BLOCK_LEN: u64 = 512 << 10;

impl<'s, N> Site<'s, N> {
    /// A scan of all bytes, which says how far it is, ends when the job is stopped, keeps nothing of
    /// them, and is done by the threads that are there for jobs.
    pub(crate) fn scan(&self) -> Scan<'s, Box<dyn Mapping>> {
        let scan = Scan::new(self.map)
            .drop_behind(true)
            .chunk_len(BLOCK_LEN)
            .progress(&self.wire.progress)
            .cancel(&self.wire.cancel);
        match self.pool {
            Some(pool) => scan.pool(pool),
            None => scan,
        }
    }
}

/// Between a job and the view: what is said is kept here until the view asks for it, which it does
/// before each frame. A job that says more than is asked for waits; the view never does.
#[derive(Debug)]
pub(crate) struct Wire<N> {
    pub(crate) cancel: CancelToken,
    pub(crate) progress: Progress,
    /// Of a second part, which is done when the first one is.
    pub(crate) later: Progress,
    /// How much there is to do, if that is not what `progress` expects; 0 if it is.
    pub(crate) total: AtomicU64,
    /// What else is done, of `total`.
    pub(crate) steps: AtomicU64,
    said: Mutex<Vec<N>>,
    has_room: Condvar,
}

/// Pieces of news that wait, at most.
pub(crate) const WAITING_MAX: usize = 64;

impl<N> Default for Wire<N> {
    fn default() -> Self {
        Self {
            cancel: CancelToken::default(),
            progress: Progress::default(),
            later: Progress::default(),
            total: AtomicU64::default(),
            steps: AtomicU64::default(),
            said: Mutex::default(),
            has_room: Condvar::default(),
        }
    }
}

impl<N: Merge> Wire<N> {
    /// What waits to be asked for.
    pub(crate) fn said(&self) -> MutexGuard<'_, Vec<N>> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says something; waits while nobody asks for it, unless the job is to stop.
    pub(crate) fn tell(&self, news: impl Into<N>) {
        let news = news.into();
        let mut said = self.said();
        let news = match said.last_mut() {
            Some(last) => last.merge(news),
            None => Some(news),
        };
        let Some(news) = news else { return };
        while said.len() >= WAITING_MAX && !self.cancel.is_cancelled() {
            said = self.wait(said);
        }
        said.push(news);
    }

    /// Waits a moment for room.
    pub(crate) fn wait<'g>(&self, said: MutexGuard<'g, Vec<N>>) -> MutexGuard<'g, Vec<N>> {
        let waited = self.has_room.wait_timeout(said, Duration::from_millis(20));
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// What was said since the last time.
    pub(crate) fn take(&self) -> Vec<N> {
        let news = std::mem::take(&mut *self.said());
        self.has_room.notify_all();
        news
    }

    /// Bytes done, of how many.
    pub(crate) fn progress(&self) -> (u64, u64) {
        let total = match self.total.load(Ordering::Relaxed) {
            0 => self.progress.total(),
            total => total,
        };
        let done = self.progress.done().saturating_add(self.later.done());
        (done.saturating_add(self.steps.load(Ordering::Relaxed)).min(total), total)
    }
}

/// What both ends hold.
pub(crate) type SharedWire<N> = Arc<Wire<N>>;
