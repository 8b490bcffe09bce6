//! Anonymous memory for memmap: bytes without a file, private to the process.
//!
//! Programs use it through the facade, package `memmap-rs`, which calls it `RamMap`. Only its owner
//! can change it, so it lends `&[u8]` and `&mut [u8]`.

#![warn(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod ram;

#[cfg(unix)]
#[path = "unix.rs"]
mod system;

#[cfg(windows)]
#[path = "windows.rs"]
mod system;

#[cfg(not(any(unix, windows)))]
#[path = "elsewhere.rs"]
mod system;

pub use ram::Ram;
