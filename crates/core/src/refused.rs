use std::error::Error as StdError;
use std::fmt;

use crate::{Error, NotProven};

/// A value that an operation did not consume, returned with the reason.
///
/// It is an error itself and converts to [`Error`], so that `?` works if the value is not needed any
/// more.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "whoever gets it takes it apart")]
pub struct Refused<T, E = Error> {
    /// The value, unchanged.
    pub value: T,
    /// Why the operation failed.
    pub error: E,
}

impl<T, E: fmt::Display> fmt::Display for Refused<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl<T: fmt::Debug, E: StdError> StdError for Refused<T, E> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.error.source()
    }
}

impl<T> From<Refused<T>> for Error {
    fn from(refused: Refused<T>) -> Self {
        refused.error
    }
}

impl<T> From<Refused<T, NotProven>> for Error {
    fn from(refused: Refused<T, NotProven>) -> Self {
        refused.error.into()
    }
}

impl<T> From<Refused<T, Self>> for NotProven {
    fn from(refused: Refused<T, Self>) -> Self {
        refused.error
    }
}
