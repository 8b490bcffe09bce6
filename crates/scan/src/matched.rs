use std::ops::Range;

/// Where a pattern was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Match {
    /// Bytes from the start of the mapping to its first byte.
    pub offset: u64,
    /// Bytes. An expression can match none.
    pub len: u64,
    /// Which of [`Pattern::literals`](crate::Pattern::literals) it is, counted from 0; 0 for others.
    pub index: usize,
}

impl Match {
    /// The byte behind its last one.
    pub const fn end(&self) -> u64 {
        self.offset.saturating_add(self.len)
    }

    /// Its bytes, from the start of the mapping.
    pub const fn range(&self) -> Range<u64> {
        self.offset..self.end()
    }

    /// Whether it has no byte.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }
}
