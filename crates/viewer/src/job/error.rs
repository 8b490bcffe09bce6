//! Why a job ended without a result.

use std::io;
use std::path::PathBuf;

use memmap::scan::PatternError;
use thiserror::Error;

/// Why a job ended without a result.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum JobError {
    /// It was told to stop.
    #[error("cancelled")]
    Cancelled,
    /// The bytes could not be read, or the file not be opened.
    #[error(transparent)]
    Source(#[from] memmap::Error),
    /// The pattern means nothing.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// Some bytes could not be read, and the result would be wrong without them.
    #[error("{what}: {reason} at {at:#x}")]
    Unreadable {
        /// What there is not.
        what: String,
        /// Why the first of them cannot be read.
        reason: String,
        /// Where it is.
        at: u64,
    },
    /// The file to be written exists.
    #[error("{0:?} exists; only new files are written")]
    Exists(PathBuf),
    /// The file cannot be made.
    #[error("cannot make {path:?}: {error}")]
    Create {
        /// Its name.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The file cannot be written to.
    #[error("cannot write {path:?}: {error}")]
    Write {
        /// Its name.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// There can be no thread for it.
    #[error("no thread can be started: {0}")]
    Thread(io::Error),
    /// It panicked.
    #[error("this is a bug of lazyhex: {0}")]
    Panicked(String),
}

/// The job was told to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("cancelled")]
#[non_exhaustive]
pub(crate) struct Cancelled;

impl From<Cancelled> for JobError {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}
