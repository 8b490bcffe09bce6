//! The class `RamMap`: anonymous memory that has a buffer.

use std::sync::Arc;

use memmap::{Map, widen};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::argument::Bytes;
use crate::copy;
use crate::door::memory::Memory;
use crate::errors::{Raised, caught};
use crate::exports::{Exports, dropped};
use crate::gate::Gate;
use crate::registry;
use crate::store::Readable;

/// Anonymous memory: zeros, and no file. It has a writable buffer.
///
/// Parameters
/// ----------
/// size : int
///     The number of bytes.
///
/// Examples
/// --------
/// >>> from memmap import RamMap
/// >>> ram = RamMap(8)
/// >>> with memoryview(ram) as view:
/// ...     view[2:4] = b"ab"
/// >>> ram.read_at(0, 5)
/// b'\x00\x00ab\x00'
/// >>> ram.close()
#[pyclass(frozen, weakref, module = "memmap")]
pub(crate) struct RamMap {
    gate: Gate<Map<Memory>>,
    exports: Exports<Map<Memory>>,
}

impl RamMap {
    pub(crate) const fn gate(&self) -> &Gate<Map<Memory>> {
        &self.gate
    }

    /// Begins an export. From now on the pages live as long as this object.
    pub(crate) fn export(&self, py: Python<'_>) -> PyResult<&Arc<Map<Memory>>> {
        Ok(self.exports.add(self.gate.call(py)?.shared()))
    }

    pub(crate) const fn exports(&self) -> &Exports<Map<Memory>> {
        &self.exports
    }

    pub(crate) fn release(&self) {
        self.exports.remove();
    }

    fn end(&self, py: Python<'_>, exports: impl Fn() -> usize) -> PyResult<()> {
        caught(|| {
            let pages = self.gate.close(py, exports)?;
            py.detach(|| drop(pages));
            Ok(())
        })
    }
}

#[pymethods]
impl RamMap {
    #[new]
    fn new(py: Python<'_>, size: Bytes) -> PyResult<Self> {
        caught(|| {
            let memory = py.detach(|| Memory::new(size.0)).raised(py)?;
            let map = Map::from_mapping(memory);
            Ok(Self { gate: Gate::new(map), exports: Exports::new() })
        })
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        let len = self.gate.short(py, Readable::len)?;
        Ok(usize::try_from(len).unwrap_or(usize::MAX))
    }

    /// Copy bytes out.
    ///
    /// Parameters
    /// ----------
    /// offset, size : int
    ///     The first byte, and the number of bytes.
    ///
    /// Returns
    /// -------
    /// bytes
    fn read_at<'py>(
        &self,
        py: Python<'py>,
        offset: Bytes,
        size: Bytes,
    ) -> PyResult<Bound<'py, PyBytes>> {
        caught(|| copy::read_at(py, &self.gate, offset.0, size.0))
    }

    /// Close the map.
    ///
    /// Raises
    /// ------
    /// BufferError
    ///     While a memoryview or an array over the bytes exists; it says how many. The map stays open.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.end(py, || self.exports.out())
    }

    /// Whether the map is closed.
    #[getter]
    fn closed(&self) -> bool {
        self.gate.is_closed()
    }

    fn __enter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    /// Closes the map. What has its bytes keeps them.
    fn __exit__(
        &self,
        py: Python<'_>,
        _class: &Bound<'_, PyAny>,
        _exception: &Bound<'_, PyAny>,
        _traceback: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        self.end(py, || 0)
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        match self.gate.short(py, Readable::len) {
            Ok(len) => format!("<memmap.RamMap size={len}>"),
            Err(_) => "<memmap.RamMap closed>".to_owned(),
        }
    }
}

impl Drop for RamMap {
    fn drop(&mut self) {
        if let Some(pages) = self.exports.kept() {
            registry::remove(pages.mapping().address());
        }
        let pages = (self.gate.take(), self.exports.take());
        if pages.0.as_ref().or(pages.1.as_ref()).is_some_and(|pages| pages.len() >= widen(1 << 20))
        {
            dropped(pages);
        }
    }
}
