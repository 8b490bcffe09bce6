//! Objects of the type `bytes`, which are filled after they are made, and zeroed by nobody.

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::target::Target;

/// A `bytes` object of `len` bytes, filled by `fill`, which returns `Ok` only after it filled all of it.
///
/// # Errors
/// `MemoryError`, and what `fill` returns; nobody sees the object then.
#[inline]
pub(crate) fn filled(
    py: Python<'_>,
    len: usize,
    fill: impl FnOnce(Target<'_>) -> PyResult<()>,
) -> PyResult<Bound<'_, PyBytes>> {
    let size = isize::try_from(len).unwrap_or(isize::MAX);
    // SAFETY: without bytes to copy it makes an object whose bytes are not initialized.
    let object = unsafe { ffi::PyBytes_FromStringAndSize(std::ptr::null(), size) };
    // SAFETY: it is a new reference, or null after an error that is set.
    let object = unsafe { Bound::from_owned_ptr_or_err(py, object) }?;
    let bytes = object.cast_into::<PyBytes>()?;
    // SAFETY: it is a `bytes` object.
    let first = unsafe { ffi::PyBytes_AsString(bytes.as_ptr()) };
    // SAFETY: 1. the object is held until `fill` returns, and does not move. 2. Nobody else has it, and no slice of
    // it is made here. (The only empty `bytes` object is shared, and has no byte.)
    let target = unsafe { Target::new(first.cast(), len) };
    fill(target)?;
    Ok(bytes)
}
