use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::{ErrorKind, FileIdentity, Mode, widen};

/// What is to be mapped, checked against the file: the only thing a [`Backend`](crate::Backend)
/// is ever asked for.
///
/// Only [`MapOptions::open`](crate::MapOptions::open) makes one, after it looked at the file: so a
/// value of this type says that `offset + len` lay within the file a moment ago, and that `len` fits
/// into the address space. The offset is as asked: a backend rounds
/// it to its own granularity and hides that it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    mode: Mode,
    offset: u64,
    len: usize,
    is_sparse: bool,
    created: Option<PathBuf>,
    path: Option<Arc<Path>>,
    identity: Option<FileIdentity>,
    needs_mapping: bool,
}

/// The longest range of memory there can be: no object of Rust is longer.
const MAX_LEN: usize = isize::MAX.unsigned_abs();

/// A length as one of memory.
///
/// # Errors
/// [`ErrorKind::TooLarge`] if so many bytes cannot be addressed by this process.
pub fn addressable(len: u64) -> Result<usize, ErrorKind> {
    match usize::try_from(len) {
        Ok(fits) if fits <= MAX_LEN => Ok(fits),
        _ => Err(ErrorKind::TooLarge { len, max: widen(MAX_LEN) }),
    }
}

impl Request {
    /// Checks what was asked against a file of `file_len` bytes. Without a `len`, everything from
    /// `offset` to the end is meant.
    ///
    /// # Errors
    /// - [`ErrorKind::BeyondEnd`] if `offset > file_len` (at the end is fine, and empty)
    /// - [`ErrorKind::BeyondEnd`] if `offset + len > file_len`
    /// - [`ErrorKind::TooLarge`] if `len` bytes cannot be addressed by this process
    pub(crate) fn check(
        mode: Mode,
        offset: u64,
        len: Option<u64>,
        file_len: u64,
    ) -> Result<Self, ErrorKind> {
        let Some(rest) = file_len.checked_sub(offset) else {
            let len = len.unwrap_or(0);
            return Err(ErrorKind::BeyondEnd { offset, len, source_len: file_len });
        };
        let len = len.unwrap_or(rest);
        if len > rest {
            return Err(ErrorKind::BeyondEnd { offset, len, source_len: file_len });
        }
        let len = addressable(len)?;
        Ok(Self {
            mode,
            offset,
            len,
            is_sparse: false,
            created: None,
            path: None,
            identity: None,
            needs_mapping: false,
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

    pub(crate) fn needing_mapping(self) -> Self {
        Self { needs_mapping: true, ..self }
    }

    /// How the mapping may be used.
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// Bytes from the start of the file to the first mapped one: any number, not a multiple of
    /// anything.
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// Bytes to map. 0 is valid and asks for no mapping of the operating system at all.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether no byte is asked for.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether the file may grow by holes, for which no room on the disk is reserved.
    pub const fn is_sparse(&self) -> bool {
        self.is_sparse
    }

    /// The absolute path by which the file was opened. `None` for a file that was given open, and for
    /// one that is made.
    ///
    /// With [`identity`](Self::identity) it lets a backend open the file again when something is asked
    /// of it, instead of holding a descriptor for as long as the mapping lives.
    pub const fn path(&self) -> Option<&Arc<Path>> {
        self.path.as_ref()
    }

    /// Which file was opened, as [`FileInfo`](crate::FileInfo) said.
    pub const fn identity(&self) -> Option<FileIdentity> {
        self.identity
    }

    /// Whether a backend must refuse what the system does not map, rather than read it from the file
    /// at each access: the caller would read it into memory then.
    pub const fn needs_mapping(&self) -> bool {
        self.needs_mapping
    }

    /// Where the file will be once it is made, if this makes one: its directory then has a new
    /// name in it, which the first [`sync`](crate::Mapping::sync) makes durable as well.
    pub fn created(&self) -> Option<&Path> {
        self.created.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(offset: u64, len: Option<u64>, file_len: u64) -> Result<(u64, usize), ErrorKind> {
        Request::check(Mode::Read, offset, len, file_len).map(|r| (r.offset(), r.len()))
    }

    #[test]
    fn no_length_means_up_to_the_end() {
        assert_eq!(check(0, None, 10).unwrap(), (0, 10));
        assert_eq!(check(3, None, 10).unwrap(), (3, 7));
        assert_eq!(check(10, None, 10).unwrap(), (10, 0));
        assert_eq!(check(0, None, 0).unwrap(), (0, 0));
    }

    #[test]
    fn offset_beyond_the_end_is_named() {
        assert!(matches!(
            check(11, None, 10),
            Err(ErrorKind::BeyondEnd { offset: 11, source_len: 10, .. })
        ));
        assert!(matches!(check(u64::MAX, Some(0), 0), Err(ErrorKind::BeyondEnd { .. })));
    }

    #[test]
    fn length_beyond_the_end_is_named_and_does_not_overflow() {
        assert!(matches!(
            check(4, Some(7), 10),
            Err(ErrorKind::BeyondEnd { offset: 4, len: 7, source_len: 10 })
        ));
        assert!(matches!(check(4, Some(u64::MAX), 10), Err(ErrorKind::BeyondEnd { .. })));
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
