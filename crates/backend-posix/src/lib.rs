//! The POSIX backend of memmap: files mapped shared and read-only with `mmap(2)`.
//!
//! Programs use it through the facade, package `memmap-rs`, which calls its mapping `MemMap`.
//! `memmap2` makes the mappings; what this crate adds is the promise: the bytes of a live file may
//! be changed by anyone at any time, so they are only ever copied out, with loads that allow for
//! that, and no `&[u8]` over them exists, here or anywhere else in the process.
//!
//! On systems that are not POSIX this crate is empty.

#![cfg(unix)]
#![warn(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod found;
mod copy;
mod live;

pub use live::{Live, Posix};
