use std::fmt::{self, Debug};
use std::fs::{self, File, FileType, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::{Error, ErrorKind, Explanation, Mapping, Mode, Op, Request, Result};
use crate::{atomic_file, system};

/// A way to map files on one promise: an operating system's, or a fake for tests.
///
/// [`MapOptions::open`](crate::MapOptions::open) drives it in one order: the kind of the file by
/// its name (so that no FIFO is opened and waited for), then what the opened file is and how long,
/// then, only if everything asked for is possible, room on the disk and the mapping. A backend
/// writes [`map`](Self::map) and [`hold`](Self::hold); the rest has defaults that know regular files
/// and directories.
pub trait Backend: Debug + Send + Sync + 'static {
    /// What it makes.
    type Mapping: Mapping;

    /// A short name for messages, as `posix`.
    const NAME: &'static str;

    /// Whether a file may be emptied and made longer while it is mapped, so that the mapping shows what
    /// it has then. It is mapped first where it may, so that nothing is lost if it cannot be mapped.
    const EMPTIES_MAPPED: bool = false;

    /// Names the kind of a file that was looked at but not opened.
    fn kind(&self, file_type: FileType) -> FileKind {
        if file_type.is_file() {
            FileKind::Regular
        } else if file_type.is_dir() {
            FileKind::Directory
        } else {
            FileKind::Other
        }
    }

    /// Names the kind of what is at `path`, where links lead, without opening it.
    ///
    /// # Errors
    /// What the operating system answers.
    fn kind_at(&self, path: &Path) -> io::Result<FileKind> {
        fs::metadata(path).map(|found| self.kind(found.file_type()))
    }

    /// Opens a file that exists, for what the mode needs, and changes nothing.
    ///
    /// # Errors
    /// What the operating system answers.
    fn open(&self, path: &Path, mode: Mode) -> io::Result<File> {
        OpenOptions::new().read(true).write(mode.reaches_file()).open(path)
    }

    /// Opens a file that exists as [`open`](Self::open) does, so that nobody else can open it to write to
    /// it while it is open. By default no system can.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`]; [`ErrorKind::InUse`] if somebody has it open for writing.
    fn open_denying_writes(&self, path: &Path, mode: Mode) -> Result<File, ErrorKind> {
        let _ = (path, mode);
        let what = "keeping others from writing to a file: here they are only asked not to, by `lock`; \
                    or `prove` that nobody can, which says so where it holds";
        Err(ErrorKind::Unsupported { backend: Self::NAME, what })
    }

    /// A file that is open already, once more, for what the mode needs: one that the mapping may keep,
    /// and, where the system can, whose position is its own.
    ///
    /// # Errors
    /// [`PermissionDenied`](io::ErrorKind::PermissionDenied) if it was not opened for that, and what
    /// the operating system answers.
    fn again(&self, file: &File, mode: Mode) -> io::Result<File> {
        let _ = mode;
        file.try_clone()
    }

    /// Makes a file that does not exist, with these permission bits where the system knows them, or
    /// with whatever of the file that it will replace can be handed on.
    ///
    /// # Errors
    /// What the operating system answers, and then there is no file;
    /// [`AlreadyExists`](io::ErrorKind::AlreadyExists) if something has that name.
    fn create(
        &self,
        path: &Path,
        permissions: Option<u32>,
        replaced: Option<&File>,
    ) -> io::Result<File> {
        memmap_system::create(path, permissions, replaced)
    }

    /// Gives a file that was made, and may be mapped, a name that no other has, in one step.
    ///
    /// # Errors
    /// [`AlreadyExists`](io::ErrorKind::AlreadyExists), and what the operating system answers.
    fn publish(&self, from: &Path, to: &Path) -> io::Result<()> {
        atomic_file::rename_noreplace(from, to)
    }

    /// Makes a file of `from` bytes one of `to`: with room on the disk for the new ones, or, if it
    /// is to be sparse, with a hole. It never makes a file shorter that others made longer still. By
    /// default it cannot reserve room.
    ///
    /// # Errors
    /// [`ErrorKind::StorageFull`] and others, and then the file is as it was.
    fn extend(&self, file: &File, from: u64, to: u64, is_sparse: bool) -> Result<()> {
        let _ = (from, is_sparse);
        system::require_len(to).map_err(|kind| Error::new(Op::Resize, kind))?;
        file.set_len(to).map_err(|error| Error::new(Op::Resize, ErrorKind::Os(error)))
    }

    /// Looks at an opened file: what it is, and how many bytes it has.
    ///
    /// # Errors
    /// What the operating system answers.
    fn inspect(&self, file: &File) -> io::Result<FileInfo> {
        let metadata = file.metadata()?;
        Ok(FileInfo::new(self.kind(metadata.file_type()), metadata.len()))
    }

    /// Makes a file one of `len` zeros that keeps the room it has, so that nobody else can take that
    /// meanwhile, and has room for the rest before a byte is lost. False, and nothing is done, where its file
    /// system cannot; by default none can.
    ///
    /// # Errors
    /// What is in the way, [`ErrorKind::StorageFull`] above all: of [`Op::Create`](crate::Op::Create) if the file is
    /// as it was, of [`Op::Refill`](crate::Op::Refill) if not.
    fn zero(&self, file: &File, len: u64) -> Result<bool> {
        let _ = (file, len);
        Ok(false)
    }

    /// Bytes that could be stored in a file if it were emptied first: those that are free on its file
    /// system, and its own; `None` if that is not known.
    fn room_if_emptied(&self, file: &File) -> Option<u64> {
        let _ = file;
        None
    }

    /// Says in our words what the operating system answered of a file that was to be opened in `mode`, at
    /// `path` where there is one.
    fn refusal(&self, error: io::Error, mode: Mode, path: Option<&Path>) -> ErrorKind {
        system::refusal(error, mode, path)
    }

    /// Maps what was checked. Called only with a request that the file was found to satisfy, or, if it
    /// is to grow, that it will satisfy as soon as it is [`extend`](Self::extend)ed, which comes next:
    /// so there is nothing to be undone where the mapping fails. (Where the system maps no bytes that a
    /// file does not have, the backend extends it here, and undoes that if it then fails.)
    ///
    /// The backend does not move the file's position. A request of length 0 makes no mapping of the
    /// operating system.
    ///
    /// # Errors
    /// What the operating system refuses, as an [`Error`] with [`Op::Map`] and no path; the caller
    /// adds it. [`ErrorKind::Unsupported`] where the file's system maps no files: then a
    /// [`Fallback`](crate::Fallback) is asked.
    fn map(&self, file: &Arc<File>, request: &Request) -> Result<Self::Mapping>;

    /// A mapping of bytes that were read, for what cannot be mapped, in mode `r` or `c`.
    fn hold(&self, bytes: Vec<u8>, mode: Mode) -> Self::Mapping;

    /// Says what is at an absolute `path`, how it could be mapped and what would be in the way; it
    /// makes and changes nothing, and opens nothing that is not mappable.
    /// [`explain`](fn@crate::explain) is what users call. By default it knows the kind and the length.
    ///
    /// # Errors
    /// What the operating system answers when it is asked for what is there, as an [`Error`] with
    /// [`Op::Query`]. What is there and cannot be mapped is no error.
    fn explain(&self, path: &Path) -> Result<Explanation> {
        let metadata = fs::metadata(path)
            .map_err(|error| Error::new(Op::Query, ErrorKind::from_io(error, Mode::Read)))?;
        let mut explanation = Explanation::new(path, self.kind(metadata.file_type()));
        explanation.len = (explanation.kind == FileKind::Regular).then_some(metadata.len());
        Ok(explanation)
    }
}

