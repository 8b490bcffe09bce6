//! Runs jobs: one thread per job, and a shared thread pool for their scans. Both are created on
//! first use.

use std::any::Any;
use std::cell::Cell;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, Once, PoisonError};
use std::thread;
use std::time::Duration;

use memmap::plugin::Schemes;
use rayon::ThreadPoolBuilder;

use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::list::JobId;
use crate::job::outbox::{Controls, Ends, Gate, Link, Wake};
use crate::job::{Job, JobEvent, Priority};
use crate::source::handle::{MayBlock, SourceHandle};
use crate::source::read_error::Panicked;

/// Maximum number of requested jobs that run at the same time; further ones are queued.
const REQUESTED_MAX: usize = 4;

/// Maximum time a background job pauses at a checkpoint while another job runs.
const PAUSE: Duration = Duration::from_millis(100);

/// Stack of a job's thread. The fields of a file may be nested deeply. Only what is used of it takes
/// memory.
const STACK: usize = 8 << 20;

/// A job that is ready to run.
pub(crate) struct Task<U> {
    /// Identifies the job.
    pub(crate) id: JobId,
    pub(crate) priority: Priority,
    pub(crate) link: Arc<dyn Link<U>>,
    body: Box<dyn Body>,
}

impl<U> fmt::Debug for Task<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The part of a task that does not depend on the type of its updates.
trait Body: Send {
    fn controls(&self) -> &Controls;
    fn run(self: Box<Self>, schemes: &Schemes);
    fn fail(self: Box<Self>, error: JobError);
}

struct TypedBody<J: Job, U> {
    job: J,
    source: SourceHandle,
    ends: Arc<Ends<J, U>>,
}

impl<J: Job, U: 'static> Body for TypedBody<J, U> {
    fn controls(&self) -> &Controls {
        &self.ends.outbox.controls
    }

    fn run(self: Box<Self>, schemes: &Schemes) {
        let Self { job, source, ends } = *self;
        let may_block = MayBlock::on_this_thread();
        let cx = JobContext { source: &source, schemes, outbox: &ends.outbox, may_block };
        let ended = catch(|| job.run(&cx)).unwrap_or_else(|panicked| Err(panicked.into()));
        // Drop it before the end is known: whoever receives the end may hold the last handle.
        drop(source);
        ends.end(ended);
    }

    fn fail(self: Box<Self>, error: JobError) {
        self.ends.end(Err(error));
    }
}

impl<U: 'static> Task<U> {
    /// A task that runs a job on these bytes. `wrap` converts its events for the event loop, and
    /// `wake` tells the loop that there are some.
    pub(crate) fn new<J: Job>(
        id: JobId,
        job: J,
        source: SourceHandle,
        wake: Wake,
        wrap: fn(JobEvent<J>) -> U,
    ) -> Self {
        let ends = Arc::new(Ends::new(id, wake, wrap));
        let link = Arc::<Ends<J, U>>::clone(&ends);
        Self { id, priority: job.priority(), link, body: Box::new(TypedBody { job, source, ends }) }
    }

    pub(crate) fn hold_by(&self, gate: Arc<dyn Gate>) {
        self.body.controls().hold_by(gate);
    }

    /// Runs the job on this thread to its end.
    pub(crate) fn run(self, schemes: &Schemes) {
        self.body.run(schemes);
    }
}

/// Runs jobs.
pub(crate) trait Executor<U> {
    /// Runs a task, now or when there is room.
    fn spawn(&mut self, task: Task<U>);

    /// The event loop's end of a job, until the job is forgotten.
    fn link(&self, id: JobId) -> Option<&Arc<dyn Link<U>>>;

    /// Removes a job whose end was received.
    fn forget(&mut self, id: JobId);

    /// Whether jobs go on while the event loop waits.
    fn is_concurrent(&self) -> bool {
        true
    }
}

/// Runs jobs on threads.
pub(crate) struct ThreadExecutor<U> {
    running: BTreeMap<JobId, (Priority, Arc<dyn Link<U>>)>,
    queue: VecDeque<Task<U>>,
    others: Arc<Others>,
    schemes: Schemes,
}

