//! Waiting without the GIL, in steps after which the signals of Python are looked at.

use std::thread;
use std::time::{Duration, Instant};

use pyo3::prelude::*;

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

/// Waits until `is_done`, which is asked with the GIL.
pub(crate) fn wait(py: Python<'_>, mut is_done: impl FnMut() -> PyResult<bool>) -> PyResult<()> {
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
