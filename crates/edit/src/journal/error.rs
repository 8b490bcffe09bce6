use std::io;

/// Why a journal cannot be made, written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The system failed.
    #[error("cannot {what} the journal: {source}")]
    Io {
        /// The operation.
        what: &'static str,
        /// The error of the system.
        source: io::Error,
    },
    /// The folder of journals is stored on the device that is edited.
    #[error("the journals are stored on the device that is edited; set another folder for them")]
    OnEditedDevice,
    /// The edited file is in the folder of journals.
    #[error("the edited file is in the folder of the journals; set another folder for them")]
    EditsJournal,
    /// A record has more bytes than can be read again.
    #[error("the record of {len} bytes is too large for the journal")]
    TooLarge {
        /// Its length.
        len: u64,
    },
    /// The journal may not be longer.
    #[error("the journal is full: it may have {limit} bytes")]
    Full {
        /// The most bytes that it may have.
        limit: u64,
    },
    /// The journal has ended: a record that could not be written would be missing.
    #[error("the journal has ended: {why}")]
    Ended {
        /// What failed.
        why: String,
    },
    /// Its file, or the folder of it, was removed or replaced.
    #[error("the journal was removed meanwhile")]
    Gone,
    /// Another session has it.
    #[error("the journal is in use")]
    InUse,
    /// It was written by a later version of this program, which alone may change it.
    #[error("the journal has the unknown version {version}")]
    Version {
        /// Its version.
        version: u32,
    },
    /// A record is of a later version of this program.
    #[error("the journal has a record of the unknown kind {kind}")]
    UnknownKind {
        /// The number of the kind.
        kind: u16,
    },
    /// It has no header: it was never written, and never had a record.
    #[error("the journal is empty")]
    Empty,
    /// It is not a journal, or its header is damaged.
    #[error("it is not a journal, or its header is damaged")]
    Damaged,
}

impl JournalError {
    pub(crate) fn io(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { what, source }
    }
}
