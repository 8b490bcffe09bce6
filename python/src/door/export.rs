//! Memory that is given to Python by the buffer protocol.
//!
//! The object that exports owns the memory until it is freed, whatever is counted: `numpy.ndarray(buffer=x)` gives
//! its buffer back at once, and keeps only the object.

use std::ffi::{CStr, c_int, c_void};
use std::ptr;

use memmap::plugin::Mapping;
use pyo3::exceptions::{PyBufferError, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;

use crate::frozen::FrozenMap;
use crate::map::MemMap;
use crate::ram::RamMap;
use crate::registry;
use crate::view::View;

/// The format of a byte, in the notation of `struct`.
const FORMAT: &CStr = c"B";

/// Where exported memory is.
struct Exported {
    first: *mut u8,
    len: usize,
    is_writable: bool,
}

impl Exported {
    /// Adds the memory to the registry if it is not there yet.
    fn make_known<T: pyo3::PyClass>(&self, owner: &Bound<'_, T>, is_new: bool) -> PyResult<()> {
        if is_new { registry::add(owner.as_any(), self.first.addr(), self.len) } else { Ok(()) }
    }
}

/// Fills in a view of bytes.
///
/// # Safety
/// `view` is what Python passed to `bf_getbuffer`. `memory` stays mapped until `owner` is freed.
unsafe fn fill<T: pyo3::PyClass>(
    view: *mut ffi::Py_buffer,
    flags: c_int,
    memory: &Exported,
    owner: Bound<'_, T>,
) -> PyResult<()> {
    let wants = |flag| flags & flag == flag;
    if wants(ffi::PyBUF_WRITABLE) && !memory.is_writable {
        return Err(PyBufferError::new_err("the bytes are read-only"));
    }
    let len = isize::try_from(memory.len).map_err(PyBufferError::new_err)?;
    // Python neither writes to the format nor frees it.
    let format =
        if wants(ffi::PyBUF_FORMAT) { FORMAT.as_ptr().cast_mut() } else { ptr::null_mut() };
    // SAFETY: Python passes a view that this function may write to (the caller). The shape and the strides are
    // fields of the view itself, as in `PyBuffer_FillInfo`.
    let view = unsafe { &mut *view };
    view.buf = memory.first.cast::<c_void>();
    view.len = len;
    view.readonly = c_int::from(!memory.is_writable);
    view.itemsize = 1;
    view.format = format;
    view.ndim = 1;
    view.shape = if wants(ffi::PyBUF_ND) { &raw mut view.len } else { ptr::null_mut() };
    view.strides = if wants(ffi::PyBUF_STRIDES) { &raw mut view.itemsize } else { ptr::null_mut() };
    view.suboffsets = ptr::null_mut();
    view.internal = ptr::null_mut();
    // It holds the owner, and with it the memory, until the view is released.
    view.obj = owner.into_ptr();
    Ok(())
}

#[pymethods]
impl FrozenMap {
    unsafe fn __getbuffer__(
        slf: Bound<'_, Self>,
        view: *mut ffi::Py_buffer,
        flags: c_int,
    ) -> PyResult<()> {
        let map = slf.get().export(slf.py())?;
        // A pointer leaves, and no reference: of bytes that are lost, zeros are shown.
        let bytes = map.as_bytes();
        let (first, len) = (bytes.as_ptr().cast_mut(), bytes.len());
        let memory = Exported { first, len, is_writable: false };
        let known = memory.make_known(&slf, slf.get().exports().is_unknown());
        // SAFETY: from `export` on the object keeps the map until it is freed.
        let filled = known.and_then(|()| unsafe { fill(view, flags, &memory, slf.clone()) });
        if filled.is_err() {
            slf.get().release();
        }
        filled
    }

    unsafe fn __releasebuffer__(&self, _view: *mut ffi::Py_buffer) {
        self.release();
    }
}

#[pymethods]
impl RamMap {
    unsafe fn __getbuffer__(
        slf: Bound<'_, Self>,
        view: *mut ffi::Py_buffer,
        flags: c_int,
    ) -> PyResult<()> {
        let map = slf.get().export(slf.py())?;
        let len = usize::try_from(map.mapping().len()).unwrap_or(0);
        let memory = Exported { first: map.mapping().first(), len, is_writable: true };
        let known = memory.make_known(&slf, slf.get().exports().is_unknown());
        // SAFETY: from `export` on the object keeps the memory until it is freed.
        let filled = known.and_then(|()| unsafe { fill(view, flags, &memory, slf.clone()) });
        if filled.is_err() {
            slf.get().release();
        }
        filled
    }

    unsafe fn __releasebuffer__(&self, _view: *mut ffi::Py_buffer) {
        self.release();
    }
}

#[pymethods]
impl View {
    unsafe fn __getbuffer__(
        slf: Bound<'_, Self>,
        view: *mut ffi::Py_buffer,
        flags: c_int,
    ) -> PyResult<()> {
        let window = Self::export(&slf)?;
        let (first, len, is_writable) = (window.first(), window.len(), window.is_writable());
        let memory = Exported { first, len, is_writable };
        // SAFETY: the object keeps the window until it is freed.
        let filled = unsafe { fill(view, flags, &memory, slf.clone()) };
        if filled.is_err() {
            slf.get().release();
        }
        filled
    }

    unsafe fn __releasebuffer__(&self, _view: *mut ffi::Py_buffer) {
        self.release();
    }
}

/// A map whose bytes anyone may change exports none of them by itself.
#[pymethods]
impl MemMap {
    unsafe fn __getbuffer__(
        _slf: Bound<'_, Self>,
        view: *mut ffi::Py_buffer,
        _flags: c_int,
    ) -> PyResult<()> {
        // SAFETY: Python passes a view that this function may write to, and demands this of one that fails.
        unsafe { (*view).obj = ptr::null_mut() };
        Err(PyTypeError::new_err(
            "a MemMap exports no buffer, as others may change or cut its bytes at any time: view() shows them as \
             they are, freeze() keeps them from changing, and read_at() copies them",
        ))
    }
}
