use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use super::Files;
use crate::absolute::absolute;
use crate::{Backend, Error, FileIdentity, FileInfo, Map, MapRequest, Mode, Op, Origin, Result};

/// A file that is open, and not mapped yet: for bindings, which look at its length or its first bytes before they know
/// what to map. A map of it holds the file open, so nothing is opened a second time.
///
/// It is internal and has no stability promise.
#[derive(Debug)]
pub struct OpenedFile<B> {
    files: Files<B>,
    file: Arc<File>,
    path: Arc<Path>,
    mode: Mode,
    found: FileInfo,
}

impl<B: Backend> OpenedFile<B> {
    /// Opens a file that exists. Pipes and devices are not even opened, so nothing blocks.
    ///
    /// # Errors
    /// As [`MapOptions::open`](crate::MapOptions::open) without options.
    pub fn open(backend: B, path: &Path, mode: Mode) -> Result<Self> {
        let (files, path) = (Files::new(backend), absolute(path));
        let opened = files.open_checked(&path, mode);
        let (file, found) =
            opened.map_err(|error| error.with_origin(Origin::from(Arc::clone(&path))))?;
        Ok(Self { files, file: Arc::new(file), path, mode, found })
    }

    /// The file.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Its absolute path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The mode that it was opened for.
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// Its length in bytes when it was opened.
    #[expect(
        clippy::len_without_is_empty,
        reason = "it is a length of a file, not of a collection"
    )]
    pub const fn len(&self) -> u64 {
        self.found.len
    }

    /// What it was when it was opened.
    pub const fn found(&self) -> FileInfo {
        self.found
    }

    /// Its identity.
    pub const fn identity(&self) -> Option<FileIdentity> {
        self.found.identity
    }

    /// Maps a part of it.
    ///
    /// # Errors
    /// [`BeyondEnd`](crate::ErrorKind::BeyondEnd), and errors of the system.
    pub fn map(&self, offset: u64, len: u64) -> Result<Map<B::Mapping>> {
        let origin = || Origin::from(Arc::clone(&self.path));
        let mapped = self.mapping(offset, len).map_err(|error| error.with_origin(origin()))?;
        Ok(Map::opened(mapped, offset, Some(origin())))
    }

    fn mapping(&self, offset: u64, len: u64) -> Result<B::Mapping> {
        let mut file_len = self.found.len;
        if offset.checked_add(len).is_none_or(|end| end > file_len) {
            // It may have grown since.
            let again = self.files.backend.inspect(&self.file);
            file_len = again.map_err(|error| self.files.refuse_io(error, self.mode, None))?.len;
        }
        let checked = MapRequest::check(self.mode, offset, Some(len), file_len)
            .map_err(|kind| Error::new(Op::Map, kind))?;
        let checked = checked.opened_at(Some(&self.path), self.found.identity);
        // What is mapped so is shown, and not only read.
        let checked = checked.holding_open().needing_mapping();
        self.files.backend.map(&self.file, &checked)
    }
}

impl<B: Backend> Files<B> {
    /// Opens a file that can be mapped.
    fn open_checked(&self, path: &Arc<Path>, mode: Mode) -> Result<(File, FileInfo)> {
        let refuse = |error| self.refuse_io(error, mode, Some(path));
        // As in `open_existing`.
        let kind = self.backend.kind_at(path).map_err(refuse)?;
        if !kind.is_mappable() {
            self.require_readable(kind)?;
        }
        let file = self.backend.open(path, mode).map_err(refuse)?;
        let found = self.backend.inspect(&file).map_err(refuse)?;
        if !found.kind.is_mappable() {
            self.require_readable(found.kind)?;
        }
        Ok((file, found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use crate::testing::FakeBackend;

    fn opened(path: &Path) -> Result<OpenedFile<FakeBackend>> {
        OpenedFile::open(FakeBackend::default(), path, Mode::Read)
    }

    #[test]
    fn a_part_is_mapped_after_a_look_at_the_length() {
        let path = std::env::temp_dir().join(format!("memmap-opened-{}", std::process::id()));
        std::fs::write(&path, "0123456789").unwrap();
        let file = opened(&path).unwrap();
        assert_eq!((file.len(), file.path(), file.mode()), (10, &*path, Mode::Read));
        let map = file.map(4, file.len() - 4).unwrap();
        assert_eq!((map.read_at(0, 6).unwrap(), map.offset()), (b"456789".to_vec(), 4));
        let error = file.map(4, 7).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::BeyondEnd { .. }), "{error}");
        assert_eq!(error.path(), Some(&*path));
        // It grows.
        std::fs::write(&path, "0123456789a").unwrap();
        assert_eq!(file.map(4, 7).unwrap().len(), 7);
        // Windows keeps the name of a file that is removed while it is open.
        drop((map, file));
        std::fs::remove_file(&path).unwrap();
        let error = opened(&path).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::NotFound) && error.path() == Some(&*path));
    }

    #[test]
    fn a_directory_is_refused() {
        let error = opened(&std::env::temp_dir()).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::NotMappable { .. }), "{error}");
    }
}
