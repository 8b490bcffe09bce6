use std::fmt;
use std::path::{Path, PathBuf};

/// The result of everything about arrays that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong with an array: the file, what was asked, what was found, and what to do.
///
/// It prints as one line. Programs decide by [`kind`](Self::kind), never by the text.
///
/// # Cost
/// One pointer wide; making one allocates.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    path: Option<PathBuf>,
}

/// What was wrong, with the numbers of the case.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// What the mapping says: the file is missing, cut short, the disk is full, and so on.
    Map(memmap_core::Error),

    // Shapes and places.
    /// So many bytes fit no memory.
    TooBig {
        /// Elements in each dimension.
        shape: Vec<usize>,
        /// Bytes of an element.
        itemsize: usize,
    },
    /// More dimensions than an array has.
    TooManyDimensions {
        /// How many were asked for.
        found: usize,
        /// How many there can be.
        max: usize,
    },
    /// So many indices do not name an element, or so many slices a part.
    WrongDimensions {
        /// How many there were.
        asked: usize,
        /// Elements in each dimension.
        shape: Vec<usize>,
    },
    /// There is no such index.
    IndexOutOfBounds {
        /// The dimension, from 0.
        axis: usize,
        /// What was asked for; negative ones count from the end.
        index: i64,
        /// Elements in that dimension.
        len: usize,
    },
    /// It is not a slice.
    NotASlice {
        /// What was written.
        text: String,
    },
    /// It does not name each axis once.
    NotAnOrderOfAxes {
        /// The axes that were named.
        asked: Vec<usize>,
        /// How many there are.
        dimensions: usize,
    },
    /// The numbers of elements differ.
    ShapeDiffers {
        /// The shape that was asked for.
        asked: Vec<usize>,
        /// The shape that it has.
        found: Vec<usize>,
    },
    /// The elements do not follow each other in memory as is needed.
    NotContiguous {
        /// What cannot be done.
        doing: &'static str,
    },
}

impl Error {
    /// An error without a path.
    pub fn new(kind: ErrorKind) -> Self {
        Self(Box::new(Inner { kind, path: None }))
    }

    /// What was wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// The file it is about, absolute.
    pub fn path(&self) -> Option<&Path> {
        self.0.path.as_deref()
    }

    /// The same, of this file.
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

impl From<memmap_core::Error> for Error {
    fn from(error: memmap_core::Error) -> Self {
        Self::new(ErrorKind::Map(error))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let ErrorKind::Map(error) = self.kind() {
            return error.fmt(f);
        }
        match self.path() {
            Some(path) => write!(f, "array {path:?}: {}", self.kind()),
            None => write!(f, "array: {}", self.kind()),
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Map(error) => error.fmt(f),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error").field("kind", self.kind()).field("path", &self.path()).finish()
    }
}

impl std::error::Error for Error {}
