//! Advisory locks of the file.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use memmap::plugin::LockKind;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;

use super::MemMap;
use crate::errors::{Raised, caught};
use crate::fork::generation;
use crate::patience;

/// A lock that this map holds.
pub(super) struct Held {
    /// A child shares the open file, and would release the lock of its parent.
    generation: u64,
}

#[pymethods]
impl MemMap {
    /// Take an advisory lock on the file, against other processes and other maps.
    ///
    /// The lock belongs to this map, ends with it, and is not inherited by a forked child. It keeps nobody
    /// from writing who does not ask for it.
    ///
    /// Parameters
    /// ----------
    /// shared : bool, default False
    ///     Others may hold shared locks at the same time.
    /// timeout : float, optional
    ///     Seconds to wait; 0 tries once. By default it waits until the lock is free.
    ///
    /// Returns
    /// -------
    /// bool
    ///     Whether the lock is held now.
    ///
    /// Examples
    /// --------
    /// >>> import tempfile
    /// >>> from memmap import MemMap
    /// >>> with tempfile.NamedTemporaryFile() as file:
    /// ...     _ = file.write(b"x") and file.flush()
    /// ...     a, b = MemMap.open(file.name, "r+"), MemMap.open(file.name, "r+")
    /// ...     taken = a.lock(), b.lock(timeout=0)
    /// ...     a.unlock()
    /// >>> taken
    /// (True, False)
    #[pyo3(signature = (*, shared=false, timeout=None))]
    fn lock(&self, py: Python<'_>, shared: bool, timeout: Option<f64>) -> PyResult<bool> {
        let kind = if shared { LockKind::Shared } else { LockKind::Exclusive };
        let timeout = timeout
            .map(|seconds| {
                Duration::try_from_secs_f64(seconds).map_err(|_| {
                    PyValueError::new_err("a timeout is a number of seconds from 0 on")
                })
            })
            .transpose()?;
        caught(|| {
            let call = self.gate().call(py)?;
            let begun = Instant::now();
            let mut is_held = false;
            patience::wait(py, || {
                is_held = py.detach(|| call.try_lock(kind)).raised(py)?;
                Ok(is_held || timeout.is_some_and(|timeout| begun.elapsed() >= timeout))
            })?;
            if is_held {
                let held = Held { generation: generation() };
                *self.lock.lock().unwrap_or_else(PoisonError::into_inner) = Some(held);
            }
            Ok(is_held)
        })
    }

    /// Release the lock.
    ///
    /// Raises
    /// ------
    /// RuntimeError
    ///     In a forked child of the process that took it, which keeps it.
    fn unlock(&self, py: Python<'_>) -> PyResult<()> {
        caught(|| {
            let call = self.gate().call(py)?;
            {
                let mut held = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
                match &*held {
                    None => return Ok(()),
                    Some(held) if held.generation != generation() => {
                        let text = "the lock is that of the process which took it, and from which this one \
                                    was forked; open the file here, and lock that";
                        return Err(PyRuntimeError::new_err(text));
                    }
                    Some(_) => *held = None,
                }
            }
            py.detach(|| call.unlock()).raised(py)
        })
    }
}
