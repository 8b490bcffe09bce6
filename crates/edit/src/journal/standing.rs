use memmap_core::disk::{Disk, Process};
use memmap_core::widen;

use super::frame::Payload;
use super::reader::{End, Reader};
use super::record::{Record, SavingPlan};
use super::{EndedBy, JournalError, OpenSavings, Rewriting};

/// What a journal is to who opens its file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Standing {
    /// A session uses it: this process, if the lock is not held by one that looks at it too.
    InUse(Process),
    /// It is from another host, where locks do not work: a person knows whether that session still runs.
    MaybeInUse(Process),
    /// A saving was cut short: the file may have old and new bytes.
    UnfinishedSaving,
    /// It has edits that were not saved.
    Unsaved,
    /// Nothing is left to do.
    Finished,
    /// Its edits were not wanted.
    Discarded,
    /// It has no header, so it never had a record.
    Empty,
    /// A later version of this program wrote it.
    UnknownVersion(u32),
    /// A later version of this program wrote records into it, of this kind.
    UnknownKind(u16),
    /// It is not a journal, or its header is damaged.
    Damaged,
    /// The system does not let it be read.
    Unreadable(String),
}

/// What the records of a journal say together.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Summary {
    /// The number of edits.
    pub edits: u64,
    /// The number of savings that are complete.
    pub savings: u64,
    /// The current state.
    pub current: u32,
    /// The state that the file has.
    pub saved: u32,
    /// The process that went on with it last; `None`: the one of the header.
    pub process: Option<Process>,
    /// A saving that may have changed the file, and has no end.
    pub saving: Option<SavingPlan>,
    /// The temporary file of that saving.
    pub rewriting: Option<Rewriting>,
    /// Whether its edits were discarded, and nothing came after it.
    pub is_discarded: bool,
    /// Whether the session ended, and nothing came after it.
    pub is_closed: bool,
    open: OpenSavings<Open>,
    /// The length that the file was left with, if that is known.
    file_len: Option<u64>,
}

/// A saving without an end.
#[derive(Debug, Clone)]
struct Open {
    plan: SavingPlan,
    digest: SavingDigest,
    rewriting: Option<Rewriting>,
}

impl Summary {
    /// Takes the next record.
    pub fn add(&mut self, record: &Record) {
        (self.is_discarded, self.is_closed) = match record {
            Record::Discarded => (true, false),
            Record::Closed => (self.is_discarded, true),
            Record::Resumed(_) => (self.is_discarded, false),
            _ => (false, false),
        };
        match record {
            Record::Edit(edit) => {
                match self.file_len.and_then(|len| edit.grown_to(len)) {
                    None => self.edits += 1,
                    // What another program appended is in the file already.
                    Some(len) => {
                        self.file_len = Some(len);
                        if self.current == self.saved {
                            self.saved = edit.state;
                        }
                    }
                }
                self.current = edit.state;
            }
            Record::GoTo { state, .. } => self.current = *state,
            Record::Plan(plan) => {
                let mut digest = SavingDigest::default();
                digest.add(record);
                self.open.plan(Open { plan: *plan, digest, rewriting: None });
            }
            Record::Attributes(_) | Record::Range(_) => {
                if let Some(open) = self.open.planned() {
                    open.digest.add(record);
                }
            }
            // Before all ranges are known nothing is written to the file.
            Record::Planned { .. } => self.open.begin(|open| open.digest.planned() == *record),
            Record::Rewriting(rewriting) => {
                self.open.begin(|_| true);
                if let Some(open) = self.open.last() {
                    open.rewriting = Some(rewriting.clone());
                }
            }
            Record::Done => {
                self.open.begin(|_| true);
                self.savings += 1;
                let done = self.open.done();
                if let Some(Open { plan, .. }) = done.last() {
                    self.saved = plan.state;
                    self.file_len = Some(plan.new_len);
                }
            }
            Record::Back => self.open.back(),
            Record::Resumed(process) => {
                self.open.resume();
                self.process = Some(process.clone());
            }
            Record::Marks(_)
            | Record::Unfinished
            | Record::Discarded
            | Record::Closed
            | Record::Spooled { .. } => {}
        }
        let open = self.open.last();
        self.saving = open.as_ref().map(|open| open.plan);
        self.rewriting = open.and_then(|open| open.rewriting.clone());
    }

    /// What the journal is, if no session uses it.
    pub const fn standing(&self) -> Standing {
        if self.saving.is_some() {
            Standing::UnfinishedSaving
        } else if self.is_discarded {
            Standing::Discarded
        } else if self.current != self.saved {
            Standing::Unsaved
        } else {
            Standing::Finished
        }
    }

    /// Reads a journal to its end.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn read<D: Disk>(reader: &mut Reader<'_, D>) -> Result<(Self, End), JournalError> {
        let mut summary = Self { file_len: Some(reader.header().file.len), ..Self::default() };
        while let Some((_, record)) = reader.next()? {
            summary.add(&record);
        }
        let end = reader.end().unwrap_or(End { at: 0, dropped: 0, by: EndedBy::Torn });
        Ok((summary, end))
    }
}

/// The digest of a saving: its plan and its ranges, in order.
#[derive(Debug, Clone, Default)]
pub struct SavingDigest {
    hasher: blake3::Hasher,
    ranges: u64,
}

impl SavingDigest {
    /// Takes the plan, and then attributes and each range.
    pub fn add(&mut self, record: &Record) {
        self.ranges += u64::from(matches!(record, Record::Range(_)));
        // What has no encoding is refused when it is appended.
        if let Ok(Payload { kind, bytes }) = Payload::of(record) {
            self.hasher.update(&kind.to_le_bytes());
            self.hasher.update(&widen(bytes.len()).to_le_bytes());
            self.hasher.update(&bytes);
        }
    }

    /// The record that says that all ranges were listed.
    pub fn planned(&self) -> Record {
        Record::Planned { count: self.ranges, digest: *self.hasher.finalize().as_bytes() }
    }
}
