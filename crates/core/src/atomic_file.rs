//! Files that are made beside the one they become, so that whatever fails leaves that one alone.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

/// A new file, removed when it is dropped before it is published.
#[derive(Debug)]
pub(crate) struct AtomicFile {
    file: NamedTempFile<File>,
    target: PathBuf,
}

impl AtomicFile {
    /// Makes a file, by `make`, in the directory of `target`.
    pub(crate) fn new(
        target: PathBuf,
        make: impl FnMut(&Path) -> io::Result<File>,
    ) -> io::Result<Self> {
        let directory = target.parent().unwrap_or(&target);
        // The name is ours and short, however long the target's is.
        let file = tempfile::Builder::new().prefix(".memmap-").make_in(directory, make)?;
        Ok(Self { file, target })
    }

    pub(crate) fn file(&self) -> &File {
        self.file.as_file()
    }

    /// Gives the file its name, which takes it away from the file that has it. In one step: there
    /// is no moment without a file of that name.
    pub(crate) fn replace(&mut self) -> io::Result<()> {
        self.rename(|from, to| fs::rename(from, to))
    }

    /// Gives the file its name, if no other has it, by `publish`, which knows how to do it in one step.
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

/// Gives a file a name that no other has, in one step.
pub(crate) fn rename_noreplace(from: &Path, to: &Path) -> io::Result<()> {
    // If that fails the file is removed, as its owner would do next.
    TempPath::try_from_path(from)?.persist_noclobber(to).map_err(|error| error.error)
}

/// As many symbolic links in a row as Linux follows.
const LINKS_MAX: usize = 40;

/// Where a file made at `path` would be: where its links lead, even if there is nothing yet.
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
    /// The directory of a file, opened now, while it is known to be there; `None` where directories
    /// cannot be opened: on Windows, whose file systems write names down by themselves (PLATFORM.md says
    /// what is promised of that), and where this user may make names but not read them.
    ///
    /// # Errors
    /// What else the operating system answers.
    pub fn of(path: &Path) -> io::Result<Option<Self>> {
        match path.parent().map(File::open) {
            Some(Ok(directory)) => Ok(Some(Self(directory))),
            Some(Err(error)) if error.kind() != io::ErrorKind::PermissionDenied => Err(error),
            _ => Ok(None),
        }
    }

    /// Returns when its names are on the device, as far as its file system can say.
    ///
    /// # Errors
    /// What the operating system answers.
    ///
    /// # Source
    /// fsync(2): a file that is durable has a durable name only once its directory is synced as well.
    pub fn sync(&self) -> io::Result<()> {
        match self.0.sync_all() {
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
            synced => synced,
        }
    }
}
