use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::request::range_within;
use crate::{ErrorKind, FileIdentity, Mode, widen};

/// A range to map, checked against the file: the only thing that a [`Backend`](crate::Backend) is asked
/// to map.
///
/// Only [`Files`](crate::Files) makes one, after it inspected the file. So a value
/// of this type means that `offset + len` lay within the file a moment ago, and that `len` fits into the
/// address space. The offset is the requested one: a backend rounds it to its own granularity and hides
/// that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapRequest {
    mode: Mode,
    offset: u64,
    len: usize,
    is_sparse: bool,
    created: Option<PathBuf>,
    path: Option<Arc<Path>>,
    identity: Option<FileIdentity>,
    needs_mapping: bool,
    holds_open: bool,
}

/// The longest possible range of memory: no object of Rust is longer.
const MAX_LEN: usize = isize::MAX.unsigned_abs();

/// Converts a length to a length in memory.
///
/// # Errors
/// [`ErrorKind::TooLarge`] if this process cannot address that many bytes.
pub fn addressable(len: u64) -> Result<usize, ErrorKind> {
    match usize::try_from(len) {
        Ok(fits) if fits <= MAX_LEN => Ok(fits),
        _ => Err(ErrorKind::TooLarge { len, max: widen(MAX_LEN) }),
    }
}

impl MapRequest {
    /// Checks a range against a file of `file_len` bytes. Without a `len`, the range ends at the end of
    /// the file.
    ///
    /// # Errors
    /// - [`ErrorKind::BeyondEnd`] if `offset > file_len` (`offset == file_len` is valid and empty), or
    ///   if `offset + len > file_len`
    /// - [`ErrorKind::TooLarge`] if this process cannot address `len` bytes
    pub(crate) fn check(
        mode: Mode,
        offset: u64,
        len: Option<u64>,
        file_len: u64,
    ) -> Result<Self, ErrorKind> {
        let range = range_within(offset, len, file_len)?;
        let len = addressable(range.end.saturating_sub(range.start))?;
        Ok(Self {
            mode,
            offset,
            len,
            is_sparse: false,
            created: None,
            path: None,
            identity: None,
            needs_mapping: false,
            holds_open: false,
        })
    }

    pub(crate) fn sparse(self, is_sparse: bool) -> Self {
        Self { is_sparse, ..self }
    }

    pub(crate) fn creating(self, target: PathBuf) -> Self {
        Self { created: Some(target), ..self }
    }

    pub(crate) fn opened_at(
        self,
        path: Option<&Arc<Path>>,
        identity: Option<FileIdentity>,
    ) -> Self {
        Self { path: path.cloned(), identity, ..self }
    }

    pub(crate) fn holding_open(self) -> Self {
        Self { holds_open: true, ..self }
    }

    pub(crate) fn needing_mapping(self) -> Self {
        Self { needs_mapping: true, ..self }
    }

    /// The mode of the mapping.
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// Bytes from the start of the file to the first mapped one: any number, without alignment.
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// The number of bytes to map. 0 is valid and needs no mapping of the operating system.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Returns `true` if no bytes are requested.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether the file may grow by holes, without reserved disk space.
    pub const fn is_sparse(&self) -> bool {
        self.is_sparse
    }

    /// The absolute path of the opened file. `None` if an open file was passed, and for a new file.
    ///
    /// With [`identity`](Self::identity) it lets a backend open the file again when it is needed,
    /// instead of holding a descriptor as long as the mapping lives.
    pub const fn path(&self) -> Option<&Arc<Path>> {
        self.path.as_ref()
    }

    /// The identity of the opened file, from [`FileInfo`](crate::FileInfo).
    pub const fn identity(&self) -> Option<FileIdentity> {
        self.identity
    }

    /// Whether a backend must refuse a file that the system does not map, instead of reading it on each
    /// access. The caller then reads it into memory.
    pub const fn needs_mapping(&self) -> bool {
        self.needs_mapping
    }

    /// Whether the mapping should hold the file open, although its path is known.
    pub const fn holds_open(&self) -> bool {
        self.holds_open
    }

    /// The final path of a new file, if this makes one. Its directory then has a new name, which the
    /// first [`sync`](crate::Mapping::sync) makes durable too.
    pub fn created(&self) -> Option<&Path> {
        self.created.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(offset: u64, len: Option<u64>, file_len: u64) -> Result<(u64, usize), ErrorKind> {
        MapRequest::check(Mode::Read, offset, len, file_len).map(|r| (r.offset(), r.len()))
    }

    #[test]
    fn the_range_is_checked_against_the_file() {
        assert_eq!(check(3, None, 10).unwrap(), (3, 7));
        assert!(matches!(check(4, Some(7), 10), Err(ErrorKind::BeyondEnd { len: 7, .. })));
    }

    #[test]
    fn more_than_can_be_addressed_is_too_large() {
        let max = widen(MAX_LEN);
        assert!(
            matches!(check(0, None, u64::MAX), Err(ErrorKind::TooLarge { max: m, .. }) if m == max)
        );
        assert!(matches!(addressable(max + 1), Err(ErrorKind::TooLarge { .. })));
        assert_eq!(addressable(max).unwrap(), MAX_LEN);
    }
}
