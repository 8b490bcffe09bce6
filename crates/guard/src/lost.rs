/// Bytes of a range that were lost, and have become zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "a fact, with nothing to add")]
pub struct Lost {
    /// The offset of the first of them.
    pub start: usize,
    /// The offset after the last of them.
    pub end: usize,
    /// How they were lost.
    pub how: HowLost,
}

/// How bytes were lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HowLost {
    /// The file ended before them.
    Cut,
    /// A load from them failed although the file is long enough: its device failed.
    Load,
    /// A store to them failed although the file is long enough: its disk is full, or its device failed.
    Store,
}
