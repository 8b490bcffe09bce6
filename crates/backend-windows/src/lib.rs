//! The Windows backend of memmap: files mapped as views of sections.
//!
//! Programs use it through the facade, package `memmap-rs`, which calls its mapping `MemMap`.
//! The bytes of a live file may be changed by anyone at any time, so they are only ever copied out
//! and in, under the guard, and no `&[u8]` over them exists, here or anywhere else in the process.
//! What a fault meant is asked of the system afterwards.
//!
//! Views are made by the crate memmap2, as addresses (`MmapRaw`); the rest, which it does not have, is
//! asked of the system through windows-sys. Where a section is in the way it is let go first: a file
//! that is mapped cannot be made shorter, and a section does not grow with its file.
//!
//! On other systems this crate is empty.

#![cfg(windows)]
#![warn(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod system;
mod found;
mod space;
mod pages;
mod held;
mod edits;
mod diagnose;
mod load;
mod store;
mod durable;
mod hints;
mod lock;
mod live;
mod share;
mod size;
mod explain;
mod windows;
mod frozen;
mod assume;

pub use assume::AssumeFrozen;
pub use frozen::Frozen;
pub use live::Live;
pub use memmap_guard::OnLostPage;
/// Whether a page that is gone becomes an error, or files are read by `ReadFile` instead.
pub use memmap_guard::Status as FaultGuardStatus;
pub use memmap_guard::{ensure as ensure_fault_guard, status as fault_guard_status};
pub use windows::Windows;
