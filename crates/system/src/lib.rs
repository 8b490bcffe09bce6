//! What memmap asks of the operating system where a file is made or replaced, and where a limit is reached.
//!
//! Backends ask for themselves what belongs to a mapping. What is here must hold for every map that is saved
//! or locked, those of plug-ins and of memory included, which have no backend. It answers with facts;
//! `memmap_core::system` makes errors of them.

#![forbid(unsafe_code)]
#![warn(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

#[cfg(unix)]
mod unix;
#[cfg(unix)]
use unix as os;

#[cfg(not(unix))]
mod elsewhere;
#[cfg(not(unix))]
use elsewhere as os;

/// An attribute that binds every user, root included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "whoever asks must know what to say of each")]
pub enum Attribute {
    /// Nothing may be changed.
    Immutable,
    /// To a file bytes may be added behind its end; in a directory files may be made, and neither be
    /// renamed nor removed.
    AppendOnly,
}

/// What there may be only so many of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "whoever asks must know what to say of each")]
pub enum Counted {
    /// Files that this process has open.
    OpenFiles,
    /// Files that are open in all processes.
    OpenFilesOfSystem,
}

/// How much there is, and may be; `None` for what the system does not tell, or does not limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "it is what the system tells")]
pub struct Usage {
    /// How much there is.
    pub now: Option<u64>,
    /// How much there may be.
    pub max: Option<u64>,
}

/// What there may be no more of, and how many there may be, if that is what an error says.
pub fn limit_reached(error: &io::Error) -> Option<(Counted, Option<u64>)> {
    os::limit_reached(error)
}

/// The attribute of a file or a directory.
///
/// # Platform
/// Linux.
pub fn attribute(path: &Path) -> Option<Attribute> {
    os::attribute(path)
}

/// The attribute of a file that is open.
///
/// # Platform
/// Linux.
pub fn attribute_of(file: &File) -> Option<Attribute> {
    os::attribute_of(file)
}

/// Whether something is mounted at a name, which so stays what it is (rename(2), `EBUSY`).
///
/// # Platform
/// Linux.
pub fn is_mount_point(target: &Path) -> bool {
    os::is_mount_point(target)
}

/// Whether a directory lets nobody rename or remove what others made.
///
/// # Platform
/// POSIX.
pub fn is_sticky(directory: &Path) -> bool {
    os::is_sticky(directory)
}

/// Bytes that a file of this user may have. Beyond them the system ends the process (setrlimit(2),
/// `SIGXFSZ`).
///
/// # Platform
/// POSIX.
pub fn file_len_max() -> Option<u64> {
    os::file_len_max()
}

/// Bytes that this user could still store on a file's file system.
///
/// # Platform
/// POSIX.
pub fn free_bytes(file: &File) -> Option<u64> {
    os::free_bytes(file)
}

/// Bytes that are kept in memory; `None` for a user who may keep any number.
///
/// # Platform
/// POSIX; how many there are, and who may keep any number, on Linux.
pub fn locked_memory() -> Option<Usage> {
    os::locked_memory()
}

/// Mappings of this process.
///
/// # Platform
/// Linux.
pub fn mappings() -> Option<Usage> {
    os::mappings()
}

/// Makes a file that does not exist, with these permission bits where the system knows them, or with
/// whatever of the file that it will replace can be handed on; never more to anybody than that one gave.
///
/// # Errors
/// What the operating system answers; then there is no file.
///
/// # Platform
/// Linux: the owner, the group, the permission bits, the access list, and the extended attributes that
/// belong to the file and not to its bytes. Other POSIX: the first three. Windows: attributes.
pub fn create(path: &Path, permissions: Option<u32>, replaced: Option<&File>) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    match (permissions, replaced) {
        (Some(bits), _) => os::with_permissions(&mut options, bits).open(path),
        (None, None) => options.open(path),
        (None, Some(replaced)) => {
            // Nobody else may open it before it is known who may.
            let file = os::with_permissions(&mut options, 0o600).open(path)?;
            os::imitate(&file, replaced).inspect_err(|_| drop(fs::remove_file(path)))?;
            Ok(file)
        }
    }
}
