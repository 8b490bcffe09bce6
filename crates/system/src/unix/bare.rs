//! POSIX systems other than Linux. None of this is implemented for them.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::path::Path;

use crate::{Attribute, Usage};

pub(crate) const fn attribute(_: &Path) -> Option<Attribute> {
    None
}

pub(crate) const fn attribute_of(_: &File) -> Option<Attribute> {
    None
}

pub(crate) const fn mappings() -> Option<Usage> {
    None
}

#[expect(clippy::unnecessary_wraps, reason = "Linux has users without a limit")]
pub(super) const fn locked_memory(max: Option<u64>) -> Option<Usage> {
    Some(Usage { now: None, max })
}

pub(super) const fn mount(_: &Path) -> Option<u64> {
    None
}

#[expect(clippy::unnecessary_wraps, reason = "Linux may refuse")]
pub(super) const fn value_of(_: &File, _: &OsStr) -> io::Result<Option<Vec<u8>>> {
    Ok(None)
}

pub(super) const fn forget(_: &File, _: &OsStr) -> bool {
    true
}

pub(super) fn set(_: &File, _: &OsStr, _: &[u8]) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[expect(clippy::unnecessary_wraps, reason = "Linux may refuse")]
pub(super) const fn names(_: &File) -> io::Result<Vec<OsString>> {
    Ok(Vec::new())
}
