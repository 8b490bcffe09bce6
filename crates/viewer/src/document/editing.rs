//! The edits of a document: an overlay over its file, and the journal that they go to.

use std::path::Path;
use std::sync::Arc;

use memmap::edit::journal::JournalOptions;
use memmap::edit::{Disk, EditedFile, Journal, Journals};
use memmap::{MemMap, Mode};

use crate::document::Document;
use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::{Job, Never, Priority};
use crate::source::handle::SourceHandle;

/// What makes a document writable.
#[derive(Debug)]
pub(crate) struct Editing {
    pub(crate) overlay: EditedFile,
    /// Where edits go at once; or why they go nowhere.
    pub(crate) journal: Result<Arc<Journal>, String>,
}

/// Opens a document's file to be edited. Nothing is written to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EditJob {
    /// The folder of journals; `None`: the user wants none, or there is no place for one.
    pub(crate) journals: Option<std::path::PathBuf>,
}

impl Job for EditJob {
    type Event = Never;
    type Output = Box<Editing>;

    fn priority(&self) -> Priority {
        Priority::Visible
    }

    fn title(&self) -> String {
        "open for editing".to_owned()
    }

    fn run(self, cx: &JobContext<'_, Never>) -> Result<Box<Editing>, JobError> {
        let path = cx.source.path().ok_or(JobError::NotEditable)?;
        let overlay = EditedFile::new(MemMap::open(path, Mode::Read)?);
        let journal = match &self.journals {
            Some(folder) => begin_journal(folder, &overlay),
            None => Err("there is no journal".to_owned()),
        };
        let mut editing = Editing { overlay, journal };
        if let Ok(journal) = &editing.journal {
            let recorder: Arc<Journal> = Arc::clone(journal);
            editing.overlay.record_to(recorder);
        }
        Ok(Box::new(editing))
    }
}

fn begin_journal(folder: &Path, overlay: &EditedFile) -> Result<Arc<Journal>, String> {
    let begin = || -> Result<Journal, Box<dyn std::error::Error>> {
        let journals = Journals::open(Disk, folder)?;
        Ok(journals.create_of(overlay, JournalOptions::default())?)
    };
    begin().map(Arc::new).map_err(|error| error.to_string())
}

impl Document {
    /// Starts editing. What is shown is the overlay's version from now on.
    pub(crate) fn start_editing(&mut self, editing: Box<Editing>) {
        self.editing = Some(editing);
        self.show_edits(false);
    }

    /// Shows the version that the overlay has now. `moves`: bytes after the first change have other offsets.
    pub(crate) fn show_edits(&mut self, moves: bool) {
        let Some(editing) = &self.editing else { return };
        let source = SourceHandle::new(editing.overlay.view().erase());
        self.edits.count(editing);
        if moves {
            self.reload(Some(source.clone()), source.len());
        } else {
            self.replace_source(source);
            self.rewritten();
        }
    }
}
