use std::fmt;

/// The version of the format: how long a header can be, and how it is encoded.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum Version {
    /// 1.0: up to 65,535 bytes, in Latin-1.
    V1,
    /// 2.0: up to 4 GiB, in Latin-1.
    V2,
    /// 3.0: up to 4 GiB, in UTF-8.
    V3,
}

impl Version {
    pub(super) const ALL: [Self; 3] = [Self::V1, Self::V2, Self::V3];

    /// Both numbers.
    pub const fn numbers(self) -> (u8, u8) {
        match self {
            Self::V1 => (1, 0),
            Self::V2 => (2, 0),
            Self::V3 => (3, 0),
        }
    }

    pub(super) fn of(major: u8, minor: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.numbers() == (major, minor))
    }

    /// The start of the header's text, in bytes from the start of the file.
    pub(super) const fn header_start(self) -> usize {
        match self {
            Self::V1 => 10,
            Self::V2 | Self::V3 => 12,
        }
    }

    /// The text in the encoding of this version, if that has all its characters.
    pub(super) fn encode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::V1 | Self::V2 => text.chars().map(|c| u8::try_from(c).ok()).collect(),
            Self::V3 => Some(text.as_bytes().to_vec()),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (major, minor) = self.numbers();
        write!(f, "{major}.{minor}")
    }
}
