//! The Windows backend of memmap: files mapped as views of sections.
//!
//! Programs use it through the facade, package `memmap-rs`. As in the POSIX backend, bytes of a live file are
//! copied out and in, under the guard, and lent to nobody.
//!
//! memmap2 creates the views, as raw addresses (`MmapRaw`). Everything else uses windows-sys. To resize a file
//! its view is closed first: a mapped file cannot be shortened, and a section does not grow with its file.
//!
//! On other systems this crate is empty.

#![cfg(windows)]
#![warn(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod allocation;
mod disk;
mod edit_hull;
mod edited;
mod explain;
mod file_info;
mod fixed;
mod lock;
mod os;
mod pages;
mod paging;
mod refusal;
mod system;
mod touch;
mod windows;

/// The bytes of a file that anyone may change at any time.
pub type Live = memmap_core::Live<Windows>;

/// Bytes that nobody can change, so that they can be borrowed: a copy in private memory.
pub type Frozen = memmap_core::Frozen<Windows>;

/// The associated types of [`Windows`] as a [`System`](memmap_core::System).
pub mod parts {
    pub use crate::disk::{Folder, Lease};
    pub use crate::edit_hull::EditHull;
    pub use crate::fixed::Fixed;
    pub use crate::pages::Pages;
}

#[doc(hidden)]
pub use disk::WindowsDisk;
#[doc(hidden)]
pub use edited::Edited;
/// Whether access to a lost page becomes an error, or files are read by `ReadFile` instead.
pub use memmap_guard::Status as FaultGuard;
pub use windows::Windows;