impl<U: Send + 'static> ThreadExecutor<U> {
    /// An executor whose jobs open locations with these schemes.
    pub(crate) fn new(schemes: Schemes) -> Self {
        let (running, queue, others) = (BTreeMap::new(), VecDeque::new(), Arc::default());
        Self { running, queue, others, schemes }
    }

    fn start(&mut self, task: Task<U>) {
        let (id, priority) = (task.id, task.priority);
        self.running.insert(id, (priority, Arc::clone(&task.link)));
        if priority == Priority::Background {
            task.hold_by(Arc::<Others>::clone(&self.others));
        }
        self.others.set(self.running.values().filter(|it| it.0 > Priority::Background).count());
        // If the thread cannot be started, the closure is dropped, so the task is passed
        // separately.
        let handed = Arc::new(Mutex::new(Some(task)));
        let taken = Arc::clone(&handed);
        let take = |slot: &Mutex<Option<Task<U>>>| {
            slot.lock().unwrap_or_else(PoisonError::into_inner).take()
        };
        let schemes = self.schemes.clone();
        let run = move || {
            if let Some(task) = take(&taken) {
                make_pool();
                task.run(&schemes);
            }
        };
        let started = thread::Builder::new().name("job".to_owned()).stack_size(STACK).spawn(run);
        if let Err(error) = started
            && let Some(task) = take(&handed)
        {
            task.body.fail(JobError::Thread(error));
        }
    }

    fn has_room(&self) -> bool {
        let requested = self.running.values().filter(|it| it.0 == Priority::Requested);
        requested.count() < REQUESTED_MAX
    }
}

impl<U: Send + 'static> Executor<U> for ThreadExecutor<U> {
    fn spawn(&mut self, task: Task<U>) {
        if task.priority == Priority::Requested && !self.has_room() {
            self.queue.push_back(task);
        } else {
            self.start(task);
        }
    }

    fn link(&self, id: JobId) -> Option<&Arc<dyn Link<U>>> {
        let queued = || self.queue.iter().find(|task| task.id == id).map(|task| &task.link);
        self.running.get(&id).map(|(_, link)| link).or_else(queued)
    }

    fn forget(&mut self, id: JobId) {
        self.running.remove(&id);
        self.others.set(self.running.values().filter(|it| it.0 > Priority::Background).count());
        while self.has_room() {
            let Some(task) = self.queue.pop_front() else { break };
            self.start(task);
        }
    }
}

/// The gate that pauses background jobs while others run. It blocks only their own threads.
#[derive(Default)]
struct Others {
    running: Mutex<usize>,
    changed: Condvar,
}

impl Others {
    fn set(&self, running: usize) {
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = running;
        self.changed.notify_all();
    }
}

impl Gate for Others {
    fn pass(&self, job: &memmap::Progress) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if *running > 0 && !job.is_cancelled() {
            // Wait for a limited time only, so that the job makes some progress.
            drop(self.changed.wait_timeout_while(running, PAUSE, |running| *running > 0));
        }
    }
}

thread_local! {
    static IS_CAUGHT: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic on this thread is caught, so that the panic hook should stay silent.
pub(crate) fn is_caught() -> bool {
    IS_CAUGHT.get()
}

/// Catches a panic, and suppresses its message.
///
/// # Errors
/// The panic message.
pub(crate) fn catch<T>(run: impl FnOnce() -> T) -> Result<T, Panicked> {
    let before = IS_CAUGHT.replace(true);
    let done = catch_unwind(AssertUnwindSafe(run));
    IS_CAUGHT.set(before);
    done.map_err(|panic| message(&*panic))
}

/// Makes rayon's global pool, which runs all scans. It has one thread less than there are processors,
/// to keep the view responsive; as many if there are only one or two.
fn make_pool() {
    static MADE: Once = Once::new();
    MADE.call_once(|| {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let threads = if processors > 2 { processors - 1 } else { processors };
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|_| "job helper".to_owned())
            .start_handler(|_| IS_CAUGHT.set(true));
        // If it fails, scans use the pool that rayon makes by itself.
        pool.build_global().ok();
    });
}

