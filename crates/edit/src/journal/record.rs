use memmap_core::disk::Attributes;

/// Seconds and nanoseconds since the start of 1970.
pub type Time = (i64, u32);

/// An entry of a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Record {
    /// A new state.
    Edit(Edit),
    /// Another state became the current one, by undo or redo.
    GoTo {
        /// That state.
        state: u32,
        /// When.
        time: Time,
    },
    /// Positions, such as the cursor and the marks, in a form that the program chose.
    Marks(Vec<u8>),
    /// A saving begins; its ranges follow.
    Plan(SavingPlan),
    /// What the file has beside its bytes before a saving in place, whose writing may take some of it away.
    Attributes(SavingAttributes),
    /// A range of a saving.
    Range(SavingRange),
    /// All ranges of the saving were listed. Only then may the file change.
    Planned {
        /// The number of ranges.
        count: u64,
        /// The digest of the plan and its ranges; [`SavingDigest`](super::SavingDigest) makes it.
        digest: [u8; 32],
    },
    /// A saving beside the file: before its temporary file is made, and again when it is.
    Rewriting(Rewriting),
    /// The saving is complete and durable.
    Done,
    /// The saving was taken back: the file is as it was.
    Back,
    /// The saving failed and could not be taken back.
    Unfinished,
    /// The edits are not wanted.
    Discarded,
    /// The session ended.
    Closed,
    /// A file beside the journal holds bytes that were too many for memory.
    Spooled {
        /// The number by which edits name it.
        file: u32,
        /// Its name.
        name: Vec<u8>,
        /// Its length.
        len: u64,
    },
    /// Another process goes on with the journal.
    Resumed(memmap_core::disk::Process),
}

/// A state of the document, by what it changed in another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the format of the journal")]
pub struct Edit {
    /// The number of the state. State 0 is the file as it was opened.
    pub state: u32,
    /// The state that it was made from.
    pub parent: u32,
    /// When.
    pub time: Time,
    /// What was changed, in order; each place is one after the splices before it.
    pub splices: Vec<Splice>,
}

impl Edit {
    /// The length of the file after an edit that is only what another program appended to the `len` bytes of its
    /// last version.
    pub(crate) fn grown_to(&self, version: usize, len: u64) -> Option<u64> {
        let [Splice { removed: 0, inserted, .. }] = &self.splices[..] else { return None };
        match inserted[..] {
            // No copy of this version begins at its end. One of an earlier version may, which was longer.
            [Inserted::Base { source, start, len: more }]
                if usize::try_from(source) == Ok(version) && start == len && more > 0 =>
            {
                len.checked_add(more)
            }
            _ => None,
        }
    }
}

/// Bytes that were taken out, and what was put in their place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the format of the journal")]
pub struct Splice {
    /// Where, in the document.
    pub place: u64,
    /// The length of what was taken out.
    pub removed: u64,
    /// What was put in.
    pub inserted: Vec<Inserted>,
    /// The bytes of the file that were taken out, as they were seen then.
    pub seen: Vec<Seen>,
}

/// A piece that was put in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the format of the journal")]
pub enum Inserted {
    /// These bytes.
    Bytes(Vec<u8>),
    /// A pattern, repeated.
    Fill {
        /// The pattern.
        pattern: Vec<u8>,
        /// Where in the pattern it starts.
        phase: u32,
        /// The length of the piece.
        len: u64,
    },
    /// A part of the file.
    Base {
        /// Which version of the file.
        source: u32,
        /// Its start there.
        start: u64,
        /// The length of the piece.
        len: u64,
    },
    /// A part of a spooled file.
    Spool {
        /// The number of the file.
        file: u32,
        /// Its start there.
        start: u64,
        /// The length of the piece.
        len: u64,
    },
}

/// Bytes of the file that an edit covered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the format of the journal")]
pub struct Seen {
    /// Their start in the file.
    pub start: u64,
    /// Which version of the file.
    pub source: u32,
    /// What was seen.
    pub bytes: SeenBytes,
}

/// What was seen of bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the format of the journal")]
pub enum SeenBytes {
    /// The bytes.
    Exact(Vec<u8>),
    /// A digest of each block.
    Digest {
        /// The length of a block.
        block_len: u64,
        /// The digests.
        digests: Vec<[u8; 32]>,
    },
    /// Nothing: nobody had read them.
    Unread {
        /// How many they are.
        len: u64,
    },
}

/// How a file is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the format of the journal")]
pub enum SavingWay {
    /// Ranges of it are overwritten.
    InPlace,
    /// A new file takes its place.
    Rewrite,
}

/// The start of a saving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the format of the journal")]
pub struct SavingPlan {
    /// How.
    pub way: SavingWay,
    /// The length of the file before.
    pub old_len: u64,
    /// The length of the file after.
    pub new_len: u64,
    /// The state that is saved.
    pub state: u32,
}

/// Bytes that a saving replaces. The two are of different lengths only at the end of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the format of the journal")]
pub struct SavingRange {
    /// Where in the file.
    pub start: u64,
    /// The bytes before; at most [`Self::LEN_MAX`].
    pub old: Vec<u8>,
    /// The bytes after; at most [`Self::LEN_MAX`].
    pub new: Vec<u8>,
}

impl SavingRange {
    /// The most bytes of a record. Longer ranges are several.
    pub const LEN_MAX: usize = 1 << 20;
}

/// Attributes of the file that writing to it may take away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the format of the journal")]
pub struct SavingAttributes {
    /// User and group.
    pub owner: Option<(u32, u32)>,
    /// Permission bits.
    pub mode: Option<u32>,
    /// Extended attributes whose names are text.
    pub extended: Vec<(String, Vec<u8>)>,
}

impl From<&Attributes> for SavingAttributes {
    fn from(of: &Attributes) -> Self {
        let text = |(name, value): &(std::ffi::OsString, Vec<u8>)| {
            Some((name.to_str()?.to_owned(), value.clone()))
        };
        let extended = of.extended.iter().filter_map(text).collect();
        Self { owner: of.owner, mode: of.mode, extended }
    }
}

impl From<&SavingAttributes> for Attributes {
    fn from(of: &SavingAttributes) -> Self {
        let extended = of.extended.iter().map(|(name, value)| (name.into(), value.clone()));
        Self { owner: of.owner, mode: of.mode, extended: extended.collect(), ..Self::default() }
    }
}

/// A saving beside the file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the format of the journal")]
pub struct Rewriting {
    /// The name of the temporary file, in the folder of the file.
    pub name: Vec<u8>,
    /// The temporary file, when it was made.
    pub file: Option<TemporaryFile>,
}

/// Which file a temporary file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the format of the journal")]
pub struct TemporaryFile {
    /// Its number in the file system.
    pub inode: u128,
    /// How often the number was given to another file, where that is known.
    pub generation: Option<u32>,
    /// When it was made, where that is known.
    pub born: Option<Time>,
}

impl Record {
    /// Whether it ends something and needs little room, so that it may use room that was reserved.
    pub(super) const fn is_ending(&self) -> bool {
        matches!(
            self,
            Self::Done
                | Self::Back
                | Self::Unfinished
                | Self::Discarded
                | Self::Closed
                | Self::Rewriting(_)
        )
    }
}
