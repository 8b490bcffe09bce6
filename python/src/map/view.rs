//! The live bytes.

use pyo3::prelude::*;

use super::MemMap;
use crate::door::window::Window;
use crate::errors::{Raised, caught};
use crate::fork::locking;
use crate::guard;
use crate::view::View;

#[pymethods]
impl MemMap {
    /// The live bytes of the map, as an object that has a buffer: for arrays, and for libraries that want one.
    ///
    /// They may change at any time, and lost pages are zeros in them; leaving the `with` block of the view raises
    /// what was lost. Bytes that do not change have `freeze`.
    ///
    /// Returns
    /// -------
    /// View
    ///
    /// Raises
    /// ------
    /// MapError
    ///     If the system does not map the file, or a lost page could not be handled.
    ///
    /// Examples
    /// --------
    /// >>> from memmap import MemMap
    /// >>> mm = MemMap.anonymous(4)
    /// >>> with mm.view() as view:
    /// ...     memoryview(view)[1] = 7
    /// >>> mm[:]
    /// b'\x00\x07\x00\x00'
    fn view(&self, py: Python<'_>) -> PyResult<View> {
        caught(|| {
            guard::ask();
            let store = self.gate().call(py)?.shared();
            let window = locking(py, || Window::new(store)).raised(py)?;
            Ok(View::new(window, self.path.clone()))
        })
    }

    /// Map the file anew: what was lost is forgotten, and pages show what the file has there now.
    ///
    /// After bytes of a writable map were lost, `flush` and `close` raise until then, also if the file has grown back.
    ///
    /// Raises
    /// ------
    /// BufferError
    ///     While a view of the map exists.
    /// ValueError
    ///     If the file is too short now.
    fn remap(&self, py: Python<'_>) -> PyResult<()> {
        caught(|| self.gate().change(py, "remap()", crate::store::Store::remap)?.raised(py))
    }
}
