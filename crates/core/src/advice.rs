use std::fmt;

/// How bytes will be used, so that the system can prepare. The variants are portable names for the
/// system's advice.
///
/// Advice changes speed and memory, never bytes; see [`Map::advise`](crate::Map::advise).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Advice {
    /// No particular use. Withdraws other advice about the order of reading.
    Normal,
    /// They are read from first to last: more is read ahead.
    Sequential,
    /// They are read in random order: nothing is read ahead.
    Random,
    /// They are read soon: reading ahead starts now, without waiting for it.
    WillNeed,
    /// They are not used again soon: their memory may be given back. They can still be used and do not
    /// change; private edits are kept.
    DontNeed,
    /// As [`DontNeed`](Self::DontNeed), and the system's cache of the file gives its memory back too:
    /// the next use, by anybody, reads from the device. Dirty pages stay in memory until they are on the
    /// device, so [`sync`](crate::Map::sync) first. Pages that others have mapped stay too.
    Evict,
    /// Memory may come in large pages, for fewer TLB misses.
    HugePages,
    /// Memory should not come in large pages.
    SmallPages,
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Normal => "normal",
            Self::Sequential => "sequential",
            Self::Random => "random",
            Self::WillNeed => "will need",
            Self::DontNeed => "don't need",
            Self::Evict => "evict",
            Self::HugePages => "huge pages",
            Self::SmallPages => "small pages",
        })
    }
}
