//! The POSIX backend of memmap: files mapped with `mmap(2)`.
//!
//! Programs use it through the facade, package `memmap-rs`, which names its map `MemMap`.
//! Anyone may change the bytes of a live file at any time. So the bytes are only copied out and in, under
//! the guard, and no `&[u8]` over them exists anywhere in the process. After a fault, the system is asked
//! for the reason.
//!
//! On systems that are not POSIX this crate is empty.

#![cfg(unix)]
#![warn(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod device;
mod disk;
mod edited;
mod explain;
mod fallocate;
mod fault_reason;
mod file_handle;
mod file_info;
mod fixed;
mod lend;
mod pages;
mod paging;
mod posix;
mod private_pages;
mod refusal;
mod resize;
mod shown;
mod sync;
mod system;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"), not(miri)))]
mod touch;
#[cfg(not(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64"),
    not(miri)
)))]
#[path = "touch/unsupported.rs"]
mod touch;

#[cfg(test)]
mod unguarded;

/// The bytes of a file that anyone may change or truncate at any time.
pub type Live = memmap_core::Live<Posix>;

/// Bytes that nobody can change, so that they can be borrowed.
pub type Frozen = memmap_core::Frozen<Posix>;

/// The associated types of [`Posix`] as a [`System`](memmap_core::System).
pub mod parts {
    pub use crate::disk::{Folder, Lease};
    pub use crate::file_handle::FileHandle;
    pub use crate::fixed::Fixed;
    pub use crate::private_pages::PrivatePages;
    pub use crate::shown::Shown;
}

#[doc(hidden)]
pub use disk::PosixDisk;
#[doc(hidden)]
pub use edited::Edited;
/// Whether access to a lost page becomes an error, or files are read by `pread` instead.
pub use memmap_guard::Status as FaultGuard;
pub use posix::Posix;
