//! A directory with one file in it, and what became of the file.

use std::fs;
use std::path::PathBuf;

use memmap::array::{Error, ErrorKind};
use tempfile::TempDir;

pub(crate) struct Place {
    pub(crate) directory: TempDir,
    pub(crate) path: PathBuf,
}

impl Place {
    pub(crate) fn empty() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("data");
        Self { directory, path }
    }

    pub(crate) fn with(bytes: &[u8]) -> Self {
        let place = Self::empty();
        fs::write(&place.path, bytes).unwrap();
        place
    }

    /// A file of 160 bytes, none of them 0.
    pub(crate) fn of_160() -> Self {
        Self::with(&bytes_of_160())
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        fs::read(&self.path).unwrap()
    }

    pub(crate) fn len(&self) -> u64 {
        self.path.metadata().unwrap().len()
    }

    /// How many files there are.
    pub(crate) fn count(&self) -> usize {
        fs::read_dir(self.directory.path()).unwrap().count()
    }
}

pub(crate) fn bytes_of_160() -> Vec<u8> {
    (1..=160).collect()
}

/// What the mapping says is wrong.
#[track_caller]
pub(crate) fn of_map(error: &Error) -> &memmap::ErrorKind {
    match error.kind() {
        ErrorKind::Map(error) => error.kind(),
        other => panic!("{other:?} is none of the map"),
    }
}

/// The error; what there would be instead need not be printable.
#[track_caller]
pub(crate) fn refused<T>(result: Result<T, Error>) -> Error {
    match result {
        Err(error) => error,
        Ok(_) => panic!("it was not refused"),
    }
}
