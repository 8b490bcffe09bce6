//! Where there is no handler.

use crate::Status;

#[inline]
pub(crate) fn is_ready() -> bool {
    true
}

#[inline]
pub(crate) fn prepare() {}

pub(crate) fn knows_lent_ranges() -> bool {
    false
}

pub(crate) fn status() -> Status {
    Status::Unavailable("this platform has no guarded routines")
}

pub(crate) fn ensure() -> Status {
    status()
}
