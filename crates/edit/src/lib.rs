//! Edits over anything mapped, and saving that loses no byte.

#![forbid(unsafe_code)]

pub mod journal;

#[cfg(feature = "testing")]
pub mod testing;
