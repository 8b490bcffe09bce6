use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::{FileKind, Mode};

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
///     "cannot read: 4 bytes at offset 126 do not lie within the mapping's 128 bytes; \
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
    /// The range starts after the end of the file.
    OffsetBeyondEnd {
        /// Bytes from the start of the file, as asked.
        offset: u64,
        /// Bytes the file has.
        file_len: u64,
    },
    /// The range ends after the end of the file.
    LengthBeyondEnd {
        /// Bytes from the start of the file, as asked.
        offset: u64,
        /// Bytes, as asked.
        len: u64,
        /// Bytes the file has.
        file_len: u64,
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
    Contradiction {
        /// What was asked, and what to do instead.
        what: &'static str,
    },
    /// A file that is to be made needs a length.
    LengthRequired,
    /// There is a file of that name already.
    AlreadyExists,
    /// The directory takes no new file.
    CannotCreate {
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
    /// This user may keep no more memory from being paged out.
    LockLimit {
        /// Bytes, as asked.
        len: u64,
        /// Bytes that may be.
        max: u64,
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
    /// The disk is full, so that a hole of the file cannot be written to.
    StorageFull {
        /// The first byte that cannot be written, from the start of the mapping.
        offset: u64,
        /// Bytes that are still to be written.
        short_by: u64,
        /// Bytes that are free on the file system.
        free: u64,
    },
    /// A file would be longer than its file system, or a limit on this user, allows.
    FileTooLong {
        /// Bytes it would have.
        len: u64,
        /// The most that this user may have in one, if that is what it was.
        limit: Option<u64>,
    },
    /// The disk has no room for bytes that were to be reserved.
    NoRoom {
        /// Bytes that are needed.
        needed: u64,
        /// Bytes that are free on the file system.
        free: u64,
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
    /// Translates what the operating system said of a file that was to be opened in `mode`.
    pub fn from_io(error: io::Error, mode: Mode) -> Self {
        match error.kind() {
            // Where a part of the path is a file, there is nothing below it.
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::NotFound,
            io::ErrorKind::PermissionDenied => Self::PermissionDenied { mode },
            io::ErrorKind::IsADirectory => Self::NotMappable { kind: FileKind::Directory },
            _ => Self::Os(error),
        }
    }

    fn io_kind(&self) -> io::ErrorKind {
        match self {
            Self::NotFound => io::ErrorKind::NotFound,
            Self::PermissionDenied { .. } | Self::OpenedForLess { .. } => {
                io::ErrorKind::PermissionDenied
            }
            Self::OutOfBounds { .. } | Self::Truncated { .. } => io::ErrorKind::UnexpectedEof,
            Self::StorageFull { .. } | Self::NoRoom { .. } => io::ErrorKind::StorageFull,
            Self::QuotaExceeded { .. } => io::ErrorKind::QuotaExceeded,
            Self::Io { source, .. }
            | Self::NotDurable { source }
            | Self::CannotCreate { source } => source.kind(),
            Self::AlreadyExists => io::ErrorKind::AlreadyExists,
            Self::FileTooLong { .. } => io::ErrorKind::FileTooLarge,
            Self::ReadOnly => io::ErrorKind::PermissionDenied,
            Self::OutOfMemory { .. } => io::ErrorKind::OutOfMemory,
            Self::Cancelled { .. } => io::ErrorKind::Interrupted,
            Self::Unsupported { .. } => io::ErrorKind::Unsupported,
            Self::Os(error) => error.kind(),
            _ => io::ErrorKind::InvalidInput,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {}", self.op())?;
        if let Some(path) = self.path() {
            write!(f, " {path:?}")?;
        }
        write!(f, ": {}", self.kind())
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Open => "open",
            Self::Map => "map",
            Self::Allocate => "allocate memory",
            Self::Read => "read",
            Self::Write => "write",
            Self::Create => "create",
            Self::Resize => "resize",
            Self::Reserve => "reserve address space for",
            Self::Sync => "sync",
            Self::Advise => "advise on",
            Self::Prefault => "bring into memory",
            Self::Query => "look at",
            Self::Lock => "lock",
            Self::Detach => "copy into memory",
            Self::Protect => "make read-only",
            Self::Close => "close",
            Self::Parse => "understand the mode",
        })
    }
}

impl fmt::Display for ErrorKind {
    #[expect(clippy::too_many_lines, reason = "a sentence for each kind, one below the other")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NotFound => write!(f, "there is no such file; check the path"),
            Self::PermissionDenied { mode } => write!(
                f,
                "this user has no permission for mode \"{mode}\"; ask the owner of the file, or use \
                 another user"
            ),
            Self::OpenedForLess { mode } => write!(
                f,
                "the file was not opened for mode \"{mode}\"; open it for reading{}",
                if mode.reaches_file() { " and writing" } else { "" }
            ),
            Self::NotMappable { kind: FileKind::Directory } => {
                write!(f, "it is a directory, which has no bytes; name a file inside it")
            }
            Self::NotMappable { kind: FileKind::Socket } => {
                write!(f, "it is a socket, which has no bytes of its own; connect to it instead")
            }
            Self::NotMappable { kind } => write!(
                f,
                "it is {kind}, which has no bytes that stay in place; read it into a `RamMap` with \
                 `RamMap::from_reader`"
            ),
            Self::OffsetBeyondEnd { offset, file_len } => write!(
                f,
                "offset {offset} is beyond the end, as the file has {file_len} bytes; use an offset \
                 of at most {file_len}"
            ),
            Self::LengthBeyondEnd { offset, len, file_len } => write!(
                f,
                "{len} bytes at offset {offset} reach beyond the end, as the file has {file_len} \
                 bytes; ask for at most {} bytes there, or for no length to get all of them",
                file_len.saturating_sub(offset)
            ),
            Self::OutOfBounds { offset, len, bound } => {
                write!(
                    f,
                    "{len} bytes at offset {offset} do not lie within the mapping's {bound} bytes; "
                )?;
                match bound.checked_sub(offset) {
                    Some(rest) => write!(f, "ask for at most {rest} bytes there"),
                    None => write!(f, "use an offset of at most {bound}"),
                }
            }
            Self::BackwardRange { start, end } => {
                write!(f, "the range {start}..{end} ends before it starts; swap its ends")
            }
            Self::Misaligned { offset, align, lead } => write!(
                f,
                "an integer of {align} bytes at offset {offset} is not aligned; use {} plus a \
                 multiple of {align}",
                align.saturating_sub(lead).checked_rem(align).unwrap_or(0)
            ),
            Self::ReadOnly => write!(
                f,
                "it is mapped for reading; map it with mode \"r+\", or with mode \"c\" to keep \
                 the changes to this process"
            ),
            Self::Contradiction { what } => write!(f, "{what}"),
            Self::LengthRequired => {
                write!(f, "mode \"w+\" needs a length; say how many bytes with `len`")
            }
            Self::AlreadyExists => write!(
                f,
                "there is one of that name; use another name, or leave out `create_new` to replace \
                 it"
            ),
            Self::CannotCreate { ref source } => write!(
                f,
                "its directory takes no such file: {source}; check the name, and that the directory \
                 exists and this user may write to it"
            ),
            Self::CutsOff { new_end, mapped_end, file_len } => write!(
                f,
                "the file would end at {new_end}, and with it {} bytes would go that are not \
                 mapped (the mapping ends at {mapped_end}, the file at {file_len}); map up to the \
                 end of the file first",
                file_len.saturating_sub(mapped_end)
            ),
            Self::NotDurable { ref source } => write!(
                f,
                "what was written did not all reach the device: {source}; save the bytes elsewhere \
                 with `replace_file`, as syncing again cannot tell which are missing"
            ),
            Self::LockLimit { len, max } => write!(
                f,
                "{len} bytes cannot be kept in memory, as this user may keep {max}; ask for fewer, \
                 or raise the limit on locked memory"
            ),
            Self::Truncated { offset, needed, now } => write!(
                f,
                "the file was cut short: byte {offset} of the mapping is gone, as {needed} bytes \
                 are needed and the file has {now} now; map it again, or read what is left with \
                 `read_some`"
            ),
            Self::Io { offset, ref source } => write!(
                f,
                "the device fails at byte {offset} of the mapping: {source}; read the rest with \
                 `rescue`, and save what you can"
            ),
            Self::StorageFull { offset, short_by, free } => write!(
                f,
                "the disk is full: byte {offset} of the mapping and {short_by} bytes from there \
                 on cannot be stored, as {free} bytes are free; make room, and write again"
            ),
            Self::FileTooLong { len, limit: Some(limit) } => write!(
                f,
                "the file would have {len} bytes, and this user may have {limit} in one; ask for \
                 fewer, or raise the limit on the length of files"
            ),
            Self::FileTooLong { len, limit: None } => write!(
                f,
                "the file would have {len} bytes, which is longer than files of its file system can \
                 be; ask for fewer, or use another file system"
            ),
            Self::NoRoom { needed, free } => write!(
                f,
                "the disk has no room: {needed} bytes are needed and {free} are free; make room, ask \
                 for fewer, or let the file have holes with `sparse`"
            ),
            Self::QuotaExceeded { offset } => write!(
                f,
                "byte {offset} of the file cannot be stored, as this user's quota is used up; \
                 make room, and write again"
            ),
            Self::HardwareMemoryError { offset } => write!(
                f,
                "the memory that holds byte {offset} of the mapping is broken; close the map and \
                 read the file again, and have the machine tested"
            ),
            Self::BufferLost { at } => write!(
                f,
                "byte {at} of the buffer that was given is gone: it is a mapping made elsewhere, \
                 whose file was cut short; give a buffer of ordinary memory"
            ),
            Self::TooLarge { len, max } => write!(
                f,
                "{len} bytes cannot be addressed by this process, which can hold {max}; ask for \
                 fewer, of a file with an offset and a length"
            ),
            Self::OutOfMemory { len } => write!(
                f,
                "the system has no room for {len} more bytes; ask for fewer, or raise the limits on \
                 memory, address space and the number of mappings"
            ),
            Self::Cancelled { done } => {
                write!(f, "it was broken off after {done} bytes; start again for all of them")
            }
            Self::UnknownMode { ref given } => {
                write!(f, "{given:?} is none of")?;
                for mode in Mode::ALL {
                    write!(f, " {mode} ({}){}", mode.long_name(), separator(mode))?;
                }
                Ok(())
            }
            Self::Unsupported { backend, what } => {
                write!(f, "the {backend} backend does not offer {what}")
            }
            Self::Os(ref error) => write!(
                f,
                "the operating system says: {error}; where that does not help, its log may say more"
            ),
        }
    }
}

const fn separator(mode: Mode) -> &'static str {
    match mode {
        Mode::CopyOnWrite => "; use one of these",
        _ => ",",
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
