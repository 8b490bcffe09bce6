use std::fmt;
use std::path::{Path, PathBuf};

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
    path: Option<PathBuf>,
}

impl Error {
    /// An error without a path.
    pub fn new(kind: ErrorKind) -> Self {
        Self(Box::new(Inner { kind, path: None }))
    }

    /// The reason, with its numbers.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// The reason alone, without the path.
    pub(crate) fn into_kind(self) -> ErrorKind {
        self.0.kind
    }

    /// The absolute path of the file, if it is known.
    pub fn path(&self) -> Option<&Path> {
        let of_map = || match self.kind() {
            ErrorKind::Map(error) => error.path(),
            _ => None,
        };
        self.0.path.as_deref().or_else(of_map)
    }

    /// Adds the path of the file, unless it is known already.
    #[must_use]
    pub fn with_path(mut self, path: &Path) -> Self {
        self.0.path.get_or_insert_with(|| path.to_owned());
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
        match (self.kind(), self.path()) {
            (ErrorKind::Map(error), _) => error.fmt(f),
            (kind, Some(path)) => write!(f, "array {path:?}: {kind}"),
            (kind, None) => write!(f, "array: {kind}"),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error").field("kind", self.kind()).field("path", &self.path()).finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.kind.source()
    }
}
