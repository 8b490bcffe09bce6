use std::fmt::{self, Debug, Write as _};
use std::fs::{self, File, FileType, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::{Error, ErrorKind, Explanation, Identity, MapRequest, Mapping, Mode, Op, Result};
use crate::{atomic_file, system};

/// A way to map files with one promise: an operating system's, or a fake for tests.
///
/// [`MapOptions::open`](crate::MapOptions::open) calls it in a fixed order: first the kind of the file
/// by its name (so that opening a FIFO does not block), then the kind and length of the opened file, and
/// then, only if everything requested is possible, disk space and the mapping. A backend writes
/// [`map`](Self::map) and [`in_memory`](Self::in_memory); the other methods have defaults that handle regular
/// files and directories.
pub trait Backend: Debug + Send + Sync + 'static {
    /// The mapping that it makes.
    type Mapping: Mapping;

    /// A short name for messages, such as `posix`.
    const NAME: &'static str;

    /// Whether a file may be emptied and extended while it is mapped, so that the mapping shows its new
    /// bytes. If so, the file is mapped first, so that nothing is lost if it cannot be mapped.
    const EMPTIES_MAPPED: bool = false;

    /// The kind of a file that was not opened, from its file type.
    fn kind(&self, file_type: FileType) -> FileKind {
        if file_type.is_file() {
            FileKind::Regular
        } else if file_type.is_dir() {
            FileKind::Directory
        } else {
            FileKind::Other
        }
    }

    /// The kind of the file at `path`, without opening it. Symbolic links are followed.
    ///
    /// # Errors
    /// Errors of the operating system.
    fn kind_at(&self, path: &Path) -> io::Result<FileKind> {
        fs::metadata(path).map(|found| self.kind(found.file_type()))
    }

    /// Opens an existing file for the mode, and changes nothing.
    ///
    /// # Errors
    /// Errors of the operating system.
    fn open(&self, path: &Path, mode: Mode) -> io::Result<File> {
        OpenOptions::new().read(true).write(mode.reaches_file()).open(path)
    }

    /// Opens an existing file as [`open`](Self::open) does, and denies everyone else write access while
    /// it is open. By default this is unsupported.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`]; [`ErrorKind::InUse`] if somebody has it open for writing.
    fn open_denying_writes(&self, path: &Path, mode: Mode) -> Result<File, ErrorKind> {
        let _ = (path, mode);
        let what = "keeping others from writing to a file: here they are only asked not to, by `lock`; \
                    or `prove` that nobody can, which says so where it holds";
        Err(ErrorKind::unsupported(Self::NAME, what))
    }

    /// Opens an open file again for the mode. The mapping may keep the result, which has its own
    /// position where the system can do that.
    ///
    /// # Errors
    /// [`PermissionDenied`](io::ErrorKind::PermissionDenied) if `file` was not opened for the mode, and
    /// errors of the operating system.
    fn reopen(&self, file: &File, mode: Mode) -> io::Result<File> {
        let _ = mode;
        file.try_clone()
    }

    /// Makes a file that does not exist, with these permission bits where the system has them, or with
    /// as much metadata of the file that it will replace as can be copied.
    ///
    /// # Errors
    /// Errors of the operating system; then there is no file.
    /// [`AlreadyExists`](io::ErrorKind::AlreadyExists) if something has that name.
    fn create(
        &self,
        path: &Path,
        permissions: Option<u32>,
        replaced: Option<&File>,
    ) -> io::Result<File> {
        memmap_system::create(path, permissions, replaced)
    }

    /// Renames a new file, which may be mapped, to a name that does not exist yet, in one step.
    ///
    /// # Errors
    /// [`AlreadyExists`](io::ErrorKind::AlreadyExists), and errors of the operating system.
    fn rename_noreplace(&self, from: &Path, to: &Path) -> io::Result<()> {
        atomic_file::rename_noreplace(from, to)
    }

    /// Extends a file from `from` bytes to `to`. The new bytes get disk space, or are a hole if
    /// `is_sparse`. It never shortens a file that others have extended further. By default it cannot
    /// reserve space.
    ///
    /// # Errors
    /// [`ErrorKind::StorageFull`] and others; the file is then unchanged.
    fn allocate(&self, file: &File, from: u64, to: u64, is_sparse: bool) -> Result<()> {
        let _ = (from, is_sparse);
        system::require_len(to).map_err(|kind| Error::new(Op::Resize, kind))?;
        file.set_len(to).map_err(|error| Error::new(Op::Resize, ErrorKind::Os(error)))
    }

    /// The kind and the length of an opened file.
    ///
    /// # Errors
    /// Errors of the operating system.
    fn inspect(&self, file: &File) -> io::Result<FileInfo> {
        let metadata = file.metadata()?;
        Ok(FileInfo::new(self.kind(metadata.file_type()), metadata.len())
            .changed_at(memmap_system::changed_at(&metadata)))
    }

    /// Turns a file into `len` zeros and keeps its disk space, so that nobody else can take that
    /// meanwhile. Space for the rest is reserved before a byte is lost. Returns `false`, without any
    /// change, if the file system cannot do that; this is the default.
    ///
    /// # Errors
    /// The reason, most often [`ErrorKind::StorageFull`]. Its operation is
    /// [`Op::Create`](crate::Op::Create) if the file is unchanged, and [`Op::Refill`](crate::Op::Refill)
    /// if not.
    fn zero(&self, file: &File, len: u64) -> Result<bool> {
        let _ = (file, len);
        Ok(false)
    }

    /// Bytes that could be stored in a file if it were emptied first: the free bytes of its file system
    /// and its own; `None` if unknown.
    fn room_if_emptied(&self, file: &File) -> Option<u64> {
        let _ = file;
        None
    }

    /// Translates an error of the operating system for a file that was to be opened in `mode`, at `path`
    /// if there is one.
    fn refusal(&self, error: io::Error, mode: Mode, path: Option<&Path>) -> ErrorKind {
        system::refusal(error, mode, path)
    }

    /// Maps the file of a checked request. The file satisfies the request, or, if it is to grow, will
    /// satisfy it after [`allocate`](Self::allocate), which is called next: so nothing has to be undone if
    /// the mapping fails. (If the system cannot map bytes that a file does not have, the backend extends
    /// the file here, and undoes that if it then fails.)
    ///
    /// The backend does not move the file's position. A request of length 0 makes no mapping of the
    /// operating system.
    ///
    /// # Errors
    /// Errors of the operating system, as an [`Error`] with [`Op::Map`] and no path; the caller adds it.
    /// [`ErrorKind::Unsupported`] if the file system does not map files: then the
    /// [`Fallback`](crate::Fallback) decides.
    fn map(&self, file: &Arc<File>, request: &MapRequest) -> Result<Self::Mapping>;

    /// A mapping of bytes that were read from a file instead, in mode `r` or `c`. `found` is the file, if it
    /// has a version.
    fn in_memory(&self, bytes: Vec<u8>, mode: Mode, found: Option<FileInfo>) -> Self::Mapping;

    /// Explains how the source at an absolute `path` can be mapped and what prevents it. It makes and
    /// changes nothing, and opens nothing that is not mappable. [`explain`](fn@crate::explain) is the
    /// function for users. The default finds out the kind and the length.
    ///
    /// # Errors
    /// Errors of the operating system when it looks at the path, as an [`Error`] with [`Op::Query`]. A
    /// source that cannot be mapped is not an error.
    fn explain(&self, path: &Path) -> Result<Explanation> {
        let metadata = fs::metadata(path)
            .map_err(|error| Error::new(Op::Query, ErrorKind::from_io(error, Mode::Read)))?;
        let mut explanation = Explanation::new(path, self.kind(metadata.file_type()));
        explanation.len = (explanation.kind == FileKind::Regular).then_some(metadata.len());
        Ok(explanation)
    }
}

