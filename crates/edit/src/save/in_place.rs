use std::io;
use std::ops::Range;
use std::sync::Arc;

use memmap_core::disk::{Attributes, Disk, Facts, NodeKind, Stored};
use memmap_core::{Map, Mapping, Progress};

use super::examine::Examined;
use super::io_steps::{self, failed};
use super::log::{self, Log};
use super::opened::Opened;
use super::spans::Span;
use super::take_back::take_back;
use super::{Loss, Plan, SaveError, Saved, Saving, Way};
use crate::journal::{Record, SavingPlan, SavingWay};
use crate::source;

/// Why writing stopped.
pub(super) enum Stopped {
    /// Before anything of the last range was written.
    Conflict(super::Conflict),
    Cancelled,
    Failed(io::Error),
    /// Nothing is known of what was written.
    NotSynced(io::Error),
}

impl<M: Stored> Plan<M> {
    /// Writes the ranges. The order is what loses no byte: the journal has old and new bytes, and is durable,
    /// before the file changes; the file is durable before the journal says so; and only then is it said to be
    /// saved.
    pub(super) fn run_in_place(self, progress: &Progress) -> Result<Saved<M>, SaveError> {
        let opened = self.open_again()?;
        if opened.is_running {
            return Err(self.is_running());
        }
        self.require_lengths(&opened)?;
        let now_len = opened.facts.len;
        if now_len != self.file_len && (self.has_doubtful_len(now_len) || now_len < self.file_len) {
            return Err(SaveError::PlanIsOld { path: self.path });
        }
        let mut examined = self.examine(&opened, progress)?;
        if !examined.conflicts.is_empty() {
            return Err(SaveError::Conflicts(std::mem::take(&mut examined.conflicts)));
        }
        if examined.spans != self.examined.spans {
            return Err(SaveError::PlanIsOld { path: self.path });
        }
        if examined.spans.is_empty() {
            return self.run_without_a_change(&opened);
        }
        let saved = self.write_examined(&opened, &examined, progress);
        // Nobody else changed it, as far as is known.
        let is_ours = !self.has_changed() && !matches!(saved, Err(SaveError::Conflicts(_)));
        if saved.is_err() && is_ours {
            self.base.savings().leave(self.base.map().identity());
        }
        saved
    }

    fn write_examined(
        &self,
        opened: &Opened<M::Disk>,
        examined: &Examined,
        progress: &Progress,
    ) -> Result<Saved<M>, SaveError> {
        let attributes = self
            .disk
            .attributes(&opened.file)
            .map_err(failed("cannot read the attributes of", &self.path))?;
        let old: Vec<Range<u64>> = examined.spans.iter().map(Span::old).collect();
        self.disk
            .make_room(&opened.file, &old)
            .or_else(
                |error| {
                    if error.kind() == io::ErrorKind::Unsupported { Ok(()) } else { Err(error) }
                },
            )
            .map_err(failed("cannot make room in", &self.path))?;
        let attributes = self.expected.attributes(attributes);
        let saving = self.keep(opened, attributes)?;
        self.base.savings().publish(Arc::clone(&saving));
        match self.write(opened, &saving, progress) {
            Ok(losses) => self.complete(opened, &saving, losses),
            Err((count, stopped)) => Err(self.stopped(opened, &saving, count, stopped)),
        }
    }

    /// All is in the file, and durable.
    fn complete(
        &self,
        opened: &Opened<M::Disk>,
        saving: &source::Saving<M>,
        losses: Vec<Loss>,
    ) -> Result<Saved<M>, SaveError> {
        saving.end(source::SavingEnd::Done);
        let named = self.disk.look(&self.path);
        let is_replaced = !named.is_ok_and(|now| now.is_same_file(&opened.facts));
        // If another file has the name now, the journal stays open: what was saved is lost without it.
        if !is_replaced && let Err(error) = log::end(self.options.journal.as_ref(), Record::Done) {
            return Err(self.unfinished(saving, io::Error::other(error)));
        }
        let ranges = saving.ranges().iter().map(source::SavedRange::new_range).collect();
        self.mapped(opened, ranges, losses, is_replaced)
    }

