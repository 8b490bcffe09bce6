//! The guard: whether a lost page becomes a value.

use std::ffi::CString;

use memmap::explain::FaultGuard;
use pyo3::exceptions::PyRuntimeWarning;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

/// Asks for the guard, where others may have pushed it aside, and lets its signals through in this thread.
pub(crate) fn ask() {
    // What it answers is for users; here it is called for what it does.
    let _ = FaultGuard::ensure();
}

/// The same, with a warning if it was pushed aside: until now a lost page may have ended the process.
pub(crate) fn ask_and_warn(py: Python<'_>) -> PyResult<()> {
    let was = FaultGuard::status();
    ask();
    if was != FaultGuard::Replaced {
        return Ok(());
    }
    let text = c"another handler of SIGBUS was installed after the guard, which is in front again now; see \
        ensure_guard";
    PyErr::warn(py, &py.get_type::<PyRuntimeWarning>(), text, 1)
}

/// Warns of a loss that nobody asked for.
pub(crate) fn warn_of_loss(error: &memmap::Error) {
    Python::try_attach(|py| {
        let text = format!("nobody called check(), and bytes were zeros that are lost: {error}");
        let Ok(text) = CString::new(text) else { return };
        let class = py.get_type::<PyRuntimeWarning>();
        if let Err(error) = PyErr::warn(py, &class, &text, 1) {
            error.write_unraisable(py, None);
        }
    });
}

fn name(py: Python<'_>, status: FaultGuard) -> Bound<'_, PyString> {
    match status {
        FaultGuard::Active => intern!(py, "active").clone(),
        FaultGuard::Replaced => intern!(py, "replaced").clone(),
        FaultGuard::Unavailable(why) => PyString::new(py, &format!("unavailable: {why}")),
        _ => PyString::new(py, &format!("{status:?}").to_lowercase()),
    }
}

/// Tell whether a lost page becomes an exception, or zeros, instead of the end of the process.
///
/// Returns
/// -------
/// str
///     ``"active"``; ``"replaced"`` if another handler of ``SIGBUS`` was installed later, such as by
///     ``faulthandler.disable()`` or ``signal.signal``; ``"unavailable: ..."`` with the reason otherwise.
///
/// Examples
/// --------
/// >>> import memmap
/// >>> memmap.guard_status().split(":")[0] in ("active", "replaced", "unavailable")
/// True
#[pyfunction]
pub(crate) fn guard_status(py: Python<'_>) -> Bound<'_, PyString> {
    name(py, FaultGuard::status())
}

/// Put the guard in front again, after something else installed a handler of ``SIGBUS``.
///
/// Opening a map does the same. Call it after ``faulthandler.disable()``, after ``signal.signal``, and as
/// ``worker_init_fn`` of a DataLoader of torch, whose workers install handlers of their own.
///
/// Returns
/// -------
/// str
///     As `guard_status`.
///
/// Examples
/// --------
/// >>> import memmap
/// >>> memmap.ensure_guard() == memmap.guard_status()
/// True
#[pyfunction]
#[pyo3(signature = (*_ignored))]
pub(crate) fn ensure_guard<'py>(
    py: Python<'py>,
    _ignored: &Bound<'py, PyTuple>,
) -> Bound<'py, PyString> {
    name(py, FaultGuard::ensure())
}
