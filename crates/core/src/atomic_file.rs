//! New files in the directory of the file that they replace, so that a failure leaves the old file
//! unchanged.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

/// A new file, removed on drop unless it was published.
#[derive(Debug)]
pub(crate) struct AtomicFile {
    file: NamedTempFile<File>,
    target: PathBuf,
}

impl AtomicFile {
    /// Makes a file with `make` in the directory of `target`.
    pub(crate) fn new(
        target: PathBuf,
        make: impl FnMut(&Path) -> io::Result<File>,
    ) -> io::Result<Self> {
        let directory = target.parent().unwrap_or(&target);
        // The name is our own and short, however long the target's is.
        let file = tempfile::Builder::new().prefix(".memmap-").make_in(directory, make)?;
        Ok(Self { file, target })
    }

    pub(crate) fn file(&self) -> &File {
        self.file.as_file()
    }

    /// Gives the file its name, and takes it from the file that has it, in one step: there is no moment
    /// without a file of that name.
    pub(crate) fn replace(&mut self) -> io::Result<()> {
        self.rename(|from, to| fs::rename(from, to))
    }

    /// Gives the file its name with `publish`, which does it in one step, if no other file has it.
    pub(crate) fn publish(
        &mut self,
        publish: impl FnOnce(&Path, &Path) -> io::Result<()>,
    ) -> io::Result<()> {
        self.rename(publish)
    }

    fn rename(&mut self, rename: impl FnOnce(&Path, &Path) -> io::Result<()>) -> io::Result<()> {
        rename(self.file.path(), &self.target)?;
        self.file.disable_cleanup(true);
        Ok(())
    }
}

/// Renames a file to a name that does not exist yet, in one step.
pub(crate) fn rename_noreplace(from: &Path, to: &Path) -> io::Result<()> {
    // On failure the file is removed, as its owner would do next.
    TempPath::try_from_path(from)?.persist_noclobber(to).map_err(|error| error.error)
}

/// The number of consecutive symbolic links that Linux follows.
const LINKS_MAX: usize = 40;

/// The path of a file made at `path`: symbolic links are followed, even to a missing target.
pub(crate) fn follow(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_path_buf();
    for _ in 0..LINKS_MAX {
        match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_symlink() => {
                let link = fs::read_link(&path)?;
                path = path.parent().map_or_else(|| link.clone(), |parent| parent.join(&link));
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => return Ok(path),
        }
    }
    Err(io::Error::other("its links lead nowhere but to each other"))
}

/// A directory whose names can be made durable.
#[derive(Debug)]
pub struct Directory(File);

impl Directory {
    /// Opens the directory of a file now, while it is known to exist. `None` if directories cannot be
    /// opened: on Windows, whose file systems write names to disk themselves (PLATFORM.md states what is
    /// promised), and if this user may make names in the directory but not read it.
    ///
    /// # Errors
    /// Any other error of the operating system.
    pub fn of(path: &Path) -> io::Result<Option<Self>> {
        if !memmap_system::OPENS_DIRECTORIES {
            return Ok(None);
        }
        match path.parent().map(File::open) {
            Some(Ok(directory)) => Ok(Some(Self(directory))),
            Some(Err(error)) if error.kind() != io::ErrorKind::PermissionDenied => Err(error),
            _ => Ok(None),
        }
    }

    /// Returns when its names are on the device, as far as its file system can report that.
    ///
    /// # Errors
    /// Errors of the operating system.
    ///
    /// # Source
    /// fsync(2): a durable file has a durable name only once its directory is synced too.
    pub fn sync(&self) -> io::Result<()> {
        match self.0.sync_all() {
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
            synced => synced,
        }
    }
}
