use std::ops::Range;

/// A match of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Match {
    /// Offset of its first byte, from the start of the mapping.
    pub offset: u64,
    /// Length in bytes. An expression can match 0 bytes.
    pub len: u64,
    /// Which of the [`Pattern::literals`](crate::Pattern::literals) matched, counted from 0; 0 for
    /// other patterns.
    pub index: usize,
}

impl Match {
    /// The offset after its last byte.
    pub const fn end(&self) -> u64 {
        self.offset.saturating_add(self.len)
    }

    /// Its bytes, as offsets from the start of the mapping.
    pub const fn range(&self) -> Range<u64> {
        self.offset..self.end()
    }

    /// Whether its length is 0.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }
}
