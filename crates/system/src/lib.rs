//! Questions to the operating system about creating files, replacing files, and limits.
//!
//! Whatever concerns a mapping is in the backends. The functions here serve every map that is saved or
//! locked, including maps of plug-ins and of memory, which have no such backend. They return facts;
//! `memmap_core::system` turns the facts into errors.

#![forbid(unsafe_code)]
#![warn(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

#[cfg(unix)]
mod unix;
#[cfg(unix)]
use unix as os;
#[cfg(unix)]
pub use unix::attributes;

#[cfg(not(unix))]
mod fallback;
#[cfg(not(unix))]
use fallback as os;

/// An attribute that binds every user, root included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "callers must have a text for each")]
pub enum Attribute {
    /// Nothing may be changed.
    Immutable,
    /// A file may only be appended to. In a directory, files may be created, and neither renamed nor removed.
    AppendOnly,
}

/// A resource whose number the system limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "callers must have a text for each")]
pub enum Counted {
    /// Files that this process has open.
    OpenFiles,
    /// Files that are open in all processes.
    OpenFilesOfSystem,
}

/// Current use of a limited resource, and its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the system reports these two numbers")]
pub struct Usage {
    /// Current use; `None` if the system does not report it.
    pub now: Option<u64>,
    /// The limit; `None` if there is no limit, or the system does not report it.
    pub max: Option<u64>,
}

/// Whether directories are opened as files, to sync the names in them. Windows opens none for that.
pub const OPENS_DIRECTORIES: bool = cfg!(unix);

/// The resource that is exhausted, and its limit, if `error` means that.
pub fn limit_reached(error: &io::Error) -> Option<(Counted, Option<u64>)> {
    os::limit_reached(error)
}

/// The attribute of the file or directory at `path`.
///
/// # Platform
/// Linux.
pub fn attribute(path: &Path) -> Option<Attribute> {
    os::attribute(path)
}

/// The attribute of an open file.
///
/// # Platform
/// Linux.
pub fn attribute_of(file: &File) -> Option<Attribute> {
    os::attribute_of(file)
}

/// Whether something is mounted at `target`, so that it cannot be replaced (rename(2), `EBUSY`).
///
/// # Platform
/// Linux.
pub fn is_mount_point(target: &Path) -> bool {
    os::is_mount_point(target)
}

/// Whether a directory is sticky: only the owner of a file may rename or remove it.
///
/// # Platform
/// POSIX.
pub fn is_sticky(directory: &Path) -> bool {
    os::is_sticky(directory)
}

/// The longest file that this process may write. The system ends a process that exceeds it
/// (setrlimit(2), `SIGXFSZ`).
///
/// # Platform
/// POSIX.
pub fn file_len_max() -> Option<u64> {
    os::file_len_max()
}

/// Free bytes on the file system of `file`, as far as this user may use them.
///
/// # Platform
/// POSIX.
pub fn free_bytes(file: &File) -> Option<u64> {
    os::free_bytes(file)
}

/// Bytes that are locked in memory; `None` if this user has no limit.
///
/// # Platform
/// POSIX. Only Linux reports the current number, and users without a limit.
pub fn locked_memory() -> Option<Usage> {
    os::locked_memory()
}

/// When a file last changed, bytes or attributes, in seconds and nanoseconds since 1970; `None` if the file
/// system does not say.
///
/// # Platform
/// POSIX: its `ctime`, which nobody can set back. Elsewhere: when its bytes last changed.
pub fn changed_at(metadata: &Metadata) -> Option<(i64, u32)> {
    os::changed_at(metadata)
}

/// The path of a `file` URL, from the decoded bytes after the host, which start with `/`; `None` if no file
/// can have it.
///
/// # Platform
/// POSIX: any bytes. Windows: UTF-8, and the slash before a drive letter is not part of the path.
pub fn path_of_url(bytes: Vec<u8>) -> Option<PathBuf> {
    os::path_of_url(bytes)
}

/// The number of mappings of this process.
///
/// # Platform
/// Linux.
pub fn mappings() -> Option<Usage> {
    os::mappings()
}

/// Creates a file that does not exist yet.
///
/// It gets the given permission bits, where the system has such bits. Without them it gets the attributes
/// of `replaced`, the file that it will replace, as far as this user may set them. It never grants anybody
/// more than `replaced` did.
///
/// # Errors
/// The error of the operating system; no file is left then.
///
/// # Platform
/// Copied from `replaced` on Linux: the owner, the group, the permission bits, the access list, and the
/// extended attributes that describe the file rather than its bytes. Other POSIX: the first three.
/// Windows: the file attributes.
pub fn create(path: &Path, permissions: Option<u32>, replaced: Option<&File>) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    match (permissions, replaced) {
        (Some(bits), _) => os::with_permissions(&mut options, bits).open(path),
        (None, None) => options.open(path),
        (None, Some(replaced)) => {
            // For this user alone until the final permissions are set.
            let file = os::with_permissions(&mut options, 0o600).open(path)?;
            os::imitate(&file, replaced).inspect_err(|_| drop(fs::remove_file(path)))?;
            Ok(file)
        }
    }
}
