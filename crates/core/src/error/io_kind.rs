//! Errors as errors of std's `io`.

use std::io;

use super::{Error, ErrorKind, Protection};

impl ErrorKind {
    fn io_kind(&self) -> io::ErrorKind {
        match self {
            Self::NotFound => io::ErrorKind::NotFound,
            Self::PermissionDenied { .. } | Self::OpenedForLess { .. } => {
                io::ErrorKind::PermissionDenied
            }
            Self::OutOfBounds { .. } | Self::Truncated { .. } => io::ErrorKind::UnexpectedEof,
            Self::StorageFull { .. } => io::ErrorKind::StorageFull,
            Self::QuotaExceeded { .. } => io::ErrorKind::QuotaExceeded,
            Self::TimedOut { .. } => io::ErrorKind::TimedOut,
            Self::Replaced { .. } => io::ErrorKind::StaleNetworkFileHandle,
            Self::Io { source, .. }
            | Self::NotDurable { source }
            | Self::CannotCreate { source, .. } => source.kind(),
            Self::WriteProtected { by: Protection::ReadOnlyFileSystem } => {
                io::ErrorKind::ReadOnlyFilesystem
            }
            Self::LimitReached { .. } => io::ErrorKind::Other,
            Self::InUse { .. } => io::ErrorKind::ResourceBusy,
            Self::AlreadyExists => io::ErrorKind::AlreadyExists,
            Self::FileTooLarge { .. } => io::ErrorKind::FileTooLarge,
            Self::WriteProtected { .. } | Self::ReadOnly => io::ErrorKind::PermissionDenied,
            Self::OutOfMemory { .. } => io::ErrorKind::OutOfMemory,
            Self::Cancelled { .. } => io::ErrorKind::Interrupted,
            Self::Unsupported { .. } => io::ErrorKind::Unsupported,
            Self::Os(error) => error.kind(),
            _ => io::ErrorKind::InvalidInput,
        }
    }
}

impl From<Error> for io::Error {
    /// Keeps the whole error inside, so that `io` code can pass it on and its text stays.
    fn from(error: Error) -> Self {
        Self::new(error.kind().io_kind(), error)
    }
}
