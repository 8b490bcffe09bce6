//! Translates errors of the operating system, and checks whether a file can be made.

use std::fs::File;
use std::io;
use std::path::Path;

use memmap_system::{Attribute, Counted, Usage};
pub use memmap_system::{changed_at, path_of_url};

use crate::error::{LimitKind, Obstacle, Protection};
use crate::{ErrorKind, FileKind, Limit, Mode};

/// Translates an error of the operating system for a file that was to be opened in `mode`, at `path` if
/// there is one.
pub fn refusal(error: io::Error, mode: Mode, path: Option<&Path>) -> ErrorKind {
    translate(error, mode, || path.and_then(protection))
}

/// Translates an error of the operating system for an open file.
pub fn refusal_of(file: &File, error: io::Error, mode: Mode) -> ErrorKind {
    translate(error, mode, || memmap_system::attribute_of(file).map(protected_by))
}

impl ErrorKind {
    /// Translates an error of the operating system for a file that was to be opened in `mode`. If the
    /// path is known, [`refusal`] finds out more.
    pub fn from_io(error: io::Error, mode: Mode) -> Self {
        refusal(error, mode, None)
    }
}

fn translate(
    error: io::Error,
    mode: Mode,
    protection: impl FnOnce() -> Option<Protection>,
) -> ErrorKind {
    if let Some(limit) = limit_reached(&error) {
        return limit;
    }
    match error.kind() {
        // If a part of the path is a file, nothing exists below it.
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ErrorKind::NotFound,
        io::ErrorKind::IsADirectory => ErrorKind::NotMappable { kind: FileKind::Directory },
        io::ErrorKind::ExecutableFileBusy => ErrorKind::InUse { source: error },
        io::ErrorKind::ReadOnlyFilesystem => {
            ErrorKind::WriteProtected { by: Protection::ReadOnlyFileSystem }
        }
        io::ErrorKind::PermissionDenied => match protection() {
            Some(by) if mode.reaches_file() => ErrorKind::WriteProtected { by },
            _ => ErrorKind::PermissionDenied { mode },
        },
        _ => ErrorKind::Os(error),
    }
}

/// The limit that an error of the operating system is about, if any.
fn limit_reached(error: &io::Error) -> Option<ErrorKind> {
    let (counted, max) = memmap_system::limit_reached(error)?;
    let which = match counted {
        Counted::OpenFiles => LimitKind::OpenFiles,
        Counted::OpenFilesOfSystem => LimitKind::OpenFilesOfSystem,
    };
    Some(ErrorKind::LimitReached { which, now: None, max })
}

/// Translates an error of the operating system for a file that was to be made at `target`.
pub fn cannot_create(target: &Path, error: io::Error) -> ErrorKind {
    if let Some(limit) = limit_reached(&error) {
        return limit;
    }
    let reason = match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Obstacle::NoDirectory,
        io::ErrorKind::ReadOnlyFilesystem => Obstacle::ReadOnlyFileSystem,
        io::ErrorKind::ResourceBusy if memmap_system::is_mount_point(target) => {
            Obstacle::MountPoint
        }
        io::ErrorKind::PermissionDenied => {
            let is_sticky = target.exists() && memmap_system::is_sticky(directory_of(target));
            let otherwise =
                if is_sticky { Obstacle::StickyDirectory } else { Obstacle::NoPermission };
            attribute_in_the_way(target).unwrap_or(otherwise)
        }
        _ => Obstacle::Other,
    };
    ErrorKind::CannotCreate { reason, source: error }
}

/// Refuses to make a new file in the directory of `target` if it could then neither take that name nor
/// be removed.
///
/// # Errors
/// [`ErrorKind::CannotCreate`] in a directory that is append-only or immutable, and for a name that is a
/// mount point.
pub fn require_place(target: &Path) -> Result<(), ErrorKind> {
    let refuse = |reason, error: io::ErrorKind| {
        Err(ErrorKind::CannotCreate { reason, source: error.into() })
    };
    match attribute_in_the_way(target) {
        Some(reason) => refuse(reason, io::ErrorKind::PermissionDenied),
        None if memmap_system::is_mount_point(target) => {
            refuse(Obstacle::MountPoint, io::ErrorKind::ResourceBusy)
        }
        None => Ok(()),
    }
}

