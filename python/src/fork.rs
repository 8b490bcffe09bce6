//! What a child of `fork` has to forget, the threads of its parent, which do not exist in it; and what must not be
//! going on while a process is forked.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::guard;

/// How often this process and its parents were forked, as seen from here. What was counted in another
/// generation was counted in a parent.
static GENERATION: AtomicU64 = AtomicU64::new(0);

/// The generation of this process.
#[inline]
pub(crate) fn generation() -> u64 {
    GENERATION.load(Ordering::Relaxed)
}

/// Calls without the GIL that hold locks of a map for long. A thread that holds one does not exist in a child, where
/// the lock would stay closed for ever.
static HOLDING: AtomicUsize = AtomicUsize::new(0);

/// Threads that are about to fork. No call that holds locks begins meanwhile.
static FORKING: AtomicUsize = AtomicUsize::new(0);

/// How long a thread sleeps between two looks at the numbers above.
const PAUSE: Duration = Duration::from_micros(100);

/// How long a call waits for forks at most: what else is called before a fork may wait for the thread of the call.
const PATIENCE: Duration = Duration::from_secs(1);

thread_local! {
    /// Whether this thread is about to fork. What it calls meanwhile is over before it does.
    static IS_FORKING: Cell<bool> = const { Cell::new(false) };
}

/// A call that holds locks of a map, as long as it lives: no process is forked meanwhile.
pub(crate) struct Locking(());

impl Drop for Locking {
    fn drop(&mut self) {
        HOLDING.fetch_sub(1, Ordering::Release);
    }
}

impl Locking {
    /// Waits for forks that are about to happen. It begins and `fork` happens with the GIL, so neither is missed.
    pub(crate) fn begin(py: Python<'_>) -> Self {
        let begun = Instant::now();
        while FORKING.load(Ordering::Relaxed) > 0 && !IS_FORKING.get() && begun.elapsed() < PATIENCE
        {
            py.detach(|| thread::sleep(PAUSE));
        }
        HOLDING.fetch_add(1, Ordering::Relaxed);
        Self(())
    }
}

/// Runs what holds locks of a map, without the GIL; no process is forked while it runs.
pub(crate) fn locking<R: Send>(py: Python<'_>, act: impl FnOnce() -> R + Send) -> R {
    let locking = Locking::begin(py);
    py.detach(move || {
        let result = act();
        // Here, as a thread of a process that ends does not come back.
        drop(locking);
        result
    })
}

/// Called before a fork: waits for the calls that hold locks.
#[pyfunction]
fn _before_fork(py: Python<'_>) {
    IS_FORKING.set(true);
    FORKING.fetch_add(1, Ordering::Relaxed);
    while HOLDING.load(Ordering::Acquire) > 0 {
        py.detach(|| thread::sleep(PAUSE));
    }
}

/// Called in the parent, also if there is no child.
#[pyfunction]
fn _after_fork_in_parent() {
    IS_FORKING.set(false);
    FORKING.fetch_sub(1, Ordering::Relaxed);
}

/// Called in a child, before Python code runs there.
#[pyfunction]
fn _after_fork_in_child() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
    IS_FORKING.set(false);
    FORKING.store(0, Ordering::Relaxed);
    HOLDING.store(0, Ordering::Relaxed);
    guard::ask();
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    let os = py.import("os")?;
    // Windows has no fork.
    if !os.hasattr("register_at_fork")? {
        return Ok(());
    }
    let keywords = PyDict::new(py);
    keywords.set_item("before", wrap_pyfunction!(_before_fork, module)?)?;
    keywords.set_item("after_in_parent", wrap_pyfunction!(_after_fork_in_parent, module)?)?;
    keywords.set_item("after_in_child", wrap_pyfunction!(_after_fork_in_child, module)?)?;
    os.call_method("register_at_fork", (), Some(&keywords))?;
    Ok(())
}
