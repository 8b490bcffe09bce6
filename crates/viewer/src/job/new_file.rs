//! A file that gets its name when it is whole, and only if no other file has that name or it is meant to be
//! replaced.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};
use thiserror::Error;

/// Why no file was made.
#[derive(Debug, Error)]
pub(crate) enum NewFileError {
    #[error("{0:?} exists; only new files are written, so use another name, or remove it")]
    Exists(PathBuf),
    #[error("cannot create {path:?}: {error}")]
    Create { path: PathBuf, error: io::Error },
    #[error("cannot write {path:?}: {error}")]
    Write { path: PathBuf, error: io::Error },
    #[error("cannot write: {0}; check where the output goes")]
    Stdout(io::Error),
}

/// What is written, under another name until it is whole. Dropped, it is removed.
#[derive(Debug)]
pub(crate) struct NewFile<R> {
    file: NamedTempFile<R>,
    /// Its name; `None` for standard output.
    path: Option<PathBuf>,
    /// Whether another file may have that name.
    replaces: bool,
}

impl<R> NewFile<R> {
    /// Makes a file beside `path`, so that it can be given this name in one step. `-` is standard output:
    /// its file is among the temporary ones, and is copied at the end.
    ///
    /// # Errors
    /// [`NewFileError::Exists`], [`NewFileError::Create`].
    pub(crate) fn make(
        path: &Path,
        make: impl FnMut(&Path) -> io::Result<R>,
    ) -> Result<Self, NewFileError> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".lazyhex-");
        let failed = |error| NewFileError::Create { path: path.to_owned(), error };
        if path == Path::new("-") {
            let file = builder.make(make).map_err(failed)?;
            return Ok(Self { file, path: None, replaces: false });
        }
        // Before the work, not after it. The name is taken in a way that replaces nothing all the same.
        if fs::symlink_metadata(path).is_ok() {
            return Err(NewFileError::Exists(path.to_owned()));
        }
        let file = builder.make_in(beside(path), make).map_err(failed)?;
        Ok(Self { file, path: Some(path.to_owned()), replaces: false })
    }

    /// Makes a file that takes the place of another one.
    ///
    /// # Errors
    /// [`NewFileError::Create`].
    fn replacing(
        path: &Path,
        make: impl FnMut(&Path) -> io::Result<R>,
    ) -> Result<Self, NewFileError> {
        let file = tempfile::Builder::new().prefix(".lazyhex-").make_in(beside(path), make);
        let failed = |error| NewFileError::Create { path: path.to_owned(), error };
        Ok(Self { file: file.map_err(failed)?, path: Some(path.to_owned()), replaces: true })
    }

    /// The file.
    pub(crate) fn file(&mut self) -> &mut R {
        self.file.as_file_mut()
    }

    /// Gives the file its name, once `finish` has brought it to the device and closed it.
    ///
    /// # Errors
    /// [`NewFileError::Exists`] if the name was taken meanwhile, [`NewFileError::Write`],
    /// [`NewFileError::Stdout`].
    pub(crate) fn publish(
        self,
        finish: impl FnOnce(R) -> io::Result<()>,
    ) -> Result<(), NewFileError> {
        let (file, temporary) = self.file.into_parts();
        let path = self.path.clone().unwrap_or_else(|| temporary.to_path_buf());
        finish(file).map_err(|error| NewFileError::Write { path: path.clone(), error })?;
        match self.path {
            Some(path) => named(temporary, path, self.replaces),
            None => copied(&temporary).map_err(NewFileError::Stdout),
        }
    }
}

/// The folder of a file.
fn beside(path: &Path) -> &Path {
    path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

/// Writes a text to a new file, or in place of another one.
///
/// # Errors
/// [`NewFileError::Exists`] if the name is taken and `replaces` is false, [`NewFileError::Create`],
/// [`NewFileError::Write`].
pub(crate) fn write_text(path: &Path, text: &str, replaces: bool) -> Result<(), NewFileError> {
    let create = |path: &Path| File::create_new(path);
    let mut new =
        if replaces { NewFile::replacing(path, create)? } else { NewFile::make(path, create)? };
    let failed = |error| NewFileError::Write { path: path.to_owned(), error };
    new.file().write_all(text.as_bytes()).map_err(failed)?;
    new.publish(|file| file.sync_all())
}

/// Whether two names are of one file.
pub(crate) fn is_same(one: &Path, other: &Path) -> bool {
    fs::canonicalize(one).ok().is_some_and(|one| fs::canonicalize(other).is_ok_and(|it| it == one))
}

fn named(temporary: TempPath, path: PathBuf, replaces: bool) -> Result<(), NewFileError> {
    if replaces {
        return temporary
            .persist(&path)
            .map_err(|refused| NewFileError::Write { path, error: refused.error });
    }
    temporary.persist_noclobber(&path).map_err(|refused| match refused.error.kind() {
        io::ErrorKind::AlreadyExists => NewFileError::Exists(path),
        _ => NewFileError::Write { path, error: refused.error },
    })
}

/// Copies a file to standard output. A reader that closed the pipe is not a failure.
fn copied(path: &Path) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match io::copy(&mut File::open(path)?, &mut out).and_then(|_| io::Write::flush(&mut out)) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn create(path: &Path) -> io::Result<File> {
        File::create_new(path)
    }

    fn names(dir: &Path) -> Vec<String> {
        let names = fs::read_dir(dir).unwrap().map(|it| it.unwrap().file_name());
        names.map(|it| it.into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_has_its_name_when_it_is_whole_and_not_before() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new");
        let mut new = NewFile::make(&path, create).unwrap();
        new.file().write_all(b"bytes").unwrap();
        assert!(!path.exists());
        new.publish(|file| file.sync_all()).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"bytes");
        assert_eq!(names(dir.path()), ["new"]);
        let exists = NewFile::make(&path, create).unwrap_err();
        assert!(matches!(exists, NewFileError::Exists(_)), "{exists}");
    }

    #[test]
    fn a_text_replaces_a_file_only_if_it_is_meant_to() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("text");
        write_text(&path, "one", false).unwrap();
        let exists = write_text(&path, "two", false).unwrap_err();
        assert!(matches!(exists, NewFileError::Exists(_)), "{exists}");
        assert_eq!(fs::read(&path).unwrap(), b"one");
        write_text(&path, "three", true).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"three");
        write_text(&dir.path().join("none"), "four", true).unwrap();
        write_text(&dir.path().join("no/folder"), "five", true).unwrap_err();
        let mut all = names(dir.path());
        all.sort();
        assert_eq!(all, ["none", "text"]);
        assert!(is_same(&path, &dir.path().join("./text")));
        assert!(
            !is_same(&path, &dir.path().join("none")) && !is_same(&path, &dir.path().join("gone"))
        );
    }

    #[test]
    fn a_file_that_took_the_name_meanwhile_is_kept_and_nothing_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new");
        let new = NewFile::make(&path, create).unwrap();
        fs::write(&path, "of another").unwrap();
        let exists = new.publish(|file| file.sync_all()).unwrap_err();
        assert!(matches!(exists, NewFileError::Exists(_)), "{exists}");
        assert_eq!(fs::read(&path).unwrap(), b"of another");
        drop(NewFile::make(&dir.path().join("dropped"), create).unwrap());
        let failed = NewFile::make(&dir.path().join("failed"), create).unwrap();
        let error = failed.publish(|_| Err(io::ErrorKind::StorageFull.into())).unwrap_err();
        assert!(matches!(error, NewFileError::Write { .. }), "{error}");
        assert_eq!(names(dir.path()), ["new"]);
    }
}
