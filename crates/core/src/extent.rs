use std::ops::Range;

/// A run of offsets that are stored bytes, a hole, or nothing.
///
/// Offsets count from the start of the mapping.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a byte is stored, is not, or does not exist")]
pub enum Extent {
    /// Stored bytes.
    Data(Range<u64>),
    /// Bytes that are not stored, and read as zeros. Space may be reserved for them.
    Hole(Range<u64>),
    /// No bytes: what is between the regions of a process, for example. They cannot be read, which is no error
    /// of a scan, and no match crosses them.
    Gap(Range<u64>),
}

impl Extent {
    /// The range of its bytes.
    pub const fn range(&self) -> &Range<u64> {
        match self {
            Self::Data(range) | Self::Hole(range) | Self::Gap(range) => range,
        }
    }

    /// Whether its bytes are stored.
    pub const fn is_data(&self) -> bool {
        matches!(self, Self::Data(_))
    }

    /// Whether its bytes are not stored, and read as zeros.
    pub const fn is_hole(&self) -> bool {
        matches!(self, Self::Hole(_))
    }
}
