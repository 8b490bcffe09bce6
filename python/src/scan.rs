//! Scans on the cores of this process.

use std::fmt;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use memmap::plugin::Mapping;
use memmap::scan::{Match, Pattern, Scan};
use memmap::{Map, Progress};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::door::buffer::Buffer;
use crate::errors::{Raised, exception};
use crate::fork::generation;
use crate::gate::Call;
use crate::guard;
use crate::store::Store;

/// How long the calling thread waits at most before it looks at the signals and reports progress.
const TICK: Duration = Duration::from_millis(20);

/// Ranges of at most this many bytes are scanned by the calling thread.
const SHORT: u64 = 1 << 20;

/// The pool, and the generation that its threads belong to.
static POOL: Mutex<Option<(u64, Arc<ThreadPool>)>> = Mutex::new(None);

/// The pool of this process. After a fork it is made anew: the threads of the other one are the parent's.
fn pool() -> PyResult<Arc<ThreadPool>> {
    let mut kept = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((of, pool)) = &*kept
        && *of == generation()
    {
        return Ok(Arc::clone(pool));
    }
    if let Some(of_parent) = kept.take() {
        // Dropping it would wake threads that do not exist here.
        Box::leak(Box::new(of_parent));
    }
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let made = ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|index| format!("memmap-scan-{index}"))
        .build()
        .map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
    let made = Arc::new(made);
    *kept = Some((generation(), Arc::clone(&made)));
    Ok(made)
}

/// Where the result of a scan arrives.
struct Arrival<R> {
    result: Mutex<Option<thread::Result<R>>>,
    arrived: Condvar,
}

impl<R: Send> Arrival<R> {
    fn wait(&self, most: Duration) -> Option<thread::Result<R>> {
        let result = self.result.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.arrived.wait_timeout_while(result, most, |result| result.is_none());
        waited.unwrap_or_else(PoisonError::into_inner).0.take()
    }

    fn put(&self, result: thread::Result<R>) {
        *self.result.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        self.arrived.notify_one();
    }
}

/// Runs a scan of `len` bytes without the GIL. The calling thread looks at the signals, and calls `report`
/// with the bytes that are done and all of them; what that raises stops the scan.
///
/// The scan is passed the number of threads that it may use.
pub(crate) fn run<R: Send + 'static>(
    py: Python<'_>,
    len: u64,
    report: Option<&Bound<'_, PyAny>>,
    scan: impl FnOnce(&Progress, Option<usize>) -> R + Send + 'static,
) -> PyResult<R> {
    guard::ask();
    let progress = Arc::new(Progress::new());
    let result = if len <= SHORT {
        py.detach(|| scan(&progress, Some(1)))
    } else {
        run_on_pool(py, &progress, report, scan)?
    };
    if let Some(report) = report {
        report.call1((progress.done(), progress.total()))?;
    }
    Ok(result)
}

fn run_on_pool<R: Send + 'static>(
    py: Python<'_>,
    progress: &Arc<Progress>,
    report: Option<&Bound<'_, PyAny>>,
    scan: impl FnOnce(&Progress, Option<usize>) -> R + Send + 'static,
) -> PyResult<R> {
    let begun = generation();
    let arrival = Arc::new(Arrival { result: Mutex::new(None), arrived: Condvar::new() });
    let (pool, to, shown) = (pool()?, Arc::clone(&arrival), Arc::clone(progress));
    pool.spawn(move || to.put(catch_unwind(AssertUnwindSafe(|| scan(&shown, None)))));
    loop {
        if let Some(result) = py.detach(|| arrival.wait(TICK)) {
            return Ok(result.unwrap_or_else(|panic| resume_unwind(panic)));
        }
        let looked = py.check_signals().and_then(|()| match report {
            Some(report) => report.call1((progress.done(), progress.total())).map(drop),
            None => Ok(()),
        });
        if generation() != begun {
            // The callback forked, and this is the child.
            let text = "the scan goes on in the parent of this process alone";
            return Err(looked.err().unwrap_or_else(|| PyRuntimeError::new_err(text)));
        }
        if let Err(error) = looked {
            progress.cancel();
            // It ends soon, and lets go of the map.
            py.detach(|| while arrival.wait(TICK).is_none() {});
            return Err(error);
        }
    }
}

/// Which match is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    First,
    Last,
}

/// A copy of the bytes to look for.
pub(crate) fn literal(sub: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    let buffer = Buffer::source(sub)?;
    let mut bytes = vec![0; buffer.len()];
    buffer.bytes().copy_out(&mut bytes).map_err(|lost| {
        let at = memmap::widen(lost.done);
        let kind = memmap::ErrorKind::BufferLost { at };
        exception(sub.py(), &memmap::Error::new(memmap::plugin::Op::Read, kind))
    })?;
    Ok(bytes)
}

pub(crate) fn pattern<E: fmt::Display>(made: Result<Pattern, E>) -> PyResult<Pattern> {
    made.map_err(|error| PyValueError::new_err(error.to_string()))
}

/// The first or the last place of some bytes, or -1.
pub(crate) fn offset(
    py: Python<'_>,
    call: &Call<'_, Store>,
    sub: &[u8],
    range: Range<u64>,
    which: Which,
) -> PyResult<i64> {
    if range.start > range.end {
        return Ok(-1);
    }
    let found = if sub.is_empty() {
        Some(if which == Which::First { range.start } else { range.end })
    } else {
        let pattern = pattern(Pattern::literal(sub))?;
        let store = call.shared();
        let len = range.end.saturating_sub(range.start);
        let found = run(py, len, None, move |progress, threads| match &*store {
            Store::File(map) => one(map, &pattern, range, which, progress, threads),
            Store::Memory(map) => one(map, &pattern, range, which, progress, threads),
            Store::Edited(edited) => one(&edited.map, &pattern, range, which, progress, threads),
        })?;
        found.raised(py)?.map(|found| found.offset)
    };
    Ok(found.map_or(-1, |at| i64::try_from(at).unwrap_or(i64::MAX)))
}

/// The first or the last match. A lost byte is an error if a match might be there that is wanted more.
pub(crate) fn one<M: Mapping>(
    map: &Map<M>,
    pattern: &Pattern,
    range: Range<u64>,
    which: Which,
    progress: &Progress,
    threads: Option<usize>,
) -> memmap::Result<Option<Match>> {
    let scan = prepared(map, range, progress, threads);
    let outcome = match which {
        Which::First => scan.find_first(pattern)?,
        Which::Last => scan.find_last(pattern)?,
    };
    let found = outcome.value;
    let lost = outcome.unreadable.into_iter().find(|lost| match (found, which) {
        (None, _) => true,
        (Some(found), Which::First) => lost.range.start < found.offset,
        (Some(found), Which::Last) => lost.range.end > found.offset,
    });
    match lost {
        Some(lost) => Err(lost.error),
        None => Ok(found),
    }
}

/// A scan of a range by at most `threads` threads.
pub(crate) fn prepared<'s, M: Mapping>(
    map: &'s Map<M>,
    range: Range<u64>,
    progress: &'s Progress,
    threads: Option<usize>,
) -> Scan<'s, M> {
    let scan = Scan::new(map).range(range).progress(progress);
    match threads {
        Some(threads) => scan.threads(threads),
        None => scan,
    }
}
