//! The result of [`explain`](fn@crate::explain): what is at a path, how it can be mapped, and what
//! prevents that.

pub use memmap_core::{
    Access, Device, Explanation, FileKind, FileSystem, FileSystemKind, Limit, LimitKind, Limits,
    Mappability, Obstacle, Partition, ProofAvailability, Protection, Residency, Stored, Warning,
};

/// Whether a lost page becomes an error, or files are read by system calls instead.
pub use crate::native::FaultGuard;
