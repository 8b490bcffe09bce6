//! The channel between a job and the event loop: events wait here until the loop takes them. The
//! job blocks when too many are waiting.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use memmap::Progress as ScanProgress;

use crate::job::error::{Cancelled, JobError};
use crate::job::list::JobId;
use crate::job::{Job, JobEvent, Merge};

/// Maximum number of waiting events.
const WAITING_MAX: usize = 64;

/// How often a job that waits for room checks for cancellation.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Tells the event loop that a job's outbox is no longer empty.
pub(crate) type Wake = Arc<dyn Fn(JobId) + Send + Sync>;

/// Progress of a job, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Progress {
    /// Bytes processed.
    pub done: u64,
    /// The total.
    pub total: u64,
}

/// Pauses a job at its checkpoints.
pub(crate) trait Gate: Send + Sync {
    /// Returns when the job may continue.
    fn pass(&self, job: &ScanProgress);
}

/// State shared by a job and the event loop, whatever the event type.
#[derive(Default)]
pub(crate) struct Controls {
    /// Progress of the job's scans, and whether the job is cancelled.
    pub(crate) scans: ScanProgress,
    /// The total set by the job; 0 if it is the length of the scans.
    expected: AtomicU64,
    advanced: AtomicU64,
    gate: OnceLock<Arc<dyn Gate>>,
}

impl fmt::Debug for Controls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Controls").field("progress", &self.progress()).finish_non_exhaustive()
    }
}

impl Controls {
    /// Sets the gate for all later checkpoints.
    pub(crate) fn hold_by(&self, gate: Arc<dyn Gate>) {
        // Cannot fail: a job has one executor, which calls this once.
        self.gate.set(gate).ok();
    }

    pub(crate) fn expect(&self, total: u64) {
        self.expected.store(total, Ordering::Relaxed);
    }

    pub(crate) fn advance(&self, bytes: u64) {
        self.advanced.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn progress(&self) -> Progress {
        let total = match self.expected.load(Ordering::Relaxed) {
            0 => self.scans.total(),
            expected => expected,
        };
        let done = self.scans.done().saturating_add(self.advanced.load(Ordering::Relaxed));
        Progress { done: done.min(total), total }
    }

    pub(crate) fn checkpoint(&self) -> Result<(), Cancelled> {
        if let Some(gate) = self.gate.get() {
            gate.pass(&self.scans);
        }
        if self.scans.is_cancelled() { Err(Cancelled) } else { Ok(()) }
    }
}

/// The waiting events of a job.
pub(crate) struct Outbox<E> {
    id: JobId,
    pub(crate) controls: Controls,
    waiting: Mutex<Waiting<E>>,
    has_room: Condvar,
    wake: Wake,
}

struct Waiting<E> {
    events: Vec<E>,
    /// Whether the loop was woken since it last took events.
    is_woken: bool,
}

impl<E> fmt::Debug for Outbox<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").field("id", &self.id).finish_non_exhaustive()
    }
}

