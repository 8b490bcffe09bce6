//! Opening files that exist: what is checked before anything is mapped, and what is read instead.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::{FileOptions, Files};
use crate::absolute::absolute;
use crate::{
    Backend, Error, ErrorKind, Fallback, FileInfo, FileKind, MapRequest, Mapping, Mode, Op,
    Request, Result, addressable, fallback, widen,
};

/// How often a file that is missing and then there, or there and then missing, is looked for again.
const ATTEMPTS: usize = 16;

impl<B: Backend> Files<B> {
    pub(super) fn open_path(&self, path: &Path, request: &Request) -> Result<B::Mapping> {
        self.require_sense(request)?;
        // The origin is the absolute path, unless another opener made it.
        let named = request.origin().shared_path();
        let path = &match named.filter(|named| named.as_os_str() == path.as_os_str()) {
            Some(named) => Arc::clone(named),
            None => absolute(path),
        };
        match self.options().create_missing {
            _ if request.mode() == Mode::Create => self.create(path, request),
            Some(len) => self.open_or_make(path, request, len),
            None => self.open_existing(path, request),
        }
    }

    pub(super) fn open_opened(&self, file: &File, request: &Request) -> Result<B::Mapping> {
        self.require_sense(request)?;
        if request.mode() == Mode::Create {
            let what = "mode \"w+\" makes a file, and this one is open; map it with mode \"r+\", and \
                        with `extend` if it is to grow";
            return Err(Error::new(Op::Open, ErrorKind::InvalidOptions { what }));
        }
        if self.options().create_missing.is_some() {
            let what =
                "`create_missing` makes a file that is missing, and this one is open; leave it out";
            return Err(Error::new(Op::Open, ErrorKind::InvalidOptions { what }));
        }
        if self.options().deny_write {
            let what = "`deny_write` is set when a file is opened, and this one is open; open it by \
                        its path";
            return Err(Error::new(Op::Open, ErrorKind::InvalidOptions { what }));
        }
        let again = self
            .backend
            .reopen(file, request.mode())
            .map_err(|error| self.refuse_io(error, request.mode(), None));
        again.and_then(|file| self.map_opened(file, None, request)).map_err(|error| {
            match *error.kind() {
                ErrorKind::PermissionDenied { mode } => {
                    Error::new(error.op(), ErrorKind::OpenedForLess { mode })
                }
                _ => error,
            }
        })
    }

    /// Opens a file, or makes it if there is none.
    fn open_or_make(&self, path: &Arc<Path>, request: &Request, len: u64) -> Result<B::Mapping> {
        let mut found = self.open_existing(path, request);
        for _ in 0..ATTEMPTS {
            match &found {
                Err(error) if matches!(error.kind(), ErrorKind::NotFound) => {}
                _ => return found,
            }
            match self.make_missing(path, request, len) {
                // Somebody else was faster.
                Err(error) if matches!(error.kind(), ErrorKind::AlreadyExists) => {
                    found = self.open_existing(path, request);
                }
                made => return made,
            }
        }
        found
    }

    /// Checks the options without looking at any file.
    fn require_sense(&self, request: &Request) -> Result<()> {
        let is_made = request.mode() == Mode::Create;
        if !is_made && request.identity().is_none() && self.options.is_none() {
            return Ok(());
        }
        addressable(self.options().reserve).map_err(|kind| Error::new(Op::Reserve, kind))?;
        match self.contradictions(request).into_iter().find(|(is_wrong, _)| *is_wrong) {
            Some((_, what)) => Err(Error::new(Op::Open, ErrorKind::InvalidOptions { what })),
            None if is_made && request.len().is_none() => {
                let what = "mode \"w+\" needs the length of the new file";
                Err(Error::new(Op::Create, ErrorKind::InvalidOptions { what }))
            }
            None => Ok(()),
        }
    }

