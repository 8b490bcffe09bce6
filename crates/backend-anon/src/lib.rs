//! Anonymous memory for memmap: bytes without a file, private to the process.
//!
//! Programs use it through the facade, package `memmap-rs`, which calls it `RamMap`. Only its owner
//! can change it, so it lends `&[u8]` and `&mut [u8]`.

#![forbid(unsafe_code)]
#![warn(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod ram;

pub use ram::Ram;
