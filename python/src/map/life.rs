//! The end of a map.

use std::sync::Arc;

use pyo3::prelude::*;

use super::MemMap;
use crate::errors::{Raised, caught};
use crate::patience;
use crate::store::{Readable, Store};

#[pymethods]
impl MemMap {
    /// Close the map. What was written is on the device when this returns.
    ///
    /// New calls are refused from now on; this waits for calls of other threads that are running, without the GIL.
    /// Closing again does nothing. After Ctrl-C it is closed, too; what was written may reach the device later.
    ///
    /// Raises
    /// ------
    /// MapError
    ///     If the device failed. The map is closed in that case too.
    /// RuntimeError
    ///     From inside of a call of this map, such as a progress callback.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        caught(|| match self.gate().close(py, || 0)? {
            Some(store) => patience::aside(py, store.len(), move || ended(store))?.raised(py),
            None => Ok(()),
        })
    }

    /// Whether the map is closed.
    #[getter]
    fn closed(&self) -> bool {
        self.gate().is_closed()
    }

    fn __enter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    /// Closes the map. An exception of the block stays the one that is raised: if closing fails as well, that
    /// becomes its note.
    fn __exit__(
        &self,
        py: Python<'_>,
        _class: &Bound<'_, PyAny>,
        exception: &Bound<'_, PyAny>,
        _traceback: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        noted(exception, "closing the map failed too", self.close(py))
    }
}

/// Raises an error, or makes it a note of the exception that is raised already.
pub(crate) fn noted(
    exception: &Bound<'_, PyAny>,
    what: &str,
    result: PyResult<()>,
) -> PyResult<()> {
    let Err(error) = result else { return Ok(()) };
    if exception.is_none() {
        return Err(error);
    }
    exception.call_method1("add_note", (format!("{what}: {error}"),))?;
    Ok(())
}

/// Ends what a map has. Whoever else has the pages keeps them, and they are on the device all the same.
fn ended(store: Arc<Store>) -> memmap::Result<()> {
    match Arc::try_unwrap(store) {
        Ok(store) => store.close(),
        Err(shared) => shared.sync(0..shared.len()),
    }
}
