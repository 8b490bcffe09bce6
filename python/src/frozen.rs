//! The class `FrozenMap`: bytes of a file that change no more once they were touched.

use std::ffi::OsStr;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use memmap::plugin::{Identity, Op};
use memmap::{ErrorKind, FrozenMap as Frozen, Progress, Unreadable, widen};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::argument::{self, Bytes};
use crate::door::buffer::Buffer;
use crate::errors::{Raised, caught, exception, kind_name};
use crate::exports::{Exports, dropped};
use crate::gate::Gate;
use crate::map::noted;
use crate::source::Source;
use crate::store::{self, Readable};
use crate::{copy, guard, patience, registry};

mod write_to;

/// Maps of at most this many bytes are brought in whole when they are made, so that system calls see their bytes.
const WHOLE: u64 = 16 << 20;

/// A file, mapped so that its bytes change no more once they were touched. It has a read-only buffer.
///
/// **A system call does not touch.** In a map of more than 16 MiB, bytes that nobody has looked at yet are an
/// error (``EFAULT``) of system calls, or a short count: ``file.write(frozen)`` of a raw file may write a part
/// and say so by its result alone. Call `prefault` first, or use `write_to`.
///
/// A page that cannot be read when it is first touched, because the file was cut short or the device failed, is
/// zeros in the buffer, and `check` raises. The process does not die of it.
///
/// Make one with `FrozenMap.open` or `MemMap.freeze`.
///
/// Examples
/// --------
/// >>> import os, tempfile
/// >>> from memmap import FrozenMap
/// >>> path = os.path.join(tempfile.mkdtemp(), "data.bin")
/// >>> with open(path, "wb") as file:
/// ...     _ = file.write(b"frozen bytes")
/// >>> with FrozenMap.open(path) as frozen:
/// ...     bytes(memoryview(frozen)[7:])
/// b'bytes'
#[pyclass(frozen, weakref, module = "memmap")]
pub(crate) struct FrozenMap {
    gate: Gate<Frozen>,
    exports: Exports<Frozen>,
    path: Option<PathBuf>,
    offset: u64,
    identity: Option<Identity>,
    /// Whether anybody asked what was lost.
    is_asked: AtomicBool,
}

impl FrozenMap {
    pub(crate) fn new(
        py: Python<'_>,
        frozen: Frozen,
        path: Option<PathBuf>,
        identity: Option<Identity>,
    ) -> Self {
        if frozen.len() <= WHOLE {
            // What is lost is known from now on, and asked for later.
            py.detach(|| frozen.prefault(.., &Progress::new())).ok();
        }
        Self {
            path,
            offset: frozen.offset(),
            gate: Gate::new(frozen),
            exports: Exports::new(),
            identity,
            is_asked: AtomicBool::new(false),
        }
    }

    pub(crate) const fn gate(&self) -> &Gate<Frozen> {
        &self.gate
    }

    /// Begins an export. From now on the pages live as long as this object.
    pub(crate) fn export(&self, py: Python<'_>) -> PyResult<&Arc<Frozen>> {
        guard::ask();
        let pages = self.gate.call(py)?.shared();
        Ok(self.exports.add(pages))
    }

    pub(crate) const fn exports(&self) -> &Exports<Frozen> {
        &self.exports
    }

    pub(crate) fn release(&self) {
        self.exports.remove();
    }

    /// The pages: of the map, or of what was exported before it was closed.
    fn pages(&self, py: Python<'_>) -> PyResult<Arc<Frozen>> {
        match self.exports.kept() {
            Some(pages) => Ok(Arc::clone(pages)),
            None => Ok(self.gate.call(py)?.shared()),
        }
    }

    /// Passes a result on. A loss that an exception tells of needs no warning.
    fn told<T>(&self, result: PyResult<T>) -> PyResult<T> {
        if result.is_err() {
            self.is_asked.store(true, Ordering::Relaxed);
        }
        result
    }

