//! Anonymous memory for memmap: bytes without a file, private to the process.
//!
//! Programs use it through the facade, package `memmap-rs`, which calls it `RamMap`. Only its owner
//! can change the bytes, so it lends `&[u8]` and `&mut [u8]`.

#![warn(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod anonymous;

#[cfg(unix)]
#[path = "unix.rs"]
mod system;

#[cfg(windows)]
#[path = "windows.rs"]
mod system;

#[cfg(not(any(unix, windows)))]
#[path = "unsupported.rs"]
mod system;

pub use anonymous::Anonymous;

/// Zeroed memory, private to this process.
pub type Ram = memmap_core::Ram<Anonymous>;
