//! Opens files, as jobs: on a network this may block for a long time.

use std::path::PathBuf;
use std::sync::Arc;

use memmap::edit::RecoverError;
use memmap::{ErrorKind, MemMap, Mode};

use crate::document::saving::recovery::{self, Recovery};
use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::{Job, Never, Priority};
use crate::source::file_stat::FileStat;
use crate::source::handle::SourceHandle;
use crate::source::stream_reader::StreamReader;
use crate::source::{self, ReadOptions, SourceArg, packed};

/// Opens a file for a new view.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct OpenFileJob {
    pub(crate) path: PathBuf,
    /// The folder of journals.
    pub(crate) journals: Option<PathBuf>,
    /// Whether to open a stream as it is, instead of reading it to its end.
    pub(crate) as_stream: bool,
}

/// An opened file.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) name: String,
    pub(crate) source: SourceHandle,
    /// What reads the stream, if it is one.
    pub(crate) reader: Option<StreamReader>,
    /// The file's metadata; `None` for memory.
    pub(crate) stat: Option<FileStat>,
    /// What an earlier session left of it.
    pub(crate) recovery: Box<Result<Option<Recovery>, RecoverError>>,
}

impl Job for OpenFileJob {
    type Event = Never;
    type Output = Opened;

    fn priority(&self) -> Priority {
        // What is unpacked may take long, and the user goes on meanwhile.
        if packed::inner(&self.path).is_some() { Priority::Requested } else { Priority::Visible }
    }

    fn title(&self) -> String {
        match packed::inner(&self.path) {
            Some(inner) => format!("unpack \"{}\"", source::shown(&inner)),
            None => format!("open \"{}\"", source::shown(&self.path)),
        }
    }

    fn run(self, cx: &JobContext<'_, Never>) -> Result<Opened, JobError> {
        let input = SourceArg::of(Some(&self.path), cx.schemes);
        let opened = if self.as_stream {
            input.open_for_view(cx.progress())
        } else {
            input.open_while(ReadOptions::default(), cx.progress())
        };
        let mut source = match opened {
            Err(error) if matches!(error.kind(), ErrorKind::Cancelled { .. }) => {
                return Err(JobError::Cancelled);
            }
            opened => opened?,
        };
        let (name, reader) = (source.name.clone(), source.reader.take());
        let source = SourceHandle::of(source);
        let stat = source.path().and_then(|path| FileStat::of(path).ok());
        let recovery = match (&self.journals, source.path()) {
            (Some(folder), Some(path)) => recovery::look(folder, path, false),
            _ => Ok(None),
        };
        Ok(Opened { name, source, reader, stat, recovery: Box::new(recovery) })
    }
}

/// Reopens a file, which may have changed in length or been replaced, or what a plug-in opened; or maps what has
/// come of a stream. Memory has nothing to reopen; only its pages are read again.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct ReopenJob;

/// The reopened file.
#[derive(Debug)]
pub(crate) struct Reopened {
    /// The new mapping; `None` for memory.
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
        let regions = cx.source.regions();
        if !regions.is_empty() {
            // Another process may have its number since.
            let read = cx.mapping().read_at(regions.first_readable(), 1);
            if let Err(error) = read
                && matches!(error.kind(), ErrorKind::Ended { .. })
            {
                return Err(error.into());
            }
        }
        if let Some(location) = cx.source.location() {
            let input = SourceArg::of(Some(location.as_ref()), cx.schemes);
            let source = input.open_while(ReadOptions::default(), cx.progress())?;
            let source = SourceHandle::of(source);
            return Ok(Reopened { source: Some(source), stat: None });
        }
        if let Some(spool) = cx.source.spool() {
            let source = SourceHandle::of_spool(Arc::clone(spool))?;
            return Ok(Reopened { source: Some(source), stat: None });
        }
        let Some(path) = cx.source.path() else { return Ok(Reopened { source: None, stat: None }) };
        // Taken before opening: a change between the two is then noticed by the next poll.
        let stat = FileStat::of(path).ok();
        let source = SourceHandle::new(MemMap::open(path, Mode::Read)?.erase());
        Ok(Reopened { source: Some(source), stat })
    }
}
