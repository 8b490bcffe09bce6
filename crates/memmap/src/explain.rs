//! What [`explain`](fn@crate::explain) answers: what is at a path, how it could be mapped, and what is in
//! the way.

pub use memmap_core::{
    Access, Device, Explanation, FileKind, FileSystem, FileSystemKind, Limit, LimitKind, Limits,
    Mappability, Obstacle, ProofAvailability, Protection, Residency, Stored, Warning,
};

/// Whether a page that is lost becomes an error, or files are read by system calls instead.
pub use crate::native::FaultGuard;
