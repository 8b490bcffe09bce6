//! Looking at a file from outside: how long it is, and whether it still is the same one.

use std::fs::{self, Metadata};
use std::io;
use std::path::Path;

/// What is seen of a file without opening it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Glimpse {
    pub(crate) len: u64,
    identity: Identity,
}

#[cfg(unix)]
type Identity = (u64, u64);
#[cfg(not(unix))]
type Identity = Option<std::time::SystemTime>;

impl Glimpse {
    /// # Errors
    /// What the system says, as that there is no such file.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        let metadata = fs::metadata(path)?;
        Ok(Self { len: metadata.len(), identity: identity(&metadata) })
    }

    /// Whether the other one is another file.
    pub(crate) fn is_other(&self, other: &Self) -> bool {
        self.identity != other.identity
    }
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;

    (metadata.dev(), metadata.ino())
}

/// Elsewhere a file that took the name of another one was made at another time.
#[cfg(not(unix))]
fn identity(metadata: &Metadata) -> Identity {
    metadata.created().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_took_the_name_of_another_is_told_from_one_that_was_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        fs::write(&path, b"one").unwrap();
        let first = Glimpse::of(&path).unwrap();
        fs::write(&path, b"three").unwrap();
        let same = Glimpse::of(&path).unwrap();
        assert!(!first.is_other(&same) && same.len == 5);
        let other = dir.path().join("other");
        fs::write(&other, b"three").unwrap();
        fs::rename(&other, &path).unwrap();
        assert!(first.is_other(&Glimpse::of(&path).unwrap()));
        fs::remove_file(&path).unwrap();
        assert!(Glimpse::of(&path).is_err());
    }
}
