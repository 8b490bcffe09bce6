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

/// What is asked of a file: the mode, where to start, how much, and what may happen to the file.
///
/// Made by [`Map::options`], or with a backend of one's own by [`new`](Self::new). Without any
/// call it asks for the whole file, read-only.
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
    /// Options for this backend: the whole file, read-only.
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

    /// How the mapping is to be used. [`Mode::Read`] unless said otherwise (numpy's default is
    /// `r+`; ours cannot change a file by accident).
    pub const fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// Bytes from the start of the file to the first mapped one. 0 unless said otherwise.
    ///
    /// Any number will do: pages and their granularity are the backend's business.
    pub const fn offset(mut self, offset: u64) -> Self {
        self.offset = offset;
        self
    }

    /// Bytes to map. Everything up to the end of the file unless said otherwise. 0 is valid.
    pub const fn len(mut self, len: u64) -> Self {
        self.len = Some(len);
        self
    }

    /// Whether a file that is shorter than `offset + len` is made as long, for mode `r+`. The new
    /// bytes are zeros. Not unless said so (numpy does it unasked, and so hides that a file was cut
    /// short).
    pub const fn extend(mut self, extend: bool) -> Self {
        self.extend = extend;
        self
    }

    /// Whether bytes that a file gets anew, now or by [`resize`](Map::resize), may be a hole, for
    /// modes `r+` and `w+`. Unless said so, room on the disk is reserved for them, so that a full
    /// disk is an error at once and not at some later write.
    pub const fn sparse(mut self, sparse: bool) -> Self {
        self.sparse = sparse;
        self
    }

    /// Whether a file of that name is an error, for mode `w+`. Unless said so it is replaced. A link
    /// is followed, so one that leads nowhere is no file.
    pub const fn create_new(mut self, create_new: bool) -> Self {
        self.create_new = create_new;
        self
    }

    /// Whether a file of that name is itself emptied and filled, for mode `w+`, as numpy does it, and not
    /// replaced by another one. It is for names that no other file can take, as that of a single file
    /// that is mounted into a container, and for files that must stay the same one under all their names
    /// (hard links), with all that the system knows of them. Not unless said so, and where there is no
    /// file it says nothing.
    ///
    /// What `w+` promises else is given up: after a crash the file may be half of what it was to be, and
    /// other maps of it lose its bytes ([`ErrorKind::Truncated`]) and see the new ones. What can be
    /// checked is checked before it is emptied, the room on the disk included. If it fails then, the
    /// error is of [`Op::Refill`]: the old bytes are gone.
    ///
    /// # Platform
    /// Windows: a file that is mapped, by anybody, cannot be emptied: [`ErrorKind::InUse`], and it is as it
    /// was.
    pub const fn in_place(mut self, in_place: bool) -> Self {
        self.in_place = in_place;
        self
    }

    /// The permission bits of a file that mode `w+` makes, as `0o640`; the process's mask takes
    /// some away (umask(2)). Unless said otherwise those of the file that is replaced, and `0o666`
    /// for a new name.
    ///
    /// # Platform
    /// POSIX. On Windows they say nothing: the new file has the access list that its directory gives.
    pub const fn permissions(mut self, bits: u32) -> Self {
        self.permissions = Some(bits);
        self
    }

    /// The first bytes of a file that mode `w+` makes, wherever the mapping starts: a header, which is
    /// in the file before it takes its name. Zeros unless said otherwise.
    pub fn head(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.head = bytes.into();
        self
    }

    /// What to do with what cannot be mapped: a pipe, a file of `/proc`, a file for which the process has
    /// no mapping left. [`Fallback::Refuse`] unless said otherwise. For modes `r` and `c`.
    ///
    /// A regular file that the system does not map is read at each access then, so that refusing concerns
    /// what has no bytes that stay in place; see the mapping's documentation for where that is so.
    ///
    /// Where a stream may never end, say how much with [`len`](Self::len).
    pub const fn fallback(mut self, fallback: Fallback) -> Self {
        self.fallback = fallback;
        self
    }

    /// Reads at most this many bytes into memory instead of mapping them, for modes `r` and `c`: for
    /// many small files, of which each mapping costs system calls and a page fault. What is written
    /// to the file later is not seen then. 0, never, unless said otherwise.
    ///
    /// # Cost
    /// Where all of each file was read, reading took a third of the time of mapping at 4 KiB, a half at
    /// 64 KiB, and as long at 256 KiB (BENCHMARKS.md, `cargo xtask bench run open-close`): 64 KiB is a
    /// good threshold then, and 0 where little of each file is read.
    pub const fn small_file(mut self, threshold: u64) -> Self {
        self.small_file = threshold;
        self
    }

    /// Whether nobody else may open the file for writing while the map lives, for files that exist. Not
    /// unless said so: others may read, write, rename and delete it.
    ///
    /// It is a promise of the system's, and no proof: who had the file mapped for writing before, and
    /// closed it since, can write to it still, and so can who uses it by another machine. Bytes are
    /// copied out as ever; what lends them is [`prove`](Map::prove).
    ///
    /// # Platform
    /// Windows: the share mode of `CreateFile`. Elsewhere [`ErrorKind::Unsupported`]: POSIX keeps
    /// nobody from writing.
    pub const fn deny_write(mut self, deny_write: bool) -> Self {
        self.deny_write = deny_write;
        self
    }

    /// Maps the file at `path`. Everything is checked first: where this fails, no file was made,
    /// emptied, grown or cut short. (Only with [`in_place`](Self::in_place) something can be found too
    /// late, and the error says so.)
    ///
    /// A relative path is resolved once, here; symbolic links are followed. Mode `w+` makes the file
    /// beside the one of that name, which it replaces in one step at the end: who has the old one
    /// open or mapped keeps it, and other hard links to it too. The new one is given the owner, the
    /// permissions, the access list and the extended attributes of the old one, as far as this user
    /// may set them. [`in_place`](Self::in_place) keeps the file itself.
    ///
    /// On Windows a file that is mapped, or opened so that others may not delete it, keeps its name: then
    /// replacing it is [`ErrorKind::CannotCreate`].
    ///
    /// # Errors
    /// Each names the path, made absolute.
    /// - [`ErrorKind::InvalidOptions`] if options exclude each other, or the mode, or one is missing
    /// - [`ErrorKind::NotFound`], [`ErrorKind::PermissionDenied`], and [`ErrorKind::WriteProtected`] for
    ///   what nobody may write to
    /// - [`ErrorKind::LimitReached`] if there may be no more open files
    /// - [`ErrorKind::InUse`] if it is a program that runs, where the system lets others deny the access (Windows), and
    ///   [`ErrorKind::Unsupported`] where it does not let us, with `deny_write`
    /// - [`ErrorKind::AlreadyExists`], [`ErrorKind::CannotCreate`] of mode `w+`
    /// - [`ErrorKind::NotMappable`] for a directory, a pipe, a socket, a character device, a file
    ///   of `/proc` or `/sys`: what has no bytes that stay in place. Pipes and devices are not even
    ///   opened, so nothing waits
    /// - [`ErrorKind::BeyondEnd`], [`ErrorKind::BeyondEnd`] if the file is shorter than
    ///   asked: there is never a mapping that fails later for that
    /// - [`ErrorKind::StorageFull`], [`ErrorKind::QuotaExceeded`], [`ErrorKind::FileTooLarge`] if the disk
    ///   has no room for a file that is made or grown
    /// - [`ErrorKind::TooLarge`], [`ErrorKind::OutOfMemory`] if there is no room in the address
    ///   space
    /// - [`ErrorKind::Os`] for anything else
    ///
    /// # Platform
    /// Block devices are mapped where the system can (Linux); their length is that of the device.
    ///
    /// # Cost
    /// A few system calls and no read, whatever the length of the file; reserving room may write
    /// zeros where the file system cannot do it otherwise.
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

    /// Maps a file that is open already, which stays open and keeps its position. It may be closed
    /// before the map is.
    ///
    /// # Platform
    /// Linux: the map opens the file once more (by `/proc`), so its locks and the errors of its syncs
    /// are its own; so on Windows (`ReOpenFile`), unless `file` was opened to be shared with nobody.
    /// Elsewhere, or where that fails, it shares them with `file`: a failure that was told to
    /// `file.sync_all()` is not told to the map.
    ///
    /// # Errors
    /// Those of [`open`](Self::open), without a path. [`ErrorKind::OpenedForLess`] if the file was
    /// not opened for what the mode needs; [`ErrorKind::InvalidOptions`] for mode `w+`, which makes a
    /// file.
    ///
    /// # Cost
    /// As [`open`](Self::open). Maps of one file that was given open share a descriptor while they live.
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

    /// Looks at the options alone.
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
        // Looked at before it is opened: opening a pipe waits for its other end, and opening a
        // device can have effects of its own.
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
        // Looked at again, because only the opened file is the one that will be mapped.
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
        // The file last, so that nothing is to be undone: others may append to it meanwhile.
        if end > found.len {
            self.backend.extend(&file, found.len, end, self.sparse)?;
        }
        Ok(mapping)
    }

    /// How long the file is to be: longer than it is only if that was asked for.
    fn end_to_be(&self, found: FileInfo) -> Result<u64, ErrorKind> {
        match self.len {
            Some(len) if self.extend && found.kind == FileKind::Regular => {
                Ok(found.len.max(end_of(self.offset, len)?))
            }
            _ => Ok(found.len),
        }
    }

    /// Whether what cannot be mapped shall, and can, be read instead.
    fn require_readable(&self, kind: FileKind) -> Result<()> {
        match kind {
            FileKind::Directory | FileKind::Socket => {}
            _ if self.fallback == Fallback::ReadIntoMemory => return Ok(()),
            _ => {}
        }
        Err(Error::new(Op::Open, ErrorKind::NotMappable { kind }))
    }

    /// Reads into memory what the system does not map; and what has no room in memory either is read
    /// from the file at each access, where the backend can.
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

/// Where a file of `len` bytes at `offset` ends.
fn end_of(offset: u64, len: u64) -> Result<u64, ErrorKind> {
    // No system has longer files: positions in them are signed.
    const MAX: u64 = i64::MAX.unsigned_abs();
    match offset.checked_add(len) {
        Some(end) if end <= MAX => Ok(end),
        _ => Err(ErrorKind::TooLarge { len, max: MAX.saturating_sub(offset) }),
    }
}
