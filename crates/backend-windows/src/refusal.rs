//! Errors of the system as errors of this crate.

use std::io;

use memmap_core::{Backend, Error, ErrorKind, Mode, Op, widen};
use windows_sys::Win32::Foundation::ERROR_NOT_SUPPORTED;

use crate::{Windows, os};

pub(crate) fn refuse(op: Op, kind: ErrorKind) -> Error {
    Error::new(op, kind)
}

pub(crate) fn unsupported(what: &'static str) -> ErrorKind {
    ErrorKind::unsupported(Windows::NAME, what)
}

/// Translates an error of mapping a view.
pub(crate) fn refusal(error: io::Error, len: usize, mode: Mode) -> ErrorKind {
    if os::is_out_of_memory(&error) {
        ErrorKind::OutOfMemory { len: widen(len) }
    } else if os::is_one_of(&error, &[ERROR_NOT_SUPPORTED]) {
        unsupported(
            "mapping files of this file system; copy the file to a local disk, or read it into memory",
        )
    } else {
        os::refusal(error, mode)
    }
}
