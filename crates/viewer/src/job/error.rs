//! Errors of jobs.

use std::io;
use std::path::PathBuf;

use memmap::scan::PatternError;
use thiserror::Error;

use crate::format::note_list::NoteListError;
use crate::format::units::in_units;
use crate::job::new_file::NewFileError;
use crate::patch::PatchError;
use crate::source::read_error::{Panicked, Unreadable};

/// Why a job ended without a result.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum JobError {
    /// The job was cancelled.
    #[error("cancelled")]
    Cancelled,
    /// The bytes could not be read, or the file could not be opened.
    #[error(transparent)]
    Source(#[from] memmap::Error),
    /// The pattern is invalid.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// A field could not be found.
    #[error(transparent)]
    Structure(memmap_structure::Trouble),
    /// Some bytes could not be read, and the result would be wrong without them.
    #[error("{0}: {1}")]
    Unreadable(Lacking, Unreadable),
    /// It could not be saved.
    #[error("not saved: {0}")]
    Save(Box<memmap::edit::SaveError>),
    /// What an earlier session left could not be recovered.
    #[error(transparent)]
    Recover(Box<memmap::edit::RecoverError>),
    /// The job ended with this.
    #[error("{0}")]
    Ended(String),
    /// The edits of an earlier session cannot be made again.
    #[error("the edits cannot be taken: {0}")]
    Replay(String),
    /// Only files can be edited.
    #[error("only files can be edited, and this is none")]
    NotEditable,
    /// More than can be replaced at once.
    #[error("more than {0} matches; select a part")]
    TooManyMatches(u64),
    /// A file is too long to be kept in memory.
    #[error("not inserted: {}, and at most {} are without a journal", in_units(*len), in_units(*most))]
    TooLong {
        /// Its length.
        len: u64,
        /// The longest that is possible.
        most: u64,
    },
    /// The output file exists already.
    #[error("{0:?} exists; only new files are written")]
    Exists(PathBuf),
    /// The output file could not be created.
    #[error("cannot make {path:?}: {error}")]
    Create {
        /// Path of the file.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
    /// The output file could not be written.
    #[error("cannot write {path:?}: {error}")]
    Write {
        /// Path of the file.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
    /// The output file could not be created, or not given its name.
    #[error(transparent)]
    NewFile(#[from] NewFileError),
    /// A list of notes could not be read: the name of its file, and why.
    #[error("not imported: {0:?}, {1}")]
    Notes(PathBuf, NoteListError),
    /// A file that is not a list of notes.
    #[error("not imported: {} is too long for a list of notes", in_units(*.0))]
    NotNotes(u64),
    /// The list would take the place of the file that is shown.
    #[error("not exported: {0:?} is the file that is shown")]
    IsShown(PathBuf),
    /// The patch could not be made.
    #[error(transparent)]
    Patch(Box<PatchError>),
    /// The job's thread could not be started.
    #[error("no thread can be started: {0}")]
    Thread(io::Error),
    /// The job panicked.
    #[error(transparent)]
    Panicked(#[from] Panicked),
}

/// The result that is missing because bytes cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum Lacking {
    #[error("not copied")]
    Copy,
    #[error("not written, as bytes are missing")]
    File,
    /// The digest of this name.
    #[error("no {0}")]
    Digest(&'static str),
}

/// The job was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("cancelled")]
#[non_exhaustive]
pub(crate) struct Cancelled;

impl JobError {
    /// Whether the source has ended, so that nothing of it can be read any more.
    pub(crate) fn is_ended(&self) -> bool {
        matches!(self, Self::Source(error) if matches!(error.kind(), memmap::ErrorKind::Ended { .. }))
    }
}

impl From<Cancelled> for JobError {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}
