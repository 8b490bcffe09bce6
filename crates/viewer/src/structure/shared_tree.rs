//! The tree of a file's fields, shared by the jobs that read it in turns.

use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use memmap::Cancel;
use memmap_structure::{Limits, ReadError, Schema, Source, Stop, Tree, Trouble};

use crate::job::Merge;
use crate::job::context::JobContext;
use crate::job::error::{Cancelled, JobError};
use crate::source::structure_source::StructureSource;

/// How much of the stack of a job a request may use. The stack has 8 MiB.
const STACK: usize = 6 << 20;

/// Blocks read in one step of a walk, so that the tree is free for others again soon.
const STEP_BLOCKS: u64 = 128;

/// How often a walk that waits for others looks whether it was cancelled.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Who reads the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// What a view shows. It ends when a newer request comes.
    View(u64),
    /// A walk, which makes way for everybody else.
    Walk,
    /// A request that runs to its end.
    Whole,
}

/// The tree of a document, for one state of its bytes. The tree is made by the first job.
#[derive(Clone)]
pub(crate) struct SharedTree(Arc<State>);

/// A state of the bytes. What was found is shared with the states that the file has grown from.
struct State {
    schema: Arc<Schema>,
    /// Where in the file the first byte of the format is.
    base: u64,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    tree: Mutex<Option<Tree>>,
    signals: Arc<Signals>,
    /// Nobody waits any more.
    is_free: Condvar,
    waiting: Mutex<()>,
}

/// What a running request listens to.
#[derive(Debug, Default)]
struct Signals {
    /// The number of the newest request of a view.
    newest: AtomicU64,
    /// Jobs that wait for the tree or use it, except walks.
    users: AtomicUsize,
    /// The request that runs: its number, or one of the following.
    running: AtomicU64,
}

const WALK: u64 = u64::MAX;
const WHOLE: u64 = u64::MAX - 1;

impl Signals {
    fn is_stopped(&self) -> bool {
        match self.running.load(Ordering::Relaxed) {
            WALK => self.users.load(Ordering::Relaxed) > 0,
            WHOLE => false,
            number => self.newest.load(Ordering::Relaxed) > number,
        }
    }
}

/// A source that stops the request when it is to make way.
struct Stoppable {
    source: StructureSource,
    signals: Arc<Signals>,
}

impl Source for Stoppable {
    fn len(&self) -> u64 {
        self.source.len()
    }

    fn read(&mut self, at: u64, into: &mut [u8]) -> Result<(), ReadError> {
        if self.signals.is_stopped() {
            return Err(ReadError::Stop);
        }
        self.source.read(at, into)
    }

    fn data_from(&mut self, at: u64) -> u64 {
        self.source.data_from(at)
    }
}

impl SharedTree {
    pub(crate) fn new(schema: Arc<Schema>, base: u64) -> Self {
        Self(Arc::new(State { schema, base, shared: Arc::default() }))
    }

    /// The tree of the same bytes with more after them.
    pub(crate) fn grown(&self) -> Self {
        let State { schema, base, shared } = &*self.0;
        Self(Arc::new(State {
            schema: Arc::clone(schema),
            base: *base,
            shared: Arc::clone(shared),
        }))
    }

    /// Where in the file the format begins.
    pub(crate) fn base(&self) -> u64 {
        self.0.base
    }

    pub(crate) fn schema(&self) -> &Arc<Schema> {
        &self.0.schema
    }

    /// Numbers a new request of a view, and stops the ones before it.
    pub(crate) fn request(&self) -> u64 {
        self.0.shared.signals.newest.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Uses the tree. Blocks while another job does.
    ///
    /// # Errors
    /// A stop, or what keeps the request from its answer.
    pub(crate) fn with<E: Merge, T>(
        &self,
        cx: &JobContext<'_, E>,
        turn: Turn,
        ask: impl FnOnce(&mut Tree) -> Result<T, Trouble>,
    ) -> Result<T, JobError> {
        let shared = &*self.0.shared;
        let _user = (turn != Turn::Walk).then(|| User::of(shared));
        let mut slot = match shared.tree.lock() {
            Ok(slot) => slot,
            // The job before panicked in the middle of a change.
            Err(poisoned) => {
                shared.tree.clear_poison();
                let mut slot = poisoned.into_inner();
                *slot = None;
                slot
            }
        };
        let signals = &shared.signals;
        let running = match turn {
            Turn::View(number) => number,
            Turn::Walk => WALK,
            Turn::Whole => WHOLE,
        };
        signals.running.store(running, Ordering::Relaxed);
        if signals.is_stopped() {
            return Err(JobError::Cancelled);
        }
        // A job of a shorter state may come late. It is answered by what is known since.
        let len = cx.source.len().saturating_sub(self.0.base);
        slot.take_if(|tree| tree.source_len() < len && !tree.grow(Box::new(self.bytes(cx))));
        let tree = slot
            .get_or_insert_with(|| Tree::new(Arc::clone(&self.0.schema), Box::new(self.bytes(cx))));
        tree.set_limits(limits(turn));
        ask(tree).map_err(JobError::from)
    }

    fn bytes<E: Merge>(&self, cx: &JobContext<'_, E>) -> Stoppable {
        let (map, base) = (cx.source.clone(), self.0.base);
        let source = StructureSource::new(map, cx.may_block, base, Cancel::new());
        Stoppable { source, signals: Arc::clone(&self.0.shared.signals) }
    }

    /// For a walk: waits until nobody else needs the tree.
    pub(crate) fn make_way<E: Merge>(&self, cx: &JobContext<'_, E>) -> Result<(), Cancelled> {
        cx.checkpoint()?;
        let shared = &self.0.shared;
        while shared.signals.users.load(Ordering::Relaxed) > 0 {
            let waiting = shared.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            drop(shared.is_free.wait_timeout(waiting, LOOK_EVERY));
            cx.checkpoint()?;
        }
        Ok(())
    }
}

fn limits(turn: Turn) -> Limits {
    let mut limits = Limits::default();
    limits.stack = STACK;
    if turn == Turn::Walk {
        limits.blocks = STEP_BLOCKS;
    }
    limits
}

/// Counts a user of the tree.
struct User<'a>(&'a Shared);

impl<'a> User<'a> {
    fn of(shared: &'a Shared) -> Self {
        shared.signals.users.fetch_add(1, Ordering::Relaxed);
        Self(shared)
    }
}

impl Drop for User<'_> {
    fn drop(&mut self) {
        self.0.signals.users.fetch_sub(1, Ordering::Relaxed);
        self.0.is_free.notify_all();
    }
}

impl From<Trouble> for JobError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Stop(Stop::Cancelled) => Self::Cancelled,
            other => Self::Structure(other),
        }
    }
}

impl fmt::Debug for SharedTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedTree").field("base", &self.0.base).finish_non_exhaustive()
    }
}

impl PartialEq for SharedTree {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for SharedTree {}
