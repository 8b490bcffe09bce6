//! The journal: a file with the edits of a session and the log of its savings, so that neither a killed
//! program nor a power cut loses them.
//!
//! One file for an edited file and a session. It starts with a [`Header`], and [`Record`]s follow, which
//! [`Journal`] appends and [`Reader`] reads. [`Journals`] is the folder of all journals.
//!
//! # Format
//! Version 1; numbers are little-endian. The header is
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `MEMMAPJR` |
//! | 4 | version |
//! | 4 | length of the header, a multiple of 4096: 4096 unless the path is long |
//! | 4 and that many | length of the fields, and the fields: session, process, path, identity |
//! | | zeros |
//! | 16 | checksum of all bytes before |
//!
//! and each frame after it is
//!
//! | bytes | what |
//! |---|---|
//! | 4 | length of the payload, at most 4 MiB |
//! | 2 | kind |
//! | 2 | 1: the record goes on in the next frame; 0: it ends here |
//! | 8 | sequence number, from 0 |
//! | 16 | session |
//! | | payload |
//! | 16 | checksum of the checksum before it and of the bytes before in this frame: the first half of their BLAKE3 |
//!
//! Reading stops at the first frame that does not fit. What is before it counts. What comes from a file is
//! not trusted: a length is checked before memory is taken, and nothing panics.

#[cfg(feature = "testing")]
pub(crate) mod attack;
mod codec;
mod error;
mod folder;
mod frame;
mod header;
mod log;
mod open_savings;
mod pace;
mod reader;
mod record;
mod retention;
mod standing;
mod worker;
mod writer;

pub use error::JournalError;
pub use folder::{Journals, Listed};
pub(crate) use folder::{is_spool_of, spool_name};
pub use header::Header;
pub(crate) use open_savings::OpenSavings;
pub use pace::Pace;
pub use reader::{End, EndedBy, Position, Reader};
pub use record::{
    Edit, Inserted, Record, Rewriting, SavingAttributes, SavingPlan, SavingRange, SavingWay, Seen,
    SeenBytes, Splice, TemporaryFile, Time,
};
pub use retention::{Limits, Removed};
pub use standing::{SavingDigest, Standing, Summary};
pub use writer::{Journal, JournalOptions, Protection};

#[cfg(test)]
mod tests;
