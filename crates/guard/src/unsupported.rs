//! Targets without a handler.

use crate::{Cause, OnLostPage, Status};

pub(crate) use crate::no_fills::{FillSlot, register_fill, unblock_fills};

#[inline]
pub(crate) fn is_ready() -> bool {
    true
}

#[inline]
pub(crate) fn prepare() {}

pub(crate) fn cause(_: usize) -> Cause {
    Cause::Missing
}

/// There are no slots.
#[derive(Debug)]
pub(crate) enum Slot {}

impl Slot {
    pub(crate) fn lost(&self) -> Option<usize> {
        match *self {}
    }

    pub(crate) fn retire(&self) {
        match *self {}
    }
}

pub(crate) fn register(_: usize, _: usize, _: OnLostPage) -> Option<Slot> {
    None
}

pub(crate) fn status() -> Status {
    Status::Unavailable("this platform has no guarded routines")
}

pub(crate) fn ensure() -> Status {
    status()
}

pub(crate) fn can_guard() -> bool {
    // Not for a handler, but for threads that a backend may run.
    crate::pin::keep_loaded();
    false
}
