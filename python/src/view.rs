//! The class `View`: the live bytes of a map, as a buffer.

use std::ffi::OsStr;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use memmap::expose::LostBytes;
use memmap::plugin::{Identity, Op};
use memmap::{ErrorKind, widen};
use memmap_core::{FileInfo, FileKind};
use pyo3::exceptions::{PyBufferError, PyValueError};
use pyo3::prelude::*;

use crate::argument::{self, Bytes};
use crate::door::window::Window;
use crate::errors::{Raised, caught, exception, kind_name};
use crate::exports::dropped;
use crate::map::noted;
use crate::store::Readable;
use crate::{guard, patience, registry};

/// The live bytes of a map. It has a buffer, which is writable if the mode of the map is for writing.
///
/// **These bytes may change at any time**, as others write to the file. A page that is lost, because the file was
/// cut short or the device failed, is zeros from then on; `check` raises, and leaving the `with` block does. What is
/// stored in such a page reaches no file: `flush`, `check` and closing the map raise.
///
/// The pages live as long as anything holds the view, also after the map was closed.
///
/// Make one with `MemMap.view`.
///
/// Examples
/// --------
/// >>> import os, tempfile
/// >>> from memmap import MemMap
/// >>> path = os.path.join(tempfile.mkdtemp(), "data.bin")
/// >>> with open(path, "wb") as file:
/// ...     _ = file.write(bytes(8))
/// >>> with MemMap.open(path, "r+") as mm, mm.view() as view:
/// ...     memoryview(view)[2:4] = b"ab"
/// ...     view.flush()
/// >>> with open(path, "rb") as file:
/// ...     file.read()
/// b'\x00\x00ab\x00\x00\x00\x00'
#[pyclass(frozen, weakref, module = "memmap")]
pub(crate) struct View {
    window: Option<Arc<Window>>,
    exports: AtomicUsize,
    path: Option<PathBuf>,
    /// Which version of the file it was.
    version: Version,
    /// Whether it takes no more exports.
    is_left: AtomicBool,
    /// Whether the guard was asked for on behalf of the exports that are made now.
    is_guarded: AtomicBool,
    /// Whether it is in the registry.
    is_known: AtomicBool,
    /// Whether anybody asked what was lost.
    is_asked: AtomicBool,
}

/// Which version of a file it was. It is put into words when it is asked for.
enum Version {
    Known(Option<Identity>),
    Found(FileInfo),
}

impl Version {
    fn identity(&self) -> Option<Identity> {
        match self {
            Self::Known(identity) => identity.clone(),
            // As of the map: the times of a device are those of its name.
            Self::Found(found) if found.kind == FileKind::Regular => Some(found.version()),
            Self::Found(_) => None,
        }
    }
}

impl View {
    pub(crate) fn new(window: Window, path: Option<PathBuf>) -> Self {
        let version = Version::Known(window.store().identity());
        Self::with(window, path, version)
    }

    fn with(window: Window, path: Option<PathBuf>, version: Version) -> Self {
        Self {
            exports: AtomicUsize::new(0),
            path,
            version,
            is_left: AtomicBool::new(false),
            is_guarded: AtomicBool::new(false),
            is_known: AtomicBool::new(false),
            is_asked: AtomicBool::new(false),
            window: Some(Arc::new(window)),
        }
    }

    /// Of a file that was as `found` says when it was opened, just now.
    pub(crate) fn of_found(window: Window, path: PathBuf, found: FileInfo) -> Self {
        Self::with(window, Some(path), Version::Found(found))
    }

    /// Whether whoever makes exports from now on has asked for the guard.
    pub(crate) fn exports_asked(&self, is_asked: bool) {
        self.is_guarded.store(is_asked, Ordering::Relaxed);
    }

    fn window(&self) -> PyResult<&Arc<Window>> {
        // It is taken when the object is freed.
        self.window.as_ref().ok_or_else(|| PyValueError::new_err("the view is freed"))
    }

    /// Begins an export.
    pub(crate) fn export(slf: &Bound<'_, Self>) -> PyResult<Arc<Window>> {
        let view = slf.get();
        if !view.is_guarded.load(Ordering::Relaxed) {
            guard::ask();
        }
        if view.is_left.load(Ordering::Relaxed) {
            return Err(PyBufferError::new_err(
                "the block of the view was left: make another view of the map",
            ));
        }
        let window = view.window()?;
        if !view.is_known.swap(true, Ordering::Relaxed) {
            registry::add(slf.as_any(), window.address(), window.len())?;
        }
        view.exports.fetch_add(1, Ordering::Relaxed);
        Ok(Arc::clone(window))
    }

    pub(crate) fn release(&self) {
        self.exports.fetch_sub(1, Ordering::Relaxed);
    }

    fn losses(&self, py: Python<'_>, range: &Range<u64>) -> PyResult<Vec<LostBytes>> {
        self.is_asked.store(true, Ordering::Relaxed);
        let window = self.window()?;
        py.detach(|| window.store().lost_now(range.clone())).raised(py)
    }

    /// The parts of a range that were lost, and the names of the reasons.
    pub(crate) fn lost_in(
        &self,
        py: Python<'_>,
        range: &Range<u64>,
    ) -> PyResult<Vec<(u64, u64, &'static str)>> {
        caught(|| {
            let lost = self.losses(py, range)?.into_iter();
            Ok(lost
                .map(|lost| (lost.range.start, lost.range.end, kind_name(lost.why.kind())))
                .collect())
        })
    }

