//! Descriptors of files that Python opened.

use std::fs::File;
use std::io;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// Another descriptor for the open file that `number` stands for.
///
/// # Errors
/// `ValueError` for a negative number; errors of the system inside.
#[cfg(unix)]
pub(crate) fn duplicate(_: Python<'_>, number: i32) -> PyResult<io::Result<File>> {
    use std::os::fd::BorrowedFd;

    if number < 0 {
        return Err(PyValueError::new_err("a descriptor is not negative"));
    }
    // SAFETY: it is not -1. It is used by one system call, which refuses a number that is not open; the caller holds
    // the GIL, and holds whatever owns the number.
    let borrowed = unsafe { BorrowedFd::borrow_raw(number) };
    Ok(borrowed.try_clone_to_owned().map(File::from))
}

/// Another handle for the open file that `number`, of the C library, stands for.
///
/// # Errors
/// `ValueError` for a negative number; errors of the system inside.
#[cfg(windows)]
pub(crate) fn duplicate(py: Python<'_>, number: i32) -> PyResult<io::Result<File>> {
    use std::os::windows::io::{BorrowedHandle, RawHandle};

    if number < 0 {
        return Err(PyValueError::new_err("a descriptor is not negative"));
    }
    let handle = py.import("msvcrt")?.call_method1("get_osfhandle", (number,))?;
    let handle: isize = handle.extract()?;
    let handle: RawHandle = std::ptr::with_exposed_provenance_mut(handle.cast_unsigned());
    // SAFETY: the C library says that it is open; the caller holds the GIL, and whatever owns the number.
    let borrowed = unsafe { BorrowedHandle::borrow_raw(handle) };
    Ok(borrowed.try_clone_to_owned().map(File::from))
}

/// The descriptor of an open file, which stays the file's; -1 on Windows, where a file has none.
#[cfg(unix)]
pub(crate) fn number(file: &File) -> i32 {
    std::os::fd::AsRawFd::as_raw_fd(file)
}

#[cfg(windows)]
pub(crate) const fn number(_: &File) -> i32 {
    -1
}
