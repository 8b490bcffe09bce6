use std::fmt;
use std::ops::Range;

use crate::{ErrorKind, Result};

/// One file of an archive.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    file_name: String,
    method: Method,
    len: u64,
    data: Data,
}

/// How a member is written into its archive.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Method {
    /// As it is, as `numpy.savez` does.
    Stored,
    /// Compressed, as `numpy.savez_compressed` does.
    Deflated,
    /// Compressed in another way, by its number in the zip format.
    Other(u16),
}

/// Where a member's data is, or why there is none to map.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Data {
    Stored(Range<u64>),
    Compressed,
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
    pub(super) const fn new(file_name: String, method: Method, len: u64, data: Data) -> Self {
        Self { file_name, method, len, data }
    }

    /// What numpy calls it: the name of the file without `.npy`.
    pub fn name(&self) -> &str {
        self.file_name.strip_suffix(".npy").unwrap_or(&self.file_name)
    }

    /// The name of the file in the archive.
    pub fn file_name(&self) -> &str {
        &self.file_name
    }

    /// How it is written.
    pub const fn method(&self) -> Method {
        self.method
    }

    /// Whether a password is needed to read it.
    pub const fn is_encrypted(&self) -> bool {
        matches!(self.data, Data::Encrypted)
    }

    /// How long it is when unpacked, in bytes, as the archive says.
    pub const fn len_bytes(&self) -> u64 {
        self.len
    }

    /// Where in the archive's file it lies as it is.
    ///
    /// The range lies within the file. Its start need not be aligned to anything.
    ///
    /// # Errors
    /// - [`MemberCompressed`](ErrorKind::MemberCompressed) and
    ///   [`MemberEncrypted`](ErrorKind::MemberEncrypted) if it does not lie there as it is.
    /// - [`MemberDamaged`](ErrorKind::MemberDamaged) if the directory and its own header do not
    ///   agree, or it would not lie within the file.
    pub fn range(&self) -> Result<Range<u64>> {
        let name = self.name().to_owned();
        Err(match &self.data {
            Data::Stored(range) => return Ok(range.clone()),
            Data::Compressed => ErrorKind::MemberCompressed { name, method: self.method },
            Data::Encrypted => ErrorKind::MemberEncrypted { name },
            Data::Broken(problem) => ErrorKind::MemberDamaged { name, problem },
        }
        .into())
    }
}
