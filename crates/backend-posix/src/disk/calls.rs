//! System calls that saving needs and rustix does not offer as safe functions: leases, and questions to
//! files and devices.
//!
//! All unsafe code of saving is here. Each call takes a descriptor that its borrower holds open, and either
//! numbers or a structure of the type that the kernel's header gives for that request.

use std::ffi::{c_int, c_long};
use std::fs::File;
use std::os::fd::{AsFd, AsRawFd, RawFd};

use rustix::io::{Errno, Result};
use rustix::ioctl::{Getter, NoArg, Opcode, Setter, Updater, ioctl, opcode};

/// The number of extents that one question asks for.
pub(super) const EXTENTS: usize = 64;

/// `struct fiemap` with room for extents.
#[repr(C)]
pub(super) struct Fiemap {
    pub(super) head: FiemapHead,
    pub(super) extents: Extents,
}

impl Fiemap {
    /// A question for `len` bytes from `start`.
    pub(super) fn of(start: u64, len: u64) -> Self {
        let room = u32::try_from(EXTENTS).unwrap_or(0);
        let head = FiemapHead { start, len, room, ..FiemapHead::default() };
        Self { head, extents: Extents::default() }
    }
}

/// `struct fiemap`.
#[repr(C)]
#[derive(Default)]
pub(super) struct FiemapHead {
    start: u64,
    len: u64,
    flags: u32,
    /// How many extents the kernel filled in.
    pub(super) mapped: u32,
    /// How many there is room for.
    room: u32,
    reserved: u32,
}

/// Room for extents.
#[repr(transparent)]
pub(super) struct Extents(pub(super) [FiemapExtent; EXTENTS]);

impl Default for Extents {
    fn default() -> Self {
        Self([FiemapExtent::default(); EXTENTS])
    }
}

/// `struct fiemap_extent`.
#[repr(C)]
#[derive(Default, Clone, Copy)]
pub(super) struct FiemapExtent {
    pub(super) logical: u64,
    physical: u64,
    pub(super) len: u64,
    reserved: [u64; 2],
    pub(super) flags: u32,
    reserved_too: [u32; 3],
}

/// `struct fsxattr`.
#[repr(C)]
#[derive(Default, Clone, Copy)]
pub(super) struct Fsxattr {
    pub(super) flags: u32,
    extent_len: u32,
    extents: u32,
    pub(super) project: u32,
    cow_extent_len: u32,
    padding: [u8; 8],
}

/// `struct file_clone_range`.
#[repr(C)]
struct CloneRange {
    from: i64,
    from_at: u64,
    len: u64,
    to_at: u64,
}

/// Fills in the extents of a range: `FS_IOC_FIEMAP`.
///
/// # Source
/// `Documentation/filesystems/fiemap.rst` of Linux.
pub(super) fn extents(file: &File, map: &mut Fiemap) -> Result<()> {
    const FIEMAP: Opcode = opcode::read_write::<FiemapHead>(b'f', 11);
    // SAFETY: the request reads and writes a `struct fiemap`, and writes as many extents after it as `room`
    // says, which are there.
    let request = unsafe { Updater::<FIEMAP, Fiemap>::new(map) };
    // SAFETY: as above.
    unsafe { ioctl(file, request) }
}

/// How often the inode's number was given to another file: `FS_IOC_GETVERSION`.
///
/// # Source
/// `include/uapi/linux/fs.h` of Linux, where the request names a `long`; file systems write an `int`.
pub(super) fn generation(file: &File) -> Result<u32> {
    const GETVERSION: Opcode = opcode::read::<c_long>(b'v', 1);
    const INTS: usize = size_of::<c_long>() / size_of::<u32>();
    let mut found = [0_u32; INTS];
    // SAFETY: the request writes at most a `long`, for which there is room, and any bits are a valid number.
    let request = unsafe { Updater::<GETVERSION, [u32; INTS]>::new(&mut found) };
    // SAFETY: as above.
    unsafe { ioctl(file, request) }?;
    // The rest stays zero if an `int` was written. A FUSE server of a big machine writes all of it.
    Ok(found.into_iter().find(|&part| part != 0).unwrap_or(0))
}

