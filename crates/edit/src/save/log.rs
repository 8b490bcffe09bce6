use std::path::PathBuf;
use std::sync::Arc;

use memmap_core::disk::{Attributes, Disk, Stored};
use memmap_core::widen;

use super::SaveError;
use super::spans::Span;
use crate::journal::{Journal, Record, SavingDigest, SavingPlan, SavingRange};
use crate::source::{Kept, SavedRange, Saving};

/// Where the old and new bytes of a saving in place are kept before the file changes: in the journal, and
/// durable, or in memory.
#[derive(Debug)]
pub(super) struct Log<'j, D: Disk> {
    journal: Option<&'j Arc<Journal<D>>>,
    attributes: Attributes,
    memory: Vec<u8>,
    ranges: Vec<SavedRange>,
    /// Records that are not written yet.
    batch: Vec<Record>,
    batch_len: usize,
    digest: SavingDigest,
}

/// How much is written to the journal at once.
const BATCH_LEN: usize = 8 << 20;

/// Room for the records that end a saving.
const END_LEN: u64 = 4096;

impl<'j, D: Disk> Log<'j, D> {
    pub(super) fn new(
        journal: Option<&'j Arc<Journal<D>>>,
        plan: SavingPlan,
        attributes: Attributes,
    ) -> Result<Self, SaveError> {
        let mut digest = SavingDigest::default();
        let plan = Record::Plan(plan);
        digest.add(&plan);
        let taken = attributes.takes_sync().then(|| Record::Attributes((&attributes).into()));
        if let Some(taken) = &taken {
            digest.add(taken);
        }
        if let Some(journal) = journal {
            let records: Vec<Record> = std::iter::once(plan).chain(taken).collect();
            journal.append_now(&records)?;
        }
        Ok(Self {
            journal,
            attributes,
            memory: Vec::new(),
            ranges: Vec::new(),
            batch: Vec::new(),
            batch_len: 0,
            digest,
        })
    }

    /// Adds a range with its bytes.
    pub(super) fn add(&mut self, span: &Span, old: Vec<u8>, new: Vec<u8>) -> Result<(), SaveError> {
        let (old_len, new_len) = (widen(old.len()), widen(new.len()));
        let range = SavedRange { old: span.old(), old_at: 0, new_len, new_at: 0 };
        self.ranges.push(range);
        if self.journal.is_none() {
            let old_at = widen(self.memory.len());
            self.memory.extend(old);
            self.memory.extend(new);
            if let Some(range) = self.ranges.last_mut() {
                (range.old_at, range.new_at) = (old_at, old_at.saturating_add(old_len));
            }
            return Ok(());
        }
        self.batch_len = self.batch_len.saturating_add(old.len()).saturating_add(new.len());
        let range = Record::Range(SavingRange { start: span.start, old, new });
        self.digest.add(&range);
        self.batch.push(range);
        if self.batch_len >= BATCH_LEN { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> Result<(), SaveError> {
        let Some(journal) = self.journal else { return Ok(()) };
        let first = self.ranges.len().saturating_sub(self.batch.len());
        let positions = journal.append_now(&self.batch)?;
        for (range, position) in self.ranges.iter_mut().skip(first).zip(positions) {
            range.old_at = position.old.map_or(0, |old| old.start);
            range.new_at = position.new.map_or(0, |new| new.start);
        }
        self.batch.clear();
        self.batch_len = 0;
        Ok(())
    }

    /// Ends the list. From here on the file may change.
    pub(super) fn finish<M: Stored<Disk = D>>(
        mut self,
        disk: &D,
    ) -> Result<Arc<Saving<M>>, SaveError> {
        let Some(journal) = self.journal else {
            return Ok(Arc::new(Saving::new(
                self.ranges,
                Kept::Memory(self.memory),
                self.attributes,
            )));
        };
        self.write()?;
        journal.append_now(&[self.digest.planned()])?;
        journal.reserve(END_LEN)?;
        journal.require_named()?;
        let map = M::open_on(disk, &journal.path())?;
        Ok(Arc::new(Saving::new(self.ranges, Kept::Mapped(map), self.attributes)))
    }
}

/// Writes how a saving ended.
pub(super) fn end<D: Disk>(
    journal: Option<&Arc<Journal<D>>>,
    record: Record,
) -> Result<(), crate::JournalError> {
    journal.map_or(Ok(()), |journal| journal.append_now(&[record]).map(drop))
}

/// The path of the journal, for messages.
pub(super) fn path<D: Disk>(journal: Option<&Arc<Journal<D>>>) -> Option<PathBuf> {
    journal.map(|journal| journal.path())
}
