//! Making files: one that replaces the old one, one that is emptied and refilled, one that was missing.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use super::Files;
use super::open::end_of;
use crate::atomic_file::{self, AtomicFile};
use crate::{
    Backend, Error, ErrorKind, FileKind, MapRequest, Mode, Op, Request, Result, system, widen,
};

impl<B: Backend> Files<B> {
    pub(super) fn create(&self, path: &Path, request: &Request) -> Result<B::Mapping> {
        let refuse = |kind| Error::new(Op::Create, kind);
        let (offset, len) = (request.offset(), request.len().unwrap_or_default());
        let end = end_of(offset, len).map_err(refuse)?;
        let checked = MapRequest::check(request.mode(), offset, Some(len), end).map_err(refuse)?;
        if widen(self.options().head.len()) > end {
            let what =
                "`head` is longer than the file is to be; give a larger `len`, or less of it";
            return Err(refuse(ErrorKind::InvalidOptions { what }));
        }
        let checked = checked.sparse(self.options().sparse);
        let target = atomic_file::follow(path)
            .map_err(|error| refuse(system::cannot_create(path, error)))?;
        match self.replaceable(&target)? {
            Some(file) if self.options().in_place => self.refill(file, &checked, end),
            replaced => self.make(&target, replaced, checked, end, self.options().create_new),
        }
    }

    /// Makes a file of `len` bytes that is missing, and maps it.
    ///
    /// # Errors
    /// [`AlreadyExists`](ErrorKind::AlreadyExists) if somebody else made it meanwhile.
    pub(super) fn make_missing(
        &self,
        path: &Path,
        request: &Request,
        len: u64,
    ) -> Result<B::Mapping> {
        let refuse = |kind| Error::new(Op::Create, kind);
        let end = match request.len() {
            Some(mapped) if self.options().extend => {
                end_of(request.offset(), mapped).map_err(refuse)?.max(len)
            }
            _ => len,
        };
        let checked = MapRequest::check(request.mode(), request.offset(), request.len(), end)
            .map_err(refuse)?
            .sparse(self.options().sparse);
        let target = atomic_file::follow(path)
            .map_err(|error| refuse(system::cannot_create(path, error)))?;
        self.make(&target, None, checked, end, true)
    }

    /// Makes a file in the directory of the one that it replaces.
    fn make(
        &self,
        target: &Path,
        replaced: Option<File>,
        request: MapRequest,
        end: u64,
        is_new: bool,
    ) -> Result<B::Mapping> {
        let refuse = |kind| Error::new(Op::Create, kind);
        let cannot_create = |error| refuse(system::cannot_create(target, error));
        system::require_place(target).map_err(refuse)?;
        let mut sibling = AtomicFile::new(target.to_path_buf(), |path| {
            self.backend.create(path, self.options().permissions, replaced.as_ref())
        })
        .map_err(cannot_create)?;
        // On some systems an open file keeps its name.
        drop(replaced);
        let file = sibling.file().try_clone().map_err(cannot_create)?;
        let mut mapping =
            self.backend.map(&Arc::new(file), &request.creating(target.to_path_buf()))?;
        self.reserve(&mut mapping)?;
        self.backend
            .allocate(sibling.file(), 0, end, self.options().sparse)
            .map_err(|error| error.during(Op::Create))?;
        let mut file = sibling.file();
        file.write_all(&self.options().head).map_err(cannot_create)?;
        // On failure, the mapping ends before its file is removed.
        let named = if is_new {
            sibling.publish(|from, to| self.backend.rename_noreplace(from, to))
        } else {
            sibling.replace()
        };
        named.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => refuse(ErrorKind::AlreadyExists),
            _ => cannot_create(error),
        })?;
        Ok(mapping)
    }

    /// Empties a file and refills it with `end` bytes.
    fn refill(&self, file: File, request: &MapRequest, end: u64) -> Result<B::Mapping> {
        let refuse = |kind| Error::new(Op::Create, kind);
        system::require_len(end).map_err(refuse)?;
        if let Some(free) = self.backend.room_if_emptied(&file)
            && end > free
            && !self.options().sparse
        {
            return Err(refuse(ErrorKind::StorageFull { offset: None, needed: end, free }));
        }
        let file = Arc::new(file);
        let map = || -> Result<B::Mapping> {
            let mut mapping = self.backend.map(&file, request)?;
            self.reserve(&mut mapping)?;
            Ok(mapping)
        };
        let mapped = if B::EMPTIES_MAPPED { Some(map()?) } else { None };
        // Space that is given up may be lost: others may take it, or the file system may keep it back.
        let is_zeroed = !self.options().sparse && end > 0 && self.backend.zero(&file, end)?;
        if !is_zeroed {
            file.set_len(0)
                .map_err(|error| self.refuse_io(error, Mode::Create, None).during(Op::Create))?;
        }
        let refilled = mapped.map_or_else(map, Ok).and_then(|mapping| {
            self.backend.allocate(
                &file,
                if is_zeroed { end } else { 0 },
                end,
                self.options().sparse,
            )?;
            (&*file)
                .write_all(&self.options().head)
                .map_err(|error| self.refuse_io(error, Mode::Create, None))?;
            Ok(mapping)
        });
        refilled.map_err(|error| error.during(Op::Refill))
    }

    /// The file that is at `target` now, if it may be replaced.
    fn replaceable(&self, target: &Path) -> Result<Option<File>> {
        let refuse = |kind| Err(Error::new(Op::Create, kind));
        let metadata = match fs::metadata(target) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(self.refuse_io(error, Mode::Create, Some(target)).during(Op::Create));
            }
        };
        match self.backend.kind(metadata.file_type()) {
            _ if self.options().create_new => refuse(ErrorKind::AlreadyExists),
            FileKind::Regular => {
                // A user who may not write to the file may not replace it either.
                let file = self.backend.open(target, Mode::Create).map_err(|error| {
                    self.refuse_io(error, Mode::Create, Some(target)).during(Op::Create)
                })?;
                let found = self
                    .backend
                    .inspect(&file)
                    .map_err(|error| self.refuse_io(error, Mode::Create, None))?;
                match found.kind {
                    FileKind::Regular => Ok(Some(file)),
                    kind => refuse(ErrorKind::NotMappable { kind }),
                }
            }
            FileKind::BlockDevice => refuse(ErrorKind::InvalidOptions {
                what: "it is a block device, which cannot be made or replaced; map it with mode \"r+\"",
            }),
            kind => refuse(ErrorKind::NotMappable { kind }),
        }
    }
}