    /// Takes back what was written to the first `count` ranges.
    fn stopped(
        &self,
        opened: &Opened<M::Disk>,
        saving: &source::Saving<M>,
        count: usize,
        stopped: Stopped,
    ) -> SaveError {
        let journal = self.options.journal.as_ref();
        let done = saving.ranges().get(..count).unwrap_or_default();
        let (taken_back, error) = match stopped {
            // Nothing is known of what a failed sync left, and what is read comes from memory: writing the
            // old bytes now would be no better.
            Stopped::NotSynced(error) => (Err(error), SaveError::Cancelled),
            Stopped::Conflict(conflict) => (Ok(()), SaveError::Conflicts(vec![conflict])),
            Stopped::Cancelled => (Ok(()), SaveError::Cancelled),
            Stopped::Failed(error) => (Ok(()), failed("cannot write to", &self.path)(error)),
        };
        match taken_back
            .and_then(|()| take_back(&self.disk, opened, saving, done, self.new_len(opened)))
        {
            Ok(()) => {
                saving.end(source::SavingEnd::Back);
                log::end(journal, Record::Back).ok();
                error
            }
            Err(source) => {
                saving.end(source::SavingEnd::Unfinished);
                log::end(journal, Record::Unfinished).ok();
                self.unfinished(saving, source)
            }
        }
    }

    /// The file has these bytes already: only the journal says that they are saved.
    fn run_without_a_change(self, opened: &Opened<M::Disk>) -> Result<Saved<M>, SaveError> {
        let saving = self.keep(opened, Attributes::default())?;
        self.base.savings().publish(Arc::clone(&saving));
        saving.end(source::SavingEnd::Done);
        log::end(self.options.journal.as_ref(), Record::Done)?;
        self.mapped(opened, Vec::new(), Vec::new(), false)
    }

    pub(super) fn open_again(&self) -> Result<Opened<M::Disk>, SaveError> {
        let mapped =
            self.base.map().mapping().facts().map_err(failed("cannot look at", &self.path))?;
        let mapped = mapped.ok_or(SaveError::NoFile)?;
        Opened::new(&self.disk, &self.path, &mapped, self.options.allows_device)
    }

    /// Puts the old and new bytes of all ranges where they are safe.
    fn keep(
        &self,
        opened: &Opened<M::Disk>,
        attributes: Attributes,
    ) -> Result<Arc<source::Saving<M>>, SaveError> {
        let plan = SavingPlan {
            way: SavingWay::InPlace,
            old_len: opened.facts.len,
            new_len: self.new_len(opened),
            state: self.number,
        };
        let journal = self.options.journal.as_ref();
        let log = Log::new(journal, plan, attributes)?;
        let kept = self.fill(opened, log);
        if kept.is_err() {
            log::end(journal, Record::Back).ok();
        }
        kept
    }

    fn fill(
        &self,
        opened: &Opened<M::Disk>,
        mut log: Log<'_, M::Disk>,
    ) -> Result<Arc<source::Saving<M>>, SaveError> {
        let sides = self.sides(opened);
        for span in &self.examined.spans {
            let (old, new) = sides.load(span)?;
            // From here on what was read now is compared, so it has to be what was seen.
            let conflicts = sides.conflicts(span, &old, &new)?;
            if !conflicts.is_empty() {
                return Err(SaveError::Conflicts(conflicts));
            }
            log.add(span, old, new)?;
        }
        log.finish(&self.disk)
    }

    /// The length that the file will have: if others wrote behind its end, that stays.
    fn new_len(&self, opened: &Opened<M::Disk>) -> u64 {
        let (was, new) = (self.base.len(), self.version.len());
        if new == was && !self.has_doubtful_len(opened.facts.len) {
            opened.facts.len.max(new)
        } else {
            new
        }
    }

