//! Polls a file's metadata for changes of length, time or identity.

use std::io;
use std::path::Path;

/// Metadata of a file, taken without opening it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileStat {
    pub(crate) len: u64,
    /// Device or volume, and the file's number on it.
    identity: (u64, u64),
    /// Modification time, if it is meaningful: generated files such as those in `/proc` have length
    /// 0, and a new time at each query.
    modified: Option<(i64, i64)>,
}

/// How a file has changed between two polls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileChange {
    Nothing,
    /// The path leads to another file.
    Replaced,
    Cut,
    Grown,
    /// Same length, but a new modification time.
    Rewritten,
}

impl FileStat {
    /// # Errors
    /// The system's error, for example if there is no such file.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        file_stat(path)
    }

    /// The change from this metadata to `now`.
    pub(crate) fn change(&self, now: &Self) -> FileChange {
        match now {
            _ if self.is_other(now) => FileChange::Replaced,
            _ if now.len < self.len => FileChange::Cut,
            _ if now.len > self.len => FileChange::Grown,
            _ if now.modified != self.modified => FileChange::Rewritten,
            _ => FileChange::Nothing,
        }
    }

    /// Whether the other metadata is of another file.
    pub(crate) fn is_other(&self, other: &Self) -> bool {
        self.identity != other.identity
    }
}

#[cfg(unix)]
fn file_stat(path: &Path) -> io::Result<FileStat> {
    use std::os::unix::fs::MetadataExt;

    let found = std::fs::metadata(path)?;
    let modified = (found.len() > 0).then(|| (found.mtime(), found.mtime_nsec()));
    Ok(FileStat { len: found.len(), identity: (found.dev(), found.ino()), modified })
}

/// The file must be opened briefly to query its index.
#[cfg(windows)]
fn file_stat(path: &Path) -> io::Result<FileStat> {
    let file = winapi_util::Handle::from_path_any(path)?;
    let found = winapi_util::file::information(&file)?;
    let identity = (found.volume_serial_number(), found.file_index());
    let modified = found.last_write_time().and_then(|time| Some((i64::try_from(time).ok()?, 0)));
    Ok(FileStat { len: found.file_size(), identity, modified })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_has_happened_is_told_from_the_length_and_the_time() {
        let stat =
            |len, modified| FileStat { len, identity: (1, 2), modified: Some((modified, 0)) };
        let before = stat(10, 5);
        for (now, change) in [
            (stat(10, 5), FileChange::Nothing),
            (stat(9, 6), FileChange::Cut),
            (stat(11, 5), FileChange::Grown),
            (stat(10, 4), FileChange::Rewritten),
            (FileStat { identity: (1, 3), ..stat(10, 5) }, FileChange::Replaced),
        ] {
            assert_eq!(before.change(&now), change);
        }
    }

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
        assert_eq!(same.change(&FileStat::of(&path).unwrap()), FileChange::Replaced);
        fs::remove_file(&path).unwrap();
        assert!(FileStat::of(&path).is_err());
    }
}
