//! Systems that are not POSIX. For Windows, std has what is needed.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

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