    /// What was lost of a range, and why.
    fn losses(&self, py: Python<'_>, range: &Range<u64>) -> PyResult<Vec<Unreadable>> {
        let pages = self.pages(py)?;
        self.is_asked.store(true, Ordering::Relaxed);
        let mut lost = pages.lost();
        lost.retain(|lost| lost.range.start < range.end && range.start < lost.range.end);
        Ok(lost)
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
                .map(|lost| {
                    let (start, end) = (lost.range.start, lost.range.end);
                    let reason = kind_name(lost.error.kind());
                    (start.max(range.start), end.min(range.end), reason)
                })
                .collect())
        })
    }

    /// Raises if something of a range was lost, or the file has changed.
    pub(crate) fn check_range(
        &self,
        py: Python<'_>,
        range: &Range<u64>,
        unchanged: bool,
    ) -> PyResult<()> {
        caught(|| {
            guard::ask_and_warn(py)?;
            if let Some(lost) = self.losses(py, range)?.into_iter().next() {
                return Err(exception(py, &lost.error));
            }
            if !unchanged {
                return Ok(());
            }
            let (Some(path), Some(was)) = (&self.path, &self.identity) else {
                let what = "asking whether a file that has no path is unchanged";
                let error = memmap::Error::unsupported(Op::Query, "memmap", what);
                return Err(exception(py, &error));
            };
            py.detach(|| {
                let now = memmap::MemMap::open(path, memmap::Mode::Read)?.identity();
                if now.as_ref() == Some(was) {
                    return Ok(());
                }
                let kind = ErrorKind::Replaced { offset: 0, was: was.clone(), now };
                Err(memmap::Error::new(Op::Read, kind).with_origin(path.as_path()))
            })
            .raised(py)
        })
    }

    fn end(&self, py: Python<'_>, exports: impl Fn() -> usize) -> PyResult<()> {
        let pages = self.gate.close(py, exports)?;
        py.detach(|| drop(pages));
        Ok(())
    }
}