    /// Raises if something of a range was lost, if the file is too short for it now, or has changed.
    pub(crate) fn check_range(
        &self,
        py: Python<'_>,
        range: &Range<u64>,
        unchanged: bool,
    ) -> PyResult<()> {
        caught(|| {
            guard::ask_and_warn(py)?;
            if let Some(lost) = self.losses(py, range)?.into_iter().next() {
                return Err(exception(py, &lost.why));
            }
            let (true, Some(was)) = (unchanged, self.version.identity()) else { return Ok(()) };
            let store = self.window()?.store();
            match py.detach(|| store.identity()) {
                Some(now) if now == was => Ok(()),
                now => {
                    let kind = ErrorKind::Replaced { offset: 0, was, now };
                    Err(exception(py, &store.error(Op::Read, kind)))
                }
            }
        })
    }
}

#[pymethods]
impl View {
    /// The absolute path of the file; None for memory, and for a file that was passed open.
    #[getter]
    fn path(&self) -> Option<&OsStr> {
        self.path.as_deref().map(Path::as_os_str)
    }

    /// The number of bytes.
    #[getter]
    fn nbytes(&self) -> PyResult<usize> {
        Ok(self.window()?.len())
    }

    /// Whether the buffer is read-only.
    #[getter]
    fn readonly(&self) -> PyResult<bool> {
        Ok(!self.window()?.is_writable())
    }

    fn __len__(&self) -> PyResult<usize> {
        self.nbytes()
    }

    /// Bring stored bytes to the device, and return when they are there.
    ///
    /// Parameters
    /// ----------
    /// offset : int, default 0
    ///     The first byte.
    /// size : int, optional
    ///     The number of bytes; all that follow by default.
    ///
    /// Raises
    /// ------
    /// TruncatedError, StorageFullError, MapError
    ///     If the device failed, or a page of the range was lost: what was stored there is in no file.
    #[pyo3(
        signature = (offset=Bytes(0), size=None),
        text_signature = "($self, offset=0, size=None)"
    )]
    fn flush(&self, py: Python<'_>, offset: Bytes, size: Option<Bytes>) -> PyResult<()> {
        caught(|| {
            let window = Arc::clone(self.window()?);
            let range = argument::range(offset, size, window.store().len());
            self.is_asked.store(true, Ordering::Relaxed);
            let len = range.end.saturating_sub(range.start);
            let sync = move || {
                window.store().sync(range.clone())?;
                if !window.is_writable() {
                    return Ok(Vec::new());
                }
                // Bytes after the end of the file, in its last page, are lost without a fault.
                window.store().lost_now(range)
            };
            let lost = patience::aside(py, len, sync)?.raised(py)?;
            match lost.into_iter().next() {
                Some(lost) => Err(exception(py, &lost.why.during(Op::Sync))),
                None => Ok(()),
            }
        })
    }

    /// The ranges that were lost, and that the buffer shows as zeros.
    ///
    /// Returns
    /// -------
    /// list of (int, int, str)
    ///     Start, end, and the reason as `MapError.kind` has it.
    fn lost(&self, py: Python<'_>) -> PyResult<Vec<(u64, u64, &'static str)>> {
        self.lost_in(py, &(0..u64::MAX))
    }

    /// Raise if bytes were lost: what was computed of them was computed of zeros.
    ///
    /// Parameters
    /// ----------
    /// unchanged : bool, default False
    ///     Also raise if the file is not as it was when the view was made, by its length, its times and its identity.
    ///     A file that was cut short and has grown back is not known otherwise.
    ///
    /// Raises
    /// ------
    /// TruncatedError, StorageFullError, MapError
    ///     The first loss; or the file is too short now.
    /// ReplacedError
    ///     With `unchanged`: the file has changed.
    #[pyo3(signature = (unchanged=false))]
    fn check(&self, py: Python<'_>, unchanged: bool) -> PyResult<()> {
        self.check_range(py, &(0..u64::MAX), unchanged)
    }

    fn __enter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    /// Takes no more exports, and raises what was lost. What has the bytes keeps them. An exception of the block
    /// stays the one that is raised; a loss becomes its note.
    fn __exit__(
        &self,
        py: Python<'_>,
        _class: &Bound<'_, PyAny>,
        exception: &Bound<'_, PyAny>,
        _traceback: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        self.is_left.store(true, Ordering::Relaxed);
        noted(exception, "bytes were lost", self.check(py, false))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let what = match &self.path {
            Some(path) => path.as_os_str().into_pyobject(py)?.repr()?.to_string(),
            None => "(no path)".to_owned(),
        };
        let window = self.window()?;
        let readonly = if window.is_writable() { "" } else { " readonly" };
        Ok(format!("<memmap.View {what} size={}{readonly}>", window.len()))
    }
}

impl Drop for View {
    fn drop(&mut self) {
        let Some(window) = self.window.take() else { return };
        if *self.is_known.get_mut() {
            registry::remove(window.address());
        }
        if !*self.is_asked.get_mut()
            && let Ok(lost) = window.store().lost(0..u64::MAX)
            && let Some(lost) = lost.into_iter().next()
        {
            guard::warn_of_loss(&lost.why);
        }
        if widen(window.len()) >= widen(1 << 20) {
            dropped(window);
        }
    }
}
