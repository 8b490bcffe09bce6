//! Reads a file that is to be inserted, as a job.

use std::path::PathBuf;

use memmap::{MemMap, Mode};

use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::{Job, Never, Priority};

/// The longest file that is inserted: its bytes are kept in memory.
const LEN_MAX: u64 = 4 << 20;

/// Reads a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InsertFileJob {
    pub(crate) path: PathBuf,
    /// Where its bytes are inserted.
    pub(crate) at: u64,
    /// The number of the state that this place is in.
    pub(crate) state: u32,
}

/// The bytes to insert.
#[derive(Debug)]
pub(crate) struct FileBytes {
    pub(crate) bytes: Vec<u8>,
    pub(crate) at: u64,
    pub(crate) state: u32,
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

    fn run(self, _: &JobContext<'_, Never>) -> Result<FileBytes, JobError> {
        let Self { path, at, state } = self;
        let map = MemMap::open(path, Mode::Read)?;
        if map.len() > LEN_MAX {
            return Err(JobError::TooLong { len: map.len(), most: LEN_MAX });
        }
        let bytes = map.read_at(0, usize::try_from(map.len()).unwrap_or(0))?;
        Ok(FileBytes { bytes, at, state })
    }
}
