//! What errors say: what was asked, what was found, and what to do, in one line.

use std::fmt;
use std::io;

use super::{Error, ErrorKind, LimitKind, Obstacle, Op, Protection};
use crate::{FileKind, Mode};

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
            Self::NotFound => write!(f, "there is no such file; check the path"),
            Self::PermissionDenied { mode } => write!(
                f,
                "this user has no permission for mode \"{mode}\"; ask the owner of the file, or use \
                 another user"
            ),
            Self::WriteProtected { by } => write!(f, "{by}"),
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
            Self::CannotCreate { reason: Obstacle::Other, ref source } => write!(
                f,
                "its directory takes no such file: {source}; check the name, and that the directory \
                 exists and this user may write to it"
            ),
            Self::CannotCreate { reason, .. } => write!(f, "{reason}"),
            Self::InUse { ref source } if source.kind() == io::ErrorKind::ExecutableFileBusy => {
                write!(
                    f,
                    "it is a program that runs, or swap that is used: {source}; end that first, or \
                     write to a copy and rename it over this one"
                )
            }
            Self::InUse { ref source } => write!(
                f,
                "somebody else has it open, locked or mapped: {source}; close it there first, a map \
                 of this process included"
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
            Self::LimitReached { which, max } => print_limit(f, which, max),
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
            Self::Lost { offset, ref source } => write!(
                f,
                "byte {offset} of the mapping is gone: the file was cut short, or its device failed, \
                 and it could not be opened again to say which: {source}; map it again, or read what \
                 is left with `read_some`"
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
            Self::NotProven(ref why) => write!(f, "{why}"),
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

impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, remedy) = match self {
            Self::ReadOnlyFileSystem => {
                ("its file system is mounted for reading alone", "have it mounted for writing")
            }
            Self::ReadOnlyDevice => {
                ("the device takes no writes", "have it made writable (`blockdev --setrw`)")
            }
            Self::Immutable => (
                "it is immutable, so that nobody may change it",
                "have the attribute taken away (`chattr -i`)",
            ),
            Self::AppendOnly => (
                "it is append-only, so that nobody may change the bytes it has",
                "have the attribute taken away (`chattr -a`)",
            ),
        };
        write!(
            f,
            "{what}; use mode \"r\", or \"c\" to keep the changes to this process, or {remedy}"
        )
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoDirectory => "there is no such directory; check the path, or make it first",
            Self::NoPermission => {
                "this user may not make files in its directory; ask the owner of the directory, or \
                 empty the file itself with `in_place` if there is one that this user may write to"
            }
            Self::ReadOnlyFileSystem => {
                "the file system is mounted for reading alone; use another one, or have it mounted \
                 for writing"
            }
            Self::MountPoint => {
                "something is mounted at that name, so that no other file can take it; empty the \
                 file itself with `in_place` of mode \"w+\", or mount its directory instead"
            }
            Self::AppendOnlyDirectory => {
                "its directory is append-only, so that what is made there can be neither renamed nor \
                 removed; use another directory, or have the attribute taken away (`chattr -a`)"
            }
            Self::ImmutableDirectory => {
                "its directory is immutable, so that nothing is made there; use another one, or have \
                 the attribute taken away (`chattr -i`)"
            }
            Self::StickyDirectory => {
                "its directory lets nobody replace what others made; use another name, or empty the \
                 file itself with `in_place` of mode \"w+\""
            }
            Self::Other => "its directory takes no such file; check the name",
        })
    }
}

fn print_limit(f: &mut fmt::Formatter<'_>, which: LimitKind, max: Option<u64>) -> fmt::Result {
    let (what, remedy) = match which {
        LimitKind::OpenFiles => (
            "this process has as many files open as it may",
            "close some, maps for writing included, or raise the limit (`ulimit -n`)",
        ),
        LimitKind::OpenFilesOfSystem => (
            "all processes together have as many files open as they may",
            "close some, or have the limit of the system raised (`fs.file-max`)",
        ),
        LimitKind::Mappings => (
            "this process has as many mappings as it may",
            "close some maps, or have the limit of the system raised (`vm.max_map_count`)",
        ),
    };
    match max {
        Some(max) => write!(f, "{what}, {max}; {remedy}"),
        None => write!(f, "{what}; {remedy}"),
    }
}

const fn separator(mode: Mode) -> &'static str {
    match mode {
        Mode::CopyOnWrite => "; use one of these",
        _ => ",",
    }
}
