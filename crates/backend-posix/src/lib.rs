//! The POSIX backend of memmap: files mapped with `mmap(2)`.
//!
//! Programs use it through the facade, package `memmap-rs`, which calls its mapping `MemMap`.
//! The bytes of a live file may be changed by anyone at any time, so they are only ever copied out
//! and in, under the guard, and no `&[u8]` over them exists, here or anywhere else in the process.
//! What a fault meant is asked of the system afterwards.
//!
//! On systems that are not POSIX this crate is empty.

#![cfg(unix)]
#![warn(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod found;
mod device;
mod space;
mod pages;
mod held;
mod origin;
mod overlay;
mod diagnose;
mod load;
mod order;
mod store;
mod durable;
mod hints;
mod refusal;
mod mapped;
mod live;
mod shown;
mod lending;
mod share;
mod size;
mod explain;
mod posix;
mod frozen;
mod assume;

#[cfg(test)]
mod unguarded;

pub use assume::AssumeFrozen;
pub use frozen::Frozen;
pub use live::Live;
pub use memmap_guard::OnLostPage;
/// Whether a page that is gone becomes an error, or files are read by `pread` instead.
pub use memmap_guard::Status as FaultGuardStatus;
pub use memmap_guard::{ensure as ensure_fault_guard, status as fault_guard_status};
pub use posix::Posix;
