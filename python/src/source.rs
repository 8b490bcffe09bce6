//! What is opened: a path, or a file that is open.

use std::ffi::OsString;
use std::fs::File;
use std::path::PathBuf;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use crate::door::descriptor;
use crate::errors;

/// A path, or an open file.
pub(crate) enum Source {
    Path(PathBuf),
    File(File),
}

impl<'py> FromPyObject<'_, 'py> for Source {
    type Error = PyErr;

    /// A file object is flushed, and its descriptor duplicated: the file is not opened again by a name, which could
    /// give rights that it was not opened with.
    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let is_path = object.is_instance_of::<PyString>()
            || object.is_instance_of::<PyBytes>()
            || object.hasattr("__fspath__")?;
        if is_path || !object.hasattr("fileno")? {
            return Ok(Self::Path(path(&object)?));
        }
        if object.hasattr("flush")? {
            object.call_method0("flush")?;
        }
        let number = object.call_method0("fileno")?.extract::<i32>()?;
        Ok(Self::File(duplicate(object.py(), number)?))
    }
}

/// A path as `open` of Python takes it: `str`, also with undecodable bytes; `bytes`; `os.PathLike`.
pub(crate) fn path(object: &Bound<'_, PyAny>) -> PyResult<PathBuf> {
    if let Ok(text) = object.cast::<PyString>() {
        return named(text);
    }
    let os = object.py().import("os")?;
    let decoded = os.call_method1("fsdecode", (object,)).map_err(|error| {
        if error.is_instance_of::<PyTypeError>(object.py()) {
            let class = object.get_type();
            let text = format!(
                "a path is str, bytes or os.PathLike, or a file object with fileno(), and not {class}; \
                 from_fd() takes a descriptor"
            );
            return PyTypeError::new_err(text);
        }
        error
    })?;
    named(decoded.cast::<PyString>()?)
}

fn named(text: &Bound<'_, PyString>) -> PyResult<PathBuf> {
    let path: OsString = text.extract()?;
    if path.as_encoded_bytes().contains(&0) {
        return Err(PyValueError::new_err("embedded null byte in a path"));
    }
    Ok(path.into())
}

/// A descriptor of its own for an open file.
pub(crate) fn duplicate(py: Python<'_>, number: i32) -> PyResult<File> {
    descriptor::duplicate(py, number)?.map_err(|error| errors::system(py, error, None))
}
