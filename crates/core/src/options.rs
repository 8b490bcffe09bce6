use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::absolute::absolute;
use crate::{
    Backend, Error, ErrorKind, Fallback, FileInfo, FileKind, Map, Mode, Op, Request, Result,
    fallback, widen,
};

mod create;

/// Options for mapping a file: the mode, the range, and what may happen to the file.
///
/// Made by [`Map::options`], or by [`new`](Self::new) with a backend. The defaults map the whole file,
/// read-only.
///
/// # Examples
/// ```
/// use memmap_core::{MapOptions, Mode, testing::FakeBackend};
///
/// # let dir = std::env::temp_dir();
/// # let path = dir.join(format!("memmap-options-{}", std::process::id()));
/// # std::fs::write(&path, b"0123456789")?;
/// let mm = MapOptions::new(FakeBackend::default()).offset(3).len(4).open(&path)?;
/// assert_eq!(mm.read_at(0, 4)?, b"3456");
/// let longer = MapOptions::new(FakeBackend::default()).mode(Mode::ReadWrite).extend(true).len(12);
/// assert_eq!(longer.open(&path)?.read_at(8, 4)?, b"89\0\0");
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is mapped before `open`"]
#[expect(clippy::struct_excessive_bools, reason = "each is an option that is said by its name")]
pub struct MapOptions<B> {
    backend: B,
    mode: Mode,
    offset: u64,
    len: Option<u64>,
    extend: bool,
    sparse: bool,
    create_new: bool,
    in_place: bool,
    permissions: Option<u32>,
    head: Vec<u8>,
    fallback: Fallback,
    small_file: u64,
    deny_write: bool,
}

impl<B: Backend> MapOptions<B> {
    /// The default options with this backend: the whole file, read-only.
    pub const fn new(backend: B) -> Self {
        Self {
            backend,
            mode: Mode::Read,
            offset: 0,
            len: None,
            extend: false,
            sparse: false,
            create_new: false,
            in_place: false,
            permissions: None,
            head: Vec::new(),
            fallback: Fallback::Refuse,
            small_file: 0,
            deny_write: false,
        }
    }

    /// The mode of the mapping. Default: [`Mode::Read`]. (numpy's default is `r+`; this one cannot
    /// change a file by accident.)
    pub const fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// Bytes from the start of the file to the first mapped one. Default: 0.
    ///
    /// Any offset is valid; the backend takes care of page boundaries.
    pub const fn offset(mut self, offset: u64) -> Self {
        self.offset = offset;
        self
    }

    /// The number of bytes to map. Default: up to the end of the file. 0 is valid.
    pub const fn len(mut self, len: u64) -> Self {
        self.len = Some(len);
        self
    }

    /// Extend a file that is shorter than `offset + len` to that length, in mode `r+`. The new bytes are
    /// zeros. Default: false. (numpy always extends, which hides that a file was truncated.)
    pub const fn extend(mut self, extend: bool) -> Self {
        self.extend = extend;
        self
    }

    /// Let new bytes of a file be a hole, both now and in a later [`resize`](Map::resize), in modes `r+`
    /// and `w+`. Default: false. Disk space is then reserved, so that a full disk is an error at once
    /// and not in a later write.
    pub const fn sparse(mut self, sparse: bool) -> Self {
        self.sparse = sparse;
        self
    }

    /// Fail if the file exists, in mode `w+`. Default: false, which replaces it. Symbolic links are
    /// followed, so a dangling link does not count as a file.
    pub const fn create_new(mut self, create_new: bool) -> Self {
        self.create_new = create_new;
        self
    }

    /// Empty and refill an existing file instead of replacing it, in mode `w+`, as numpy does. This is
    /// for names that no other file can take, such as a single file that is mounted into a container,
    /// and for files that must keep their identity under all their names (hard links) and all their
    /// metadata. Default: false. It has no effect if there is no file.
    ///
    /// It gives up what `w+` otherwise guarantees. After a crash the file may be incomplete. Other maps
    /// of it lose its old bytes ([`ErrorKind::Truncated`]) and see the new ones. Everything that can be
    /// checked, including the disk space, is checked before the file is emptied. An error after that has
    /// [`Op::Refill`]: the old bytes are gone.
    ///
    /// # Platform
    /// Windows: a file that anybody has mapped cannot be emptied. The error is [`ErrorKind::InUse`], and
    /// the file is unchanged.
    pub const fn in_place(mut self, in_place: bool) -> Self {
        self.in_place = in_place;
        self
    }