#[pymethods]
impl FrozenMap {
    /// Map a file.
    ///
    /// Parameters
    /// ----------
    /// path : str, bytes, os.PathLike or file object
    ///     The file.
    /// offset : int, default 0
    ///     Bytes from the start of the file to the first mapped one.
    /// size : int, optional
    ///     The number of bytes; all that follow by default.
    ///
    /// Returns
    /// -------
    /// FrozenMap
    #[staticmethod]
    #[pyo3(
        signature = (path, *, offset=Bytes(0), size=None),
        text_signature = "(path, *, offset=0, size=None)"
    )]
    fn open(py: Python<'_>, path: Source, offset: Bytes, size: Option<Bytes>) -> PyResult<Self> {
        caught(|| {
            let opened = py.detach(|| {
                let mut options = memmap::MemMap::options().offset(offset.0);
                if let Some(Bytes(size)) = size {
                    options = options.len(size);
                }
                let live = match path {
                    Source::Path(path) => options.open(path)?,
                    Source::File(file) => options.open_file(&file)?,
                };
                let (path, identity) = (live.path().map(ToOwned::to_owned), live.identity());
                Ok((store::freeze(live)?, path, identity))
            });
            let (frozen, path, identity) = opened.raised(py)?;
            Ok(Self::new(py, frozen, path, identity))
        })
    }

    /// The absolute path of the file; None for a copy, and for a file that was passed open.
    #[getter]
    fn path(&self) -> Option<&OsStr> {
        self.path.as_deref().map(Path::as_os_str)
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

    /// Copy bytes out. A lost byte is an exception, and never a zero.
    ///
    /// Parameters
    /// ----------
    /// offset, size : int
    ///     The first byte, and the number of bytes.
    ///
    /// Returns
    /// -------
    /// bytes
    fn read_at<'py>(
        &self,
        py: Python<'py>,
        offset: Bytes,
        size: Bytes,
    ) -> PyResult<Bound<'py, PyBytes>> {
        self.told(caught(|| copy::read_at(py, &self.gate, offset.0, size.0)))
    }

    /// Copy bytes into a buffer, as many as it holds, as `MemMap.read_into`.
    ///
    /// Parameters
    /// ----------
    /// offset : int
    ///     The first byte.
    /// buffer : writable bytes-like object
    ///     A contiguous one.
    fn read_into(&self, py: Python<'_>, offset: Bytes, buffer: &Bound<'_, PyAny>) -> PyResult<()> {
        let buffer = Buffer::target(buffer)?;
        self.told(caught(|| copy::read_into(py, &self.gate, offset.0, &buffer)))
    }

    /// Touch bytes, so that system calls see them, and so that the file is not needed for them any more.
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
    /// TruncatedError, MapError
    ///     If some of them cannot be read.
    #[pyo3(
        signature = (offset=Bytes(0), size=None),
        text_signature = "($self, offset=0, size=None)"
    )]
    fn prefault(&self, py: Python<'_>, offset: Bytes, size: Option<Bytes>) -> PyResult<()> {
        const PIECE: u64 = 1 << 20;
        caught(|| {
            guard::ask();
            let call = self.gate.call(py)?;
            let mut range = argument::range(offset, size, call.len());
            let len = range.end.saturating_sub(range.start);
            copy::require_within(&*call, range.start, len).raised(py)?;
            let progress = Progress::new();
            let step = || {
                let end = range.start.saturating_add(PIECE).min(range.end);
                call.prefault(range.start..end, &progress)?;
                range.start = end;
                Ok(range.is_empty())
            };
            self.told(patience::work(py, step, |error| exception(py, &error)))
        })
    }

    /// The memory that was taken so far for what was touched, in bytes.
    fn touched(&self, py: Python<'_>) -> PyResult<u64> {
        caught(|| Ok(self.pages(py)?.touched()))
    }

    /// The ranges that could not be read when they were touched, and that the buffer shows as zeros.
    ///
    /// Returns
    /// -------
    /// list of (int, int, str)
    ///     Start, end, and the reason as `MapError.kind` has it.
    fn lost(&self, py: Python<'_>) -> PyResult<Vec<(u64, u64, &'static str)>> {
        self.lost_in(py, &(0..u64::MAX))
    }

    /// Raise if bytes that were touched are lost: what was computed of them was computed of zeros.
    ///
    /// Parameters
    /// ----------
    /// unchanged : bool, default False
    ///     Also raise if the file is not as it was when it was opened. Touched bytes are those of the file at the
    ///     moment of the touch, so without changes all are of one moment.
    ///
    /// Raises
    /// ------
    /// TruncatedError, MapError
    ///     The first loss.
    /// ReplacedError
    ///     With `unchanged`: the file has changed, or is another one.
    #[pyo3(signature = (unchanged=false))]
    fn check(&self, py: Python<'_>, unchanged: bool) -> PyResult<()> {
        self.check_range(py, &(0..u64::MAX), unchanged)
    }

    /// Close the map.
    ///
    /// Raises
    /// ------
    /// BufferError
    ///     While a memoryview or an array over the bytes exists; it says how many. The map stays open.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        caught(|| self.end(py, || self.exports.out()))
    }

    /// Whether the map is closed.
    #[getter]
    fn closed(&self) -> bool {
        self.gate.is_closed()
    }

    fn __enter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    /// Closes the map, and raises what was lost. What has its bytes keeps them. An exception of the block stays the
    /// one that is raised; a loss becomes its note.
    fn __exit__(
        &self,
        py: Python<'_>,
        _class: &Bound<'_, PyAny>,
        exception: &Bound<'_, PyAny>,
        _traceback: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        caught(|| {
            let checked = if self.gate.is_closed() { Ok(()) } else { self.check(py, false) };
            let ended = self.end(py, || 0);
            noted(exception, "bytes were lost", checked)?;
            noted(exception, "closing the map failed too", ended)
        })
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let what = match &self.path {
            Some(path) => path.as_os_str().into_pyobject(py)?.repr()?.to_string(),
            None => "(no path)".to_owned(),
        };
        Ok(match self.gate.short(py, Readable::len) {
            Ok(len) => {
                format!("<memmap.FrozenMap {what} offset={} size={len}>", self.offset)
            }
            Err(_) => format!("<memmap.FrozenMap {what} closed>"),
        })
    }
}

impl Drop for FrozenMap {
    fn drop(&mut self) {
        if let Some(pages) = self.exports.kept() {
            registry::remove(pages.as_bytes().as_ptr().addr());
        }
        let pages = (self.gate.take(), self.exports.take());
        let Some(frozen) = pages.0.as_ref().or(pages.1.as_ref()) else { return };
        if !self.is_asked.load(Ordering::Relaxed)
            && let Some(lost) = frozen.lost().into_iter().next()
        {
            guard::warn_of_loss(&lost.error);
        }
        if frozen.len() >= widen(1 << 20) {
            dropped(pages);
        }
    }
}
