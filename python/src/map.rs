//! The class `MemMap`: a file whose bytes anyone may change.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use memmap::{Mode, widen};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::argument::{self, Bytes};
use crate::errors::{Raised, caught};
use crate::exports::dropped;
use crate::fork::locking;
use crate::gate::Gate;
use crate::source::{Source, duplicate};
use crate::store::{Readable, Store};

pub(crate) use life::noted;

mod items;
mod life;
mod lock;
mod read;
mod system;
mod view;
mod write;

/// A file, mapped as memory. Others may change it, or cut it short, at any time.
///
/// Bytes are copied out and in. Where the file has lost bytes, the copy raises `TruncatedError` with the first
/// byte that is gone; the process never dies of it.
///
/// Make one with `MemMap.open`, `MemMap.from_fd` or `MemMap.anonymous`.
///
/// Examples
/// --------
/// >>> import os, tempfile
/// >>> from memmap import MemMap
/// >>> path = os.path.join(tempfile.mkdtemp(), "data.bin")
/// >>> with open(path, "wb") as file:
/// ...     _ = file.write(bytes(range(256)))
/// >>> mm = MemMap.open(path, mode="r")
/// >>> mm.read_at(offset=128, size=4)
/// b'\x80\x81\x82\x83'
/// >>> mm.get("u2", 0), mm[255], mm[2:5]
/// (256, 255, b'\x02\x03\x04')
/// >>> mm.close()
#[pyclass(frozen, weakref, module = "memmap")]
pub(crate) struct MemMap {
    gate: Gate<Store>,
    mode: Mode,
    path: Option<PathBuf>,
    offset: u64,
    lock: Mutex<Option<lock::Held>>,
}

impl MemMap {
    fn new(store: Store, mode: Mode) -> Self {
        Self::of(Arc::new(store), mode)
    }

    /// Of bytes that a view has, too.
    pub(crate) fn of(store: Arc<Store>, mode: Mode) -> Self {
        let (path, offset) = match &*store {
            Store::File(map) => (map.path().map(ToOwned::to_owned), map.offset()),
            Store::Memory(_) => (None, 0),
            Store::Edited(edited) => {
                (edited.file.path().map(ToOwned::to_owned), edited.file.offset())
            }
        };
        Self { gate: Gate::of(store), mode, path, offset, lock: Mutex::new(None) }
    }

    pub(crate) const fn gate(&self) -> &Gate<Store> {
        &self.gate
    }
}

/// What `open` was asked for.
struct Request {
    mode: Mode,
    offset: u64,
    size: Option<u64>,
    extend: bool,
    sparse: bool,
    in_place: bool,
}

impl Request {
    fn open(self, source: Source) -> memmap::Result<Store> {
        let Self { mode, offset, size, extend, sparse, in_place } = self;
        // A file that is open is not made, but it may grow.
        let is_made = mode == Mode::Create && matches!(source, Source::File(_));
        let mut options = memmap::MemMap::options()
            .mode(if is_made { Mode::ReadWrite } else { mode })
            .offset(offset)
            .extend(extend || is_made)
            .sparse(sparse)
            .in_place(in_place);
        if let Some(size) = size {
            options = options.len(size);
        }
        let map = match source {
            Source::Path(path) => options.open(path)?,
            Source::File(file) => options.open_file(&file)?,
        };
        Ok(if mode == Mode::CopyOnWrite { Store::edited(map) } else { Store::File(map) })
    }
}

