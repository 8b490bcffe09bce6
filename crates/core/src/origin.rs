use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// Where the bytes of a map come from, as maps and errors name it: the path of a file, or another
/// location as text.
///
/// It prints in quotes and escaped, so that no name can disturb a terminal. A location must not contain a
/// password or a token: errors print it.
///
/// # Examples
/// ```
/// use std::path::Path;
/// use memmap_core::Origin;
///
/// let file = Origin::from(Path::new("/data/log"));
/// assert_eq!(file.as_path(), Some(Path::new("/data/log")));
/// let object = Origin::from("s3://bucket/log");
/// assert_eq!((object.as_path(), object.to_string()), (None, "\"s3://bucket/log\"".to_owned()));
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Origin(Inner);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Inner {
    Path(Arc<Path>),
    Location(Arc<str>),
}

impl Origin {
    /// The path of the file; `None` for a location that is not a file.
    pub fn as_path(&self) -> Option<&Path> {
        match &self.0 {
            Inner::Path(path) => Some(path),
            Inner::Location(_) => None,
        }
    }

    /// The location, if it is not a file; `None` for a path.
    pub fn as_location(&self) -> Option<&str> {
        match &self.0 {
            Inner::Path(_) => None,
            Inner::Location(location) => Some(location),
        }
    }

    /// The path, to be kept without a copy.
    pub(crate) const fn shared_path(&self) -> Option<&Arc<Path>> {
        match &self.0 {
            Inner::Path(path) => Some(path),
            Inner::Location(_) => None,
        }
    }
}

impl From<&Path> for Origin {
    fn from(path: &Path) -> Self {
        Self(Inner::Path(path.into()))
    }
}

impl From<Arc<Path>> for Origin {
    fn from(path: Arc<Path>) -> Self {
        Self(Inner::Path(path))
    }
}

impl From<&str> for Origin {
    fn from(location: &str) -> Self {
        Self(Inner::Location(location.into()))
    }
}

impl From<String> for Origin {
    fn from(location: String) -> Self {
        Self(Inner::Location(location.into()))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Inner::Path(path) => write!(f, "{path:?}"),
            Inner::Location(location) => write!(f, "{location:?}"),
        }
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
