//! Errors of the system as errors of this crate.

use std::io;

use memmap_core::{Backend, Error, ErrorKind, Mode, Op, widen};
use rustix::io::Errno;

use crate::Posix;

pub(crate) fn refuse(op: Op, kind: ErrorKind) -> Error {
    Error::new(op, kind)
}

pub(crate) fn unsupported(what: &'static str) -> ErrorKind {
    ErrorKind::unsupported(Posix::NAME, what)
}

/// The file system supports no mappings that write to the file.
pub(crate) fn no_shared_mappings() -> ErrorKind {
    unsupported(
        "mapping files of this file system for writing; map it with mode \"r\" or \"c\", or copy the \
         file to a local disk",
    )
}

/// Translates an error of `mmap`.
pub(crate) fn refusal(error: io::Error, len: usize, mode: Mode) -> ErrorKind {
    match Errno::from_io_error(&error) {
        Some(Errno::NOMEM) => ErrorKind::OutOfMemory { len: widen(len) },
        Some(Errno::NODEV) => no_shared_mappings(),
        _ => ErrorKind::from_io(error, mode),
    }
}
