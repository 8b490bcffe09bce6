//! Advisory file locks.

use std::fs::File;
use std::io;
use std::os::windows::io::AsRawHandle;

use memmap_core::LockKind;
use windows_sys::Win32::Foundation::{ERROR_IO_PENDING, ERROR_LOCK_VIOLATION};
use windows_sys::Win32::Storage::FileSystem::{
    LOCKFILE_EXCLUSIVE_LOCK, LOCKFILE_FAIL_IMMEDIATELY, LockFileEx, UnlockFileEx,
};
use windows_sys::Win32::System::IO::{OVERLAPPED, OVERLAPPED_0, OVERLAPPED_0_0};

use crate::os;

/// A byte beyond the end of every file. Locks of Windows are mandatory: others can neither read nor write the
/// locked bytes. A lock of this byte affects only programs that ask for a lock. The byte is in the range that
/// `File::lock` of std locks, so the two exclude each other.
fn beyond_every_file() -> OVERLAPPED {
    let place = OVERLAPPED_0_0 { Offset: u32::MAX, OffsetHigh: u32::MAX >> 1 };
    OVERLAPPED { Anonymous: OVERLAPPED_0 { Anonymous: place }, ..OVERLAPPED::default() }
}

/// Takes the lock, waiting for it if necessary.
pub(crate) fn lock(file: &File, kind: LockKind) -> io::Result<()> {
    take(file, flags(kind))
}

/// Takes the lock if it is free. Returns whether it did.
pub(crate) fn try_lock(file: &File, kind: LockKind) -> io::Result<bool> {
    match take(file, flags(kind) | LOCKFILE_FAIL_IMMEDIATELY) {
        Ok(()) => Ok(true),
        Err(error) if os::is_one_of(&error, &[ERROR_LOCK_VIOLATION, ERROR_IO_PENDING]) => Ok(false),
        Err(error) => Err(error),
    }
}

pub(crate) fn unlock(file: &File) -> io::Result<()> {
    let mut place = beyond_every_file();
    // SAFETY: the handle is open, and not for overlapped use, so the call only reads `place`, and not after it
    // returns.
    let done = unsafe { UnlockFileEx(file.as_raw_handle(), 0, 1, 0, &raw mut place) };
    if done == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

const fn flags(kind: LockKind) -> u32 {
    match kind {
        LockKind::Shared => 0,
        LockKind::Exclusive => LOCKFILE_EXCLUSIVE_LOCK,
    }
}

fn take(file: &File, flags: u32) -> io::Result<()> {
    let mut place = beyond_every_file();
    // SAFETY: as in `unlock`; the call returns when the lock is taken or refused.
    let done = unsafe { LockFileEx(file.as_raw_handle(), flags, 0, 1, 0, &raw mut place) };
    if done == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
