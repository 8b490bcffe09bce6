//! The operating system's backend. This is the one place that chooses a backend by platform.

#[cfg(unix)]
pub use memmap_posix::{
    AssumeFrozen, FaultGuardStatus, Frozen, Live, OnLostPage, ensure_fault_guard,
    fault_guard_status,
};

#[cfg(not(unix))]
compile_error!("memmap has no backend for this operating system");
