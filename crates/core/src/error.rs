use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::{FileKind, Identity, Mode, NotProven, Origin};

mod io_kind;
mod text;

/// The result of every fallible operation of memmap.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error: the operation, the source, the numbers, and what to do about it.
///
/// It prints as one line, `cannot OPERATION "SOURCE": WHAT; ADVICE`, with the name of the source escaped
/// so that it cannot disturb a terminal. ([`ErrorKind::NotProven`] has one line more for each proof.) The
/// text is complete, so [`source`](std::error::Error::source) is
/// `None`. Match on [`kind`](Self::kind), not on the text.
///
/// # Cost
/// It is one pointer wide, so a `Result<()>` fits in a register. Making one allocates. A clone shares the
/// kind.
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
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    op: Op,
    kind: Arc<ErrorKind>,
    origin: Option<Origin>,
}

/// The operation that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Op {
    /// Finding a file and inspecting it.
    Open,
    /// Mapping a file.
    Map,
    /// Allocating anonymous memory.
    Allocate,
    /// Copying bytes out of a mapping, or into a new one.
    Read,
    /// Writing bytes into a mapping.
    Write,
    /// Making or replacing a file.
    Create,
    /// Refilling a file that was emptied: its old bytes are gone.
    Refill,
    /// Making a mapping longer or shorter.
    Resize,
    /// Reserving address space.
    Reserve,
    /// Bringing written bytes to the device.
    Sync,
    /// Telling the system how bytes will be used.
    Advise,
    /// Bringing bytes into memory, or keeping them there.
    Prefault,
    /// Finding out which bytes are in memory, or stored.
    Query,
    /// Locking a file against other processes.
    Lock,
    /// Copying a mapping into private memory.
    Detach,
    /// Proving that nobody can change bytes.
    Prove,
    /// Making a mapping read-only.
    Protect,
    /// Ending a mapping.
    Close,
    /// Parsing the name of a mode.
    Parse,
}

