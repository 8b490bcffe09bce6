use std::fmt;
use std::ops::Range;

use crate::{ErrorKind, Result};

/// A file in an archive.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    file_name: String,
    method: Method,
    len: u64,
    crc: u32,
    data: Data,
}

/// The compression method of a member.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Method {
    /// Uncompressed, as written by `numpy.savez`.
    Stored,
    /// Compressed, as written by `numpy.savez_compressed`.
    Deflated,
    /// Another method, by its number in the zip format.
    Other(u16),
}

/// The range of a member's data, or why it cannot be mapped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Data {
    Stored(Range<u64>),
    /// The range of the compressed bytes, or why they cannot be decompressed.
    Compressed(std::result::Result<Range<u64>, &'static str>),
    Encrypted,
    Broken(&'static str),
}

impl Method {
    pub(super) const fn of(number: u16) -> Self {
        match number {
            0 => Self::Stored,
            8 => Self::Deflated,
            other => Self::Other(other),
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stored => f.pad("stored"),
            Self::Deflated => f.pad("deflated"),
            Self::Other(number) => write!(f, "method {number}"),
        }
    }
}

impl Member {
    pub(super) const fn new(
        file_name: String,
        method: Method,
        (len, crc): (u64, u32),
        data: Data,
    ) -> Self {
        Self { file_name, method, len, crc, data }
    }

    /// The name in numpy: the file name without `.npy`.
    pub fn name(&self) -> &str {
        self.file_name.strip_suffix(".npy").unwrap_or(&self.file_name)
    }

    /// The file name in the archive.
    pub fn file_name(&self) -> &str {
        &self.file_name
    }

    /// The compression method.
    pub const fn method(&self) -> Method {
        self.method
    }

    /// Whether it is encrypted.
    pub const fn is_encrypted(&self) -> bool {
        matches!(self.data, Data::Encrypted)
    }

    /// Its uncompressed length in bytes, according to the archive.
    pub const fn len_bytes(&self) -> u64 {
        self.len
    }

    /// Its range in the file, if it is stored uncompressed.
    ///
    /// The range is within the file. Its start has any alignment.
    ///
    /// # Errors
    /// - [`MemberCompressed`](ErrorKind::MemberCompressed) and
    ///   [`MemberEncrypted`](ErrorKind::MemberEncrypted) if it is not stored as it is.
    /// - [`MemberDamaged`](ErrorKind::MemberDamaged) if the directory and its own header disagree, or
    ///   it is not within the file.
    pub fn range(&self) -> Result<Range<u64>> {
        let name = self.name().to_owned();
        Err(match &self.data {
            Data::Stored(range) => return Ok(range.clone()),
            Data::Compressed(_) => ErrorKind::MemberCompressed { name, method: self.method },
            Data::Encrypted => ErrorKind::MemberEncrypted { name },
            Data::Broken(problem) => ErrorKind::MemberDamaged { name, problem },
        }
        .into())
    }

    /// The range of its bytes in the file, compressed if they are.
    #[cfg(feature = "npz")]
    pub(crate) fn packed(&self) -> Result<Range<u64>> {
        match &self.data {
            Data::Compressed(Ok(range)) => Ok(range.clone()),
            Data::Compressed(Err(problem)) => Err(self.damaged(problem)),
            _ => self.range(),
        }
    }

    /// The CRC-32 of its uncompressed bytes.
    #[cfg(feature = "npz")]
    pub(crate) const fn crc(&self) -> u32 {
        self.crc
    }

    #[cfg(feature = "npz")]
    pub(crate) fn damaged(&self, problem: &'static str) -> crate::Error {
        ErrorKind::MemberDamaged { name: self.name().to_owned(), problem }.into()
    }
}
