use std::fs::File;
use std::path::Path;

use crate::absolute::absolute;
use crate::{
    Backend, Error, ErrorKind, Explanation, Fallback, Map, MapOptions, Mapping, Op, Opener, Origin,
    Request, Result,
};

mod create;
mod open;
mod opened;

pub use opened::OpenedFile;

/// Opens files with a backend: the [`Opener`] of [`Map::open`](crate::Map::open).
///
/// Its options are set by functions of [`MapOptions`].
#[derive(Debug, Clone)]
pub struct Files<B> {
    backend: B,
    /// In a box: few callers set any, and a smaller value is moved faster.
    options: Option<Box<FileOptions>>,
}

/// What only files have.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a named option")]
struct FileOptions {
    create_missing: Option<u64>,
    extend: bool,
    sparse: bool,
    create_new: bool,
    in_place: bool,
    permissions: Option<u32>,
    head: Vec<u8>,
    fallback: Fallback,
    small_file: u64,
    reserve: u64,
    deny_write: bool,
}

static DEFAULT: FileOptions = FileOptions::DEFAULT;

impl FileOptions {
    const DEFAULT: Self = Self {
        create_missing: None,
        extend: false,
        sparse: false,
        create_new: false,
        in_place: false,
        permissions: None,
        head: Vec::new(),
        fallback: Fallback::Refuse,
        small_file: 0,
        reserve: 0,
        deny_write: false,
    };
}

impl<B> Files<B> {
    /// Files, as this backend opens and maps them.
    pub const fn new(backend: B) -> Self {
        Self { backend, options: None }
    }

    fn options(&self) -> &FileOptions {
        self.options.as_deref().unwrap_or(&DEFAULT)
    }

    fn options_mut(&mut self) -> &mut FileOptions {
        self.options.get_or_insert_with(|| Box::new(FileOptions::DEFAULT))
    }
}

impl<B: Default> Default for Files<B> {
    fn default() -> Self {
        Self::new(B::default())
    }
}

impl<B: Backend> Opener for Files<B> {
    type Source = Path;
    type Mapping = B::Mapping;

    /// The absolute path.
    fn origin(&self, path: &Path) -> Origin {
        absolute(path).into()
    }

    fn open(&self, path: &Path, request: &Request) -> Result<B::Mapping> {
        self.open_path(path, request)
    }

    fn explain(&self, path: &Path) -> Result<Explanation> {
        self.backend.explain(&absolute(path))
    }
}

/// Options for files alone.
impl<B: Backend> MapOptions<Files<B>> {
    /// Make the file if there is none, in mode `r+`: it gets `len` bytes, all of them zeros but for
    /// [`head`](Self::head). Default: a missing file is an error.
    ///
    /// If the file exists, nothing differs from `r+` without this option. If not, it is made whole under
    /// another name and gets its name in one step, which never replaces a file: if another
    /// process makes it first, that file is opened. So processes that start at once all map the same file.
    ///
    /// # Examples
    /// ```
    /// use memmap_core::{Files, MapOptions, Mode, testing::FakeBackend};
    ///
    /// # let path = std::env::temp_dir().join(format!("memmap-missing-{}", std::process::id()));
    /// let options = || MapOptions::new(Files::new(FakeBackend::default())).mode(Mode::ReadWrite);
    /// let mut counts = options().create_missing(64).head(*b"COUNTS 1").open(&path)?;
    /// counts.set(8, 7_u64)?;
    /// let again = options().create_missing(64).head(*b"COUNTS 1").open(&path)?;
    /// assert_eq!(again.get::<u64>(8)?, 7);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn create_missing(mut self, len: u64) -> Self {
        self.opener.options_mut().create_missing = Some(len);
        self
    }

    /// Extend a file that is shorter than `offset + len` to that length, in mode `r+`. The new bytes are
    /// zeros. Default: false. (numpy always extends, which hides that a file was truncated.)
    pub fn extend(mut self, extend: bool) -> Self {
        self.opener.options_mut().extend = extend;
        self
    }

    /// Let new bytes of a file be a hole, both now and in a later [`resize`](Map::resize), in modes `r+`
    /// and `w+`. Default: false. Disk space is then reserved, so that a full disk is an error at once
    /// and not in a later write.
    pub fn sparse(mut self, sparse: bool) -> Self {
        self.opener.options_mut().sparse = sparse;
        self
    }

    /// Fail if the file exists, in mode `w+`. Default: false, which replaces it. Symbolic links are
    /// followed, so a dangling link does not count as a file.
    pub fn create_new(mut self, create_new: bool) -> Self {
        self.opener.options_mut().create_new = create_new;
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
    pub fn in_place(mut self, in_place: bool) -> Self {
        self.opener.options_mut().in_place = in_place;
        self
    }

    /// The permission bits of a file that is made, such as `0o640`, by mode `w+` or [`create_missing`](Self::create_missing). The umask of the process
    /// applies (umask(2)). Default: the bits of the file that is replaced, and `0o666` for a new name.
    ///
    /// # Platform
    /// POSIX. On Windows the bits have no effect: the new file gets its access list from its directory.
    pub fn permissions(mut self, bits: u32) -> Self {
        self.opener.options_mut().permissions = Some(bits);
        self
    }

    /// The first bytes of a file that is made, by mode `w+` or [`create_missing`](Self::create_missing),
    /// wherever the mapping starts. Use it for a header:
    /// the bytes are in the file before it gets its name. Default: zeros.
    pub fn head(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.opener.options_mut().head = bytes.into();
        self
    }

    /// What to do with a source that cannot be mapped: a pipe, a file of `/proc`, or a file for which
    /// the process has no mapping left. Modes `r` and `c`. Default: [`Fallback::Refuse`].
    ///
    /// A regular file that the system does not map is read on each access instead, so refusing only
    /// concerns sources without permanent bytes. The documentation of the mapping says where that is so.
    ///
    /// If a stream may never end, limit it with [`len`](Self::len).
    pub fn fallback(mut self, fallback: Fallback) -> Self {
        self.opener.options_mut().fallback = fallback;
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
    pub fn small_file(mut self, threshold: u64) -> Self {
        self.opener.options_mut().small_file = threshold;
        self
    }

    /// Reserve addresses for `len` bytes, so that the map can grow to that length without moving, as
    /// [`Map::reserve`] does later. Default: 0, which reserves none beyond the map.
    ///
    /// # Platform
    /// POSIX. On Windows a view cannot grow, so it has no effect.
    pub fn reserve(mut self, len: u64) -> Self {
        self.opener.options_mut().reserve = len;
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
    pub fn deny_write(mut self, deny_write: bool) -> Self {
        self.opener.options_mut().deny_write = deny_write;
        self
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
        let Self { opener, mode, offset, len, identity } = self;
        // An open file has no path, so the error names none.
        let request = Request::new(Origin::from(""), mode, offset, len, identity);
        let mapping = opener.open_opened(file, &request)?;
        request.require_version(|| mapping.identity())?;
        Ok(Map::opened(mapping, offset, None))
    }

    /// The same options for what another opener opens.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidOptions`] if an option is set that only files have.
    #[doc(hidden)]
    pub fn with_opener<O: Opener>(self, opener: O) -> Result<MapOptions<O>> {
        if *self.opener.options() != DEFAULT {
            let what = "options of files were set, and this is not a file; leave them out";
            return Err(Error::new(Op::Open, ErrorKind::InvalidOptions { what }));
        }
        let Self { mode, offset, len, identity, .. } = self;
        Ok(MapOptions { opener, mode, offset, len, identity })
    }
}
