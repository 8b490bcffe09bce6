//! Systems that are not POSIX. For Windows, std has what is needed.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use crate::{Attribute, Counted, Usage};

pub(crate) fn limit_reached(error: &io::Error) -> Option<(Counted, Option<u64>)> {
    /// `ERROR_TOO_MANY_OPEN_FILES`.
    const TOO_MANY_OPEN_FILES: i32 = 4;
    let is_it = cfg!(windows) && error.raw_os_error() == Some(TOO_MANY_OPEN_FILES);
    is_it.then_some((Counted::OpenFiles, None))
}

pub(crate) const fn attribute(_: &Path) -> Option<Attribute> {
    None
}

pub(crate) const fn attribute_of(_: &File) -> Option<Attribute> {
    None
}

pub(crate) const fn is_mount_point(_: &Path) -> bool {
    false
}

pub(crate) const fn is_sticky(_: &Path) -> bool {
    false
}

pub(crate) const fn file_len_max() -> Option<u64> {
    None
}

pub(crate) const fn free_bytes(_: &File) -> Option<u64> {
    None
}

pub(crate) const fn locked_memory() -> Option<Usage> {
    None
}

pub(crate) fn changed_at(metadata: &Metadata) -> Option<(i64, u32)> {
    let since = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some((i64::try_from(since.as_secs()).ok()?, since.subsec_nanos()))
}

pub(crate) fn path_of_url(bytes: Vec<u8>) -> Option<PathBuf> {
    let text = String::from_utf8(bytes).ok()?;
    match text.as_bytes() {
        // A drive, and a path from its root.
        [b'/', drive, b':', b'/' | b'\\', ..] if drive.is_ascii_alphabetic() => {
            text.get(1..).map(PathBuf::from)
        }
        // A drive without a root is relative, and two separators are another machine.
        [b'/', _, b':', ..] | [b'/' | b'\\', b'/' | b'\\', ..] => None,
        _ => Some(text.into()),
    }
}

pub(crate) const fn mappings() -> Option<Usage> {
    None
}

pub(crate) const fn with_permissions(options: &mut OpenOptions, _: u32) -> &mut OpenOptions {
    options
}

/// Copies the file attributes. The access list is inherited from the directory.
pub(crate) fn imitate(file: &File, replaced: &File) -> io::Result<()> {
    file.set_permissions(replaced.metadata()?.permissions())
}
