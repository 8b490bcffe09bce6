//! Copies from and to memory that may vanish or change at any time: a fault becomes a value.
//!
//! A page of a mapped file is lost when the file is cut short, when the disk is full under a hole
//! that is written to, or when the device fails. The system then sends `SIGBUS`, and the process
//! ends; Windows raises an exception, with the same end. Here every access to such memory is made by a handful of assembly routines, and a signal
//! handler that knows their addresses: where the fault is one of theirs, it lets them return how
//! much is missing and where; every other fault goes to whoever handled it before.
//!
//! Nothing else is touched: no page is replaced, no jump leaves a frame, no table is kept. Where no
//! fault happens there is no cost, as the routines do not know that they are guarded.
//!
//! Memory that is lent as a slice is read by instructions of anyone. For it alone there is a table, of
//! ranges that their owners made known ([`RegisteredRange`]): a page of one that is lost ends the process with a
//! line that says so, or becomes zeros, as the owner said.
//!
//! Where bytes need not be kept, a [`Kernel`] takes them from registers, block by block, without a copy in
//! memory ([`InPlace`]).
//!
//! This crate depends on no other of the workspace. Backends give it addresses; the others only ever
//! see [`InPlace`] bytes, of which a backend made sure. It knows addresses and bytes, and no files: what a fault *means* is found out afterwards, in normal code, by who
//! knows the file.
//!
//! # Platform
//! Linux on x86-64 and aarch64 is guarded, and Windows on x86-64, where nothing is known of lent ranges:
//! a lost page of one ends the process as it would without us. Elsewhere, and under Miri, the same functions copy byte
//! by byte with atomic loads and stores and a fault ends the process; [`status`] says so, and a
//! backend then reads by system calls instead.
//!
//! # Source
//! sigaction(2), `siginfo_t` and `ucontext_t` of the platforms' ABIs; `AddVectoredExceptionHandler`,
//! `EXCEPTION_RECORD` and `CONTEXT`; the design follows gVisor's
//! `safecopy` and Linux's own exception tables.

mod access;
mod atomic_op;
mod guarded;
mod arch;
mod fault;
mod kernel;
mod in_place;
pub mod simd;
mod registered_range;
mod pin;
mod status;

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"), not(miri)))]
mod linux;
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64"),
    not(miri)
))]
use linux as handler;

#[cfg(all(windows, target_arch = "x86_64", not(miri)))]
mod windows;
#[cfg(all(windows, target_arch = "x86_64", not(miri)))]
use windows as handler;

#[cfg(any(
    miri,
    not(any(
        all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")),
        all(windows, target_arch = "x86_64"),
    ))
))]
mod unsupported;
#[cfg(any(
    miri,
    not(any(
        all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")),
        all(windows, target_arch = "x86_64"),
    ))
))]
use unsupported as handler;

pub use access::{
    Integer, compare_exchange, copy_in, copy_out, fetch_add, fill, load, quick_copy_in,
    quick_copy_out, quick_load, store,
};
pub use atomic_op::AtomicOp;
pub use fault::{Cause, Fault};
pub use guarded::{Backing, Guarded, HeapMemory, Memory};
pub use in_place::{Faulted, InPlace, in_place};
pub use kernel::{BLOCK_LEN, Kernel, ROUND_LEN, feed_blocks};
pub use registered_range::{OnLostPage, RegisteredRange};
pub use status::{Status, can_guard, ensure, status};
