//! Targets without a handler.

use std::ops::Range;
use std::sync::Arc;

use crate::{Cause, Fill, Lost, OnLostPage, Status};

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

/// Nothing is known of files, as no page is replaced.
#[derive(Debug)]
pub(crate) enum Mend {}

impl Mend {
    pub(crate) fn lost(&self, _: usize, _: Range<usize>) -> Vec<Lost> {
        match *self {}
    }
}

/// There are no files of ranges.
#[cfg(unix)]
#[derive(Debug)]
pub(crate) enum OfFile {}

#[cfg(unix)]
impl OfFile {
    pub(crate) fn new(_: i32, _: u64) -> Option<Self> {
        None
    }
}

#[cfg(unix)]
pub(crate) fn register_of_file(
    _: usize,
    _: usize,
    file: OfFile,
    _: bool,
) -> Option<(Slot, Box<Mend>)> {
    match file {}
}

/// There are no slots of ranges that are filled either.
#[derive(Debug)]
pub(crate) enum FillSlot {}

pub(crate) fn register_fill(
    _: usize,
    _: usize,
    _: Arc<dyn Fill>,
) -> Result<FillSlot, &'static str> {
    Err("this platform does not say when memory is touched")
}

pub(crate) fn unblock_fills() {}

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