    /// Writes what is kept, from there. After an error it says of how many ranges something may have been
    /// written.
    fn write(
        &self,
        opened: &Opened<M::Disk>,
        saving: &source::Saving<M>,
        progress: &Progress,
    ) -> Result<Vec<Loss>, (usize, Stopped)> {
        let (disk, file) = (&self.disk, &opened.file);
        let mut len = opened.facts.len;
        let has_len = |len: u64| match disk.facts(file)?.len {
            now if now == len => Ok(()),
            _ => Err(io::Error::other("another program cut it or wrote more meanwhile")),
        };
        for (index, range) in saving.ranges().iter().enumerate() {
            if progress.is_cancelled() {
                return Err((index, Stopped::Cancelled));
            }
            let (old, new) =
                kept(saving, range).map_err(|error| (index, Stopped::Failed(error)))?;
            let mut now = vec![0; old.len()];
            io_steps::read(disk, file, &mut now, range.old.start)
                .map_err(|error| (index, Stopped::Failed(error)))?;
            if now != old {
                let conflict = super::Conflict { range: range.old.clone(), seen: old, now, new };
                return Err((index, Stopped::Conflict(conflict)));
            }
            // What others wrote behind the end meanwhile is in no old bytes.
            if range.new_range().end > len {
                has_len(len).map_err(|error| (index, Stopped::Failed(error)))?;
                len = range.new_range().end;
            }
            io_steps::write(disk, file, &new, range.old.start)
                .map_err(|error| (index.saturating_add(1), Stopped::Failed(error)))?;
            progress.add_done(range.new_len);
        }
        let count = saving.ranges().len();
        let not_synced = |error| (count, Stopped::NotSynced(error));
        let new_len = self.new_len(opened);
        let is_doubtful = self.has_doubtful_len(opened.facts.len);
        disk.sync(file, new_len != opened.facts.len).map_err(not_synced)?;
        // A length that a failed sync left is set again, so that it is brought to the device.
        if new_len < opened.facts.len || is_doubtful {
            has_len(len).map_err(|error| (count, Stopped::Failed(error)))?;
            disk.set_len(file, new_len).map_err(|error| (count, Stopped::Failed(error)))?;
            disk.sync(file, true).map_err(not_synced)?;
        }
        if opened.facts.kind != NodeKind::File {
            return Ok(Vec::new());
        }
        let attributes = saving.attributes();
        let lost =
            disk.give_back(file, attributes).map_err(|error| (count, Stopped::Failed(error)))?;
        if attributes.takes_sync() {
            disk.sync(file, true).map_err(not_synced)?;
        }
        Ok(lost.into_iter().map(Loss::Attribute).collect())
    }

    fn unfinished(&self, saving: &source::Saving<M>, source: io::Error) -> SaveError {
        SaveError::Unfinished {
            journal: log::path(self.options.journal.as_ref()),
            ranges: saving.ranges().iter().map(source::SavedRange::new_range).collect(),
            source,
        }
    }

    /// Maps the file as it is now.
    fn mapped(
        &self,
        opened: &Opened<M::Disk>,
        ranges: Vec<Range<u64>>,
        losses: Vec<Loss>,
        mut is_replaced: bool,
    ) -> Result<Saved<M>, SaveError> {
        let was = self.base.map();
        // If another file has the name, what was saved is in the one that is mapped.
        let map = if is_replaced {
            Arc::clone(was)
        } else {
            let now = M::open_on(&self.disk, &self.path).map_err(SaveError::NotMapped)?;
            let is_same = |facts: Facts| facts.is_same_file(&opened.facts);
            is_replaced = !now.mapping().facts().ok().flatten().is_some_and(is_same);
            // The file is mapped once, as long as the old map shows what was written. On a file system that
            // copies a file when it is first written to, it never does.
            let is_shown = is_replaced || was.len() == now.len() && shows_same(was, &now, &ranges);
            if is_shown { Arc::clone(was) } else { Arc::new(now) }
        };
        let source = self.base.next(map);
        let saving = Saving { way: Way::InPlace, ranges, losses, other: None, is_replaced };
        Ok(Saved { saving, state: self.state, source })
    }
}

/// Old and new bytes of a range.
pub(super) fn kept<M: Mapping>(
    saving: &source::Saving<M>,
    range: &source::SavedRange,
) -> io::Result<(Vec<u8>, Vec<u8>)> {
    let len = |len: u64| usize::try_from(len).map_err(io::Error::other);
    let mut old = vec![0; len(range.old.end.saturating_sub(range.old.start))?];
    let mut new = vec![0; len(range.new_len)?];
    saving.read(range.old_at, &mut old).map_err(io::Error::other)?;
    saving.read(range.new_at, &mut new).map_err(io::Error::other)?;
    Ok((old, new))
}

/// Whether two maps of the file show the same at the ends of the ranges that were written.
fn shows_same<M: Mapping>(a: &Map<M>, b: &Map<M>, ranges: &[Range<u64>]) -> bool {
    /// Bytes that are compared of each end of a range.
    const END: u64 = 4096;
    ranges.iter().all(|range| {
        let (first, last) = (range.start.saturating_add(END), range.end.saturating_sub(END));
        let ends = [range.start..first.min(range.end), last.max(range.start)..range.end];
        ends.iter().all(|end| {
            let len = usize::try_from(end.end.saturating_sub(end.start)).unwrap_or(0);
            match (a.read_at(end.start, len), b.read_at(end.start, len)) {
                (Ok(a), Ok(b)) => a == b,
                _ => false,
            }
        })
    })
}
