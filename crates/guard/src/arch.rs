//! The routines: one file of assembly for each architecture, and one in Rust for the rest.
//!
//! All of assembly's routines keep the same contract, so that one landing pad serves them all:
//!
//! - the fourth argument is where a [`Raw`] is written if a fault happens;
//! - at every instruction that may fault, one fixed register holds how many bytes are missing, at
//!   least; none of these instructions changes it before it is done;
//! - no routine touches the stack, so the landing pad can return at once to the caller;
//! - the result is a pair: a value, and how many bytes are missing (0: done).

/// What the handler found: written by a landing pad, in this layout.
#[derive(Debug, Clone, Copy, Default)]
#[repr(C)]
pub(crate) struct Raw {
    pub(crate) address: usize,
    pub(crate) code: usize,
}

/// What a routine returns, in two registers.
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

/// One routine copies both ways. The ones in Rust differ, as ordinary memory is another thing there.
#[cfg(all(
    not(miri),
    any(
        all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")),
        all(windows, target_arch = "x86_64"),
    )
))]
pub(crate) use routines::{copy as copy_in, copy as copy_out};
