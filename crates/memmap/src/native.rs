//! The operating system's backend. This is the one place that chooses a backend by platform.

#[cfg(unix)]
pub(crate) use memmap_posix::Posix as System;
#[cfg(unix)]
pub use memmap_posix::{FaultGuard, Frozen, Live};

#[cfg(all(unix, feature = "edit"))]
pub use memmap_posix::PosixDisk as Disk;
#[cfg(all(windows, feature = "edit"))]
pub use memmap_windows::WindowsDisk as Disk;

#[cfg(all(unix, feature = "expose"))]
pub use memmap_posix::Edited;

#[cfg(all(windows, feature = "expose"))]
pub use memmap_windows::Edited;
#[cfg(windows)]
pub(crate) use memmap_windows::Windows as System;
#[cfg(windows)]
pub use memmap_windows::{FaultGuard, Frozen, Live};

#[cfg(not(any(unix, windows)))]
compile_error!("memmap has no backend for this operating system");
