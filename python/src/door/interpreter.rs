//! Which interpreter imports the module.

use pyo3::exceptions::PyImportError;
use pyo3::ffi;
use pyo3::prelude::*;

/// Refuses to be imported by another interpreter than the main one: types and functions of a module cannot be shared
/// by interpreters. From Python 3.12 on the interpreter refuses by itself.
pub(crate) fn require_main(_: Python<'_>) -> PyResult<()> {
    /// The number of the main interpreter.
    const MAIN: i64 = 0;
    // SAFETY: the thread is attached, as the caller has a token of that.
    let this = unsafe { ffi::PyInterpreterState_Get() };
    // SAFETY: it is the interpreter of this thread.
    let number = unsafe { ffi::PyInterpreterState_GetID(this) };
    if number == MAIN {
        return Ok(());
    }
    Err(PyImportError::new_err("memmap can be imported by the main interpreter alone"))
}
