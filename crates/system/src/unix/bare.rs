//! POSIX systems other than Linux. None of this is implemented for them.

use std::fs::File;
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

pub(super) const fn access_list(_: &File) -> Option<Vec<u8>> {
    None
}

pub(super) const fn forget_access_list(_: &File) -> bool {
    true
}

pub(super) const fn set_access_list(_: &File, _: &[u8]) {}

pub(super) const fn copy_attributes(_: &File, _: &File) {}
