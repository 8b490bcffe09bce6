//! Looking at a file from outside: how long it is, and whether it still is the same one.

use std::io;
use std::path::Path;

/// What is seen of a file without opening it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileStat {
    pub(crate) len: u64,
    /// The device, or the volume, and the number that the file has there.
    identity: (u64, u64),
}

impl FileStat {
    /// # Errors
    /// What the system says, as that there is no such file.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        file_stat(path)
    }

    /// Whether the other one is another file.
    pub(crate) fn is_other(&self, other: &Self) -> bool {
        self.identity != other.identity
    }
}

#[cfg(unix)]
fn file_stat(path: &Path) -> io::Result<FileStat> {
    use std::os::unix::fs::MetadataExt;

    let found = std::fs::metadata(path)?;
    Ok(FileStat { len: found.len(), identity: (found.dev(), found.ino()) })
}

/// It has to be opened, for a moment, to be asked for its number.
#[cfg(windows)]
fn file_stat(path: &Path) -> io::Result<FileStat> {
    let file = winapi_util::Handle::from_path_any(path)?;
    let found = winapi_util::file::information(&file)?;
    let identity = (found.volume_serial_number(), found.file_index());
    Ok(FileStat { len: found.file_size(), identity })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_that_took_the_name_of_another_is_told_from_one_that_was_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        fs::write(&path, b"one").unwrap();
        let first = FileStat::of(&path).unwrap();
        fs::write(&path, b"three").unwrap();
        let same = FileStat::of(&path).unwrap();
        assert!(!first.is_other(&same) && same.len == 5);
        let other = dir.path().join("other");
        fs::write(&other, b"three").unwrap();
        fs::rename(&other, &path).unwrap();
        assert!(first.is_other(&FileStat::of(&path).unwrap()));
        fs::remove_file(&path).unwrap();
        assert!(FileStat::of(&path).is_err());
    }
}
