use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::{FileKind, Mode, NotProven};

mod text;

/// The result of everything in memmap that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong: the operation, the path, the numbers, and what to do about it.
///
/// It prints as one line, `cannot OPERATION "PATH": WHAT; ADVICE`, with the path escaped so that
/// no file name can disturb a terminal. The line is complete: [`source`](std::error::Error::source)
/// has nothing to add. Programs decide by [`kind`](Self::kind), never by the text.
///
/// # Cost
/// One pointer wide, so a `Result<()>` fits a register; making one allocates.
///
/// # Examples
/// ```
/// use memmap_core::{Error, ErrorKind, Op};
///
/// let error = Error::new(Op::Read, ErrorKind::OutOfBounds { offset: 126, len: 4, bound: 128 });
/// assert!(matches!(error.kind(), ErrorKind::OutOfBounds { bound: 128, .. }));
/// assert_eq!(
///     error.to_string(),
///     "cannot read: 4 bytes at offset 126 are not within the mapping's 128 bytes; \
///      ask for at most 2 bytes there",
/// );
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    op: Op,
    kind: ErrorKind,
    path: Option<PathBuf>,
}

/// What was attempted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Op {
    /// Finding a file and looking at it.
    Open,
    /// Making a file's bytes memory.
    Map,
    /// Making anonymous memory.
    Allocate,
    /// Copying bytes out of a mapping, or into a new one.
    Read,
    /// Storing bytes into a mapping.
    Write,
    /// Making or replacing a file.
    Create,
    /// Filling a file anew that was emptied: its old bytes are gone.
    Refill,
    /// Making a mapping longer or shorter.
    Resize,
    /// Reserving address space.
    Reserve,
    /// Bringing what was written to the device.
    Sync,
    /// Telling the system how bytes are used.
    Advise,
    /// Bringing bytes into memory, or keeping them there.
    Prefault,
    /// Asking which bytes are in memory, or stored.
    Query,
    /// Locking a file against other processes.
    Lock,
    /// Copying a mapping into memory of its own.
    Detach,
    /// Proving that nobody can change bytes.
    Prove,
    /// Making a mapping read-only.
    Protect,
    /// Ending a mapping.
    Close,
    /// Understanding a mode's name.
    Parse,
}

