use memmap_core::disk::{Disk, Process};
use memmap_core::widen;

use super::frame::Payload;
use super::reader::{End, Reader};
use super::record::{Edit, Record, SavingPlan, SavingWay};
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
    /// The number of edits. One that was typed key by key counts once.
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
    states: States,
    /// The savings in place since the file was opened, or last written anew.
    versions: usize,
    /// The length that the file was left with, if that is known.
    file_len: Option<u64>,
}

/// From which states others were made.
#[derive(Debug, Clone, Default)]
struct States {
    /// Of state 1 and those that follow.
    made: Vec<Made>,
    /// Whether numbers came that do not follow each other: a session after a rewrite counts anew.
    are_unknown: bool,
}

#[derive(Debug, Clone, Copy)]
struct Made {
    parent: u32,
    /// Whether another program appended to the file.
    is_growth: bool,
}

impl States {
    /// Takes an edit. Returns whether it made a state, and did not add to the current one.
    fn add(&mut self, edit: &Edit, current: u32, is_growth: bool) -> bool {
        let next = widen(self.made.len()).saturating_add(1);
        if u64::from(edit.state) == next && edit.parent < edit.state {
            self.made.push(Made { parent: edit.parent, is_growth });
            return true;
        }
        let is_amended = edit.state == current && u64::from(edit.state) < next;
        self.are_unknown |= !is_amended;
        !is_amended
    }

    /// The number of edits between two states, over the last one that both were made from.
    fn between(&self, one: u32, other: u32) -> Option<u64> {
        let (mut one, mut other, mut count) = (one, other, 0);
        while one != other {
            // A state has a greater number than the one that it was made from.
            let later = one.max(other);
            let index = usize::try_from(later).ok()?.checked_sub(1)?;
            let Made { parent, is_growth } = *self.made.get(index).filter(|_| !self.are_unknown)?;
            count += u64::from(!is_growth);
            if one == later { one = parent } else { other = parent }
        }
        Some(count)
    }
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
                let grown_to = self.file_len.and_then(|len| edit.grown_to(self.versions, len));
                let is_new = self.states.add(edit, self.current, grown_to.is_some());
                match grown_to {
                    None => self.edits += u64::from(is_new),
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
                    self.versions = match plan.way {
                        SavingWay::InPlace => self.versions.saturating_add(1),
                        SavingWay::Rewrite => 0,
                    };
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

    /// The number of edits between the state that the file has and the current one.
    pub fn unsaved(&self) -> u64 {
        self.states.between(self.saved, self.current).unwrap_or(self.edits)
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
