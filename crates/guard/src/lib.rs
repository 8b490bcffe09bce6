//! Guarded access to memory that may vanish or change at any time: a fault becomes a value.
//!
//! A page of a mapped file is lost when the file is truncated, when the disk is full under a hole that is
//! written to, or when the device fails. Linux then sends `SIGBUS`, Windows raises an exception, and the
//! process ends. In this crate a few assembly routines make every access to such memory, and a handler
//! knows their addresses. If one of them faults, the handler makes it return how many bytes are missing and
//! where. Every other fault goes to the handler that was installed before.
//!
//! The handler edits registers and nothing else: it replaces no page, and no jump leaves a stack frame.
//! Where no fault happens there is no cost, because the routines do not know that they are guarded.
//!
//! A slice that is borrowed from such memory is read by any code, not by these routines. For slices alone
//! there is a table of ranges that their owners register ([`RegisteredRange`]). If a page of a registered
//! range is lost, the process ends with a line that says so, or the page becomes zeros, as the owner chose.
//!
//! Memory can also be filled when it is touched ([`FillRange`]): a load from a page that has no access yet raises
//! `SIGSEGV`, a second handler calls what fills the page, and the load is executed again. That handler is installed
//! with the first such range. On Windows it is the one handler of exceptions.
//!
//! Code that only looks at bytes can do so without a copy in memory: a [`Kernel`] takes the bytes of an
//! [`InPlace`] range block by block, from registers.
//!
//! This crate depends on no other crate of the workspace. Backends pass it addresses; the other crates only
//! see [`InPlace`] ranges, which a backend has checked. It knows addresses and bytes, but no files. What a
//! fault *means* is found out afterwards, outside the handler, by the backend that knows the file.
//!
//! # Platform
//! Linux on x86-64 and aarch64, and Windows on x86-64, where registered ranges have no effect (a lost page
//! of a slice ends the process). On every other target, and under Miri, the same functions copy byte by byte
//! with atomic loads and stores, and a fault ends the process. [`status()`] reports that, and backends then
//! read by system calls.
//!
//! # Source
//! sigaction(2); `siginfo_t` and `ucontext_t` of the platforms' ABIs; `AddVectoredExceptionHandler`,
//! `EXCEPTION_RECORD` and `CONTEXT`. The design follows gVisor's `safecopy` and Linux's exception tables.

mod integer;
mod fault;
mod lost;
mod on_lost_page;
mod status;
mod arch;
mod pin;

#[cfg(all(
    not(miri),
    any(
        all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")),
        all(windows, target_arch = "x86_64"),
    )
))]
mod range_table;
#[cfg(all(
    not(miri),
    any(
        all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")),
        all(windows, target_arch = "x86_64"),
    )
))]
mod filler;
#[cfg(all(
    not(miri),
    any(
        all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")),
        all(windows, target_arch = "x86_64"),
    )
))]
mod report;

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

mod install;
mod access;
mod atomic_op;
mod in_place;
mod guarded;
mod assume_frozen;
mod kernel;
pub mod simd;
mod registered_range;
mod fill_range;

pub use access::{
    compare_exchange, copy_in, copy_out, fetch_add, fill, load, quick_copy_in, quick_copy_out,
    quick_load, store,
};
pub use assume_frozen::AssumeFrozen;
pub use atomic_op::AtomicOp;
pub use fault::{Cause, Fault};
pub use fill_range::{Fill, FillRange, Filled};
pub use guarded::{Backing, Guarded, HeapMemory, Memory};
#[doc(hidden)]
pub use in_place::expose;
pub use in_place::{Faulted, InPlace, in_place};
pub use install::{can_guard, ensure, status};
pub use integer::Integer;
pub use kernel::{BLOCK_LEN, Kernel, PairKernel, ROUND_LEN, feed_blocks};
pub use lost::{HowLost, Lost};
pub use on_lost_page::OnLostPage;
pub use registered_range::RegisteredRange;
pub use status::Status;