/// What was wrong, with the numbers of the case.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// There is no such file.
    NotFound,
    /// Nobody may write to the file, whatever permission it gives.
    WriteProtected {
        /// What protects it.
        by: Protection,
    },
    /// This user may not do that to the file.
    PermissionDenied {
        /// What was to be done with it.
        mode: Mode,
    },
    /// The open file that was given was opened for less than that.
    OpenedForLess {
        /// What was to be done with it.
        mode: Mode,
    },
    /// It has no bytes that could be mapped.
    NotMappable {
        /// What it is instead.
        kind: FileKind,
    },
    /// The range starts or ends beyond the end of the file.
    BeyondEnd {
        /// Bytes from the start of the file, as asked.
        offset: u64,
        /// Bytes, as asked; 0 if no length was.
        len: u64,
        /// Bytes the file has.
        source_len: u64,
    },
    /// The range is not within the mapping.
    OutOfBounds {
        /// Bytes from the start of the mapping, as asked.
        offset: u64,
        /// Bytes, as asked.
        len: u64,
        /// Bytes the mapping has.
        bound: u64,
    },
    /// The range ends before it starts.
    BackwardRange {
        /// Its first byte, as asked.
        start: u64,
        /// The byte behind its last one, as asked.
        end: u64,
    },
    /// An integer that is accessed in one step does not lie at a multiple of its size.
    Misaligned {
        /// Bytes from the start of the mapping, as asked.
        offset: u64,
        /// Bytes of which its place must be a multiple.
        align: u64,
        /// Bytes from such a place to the mapping's first byte.
        lead: u64,
    },
    /// The mapping is not for writing.
    ReadOnly,
    /// Options that exclude each other, or a mode.
    InvalidOptions {
        /// What was asked, and what to do instead.
        what: &'static str,
    },
    /// There is a file of that name already.
    AlreadyExists,
    /// The directory takes no new file.
    CannotCreate {
        /// What is in the way.
        reason: Obstacle,
        /// What the operating system says.
        source: io::Error,
    },
    /// Somebody else has the file open, locked or mapped in a way that the system lets be in the way.
    InUse {
        /// What the operating system says.
        source: io::Error,
    },
    /// Making the mapping shorter would cut bytes off the file that it does not show.
    CutsOff {
        /// Where the file would end.
        new_end: u64,
        /// Where the mapping ends.
        mapped_end: u64,
        /// Bytes the file has.
        file_len: u64,
    },
    /// What was written did not all reach the device. Once seen, it is remembered.
    NotDurable {
        /// What the operating system said when it was seen first.
        source: io::Error,
    },
    /// A limit of the process, or of the system, is reached.
    LimitReached {
        /// What is limited.
        which: LimitKind,
        /// How much is in use, or would be with what was asked; `None` if that is not known.
        now: Option<u64>,
        /// How much there may be; `None` if that is not known.
        max: Option<u64>,
    },
    /// The file was cut short after it was mapped, and with it the bytes that were to be read.
    Truncated {
        /// The first byte that is gone, from the start of the mapping.
        offset: u64,
        /// Bytes the file must have for what was asked.
        needed: u64,
        /// Bytes it has now.
        now: u64,
    },
    /// The device, or the server, failed to give the bytes.
    Io {
        /// The first byte that cannot be read, from the start of the mapping.
        offset: u64,
        /// What the operating system says.
        source: io::Error,
    },
    /// Bytes are gone, and the file could not be opened again to find out why: it was cut short, or its
    /// device failed.
    Lost {
        /// The first byte that is gone, from the start of the mapping.
        offset: u64,
        /// Why the file could not be opened.
        source: io::Error,
    },
    /// The disk is full.
    StorageFull {
        /// The first byte that cannot be written, from the start of the mapping; `None` where room for a
        /// file was to be reserved.
        offset: Option<u64>,
        /// Bytes that are still to be stored.
        needed: u64,
        /// Bytes that are free on the file system.
        free: u64,
    },
    /// A file would be longer than its file system, or a limit on this user, allows.
    FileTooLarge {
        /// Bytes it would have.
        len: u64,
        /// The most that this user may have in one, if that is what it was.
        limit: Option<u64>,
    },
    /// This user may take no more room on the disk.
    QuotaExceeded {
        /// The first byte that cannot be stored, from the start of the file.
        offset: u64,
    },
    /// The memory that holds the bytes is broken.
    HardwareMemoryError {
        /// The first byte that is lost, from the start of the mapping.
        offset: u64,
    },
    /// The *caller's* buffer is memory that vanished: a mapping made elsewhere, whose file was cut
    /// short.
    BufferLost {
        /// The first byte of the buffer that is gone.
        at: u64,
    },
    /// No process of this kind can address that many bytes.
    TooLarge {
        /// Bytes, as asked.
        len: u64,
        /// The most there can be.
        max: u64,
    },
    /// The system has no room for that many bytes now.
    OutOfMemory {
        /// Bytes, as asked.
        len: u64,
    },
    /// Whoever was told of the progress broke off.
    Cancelled {
        /// Bytes that were done.
        done: u64,
    },
    /// Nothing proves that nobody can change the bytes.
    NotProven(NotProven),
    /// It names no mode.
    UnknownMode {
        /// What was given.
        given: String,
    },
    /// The backend does not offer it.
    Unsupported {
        /// The backend's name.
        backend: &'static str,
        /// What it does not offer, and what to do instead.
        what: &'static str,
    },
    /// The operating system refused for another reason.
    Os(io::Error),
}

/// What protects a file from being written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protection {
    /// Its file system is mounted for reading alone.
    ReadOnlyFileSystem,
    /// It is a block device that takes no writes.
    ReadOnlyDevice,
    /// It has the attribute by which nothing of it may be changed.
    Immutable,
    /// It has the attribute by which bytes may be added behind its end, and none changed.
    AppendOnly,
}

