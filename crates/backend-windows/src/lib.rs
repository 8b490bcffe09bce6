//! The Windows backend of memmap: files mapped as views of sections.
//!
//! Programs use it through the facade, package `memmap-rs`, which calls its mapping `Map`.
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

mod allocation;
mod assume_frozen;
mod edit_hull;
mod explain;
mod file_info;
mod fixed;
mod lock;
mod os;
mod pages;
mod paging;
mod system;
mod windows;

pub use assume_frozen::AssumeFrozen;
pub use memmap_guard::OnLostPage;

/// The bytes of a file that anyone may change at any time.
pub type Live = memmap_core::Live<Windows>;

/// Bytes that nobody can change, which is why they are lent: a copy in memory of this process.
pub type Frozen = memmap_core::Frozen<Windows>;

/// What [`Windows`] is made of, for [`System`](memmap_core::System).
pub mod parts {
    pub use crate::edit_hull::EditHull;
    pub use crate::fixed::{Fixed, NoKeeper};
    pub use crate::pages::Pages;
}

/// Whether a page that is gone becomes an error, or files are read by `ReadFile` instead.
pub use memmap_guard::Status as FaultGuard;
pub use windows::Windows;