/// What an opened file was found to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileInfo {
    /// What it is.
    pub kind: FileKind,
    /// How many bytes it has.
    pub len: u64,
    /// Which file it is; `None` if the backend does not say.
    pub identity: Option<FileIdentity>,
}

impl FileInfo {
    /// A file of this kind and length.
    #[must_use]
    pub const fn new(kind: FileKind, len: u64) -> Self {
        Self { kind, len, identity: None }
    }

    /// Says which file it is.
    #[must_use]
    pub const fn identified(self, identity: FileIdentity) -> Self {
        Self { identity: Some(identity), ..self }
    }
}

/// What tells a file from all others that exist at the same time, whatever its name: two numbers that
/// the system gives, compared and never interpreted.
///
/// It stays a file's own while the file is open or mapped. A file that is removed hands its numbers on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileIdentity(u64, u64);

impl FileIdentity {
    /// From the number of a volume, and that of the file on it.
    #[must_use]
    pub const fn new(volume: u64, file: u64) -> Self {
        Self(volume, file)
    }

    /// The number of the volume.
    #[must_use]
    pub const fn volume(self) -> u64 {
        self.0
    }
}

/// What a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileKind {
    /// A file with bytes on a file system.
    Regular,
    /// A disk or a part of one, seen as bytes.
    BlockDevice,
    /// A stream of the kernel or of hardware: a terminal, `/dev/null`.
    CharDevice,
    /// A list of names.
    Directory,
    /// A named pipe, or the end of a pipe.
    Fifo,
    /// An end of a connection.
    Socket,
    /// A file of `/proc`: its text is made when it is read.
    Proc,
    /// A file of `/sys`: its text is made when it is read.
    Sys,
    /// A file of another file system that the kernel makes up: its text is made when it is read.
    Pseudo,
    /// Something else.
    Other,
}

impl FileKind {
    /// Whether it has bytes that stay where they are, so that they can be mapped.
    pub const fn is_mappable(self) -> bool {
        matches!(self, Self::Regular | Self::BlockDevice)
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
            Self::Other => "not a regular file",
        })
    }
}