fn message(panic: &(dyn Any + Send)) -> Panicked {
    let said = panic.downcast_ref::<String>().map(String::as_str);
    let said = said.or_else(|| panic.downcast_ref::<&str>().copied());
    Panicked(said.unwrap_or("a panic").to_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};

    use memmap::{AnyMap, Map, RamMap};
    use memmap_core::testing::Fake;

    use super::*;
    use crate::job::list::Jobs;
    use crate::job::{Merge, Never};

    #[derive(Debug)]
    enum Work {
        /// Reads every byte.
        Read,
        Panic,
    }

    impl Job for Work {
        type Event = Never;
        type Output = ();

        fn title(&self) -> String {
            String::new()
        }

        fn run(self, cx: &JobContext<'_, Never>) -> Result<(), JobError> {
            match self {
                Self::Read => {
                    let outcome = cx.scan().for_each_chunk(|_, _| {})?;
                    if outcome.is_cancelled { Err(JobError::Cancelled) } else { Ok(()) }
                }
                Self::Panic => panic!("of this test"),
            }
        }
    }

    /// An executor, and the jobs for which it woke the loop.
    struct House {
        jobs: Jobs,
        executor: ThreadExecutor<JobEvent<Work>>,
        wake: Wake,
        woken: Receiver<JobId>,
    }

    impl House {
        fn new() -> Self {
            let (sender, woken) = channel();
            let wake: Wake = Arc::new(move |id| sender.send(id).unwrap());
            Self {
                jobs: Jobs::default(),
                executor: ThreadExecutor::new(Schemes::default()),
                wake,
                woken,
            }
        }

        fn start(&mut self, job: Work, map: AnyMap) -> (JobId, Arc<dyn Link<JobEvent<Work>>>) {
            let id = self.jobs.add("test");
            let (source, wake) = (SourceHandle::new(map), Arc::clone(&self.wake));
            let task = Task::new(id, job, source, wake, |event| event);
            self.executor.spawn(task);
            (id, Arc::clone(self.executor.link(id).unwrap()))
        }

        /// Waits until a job ends.
        fn end(&mut self) -> (JobId, Result<(), JobError>) {
            let id = self.woken.recv_timeout(Duration::from_secs(60)).unwrap();
            let mut sent = self.executor.link(id).unwrap().drain();
            self.executor.forget(id);
            match sent.pop() {
                Some(JobEvent::Ended(ended)) => (id, ended),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn a_job_says_how_far_it_is_and_how_it_ended_and_lets_go_of_the_map() {
        let mut stage = House::new();
        let source = SourceHandle::new(RamMap::from_reader(&[7; 3000][..]).unwrap().erase());
        let id = stage.jobs.add("read");
        let wake = Arc::clone(&stage.wake);
        let task = Task::new(id, Work::Read, source.clone(), wake, |event| event);
        stage.executor.spawn(task);
        let link = Arc::clone(stage.executor.link(id).unwrap());
        let (ended, outcome) = stage.end();
        assert_eq!(ended, id);
        outcome.unwrap();
        let progress = link.progress();
        assert_eq!((progress.done, progress.total), (3000, 3000));
        assert!(link.drain().is_empty(), "nothing comes after the end");
        assert!(stage.executor.link(id).is_none());
        assert!(source.is_the_last(), "nobody else holds the map any more");
    }

    #[test]
    fn what_is_cancelled_ends_and_says_so() {
        let mut stage = House::new();
        let (id, link) = stage.start(Work::Read, Map::from_mapping(Endless).erase());
        while link.progress().done == 0 {
            thread::yield_now();
        }
        assert!(stage.woken.try_recv().is_err(), "it has not ended by itself");
        link.cancel();
        assert!(matches!(stage.end(), (ended, Err(JobError::Cancelled)) if ended == id));
    }

    #[test]
    fn jobs_beyond_the_limit_queue_and_can_be_cancelled_there() {
        let mut stage = House::new();
        let endless = || Map::from_mapping(Endless).erase();
        let all: Vec<_> = (0..6).map(|_| stage.start(Work::Read, endless())).collect();
        assert_eq!((stage.executor.running.len(), stage.executor.queue.len()), (4, 2));
        for (_, link) in &all {
            link.cancel();
        }
        let mut ended: Vec<JobId> = (0..6).map(|_| stage.end().0).collect();
        ended.sort_unstable();
        assert_eq!(ended, all.iter().map(|(id, _)| *id).collect::<Vec<_>>());
    }

    #[test]
    fn a_panic_is_how_a_job_ended() {
        let mut stage = House::new();
        stage.start(Work::Panic, Map::from_mapping(Fake::new(&[1; 10])).erase());
        let (_, ended) = stage.end();
        let why = ended.unwrap_err().to_string();
        assert_eq!(why, "bug in lazyhex: of this test");
    }

    #[derive(Debug)]
    struct Patient;

    #[derive(Debug)]
    struct Tick;

    impl Merge for Tick {}

    impl Job for Patient {
        type Event = Tick;
        type Output = ();

        fn priority(&self) -> Priority {
            Priority::Background
        }

        fn title(&self) -> String {
            String::new()
        }

        fn run(self, cx: &JobContext<'_, Tick>) -> Result<(), JobError> {
            Ok((0..3).try_for_each(|_| cx.emit(Tick))?)
        }
    }

    #[test]
    fn a_background_job_goes_on_slowly_while_another_one_runs() {
        let others = Arc::new(Others::default());
        others.set(1);
        let source = SourceHandle::new(RamMap::from_reader(&b"x"[..]).unwrap().erase());
        let id = Jobs::default().add("patient");
        let task: Task<JobEvent<Patient>> =
            Task::new(id, Patient, source, Arc::new(|_| {}), |event| event);
        task.hold_by(others);
        let link = Arc::clone(&task.link);
        thread::spawn(move || task.run(&Schemes::default())).join().unwrap();
        let sent = link.drain();
        assert!(matches!(sent.last(), Some(JobEvent::Ended(Ok(())))), "{sent:?}");
    }

    /// An endless mapping of zeros.
    #[derive(Debug)]
    struct Endless;

    impl memmap::plugin::Mapping for Endless {
        fn len(&self) -> u64 {
            u64::MAX
        }

        fn read_into(&self, _: u64, out: &mut [u8]) -> memmap::Result<()> {
            out.fill(0);
            Ok(())
        }
    }
}
