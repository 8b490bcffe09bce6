use std::ops::Range;

/// A part of a source that has a name: a mapping of a process, a member of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Region {
    /// Its bytes, from the start of the mapping.
    pub range: Range<u64>,
    /// Its name, such as `libc.so.6` or `[heap]`; empty if it has none.
    pub name: String,
    /// What may be done with it, as the source writes it: `r-xp`. Empty if the source does not say.
    pub access: String,
    /// Where it begins in the file that it is a mapping of.
    pub file_offset: Option<u64>,
    /// Whether its bytes can be read.
    pub is_readable: bool,
}

impl Region {
    /// A region without more than a name.
    pub fn new(range: Range<u64>, name: impl Into<String>) -> Self {
        Self {
            range,
            name: name.into(),
            access: String::new(),
            file_offset: None,
            is_readable: true,
        }
    }
}
