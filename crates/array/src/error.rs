use std::fmt;
use std::path::Path;

use memmap_core::Origin;

mod kind;
mod text;

pub use kind::ErrorKind;

/// The result of a fallible operation on arrays.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of an array: the file, what was requested, what was found, and what to do.
///
/// Prints as one line. Programs match on [`kind`](Self::kind), not on the text.
///
/// # Cost
/// One pointer wide. Creating one allocates.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    origin: Option<Origin>,
}

impl Error {
    /// An error without an origin.
    pub fn new(kind: ErrorKind) -> Self {
        Self(Box::new(Inner { kind, origin: None }))
    }

    /// The reason, with its numbers.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// The reason alone, without the origin.
    pub(crate) fn into_kind(self) -> ErrorKind {
        self.0.kind
    }

    /// The absolute path of the file, if it is known.
    pub fn path(&self) -> Option<&Path> {
        self.origin()?.as_path()
    }

    /// Where the array comes from, if that has a name.
    pub fn origin(&self) -> Option<&Origin> {
        let of_map = || match self.kind() {
            ErrorKind::Map(error) => error.origin(),
            _ => None,
        };
        self.0.origin.as_ref().or_else(of_map)
    }

    /// Adds where the array comes from, unless that is known already.
    #[must_use]
    pub fn with_origin(mut self, origin: impl Into<Origin>) -> Self {
        self.0.origin.get_or_insert_with(|| origin.into());
        self
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self::new(kind)
    }
}

impl<T> From<memmap_core::Refused<T, Self>> for Error {
    fn from(refused: memmap_core::Refused<T, Self>) -> Self {
        refused.error
    }
}

impl<T> From<memmap_core::Refused<T, memmap_core::NotProven>> for Error {
    fn from(refused: memmap_core::Refused<T, memmap_core::NotProven>) -> Self {
        memmap_core::Error::from(refused.error).into()
    }
}

impl From<memmap_core::Error> for Error {
    fn from(error: memmap_core::Error) -> Self {
        Self::new(ErrorKind::Map(error))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.kind(), self.origin()) {
            (ErrorKind::Map(error), _) => error.fmt(f),
            (kind, Some(origin)) => write!(f, "array {origin}: {kind}"),
            (kind, None) => write!(f, "array: {kind}"),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error").field("kind", self.kind()).field("origin", &self.origin()).finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.kind.source()
    }
}
