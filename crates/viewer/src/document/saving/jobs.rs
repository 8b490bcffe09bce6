//! Plans to save, and saves, as jobs.

use memmap::edit::{FileDraft, FilePlan, SaveError, SavedFile};

use crate::document::saving::sheet::PlanSheet;
use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::handed::Handed;
use crate::job::{Job, Never, OnQuit, Priority};
use crate::source::file_stat::FileStat;

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
        let saved = plan.run(&cx.outbox.controls.scans)?;
        Ok(Box::new(SavedNow { saved, stat: FileStat::of(&path).ok() }))
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
