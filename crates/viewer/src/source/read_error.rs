//! Why bytes cannot be read.

use std::sync::Arc;

use memmap::{Error, ErrorKind};
use thiserror::Error;

/// Why bytes cannot be read, in one line of a terminal.
#[derive(Debug, Clone, Error)]
pub(crate) enum ReadError {
    /// The library's advice is for programs.
    #[error("the file was cut short and has {len} bytes now; r looks at it again")]
    CutShort { len: u64 },
    /// Some of those that were asked for.
    #[error("{}", .0.kind())]
    Lost(Arc<Error>),
    /// All of them.
    #[error(transparent)]
    Failed(Arc<Error>),
    #[error(transparent)]
    Panicked(#[from] Panicked),
}

impl ReadError {
    /// Why some of the bytes that were asked for are missing.
    pub(crate) fn lost(error: Error) -> Self {
        match error.kind() {
            &ErrorKind::Truncated { now, .. } => Self::CutShort { len: now },
            _ => Self::Lost(Arc::new(error)),
        }
    }
}

/// The first byte of some that cannot be read.
#[derive(Debug, Clone, Error)]
#[error("{error} at {at:#x}")]
pub(crate) struct Unreadable {
    pub(crate) error: ReadError,
    pub(crate) at: u64,
}

/// What a panic said.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("this is a bug of lazyhex: {0}")]
pub(crate) struct Panicked(pub(crate) String);

#[cfg(test)]
mod tests {
    use memmap::Op;

    use super::*;

    #[test]
    fn what_is_cut_short_is_told_to_a_user_and_not_to_a_program() {
        let cut = ErrorKind::Truncated { offset: 7, needed: 10, now: 5 };
        assert_eq!(
            ReadError::lost(Error::new(Op::Read, cut)).to_string(),
            "the file was cut short and has 5 bytes now; r looks at it again"
        );
    }
}
