//! Reads and writes lists of notes, as jobs.

use std::fmt;
use std::path::PathBuf;

use memmap::{MemMap, Mode};

use crate::format::note_list::{self, NoteEntry};
use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::new_file::{is_same, write_text};
use crate::job::{Job, Never, OnQuit, Priority};

/// The longest list that is read.
const LEN_MAX: u64 = 4 << 20;

/// Writes notes to a file. Another file of that name is kept, unless it is to be replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExportNotesJob {
    pub(crate) notes: Vec<NoteEntry>,
    pub(crate) path: PathBuf,
    pub(crate) replaces: bool,
}

/// Summary of an export.
#[derive(Debug)]
pub(crate) struct ExportedNotes {
    count: usize,
    path: PathBuf,
}

/// `1 note`, `2 notes`.
pub(crate) fn notes(count: usize) -> String {
    format!("{count} note{}", if count == 1 { "" } else { "s" })
}

impl fmt::Display for ExportedNotes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} written to {:?}", notes(self.count), self.path)
    }
}

impl Job for ExportNotesJob {
    type Event = Never;
    type Output = ExportedNotes;
    const ON_QUIT: OnQuit = OnQuit::Ask;

    fn title(&self) -> String {
        "export of notes".to_owned()
    }

    fn run(self, cx: &JobContext<'_, Never>) -> Result<ExportedNotes, JobError> {
        let Self { notes, path, replaces } = self;
        if cx.source.path().is_some_and(|shown| is_same(shown, &path)) {
            return Err(JobError::IsShown(path));
        }
        write_text(&path, &note_list::write(&notes), replaces)?;
        Ok(ExportedNotes { count: notes.len(), path })
    }
}

/// Reads notes from a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ImportNotesJob {
    pub(crate) path: PathBuf,
    /// The number of the state that the places are in.
    pub(crate) state: u32,
}

/// Notes that were read.
#[derive(Debug)]
pub(crate) struct ImportedNotes {
    pub(crate) notes: Vec<NoteEntry>,
    pub(crate) state: u32,
}

impl Job for ImportNotesJob {
    type Event = Never;
    type Output = ImportedNotes;

    fn priority(&self) -> Priority {
        Priority::Visible
    }

    fn title(&self) -> String {
        "import of notes".to_owned()
    }

    fn run(self, cx: &JobContext<'_, Never>) -> Result<ImportedNotes, JobError> {
        let Self { path, state } = self;
        let map = MemMap::open(&path, Mode::Read)?;
        if map.len() > LEN_MAX {
            return Err(JobError::NotNotes(map.len()));
        }
        let text = map.read_at(0, usize::try_from(map.len()).unwrap_or(0))?;
        let notes = note_list::read(&text, cx.mapping().len());
        let notes = notes.map_err(|error| {
            // The folder would leave no room for the reason.
            JobError::Notes(path.file_name().map_or_else(|| path.clone(), PathBuf::from), error)
        })?;
        Ok(ImportedNotes { notes, state })
    }
}
