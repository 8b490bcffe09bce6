use std::ops::Range;

/// A run of a file's bytes that is either data or a hole.
///
/// Offsets count from the start of the mapping.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a byte is stored or it is not")]
pub enum Extent {
    /// Stored bytes.
    Data(Range<u64>),
    /// Bytes that are not stored, and read as zeros. Space may be reserved for them.
    Hole(Range<u64>),
}

impl Extent {
    /// The range of its bytes.
    pub const fn range(&self) -> &Range<u64> {
        match self {
            Self::Data(range) | Self::Hole(range) => range,
        }
    }

    /// Whether its bytes are stored.
    pub const fn is_data(&self) -> bool {
        matches!(self, Self::Data(_))
    }
}
