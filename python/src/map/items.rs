//! `mm[i]`, `mm[a:b]`, and their assignments.

use memmap::widen;
use pyo3::exceptions::{PyIndexError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PySlice;

use super::MemMap;
use crate::door::buffer::Buffer;
use crate::door::integer::small;
use crate::errors::{Raised, caught};
use crate::index::{self, Index, Range};
use crate::store::Readable;
use crate::{copy, strided};

/// Up to this step, all bytes that a slice reaches over are copied at once.
const DENSE: u64 = 16;

#[pymethods]
impl MemMap {
    fn __getitem__(&self, py: Python<'_>, index: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        caught(|| {
            if let Some(at) = small(index.as_borrowed()) {
                return self.byte_at(py, at);
            }
            let len = self.gate().short(py, Readable::len)?;
            match Index::of(index, len)? {
                Index::At(at) => self.byte_at(py, at),
                Index::Range(Range { start, len, step: 1 }) => {
                    let bytes = copy::read_at(py, self.gate(), start, len)?;
                    Ok(bytes.into_any().unbind())
                }
                Index::Range(range) if range.step.unsigned_abs() > DENSE => {
                    Ok(strided::read(py, self.gate(), &range)?.into_any().unbind())
                }
                Index::Range(range) => {
                    // The slice of a copy of all that it reaches over.
                    let (start, len) = range.hull();
                    let bytes = copy::read_at(py, self.gate(), start, len)?;
                    let step = isize::try_from(range.step).unwrap_or(isize::MAX);
                    let whole = PySlice::new(py, 0, isize::MAX, 1);
                    let slice = if step > 0 {
                        PySlice::new(py, 0, isize::MAX, step)
                    } else {
                        py.import("builtins")?
                            .call_method1("slice", (py.None(), py.None(), step))?
                            .cast_into::<PySlice>()
                            .unwrap_or(whole)
                    };
                    Ok(bytes.get_item(slice)?.unbind())
                }
            }
        })
    }

    fn __setitem__(
        &self,
        py: Python<'_>,
        index: &Bound<'_, PyAny>,
        value: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        caught(|| {
            let len = self.gate().short(py, Readable::len)?;
            match Index::of(index, len)? {
                Index::At(at) => {
                    let byte = byte(value)?;
                    self.gate().short(py, |map| map.write(at, &[byte]))?.raised(py)
                }
                Index::Range(range) => {
                    let source = Buffer::source(value)?;
                    let (given, len) = (source.len(), range.len);
                    if widen(given) != len {
                        let text = format!("{given} bytes assigned to a slice of {len}");
                        return Err(PyIndexError::new_err(text));
                    }
                    match range.step {
                        1 => copy::write_at(py, self.gate(), range.start, value),
                        _ => strided::write(py, self.gate(), &range, source.bytes()),
                    }
                }
            }
        })
    }

    fn __delitem__(&self, _index: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(PyTypeError::new_err("bytes of a map are not deleted; resize() makes it shorter"))
    }

    fn __contains__(&self, py: Python<'_>, item: &Bound<'_, PyAny>) -> PyResult<bool> {
        if item.hasattr("__index__")? {
            let byte = byte(item)?;
            let needle = pyo3::types::PyBytes::new(py, &[byte]);
            return Ok(self.find_bytes(py, needle.as_any())? >= 0);
        }
        Ok(self.find_bytes(py, item)? >= 0)
    }
}

impl MemMap {
    fn byte_at(&self, py: Python<'_>, at: u64) -> PyResult<Py<PyAny>> {
        let mut byte = [0];
        let read = self.gate().short(py, |map| {
            // A byte that is not there is an IndexError here.
            let is_there = at < map.len();
            is_there.then(|| map.read_into(at, &mut byte)).ok_or_else(|| map.len())
        })?;
        read.map_err(|len| index::not_there(at, len))?.raised(py)?;
        let [byte] = byte;
        Ok(byte.into_pyobject(py)?.into_any().unbind())
    }

    fn find_bytes(&self, py: Python<'_>, sub: &Bound<'_, PyAny>) -> PyResult<i64> {
        self.search(py, sub, None, None, crate::scan::Which::First)
    }
}

/// A byte from an `int`.
fn byte(value: &Bound<'_, PyAny>) -> PyResult<u8> {
    value.extract::<u8>().map_err(|error| {
        if error.is_instance_of::<PyTypeError>(value.py()) {
            return error;
        }
        PyValueError::new_err("a byte is from 0 to 255")
    })
}
