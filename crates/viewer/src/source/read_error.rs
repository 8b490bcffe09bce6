//! Why bytes cannot be read.

use std::sync::Arc;

use memmap::{Error, ErrorKind};
use thiserror::Error;

/// Why bytes cannot be read, in one line of a terminal.
#[derive(Debug, Clone, Error)]
pub(crate) enum ReadError {
    #[error("the file was cut short to {len} bytes; r reloads it")]
    CutShort { len: u64 },
    /// An object of a server has other bytes now.
    #[error("it was replaced; r opens the new one")]
    Replaced,
    /// Some of the bytes that were asked for.
    #[error("{}", reason(.0.kind()))]
    Lost(Arc<Error>),
    /// All bytes that were asked for.
    #[error(transparent)]
    Failed(Arc<Error>),
    #[error(transparent)]
    Panicked(#[from] Panicked),
}

/// An error of the system in its own words. After a semicolon stands the library's advice, which is for
/// programs.
fn reason(kind: &ErrorKind) -> String {
    let text = match kind {
        ErrorKind::Os(error) => return error.to_string(),
        ErrorKind::Ended { .. } => return "it has ended".to_owned(),
        // The offset is that of the first lost byte of a page, and is shown elsewhere.
        ErrorKind::Io { source, .. } => return source.to_string(),
        kind => kind.to_string(),
    };
    text.split_once(';').map_or(text.as_str(), |(what, _)| what).to_owned()
}

/// The same without advice, for a list.
pub(crate) fn in_short(error: &Error) -> String {
    match error.kind() {
        ErrorKind::Truncated { .. } => "cut short".to_owned(),
        kind => reason(kind),
    }
}

impl ReadError {
    /// Whether all later reads fail, too, as the source has ended.
    pub(crate) fn is_ended(&self) -> bool {
        let (Self::Lost(error) | Self::Failed(error)) = self else { return false };
        matches!(error.kind(), ErrorKind::Ended { .. })
    }

    /// Why all of the bytes that were asked for are missing.
    pub(crate) fn failed(error: Error) -> Self {
        match error.kind() {
            ErrorKind::Replaced { .. } => Self::Replaced,
            ErrorKind::Ended { .. } => Self::Lost(Arc::new(error)),
            _ => Self::Failed(Arc::new(error)),
        }
    }

    /// Why some of the bytes that were asked for are missing.
    pub(crate) fn lost(error: Error) -> Self {
        match error.kind() {
            &ErrorKind::Truncated { now, .. } => Self::CutShort { len: now },
            _ => Self::Lost(Arc::new(error)),
        }
    }
}

/// The first unreadable byte of a range.
#[derive(Debug, Clone, Error)]
#[error("{error} at {at:#x}")]
pub(crate) struct Unreadable {
    pub(crate) error: ReadError,
    pub(crate) at: u64,
}

/// The message of a panic.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("bug in lazyhex: {0}")]
pub(crate) struct Panicked(pub(crate) String);

#[cfg(test)]
mod tests {
    use memmap::plugin::Op;

    use super::*;

    #[test]
    fn what_was_replaced_says_what_to_do() {
        let error = Error::replaced(Op::Read, 7, "1".into(), None);
        assert_eq!(ReadError::failed(error).to_string(), "it was replaced; r opens the new one");
    }

    #[test]
    fn a_file_that_was_cut_short_is_explained_to_a_user() {
        let cut = ErrorKind::Truncated { offset: 7, needed: 10, now: 5 };
        assert_eq!(
            ReadError::lost(Error::new(Op::Read, cut)).to_string(),
            "the file was cut short to 5 bytes; r reloads it"
        );
    }
}