    /// Whether a file that is made because it is missing has no room for its head.
    fn head_is_too_long(&self, request: &Request) -> bool {
        let FileOptions { create_missing, extend, head, .. } = self.options();
        let extended = request.len().filter(|_| *extend);
        let end = extended.map_or(0, |len| request.offset().saturating_add(len));
        create_missing.is_some_and(|len| widen(head.len()) > len.max(end))
    }

    /// What cannot be asked for together, and what to do instead.
    fn contradictions(&self, request: &Request) -> [(bool, &'static str); 14] {
        let (mode, options) = (request.mode(), self.options());
        let reaches_file = mode.reaches_file();
        let creates = mode == Mode::Create;
        let makes = creates || options.create_missing.is_some();
        [
            (
                options.extend && mode != Mode::ReadWrite,
                "`extend` is for mode \"r+\"; use that mode, or leave it out",
            ),
            (
                options.extend && request.len().is_none(),
                "`extend` does not say how far; say it with `len`",
            ),
            (
                options.sparse && !reaches_file,
                "`sparse` is for modes \"r+\" and \"w+\", which make files longer; leave it out",
            ),
            (
                options.create_new && !creates,
                "`create_new` is for mode \"w+\"; use that mode, or leave it out",
            ),
            (
                options.in_place && !creates,
                "`in_place` is for mode \"w+\", which else replaces the file; use that mode, or leave it \
                 out",
            ),
            (
                options.in_place && options.create_new,
                "`in_place` empties a file that is there, and `create_new` wants none; leave one of \
                 them out",
            ),
            (
                options.permissions.is_some() && !makes,
                "`permissions` are those of a file that is made; use mode \"w+\", or leave them out",
            ),
            (
                !options.head.is_empty() && !makes,
                "`head` is the start of a file that is made; use mode \"w+\", or leave it out",
            ),
            (
                options.fallback != Fallback::Refuse && reaches_file,
                "what is read into memory is not written back; use `fallback` with mode \"r\" or \
                 \"c\"",
            ),
            (
                options.small_file > 0 && reaches_file,
                "what is read into memory is not written back; use `small_file` with mode \"r\" or \
                 \"c\"",
            ),
            (
                options.create_missing.is_some() && mode != Mode::ReadWrite,
                "`create_missing` is for mode \"r+\"; use that mode, or leave it out",
            ),
            (
                self.head_is_too_long(request),
                "`head` is longer than the file is to be; make it longer, or give less of it",
            ),
            (
                request.identity().is_some() && (makes || options.extend),
                "`identity` says that the file is as it was, and it is to be made or extended; leave one \
                 of them out",
            ),
            (
                options.deny_write && makes,
                "`deny_write` is for files that exist; make it, and map it again with mode \"r+\"",
            ),
        ]
    }

    fn open_existing(&self, path: &Arc<Path>, request: &Request) -> Result<B::Mapping> {
        let mode = request.mode();
        let refuse = |error| self.refuse_io(error, mode, Some(path));
        // Checked before the file is opened: opening a pipe waits for its other end, and opening a
        // device can have side effects.
        let kind = self.backend.kind_at(path).map_err(refuse)?;
        if !kind.is_mappable() {
            self.require_readable(kind)?;
            let stream = File::open(path).map_err(refuse)?;
            return self.read_instead(&stream, request, None);
        }
        let file = if self.options().deny_write {
            let opened = self.backend.open_denying_writes(path, mode);
            opened.map_err(|kind| Error::new(Op::Open, kind))?
        } else {
            self.backend.open(path, mode).map_err(refuse)?
        };
        self.map_opened(file, Some(path), request)
    }

    fn map_opened(
        &self,
        file: File,
        path: Option<&Arc<Path>>,
        request: &Request,
    ) -> Result<B::Mapping> {
        let mode = request.mode();
        // Checked again, because only the opened file is the one that will be mapped.
        let found =
            self.backend.inspect(&file).map_err(|error| self.refuse_io(error, mode, None))?;
        if !found.kind.is_mappable() {
            self.require_readable(found.kind)?;
            return self.read_instead(&file, request, None);
        }
        let refuse = |kind| Error::new(Op::Map, kind);
        let end = self.end_to_be(found, request).map_err(refuse)?;
        let (offset, len) = (request.offset(), request.len());
        let checked = MapRequest::check(mode, offset, len, end).map_err(refuse)?;
        let checked = checked.sparse(self.options().sparse).opened_at(path, found.identity);
        let is_small =
            self.options().small_file > 0 && widen(checked.len()) <= self.options().small_file;
        if is_small {
            return self.read_instead(&file, request, Some(found));
        }
        let file = Arc::new(file);
        let mut mapping = match self.options().fallback {
            Fallback::Refuse => self.backend.map(&file, &checked)?,
            Fallback::ReadIntoMemory => {
                let mapped = self.backend.map(&file, &checked.clone().needing_mapping());
                mapped.or_else(|error| self.fall_back(&file, &checked, request, found, error))?
            }
        };
        self.reserve(&mut mapping)?;
        // The file comes last, so that nothing has to be undone: others may append to it meanwhile.
        if end > found.len {
            self.backend.allocate(&file, found.len, end, self.options().sparse)?;
        }
        Ok(mapping)
    }

    /// Reserves the addresses that were asked for.
    pub(super) fn reserve(&self, mapping: &mut B::Mapping) -> Result<()> {
        match self.options().reserve {
            0 => Ok(()),
            len => mapping.reserve(len),
        }
    }

    /// The length that the file must have: more than now only if the options ask for it.
    fn end_to_be(&self, found: FileInfo, request: &Request) -> Result<u64, ErrorKind> {
        match request.len() {
            Some(len) if self.options().extend && found.kind == FileKind::Regular => {
                Ok(found.len.max(end_of(request.offset(), len)?))
            }
            _ => Ok(found.len),
        }
    }

    /// Whether a source that cannot be mapped should, and can, be read instead.
    pub(super) fn require_readable(&self, kind: FileKind) -> Result<()> {
        match kind {
            FileKind::Directory | FileKind::Socket => {}
            _ if self.options().fallback == Fallback::ReadIntoMemory => return Ok(()),
            _ => {}
        }
        Err(Error::new(Op::Open, ErrorKind::NotMappable { kind }))
    }

    /// Reads into memory what the system does not map. If it does not fit into memory either, it is read
    /// from the file on each access, where the backend can.
    fn fall_back(
        &self,
        file: &Arc<File>,
        checked: &MapRequest,
        request: &Request,
        found: FileInfo,
        refused: Error,
    ) -> Result<B::Mapping> {
        match refused.kind() {
            ErrorKind::Unsupported { .. } | ErrorKind::OutOfMemory { .. } => {}
            _ => return Err(refused),
        }
        match self.read_instead(file, request, Some(found)) {
            Err(error) if matches!(error.kind(), ErrorKind::OutOfMemory { .. }) => {
                self.backend.map(file, checked)
            }
            read => read,
        }
    }

    fn read_instead(
        &self,
        file: &File,
        request: &Request,
        found: Option<FileInfo>,
    ) -> Result<B::Mapping> {
        let bytes = fallback::read(file, request.offset(), request.len())?;
        // If the file changed meanwhile, the bytes may be of both versions, and have none.
        let found = found.filter(|found| {
            let again = self.backend.inspect(file);
            again.is_ok_and(|again| again == *found)
        });
        Ok(self.backend.in_memory(bytes, request.mode(), found))
    }

    pub(super) fn refuse_io(&self, error: io::Error, mode: Mode, path: Option<&Path>) -> Error {
        Error::new(Op::Open, self.backend.refusal(error, mode, path))
    }
}

/// The end in the file of `len` bytes at `offset`.
pub(super) fn end_of(offset: u64, len: u64) -> Result<u64, ErrorKind> {
    // No system has longer files: file positions are signed.
    const MAX: u64 = i64::MAX.unsigned_abs();
    match offset.checked_add(len) {
        Some(end) if end <= MAX => Ok(end),
        _ => Err(ErrorKind::TooLarge { len, max: MAX.saturating_sub(offset) }),
    }
}
