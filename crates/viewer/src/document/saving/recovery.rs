//! What earlier sessions left of a file: a saving that was cut short, or edits that were not saved.

use std::ffi::OsString;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use memmap::edit::journal::{JournalOptions, Listed, Record, Standing, Summary};
use memmap::edit::{
    self, Direction, Disk, Journal, JournalError, Journals, RecoverError, UnfinishedFile,
};

use crate::document::saving::kept_version::Kept;
use crate::format::units::in_units;
use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::{Job, Never, OnQuit, Priority};
use crate::source::shown;

/// What is asked about a file before it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recovery {
    pub(crate) place: JournalPlace,
    /// When that session wrote last.
    pub(crate) when: String,
    pub(crate) found: Found,
    /// The chosen line.
    pub(crate) chosen: usize,
    /// Whether the choice waits to be confirmed.
    pub(crate) is_asked: bool,
    /// Whether what was chosen is being done.
    pub(crate) is_running: bool,
    /// Whether the file is to be edited when this is settled.
    pub(crate) wants_edits: bool,
}

/// A journal, and its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JournalPlace {
    pub(crate) folder: PathBuf,
    pub(crate) name: OsString,
    pub(crate) path: PathBuf,
}

/// What there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// A saving was cut short.
    Unfinished {
        /// Each range, and what it has now.
        ranges: Vec<(Range<u64>, String)>,
        /// Bytes that are new, and bytes that are still old.
        new: u64,
        old: u64,
    },
    /// A saving was cut short, and another program wrote to the file since. Empty: it is another file.
    Foreign(Vec<Range<u64>>),
    /// Edits that were not saved, or that were discarded.
    Unsaved { edits: u64, is_discarded: bool },
    /// A session that goes on, by its process number.
    InUse(u32),
}

/// What can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    Restore,
    Finish,
    TakeEdits,
    Discard,
    Compare,
    OpenReadOnly,
}

impl Recovery {
    pub(crate) fn choices(&self) -> &'static [Choice] {
        match &self.found {
            Found::Unfinished { .. } => {
                &[Choice::Restore, Choice::Finish, Choice::Compare, Choice::OpenReadOnly]
            }
            Found::Unsaved { is_discarded: false, .. } => {
                &[Choice::TakeEdits, Choice::Discard, Choice::Compare, Choice::OpenReadOnly]
            }
            Found::Unsaved { .. } => &[Choice::TakeEdits, Choice::Compare, Choice::OpenReadOnly],
            Found::Foreign(ranges) if !ranges.is_empty() => {
                &[Choice::Compare, Choice::OpenReadOnly]
            }
            Found::Foreign(_) | Found::InUse(_) => &[Choice::OpenReadOnly],
        }
    }

    pub(crate) fn choice(&self) -> Choice {
        self.choices().get(self.chosen).copied().unwrap_or(Choice::OpenReadOnly)
    }

    /// What it is compared with.
    pub(crate) const fn kept(&self) -> Kept {
        match self.found {
            Found::Unsaved { .. } => Kept::WithEdits,
            _ => Kept::BeforeSaving,
        }
    }

    /// What a choice would write to the file.
    pub(crate) fn writes(&self, choice: Choice) -> u64 {
        match (choice, &self.found) {
            (Choice::Restore, Found::Unfinished { new, .. }) => *new,
            (Choice::Finish, Found::Unfinished { old, .. }) => *old,
            _ => 0,
        }
    }
}

/// What earlier sessions left of a file, the most urgent first. `all`: also what was discarded. A saving that
/// left nothing to decide is ended in its journal.
///
/// # Errors
/// [`RecoverError`]: there is something, and it cannot be looked at.
pub(crate) fn look(
    folder: &Path,
    path: &Path,
    all: bool,
) -> Result<Option<Recovery>, RecoverError> {
    if !folder.is_dir() {
        return Ok(None);
    }
    // The names beside it are those of the file itself, not of a link to it.
    let Ok(path) = &path.canonicalize() else { return Ok(None) };
    let journals = Journals::open(Disk, folder)?;
    let mut listed = journals.find(path)?;
    // The newest first, and a saving that was cut short before anything else.
    listed.reverse();
    listed.sort_by_key(|it| match it.standing {
        Standing::UnfinishedSaving => 0,
        Standing::InUse(_) | Standing::MaybeInUse(_) => 2,
        _ => 1,
    });
    for it in listed {
        let found = match &it.standing {
            Standing::UnfinishedSaving => match unfinished(&journals, &it, path)? {
                Some(found) => found,
                // It is settled: only its edits may be left.
                None => return look(folder, path, all),
            },
            Standing::Unsaved => unsaved(&it, false),
            Standing::Discarded if all => unsaved(&it, true),
            Standing::InUse(process) | Standing::MaybeInUse(process) => Found::InUse(process.id),
            _ => continue,
        };
        let place = JournalPlace {
            folder: folder.to_owned(),
            name: it.name.clone(),
            path: path.to_owned(),
        };
        let when = when(&it);
        return Ok(Some(Recovery {
            place,
            when,
            found,
            chosen: 0,
            is_asked: false,
            is_running: false,
            wants_edits: false,
        }));
    }
    Ok(None)
}

