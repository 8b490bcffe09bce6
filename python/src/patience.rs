//! Waiting without the GIL, in steps after which the signals of Python are looked at.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use crate::fork::{Locking, locking};

/// How long a thread works or waits without the GIL at most, before it looks at the signals of Python.
pub(crate) const STEP: Duration = Duration::from_millis(50);

/// The longest pause between two looks at what is waited for.
const PAUSE: Duration = Duration::from_millis(2);

/// Calls `step` without the GIL until it says that the work is done, and looks at the signals in between. In other
/// threads than the main one there are none to look at.
pub(crate) fn work<E: Send>(
    py: Python<'_>,
    mut step: impl FnMut() -> Result<bool, E> + Send,
    raised: impl FnOnce(E) -> PyErr,
) -> PyResult<()> {
    loop {
        let until = Instant::now().checked_add(STEP);
        let worked = py.detach(|| {
            loop {
                let is_done = step()?;
                if is_done || until.is_none_or(|until| Instant::now() >= until) {
                    return Ok(is_done);
                }
            }
        });
        match worked {
            Ok(true) => return Ok(()),
            Ok(false) => py.check_signals()?,
            Err(error) => return Err(raised(error)),
        }
    }
}

/// Runs what no signal interrupts, such as writing to a device, without the GIL, as [`locking`] does. If it concerns many bytes, that is in
/// a thread of its own, while this one looks at the signals: what they raise ends the wait, and the work goes on.
pub(crate) fn aside<R: Send + 'static>(
    py: Python<'_>,
    bytes: u64,
    act: impl FnOnce() -> R + Send + 'static,
) -> PyResult<R> {
    /// To start a thread for fewer takes longer than they do.
    const MANY: u64 = 64 << 20;
    if bytes < MANY {
        return Ok(locking(py, act));
    }
    let (ended, mut has_ended) = mpsc::sync_channel(1);
    let locking = Locking::begin(py);
    let run = move || {
        let result = catch_unwind(AssertUnwindSafe(act));
        drop(locking);
        ended.send(result).is_ok()
    };
    let named = thread::Builder::new().name("memmap-sync".to_owned());
    py.detach(|| named.spawn(run))?;
    loop {
        let (back, waited) = py.detach(move || {
            let waited = has_ended.recv_timeout(STEP);
            (has_ended, waited)
        });
        has_ended = back;
        match waited {
            Ok(result) => return Ok(result.unwrap_or_else(|panic| resume_unwind(panic))),
            Err(RecvTimeoutError::Timeout) => py.check_signals()?,
            // It sends in any case.
            Err(RecvTimeoutError::Disconnected) => {
                return Err(PyRuntimeError::new_err("the thread that wrote to the device is gone"));
            }
        }
    }
}

/// Waits until `is_done`, which is asked with the GIL.
pub(crate) fn wait(py: Python<'_>, mut is_done: impl FnMut() -> PyResult<bool>) -> PyResult<()> {
    if is_done()? {
        return Ok(());
    }
    let mut pause = Duration::from_micros(20);
    let mut looked = Instant::now();
    while !is_done()? {
        py.detach(|| thread::sleep(pause));
        pause = pause.saturating_mul(2).min(PAUSE);
        if looked.elapsed() >= STEP {
            py.check_signals()?;
            looked = Instant::now();
        }
    }
    Ok(())
}
