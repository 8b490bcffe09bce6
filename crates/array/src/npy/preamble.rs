use super::Version;
use crate::{ErrorKind, Result};

/// The first bytes of a `.npy` file, which say how long the header is.
///
/// # Examples
/// ```
/// use memmap_array::npy::{DEFAULT_LIMIT, Preamble, Version};
///
/// let prefix = Preamble::parse(b"\x93NUMPY\x01\x00\x76\x00{'", DEFAULT_LIMIT)?;
/// assert_eq!((prefix.version(), prefix.data_start()), (Version::V1, 128));
/// # Ok::<(), memmap_array::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Preamble {
    version: Version,
    header_len: usize,
}

impl Preamble {
    /// How many bytes it has at most.
    pub const LEN: usize = 12;

    /// What every `.npy` file starts with.
    pub const MAGIC: [u8; 6] = *b"\x93NUMPY";

    /// What the start of a file says; `first` has its first [`LEN`](Self::LEN) bytes or more, and
    /// fewer only if the file does.
    ///
    /// # Errors
    /// - [`NotNpy`](ErrorKind::NotNpy) if it is no such file.
    /// - [`NpyVersion`](ErrorKind::NpyVersion) if it is of a version to come.
    /// - [`HeaderCutShort`](ErrorKind::HeaderCutShort) if it ends too soon.
    /// - [`HeaderTooLong`](ErrorKind::HeaderTooLong) if the header has more than `limit` bytes: then
    ///   nothing of it need be read.
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

    /// How long the text of the header is, in bytes.
    pub const fn header_len(self) -> usize {
        self.header_len
    }

    /// Where the text of the header starts, in bytes from the start of the file.
    pub const fn header_start(self) -> usize {
        self.version.header_start()
    }

    /// Where the data starts, in bytes from the start of the file.
    pub const fn data_start(self) -> usize {
        self.version.header_start().saturating_add(self.header_len)
    }
}

pub(super) fn cut_short(needed: usize, found: usize) -> crate::Error {
    ErrorKind::HeaderCutShort { needed, found }.into()
}
