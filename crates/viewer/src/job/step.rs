//! An executor for tests that runs jobs one step at a time: the order is deterministic, and no test
//! sleeps.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use memmap::plugin::Schemes;
use rayon::ThreadPoolBuilder;

use crate::job::executor::{Executor, Task};
use crate::job::list::JobId;
use crate::job::outbox::{Gate, Link, Progress};

/// How long a step waits for a job that blocks on a full outbox.
const FULL: Duration = Duration::from_millis(200);

/// Whose turn it is to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Test,
    Job,
    /// The job runs to its end.
    Free,
    Over,
}

/// Passed between test and job. A checkpoint of the job gives it back.
#[derive(Debug)]
struct Baton {
    turn: Mutex<Turn>,
    changed: Condvar,
}

impl Baton {
    fn turn(&self) -> MutexGuard<'_, Turn> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, turn: Turn) {
        *self.turn() = turn;
        self.changed.notify_all();
    }

    fn wait(&self, is_so: impl Fn(Turn) -> bool) {
        let turn = self.turn();
        drop(self.changed.wait_while(turn, |turn| !is_so(*turn)));
    }
}

impl Gate for Baton {
    fn pass(&self, _: &memmap::Progress) {
        if *self.turn() == Turn::Free {
            return;
        }
        self.set(Turn::Test);
        self.wait(|turn| turn != Turn::Test);
    }
}

/// A link whose progress is set by the test.
#[derive(Debug)]
struct Told<U> {
    link: Arc<dyn Link<U>>,
    progress: Mutex<Option<Progress>>,
}

impl<U: fmt::Debug> Link<U> for Told<U> {
    fn drain(&self) -> Vec<U> {
        self.link.drain()
    }

    fn cancel(&self) {
        self.link.cancel();
    }

    fn progress(&self) -> Progress {
        let told = *self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        told.unwrap_or_else(|| self.link.progress())
    }
}

struct Slot<U> {
    told: Arc<Told<U>>,
    link: Arc<dyn Link<U>>,
    /// Taken by the first step.
    task: Option<Task<U>>,
    baton: Arc<Baton>,
}

/// Runs jobs under control of the test.
pub(crate) struct StepExecutor<U> {
    slots: BTreeMap<JobId, Slot<U>>,
    /// What opens locations that are not files.
    pub(crate) schemes: Schemes,
}

impl<U> Default for StepExecutor<U> {
    fn default() -> Self {
        Self { slots: BTreeMap::new(), schemes: Schemes::default() }
    }
}

impl<U> fmt::Debug for StepExecutor<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.slots.keys()).finish()
    }
}

impl<U: fmt::Debug + Send + 'static> StepExecutor<U> {
    /// Jobs that have not ended, or whose end was not received.
    pub(crate) fn ids(&self) -> Vec<JobId> {
        self.slots.keys().copied().collect()
    }

    /// Sets the progress that a job reports.
    pub(crate) fn tell(&self, id: JobId, progress: Progress) {
        if let Some(slot) = self.slots.get(&id) {
            *slot.told.progress.lock().unwrap_or_else(PoisonError::into_inner) = Some(progress);
        }
    }

    /// Runs a job to its next checkpoint.
    pub(crate) fn step(&mut self, id: JobId) {
        let Some(slot) = self.slots.get_mut(&id) else { return };
        let baton = Arc::clone(&slot.baton);
        if *baton.turn() == Turn::Over {
            return;
        }
        baton.set(Turn::Job);
        if let Some(task) = slot.task.take() {
            let own = Arc::clone(&baton);
            let schemes = self.schemes.clone();
            thread::spawn(move || {
                // The baton may block the threads of a scan, so no two jobs share one.
                match ThreadPoolBuilder::new().num_threads(1).build() {
                    Ok(pool) => pool.install(|| task.run(&schemes)),
                    Err(_) => task.run(&schemes),
                }
                own.set(Turn::Over);
            });
        }
        let turn = baton.turn();
        drop(baton.changed.wait_timeout_while(turn, FULL, |turn| *turn == Turn::Job));
    }

    /// Runs a job to its end.
    pub(crate) fn finish(&mut self, id: JobId) {
        let Some(slot) = self.slots.get_mut(&id) else { return };
        match slot.task.take() {
            // Not started yet: no second thread is needed.
            Some(task) => {
                slot.baton.set(Turn::Free);
                task.run(&self.schemes);
                slot.baton.set(Turn::Over);
            }
            None if *slot.baton.turn() != Turn::Over => {
                slot.baton.set(Turn::Free);
                slot.baton.wait(|turn| turn == Turn::Over);
            }
            None => {}
        }
    }
}

impl<U: fmt::Debug + Send + 'static> Executor<U> for StepExecutor<U> {
    fn spawn(&mut self, task: Task<U>) {
        let baton = Arc::new(Baton { turn: Mutex::new(Turn::Test), changed: Condvar::new() });
        task.hold_by(Arc::<Baton>::clone(&baton));
        let told = Arc::new(Told { link: Arc::clone(&task.link), progress: Mutex::default() });
        let link = Arc::<Told<U>>::clone(&told);
        self.slots.insert(task.id, Slot { told, link, task: Some(task), baton });
    }

    fn link(&self, id: JobId) -> Option<&Arc<dyn Link<U>>> {
        self.slots.get(&id).map(|slot| &slot.link)
    }

    fn forget(&mut self, id: JobId) {
        self.slots.remove(&id);
    }

    fn is_concurrent(&self) -> bool {
        false
    }
}