impl<E: Merge> Outbox<E> {
    fn new(id: JobId, wake: Wake) -> Self {
        Self {
            id,
            controls: Controls::default(),
            waiting: Mutex::new(Waiting { events: Vec::new(), is_woken: false }),
            has_room: Condvar::new(),
            wake,
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting<E>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an event. Blocks while too many are waiting.
    pub(crate) fn emit(&self, event: E) -> Result<(), Cancelled> {
        self.add(event, E::merge, |event| event)
    }

    /// Merges an item into the last waiting event with `take`. If `take` gives it back, it becomes
    /// an event of its own.
    pub(crate) fn add<T>(
        &self,
        item: T,
        take: impl Fn(&mut E, T) -> Option<T>,
        make: impl FnOnce(T) -> E,
    ) -> Result<(), Cancelled> {
        let mut waiting = self.waiting();
        let mut item = item;
        loop {
            if let Some(last) = waiting.events.last_mut() {
                match take(last, item) {
                    None => break,
                    Some(back) => item = back,
                }
            }
            let is_full = waiting.events.last().is_some_and(E::is_full);
            if waiting.events.len() < WAITING_MAX && !is_full {
                waiting.events.push(make(item));
                break;
            }
            if self.controls.scans.is_cancelled() {
                return Err(Cancelled);
            }
            let waited = self.has_room.wait_timeout(waiting, LOOK_EVERY);
            waiting = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        self.wake(waiting);
        self.controls.checkpoint()
    }

    /// Wakes the loop, unless it was woken already and has not taken the events yet.
    fn wake(&self, mut waiting: MutexGuard<'_, Waiting<E>>) {
        let was_woken = std::mem::replace(&mut waiting.is_woken, true);
        drop(waiting);
        if !was_woken {
            (self.wake)(self.id);
        }
    }

    fn drain(&self) -> Vec<E> {
        let mut waiting = self.waiting();
        waiting.is_woken = false;
        let events = std::mem::take(&mut waiting.events);
        drop(waiting);
        self.has_room.notify_all();
        events
    }
}

/// The event loop's end of a job. `U` is the type into which events are converted.
pub(crate) trait Link<U>: fmt::Debug + Send + Sync {
    /// The events since the last call, in order. Never blocks.
    fn drain(&self) -> Vec<U>;

    /// Asks the job to stop. It ends within a few milliseconds.
    fn cancel(&self);

    /// The current progress.
    fn progress(&self) -> Progress;
}

/// The events of a job and its result.
pub(crate) struct Ends<J: Job, U> {
    pub(crate) outbox: Outbox<J::Event>,
    ended: Mutex<Option<Result<J::Output, JobError>>>,
    wrap: fn(JobEvent<J>) -> U,
}

impl<J: Job, U> fmt::Debug for Ends<J, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.outbox.fmt(f)
    }
}

impl<J: Job, U> Ends<J, U> {
    pub(crate) fn new(id: JobId, wake: Wake, wrap: fn(JobEvent<J>) -> U) -> Self {
        Self { outbox: Outbox::new(id, wake), ended: Mutex::default(), wrap }
    }

    /// Stores the result. Never blocks.
    pub(crate) fn end(&self, end: Result<J::Output, JobError>) {
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = Some(end);
        self.outbox.wake(self.outbox.waiting());
    }
}

impl<J: Job, U> Link<U> for Ends<J, U> {
    fn drain(&self) -> Vec<U> {
        // Take the result first: all events sent before it are then among those drained.
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner).take();
        let events = self.outbox.drain().into_iter().map(JobEvent::Partial);
        events.chain(ended.map(JobEvent::Ended)).map(self.wrap).collect()
    }

    fn cancel(&self) {
        self.outbox.controls.scans.cancel();
    }

    fn progress(&self) -> Progress {
        self.outbox.controls.progress()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::thread;

    use super::*;
    use crate::job::list::Jobs;

    impl Merge for char {
        /// Merges capital letters.
        fn merge(&mut self, next: Self) -> Option<Self> {
            if self.is_uppercase() && next.is_uppercase() {
                *self = next;
                return None;
            }
            Some(next)
        }
    }

    fn outbox() -> (Outbox<char>, Arc<AtomicUsize>) {
        let woken = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&woken);
        let wake = move |_| {
            count.fetch_add(1, Ordering::Relaxed);
        };
        (Outbox::new(Jobs::default().add("test"), Arc::new(wake)), woken)
    }

    #[test]
    fn the_loop_is_woken_once_until_it_comes_and_events_that_merge_are_one() {
        let (outbox, woken) = outbox();
        for event in "aBCDe".chars() {
            outbox.emit(event).unwrap();
        }
        assert_eq!(woken.load(Ordering::Relaxed), 1);
        assert_eq!(outbox.drain(), ['a', 'D', 'e']);
        outbox.emit('f').unwrap();
        assert_eq!(woken.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn a_full_outbox_holds_the_job_until_it_is_drained_or_the_job_cancelled() {
        let (outbox, _) = outbox();
        let sent = AtomicUsize::new(0);
        thread::scope(|scope| {
            let job = scope.spawn(|| {
                for _ in 0..=WAITING_MAX {
                    outbox.emit('x').unwrap();
                    sent.fetch_add(1, Ordering::Relaxed);
                }
                outbox.controls.scans.cancel();
                (0..=WAITING_MAX).map(|_| outbox.emit('y')).find(Result::is_err)
            });
            while sent.load(Ordering::Relaxed) < WAITING_MAX {
                thread::yield_now();
            }
            assert_eq!(outbox.drain().len(), WAITING_MAX);
            assert_eq!(job.join().unwrap(), Some(Err(Cancelled)));
        });
    }
}
