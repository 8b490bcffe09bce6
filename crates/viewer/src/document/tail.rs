//! Opens an edited file once more, to take what another program appended.

use memmap::{MemMap, Mode};

use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::{Job, Never, Priority};
use crate::source::file_stat::FileStat;

/// Opens the file that a document edits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TailJob;

/// The file as it is now.
#[derive(Debug)]
pub(crate) struct Tail {
    pub(crate) map: MemMap,
    /// Its metadata before and after it was opened: it may be replaced meanwhile.
    pub(crate) stats: [FileStat; 2],
}

impl Job for TailJob {
    type Event = Never;
    type Output = Box<Tail>;

    fn priority(&self) -> Priority {
        Priority::Visible
    }

    fn title(&self) -> String {
        "reload".to_owned()
    }

    fn run(self, cx: &JobContext<'_, Never>) -> Result<Box<Tail>, JobError> {
        let path = cx.source.path().ok_or(JobError::NotEditable)?;
        let stat = || FileStat::of(path).map_err(|error| JobError::Ended(error.to_string()));
        let before = stat()?;
        let map = MemMap::open(path, Mode::Read)?;
        Ok(Box::new(Tail { map, stats: [before, stat()?] }))
    }
}
