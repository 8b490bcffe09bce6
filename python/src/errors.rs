//! Errors of the library as exceptions of Python.
//!
//! What Python has a class for gets that class, with `errno` and `filename`. The rest is a `MapError`, which
//! is an `OSError`. All are made as `OSError(errno, text, filename)`, and `kind` and `offset` are in their
//! `__dict__`, so that they survive `pickle` and `copy`.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use memmap::ErrorKind;
use memmap::plugin::Op;
use pyo3::create_exception;
use pyo3::exceptions::{PyMemoryError, PyOSError, PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyType;

create_exception!(
    memmap,
    MapError,
    PyOSError,
    "A map could not do what was asked, and Python has no class of its own for the reason.

Attributes
----------
errno : int
    The error number, as of every `OSError`.
filename : str or None
    The file.
kind : str
    What happened, as one word: ``\"truncated\"``, ``\"io\"``, ``\"not_durable\"``, ...
offset : int or None
    The first byte concerned, from the start of the map.
"
);
create_exception!(
    memmap,
    TruncatedError,
    MapError,
    "Bytes are gone: the file was cut short after it was mapped. `offset` is the first of them."
);
create_exception!(
    memmap,
    StorageFullError,
    MapError,
    "There is no room for the bytes: the disk is full, or a quota is used up."
);
create_exception!(
    memmap,
    ReplacedError,
    MapError,
    "The file is another one, or another version, than it was."
);

pub(crate) fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    let base = py.get_type::<MapError>();
    base.setattr("kind", py.None())?;
    base.setattr("offset", py.None())?;
    module.add_function(wrap_pyfunction!(_panic, module)?)?;
    module.add("MapError", base)?;
    module.add("TruncatedError", py.get_type::<TruncatedError>())?;
    module.add("StorageFullError", py.get_type::<StorageFullError>())?;
    module.add("ReplacedError", py.get_type::<ReplacedError>())
}

