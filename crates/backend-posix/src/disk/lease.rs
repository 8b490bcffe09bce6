//! Leases that tell whether somebody wants to write.
//!
//! A read lease is given if nobody has the file open for writing, by any descriptor or mapping of this machine.
//! While it is held, whoever opens the file for writing waits in the kernel. Nothing of ours depends on the
//! lease (the leases of proofs are others): the kernel takes it away when its time is over.
//!
//! # Source
//! fcntl(2), `F_SETLEASE`; `generic_add_lease` and `check_conflicting_open` in `fs/locks.c` of Linux.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::process;

use memmap_core::disk::{LeaseOf, Leased};
use rustix::io::Errno;

use super::calls;
use super::kind::{self, Kind};

/// A read lease, given back when it is dropped.
#[derive(Debug)]
pub struct Lease {
    file: File,
    /// The process that took it.
    process: u32,
}

impl Leased for Lease {
    fn is_breaking(&self) -> bool {
        !calls::has_lease(&self.file)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // Closing alone would not do: a child that was forked meanwhile has the descriptor too. In the child the
        // lease is still the parent's.
        if self.process == process::id() {
            calls::end_lease(&self.file);
        }
    }
}

/// Takes a read lease on an open file.
///
/// It belongs to a description of its own, opened for reading through `/proc`: that is the same file
/// whatever has its path now, and the lease ends with it and not with the caller's descriptor.
pub(super) fn take(file: &File) -> LeaseOf<Lease> {
    // Opening another kind of file again could have an effect.
    if !file.metadata().is_ok_and(|found| found.is_file()) || !knows_writers(file) {
        return LeaseOf::Unknown;
    }
    let Ok(file) = File::open(format!("/proc/self/fd/{}", file.as_raw_fd())) else {
        return LeaseOf::Unknown;
    };
    // The signal of a lease that is broken ends a process that does not handle it; this one is ignored.
    if calls::set_signal(&file, libc::SIGURG).is_err() {
        return LeaseOf::Unknown;
    }
    match calls::take_lease(&file) {
        Ok(()) => LeaseOf::Held(Lease { file, process: process::id() }),
        Err(Errno::AGAIN) => LeaseOf::Refused,
        Err(_) => LeaseOf::Unknown,
    }
}

/// Whether the system counts all writers of a file. A network file system does not see those on other
/// machines, and grants leases nevertheless.
fn knows_writers(file: &File) -> bool {
    matches!(
        kind::of(file),
        Kind::Ext | Kind::Xfs | Kind::Btrfs | Kind::Memory | Kind::Layered | Kind::F2fs
    )
}