fn directory_of(target: &Path) -> &Path {
    target.parent().unwrap_or(target)
}

/// # Source
/// `ioctl_iflags(2)`: files can be made in an append-only directory, but neither renamed nor removed.
fn attribute_in_the_way(target: &Path) -> Option<Obstacle> {
    Some(match memmap_system::attribute(directory_of(target))? {
        Attribute::AppendOnly => Obstacle::AppendOnlyDirectory,
        Attribute::Immutable => Obstacle::ImmutableDirectory,
    })
}

/// Refuses a length beyond this user's limit on files: writing so much would end the process.
///
/// # Errors
/// [`ErrorKind::FileTooLarge`].
///
/// # Source
/// setrlimit(2): beyond `RLIMIT_FSIZE` the system sends `SIGXFSZ`.
pub fn require_len(len: u64) -> Result<(), ErrorKind> {
    match memmap_system::file_len_max() {
        Some(max) if len > max => Err(ErrorKind::FileTooLarge { len, limit: Some(max) }),
        _ => Ok(()),
    }
}

/// Mappings of this process and their maximum; `None` if the system does not report it.
pub fn mappings() -> Option<Limit> {
    memmap_system::mappings().map(|Usage { now, max }| Limit { now, max })
}

/// Translates an error of the operating system when `len` bytes were to be locked in memory.
///
/// # Source
/// mlock(2): `ENOMEM` means the limit on locked memory, or that locking a part would split a mapping
/// beyond the limit on mappings, or that a page does not exist; `EPERM` means a limit of zero.
pub fn why_not_locked(error: io::Error, len: u64) -> ErrorKind {
    /// Locking the middle of a mapping splits it into three: two more.
    const MORE: u64 = 2;
    let is_short = error.kind() == io::ErrorKind::OutOfMemory;
    if is_short
        && let Some(Limit { now: Some(now), max: Some(max) }) = mappings()
        && now.saturating_add(MORE) > max
    {
        return ErrorKind::LimitReached {
            which: LimitKind::Mappings,
            now: Some(now),
            max: Some(max),
        };
    }
    match memmap_system::locked_memory() {
        Some(Usage { now, max: Some(max) })
            if now.unwrap_or(max).saturating_add(len) > max
                || error.kind() == io::ErrorKind::PermissionDenied =>
        {
            ErrorKind::LimitReached {
                which: LimitKind::LockedMemory,
                now: now.map(|now| now.saturating_add(len)),
                max: Some(max),
            }
        }
        _ => ErrorKind::Os(error),
    }
}

/// Translates an error of the operating system when the rest of a file, from `done` on, was written.
pub(crate) fn write_refusal(file: &File, error: io::Error, done: u64, len: u64) -> ErrorKind {
    match (error.kind(), memmap_system::free_bytes(file)) {
        (io::ErrorKind::StorageFull, Some(free)) => {
            ErrorKind::StorageFull { offset: None, needed: len.saturating_sub(done), free }
        }
        (io::ErrorKind::QuotaExceeded, _) => ErrorKind::QuotaExceeded { offset: done },
        (io::ErrorKind::FileTooLarge, _) => ErrorKind::FileTooLarge { len, limit: None },
        _ => ErrorKind::Os(error),
    }
}

/// What prevents even a user with every permission from writing to the file at `path`.
pub fn protection(path: &Path) -> Option<Protection> {
    memmap_system::attribute(path).map(protected_by)
}

const fn protected_by(attribute: Attribute) -> Protection {
    match attribute {
        Attribute::Immutable => Protection::Immutable,
        Attribute::AppendOnly => Protection::AppendOnly,
    }
}