    /// The permission bits of a file that mode `w+` makes, such as `0o640`. The umask of the process
    /// applies (umask(2)). Default: the bits of the file that is replaced, and `0o666` for a new name.
    ///
    /// # Platform
    /// POSIX. On Windows the bits have no effect: the new file gets its access list from its directory.
    pub const fn permissions(mut self, bits: u32) -> Self {
        self.permissions = Some(bits);
        self
    }

    /// The first bytes of a file that mode `w+` makes, wherever the mapping starts. Use it for a header:
    /// the bytes are in the file before it gets its name. Default: zeros.
    pub fn head(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.head = bytes.into();
        self
    }

    /// What to do with a source that cannot be mapped: a pipe, a file of `/proc`, or a file for which
    /// the process has no mapping left. Modes `r` and `c`. Default: [`Fallback::Refuse`].
    ///
    /// A regular file that the system does not map is read on each access instead, so refusing only
    /// concerns sources without permanent bytes. The documentation of the mapping says where that is so.
    ///
    /// If a stream may never end, limit it with [`len`](Self::len).
    pub const fn fallback(mut self, fallback: Fallback) -> Self {
        self.fallback = fallback;
        self
    }

    /// Read files of at most this many bytes into memory instead of mapping them, in modes `r` and `c`.
    /// This is for many small files, where each mapping costs system calls and a page fault. Later
    /// writes to the file are not seen. Default: 0, which maps every file.
    ///
    /// # Cost
    /// When all of each file was read, reading took a third of the time of mapping at 4 KiB, a half at
    /// 64 KiB, and the same time at 256 KiB (BENCHMARKS.md, `cargo xtask bench run open-close`). 64 KiB
    /// is a good threshold then, and 0 if little of each file is read.
    pub const fn small_file(mut self, threshold: u64) -> Self {
        self.small_file = threshold;
        self
    }

    /// Deny other processes write access to an existing file while it is mapped. Default: false, which
    /// lets others read, write, rename and delete it.
    ///
    /// This is a share mode, not a proof. A process that mapped the file for writing earlier and closed
    /// it since can still write to it, and so can another machine. Bytes are still copied out;
    /// [`prove`](Map::prove) makes a map that lends them.
    ///
    /// # Platform
    /// Windows: the share mode of `CreateFile`. Elsewhere [`ErrorKind::Unsupported`]: POSIX cannot keep
    /// others from writing.
    pub const fn deny_write(mut self, deny_write: bool) -> Self {
        self.deny_write = deny_write;
        self
    }

    /// Maps the file at `path`. Everything is checked first: if this fails, no file was made, emptied,
    /// extended or truncated. (Only with [`in_place`](Self::in_place) can a problem be found too late;
    /// the error then says so.)
    ///
    /// A relative path is resolved once, here. Symbolic links are followed. Mode `w+` makes the new file
    /// in the same directory and replaces the old one in one step at the end. Whoever has the old file
    /// open or mapped keeps it, and other hard links still lead to it. The new file gets the owner, the
    /// permissions, the access list and the extended attributes of the old one, as far as this user may
    /// set them. [`in_place`](Self::in_place) keeps the file itself.
    ///
    /// On Windows a file keeps its name while it is mapped, or open in a way that others may not delete
    /// it. Replacing it is then [`ErrorKind::CannotCreate`].
    ///
    /// # Errors
    /// Each error names the absolute path.
    /// - [`ErrorKind::InvalidOptions`] if options contradict each other or the mode, or if one is
    ///   missing
    /// - [`ErrorKind::NotFound`], [`ErrorKind::PermissionDenied`], and [`ErrorKind::WriteProtected`] if
    ///   nobody may write to the file
    /// - [`ErrorKind::LimitReached`] if no more files can be opened
    /// - [`ErrorKind::InUse`] if the file is a running program, or if another process denies the access
    ///   (Windows); with `deny_write`, [`ErrorKind::Unsupported`] if the system has no such share mode
    /// - [`ErrorKind::AlreadyExists`], [`ErrorKind::CannotCreate`] in mode `w+`
    /// - [`ErrorKind::NotMappable`] for sources without permanent bytes: a directory, a pipe, a socket,
    ///   a character device, a file of `/proc` or `/sys`. Pipes and devices are not even opened, so
    ///   nothing blocks
    /// - [`ErrorKind::BeyondEnd`] if the file is shorter than requested; no map is returned that would
    ///   fail later for that reason
    /// - [`ErrorKind::StorageFull`], [`ErrorKind::QuotaExceeded`], [`ErrorKind::FileTooLarge`] if the
    ///   disk has no room for a file that is made or extended
    /// - [`ErrorKind::TooLarge`], [`ErrorKind::OutOfMemory`] if there is no room in the address space
    /// - [`ErrorKind::Os`] for anything else
    ///
    /// # Platform
    /// Block devices are mapped where the system can do so (Linux). Their length is that of the device.
    ///
    /// # Cost
    /// A few system calls and no read, whatever the length of the file. Reserving space may write zeros
    /// where the file system has no other way.
    pub fn open(self, path: impl AsRef<Path>) -> Result<Map<B::Mapping>> {
        let path = path.as_ref();
        let absolute = absolute(path);
        let opened = self.require_sense().and_then(|()| match self.mode {
            Mode::Create => self.create(&absolute),
            _ => self.open_existing(&absolute),
        });
        let mapping = opened.map_err(|error| error.with_path(&absolute))?;
        Ok(Map::opened(mapping, self.offset, Some(absolute)))
    }

