//! The class `Opened`: a file that is open, and not mapped yet.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use memmap::Mode;
use memmap::expose::{OpenedFile, open_file};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};

use crate::argument::{self, Bytes};
use crate::door::descriptor;
use crate::door::window::Window;
use crate::errors::{Raised, caught, system};
use crate::fork::locking;
use crate::guard;
use crate::map::MemMap;
use crate::source;
use crate::store::Store;
use crate::view::View;

/// A file that is open, and not mapped yet: arrays look at its length or its header first. Nothing is opened again.
#[pyclass(frozen, module = "memmap", name = "_Opened")]
pub(crate) struct Opened(OpenedFile);

/// An array, what it is a view of, the map, and the address of the first byte.
type Mapped<'py> = (Bound<'py, PyAny>, Bound<'py, View>, Bound<'py, MemMap>, usize);

#[pymethods]
impl Opened {
    /// Open a file that exists. What cannot be mapped, such as a pipe, is refused and not opened.
    #[new]
    fn new(py: Python<'_>, path: &Bound<'_, PyAny>, mode: &str) -> PyResult<Self> {
        let path: PathBuf = source::path(path)?;
        let mode = argument::mode(mode)?;
        caught(|| py.detach(|| open_file(&path, mode)).raised(py).map(Self))
    }

    /// The length of the file when it was opened.
    #[getter]
    fn size(&self) -> u64 {
        self.0.len()
    }

    /// The numbers of the volume and of the file, if the system has them.
    #[getter]
    fn numbers(&self) -> Option<Numbers> {
        numbers(&self.0)
    }

    /// The descriptor, which stays this object's.
    fn fileno(&self) -> i32 {
        descriptor::number(self.0.file())
    }

    /// At most so many first bytes of the file.
    fn head<'py>(&self, py: Python<'py>, most: Bytes) -> PyResult<Bound<'py, PyBytes>> {
        let mut bytes = vec![0; usize::try_from(most.0.min(self.0.len())).unwrap_or(0)];
        let read = py.detach(|| read_first(self.0.file(), &mut bytes));
        let read = read.map_err(|error| system(py, error, Some(self.0.path())))?;
        Ok(PyBytes::new(py, bytes.get(..read).unwrap_or_default()))
    }

    /// Map a part of the file, and make an array over it: `make` is called as `numpy.ndarray.__new__`.
    #[expect(clippy::too_many_arguments, reason = "as numpy has them")]
    fn array<'py>(
        &self,
        py: Python<'py>,
        make: &Bound<'py, PyAny>,
        class_: &Bound<'py, PyAny>,
        shape: &Bound<'py, PyAny>,
        dtype: &Bound<'py, PyAny>,
        order: &Bound<'py, PyAny>,
        offset: Bytes,
        size: Bytes,
    ) -> PyResult<Mapped<'py>> {
        caught(|| mapped(py, &self.0, make, (class_, shape, dtype), order, offset.0, size.0))
    }
}

/// Maps a part of a file, and calls `make` with the class, the shape and the dtype.
fn mapped<'py>(
    py: Python<'py>,
    file: &OpenedFile,
    make: &Bound<'py, PyAny>,
    (class_, shape, dtype): (&Bound<'py, PyAny>, &Bound<'py, PyAny>, &Bound<'py, PyAny>),
    order: &Bound<'py, PyAny>,
    offset: u64,
    size: u64,
) -> PyResult<Mapped<'py>> {
    guard::ask();
    let window = || {
        let map = file.map(offset, size)?;
        let is_edited = file.mode() == Mode::CopyOnWrite;
        let store = if is_edited { Store::edited(map) } else { Store::File(map) };
        Window::new(Arc::new(store))
    };
    let window = locking(py, window).raised(py)?;
    let address = window.address();
    let map = Bound::new(py, MemMap::of(window.shared(), file.mode()))?;
    let view = Bound::new(py, View::of_found(window, file.path().to_owned(), file.found()))?;
    // The guard was asked for just now, and no code of a user runs before numpy has the address.
    view.get().exports_asked(true);
    let array = make.call1((class_, shape, dtype, &view, 0, py.None(), order));
    view.get().exports_asked(false);
    Ok((array?, view, map, address))
}

/// The usual case of `memmap.memmap` as one call: `Opened` and its `array`. None for anything unusual, which
/// is refused, or goes step by step.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "as numpy has them")]
pub(crate) fn _open_array<'py>(
    py: Python<'py>,
    make: &Bound<'py, PyAny>,
    class_: &Bound<'py, PyAny>,
    path: &Bound<'py, PyString>,
    mode: &str,
    dtype: &Bound<'py, PyAny>,
    item: u64,
    offset: u64,
    shape: Option<Vec<u64>>,
    order: &Bound<'py, PyAny>,
) -> PyResult<Option<(Mapped<'py>, Option<Numbers>, bool)>> {
    let name = source::path(path)?;
    let mode = argument::mode(mode)?;
    caught(|| {
        let file = py.detach(|| open_file(&name, mode)).raised(py)?;
        let rest = file.len().saturating_sub(offset);
        let (shape, size) = match shape {
            None if rest.checked_rem(item) == Some(0) => (vec![rest / item.max(1)], rest),
            None => return Ok(None),
            Some(shape) => {
                let size = shape.iter().try_fold(item, |size, &length| size.checked_mul(length));
                (shape, size.unwrap_or(0))
            }
        };
        if size == 0 || size > rest {
            return Ok(None);
        }
        let is_shortest = is_shortest(&name);
        let shape = PyTuple::new(py, shape)?.into_any();
        let mapped = mapped(py, &file, make, (class_, &shape, dtype), order, offset, size)?;
        Ok(Some((mapped, numbers(&file), is_shortest)))
    })
}

/// Whether `os.path.abspath` returns the path unchanged. (On Windows nobody asks.)
fn is_shortest(path: &Path) -> bool {
    let path = path.as_os_str().as_encoded_bytes();
    let has = |pair: &[u8; 2]| path.windows(2).any(|two| two == pair);
    path.first() == Some(&b'/') && path.last() != Some(&b'/') && !has(b"//") && !has(b"/.")
}

/// The numbers of the volume and of the file.
type Numbers = (u64, u64);

fn numbers(file: &OpenedFile) -> Option<Numbers> {
    file.identity().map(|identity| (identity.volume(), identity.file()))
}

/// Reads from the start of a file, whose position nobody relies on.
fn read_first(mut file: &File, bytes: &mut [u8]) -> std::io::Result<usize> {
    file.rewind()?;
    let mut done = 0;
    while let Some(rest) = bytes.get_mut(done..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(read) => done = done.saturating_add(read),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}
