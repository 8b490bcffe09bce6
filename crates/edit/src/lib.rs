//! Edits over anything mapped, and saving that loses no byte.
//!
//! The modules follow the data: a version is a tree of pieces over sources; an overlay changes it, and keeps
//! what is needed to go back; a saving compares what is in the file with what was seen, keeps old and new bytes
//! in a journal, and writes.

#![forbid(unsafe_code)]

mod range;
mod random;
mod lock;
mod exact;
mod piece;
mod tree;
mod source;
mod version;
mod shift;
mod splice;
mod undo;
mod numbers;
mod changes;
mod overlay;
mod seen;
mod made;
mod expected;
pub mod journal;
mod recording;
mod spool;
mod save;
mod recover;
mod replay;

pub use changes::{Change, Changes};
pub use journal::{Journal, JournalError};
pub use made::Made;
pub use overlay::Overlay;
pub use recording::Recorder;
pub use recover::{Direction, RangeStanding, RecoverError, Standing, Unfinished};
pub use replay::ReplayError;
pub use save::{Check, Conflict, Draft, Loss, Plan, Save, SaveError, Saved, Saving, Way};
pub use shift::{Shift, Stick};
pub use spool::{TakeError, Taken};
pub use undo::{State, Undo};
pub use version::Version;

pub use memmap_core::disk::{NotKept, Process, Writers};

#[cfg(feature = "testing")]
pub mod testing;