/// Whether a device is read-only: `BLKROGET`.
///
/// # Source
/// `include/uapi/linux/fs.h`, `blkdev_ioctl` in `block/ioctl.c` of Linux.
pub(super) fn is_read_only_device(file: &File) -> Result<bool> {
    const BLKROGET: Opcode = opcode::none(0x12, 94);
    // SAFETY: the request writes an `int`.
    let request = unsafe { Getter::<BLKROGET, c_int>::new() };
    // SAFETY: as above.
    Ok(unsafe { ioctl(file, request) }? != 0)
}

/// Writes what the system's cache has of a device, and drops what is not in use: `BLKFLSBUF`.
///
/// # Source
/// As above. It needs `CAP_SYS_ADMIN`.
pub(super) fn drop_cache_of_device(file: &File) -> Result<()> {
    const BLKFLSBUF: Opcode = opcode::none(0x12, 97);
    // SAFETY: the request takes no argument.
    let request = unsafe { NoArg::<BLKFLSBUF>::new() };
    // SAFETY: it writes to no memory of this process. Mapped pages stay.
    unsafe { ioctl(file, request) }
}

/// The project of a file, and its flags as XFS names them: `FS_IOC_FSGETXATTR`.
///
/// # Source
/// `ioctl_xfs_fsgetxattr(2)`.
pub(super) fn project(file: &File) -> Result<Fsxattr> {
    const FSGETXATTR: Opcode = opcode::read::<Fsxattr>(b'X', 31);
    // SAFETY: the request writes a `struct fsxattr`, of which any bits are valid.
    let request = unsafe { Getter::<FSGETXATTR, Fsxattr>::new() };
    // SAFETY: as above.
    unsafe { ioctl(file, request) }
}

/// Sets them: `FS_IOC_FSSETXATTR`.
pub(super) fn set_project(file: &File, wanted: Fsxattr) -> Result<()> {
    const FSSETXATTR: Opcode = opcode::write::<Fsxattr>(b'X', 32);
    // SAFETY: the request reads a `struct fsxattr`.
    let request = unsafe { Setter::<FSSETXATTR, Fsxattr>::new(wanted) };
    // SAFETY: as above.
    unsafe { ioctl(file, request) }
}

/// Shares a range of one file with another: `FICLONERANGE`.
///
/// # Source
/// `ioctl_ficlonerange(2)`.
pub(super) fn clone_range(
    from: &File,
    from_at: u64,
    len: u64,
    to: &File,
    to_at: u64,
) -> Result<()> {
    const FICLONERANGE: Opcode = opcode::write::<CloneRange>(0x94, 13);
    let range = CloneRange { from: i64::from(from.as_fd().as_raw_fd()), from_at, len, to_at };
    // SAFETY: the request reads a `struct file_clone_range`, whose descriptor is open.
    let request = unsafe { Setter::<FICLONERANGE, CloneRange>::new(range) };
    // SAFETY: as above. Bytes of files change, as by a write, and no memory that Rust knows of.
    unsafe { ioctl(to, request) }
}

/// Makes the system send another signal than `SIGIO` for this open file.
///
/// # Source
/// fcntl(2), `F_SETSIG`.
pub(super) fn set_signal(file: &File, signal: c_int) -> Result<()> {
    const F_SETSIG: c_int = 10;
    fcntl(file.as_raw_fd(), F_SETSIG, signal).map(drop)
}

/// Takes a read lease.
///
/// # Source
/// fcntl(2), `F_SETLEASE`.
pub(super) fn take_lease(file: &File) -> Result<()> {
    fcntl(file.as_raw_fd(), libc::F_SETLEASE, libc::F_RDLCK).map(drop)
}

/// Gives a lease back. If there is none any more, nothing happens.
pub(super) fn end_lease(file: &File) {
    fcntl(file.as_raw_fd(), libc::F_SETLEASE, libc::F_UNLCK).ok();
}

/// Whether a read lease is still held, and nobody waits for its end.
pub(super) fn has_lease(file: &File) -> bool {
    fcntl(file.as_raw_fd(), libc::F_GETLEASE, 0) == Ok(libc::F_RDLCK)
}

fn fcntl(file: RawFd, command: c_int, number: c_int) -> Result<c_int> {
    // SAFETY: the commands of this file take a number and access no memory. The descriptor is borrowed from a
    // `File`.
    let answer = unsafe { libc::fcntl(file, command, number) };
    if answer < 0 {
        Err(Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::IO))
    } else {
        Ok(answer)
    }
}
