//! `memmap.find`: all places of a pattern.

use std::ops::Range;

use memmap::plugin::Mapping;
use memmap::scan::{Encoding, Match, Outcome, Pattern};
use memmap::{Map, Progress};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::argument::{Count, clipped};
use crate::errors::{Raised, caught};
use crate::scan;
use crate::scanned::{self, Question};

/// Find all places of a pattern, on all cores and without the GIL.
///
/// Parameters
/// ----------
/// source : MemMap, FrozenMap, RamMap, path or file object
///     Where to look. A file is mapped for this call.
/// pattern : bytes-like object or str
///     Bytes are looked for as they are. A str is what `kind` says.
/// kind : {"text", "hex", "regex"}, default "text"
///     What a str means: text in UTF-8; bytes in hexadecimal, "?" for any digit; a regular expression over bytes.
/// start, stop : int, optional
///     Where to look. Negative numbers count from the end.
/// limit : int, optional
///     The most places to return, the first ones.
/// overlapping : bool, default False
///     Whether matches may overlap.
/// progress : callable, optional
///     Called in this thread, at least about every 20 ms and once at the end, with the bytes that are done and the
///     bytes to do. What it raises stops the scan.
///
/// Returns
/// -------
/// list of (int, int)
///     Offset and length of each match, in order.
///
/// Raises
/// ------
/// TruncatedError
///     If bytes that had to be looked at are gone.
/// ValueError
///     If the pattern has an error, or a match is longer than 1 MiB.
///
/// Examples
/// --------
/// >>> import memmap
/// >>> ram = memmap.RamMap(1000)
/// >>> with memoryview(ram) as view:
/// ...     view[10:14] = view[500:504] = b"2026"
/// >>> memmap.find(ram, b"2026")
/// [(10, 4), (500, 4)]
/// >>> memmap.find(ram, r"\d+", kind="regex", limit=1)
/// [(10, 4)]
/// >>> memmap.find(ram, "32 30 3?", kind="hex", start=100)
/// [(500, 3)]
#[pyfunction]
#[pyo3(signature = (
    source, pattern, *, kind="text", start=None, stop=None, limit=None, overlapping=false, progress=None
))]
#[expect(clippy::too_many_arguments, reason = "Python passes them by name")]
pub(crate) fn find(
    py: Python<'_>,
    source: &Bound<'_, PyAny>,
    pattern: &Bound<'_, PyAny>,
    kind: &str,
    start: Option<i64>,
    stop: Option<i64>,
    limit: Option<Count>,
    overlapping: bool,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Vec<(u64, u64)>> {
    caught(|| {
        let pattern = parsed(pattern, kind)?.overlapping(overlapping);
        let limit = limit.map_or(usize::MAX, |limit| limit.0);
        let all = All { pattern, start, stop, limit };
        let outcome = scanned::ask(py, source, progress, all)?.outcome;
        let found = outcome.value;
        // What was lost after the last match that is wanted is nobody's concern.
        let end = found.get(limit.saturating_sub(1)).map_or(u64::MAX, |last| last.offset);
        if let Some(lost) = outcome.unreadable.into_iter().find(|lost| lost.range.start < end) {
            return Err(lost.error).raised(py);
        }
        if let Some(at) = outcome.match_too_long.filter(|&at| at < end) {
            let text =
                format!("the match at offset {at} is longer than 1 MiB, and is not followed");
            return Err(PyValueError::new_err(text));
        }
        Ok(found.into_iter().map(|found| (found.offset, found.len)).collect())
    })
}

fn parsed(pattern: &Bound<'_, PyAny>, kind: &str) -> PyResult<Pattern> {
    let Ok(text) = pattern.cast::<PyString>() else {
        return scan::pattern(Pattern::literal(scan::literal(pattern)?));
    };
    let text = text.to_cow()?;
    scan::pattern(match kind {
        "text" => Pattern::text(&text, Encoding::Utf8),
        "hex" => Pattern::hex(&text),
        "regex" => Pattern::regex(&text),
        _ => {
            let text = format!("no kind of pattern is called {kind:?}; it is text, hex or regex");
            return Err(PyValueError::new_err(text));
        }
    })
}

/// All matches, up to a limit.
struct All {
    pattern: Pattern,
    start: Option<i64>,
    stop: Option<i64>,
    limit: usize,
}

impl Question for All {
    type Answer = Vec<Match>;

    fn range(&self, len: u64) -> memmap::Result<Range<u64>> {
        let Range { start, end } = clipped(self.start, self.stop, len);
        Ok(start..if self.limit == 0 { start } else { end.max(start) })
    }

    fn answer<M: Mapping>(
        &self,
        map: &Map<M>,
        range: Range<u64>,
        progress: &Progress,
        threads: Option<usize>,
    ) -> memmap::Result<Outcome<Vec<Match>>> {
        let scan = scan::prepared(map, range, progress, threads);
        if self.limit == 1 {
            let outcome = scan.find_first(&self.pattern)?;
            return Ok(outcome.map(|found| found.into_iter().collect()));
        }
        let mut found = Vec::new();
        let outcome = scan.find_all_into(&self.pattern, |one| {
            if found.len() < self.limit {
                found.push(one);
            } else {
                progress.cancel();
            }
        })?;
        Ok(outcome.map(|_| found))
    }
}
