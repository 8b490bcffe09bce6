//! Plans to save, and saves, as jobs.

use std::path::PathBuf;

use memmap::edit::{FileDraft, FilePlan, SaveError, SavedFile};

use crate::document::saving::sheet::PlanSheet;
use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::handed::Handed;
use crate::job::{Job, Never, OnQuit, Priority};
use crate::source::file_stat::FileStat;
use crate::source::shown;

/// Looks at all that saving a version needs. Nothing is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlanJob {
    pub(crate) draft: Handed<FileDraft>,
}

/// A plan, and what it says.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) plan: FilePlan,
    pub(crate) sheet: PlanSheet,
}

impl Job for PlanJob {
    type Event = Never;
    type Output = Box<Planned>;

    fn priority(&self) -> Priority {
        Priority::Visible
    }

    fn is_listed(&self) -> bool {
        true
    }

    fn title(&self) -> String {
        "look at what is to be saved".to_owned()
    }

    fn run(self, cx: &JobContext<'_, Never>) -> Result<Box<Planned>, JobError> {
        let draft = self.draft.take().ok_or(JobError::Cancelled)?;
        let plan = draft.plan(&cx.outbox.controls.scans)?;
        let sheet = PlanSheet::of(&plan);
        Ok(Box::new(Planned { plan, sheet }))
    }
}

/// Does what a plan says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SaveJob {
    pub(crate) plan: Handed<FilePlan>,
    /// The bytes that are written, for the progress.
    pub(crate) bytes: u64,
}

/// What was saved.
#[derive(Debug)]
pub(crate) struct SavedNow {
    pub(crate) saved: SavedFile,
    /// The file's metadata since.
    pub(crate) stat: Option<FileStat>,
}

impl Job for SaveJob {
    type Event = Never;
    type Output = Box<SavedNow>;
    const ON_QUIT: OnQuit = OnQuit::Finish;

    fn priority(&self) -> Priority {
        Priority::Visible
    }

    fn is_listed(&self) -> bool {
        true
    }

    fn title(&self) -> String {
        "save".to_owned()
    }

    fn run(self, cx: &JobContext<'_, Never>) -> Result<Box<SavedNow>, JobError> {
        let plan = self.plan.take().ok_or(JobError::Cancelled)?;
        let path = plan.path().to_owned();
        cx.expect(self.bytes);
        // It was shown, and a person said yes.
        let saved = plan.accept_unseen().run(&cx.outbox.controls.scans)?;
        Ok(Box::new(SavedNow { saved, stat: FileStat::of(&path).ok() }))
    }
}

/// Writes the whole version under another name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SaveAsJob {
    pub(crate) draft: Handed<FileDraft>,
    pub(crate) path: PathBuf,
    /// Whether a file that has the name is replaced.
    pub(crate) replaces: bool,
}

impl Job for SaveAsJob {
    type Event = Never;
    type Output = String;
    const ON_QUIT: OnQuit = OnQuit::Ask;

    fn title(&self) -> String {
        format!("write all to \"{}\"", shown(&self.path))
    }

    fn run(self, cx: &JobContext<'_, Never>) -> Result<String, JobError> {
        let draft = self.draft.take().ok_or(JobError::Cancelled)?;
        let own = cx.source.path().and_then(|path| path.canonicalize().ok());
        if own.is_some() && self.path.canonicalize().ok() == own {
            return Err(JobError::Ended("this is the edited file itself: :w saves it".to_owned()));
        }
        cx.expect(cx.source.len());
        let len = draft.write_to(&self.path, self.replaces, &cx.outbox.controls.scans)?;
        Ok(format!("{len} bytes written to \"{}\"", shown(&self.path)))
    }
}

impl From<SaveError> for JobError {
    fn from(error: SaveError) -> Self {
        match error {
            SaveError::Cancelled => Self::Cancelled,
            error => Self::Save(Box::new(error)),
        }
    }
}
