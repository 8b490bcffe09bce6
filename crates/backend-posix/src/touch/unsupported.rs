//! Systems on which nothing brings pages when they are touched.

use std::fs::File;
use std::ops::Range;
use std::sync::Arc;

use memmap_core::{ErrorKind, Lazy, OnLostPage};

const WHY: &str = "no memory is filled when it is touched on this system";

pub(crate) const AT_ONCE: usize = 64 << 10;

/// Never exists.
pub(crate) enum Touch {}

impl Touch {
    pub(crate) fn new(_: &Arc<File>, _: u64, _: usize, _: OnLostPage) -> Result<Self, String> {
        Err(WHY.to_owned())
    }

    pub(crate) fn first(&self) -> *mut u8 {
        match *self {}
    }

    pub(crate) fn len(&self) -> usize {
        match *self {}
    }

    pub(crate) fn lends_zeros(&self) -> bool {
        match *self {}
    }

    pub(crate) fn first_zeroed(&self, _: &Range<usize>) -> Option<usize> {
        match *self {}
    }
}

impl Lazy for Touch {
    fn touched(&self) -> u64 {
        match *self {}
    }

    fn present(&self, _: &Range<usize>) -> Vec<Range<u64>> {
        match *self {}
    }

    fn lost(&self, _: &Range<usize>) -> Vec<(Range<usize>, ErrorKind)> {
        match *self {}
    }
}

pub(crate) fn could(_: usize) -> Result<(), String> {
    Err(WHY.to_owned())
}
