//! Opens what a journal has of a file, so that it is compared with the file as it is now. Nothing is written.

use std::ops::Range;

use memmap::edit::journal::{Reader, Record};
use memmap::edit::{Disk, EditedFile, Journals, RecoverError};
use memmap::{MemMap, Mode};

use crate::document::saving::recovery::JournalPlace;
use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::{Job, Never, Priority};
use crate::source::handle::SourceHandle;

/// More bytes than this are not taken into memory, but read from the journal when they are shown.
const MEMORY_MAX: usize = 64 << 10;

/// Which version of a file a journal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// The one before a saving that was cut short.
    BeforeSaving,
    /// The one with the edits that were not saved.
    WithEdits,
}

/// Opens that version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeptVersionJob {
    pub(crate) place: JournalPlace,
    pub(crate) kept: Kept,
}

impl Job for KeptVersionJob {
    type Event = Never;
    type Output = SourceHandle;

    fn priority(&self) -> Priority {
        Priority::Visible
    }

    fn title(&self) -> String {
        "open what the journal has".to_owned()
    }

    fn run(self, _: &JobContext<'_, Never>) -> Result<SourceHandle, JobError> {
        let JournalPlace { folder, name, path } = &self.place;
        let map = MemMap::open(path, Mode::Read)?;
        let journals = Journals::open(Disk, folder).map_err(RecoverError::from)?;
        let version = match self.kept {
            Kept::BeforeSaving => before_saving(map, &journals, &self.place)?,
            Kept::WithEdits => EditedFile::replay(map, &journals, name)
                .map_err(|error| JobError::Replay(error.to_string()))?,
        };
        Ok(SourceHandle::of_version(version.view().erase()))
    }
}

/// A saving of the journal.
#[derive(Default)]
struct Saving {
    /// The length of the file before it.
    old_len: u64,
    ranges: Vec<SavedRange>,
}

/// A range with its old bytes: themselves if they are few, and where in the journal they are.
struct SavedRange {
    start: u64,
    bytes: Option<Vec<u8>>,
    kept: Range<u64>,
}

/// The file with the old bytes of the savings that have no end.
fn before_saving(
    map: MemMap,
    journals: &Journals,
    place: &JournalPlace,
) -> Result<EditedFile, RecoverError> {
    let file = journals.file(&place.name)?;
    let mut reader = Reader::open(&Disk, &file)?;
    let (mut planned, mut begun) = (None, Vec::new());
    while let Some((position, record)) = reader.next()? {
        match record {
            Record::Plan(plan) => {
                planned = Some(Saving { old_len: plan.old_len, ..Saving::default() });
            }
            Record::Range(range) => {
                if let (Some(saving), Some(kept)) = (&mut planned, position.old) {
                    let bytes = Some(range.old).filter(|old| old.len() <= MEMORY_MAX);
                    saving.ranges.push(SavedRange { start: range.start, bytes, kept });
                }
            }
            Record::Planned { .. } => begun.extend(planned.take()),
            Record::Back if planned.take().is_none() => drop(begun.pop()),
            Record::Done => {
                planned = None;
                begun.clear();
            }
            _ => {}
        }
    }
    let journal = journals.path().join(&place.name);
    let mut version = EditedFile::new(map);
    // Each wrote over what those before it left.
    for saving in begun.iter().rev() {
        for SavedRange { start, bytes, kept } in &saving.ranges {
            let len = kept.end.saturating_sub(kept.start);
            // Another program cut the file: between its end and these bytes is nothing.
            if *start > version.len() || len == 0 {
                continue;
            }
            let range = *start..start.saturating_add(len).min(version.len());
            if let Some(bytes) = bytes {
                version.replace(range, bytes)?;
            } else {
                let old = MemMap::options().mode(Mode::Read).offset(kept.start).len(len);
                version.delete(range)?;
                version.insert_map(*start, old.open(&journal)?)?;
            }
        }
        if version.len() > saving.old_len {
            version.delete(saving.old_len..)?;
        }
    }
    Ok(version)
}
