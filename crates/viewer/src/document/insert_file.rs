//! Reads a file that is to be inserted, as a job.

use std::path::PathBuf;
use std::sync::Arc;

use memmap::edit::{Journal, TakeError, TakenFile};
use memmap::{MemMap, Mode};

use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::handed::Handed;
use crate::job::{Job, Never, Priority};

/// The longest file whose bytes are kept in memory. A longer one is copied beside the journal.
const LEN_MAX: u64 = 4 << 20;

/// Reads a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InsertFileJob {
    pub(crate) path: PathBuf,
    /// Where its bytes are inserted.
    pub(crate) at: u64,
    /// The number of the state that this place is in.
    pub(crate) state: u32,
    /// Where the edits of the document go, if they go anywhere.
    pub(crate) journal: Option<Handed<Arc<Journal>>>,
}

/// The bytes to insert.
#[derive(Debug)]
pub(crate) struct FileBytes {
    pub(crate) bytes: FileCopy,
    pub(crate) at: u64,
    pub(crate) state: u32,
}

/// A copy of a file.
#[derive(Debug)]
pub(crate) enum FileCopy {
    Memory(Vec<u8>),
    Spooled(TakenFile),
}

impl Job for InsertFileJob {
    type Event = Never;
    type Output = FileBytes;

    fn priority(&self) -> Priority {
        Priority::Visible
    }

    fn title(&self) -> String {
        "read the file to insert".to_owned()
    }

    fn run(self, cx: &JobContext<'_, Never>) -> Result<FileBytes, JobError> {
        let Self { path, at, state, journal } = self;
        let map = MemMap::open(path, Mode::Read)?;
        let len = map.len();
        if len <= LEN_MAX {
            let bytes = map.read_at(0, usize::try_from(len).unwrap_or(0))?;
            return Ok(FileBytes { bytes: FileCopy::Memory(bytes), at, state });
        }
        let journal = journal.and_then(|journal| journal.take());
        let journal = journal.ok_or(JobError::TooLong { len, most: LEN_MAX })?;
        cx.expect(len);
        let taken = journal.take(&map, &cx.outbox.controls.scans).map_err(|error| match error {
            TakeError::Cancelled => JobError::Cancelled,
            TakeError::Map(error) => JobError::Source(error),
            error => JobError::Ended(format!("not inserted: {error}")),
        })?;
        Ok(FileBytes { bytes: FileCopy::Spooled(taken), at, state })
    }
}
