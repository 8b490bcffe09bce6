//! `memmap.stat`: what bytes consist of, as `lazyhex stat --json` prints it.

use std::ops::Range;
use std::path::Path;

use memmap::plugin::{Mapping, Op};
use memmap::scan::{ByteClass, Outcome, Run, RunTotal, Summary};
use memmap::{Error, ErrorKind, Map, Progress, Unreadable};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList};

use crate::argument::Bytes;
use crate::errors::caught;
use crate::scan;
use crate::scanned::{self, Answered, Question};

/// Summarize bytes: how often each value occurs, entropy, longest runs, strings and holes.
///
/// They are read once, on all cores and without the GIL; holes are not read. It is the JSON of
/// ``lazyhex stat --json``.
///
/// Parameters
/// ----------
/// source : MemMap, FrozenMap, RamMap, path or file object
///     What to summarize. A file is mapped for this call.
/// start, stop : int, optional
///     Only these bytes. Negative numbers count from the end; a `stop` after the end is the end.
/// min_string : int, default 4
///     The least number of printable characters of a string.
/// progress : callable, optional
///     Called in this thread, at least about every 20 ms and once at the end, with the bytes that are done and the
///     bytes to do. What it raises stops the scan.
///
/// Returns
/// -------
/// dict
///     With these keys. Sizes are in bytes, entropies in bits per byte.
///
///     ``path``, ``path_is_lossy``
///         The path, None if there is none; and whether it is not UTF-8. Then ``path_bytes`` has it in base64.
///     ``length``, ``start``, ``end``, ``counted``
///         The length of all that is mapped; the range; how many bytes of it were counted.
///     ``histogram``
///         How often each byte value occurs: 256 numbers.
///     ``classes``
///         How many bytes are ``null``, ``printable``, ``white_space``, ``other_ascii`` and ``high``.
///     ``entropy``
///         Of the range; None if nothing was counted.
///     ``entropy_of_pieces``
///         ``values``, the entropy of each piece of ``piece_length`` bytes; None where nothing could be read.
///     ``longest_runs``
///         The longest runs of equal bytes, at most five: ``offset``, ``length``, ``byte``.
///     ``strings``, ``holes``
///         ``count`` and ``bytes`` of each; ``min_length`` of a string.
///     ``unreadable``
///         The ranges that could not be read: ``start``, ``end``, ``reason``. They are counted nowhere.
///     ``is_interrupted``
///         False: an interrupted call raises.
///
/// Raises
/// ------
/// ValueError
///     If `start` is after the end, `stop` is before `start`, or `min_string` is 0.
///
/// Examples
/// --------
/// >>> import memmap
/// >>> ram = memmap.RamMap(1000)
/// >>> with memoryview(ram) as view:
/// ...     view[600:610] = b"ten chars."
/// >>> found = memmap.stat(ram)
/// >>> found["counted"], found["histogram"][0], found["strings"]
/// (1000, 990, {'min_length': 4, 'count': 1, 'bytes': 10})
/// >>> found["longest_runs"][0]
/// {'offset': 0, 'length': 600, 'byte': 0}
/// >>> memmap.stat(ram, start=600, stop=610)["classes"]["printable"]
/// 9
#[pyfunction]
#[pyo3(
    signature = (source, *, start=None, stop=None, min_string=Bytes(4), progress=None),
    text_signature = "(source, *, start=None, stop=None, min_string=4, progress=None)"
)]
pub(crate) fn stat<'py>(
    py: Python<'py>,
    source: &Bound<'py, PyAny>,
    start: Option<i64>,
    stop: Option<i64>,
    min_string: Bytes,
    progress: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    caught(|| {
        if min_string.0 == 0 {
            return Err(PyValueError::new_err("a string has at least 1 character, and not 0"));
        }
        let min_string = usize::try_from(min_string.0).unwrap_or(usize::MAX);
        object(py, &scanned::ask(py, source, progress, SumUp { start, stop, min_string })?)
    })
}

/// The summary of a range.
struct SumUp {
    start: Option<i64>,
    stop: Option<i64>,
    min_string: usize,
}

impl Question for SumUp {
    type Answer = Summary;

    /// As lazyhex has it: an end that is too far is the end of the file. A start that is too far is refused, as a
    /// typo is more likely than a question about no bytes.
    fn range(&self, len: u64) -> memmap::Result<Range<u64>> {
        let start = match self.start {
            Some(at) => offset(at, len)?,
            None => 0,
        };
        if start > len {
            let kind = ErrorKind::BeyondEnd { offset: start, len: 0, source_len: len };
            return Err(Error::new(Op::Read, kind));
        }
        let end = match self.stop {
            Some(at) => offset(at, len)?.min(len),
            None => len,
        };
        if end < start {
            return Err(Error::new(Op::Read, ErrorKind::BackwardRange { start, end }));
        }
        Ok(start..end)
    }

