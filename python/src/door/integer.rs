//! Small integers of Python, fast: they are the arguments of most calls.

use pyo3::ffi;
use pyo3::prelude::*;

/// The value of an exact `int`, unless it is negative or needs all of 64 bits or more; `None` for everything else.
#[inline]
pub(crate) fn small(object: Borrowed<'_, '_, PyAny>) -> Option<u64> {
    // SAFETY: it is an object, held for this call, and the thread is attached.
    if unsafe { ffi::PyLong_CheckExact(object.as_ptr()) } == 0 {
        return None;
    }
    // SAFETY: as above, and it is an `int`.
    let value = unsafe { ffi::PyLong_AsUnsignedLongLong(object.as_ptr()) };
    if value == u64::MAX {
        // It may stand for an error, which is found out again by the caller.
        // SAFETY: the thread is attached; no error was set before, or this function would not have been called.
        unsafe { ffi::PyErr_Clear() };
        return None;
    }
    Some(value)
}
