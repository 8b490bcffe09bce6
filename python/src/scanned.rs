//! What scans are made of: any map of this package, or a file that is mapped for one call.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use memmap::plugin::Mapping;
use memmap::scan::Outcome;
use memmap::{Map, Progress};
use pyo3::prelude::*;

use crate::errors::Raised;
use crate::frozen::FrozenMap;
use crate::gate::Gate;
use crate::map::MemMap;
use crate::ram::RamMap;
use crate::scan;
use crate::source::Source;
use crate::store::{Readable, Store};

/// What is asked of the bytes of a range.
pub(crate) trait Question: Send + 'static {
    type Answer: Send + 'static;

    /// The range to scan, in a map of this length.
    fn range(&self, len: u64) -> memmap::Result<Range<u64>>;

    /// Scans it, with at most so many threads.
    fn answer<M: Mapping>(
        &self,
        map: &Map<M>,
        range: Range<u64>,
        progress: &Progress,
        threads: Option<usize>,
    ) -> memmap::Result<Outcome<Self::Answer>>;
}

/// An answer, and what it is about.
pub(crate) struct Answered<A> {
    pub(crate) outcome: Outcome<A>,
    /// The path as it was passed, or that of the map; `None` if neither has one.
    pub(crate) path: Option<PathBuf>,
    /// The length of all that is mapped.
    pub(crate) len: u64,
}

/// Asks `source`, a map, a path or a file object, on all cores and without the GIL.
pub(crate) fn ask<Q: Question>(
    py: Python<'_>,
    source: &Bound<'_, PyAny>,
    progress: Option<&Bound<'_, PyAny>>,
    question: Q,
) -> PyResult<Answered<Q::Answer>> {
    if let Ok(map) = source.cast::<MemMap>() {
        return ask_gate(py, map.get().gate(), progress, question);
    }
    if let Ok(map) = source.cast::<FrozenMap>() {
        return ask_gate(py, map.get().gate(), progress, question);
    }
    if let Ok(map) = source.cast::<RamMap>() {
        return ask_gate(py, map.get().gate(), progress, question);
    }
    let source: Source = source.extract()?;
    let (opened, path) = py.detach(|| match source {
        Source::Path(path) => (memmap::MemMap::open(&path, memmap::Mode::Read), Some(path)),
        Source::File(file) => (memmap::MemMap::options().open_file(&file), None),
    });
    let answered = ask_gate(py, &Gate::new(opened.raised(py)?), progress, question)?;
    Ok(Answered { path, ..answered })
}

fn ask_gate<Q: Question, T: Scanned>(
    py: Python<'_>,
    gate: &Gate<T>,
    progress: Option<&Bound<'_, PyAny>>,
    question: Q,
) -> PyResult<Answered<Q::Answer>> {
    let call = gate.call(py)?;
    let (map, len): (Arc<T>, u64) = (call.shared(), call.len());
    let range = question.range(len).raised(py)?;
    let path = map.path().map(Path::to_owned);
    let count = range.end.saturating_sub(range.start);
    let scan = move |progress: &Progress, threads| map.asked(&question, range, progress, threads);
    let outcome = scan::run(py, count, progress, scan)?.raised(py)?;
    Ok(Answered { outcome, path, len })
}

/// What can be scanned.
trait Scanned: Readable + 'static {
    fn path(&self) -> Option<&Path>;

    fn asked<Q: Question>(
        &self,
        question: &Q,
        range: Range<u64>,
        progress: &Progress,
        threads: Option<usize>,
    ) -> memmap::Result<Outcome<Q::Answer>>;
}

impl<M: Mapping + 'static> Scanned for Map<M> {
    fn path(&self) -> Option<&Path> {
        self.path()
    }

    fn asked<Q: Question>(
        &self,
        question: &Q,
        range: Range<u64>,
        progress: &Progress,
        threads: Option<usize>,
    ) -> memmap::Result<Outcome<Q::Answer>> {
        question.answer(self, range, progress, threads)
    }
}

impl Scanned for Store {
    fn path(&self) -> Option<&Path> {
        match self {
            Self::File(map) => map.path(),
            Self::Memory(map) => map.path(),
            Self::Edited(edited) => edited.file.path(),
        }
    }

    fn asked<Q: Question>(
        &self,
        question: &Q,
        range: Range<u64>,
        progress: &Progress,
        threads: Option<usize>,
    ) -> memmap::Result<Outcome<Q::Answer>> {
        match self {
            Self::File(map) => question.answer(map, range, progress, threads),
            Self::Memory(map) => question.answer(map, range, progress, threads),
            Self::Edited(edited) => question.answer(&edited.map, range, progress, threads),
        }
    }
}
