//! The texts of errors: the cause, its numbers, and what to do, in one line.

use std::fmt::{self, Write as _};
use std::io;

use super::{Error, ErrorKind, LimitKind, Obstacle, Op, Protection};
use crate::{FileKind, Identity, Mode};

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {}", self.op())?;
        if let Some(origin) = self.origin() {
            write!(f, " {origin}")?;
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
            Self::Refill => "refill the emptied file",
            Self::Resize => "resize",
            Self::Reserve => "reserve address space for",
            Self::Sync => "sync",
            Self::Advise => "advise on",
            Self::Prefault => "bring into memory",
            Self::Query => "look at",
            Self::Lock => "lock",
            Self::Prove => "prove unchanging",
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
            Self::NotFound => write!(f, "no such file; check the path"),
            Self::PermissionDenied { mode } => write!(f, "permission denied (mode {mode})"),
            Self::WriteProtected { by } => write!(f, "{by}"),
            Self::OpenedForLess { mode } => write!(
                f,
                "the file is not open for mode \"{mode}\"; open it for reading{}",
                if mode.reaches_file() { " and writing" } else { "" }
            ),
            Self::NotMappable { kind: FileKind::Directory } => {
                write!(f, "it is a directory; name a file in it")
            }
            Self::NotMappable { kind: FileKind::Socket } => {
                write!(f, "it is a socket, which has no bytes of its own; connect to it instead")
            }
            Self::NotMappable { kind } => {
                write!(f, "it is {kind}, which cannot be mapped; read it into memory instead")
            }
            Self::BeyondEnd { offset, len, source_len } if offset.min(len) > source_len => write!(
                f,
                "{len} bytes at offset {offset} reach beyond the end of the file, which has \
                 {source_len} bytes; ask for at most {source_len}, at offset 0"
            ),
            Self::BeyondEnd { offset, len, source_len } if offset > source_len => write!(
                f,
                "offset {offset} is beyond the end of the file, which has {source_len} bytes; use an \
                 offset of at most {}",
                source_len.saturating_sub(len)
            ),
            Self::BeyondEnd { offset, len, source_len } => write!(
                f,
                "{len} bytes at offset {offset} reach beyond the end of the file, which has \
                 {source_len} bytes; ask for at most {} bytes there",
                source_len.saturating_sub(offset)
            ),
            Self::OutOfBounds { offset, len, bound } => {
                write!(
                    f,
                    "{len} bytes at offset {offset} are not within the mapping's {bound} bytes; "
                )?;
                match (bound.checked_sub(offset), bound.checked_sub(len)) {
                    (Some(rest), _) => write!(f, "ask for at most {rest} bytes there"),
                    (None, Some(last)) => write!(f, "use an offset of at most {last}"),
                    (None, None) => write!(f, "ask for at most {bound} bytes, at offset 0"),
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
                "it is mapped for reading; map it with mode \"r+\", or with mode \"c\" to keep the \
                 changes in this process"
            ),
            Self::InvalidOptions { what } => write!(f, "{what}"),
            Self::AlreadyExists => {
                write!(
                    f,
                    "a file of that name exists; use another name, or allow it to be replaced"
                )
            }
            Self::CannotCreate { reason: Obstacle::Other, ref source } => write!(
                f,
                "the file cannot be created: {source}; check the name, and that this user may write \
                 to its directory"
            ),
            Self::CannotCreate { reason, .. } => write!(f, "{reason}"),
            Self::InUse { ref source } if source.kind() == io::ErrorKind::ExecutableFileBusy => {
                write!(
                    f,
                    "it is a running program, or swap in use: {source}; end that first, or write to a \
                     copy and rename it"
                )
            }
            Self::InUse { ref source } => write!(
                f,
                "it is open, locked or mapped elsewhere: {source}; close it there first, and other \
                 maps of this process too"
            ),
            Self::CutsOff { new_end, mapped_end, file_len } => write!(
                f,
                "the file would end at {new_end} and lose {} bytes that are not mapped (the mapping \
                 ends at {mapped_end}, the file at {file_len}); map up to the end of the file first",
                file_len.saturating_sub(mapped_end)
            ),
            Self::NotDurable { ref source } => write!(
                f,
                "not all changes reached the device: {source}; save a copy elsewhere, as syncing again \
                 does not tell which are missing"
            ),
            Self::LimitReached { which, now, max } => print_limit(f, which, now, max),
            Self::Gap { offset, next: Some(next) } => {
                write!(f, "there is nothing at {offset:#x}; the next bytes are at {next:#x}")
            }
            Self::Gap { offset, next: None } => {
                write!(f, "there is nothing at {offset:#x}, and nothing after it")
            }
            Self::Ended { offset } => {
                write!(f, "it has ended, and byte {offset:#x} is gone with it")
            }
            Self::Damaged { offset, packed, ref what } => write!(
                f,
                "byte {offset} cannot be unpacked: {what} (at byte {packed} of the packed file); test that file, \
                 or get it again"
            ),
            Self::Truncated { offset, needed, now } => write!(
                f,
                "the file was truncated: byte {offset} of the mapping is gone, as {needed} bytes are \
                 needed and the file has {now}; map it again"
            ),
            Self::Io { offset, ref source } => write!(
                f,
                "byte {offset} of the mapping cannot be read or written: {source}; check the device, \
                 and copy what can be read"
            ),
            Self::TimedOut { offset, ref source } => write!(
                f,
                "byte {offset} of the mapping did not arrive in time: {source}; try again, or check the \
                 connection"
            ),
            Self::Replaced { ref was, now: Some(ref now), .. } => write!(
                f,
                "it was replaced: version {} was expected, and version {} is there now; open it again \
                 to read the current version",
                Token(was),
                Token(now)
            ),
            Self::Replaced { ref was, now: None, .. } => write!(
                f,
                "it was replaced: version {} was expected, and no longer exists; open it again to read the \
                 current version",
                Token(was)
            ),
            Self::Lost { offset, ref source } => write!(
                f,
                "byte {offset} of the mapping is gone, and the file could not be opened again to find \
                 out why: {source}; map it again"
            ),
            Self::StorageFull { offset: Some(offset), needed, free } => write!(
                f,
                "the disk is full: {needed} bytes from byte {offset} of the mapping on cannot be \
                 stored, and {free} bytes are free; free some space, and write again"
            ),
            Self::StorageFull { offset: None, needed, free } => write!(
                f,
                "the disk is full: {needed} bytes are needed and {free} are free; free some space, or ask \
                 for less"
            ),
            Self::FileTooLarge { len, limit: Some(limit) } => write!(
                f,
                "the file would have {len} bytes, and the limit of this process is {limit}; ask for \
                 less, or raise the limit (`ulimit -f`)"
            ),
            Self::FileTooLarge { len, limit: None } => write!(
                f,
                "the file would have {len} bytes, more than its file system supports; ask for less, or \
                 use another file system"
            ),
            Self::QuotaExceeded { offset } => write!(
                f,
                "the disk quota is exceeded at byte {offset} of the file; free some space, and write \
                 again"
            ),
            Self::HardwareMemoryError { offset } => write!(
                f,
                "the memory that holds byte {offset} of the mapping is broken; map the file again, and \
                 have the machine tested"
            ),
            Self::BufferLost { at } => write!(
                f,
                "byte {at} of the buffer is gone: it is in another mapping, whose file was truncated; \
                 use a buffer in ordinary memory"
            ),
            Self::TooLarge { len, max } => write!(
                f,
                "{len} bytes are more than the {max} that this process can address; ask for fewer"
            ),
            Self::OutOfMemory { len } => write!(
                f,
                "there is no memory for {len} more bytes; ask for fewer, or raise the limits on memory, \
                 address space and mappings"
            ),
            Self::Cancelled { done } => write!(f, "it was cancelled after {done} bytes"),
            Self::NotProven(ref why) => write!(f, "{why}"),
            Self::UnknownScheme { ref scheme, ref known } => {
                write!(f, "nothing opens {scheme:?} locations; use one of")?;
                for (index, known) in known.iter().enumerate() {
                    write!(f, "{} {known}://", if index == 0 { "" } else { "," })?;
                }
                write!(f, ", or write \"./{scheme}:\" at the start of the path of a file")
            }
            Self::UnknownMode { ref given } => {
                write!(f, "{given:?} is not a mode; use one of")?;
                for mode in Mode::ALL {
                    write!(f, " {mode} ({}){}", mode.long_name(), separator(mode))?;
                }
                Ok(())
            }
            Self::Unsupported { ref by, ref what } => {
                write!(f, "the {by} backend does not support {what}")
            }
            Self::Os(ref error) => write!(f, "{error}"),
        }
    }
}

