use super::Version;
use crate::{ErrorKind, Result};

/// The first bytes of a `.npy` file: magic, version and length of the header.
///
/// # Examples
/// ```
/// use memmap_array::npy::{DEFAULT_LIMIT, Preamble, Version};
///
/// let preamble = Preamble::parse(b"\x93NUMPY\x01\x00\x76\x00{'", DEFAULT_LIMIT)?;
/// assert_eq!((preamble.version(), preamble.data_start()), (Version::V1, 128));
/// # Ok::<(), memmap_array::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Preamble {
    version: Version,
    header_len: usize,
}

impl Preamble {
    /// The largest number of bytes of a preamble.
    pub const LEN: usize = 12;

    /// The first bytes of every `.npy` file.
    pub const MAGIC: [u8; 6] = *b"\x93NUMPY";

    /// Parses the first [`LEN`](Self::LEN) or more bytes of a file, or all bytes of a shorter one.
    ///
    /// # Errors
    /// - [`NotNpy`](ErrorKind::NotNpy) if it is not a `.npy` file.
    /// - [`NpyVersion`](ErrorKind::NpyVersion) if the version is unknown.
    /// - [`HeaderCutShort`](ErrorKind::HeaderCutShort) if the file ends too early.
    /// - [`HeaderTooLong`](ErrorKind::HeaderTooLong) if the header has more than `limit` bytes, before
    ///   any of it is read.
    pub fn parse(first: &[u8], limit: usize) -> Result<Self> {
        let magic_len = first.len().min(Self::MAGIC.len());
        let found = first.get(..magic_len).unwrap_or_default();
        if !Self::MAGIC.starts_with(found) {
            return Err(ErrorKind::NotNpy { found: found.to_vec() }.into());
        }
        let &[_, _, _, _, _, _, major, minor, ref rest @ ..] = first else {
            return Err(cut_short(Self::MAGIC.len() + 2, first.len()));
        };
        let Some(version) = Version::of(major, minor) else {
            return Err(ErrorKind::NpyVersion { major, minor }.into());
        };
        let header_len = match (version, rest) {
            (Version::V1, &[a, b, ..]) => u32::from(u16::from_le_bytes([a, b])),
            (Version::V2 | Version::V3, &[a, b, c, d, ..]) => u32::from_le_bytes([a, b, c, d]),
            _ => return Err(cut_short(version.header_start(), first.len())),
        };
        match usize::try_from(header_len) {
            Ok(header_len) if header_len <= limit => Ok(Self { version, header_len }),
            _ => Err(ErrorKind::HeaderTooLong { len: header_len, limit }.into()),
        }
    }

    /// The version of the format.
    pub const fn version(self) -> Version {
        self.version
    }

    /// The length of the header's text in bytes.
    pub const fn header_len(self) -> usize {
        self.header_len
    }

    /// The start of the header's text, in bytes from the start of the file.
    pub const fn header_start(self) -> usize {
        self.version.header_start()
    }

    /// The start of the data, in bytes from the start of the file.
    pub const fn data_start(self) -> usize {
        self.version.header_start().saturating_add(self.header_len)
    }
}

pub(super) fn cut_short(needed: usize, found: usize) -> crate::Error {
    ErrorKind::HeaderCutShort { needed, found }.into()
}