/// What keeps a directory from taking a new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Obstacle {
    /// There is no such directory.
    NoDirectory,
    /// This user may not make files in it.
    NoPermission,
    /// Its file system is mounted for reading alone.
    ReadOnlyFileSystem,
    /// Something is mounted at that name, which so cannot be given to another file.
    MountPoint,
    /// It is append-only: what is made there is neither renamed nor removed.
    AppendOnlyDirectory,
    /// It is immutable.
    ImmutableDirectory,
    /// It lets nobody replace what others made.
    StickyDirectory,
    /// What the operating system says.
    Other,
}

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LimitKind {
    /// Files that this process has open.
    OpenFiles,
    /// Files that are open in all processes.
    OpenFilesOfSystem,
    /// Mappings of this process.
    Mappings,
    /// Bytes of memory that this user keeps from being paged out.
    LockedMemory,
}

impl Error {
    /// An error without a path; the owner of the path adds it with [`with_path`](Self::with_path).
    #[cold]
    pub fn new(op: Op, kind: ErrorKind) -> Self {
        Self(Box::new(Inner { op, kind, path: None }))
    }

    /// Says which file it was about, unless that is known already.
    #[must_use]
    pub fn with_path(mut self, path: &Path) -> Self {
        self.0.path.get_or_insert_with(|| path.to_path_buf());
        self
    }

    /// Says what it was part of, where that is known better than where it was made.
    #[must_use]
    pub fn during(mut self, op: Op) -> Self {
        self.0.op = op;
        self
    }

    /// What was attempted.
    pub fn op(&self) -> Op {
        self.0.op
    }

    /// What was wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// The file it was about, absolute; `None` where there is none.
    pub fn path(&self) -> Option<&Path> {
        self.0.path.as_deref()
    }
}

impl ErrorKind {
    /// Translates what the operating system said of a file that was to be opened in `mode`. Who knows the
    /// path learns more by [`system::refusal`](crate::system::refusal).
    pub fn from_io(error: io::Error, mode: Mode) -> Self {
        crate::system::refusal(error, mode, None)
    }

    fn io_kind(&self) -> io::ErrorKind {
        match self {
            Self::NotFound => io::ErrorKind::NotFound,
            Self::PermissionDenied { .. } | Self::OpenedForLess { .. } => {
                io::ErrorKind::PermissionDenied
            }
            Self::OutOfBounds { .. } | Self::Truncated { .. } => io::ErrorKind::UnexpectedEof,
            Self::StorageFull { .. } => io::ErrorKind::StorageFull,
            Self::QuotaExceeded { .. } => io::ErrorKind::QuotaExceeded,
            Self::Io { source, .. }
            | Self::NotDurable { source }
            | Self::CannotCreate { source, .. } => source.kind(),
            Self::WriteProtected { by: Protection::ReadOnlyFileSystem } => {
                io::ErrorKind::ReadOnlyFilesystem
            }
            Self::LimitReached { .. } => io::ErrorKind::Other,
            Self::InUse { .. } => io::ErrorKind::ResourceBusy,
            Self::AlreadyExists => io::ErrorKind::AlreadyExists,
            Self::FileTooLarge { .. } => io::ErrorKind::FileTooLarge,
            Self::WriteProtected { .. } | Self::ReadOnly => io::ErrorKind::PermissionDenied,
            Self::OutOfMemory { .. } => io::ErrorKind::OutOfMemory,
            Self::Cancelled { .. } => io::ErrorKind::Interrupted,
            Self::Unsupported { .. } => io::ErrorKind::Unsupported,
            Self::Os(error) => error.kind(),
            _ => io::ErrorKind::InvalidInput,
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("op", &self.op())
            .field("kind", self.kind())
            .field("path", &self.path())
            .finish()
    }
}

impl std::error::Error for Error {}

impl From<Error> for io::Error {
    /// Keeps the whole error inside, so that `io` code can pass it on and its text stays.
    fn from(error: Error) -> Self {
        Self::new(error.kind().io_kind(), error)
    }
}