    /// Maps a file that is already open. The file stays open, its position does not change, and it may
    /// be closed before the map is.
    ///
    /// # Platform
    /// Linux: the map opens the file again (through `/proc`), so its locks and sync errors are separate.
    /// The same holds on Windows (`ReOpenFile`), unless `file` was opened without any sharing.
    /// Elsewhere, or if that fails, they are shared with `file`: a failure that `file.sync_all()`
    /// returned is not reported to the map.
    ///
    /// # Errors
    /// Those of [`open`](Self::open), without a path. [`ErrorKind::OpenedForLess`] if the file was not
    /// opened for what the mode needs. [`ErrorKind::InvalidOptions`] for mode `w+`, which makes a file.
    ///
    /// # Cost
    /// As [`open`](Self::open). Maps made from the same open file share a descriptor while they live.
    pub fn open_file(self, file: &File) -> Result<Map<B::Mapping>> {
        self.require_sense()?;
        if self.mode == Mode::Create {
            let what = "mode \"w+\" makes a file, and this one is open; map it with mode \"r+\", and \
                        with `extend` if it is to grow";
            return Err(Error::new(Op::Open, ErrorKind::InvalidOptions { what }));
        }
        if self.deny_write {
            let what = "`deny_write` is said when a file is opened, and this one is open; open it by \
                        its path";
            return Err(Error::new(Op::Open, ErrorKind::InvalidOptions { what }));
        }
        let again = self.backend.again(file, self.mode).map_err(|error| self.refuse_io(error));
        let mapping = again.and_then(|file| self.map_opened(file, None)).map_err(|error| {
            match *error.kind() {
                ErrorKind::PermissionDenied { mode } => {
                    Error::new(error.op(), ErrorKind::OpenedForLess { mode })
                }
                _ => error,
            }
        })?;
        Ok(Map::opened(mapping, self.offset, None))
    }

    /// Checks the options without looking at any file.
    fn require_sense(&self) -> Result<()> {
        let reaches_file = self.mode.reaches_file();
        let creates = self.mode == Mode::Create;
        let wrong = [
            (
                self.extend && self.mode != Mode::ReadWrite,
                "`extend` is for mode \"r+\"; use that mode, or leave it out",
            ),
            (self.extend && self.len.is_none(), "`extend` does not say how far; say it with `len`"),
            (
                self.sparse && !reaches_file,
                "`sparse` is for modes \"r+\" and \"w+\", which make files longer; leave it out",
            ),
            (
                self.create_new && !creates,
                "`create_new` is for mode \"w+\"; use that mode, or leave it out",
            ),
            (
                self.in_place && !creates,
                "`in_place` is for mode \"w+\", which else replaces the file; use that mode, or leave it \
                 out",
            ),
            (
                self.in_place && self.create_new,
                "`in_place` empties a file that is there, and `create_new` wants none; leave one of \
                 them out",
            ),
            (
                self.permissions.is_some() && !creates,
                "`permissions` are those of a file that mode \"w+\" makes; leave them out",
            ),
            (
                !self.head.is_empty() && !creates,
                "`head` is the start of a file that mode \"w+\" makes; leave it out",
            ),
            (
                self.fallback != Fallback::Refuse && reaches_file,
                "what is read into memory is not written back; use `fallback` with mode \"r\" or \
                 \"c\"",
            ),
            (
                self.small_file > 0 && reaches_file,
                "what is read into memory is not written back; use `small_file` with mode \"r\" or \
                 \"c\"",
            ),
            (
                self.deny_write && creates,
                "`deny_write` is for files that exist; make it, and map it again with mode \"r+\"",
            ),
        ];
        match wrong.into_iter().find(|(is_wrong, _)| *is_wrong) {
            Some((_, what)) => Err(Error::new(Op::Open, ErrorKind::InvalidOptions { what })),
            None if creates && self.len.is_none() => {
                let what = "mode \"w+\" needs the length of the new file";
                Err(Error::new(Op::Create, ErrorKind::InvalidOptions { what }))
            }
            None => Ok(()),
        }
    }

