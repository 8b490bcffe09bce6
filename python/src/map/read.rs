//! Copies out of a map.

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::MemMap;
use crate::argument::{Bytes, clipped};
use crate::door::buffer::Buffer;
use crate::errors::caught;
use crate::number::Code;
use crate::store::Readable;
use crate::{copy, scan};

#[pymethods]
impl MemMap {
    /// Copy bytes out.
    ///
    /// Parameters
    /// ----------
    /// offset : int
    ///     The first byte, from the start of the map.
    /// size : int
    ///     The number of bytes.
    ///
    /// Returns
    /// -------
    /// bytes
    ///
    /// Raises
    /// ------
    /// TruncatedError
    ///     If the file was cut short, and these bytes are gone. `offset` is the first of them.
    /// ValueError
    ///     If the range is not within the map, or the map is closed.
    ///
    /// Examples
    /// --------
    /// >>> from memmap import MemMap
    /// >>> MemMap.anonymous(8).read_at(2, 3)
    /// b'\x00\x00\x00'
    fn read_at<'py>(
        &self,
        py: Python<'py>,
        offset: Bytes,
        size: Bytes,
    ) -> PyResult<Bound<'py, PyBytes>> {
        caught(|| copy::read_at(py, self.gate(), offset.0, size.0))
    }

    /// Copy bytes into a buffer, as many as it holds.
    ///
    /// Parameters
    /// ----------
    /// offset : int
    ///     The first byte, from the start of the map.
    /// buffer : writable bytes-like object
    ///     A contiguous one, with items of any type: a bytearray, an array. It may be a map itself.
    ///
    /// Raises
    /// ------
    /// BufferError
    ///     If the buffer is read-only, or not contiguous.
    /// TruncatedError
    ///     As `read_at`. The bytes before that one may have been copied.
    ///
    /// Examples
    /// --------
    /// >>> from memmap import MemMap
    /// >>> target = bytearray(b"abc")
    /// >>> MemMap.anonymous(8).read_into(0, target)
    /// >>> target
    /// bytearray(b'\x00\x00\x00')
    fn read_into(&self, py: Python<'_>, offset: Bytes, buffer: &Bound<'_, PyAny>) -> PyResult<()> {
        let buffer = Buffer::target(buffer)?;
        caught(|| copy::read_into(py, self.gate(), offset.0, &buffer))
    }

    /// Read one number.
    ///
    /// Parameters
    /// ----------
    /// code : str
    ///     Its type as numpy writes it: "u1", "i2", "<u4", ">f8", ... Native byte order without "<" or ">".
    /// offset : int, default 0
    ///     Its first byte. It needs no alignment.
    ///
    /// Returns
    /// -------
    /// int, float or bool
    ///
    /// Examples
    /// --------
    /// >>> from memmap import MemMap
    /// >>> mm = MemMap.anonymous(8)
    /// >>> mm.write_at(1, b"\x01\x02")
    /// >>> mm.get("<u2", 1), mm.get(">u2", 1)
    /// (513, 258)
    #[pyo3(signature = (code, offset=Bytes(0)), text_signature = "($self, code, offset=0)")]
    fn get(&self, py: Python<'_>, code: &str, offset: Bytes) -> PyResult<Py<PyAny>> {
        let code: Code = code.parse()?;
        let bytes = caught(|| copy::read_at(py, self.gate(), offset.0, code.size()))?;
        code.value(py, bytes.as_bytes())
    }

    /// Find the first place of some bytes, as `mmap.find`.
    ///
    /// It runs on all cores, without the GIL. `memmap.find` finds all places, and patterns.
    ///
    /// Parameters
    /// ----------
    /// sub : bytes-like object
    ///     The bytes to look for.
    /// start, end : int, optional
    ///     Where to look. Negative numbers count from the end.
    ///
    /// Returns
    /// -------
    /// int
    ///     The offset of the first byte, or -1.
    ///
    /// Raises
    /// ------
    /// TruncatedError
    ///     If a byte that had to be looked at is gone.
    ///
    /// Examples
    /// --------
    /// >>> from memmap import MemMap
    /// >>> mm = MemMap.anonymous(8)
    /// >>> mm[3:5] = b"ab"
    /// >>> mm.find(b"ab"), mm.find(b"ab", 4), mm.rfind(b"\0")
    /// (3, -1, 7)
    #[pyo3(signature = (sub, start=None, end=None))]
    fn find(
        &self,
        py: Python<'_>,
        sub: &Bound<'_, PyAny>,
        start: Option<i64>,
        end: Option<i64>,
    ) -> PyResult<i64> {
        self.search(py, sub, start, end, scan::Which::First)
    }

    /// Find the last place of some bytes, as `mmap.rfind`.
    ///
    /// Parameters
    /// ----------
    /// sub, start, end
    ///     As for `find`.
    ///
    /// Returns
    /// -------
    /// int
    ///     The offset of the first byte of that place, or -1.
    #[pyo3(signature = (sub, start=None, end=None))]
    fn rfind(
        &self,
        py: Python<'_>,
        sub: &Bound<'_, PyAny>,
        start: Option<i64>,
        end: Option<i64>,
    ) -> PyResult<i64> {
        self.search(py, sub, start, end, scan::Which::Last)
    }
}

impl MemMap {
    pub(super) fn search(
        &self,
        py: Python<'_>,
        sub: &Bound<'_, PyAny>,
        start: Option<i64>,
        end: Option<i64>,
        which: scan::Which,
    ) -> PyResult<i64> {
        caught(|| {
            let sub = scan::literal(sub)?;
            let call = self.gate().call(py)?;
            let range = clipped(start, end, call.len());
            scan::offset(py, &call, &sub, range, which)
        })
    }
}