/// A token that cannot disturb a terminal. Quotes stay, as many tokens have them.
struct Token<'a>(&'a Identity);

impl fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.to_string().chars().try_for_each(|c| match c {
            '"' | '\'' | '\\' => f.write_char(c),
            c => write!(f, "{}", c.escape_debug()),
        })
    }
}

impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, remedy) = match self {
            Self::ReadOnlyFileSystem => {
                ("its file system is mounted read-only", "remount it for writing")
            }
            Self::ReadOnlyDevice => {
                ("the device is read-only", "make it writable (`blockdev --setrw`)")
            }
            Self::Immutable => ("it is immutable", "remove the attribute (`chattr -i`)"),
            Self::AppendOnly => (
                "it is append-only, so that its bytes cannot be changed",
                "remove the attribute (`chattr -a`)",
            ),
        };
        write!(
            f,
            "{what}; use mode \"r\", or \"c\" to keep the changes in this process, or {remedy}"
        )
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoDirectory => "no such directory; check the path, or create it first",
            Self::NoPermission => {
                "permission denied to create files in its directory; write into the existing file \
                 instead, if there is one"
            }
            Self::ReadOnlyFileSystem => {
                "the file system is mounted read-only; use another one, or remount it for writing"
            }
            Self::MountPoint => {
                "it is a mount point, which cannot be replaced; write into the existing file instead, \
                 or mount its directory"
            }
            Self::AppendOnlyDirectory => {
                "its directory is append-only, so that files in it cannot be renamed or removed; use \
                 another directory, or remove the attribute (`chattr -a`)"
            }
            Self::ImmutableDirectory => {
                "its directory is immutable; use another one, or remove the attribute (`chattr -i`)"
            }
            Self::StickyDirectory => {
                "its directory is sticky, and the file belongs to another user; use another name, or \
                 write into the existing file instead"
            }
            Self::Other => "the file cannot be created; check the name",
        })
    }
}

fn print_limit(
    f: &mut fmt::Formatter<'_>,
    which: LimitKind,
    now: Option<u64>,
    max: Option<u64>,
) -> fmt::Result {
    let (what, remedy) = match which {
        LimitKind::OpenFiles => (
            "too many open files in this process",
            "close some, maps for writing included, or raise the limit (`ulimit -n`)",
        ),
        LimitKind::OpenFilesOfSystem => (
            "too many open files in the system",
            "close some, or raise the limit of the system (`fs.file-max`)",
        ),
        LimitKind::Mappings => (
            "too many mappings in this process",
            "close some maps, or raise the limit of the system (`vm.max_map_count`)",
        ),
        LimitKind::LockedMemory => {
            ("too much locked memory", "lock less, or raise the limit on locked memory")
        }
    };
    match (now, max) {
        (Some(now), Some(max)) => write!(f, "{what}: {now} of at most {max}; {remedy}"),
        (None, Some(max)) => write!(f, "{what}: at most {max}; {remedy}"),
        (_, None) => write!(f, "{what}; {remedy}"),
    }
}

const fn separator(mode: Mode) -> &'static str {
    match mode {
        Mode::CopyOnWrite => "",
        _ => ",",
    }
}
