use std::io;
use std::ops::Range;
use std::path::PathBuf;

use memmap_core::Unreadable;

/// Why a file was not saved. Unless it is [`Unfinished`](Self::Unfinished), the file is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SaveError {
    /// The base is not a file, so there is nothing to save to.
    #[error("it is not a file; save it under a name")]
    NoFile,
    /// Another file has the name now, or none has.
    #[error("{} is another file now, or gone; save under another name, or open it again", path.display())]
    Replaced {
        /// The name.
        path: PathBuf,
    },
    /// The file became shorter or longer.
    #[error(
        "{} was {was} bytes long and is {now}: another program cut it or wrote more; open it again",
        path.display()
    )]
    LengthChanged {
        /// The name.
        path: PathBuf,
        /// Its length when it was opened or last saved.
        was: u64,
        /// Its length now.
        now: u64,
    },
    /// The file holds other bytes than were seen when they were edited.
    #[error("another program wrote to the file: {} of its ranges are not as they were seen", .0.len())]
    Conflicts(Vec<Conflict>),
    /// Bytes would be overwritten that nobody looked at, and the file is another version than was opened.
    #[error(
        "{} changed since it was opened, and {bytes} bytes that would be overwritten were never looked at",
        path.display()
    )]
    Unseen {
        /// The name.
        path: PathBuf,
        /// How many.
        bytes: u64,
    },
    /// The plan does not hold any more: the file changed after it was made.
    #[error("{} changed after the plan was made; look at a new plan", path.display())]
    PlanIsOld {
        /// The name.
        path: PathBuf,
    },
    /// Bytes that have to be written cannot be read.
    #[error(
        "{} ranges of the edited version cannot be read, and nothing unreadable is saved as zeros; \
         overwrite or delete them first",
        .0.len()
    )]
    Unreadable(Vec<Unreadable>),
    /// The bytes that would be overwritten cannot be read, so that they could not be taken back.
    #[error("the old bytes at 0x{:x} cannot be read, so that they could not be put back: {source}", range.start)]
    OldUnreadable {
        /// Where.
        range: Range<u64>,
        /// Why.
        source: io::Error,
    },
    /// The file cannot be written to, whoever asks.
    #[error("{} cannot be written to: {why}", path.display())]
    ReadOnly {
        /// The name.
        path: PathBuf,
        /// What prevents it.
        why: String,
    },
    /// Something uses the file or the device, or another saving of it goes on.
    #[error("{} is in use: {by}", path.display())]
    InUse {
        /// The name.
        path: PathBuf,
        /// By what.
        by: String,
    },
    /// It is a device, and that was not allowed.
    #[error("{} is a device: writing to it has to be allowed", path.display())]
    Device {
        /// The name.
        path: PathBuf,
    },
    /// A device has the length that it has.
    #[error("the device has {len} bytes and the edited version {new}: a device keeps its length")]
    DeviceLength {
        /// The length of the device.
        len: u64,
        /// The length of what is to be saved.
        new: u64,
    },
    /// There is not enough room.
    #[error("{needed} bytes are needed and {free} are free")]
    NoRoom {
        /// Bytes that may be needed.
        needed: u64,
        /// Free bytes.
        free: u64,
    },
    /// It can neither be saved in place nor beside the file.
    #[error("the file cannot be rewritten: {why}; save under another name")]
    CannotRewrite {
        /// Why.
        why: String,
    },
    /// Something would be lost, and that was not accepted.
    #[error("the new file could not keep everything of the old one: {}", list(.0))]
    Loses(Vec<super::Loss>),
    /// A name that exists, where it may not be replaced.
    #[error("{} exists", path.display())]
    Exists {
        /// The name.
        path: PathBuf,
    },
    /// A step failed.
    #[error("{what} {}: {source}", path.display())]
    Io {
        /// What was tried, such as `cannot open`.
        what: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The new bytes could not be read.
    #[error(transparent)]
    Map(#[from] memmap_core::Error),
    /// The file is saved, and durable, and cannot be mapped again.
    #[error("it is saved, but cannot be opened again: {0}")]
    NotMapped(memmap_core::Error),
    /// The journal failed before anything was written.
    #[error("nothing was written, as the journal failed: {0}")]
    Journal(#[from] crate::JournalError),
    /// It was cancelled.
    #[error("cancelled; the file is as it was")]
    Cancelled,
    /// The saving began, failed, and could not be taken back.
    #[error(
        "the saving is unfinished: {} ranges may hold old or new bytes, and the journal has both: {source}",
        ranges.len()
    )]
    Unfinished {
        /// The journal, if there is one.
        journal: Option<PathBuf>,
        /// The ranges that it wrote to, or may have.
        ranges: Vec<Range<u64>>,
        /// What failed.
        source: io::Error,
    },
}

/// Bytes of the file that are not as they were seen.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Conflict {
    /// Where in the file.
    pub range: Range<u64>,
    /// What was seen.
    pub seen: Vec<u8>,
    /// What is there now.
    pub now: Vec<u8>,
    /// What is to be saved there; shorter where the new version ends.
    pub new: Vec<u8>,
}

fn list(losses: &[super::Loss]) -> String {
    let texts: Vec<String> = losses.iter().map(ToString::to_string).collect();
    texts.join(", ")
}
