//! Opening files, as jobs: on a network that may take any time.

use std::path::{Path, PathBuf};

use memmap::{MemMap, Mode};

use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::{Job, Never, Priority};
use crate::source::file_stat::FileStat;
use crate::source::handle::SourceHandle;
use crate::source::{ReadOptions, SourceArg};

/// Opens a file, for a new view.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct OpenFileJob {
    pub(crate) path: PathBuf,
}

/// A file that was opened.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) name: String,
    pub(crate) source: SourceHandle,
    /// How the file is now; memory has no file.
    pub(crate) stat: Option<FileStat>,
}

impl Job for OpenFileJob {
    type Event = Never;
    type Output = Opened;

    fn priority(&self) -> Priority {
        Priority::Visible
    }

    fn title(&self) -> String {
        format!("open {:?}", self.path)
    }

    fn run(self, _: &JobContext<'_, Never>) -> Result<Opened, JobError> {
        let source = SourceArg::of(Some(&self.path)).open(ReadOptions::default())?;
        let stat = source.map.path().and_then(|path| FileStat::of(path).ok());
        Ok(Opened { name: source.name, source: SourceHandle::new(source.map), stat })
    }
}

/// Opens a file anew, which may be longer or shorter now, or another one of the same name. What has no
/// file is only read anew.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct ReopenJob;

/// The file as it is now.
#[derive(Debug)]
pub(crate) struct Reopened {
    /// The new mapping; `None` where there is no file.
    pub(crate) source: Option<SourceHandle>,
    pub(crate) stat: Option<FileStat>,
}

impl Job for ReopenJob {
    type Event = Never;
    type Output = Reopened;

    fn priority(&self) -> Priority {
        Priority::Visible
    }

    fn title(&self) -> String {
        "reload".to_owned()
    }

    fn run(self, cx: &JobContext<'_, Never>) -> Result<Reopened, JobError> {
        let Some(path) = cx.mapping().path().map(Path::to_owned) else {
            return Ok(Reopened { source: None, stat: None });
        };
        // Before it is opened: what changes between the two is seen as a change later.
        let stat = FileStat::of(&path).ok();
        let source = SourceHandle::new(MemMap::open(path, Mode::Read)?.erase());
        Ok(Reopened { source: Some(source), stat })
    }
}