/// What was found out about an opened file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileInfo {
    /// Its kind.
    pub kind: FileKind,
    /// Its length in bytes.
    pub len: u64,
    /// Its identity; `None` if the backend does not know it.
    pub identity: Option<FileIdentity>,
    /// When it last changed, in seconds and nanoseconds since 1970; `None` if that is unknown.
    pub changed_at: Option<(i64, u32)>,
}

impl FileInfo {
    /// A file of this kind and length.
    #[must_use]
    pub const fn new(kind: FileKind, len: u64) -> Self {
        Self { kind, len, identity: None, changed_at: None }
    }

    /// Adds the identity.
    #[must_use]
    pub const fn identified(self, identity: FileIdentity) -> Self {
        Self { identity: Some(identity), ..self }
    }

    /// Adds when it last changed.
    #[must_use]
    pub const fn changed_at(self, changed_at: Option<(i64, u32)>) -> Self {
        Self { changed_at, ..self }
    }

    /// The version of the file, as a token.
    #[must_use]
    pub fn version(&self) -> Identity {
        let mut token = String::from("file");
        // Writing to a string cannot fail.
        if let Some(FileIdentity(volume, file)) = self.identity {
            write!(token, " {volume:x}:{file:x}").ok();
        }
        write!(token, " {}", self.len).ok();
        if let Some((seconds, nanoseconds)) = self.changed_at {
            write!(token, " {seconds}.{nanoseconds:09}").ok();
        }
        token.into()
    }
}

/// The identity of a file among all files that exist at the same time, whatever its name: two numbers of
/// the system, which are compared and never interpreted.
///
/// A file keeps them while it is open or mapped. After it is removed, another file may get them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileIdentity(u64, u64);

impl FileIdentity {
    /// From the number of a volume, and the number of the file on it.
    #[must_use]
    pub const fn new(volume: u64, file: u64) -> Self {
        Self(volume, file)
    }

    /// The number of the volume.
    #[must_use]
    pub const fn volume(self) -> u64 {
        self.0
    }

    /// The number of the file on its volume.
    #[must_use]
    pub const fn file(self) -> u64 {
        self.1
    }
}

/// What a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileKind {
    /// A file with bytes on a file system.
    Regular,
    /// A disk or a partition, as bytes.
    BlockDevice,
    /// A stream of the kernel or of hardware: a terminal, `/dev/null`.
    CharDevice,
    /// A directory.
    Directory,
    /// A named pipe, or the end of a pipe.
    Fifo,
    /// The end of a connection.
    Socket,
    /// A file of `/proc`: its text is generated when it is read.
    Proc,
    /// A file of `/sys`: its text is generated when it is read.
    Sys,
    /// A file of another pseudo file system of the kernel: its text is generated when it is read.
    Pseudo,
    /// Bytes that a plug-in provides: an object of a server, a member of an archive.
    Plugin,
    /// Anything else.
    Other,
}

impl FileKind {
    /// Whether it has permanent bytes, so that it can be mapped.
    pub const fn is_mappable(self) -> bool {
        matches!(self, Self::Regular | Self::BlockDevice | Self::Plugin)
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Regular => "a regular file",
            Self::BlockDevice => "a block device",
            Self::CharDevice => "a character device",
            Self::Directory => "a directory",
            Self::Fifo => "a pipe",
            Self::Socket => "a socket",
            Self::Proc => "a file of /proc",
            Self::Sys => "a file of /sys",
            Self::Pseudo => "a pseudo file, generated when it is read",
            Self::Plugin => "bytes that a plug-in provides",
            Self::Other => "not a regular file",
        })
    }
}
