//! Writing frozen bytes to files, with each byte touched first.

use std::fs::File;
use std::ops::Range;

use memmap::FrozenMap as Frozen;
use memmap::plugin::Op;
use memmap::{Error, ErrorKind};
use pyo3::exceptions::{PyOSError, PyTypeError};
use pyo3::prelude::*;

use super::FrozenMap;
use crate::argument::{self, Bytes};
use crate::errors::{Raised, caught, exception};
use crate::gate::Call;
use crate::store::Readable;
use crate::{copy, errors, patience, source};

/// What is touched and written at a time.
const PIECE: u64 = 1 << 20;

#[pymethods]
impl FrozenMap {
    /// Write bytes to a file, whether they were touched or not.
    ///
    /// Parameters
    /// ----------
    /// file : str, bytes, os.PathLike or file object
    ///     A path, whose file is made or emptied; or anything with a method `write` that takes bytes.
    /// offset : int, default 0
    ///     The first byte.
    /// size : int, optional
    ///     The number of bytes; all that follow by default.
    ///
    /// Raises
    /// ------
    /// TruncatedError, MapError
    ///     If bytes cannot be read; those before them are written.
    ///
    /// Examples
    /// --------
    /// >>> import io
    /// >>> from memmap import MemMap
    /// >>> target = io.BytesIO()
    /// >>> MemMap.anonymous(4).freeze().write_to(target, 1)
    /// >>> target.getvalue()
    /// b'\x00\x00\x00'
    #[pyo3(
        signature = (file, offset=Bytes(0), size=None),
        text_signature = "($self, file, offset=0, size=None)"
    )]
    fn write_to(
        &self,
        py: Python<'_>,
        file: &Bound<'_, PyAny>,
        offset: Bytes,
        size: Option<Bytes>,
    ) -> PyResult<()> {
        caught(|| {
            let call = self.gate.call(py)?;
            let range = argument::range(offset, size, call.len());
            let len = range.end.saturating_sub(range.start);
            copy::require_within(&*call, range.start, len).raised(py)?;
            self.told(if file.hasattr("write")? {
                write_to_object(py, self, file, range)
            } else {
                write_to_path(py, &call, file, range)
            })
        })
    }
}

fn write_to_object(
    py: Python<'_>,
    map: &FrozenMap,
    file: &Bound<'_, PyAny>,
    range: Range<u64>,
) -> PyResult<()> {
    let mut at = range.start;
    loop {
        let len = range.end.saturating_sub(at).min(PIECE);
        let mut bytes = copy::read_at(py, &map.gate, at, len)?.into_any();
        let mut left = len;
        while left > 0 {
            let written = file.call_method1("write", (&bytes,))?;
            // A raw file says how much it took, and None if it would have to wait.
            let Ok(count) = written.extract::<u64>() else {
                if written.is_none() {
                    return Err(PyOSError::new_err("the file takes no more without waiting"));
                }
                return Err(PyTypeError::new_err("write() did not return a number of bytes"));
            };
            if count == 0 {
                return Err(PyOSError::new_err("the file takes no more bytes"));
            }
            left = left.saturating_sub(count);
            if left > 0 {
                let rest = pyo3::types::PySlice::new(
                    py,
                    isize::try_from(count).unwrap_or(isize::MAX),
                    isize::MAX,
                    1,
                );
                bytes = bytes.get_item(rest)?;
            }
        }
        at = at.saturating_add(len);
        if at >= range.end {
            return Ok(());
        }
        py.check_signals()?;
    }
}

fn write_to_path(
    py: Python<'_>,
    call: &Call<'_, Frozen>,
    path: &Bound<'_, PyAny>,
    range: Range<u64>,
) -> PyResult<()> {
    let path = source::path(path)?;
    let made = py.detach(|| File::create(&path));
    let mut file = made.map_err(|error| errors::system(py, error, Some(&path)))?;
    let mut range = range;
    let step = || {
        let end = range.start.saturating_add(PIECE).min(range.end.max(range.start));
        call.write_to(&mut file, range.start..end).map_err(|error| unwrapped(error, call))?;
        range.start = end;
        Ok(range.is_empty())
    };
    patience::work(py, step, |error| exception(py, &error))
}

/// The error of the library that an error of a writer may have inside.
fn unwrapped(error: std::io::Error, map: &Frozen) -> Error {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()).cloned();
    inner.unwrap_or_else(|| map.error(Op::Write, ErrorKind::Os(error)))
}
