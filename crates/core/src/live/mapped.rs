//! A mapped part of a file, and what is known about the file.

use std::fs::File;
use std::ops::Range;

use memmap_guard::{Backing, Guarded};

use super::durable::Durable;
use crate::contract::{Edits, FileHandle, System};
use crate::{Error, ErrorKind, Extent, LockKind, Op, Result, widen};

pub(super) struct Mapped<S: System> {
    pub(super) handle: S::Handle,
    /// Bytes from the start of the file to the first mapped one.
    pub(super) offset: u64,
    pub(super) is_sparse: bool,
    /// Whether it was mapped to write to the file. It may have become read-only since.
    pub(super) reaches_file: bool,
    /// Where private edits are. In a box: few maps have any, and a map is moved when it is opened.
    pub(super) edits: Option<Box<S::Edits>>,
    pub(super) durable: Durable,
}

impl<S: System> Mapped<S> {
    /// Edits in separate memory, and that memory.
    pub(super) fn edits_apart(&self) -> Option<(&S::Edits, &Guarded<S::Pages>)> {
        let edits = self.edits.as_ref()?;
        Some((edits, edits.apart()?))
    }

    /// Brings written bytes to the device, with the metadata needed to find them again.
    pub(super) fn sync(
        &self,
        memory: &Guarded<Backing<S::Pages>>,
        window: Option<&Range<usize>>,
        op: Op,
    ) -> Result<()> {
        let pages = memory.memory().pages.as_ref();
        self.durable.sync(op, || {
            let synced =
                self.handle.with(pages, |file| S::sync(pages, file, window, op == Op::Close));
            synced.and_then(|synced| synced)
        })
    }

    /// Starts to write a window back, without waiting.
    pub(super) fn write_back(
        &self,
        memory: &Guarded<Backing<S::Pages>>,
        window: &Range<usize>,
    ) -> Result<()> {
        let pages = memory.memory().pages.as_ref();
        self.durable.write_back(|| {
            let started =
                self.handle.with(pages, |file| S::write_back(pages, file, self.offset, window));
            started.and_then(|started| started)
        })
    }

    /// Data and holes of a window. Ranges with private edits are not holes. Ranges that were truncated
    /// away are not holes either: reading them is an error.
    pub(super) fn extents(
        &self,
        memory: &Guarded<Backing<S::Pages>>,
        window: &Range<usize>,
    ) -> Result<Vec<Extent>> {
        let all = self.offset.saturating_add(widen(window.start))
            ..self.offset.saturating_add(widen(window.end));
        let pages = memory.memory().pages.as_ref();
        // If the file cannot be found again, nothing is known to be a hole.
        let found = self.handle.with(pages, |file| S::stored(file, all.clone()));
        let mut stored = found.unwrap_or_else(|_gone| Ok(vec![all.clone(); 1]))?;
        if let Some(edits) = &self.edits {
            let in_file = |at: usize| self.offset.saturating_add(widen(at));
            let runs = edits.runs(window).into_iter();
            stored.extend(runs.map(|run| in_file(run.start)..in_file(run.end)));
            stored.sort_by_key(|run| run.start);
        }
        let in_mapping = |range: Range<u64>| {
            range.start.saturating_sub(self.offset)..range.end.saturating_sub(self.offset)
        };
        let mut extents: Vec<Extent> = Vec::new();
        let mut at = all.start;
        for run in stored {
            let run = run.start.clamp(at, all.end)..run.end.clamp(at, all.end);
            if run.is_empty() {
                continue;
            }
            if at < run.start {
                extents.push(Extent::Hole(in_mapping(at..run.start)));
            }
            at = run.end;
            let data = in_mapping(run);
            match extents.last_mut() {
                Some(Extent::Data(last)) if last.end == data.start => last.end = data.end,
                _ => extents.push(Extent::Data(data)),
            }
        }
        if at < all.end {
            extents.push(Extent::Hole(in_mapping(at..all.end)));
        }
        Ok(extents)
    }

    /// The file for locking. Locks belong to an open file, so it is one that only this map uses.
    pub(super) fn file_to_lock(&self, memory: &Guarded<Backing<S::Pages>>) -> Result<&File> {
        let own = self.handle.own(memory.memory().pages.as_ref(), self.reaches_file);
        own.map_err(|error| Error::new(Op::Lock, ErrorKind::from_io(error, self.open_mode())))
    }

    const fn open_mode(&self) -> crate::Mode {
        if self.reaches_file { crate::Mode::ReadWrite } else { crate::Mode::Read }
    }

    /// Waits for a lock.
    pub(super) fn lock(&self, memory: &Guarded<Backing<S::Pages>>, kind: LockKind) -> Result<()> {
        let os = |error| Error::new(Op::Lock, ErrorKind::Os(error));
        S::lock(self.file_to_lock(memory)?, kind).map_err(os)
    }
}