fn unsaved(it: &Listed, is_discarded: bool) -> Found {
    Found::Unsaved { edits: it.summary.as_ref().map_or(0, Summary::unsaved), is_discarded }
}

/// What the file has; `None` if nothing is left to do, which the journal says since.
fn unfinished(
    journals: &Journals,
    it: &Listed,
    path: &Path,
) -> Result<Option<Found>, RecoverError> {
    let options = JournalOptions::default();
    let unfinished = UnfinishedFile::open(journals, &it.name, path, options, false)?;
    Ok(Some(match unfinished.standing() {
        edit::Standing::Complete | edit::Standing::Untouched => {
            let direction = match unfinished.standing() {
                edit::Standing::Complete => Direction::Forward,
                _ => Direction::Back,
            };
            unfinished.run(direction)?;
            return Ok(None);
        }
        edit::Standing::Mixed(ranges) => Found::Unfinished {
            new: ranges.iter().map(|it| it.new).sum(),
            old: ranges.iter().map(|it| it.old).sum(),
            ranges: ranges.iter().map(|it| (it.range.clone(), of_range(it))).collect(),
        },
        edit::Standing::Changed(ranges) => Found::Foreign(ranges.clone()),
        edit::Standing::OtherFile => Found::Foreign(Vec::new()),
    }))
}

fn of_range(it: &edit::RangeStanding) -> String {
    match (it.new, it.old) {
        (_, 0) => "new bytes, complete".to_owned(),
        (0, _) => "old bytes".to_owned(),
        (new, old) => format!("{} new, {} old", in_units(new), in_units(old)),
    }
}

/// `2026-03-14 at 09:26:53`, in local time.
pub(crate) fn when(listed: &Listed) -> String {
    let zoned = listed.modified.and_then(|time| jiff::ZonedDateTime::try_from(time).ok());
    zoned.map_or_else(
        || "an unknown day".to_owned(),
        |time| time.strftime("%Y-%m-%d at %H:%M:%S").to_string(),
    )
}

/// Does what was chosen about a journal, other than to go on with its edits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RecoverJob {
    pub(crate) place: JournalPlace,
    pub(crate) choice: Choice,
}

/// What was done, and what is asked next.
#[derive(Debug)]
pub(crate) struct Recovered {
    pub(crate) text: String,
    pub(crate) next: Option<Box<Recovery>>,
}

impl Job for RecoverJob {
    type Event = Never;
    type Output = Recovered;
    const ON_QUIT: OnQuit = OnQuit::Finish;

    fn priority(&self) -> Priority {
        Priority::Visible
    }

    fn title(&self) -> String {
        format!("recover \"{}\"", shown(&self.place.path))
    }

    fn run(self, _: &JobContext<'_, Never>) -> Result<Recovered, JobError> {
        let JournalPlace { folder, name, path } = &self.place;
        let journals = Journals::open(Disk, folder).map_err(RecoverError::from)?;
        let options = JournalOptions::default();
        let run = |direction| -> Result<(), RecoverError> {
            UnfinishedFile::open(&journals, name, path, options, false)?.run(direction).map(drop)
        };
        let text = match self.choice {
            Choice::Restore => {
                run(Direction::Back)?;
                "the old bytes are back: the file is as it was before it was saved"
            }
            Choice::Finish => {
                run(Direction::Forward)?;
                "the saving is finished: the file has all new bytes"
            }
            Choice::Discard => {
                let discard = || -> Result<(), JournalError> {
                    let journal = journals.resume(name, options, false)?;
                    journal.append_now(&[Record::Discarded])?;
                    journal.close()
                };
                discard().map_err(RecoverError::from)?;
                "the edits are discarded; lazyhex --recover FILE has them for 7 days"
            }
            Choice::TakeEdits | Choice::Compare | Choice::OpenReadOnly => "",
        };
        Ok(Recovered { text: text.to_owned(), next: look(folder, path, false)?.map(Box::new) })
    }
}

impl From<RecoverError> for JobError {
    fn from(error: RecoverError) -> Self {
        Self::Recover(Box::new(error))
    }
}

/// Goes on with a journal: its edits over the file as it is now.
///
/// # Errors
/// What contradicts it, as a text.
pub(crate) fn resume(
    place: &JournalPlace,
    map: memmap::MemMap,
) -> Result<(edit::EditedFile, Arc<Journal>), Box<dyn std::error::Error>> {
    let journals = Journals::open(Disk, &place.folder)?;
    let overlay = edit::EditedFile::replay(map, &journals, &place.name)?;
    let journal = journals.resume(&place.name, JournalOptions::default(), false)?;
    Ok((overlay, Arc::new(journal)))
}
