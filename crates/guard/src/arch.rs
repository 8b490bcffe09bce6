//! The routines: in assembly, a file for each architecture, and in Rust for all other targets.
//!
//! All assembly routines keep the same contract, so one landing pad serves them all:
//!
//! - the fourth argument is the address to which a [`Raw`] is written if a fault happens;
//! - at every instruction that may fault, one fixed register holds a lower bound of the number of missing
//!   bytes, and no such instruction changes it before it has completed;
//! - no routine touches the stack, so the landing pad can return to the caller at once;
//! - the result is a pair: a value, and the number of missing bytes (0 if none is).

/// A fault as the handler saw it, in the layout that the landing pads write.
#[derive(Debug, Clone, Copy, Default)]
#[repr(C)]
pub(crate) struct Raw {
    pub(crate) address: usize,
    pub(crate) code: usize,
}

/// The result of a routine, in two registers.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub(crate) struct Answer {
    pub(crate) value: u64,
    pub(crate) missing: usize,
}

#[cfg(any(miri, not(all(target_os = "linux", target_arch = "x86_64"))))]
mod inline_fallback;

#[cfg(all(any(target_os = "linux", windows), target_arch = "x86_64", not(miri)))]
mod x86_64;
#[cfg(all(any(target_os = "linux", windows), target_arch = "x86_64", not(miri)))]
use x86_64 as routines;

#[cfg(all(target_os = "linux", target_arch = "aarch64", not(miri)))]
mod aarch64;
#[cfg(all(target_os = "linux", target_arch = "aarch64", not(miri)))]
use aarch64 as routines;

#[cfg(any(
    miri,
    not(any(
        all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")),
        all(windows, target_arch = "x86_64"),
    ))
))]
mod portable;
#[cfg(any(
    miri,
    not(any(
        all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")),
        all(windows, target_arch = "x86_64"),
    ))
))]
use portable as routines;

pub(crate) use routines::*;

/// One assembly routine copies both ways. The ones in Rust differ, because they access ordinary memory and
/// guarded memory in different ways.
#[cfg(all(
    not(miri),
    any(
        all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")),
        all(windows, target_arch = "x86_64"),
    )
))]
pub(crate) use routines::{copy as copy_in, copy as copy_out};
