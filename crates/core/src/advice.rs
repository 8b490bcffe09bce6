use std::fmt;

/// How bytes are going to be used, so that the system can prepare: words, whatever it calls them.
///
/// Advice changes speed and memory, never bytes; see [`Map::advise`](crate::Map::advise).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Advice {
    /// Nothing is known; takes back other advice about the order of reading.
    Normal,
    /// They are read from the first to the last: more is read ahead.
    Sequential,
    /// They are read in no order: nothing is read ahead.
    Random,
    /// They are read soon: reading ahead starts now, and this does not wait for it.
    WillNeed,
    /// They are not used again soon: their memory may be given back. They can still be used, and
    /// are what they were; private edits are kept.
    DontNeed,
    /// As [`DontNeed`](Self::DontNeed), and the system's cache of the file gives its memory back too: the
    /// next use, by anybody, reads the device. Bytes that were written stay in memory until they are on
    /// the device, so [`sync`](crate::Map::sync) first; what others have mapped stays as well.
    Evict,
    /// Memory may come in large pages, for fewer misses of the translation cache.
    HugePages,
    /// Memory shall not come in large pages.
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