    fn answer<M: Mapping>(
        &self,
        map: &Map<M>,
        range: Range<u64>,
        progress: &Progress,
        threads: Option<usize>,
    ) -> memmap::Result<Outcome<Summary>> {
        scan::prepared(map, range, progress, threads).summary(self.min_string)
    }
}

/// An offset from the start, or from the end if it is negative.
fn offset(at: i64, len: u64) -> memmap::Result<u64> {
    let Err(_) = u64::try_from(at) else { return Ok(at.unsigned_abs()) };
    let back = at.unsigned_abs();
    let outside = ErrorKind::OutOfBounds { offset: 0, len: back, bound: len };
    len.checked_sub(back).ok_or_else(|| Error::new(Op::Read, outside))
}

/// The summary as a dictionary.
fn object<'py>(py: Python<'py>, answered: &Answered<Summary>) -> PyResult<Bound<'py, PyDict>> {
    let Answered { outcome, path, len } = answered;
    let summary = &outcome.value;
    let histogram = &summary.histogram;
    let object = PyDict::new(py);
    name(&object, path.as_deref())?;
    object.set_item("length", len)?;
    object.set_item("start", summary.range.start)?;
    object.set_item("end", summary.range.end)?;
    object.set_item("counted", histogram.total())?;
    object.set_item("histogram", histogram.counts().as_slice())?;
    let classes = PyDict::new(py);
    for class in ByteClass::ALL {
        let name = class.name().replace(' ', "_").to_lowercase();
        classes.set_item(name, histogram.of_class(class))?;
    }
    object.set_item("classes", classes)?;
    object.set_item("entropy", histogram.entropy().map(rounded))?;
    let pieces = PyDict::new(py);
    pieces.set_item("piece_length", summary.chunk_len)?;
    let entropies: Vec<_> =
        summary.entropy_of_chunks.iter().map(|bits| bits.map(rounded)).collect();
    pieces.set_item("values", entropies)?;
    object.set_item("entropy_of_pieces", pieces)?;
    object.set_item("longest_runs", list(py, &summary.longest_runs, run)?)?;
    let strings = total(py, summary.strings, Some(summary.min_string))?;
    object.set_item("strings", strings)?;
    object.set_item("holes", total(py, summary.holes, None)?)?;
    object.set_item("unreadable", list(py, &outcome.unreadable, unreadable)?)?;
    object.set_item("is_interrupted", outcome.is_cancelled)?;
    Ok(object)
}

/// The path, and its bytes in base64 if they are not UTF-8.
fn name(object: &Bound<'_, PyDict>, path: Option<&Path>) -> PyResult<()> {
    object.set_item("path", path.map(|path| path.to_string_lossy()))?;
    let lossy = path.filter(|path| path.to_str().is_none());
    object.set_item("path_is_lossy", lossy.is_some())?;
    let Some(path) = lossy else { return Ok(()) };
    let py = object.py();
    let bytes = PyBytes::new(py, path.as_os_str().as_encoded_bytes());
    let base64 = py.import("base64")?.call_method1("b64encode", (bytes,))?;
    object.set_item("path_bytes", base64.call_method1("decode", ("ascii",))?)
}

fn list<'py, T>(
    py: Python<'py>,
    items: &[T],
    one: impl Fn(&Bound<'py, PyDict>, &T) -> PyResult<()>,
) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    for item in items {
        let object = PyDict::new(py);
        one(&object, item)?;
        list.append(object)?;
    }
    Ok(list)
}

fn run(object: &Bound<'_, PyDict>, run: &Run) -> PyResult<()> {
    object.set_item("offset", run.offset)?;
    object.set_item("length", run.len)?;
    object.set_item("byte", run.byte)
}

fn unreadable(object: &Bound<'_, PyDict>, lost: &Unreadable) -> PyResult<()> {
    object.set_item("start", lost.range.start)?;
    object.set_item("end", lost.range.end)?;
    object.set_item("reason", lost.error.to_string())
}

fn total(
    py: Python<'_>,
    total: RunTotal,
    min_length: Option<usize>,
) -> PyResult<Bound<'_, PyDict>> {
    let object = PyDict::new(py);
    if let Some(min_length) = min_length {
        object.set_item("min_length", min_length)?;
    }
    object.set_item("count", total.count)?;
    object.set_item("bytes", total.bytes)?;
    Ok(object)
}

/// Six decimals. Further digits depend on the order of additions.
fn rounded(bits: f64) -> f64 {
    (bits * 1e6).round() / 1e6
}
