use std::ops::Range;

use memmap_core::Error;

/// A range in which the two sides differ, or could not be compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "two ranges and what they mean; patches are made of them"
)]
pub struct Difference {
    /// What is different.
    pub kind: DifferenceKind,
    /// The bytes of the first side, as offsets from the start of its mapping. Empty for
    /// [`OnlyInB`](DifferenceKind::OnlyInB): then it is where those bytes would be.
    pub a: Range<u64>,
    /// The same for the second side. Empty for [`OnlyInA`](DifferenceKind::OnlyInA).
    pub b: Range<u64>,
}

/// The kind of a [`Difference`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "there is no fifth way for two ranges to relate")]
pub enum DifferenceKind {
    /// Both sides have bytes here, and they differ.
    Changed,
    /// The second side has no such bytes.
    OnlyInA,
    /// The first side has no such bytes.
    OnlyInB,
    /// At least one side could not be read here, so the bytes were not compared: they are neither equal
    /// nor different.
    Unreadable,
}

impl Difference {
    /// Whether the bytes differ, as far as they could be compared.
    pub const fn is_different(&self) -> bool {
        !matches!(self.kind, DifferenceKind::Unreadable)
    }

    /// The length of the longer range, in bytes.
    pub fn len(&self) -> u64 {
        let len = |range: &Range<u64>| range.end.saturating_sub(range.start);
        len(&self.a).max(len(&self.b))
    }

    /// Whether both ranges are empty. A comparison returns no such difference.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// One of the two sides of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a comparison has two sides")]
pub enum Side {
    /// The first one.
    A,
    /// The second one.
    B,
}

/// A range that was not compared, and why.
#[derive(Debug)]
#[non_exhaustive]
pub struct NotCompared {
    /// The side that could not be read. The other side was not read here.
    pub side: Side,
    /// The bytes of the first side that were not compared.
    pub a: Range<u64>,
    /// The bytes of the second side that were not compared.
    pub b: Range<u64>,
    /// Why the first of these bytes cannot be read.
    pub error: Error,
}

/// The result of a comparison: the value, how much was compared, and what was not.
#[derive(Debug)]
#[non_exhaustive]
pub struct Compared<T> {
    /// The result for the bytes that were compared.
    pub value: T,
    /// Number of bytes of each side that were compared. Holes count. Bytes that only one side has, and
    /// bytes that could not be read, do not.
    pub compared: u64,
    /// The ranges that could not be read, in order.
    pub not_compared: Vec<NotCompared>,
    /// Whether the comparison was cancelled before its end.
    pub is_cancelled: bool,
}

impl<T> Compared<T> {
    /// Converts the value, and keeps the rest.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Compared<U> {
        let Self { value, compared, not_compared, is_cancelled } = self;
        Compared { value: convert(value), compared, not_compared, is_cancelled }
    }

    /// Whether everything was compared.
    pub fn is_complete(&self) -> bool {
        !self.is_cancelled && self.not_compared.is_empty()
    }
}
