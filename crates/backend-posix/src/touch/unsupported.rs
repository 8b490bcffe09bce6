//! Systems on which nothing brings pages when they are touched.

use std::fs::File;
use std::sync::Arc;

use memmap_core::{Lazy, OnLostPage};

const WHY: &str = "no memory is filled when it is touched on this system";

/// Never exists.
pub(crate) enum Touch {}

impl Touch {
    pub(crate) fn new(_: &Arc<File>, _: u64, _: usize, _: OnLostPage) -> Result<Self, String> {
        Err(WHY.to_owned())
    }

    pub(crate) fn writable(_: &Arc<File>, _: u64, _: usize) -> Result<Self, String> {
        Err(WHY.to_owned())
    }

    pub(crate) fn first(&self) -> *mut u8 {
        match *self {}
    }

    pub(crate) fn len(&self) -> usize {
        match *self {}
    }

    pub(crate) fn known(&self) -> &dyn Lazy {
        match *self {}
    }
}

pub(crate) fn could(_: usize) -> Result<(), String> {
    Err(WHY.to_owned())
}