#[pymethods]
impl MemMap {
    /// Map a file.
    ///
    /// Parameters
    /// ----------
    /// path : str, bytes, os.PathLike or file object
    ///     The file. A file object is flushed, and its descriptor duplicated, so it may be closed before the map. In
    ///     mode "w+" it keeps its bytes, and grows to `offset + size`.
    /// mode : {"r", "r+", "w+", "c"}, default "r"
    ///     Numpy's modes: read; read and write; make or replace the file; private edits that no file sees. Also
    ///     by their long names, "readonly", "readwrite", "write" and "copyonwrite".
    /// offset : int, default 0
    ///     Bytes from the start of the file to the first mapped one. It needs no alignment.
    /// size : int, optional
    ///     The number of bytes. By default all that follow; mode "w+" needs it.
    /// extend : bool, default False
    ///     In mode "r+", let a file grow that is shorter than `offset + size`.
    /// sparse : bool, default False
    ///     Let the new bytes of a file be a hole, instead of reserving room for them on the disk.
    /// in_place : bool, default False
    ///     In mode "w+", empty an existing file instead of replacing it.
    ///
    /// Returns
    /// -------
    /// MemMap
    ///
    /// Raises
    /// ------
    /// FileNotFoundError, PermissionError, IsADirectoryError
    ///     As `open`. A file object that was not opened for the mode is a `PermissionError`.
    /// ValueError
    ///     If the file is shorter than asked for, or a number is negative.
    /// StorageFullError
    ///     If there is no room on the disk for a file that is made or that grows.
    ///
    /// Examples
    /// --------
    /// >>> import os, tempfile
    /// >>> from memmap import MemMap
    /// >>> path = os.path.join(tempfile.mkdtemp(), "new")
    /// >>> with MemMap.open(path, "w+", size=8) as mm:
    /// ...     mm.write_at(2, b"abc")
    /// >>> with open(path, "rb") as file:
    /// ...     file.read()
    /// b'\x00\x00abc\x00\x00\x00'
    #[staticmethod]
    #[pyo3(
        signature = (path, mode="r", *, offset=Bytes(0), size=None, extend=false, sparse=false, in_place=false),
        text_signature = "(path, mode='r', *, offset=0, size=None, extend=False, sparse=False, in_place=False)"
    )]
    #[expect(clippy::too_many_arguments, reason = "Python passes them by name")]
    fn open(
        py: Python<'_>,
        path: Source,
        mode: &str,
        offset: Bytes,
        size: Option<Bytes>,
        extend: bool,
        sparse: bool,
        in_place: bool,
    ) -> PyResult<Self> {
        let mode = argument::mode(mode)?;
        let size = size.map(|size| size.0);
        if mode == Mode::Create && size.is_none() {
            return Err(PyValueError::new_err("mode \"w+\" needs a size"));
        }
        let request = Request { mode, offset: offset.0, size, extend, sparse, in_place };
        caught(|| {
            // Maps of open files share a list of them, whose lock a forked child must find open.
            let has_lock = matches!(path, Source::File(_));
            let open = || request.open(path);
            let store = if has_lock { locking(py, open) } else { py.detach(open) };
            Ok(Self::new(store.raised(py)?, mode))
        })
    }

    /// Map the file that a descriptor stands for. The descriptor is duplicated, and may be closed.
    ///
    /// Parameters
    /// ----------
    /// fd : int
    ///     A descriptor, such as ``file.fileno()``. What a file object has not written yet is not seen.
    /// mode, offset, size, extend, sparse
    ///     As for `open`. In mode "w+" the file keeps its bytes, and grows to `offset + size`.
    ///
    /// Returns
    /// -------
    /// MemMap
    ///
    /// Raises
    /// ------
    /// PermissionError
    ///     If the descriptor was not opened for the mode.
    ///
    /// Examples
    /// --------
    /// >>> import tempfile
    /// >>> from memmap import MemMap
    /// >>> with tempfile.TemporaryFile() as file:
    /// ...     _ = file.write(b"bytes")
    /// ...     _ = file.flush()
    /// ...     mm = MemMap.from_fd(file.fileno())
    /// >>> mm[:]
    /// b'bytes'
    #[staticmethod]
    #[pyo3(
        signature = (fd, mode="r", *, offset=Bytes(0), size=None, extend=false, sparse=false),
        text_signature = "(fd, mode='r', *, offset=0, size=None, extend=False, sparse=False)"
    )]
    fn from_fd(
        py: Python<'_>,
        fd: i32,
        mode: &str,
        offset: Bytes,
        size: Option<Bytes>,
        extend: bool,
        sparse: bool,
    ) -> PyResult<Self> {
        let file = Source::File(duplicate(py, fd)?);
        Self::open(py, file, mode, offset, size, extend, sparse, false)
    }

    /// Anonymous memory: zeros, and no file. It is private to this process.
    ///
    /// Parameters
    /// ----------
    /// size : int
    ///     The number of bytes.
    ///
    /// Returns
    /// -------
    /// MemMap
    ///
    /// Examples
    /// --------
    /// >>> from memmap import MemMap
    /// >>> mm = MemMap.anonymous(4)
    /// >>> mm[1:3] = b"ab"
    /// >>> mm[:]
    /// b'\x00ab\x00'
    #[staticmethod]
    fn anonymous(py: Python<'_>, size: Bytes) -> PyResult<Self> {
        caught(|| {
            let store = py.detach(|| Store::anonymous(size.0)).raised(py)?;
            Ok(Self::new(store, Mode::ReadWrite))
        })
    }

    /// The absolute path of the file; None for memory, and for a file that was passed open.
    #[getter]
    fn path(&self) -> Option<&OsStr> {
        self.path.as_deref().map(Path::as_os_str)
    }

    /// The mode, by its short name.
    #[getter]
    fn mode(&self) -> &'static str {
        self.mode.as_str()
    }

    /// Bytes from the start of the file to the first mapped one.
    #[getter]
    fn offset(&self) -> u64 {
        self.offset
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        let len = self.gate.short(py, Readable::len)?;
        Ok(usize::try_from(len).unwrap_or(usize::MAX))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let what = match &self.path {
            Some(path) => path.as_os_str().into_pyobject(py)?.repr()?.to_string(),
            None => "(no path)".to_owned(),
        };
        let Ok(len) = self.gate.short(py, Readable::len) else {
            return Ok(format!("<memmap.MemMap {what} mode={:?} closed>", self.mode.as_str()));
        };
        let (mode, offset) = (self.mode.as_str(), self.offset);
        Ok(format!("<memmap.MemMap {what} mode={mode:?} offset={offset} size={len}>"))
    }
}

impl Drop for MemMap {
    fn drop(&mut self) {
        const LONG: u64 = 1 << 20;
        let Some(store) = self.gate.take() else { return };
        if store.len() >= widen(usize::try_from(LONG).unwrap_or(usize::MAX)) {
            dropped(store);
        }
    }
}