/// Turns an error of the library into an exception.
pub(crate) trait Raised<T> {
    fn raised(self, py: Python<'_>) -> PyResult<T>;
}

impl<T> Raised<T> for memmap::Result<T> {
    fn raised(self, py: Python<'_>) -> PyResult<T> {
        self.map_err(|error| exception(py, &error))
    }
}

/// A number of the system, by its name in Python's module `errno`: it differs between systems.
enum Number<'a> {
    Named(&'static str),
    Of(&'a io::Error),
}

/// What an error becomes.
enum Becomes<'a> {
    /// `ValueError`, `TypeError` or `MemoryError` with the text.
    Plain(fn(String) -> PyErr),
    /// `OSError`, which chooses its subclass by the number.
    System(Number<'a>),
    /// One of ours.
    Own(fn(Python<'_>) -> Bound<'_, PyType>, Number<'a>),
}

fn map_error(py: Python<'_>) -> Bound<'_, PyType> {
    py.get_type::<MapError>()
}

fn truncated(py: Python<'_>) -> Bound<'_, PyType> {
    py.get_type::<TruncatedError>()
}

fn storage_full(py: Python<'_>) -> Bound<'_, PyType> {
    py.get_type::<StorageFullError>()
}

fn replaced(py: Python<'_>) -> Bound<'_, PyType> {
    py.get_type::<ReplacedError>()
}

/// The name of a kind, the byte that it is about, and what it becomes.
#[expect(clippy::too_many_lines, reason = "a line for each kind, one below the other")]
fn row(kind: &ErrorKind) -> (&'static str, Option<u64>, Becomes<'_>) {
    use Becomes::{Own, Plain, System};
    use Number::{Named, Of};
    let value = |name| (name, None, Plain(PyValueError::new_err));
    match kind {
        ErrorKind::NotFound => ("not_found", None, System(Named("ENOENT"))),
        ErrorKind::WriteProtected { by } => {
            let number = match by {
                memmap::explain::Protection::Immutable
                | memmap::explain::Protection::AppendOnly => "EPERM",
                _ => "EROFS",
            };
            ("write_protected", None, System(Named(number)))
        }
        ErrorKind::PermissionDenied { .. } => ("permission_denied", None, System(Named("EACCES"))),
        ErrorKind::OpenedForLess { .. } => ("opened_for_less", None, System(Named("EACCES"))),
        ErrorKind::NotMappable { kind: memmap::explain::FileKind::Directory } => {
            ("not_mappable", None, System(Named("EISDIR")))
        }
        ErrorKind::NotMappable { .. } => ("not_mappable", None, Own(map_error, Named("ENODEV"))),
        ErrorKind::BeyondEnd { .. } => value("beyond_end"),
        ErrorKind::OutOfBounds { .. } => value("out_of_bounds"),
        ErrorKind::BackwardRange { .. } => value("backward_range"),
        ErrorKind::Misaligned { .. } => value("misaligned"),
        ErrorKind::InvalidOptions { .. } => value("invalid_options"),
        ErrorKind::CutsOff { .. } => value("cuts_off"),
        ErrorKind::UnknownMode { .. } => value("unknown_mode"),
        ErrorKind::UnknownScheme { .. } => value("unknown_scheme"),
        // As mmap.
        ErrorKind::ReadOnly => ("read_only", None, Plain(PyTypeError::new_err)),
        ErrorKind::AlreadyExists => ("already_exists", None, System(Named("EEXIST"))),
        ErrorKind::CannotCreate { source, .. } => ("cannot_create", None, System(Of(source))),
        ErrorKind::InUse { source } => ("in_use", None, Own(map_error, Of(source))),
        ErrorKind::NotDurable { source } => ("not_durable", None, Own(map_error, Of(source))),
        ErrorKind::LimitReached { which, .. } => {
            let number = match which {
                memmap::explain::LimitKind::OpenFiles => "EMFILE",
                memmap::explain::LimitKind::OpenFilesOfSystem => "ENFILE",
                _ => "ENOMEM",
            };
            ("limit_reached", None, Own(map_error, Named(number)))
        }
        ErrorKind::Truncated { offset, .. } => {
            ("truncated", Some(*offset), Own(truncated, Named("EFAULT")))
        }
        ErrorKind::Io { offset, source } => ("io", Some(*offset), Own(map_error, Of(source))),
        ErrorKind::TimedOut { offset, .. } => {
            ("timed_out", Some(*offset), System(Named("ETIMEDOUT")))
        }
        ErrorKind::Replaced { offset, .. } => {
            ("replaced", Some(*offset), Own(replaced, Named("ESTALE")))
        }
        ErrorKind::Lost { offset, .. } => ("lost", Some(*offset), Own(map_error, Named("EFAULT"))),
        ErrorKind::StorageFull { offset, .. } => {
            ("storage_full", *offset, Own(storage_full, Named("ENOSPC")))
        }
        ErrorKind::QuotaExceeded { offset } => {
            ("quota_exceeded", Some(*offset), Own(storage_full, Named("EDQUOT")))
        }
        ErrorKind::FileTooLarge { .. } => {
            ("file_too_large", None, Own(storage_full, Named("EFBIG")))
        }
        ErrorKind::HardwareMemoryError { offset } => {
            ("hardware_memory_error", Some(*offset), Own(map_error, Named("EIO")))
        }
        ErrorKind::BufferLost { at } => ("buffer_lost", Some(*at), Own(map_error, Named("EFAULT"))),
        ErrorKind::TooLarge { .. } => ("too_large", None, Plain(PyMemoryError::new_err)),
        ErrorKind::OutOfMemory { .. } => ("out_of_memory", None, Plain(PyMemoryError::new_err)),
        ErrorKind::NotProven(_) => ("not_proven", None, Own(map_error, Named("ENOTSUP"))),
        ErrorKind::Unsupported { .. } => ("unsupported", None, Own(map_error, Named("ENOTSUP"))),
        ErrorKind::Os(source) => ("os", None, System(Of(source))),
        _ => ("other", None, Own(map_error, Named("EIO"))),
    }
}

/// The name of a kind, as `MapError.kind` has it.
pub(crate) fn kind_name(kind: &ErrorKind) -> &'static str {
    row(kind).0
}

/// The exception that an error becomes.
pub(crate) fn exception(py: Python<'_>, error: &memmap::Error) -> PyErr {
    let (name, offset, becomes) = row(error.kind());
    // The origin is `filename`, so the text does not repeat it.
    let text = format!("cannot {}: {}", error.op(), error.kind());
    let (class, number) = match becomes {
        Becomes::Plain(make) => return make(error.to_string()),
        Becomes::System(number) => (py.get_type::<PyOSError>(), number),
        Becomes::Own(class, number) => (class(py), number),
    };
    let made = made(&class, number, text, error.path()).and_then(|made| {
        made.setattr("kind", name)?;
        made.setattr("offset", offset)?;
        Ok(made)
    });
    made.map_or_else(|failed| failed, PyErr::from_value)
}

fn made<'py>(
    class: &Bound<'py, PyType>,
    number: Number<'_>,
    text: String,
    path: Option<&Path>,
) -> PyResult<Bound<'py, PyAny>> {
    // As `str`, which is what Python's own errors have.
    let path = path.map(Path::as_os_str);
    let code = match number {
        Number::Of(error) => error.raw_os_error(),
        Number::Named(_) => None,
    };
    match code {
        // On Windows the number is one of the system, and Python finds the `errno`.
        Some(code) if cfg!(windows) => class.call1((0, text, path, code)),
        Some(code) => class.call1((code, text, path)),
        None => {
            let named = match number {
                Number::Named(name) => name,
                Number::Of(_) => "EIO",
            };
            let numbers = class.py().import("errno")?;
            let code = numbers.getattr(named).or_else(|_| numbers.getattr("EIO"))?;
            class.call1((code, text, path))
        }
    }
}

/// An `OSError` of the system about a path.
pub(crate) fn system(py: Python<'_>, error: io::Error, path: Option<&Path>) -> PyErr {
    let error = memmap::Error::new(Op::Open, ErrorKind::Os(error));
    match path {
        Some(path) => exception(py, &error.with_origin(path)),
        None => exception(py, &error),
    }
}

/// Panics, for the test of what becomes of a panic.
#[pyfunction]
fn _panic() -> PyResult<()> {
    caught(|| {
        let nothing: [u8; 0] = [];
        // It is out of bounds, whatever the compiler knows.
        let bytes = std::hint::black_box(&nothing[..]);
        assert!(!bytes.is_empty(), "there is no byte");
        Ok(())
    })
}

/// Runs the body of a function that Python calls. A panic becomes an exception that `except Exception` catches:
/// `PyO3` would raise one that is none.
pub(crate) fn caught<T>(body: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|payload| {
        let text = payload
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| payload.downcast_ref::<&str>().copied())
            .unwrap_or("a panic");
        Err(PyRuntimeError::new_err(format!("memmap has a fault of its own: {text}")))
    })
}
