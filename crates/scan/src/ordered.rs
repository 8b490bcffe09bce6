//! Work in parallel, results in order.
//!
//! Blocks are handed out in order, and their results are taken in order by whichever thread finds
//! the next one ready. No thread ever waits: if results are taken more slowly than they are made, a
//! thread ends, and is started again once there is room. So memory is bounded, whoever takes the
//! results may use the same threads, and there is no deadlock.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use rayon::Scope;

/// Blocks for each thread that may be handed out before their results are taken: enough to keep all
/// threads busy while one is slow.
pub const BLOCKS_AHEAD: usize = 4;

/// Calls `work` for each block of `next` on `threads` threads of the current pool, and passes the
/// results to `take` in order, until it returns `Break`. At any time, at most `threads * ahead`
/// blocks have been handed out whose results were not taken.
pub fn in_order<B, R, W>(
    (threads, ahead): (usize, usize),
    next: impl FnMut() -> Option<B> + Send,
    new_worker: impl Fn() -> W + Sync,
    work: impl Fn(&mut W, B) -> R + Sync,
    take: impl FnMut(R) -> ControlFlow<()> + Send,
) where
    R: Send,
    W: Send,
{
    let queue = Queue { next, handed: 0, taken: 0, ready: BTreeMap::new(), active: threads };
    let scheduler = Scheduler {
        threads,
        room: threads.saturating_mul(ahead),
        queue: Mutex::new(queue),
        take: Mutex::new(take),
        workers: Mutex::new(Vec::new()),
        new_worker,
        work,
        is_over: AtomicBool::new(false),
    };
    rayon::in_place_scope(|scope| scheduler.start(scope));
}

struct Scheduler<N, R, C, W, F, D> {
    threads: usize,
    /// Maximum number of blocks handed out whose results were not taken.
    room: usize,
    queue: Mutex<Queue<N, R>>,
    take: Mutex<C>,
    /// Workers that are not in use.
    workers: Mutex<Vec<W>>,
    new_worker: F,
    work: D,
    is_over: AtomicBool,
}

struct Queue<N, R> {
    next: N,
    handed: u64,
    taken: u64,
    ready: BTreeMap<u64, R>,
    /// Threads that were started and have not ended.
    active: usize,
}

/// A panic elsewhere reaches the caller through the scope. Here it only means that all is over.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends the other threads if this one panics.
struct AbortOnPanic<'t>(&'t AtomicBool);

impl Drop for AbortOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}

impl<B, N, R, C, W, F, D> Scheduler<N, R, C, W, F, D>
where
    N: FnMut() -> Option<B> + Send,
    R: Send,
    C: FnMut(R) -> ControlFlow<()> + Send,
    W: Send,
    F: Fn() -> W + Sync,
    D: Fn(&mut W, B) -> R + Sync,
{
    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    fn start<'scope>(&'scope self, scope: &Scope<'scope>) {
        for _ in 0..self.threads {
            scope.spawn(|scope| self.run(scope));
        }
    }

    /// The work of one thread. It ends if there are no more blocks, or no room for results.
    fn run<'scope>(&'scope self, scope: &Scope<'scope>) {
        let _guard = AbortOnPanic(&self.is_over);
        let resting = lock(&self.workers).pop();
        let mut worker = resting.unwrap_or_else(|| (self.new_worker)());
        while let Some((index, block)) = self.hand_out() {
            let result = (self.work)(&mut worker, block);
            lock(&self.queue).ready.insert(index, result);
            self.take_ready(scope);
        }
        lock(&self.workers).push(worker);
    }

    /// The next block; `None` ends the thread.
    fn hand_out(&self) -> Option<(u64, B)> {
        let mut queue = lock(&self.queue);
        let block = if self.is_over() || !self.has_room(&queue) { None } else { (queue.next)() };
        let Some(block) = block else {
            queue.active = queue.active.saturating_sub(1);
            return None;
        };
        let index = queue.handed;
        queue.handed = index.saturating_add(1);
        Some((index, block))
    }

    fn has_room(&self, queue: &Queue<N, R>) -> bool {
        let ahead = usize::try_from(queue.handed.saturating_sub(queue.taken)).unwrap_or(usize::MAX);
        ahead < self.room
    }

    /// Takes the results that are ready. If another thread does so already, that thread will see
    /// them.
    fn take_ready<'scope>(&'scope self, scope: &Scope<'scope>) {
        loop {
            let mut take = match self.take.try_lock() {
                Ok(take) => take,
                Err(TryLockError::WouldBlock | TryLockError::Poisoned(_)) => return,
            };
            while let Some(result) = self.ready() {
                if self.is_over() {
                    return;
                }
                if take(result).is_break() {
                    self.is_over.store(true, Ordering::Relaxed);
                    return;
                }
                self.make_room(scope);
            }
            drop(take);
            let queue = lock(&self.queue);
            if !queue.ready.contains_key(&queue.taken) {
                return;
            }
        }
    }

    fn ready(&self) -> Option<R> {
        let mut queue = lock(&self.queue);
        let index = queue.taken;
        queue.ready.remove(&index)
    }

    /// Called when a result was taken: restarts a thread that ended because there was no room.
    fn make_room<'scope>(&'scope self, scope: &Scope<'scope>) {
        let mut queue = lock(&self.queue);
        queue.taken = queue.taken.saturating_add(1);
        if queue.active < self.threads && self.has_room(&queue) && !self.is_over() {
            queue.active = queue.active.saturating_add(1);
            drop(queue);
            scope.spawn(|scope| self.run(scope));
        }
    }
}