    fn open_existing(&self, path: &Arc<Path>) -> Result<B::Mapping> {
        // Checked before the file is opened: opening a pipe waits for its other end, and opening a
        // device can have side effects.
        let kind = self.backend.kind_at(path).map_err(|error| self.refuse_io_at(error, path))?;
        if !kind.is_mappable() {
            self.require_readable(kind)?;
            let stream = File::open(path).map_err(|error| self.refuse_io_at(error, path))?;
            return self.read_instead(&stream);
        }
        let file = if self.deny_write {
            let opened = self.backend.open_denying_writes(path, self.mode);
            opened.map_err(|kind| Error::new(Op::Open, kind))?
        } else {
            self.backend.open(path, self.mode).map_err(|error| self.refuse_io_at(error, path))?
        };
        self.map_opened(file, Some(path))
    }

    fn map_opened(&self, file: File, path: Option<&Arc<Path>>) -> Result<B::Mapping> {
        // Checked again, because only the opened file is the one that will be mapped.
        let found = self.backend.inspect(&file).map_err(|error| self.refuse_io(error))?;
        if !found.kind.is_mappable() {
            self.require_readable(found.kind)?;
            return self.read_instead(&file);
        }
        let refuse = |kind| Error::new(Op::Map, kind);
        let end = self.end_to_be(found).map_err(refuse)?;
        let request = Request::check(self.mode, self.offset, self.len, end).map_err(refuse)?;
        let request = request.sparse(self.sparse).opened_at(path, found.identity);
        let is_small = self.small_file > 0 && widen(request.len()) <= self.small_file;
        if is_small {
            return self.read_instead(&file);
        }
        let file = Arc::new(file);
        let mapping = match self.fallback {
            Fallback::Refuse => self.backend.map(&file, &request)?,
            Fallback::ReadIntoMemory => {
                let mapped = self.backend.map(&file, &request.clone().needing_mapping());
                mapped.or_else(|error| self.fall_back(&file, &request, error))?
            }
        };
        // The file comes last, so that nothing has to be undone: others may append to it meanwhile.
        if end > found.len {
            self.backend.extend(&file, found.len, end, self.sparse)?;
        }
        Ok(mapping)
    }

    /// The length that the file must have: more than now only if the options ask for it.
    fn end_to_be(&self, found: FileInfo) -> Result<u64, ErrorKind> {
        match self.len {
            Some(len) if self.extend && found.kind == FileKind::Regular => {
                Ok(found.len.max(end_of(self.offset, len)?))
            }
            _ => Ok(found.len),
        }
    }

    /// Whether a source that cannot be mapped should, and can, be read instead.
    fn require_readable(&self, kind: FileKind) -> Result<()> {
        match kind {
            FileKind::Directory | FileKind::Socket => {}
            _ if self.fallback == Fallback::ReadIntoMemory => return Ok(()),
            _ => {}
        }
        Err(Error::new(Op::Open, ErrorKind::NotMappable { kind }))
    }

    /// Reads into memory what the system does not map. If it does not fit into memory either, it is read
    /// from the file on each access, where the backend can.
    fn fall_back(&self, file: &Arc<File>, request: &Request, refused: Error) -> Result<B::Mapping> {
        match refused.kind() {
            ErrorKind::Unsupported { .. } | ErrorKind::OutOfMemory { .. } => {}
            _ => return Err(refused),
        }
        match self.read_instead(file) {
            Err(error) if matches!(error.kind(), ErrorKind::OutOfMemory { .. }) => {
                self.backend.map(file, request)
            }
            read => read,
        }
    }

    fn read_instead(&self, file: &File) -> Result<B::Mapping> {
        let bytes = fallback::read(file, self.offset, self.len)?;
        Ok(self.backend.hold(bytes, self.mode))
    }

    fn refuse_io(&self, error: io::Error) -> Error {
        Error::new(Op::Open, self.backend.refusal(error, self.mode, None))
    }

    fn refuse_io_at(&self, error: io::Error, path: &Path) -> Error {
        Error::new(Op::Open, self.backend.refusal(error, self.mode, Some(path)))
    }
}

/// The end in the file of `len` bytes at `offset`.
fn end_of(offset: u64, len: u64) -> Result<u64, ErrorKind> {
    // No system has longer files: file positions are signed.
    const MAX: u64 = i64::MAX.unsigned_abs();
    match offset.checked_add(len) {
        Some(end) if end <= MAX => Ok(end),
        _ => Err(ErrorKind::TooLarge { len, max: MAX.saturating_sub(offset) }),
    }
}
