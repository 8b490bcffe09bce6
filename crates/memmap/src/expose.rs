//! The door for bindings to other languages. It is internal, and has no stability promise.

pub use memmap_core::expose::{Expose, Exposed, LostBytes, address};

pub use crate::native::Edited;

/// A file that is open, and not mapped yet.
pub type OpenedFile = memmap_core::OpenedFile<crate::native::System>;

/// Opens a file that exists, to be looked at before it is mapped.
///
/// # Errors
/// As [`MemMap::open`](crate::MemMap::open).
pub fn open_file(path: &std::path::Path, mode: crate::Mode) -> crate::Result<OpenedFile> {
    OpenedFile::open(crate::native::System, path, mode)
}
