//! What the system refuses, in our words.

use std::io;

use memmap_core::{Backend, Error, ErrorKind, Mode, Op, widen};
use rustix::io::Errno;

use crate::Posix;

pub(crate) fn refuse(op: Op, kind: ErrorKind) -> Error {
    Error::new(op, kind)
}

pub(crate) const fn unsupported(what: &'static str) -> ErrorKind {
    ErrorKind::Unsupported { backend: Posix::NAME, what }
}

/// Of a file system that maps no file so that it can be written to.
pub(crate) const fn maps_nothing() -> ErrorKind {
    unsupported(
        "mapping files of this file system for writing; map it with mode \"r\" or \"c\", or copy the \
         file to a local disk",
    )
}

/// Says in our words what `mmap` answered.
pub(crate) fn refusal(error: io::Error, len: usize, mode: Mode) -> ErrorKind {
    match Errno::from_io_error(&error) {
        Some(Errno::NOMEM) => ErrorKind::OutOfMemory { len: widen(len) },
        Some(Errno::NODEV) => maps_nothing(),
        _ => ErrorKind::from_io(error, mode),
    }
}
