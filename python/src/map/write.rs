//! Copies into a map, and what reaches the device.

use memmap::plugin::Op;
use memmap::{Error, Mode};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use super::MemMap;
use crate::argument::{self, Bytes};
use crate::errors::{Raised, caught};
use crate::store::Readable;
use crate::{copy, patience};

#[pymethods]
impl MemMap {
    /// Copy bytes in.
    ///
    /// Parameters
    /// ----------
    /// offset : int
    ///     The first byte, from the start of the map.
    /// data : bytes-like object
    ///     A contiguous one, with items of any type.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     If the map is read-only.
    /// TruncatedError, StorageFullError
    ///     If the bytes have no place in the file: it was cut short, or the disk is full.
    /// ValueError
    ///     If the range is not within the map; nothing is written then.
    ///
    /// Examples
    /// --------
    /// >>> from memmap import MemMap
    /// >>> mm = MemMap.anonymous(4)
    /// >>> mm.write_at(1, bytearray(b"ab"))
    /// >>> mm[:]
    /// b'\x00ab\x00'
    fn write_at(&self, py: Python<'_>, offset: Bytes, data: &Bound<'_, PyAny>) -> PyResult<()> {
        caught(|| copy::write_at(py, self.gate(), offset.0, data))
    }

    /// Bring written bytes to the device, and return when they are there.
    ///
    /// Parameters
    /// ----------
    /// offset : int, default 0
    ///     The first byte.
    /// size : int, optional
    ///     The number of bytes; all that follow by default.
    ///
    /// Raises
    /// ------
    /// MapError
    ///     If the device failed. The map remembers it: every later flush, and `close`, raise it again.
    #[pyo3(
        signature = (offset=Bytes(0), size=None),
        text_signature = "($self, offset=0, size=None)"
    )]
    fn flush(&self, py: Python<'_>, offset: Bytes, size: Option<Bytes>) -> PyResult<()> {
        caught(|| {
            let call = self.gate().call(py)?;
            let range = argument::range(offset, size, call.len());
            let (store, len) = (call.shared(), range.end.saturating_sub(range.start));
            patience::aside(py, len, move || store.sync(range))?.raised(py)
        })
    }

    /// Bring all written bytes to the device, and return when they are there. The same as ``flush()``.
    fn sync(&self, py: Python<'_>) -> PyResult<()> {
        self.flush(py, Bytes(0), None)
    }

    /// Make the map longer or shorter, and the file with it.
    ///
    /// It waits for calls of other threads. If it fails, nothing has changed.
    ///
    /// Parameters
    /// ----------
    /// size : int
    ///     The new number of bytes. New bytes are zeros.
    ///
    /// Raises
    /// ------
    /// TypeError
    ///     If the map is read-only, or has private edits.
    /// StorageFullError
    ///     If the disk has no room for the new bytes.
    ///
    /// Examples
    /// --------
    /// >>> from memmap import MemMap
    /// >>> mm = MemMap.anonymous(4)
    /// >>> mm.resize(8)
    /// >>> len(mm)
    /// 8
    fn resize(&self, py: Python<'_>, size: Bytes) -> PyResult<()> {
        let what = "resize()";
        caught(|| {
            if self.mode == Mode::CopyOnWrite {
                let text =
                    "a map with private edits (mode \"c\") is not resized; resize a copy of it";
                return Err(PyTypeError::new_err(text));
            }
            if !self.mode.writes() {
                let kind = memmap::ErrorKind::ReadOnly;
                let error = self.gate().short(py, |map| map.error(Op::Resize, kind))?;
                return Err::<(), Error>(error).raised(py);
            }
            self.gate().change(py, what, |map| map.resize(size.0))?.raised(py)
        })
    }
}
