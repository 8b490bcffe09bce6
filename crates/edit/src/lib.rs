//! Edits over anything mapped, and saving that loses no byte.
//!
//! The modules follow the data: a version is a tree of pieces over sources; an overlay changes it, and keeps
//! what is needed to go back.

#![forbid(unsafe_code)]

mod range;
mod piece;
mod tree;
mod source;
mod version;
mod shift;
mod splice;
mod undo;
mod changes;
mod overlay;

pub use changes::{Change, Changes};
pub use overlay::Overlay;
pub use shift::{Shift, Stick};
pub use undo::{State, Undo};
pub use version::Version;