/// The cause of an error, with its numbers.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The file does not exist.
    NotFound,
    /// Nobody may write to the file, whatever its permissions are.
    WriteProtected {
        /// What protects it.
        by: Protection,
    },
    /// This user may not use the file in this mode.
    PermissionDenied {
        /// The mode that was requested.
        mode: Mode,
    },
    /// The open file that was passed was not opened for this mode.
    OpenedForLess {
        /// The mode that was requested.
        mode: Mode,
    },
    /// The source has no bytes that can be mapped.
    NotMappable {
        /// What it is instead.
        kind: FileKind,
    },
    /// The range starts or ends beyond the end of the file.
    BeyondEnd {
        /// Bytes from the start of the file, as requested.
        offset: u64,
        /// Length in bytes, as requested; 0 if no length was given.
        len: u64,
        /// Length of the file in bytes.
        source_len: u64,
    },
    /// The range is not within the mapping.
    OutOfBounds {
        /// Bytes from the start of the mapping, as requested.
        offset: u64,
        /// Length in bytes, as requested.
        len: u64,
        /// Length of the mapping in bytes.
        bound: u64,
    },
    /// The range ends before it starts.
    BackwardRange {
        /// Its start, as requested.
        start: u64,
        /// Its exclusive end, as requested.
        end: u64,
    },
    /// The offset of an integer that is accessed atomically is not a multiple of its size.
    Misaligned {
        /// Bytes from the start of the mapping, as requested.
        offset: u64,
        /// The required alignment in bytes.
        align: u64,
        /// Bytes from an aligned address to the first byte of the mapping.
        lead: u64,
    },
    /// The mapping is read-only.
    ReadOnly,
    /// Options that contradict each other or the mode.
    InvalidOptions {
        /// What was requested, and what to do instead.
        what: &'static str,
    },
    /// A file of that name already exists.
    AlreadyExists,
    /// No new file can be made in the directory.
    CannotCreate {
        /// What prevents it.
        reason: Obstacle,
        /// The error of the operating system.
        source: io::Error,
    },
    /// Somebody else has the file open, locked or mapped, and the system does not allow the operation
    /// meanwhile.
    InUse {
        /// The error of the operating system.
        source: io::Error,
    },
    /// Making the mapping shorter would remove bytes of the file that it does not map.
    CutsOff {
        /// Where the file would end.
        new_end: u64,
        /// Where the mapping ends.
        mapped_end: u64,
        /// Length of the file in bytes.
        file_len: u64,
    },
    /// Some written bytes did not reach the device. The map remembers it.
    NotDurable {
        /// The error of the operating system when it was first reported.
        source: io::Error,
    },
    /// A limit of the process, or of the system, is reached.
    LimitReached {
        /// What is limited.
        which: LimitKind,
        /// The amount in use, or the amount that would be in use after the operation; `None` if unknown.
        now: Option<u64>,
        /// The maximum; `None` if unknown.
        max: Option<u64>,
    },
    /// The file was truncated after it was mapped, and the requested bytes are gone.
    Truncated {
        /// The first byte that is gone, from the start of the mapping.
        offset: u64,
        /// The length in bytes that the file must have for the operation.
        needed: u64,
        /// Its length now.
        now: u64,
    },
    /// The device, or the server, failed to provide the bytes.
    Io {
        /// The first byte that cannot be read, from the start of the mapping.
        offset: u64,
        /// The error of the operating system.
        source: io::Error,
    },
    /// There are no bytes at this offset: nothing is mapped there in a process, for example.
    Gap {
        /// The offset, from the start of the mapping.
        offset: u64,
        /// Where the next bytes are; `None` if there are none.
        next: Option<u64>,
    },
    /// What the bytes belong to has ended: a process. Nothing of it can be read any more.
    Ended {
        /// The first byte that was to be read, from the start of the mapping.
        offset: u64,
    },
    /// The bytes of a packed file cannot be unpacked.
    Damaged {
        /// The first byte that cannot be read, from the start of the mapping.
        offset: u64,
        /// The offset in the packed file at which unpacking stopped.
        packed: u64,
        /// What is wrong there.
        what: Cow<'static, str>,
    },
    /// The device, or the server, did not answer in time.
    TimedOut {
        /// The first byte that was not read or written, from the start of the mapping.
        offset: u64,
        /// The error of the operating system or of the plug-in.
        source: io::Error,
    },
    /// The source is another version than the one that was opened or expected. No byte of the old version
    /// can be read any more.
    Replaced {
        /// The first byte that was to be read, from the start of the mapping.
        offset: u64,
        /// The version that was opened or expected.
        was: Identity,
        /// The version that is there now; `None` if the source does not say.
        now: Option<Identity>,
    },
    /// Bytes are gone, and the file could not be opened again to find out why: it was truncated, or its
    /// device failed.
    Lost {
        /// The first byte that is gone, from the start of the mapping.
        offset: u64,
        /// Why the file could not be opened.
        source: io::Error,
    },
    /// The disk is full.
    StorageFull {
        /// The first byte that cannot be written, from the start of the mapping; `None` if space for a
        /// file was to be reserved.
        offset: Option<u64>,
        /// Bytes that remain to be stored.
        needed: u64,
        /// Free bytes on the file system.
        free: u64,
    },
    /// The file would be longer than its file system, or a limit on this user, allows.
    FileTooLarge {
        /// The length in bytes that it would have.
        len: u64,
        /// The limit on the length of this user's files, if that is the reason.
        limit: Option<u64>,
    },
    /// The disk quota of this user is exhausted.
    QuotaExceeded {
        /// The first byte that cannot be stored, from the start of the file.
        offset: u64,
    },
    /// The memory that holds the bytes is broken.
    HardwareMemoryError {
        /// The first byte that is lost, from the start of the mapping.
        offset: u64,
    },
    /// The *caller's* buffer is lost memory: a mapping made elsewhere, whose file was truncated.
    BufferLost {
        /// The first byte of the buffer that is gone.
        at: u64,
    },
    /// No process of this architecture can address that many bytes.
    TooLarge {
        /// Length in bytes, as requested.
        len: u64,
        /// The maximum.
        max: u64,
    },
    /// The system has no room for that many bytes now.
    OutOfMemory {
        /// Length in bytes, as requested.
        len: u64,
    },
    /// The operation was cancelled.
    Cancelled {
        /// Bytes that were processed before.
        done: u64,
    },
    /// No proof holds for the bytes.
    NotProven(NotProven),
    /// No plug-in opens locations with this scheme.
    UnknownScheme {
        /// The scheme, without `://`.
        scheme: String,
        /// The schemes that are known.
        known: Vec<String>,
    },
    /// No mode has this name.
    UnknownMode {
        /// The name that was given.
        given: String,
    },
    /// The backend or the plug-in does not support the operation.
    Unsupported {
        /// The name of the backend, or of whatever else does not support it.
        by: Cow<'static, str>,
        /// What is not supported, and what to do instead.
        what: Cow<'static, str>,
    },
    /// Any other error of the operating system.
    Os(io::Error),
}

