//! The memory of other objects, by the buffer protocol: what is copied from, and what is copied to.

use std::ops::Range;

use memmap_guard::InPlace;
use pyo3::buffer::PyUntypedBuffer;
use pyo3::exceptions::{PyBufferError, PyTypeError, PyValueError};
use pyo3::prelude::*;

use super::target::Target;
use crate::registry::reach;

/// Contiguous memory of an object, held until this is dropped. No slice of it is made: others may write to it, and
/// it may be a map of another library that is lost.
pub(crate) struct Buffer(PyUntypedBuffer);

/// Exporters refuse with classes of their own.
fn acquired(object: &Bound<'_, PyAny>, wanted: &str) -> PyResult<PyUntypedBuffer> {
    PyUntypedBuffer::get(object).map_err(|error| {
        let py = object.py();
        if error.is_instance_of::<PyValueError>(py) {
            return PyBufferError::new_err(format!("{wanted}: {}", error.value(py)));
        }
        if error.is_instance_of::<PyTypeError>(py) {
            return PyTypeError::new_err(format!("{wanted}: {}", error.value(py)));
        }
        error
    })
}

/// The addresses of all bytes of an object's buffer, whatever its strides are.
pub(crate) fn span(object: &Bound<'_, PyAny>) -> PyResult<Range<usize>> {
    let buffer = acquired(object, "something with a buffer is needed")?;
    let shape: Vec<isize> =
        buffer.shape().iter().map(|&len| isize::try_from(len).unwrap_or(isize::MAX)).collect();
    let item = isize::try_from(buffer.item_size()).unwrap_or(isize::MAX);
    Ok(reach(buffer.buf_ptr().addr(), &shape, Some(buffer.strides()), item))
}

impl Buffer {
    /// Memory to copy from, whatever its items are.
    ///
    /// # Errors
    /// `TypeError` for what has no buffer, `BufferError` for one that is not contiguous.
    pub(crate) fn source(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let buffer = acquired(object, "a contiguous bytes-like object is needed")?;
        if !buffer.is_c_contiguous() {
            return Err(PyBufferError::new_err("the source is not contiguous; copy it first"));
        }
        Ok(Self(buffer))
    }

    /// Memory to copy to, whatever its items are.
    ///
    /// # Errors
    /// As [`source`](Self::source), and `BufferError` for a buffer that is read-only.
    pub(crate) fn target(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let buffer = acquired(object, "a writable contiguous bytes-like object is needed")?;
        if buffer.readonly() {
            let class = object.get_type();
            return Err(PyBufferError::new_err(format!("the target is read-only: {class}")));
        }
        if !buffer.is_c_contiguous() {
            let text = "the target is not contiguous: its neighbours would be overwritten";
            return Err(PyBufferError::new_err(text));
        }
        Ok(Self(buffer))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len_bytes()
    }

    /// The bytes, to be copied from.
    pub(crate) fn bytes(&self) -> InPlace<'_> {
        if self.len() == 0 {
            return InPlace::from(&[][..]);
        }
        // SAFETY: 1. the exporter keeps the memory where it is until the buffer is released, which `self` does when
        // it is dropped. 2. Rust makes no reference to it; foreign code writes as to shared memory.
        unsafe { memmap_guard::in_place(self.0.buf_ptr().cast(), self.len()) }
    }

    /// The memory, to be copied to. Only after [`target`](Self::target) it is writable.
    pub(crate) fn memory(&self) -> Target<'_> {
        let len = if self.0.readonly() { 0 } else { self.len() };
        // SAFETY: as in `bytes`; and it is writable, or empty.
        unsafe { Target::new(self.0.buf_ptr().cast(), len) }
    }
}
