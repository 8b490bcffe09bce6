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
            Self::InUse { .. } => io::ErrorKind::ResourceBusy,
            Self::AlreadyExists => io::ErrorKind::AlreadyExists,
            Self::FileTooLarge { .. } => io::ErrorKind::FileTooLarge,
            Self::WriteProtected { .. } | Self::ReadOnly => io::ErrorKind::PermissionDenied,
            Self::OutOfMemory { .. } => io::ErrorKind::OutOfMemory,
            // Not `Interrupted`, which std's loops take as "try again".
            Self::Cancelled { .. }
            | Self::LimitReached { .. }
            | Self::Lost { .. }
            | Self::HardwareMemoryError { .. }
            | Self::BufferLost { .. } => io::ErrorKind::Other,
            Self::Damaged { .. } => io::ErrorKind::InvalidData,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Op;

    #[test]
    fn a_loop_of_std_ends_at_a_read_that_was_cancelled_or_lost() {
        struct Always(fn() -> ErrorKind);

        impl io::Read for Always {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(Error::new(Op::Read, (self.0)()).into())
            }
        }

        let kinds: [fn() -> ErrorKind; 3] = [
            || ErrorKind::Cancelled { done: 7 },
            || ErrorKind::HardwareMemoryError { offset: 7 },
            || ErrorKind::BufferLost { at: 7 },
        ];
        for kind in kinds {
            let error = io::Read::read_to_end(&mut Always(kind), &mut Vec::new()).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::Other);
            let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()).unwrap();
            assert_eq!(format!("{:?}", inner.kind()), format!("{:?}", kind()));
        }
    }
}
