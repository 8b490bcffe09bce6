//! What is asked of the system, and told to it.

use pyo3::prelude::*;

use super::MemMap;
use crate::argument::{self, Bytes};
use crate::errors::{Raised, caught};
use crate::frozen::FrozenMap;
use crate::scan;
use crate::store::Readable;

#[pymethods]
impl MemMap {
    /// The length of the file now, in bytes, as `mmap.size`. It may differ from the length of the map.
    fn size(&self, py: Python<'_>) -> PyResult<u64> {
        caught(|| {
            let call = self.gate().call(py)?;
            py.detach(|| call.size()).raised(py)
        })
    }

    /// Tell the system how bytes will be used. It changes speed and memory, and never bytes.
    ///
    /// Parameters
    /// ----------
    /// advice : str
    ///     "normal", "sequential", "random", "willneed", "dontneed", "evict", "hugepages" or "smallpages".
    /// offset : int, default 0
    ///     The first byte.
    /// size : int, optional
    ///     The number of bytes; all that follow by default.
    #[pyo3(
        signature = (advice, offset=Bytes(0), size=None),
        text_signature = "($self, advice, offset=0, size=None)"
    )]
    fn advise(
        &self,
        py: Python<'_>,
        advice: &str,
        offset: Bytes,
        size: Option<Bytes>,
    ) -> PyResult<()> {
        let advice = argument::advice(advice)?;
        caught(|| {
            let call = self.gate().call(py)?;
            let range = argument::range(offset, size, call.len());
            py.detach(|| call.advise(range, advice)).raised(py)
        })
    }

    /// Freeze the bytes: a map that has a buffer, and whose bytes change no more once they were touched.
    ///
    /// A page of the file freezes when it is first touched, so this reads nothing. Private edits (mode "c") and
    /// anonymous memory are copied.
    ///
    /// Returns
    /// -------
    /// FrozenMap
    ///
    /// Examples
    /// --------
    /// >>> from memmap import MemMap
    /// >>> mm = MemMap.anonymous(4)
    /// >>> frozen = mm.freeze()
    /// >>> mm[0] = 1
    /// >>> bytes(frozen)
    /// b'\x00\x00\x00\x00'
    fn freeze(&self, py: Python<'_>) -> PyResult<FrozenMap> {
        caught(|| {
            let call = self.gate().call(py)?;
            let (store, len) = (call.shared(), call.len());
            let frozen = scan::run(py, len, None, move |progress, _| store.freeze(progress));
            let (frozen, identity) = frozen?.raised(py)?;
            let path = identity.as_ref().and(self.path.clone());
            Ok(FrozenMap::new(py, frozen, path, identity))
        })
    }
}
