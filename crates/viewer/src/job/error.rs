//! Why a job ended without a result.

use std::io;
use std::path::PathBuf;

use memmap::scan::PatternError;
use thiserror::Error;

use crate::source::read_error::{Panicked, Unreadable};

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
    #[error("{0}: {1}")]
    Unreadable(Lacking, Unreadable),
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
    #[error(transparent)]
    Panicked(#[from] Panicked),
}

/// What there is not where bytes cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum Lacking {
    #[error("not copied")]
    Copy,
    #[error("not written, as bytes are missing")]
    File,
    /// The digest of this name.
    #[error("no {0} of what cannot be read")]
    Digest(&'static str),
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