/// What protects a file from being written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protection {
    /// Its file system is mounted read-only.
    ReadOnlyFileSystem,
    /// It is a read-only block device.
    ReadOnlyDevice,
    /// It has the immutable attribute: nothing of it may be changed.
    Immutable,
    /// It has the append-only attribute: bytes may be added at its end, and none may be changed.
    AppendOnly,
}

/// What keeps a directory from taking a new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Obstacle {
    /// The directory does not exist.
    NoDirectory,
    /// This user may not make files in it.
    NoPermission,
    /// Its file system is mounted read-only.
    ReadOnlyFileSystem,
    /// The name is a mount point, so it cannot be given to another file.
    MountPoint,
    /// It is append-only: a file made there can be neither renamed nor removed.
    AppendOnlyDirectory,
    /// It is immutable.
    ImmutableDirectory,
    /// It is sticky: nobody may replace files of other users.
    StickyDirectory,
    /// Another reason; see the error of the operating system.
    Other,
}

/// What a limit is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LimitKind {
    /// Open files of this process.
    OpenFiles,
    /// Open files of all processes.
    OpenFilesOfSystem,
    /// Mappings of this process.
    Mappings,
    /// Bytes of memory that this user has locked in RAM.
    LockedMemory,
}

impl Error {
    /// An error without an origin; whoever knows the source adds it with [`with_origin`](Self::with_origin).
    #[cold]
    pub fn new(op: Op, kind: ErrorKind) -> Self {
        Self(Box::new(Inner { op, kind: Arc::new(kind), origin: None }))
    }

    /// The source failed to provide or to take the byte at `offset`, from the start of the mapping:
    /// [`ErrorKind::TimedOut`] if `source` says so, and [`ErrorKind::Io`] otherwise.
    #[cold]
    pub fn io(op: Op, offset: u64, source: io::Error) -> Self {
        let kind = match source.kind() {
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
                ErrorKind::TimedOut { offset, source }
            }
            _ => ErrorKind::Io { offset, source },
        };
        Self::new(op, kind)
    }

    /// `by`, such as the name of a backend, does not support `what`.
    #[cold]
    pub fn unsupported(
        op: Op,
        by: impl Into<Cow<'static, str>>,
        what: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(op, ErrorKind::unsupported(by, what))
    }

    /// The source is another version than it was: `now`, if that has a name. `offset` is the first byte
    /// that was to be read, from the start of the mapping.
    #[cold]
    pub fn replaced(op: Op, offset: u64, was: Identity, now: Option<Identity>) -> Self {
        Self::new(op, ErrorKind::Replaced { offset, was, now })
    }

    /// Adds where the bytes come from, unless the error says so already.
    #[must_use]
    pub fn with_origin(mut self, origin: impl Into<Origin>) -> Self {
        self.0.origin.get_or_insert_with(|| origin.into());
        self
    }

    /// Adds `left` bytes to the length that the file must have: the request was longer than the part that failed.
    pub(crate) fn with_more_needed(mut self, left: u64) -> Self {
        if let ErrorKind::Truncated { offset, needed, now } = *self.0.kind {
            let needed = needed.saturating_add(left);
            self.0.kind = Arc::new(ErrorKind::Truncated { offset, needed, now });
        }
        self
    }

    /// Replaces the operation, where the caller knows it better than the place that made the error.
    #[must_use]
    pub fn during(mut self, op: Op) -> Self {
        self.0.op = op;
        self
    }

    /// The operation that failed.
    pub fn op(&self) -> Op {
        self.0.op
    }

    /// The cause, with its numbers.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// The absolute path of the file; `None` if there is none.
    pub fn path(&self) -> Option<&Path> {
        self.origin()?.as_path()
    }

    /// Where the bytes come from; `None` if that has no name.
    pub fn origin(&self) -> Option<&Origin> {
        self.0.origin.as_ref()
    }
}

impl ErrorKind {
    /// `by` does not support `what`.
    pub fn unsupported(
        by: impl Into<Cow<'static, str>>,
        what: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::Unsupported { by: by.into(), what: what.into() }
    }

    /// Returns `true` if no other byte of the source can be read either, so that there is no point in going
    /// on: it was replaced, or has ended.
    pub const fn ends_reading(&self) -> bool {
        matches!(self, Self::Replaced { .. } | Self::Ended { .. })
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("op", &self.op())
            .field("kind", self.kind())
            .field("origin", &self.origin())
            .finish()
    }
}

impl std::error::Error for Error {}
