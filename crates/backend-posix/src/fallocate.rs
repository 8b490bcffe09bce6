//! Space on the disk.

use std::fs::File;
use std::os::unix::fs::MetadataExt;

use memmap_core::{Error, ErrorKind, FileKind, Mode, Op, Result, system, widen};
use rustix::fs::FallocateFlags;
use rustix::io::Errno;

use crate::file_info;
use crate::refusal::unsupported;

/// Extends a file from `from` bytes to `to`. After an error it is unchanged.
///
/// # Source
/// `posix_fallocate(3)`: later writes to bytes for which it succeeded do not fail for lack of space.
pub(crate) fn extend(file: &File, from: u64, to: u64, is_sparse: bool) -> Result<()> {
    let Some(more) = to.checked_sub(from).filter(|&more| more > 0) else { return Ok(()) };
    let refuse = |kind| Error::new(Op::Resize, kind);
    require_resizable(file).map_err(refuse)?;
    system::require_len(to).map_err(refuse)?;
    let extended = if is_sparse { hole(file, from, to) } else { reserve(file, from, more) };
    extended.map_err(refuse)
}

pub(crate) fn shorten(file: &File, to: u64) -> Result<(), ErrorKind> {
    require_resizable(file)?;
    file.set_len(to).map_err(|error| system::refusal_of(file, error, Mode::ReadWrite))
}

/// Refuses block devices. Their length cannot be changed, and bytes appended to a device would overwrite its
/// first bytes.
fn require_resizable(file: &File) -> Result<(), ErrorKind> {
    let found = file.metadata().map_err(ErrorKind::Os)?;
    if file_info::kind(found.file_type()) == FileKind::BlockDevice {
        let what = "resizing a block device, whose length is fixed; map a part of it with an offset \
                    and a length";
        return Err(unsupported(what));
    }
    Ok(())
}

/// `ftruncate`, unless others have extended the file that far meanwhile.
fn longer(file: &File, to: u64) -> Result<(), Errno> {
    let len = rustix::fs::fstat(file)?.st_size;
    if u64::try_from(len).is_ok_and(|len| len >= to) {
        Ok(())
    } else {
        rustix::fs::ftruncate(file, to)
    }
}

/// Extends the file by a hole. It avoids `ftruncate` where it can, which would cut off bytes that another
/// process appends meanwhile.
fn hole(file: &File, from: u64, to: u64) -> Result<(), ErrorKind> {
    let refuse = |errno| refusal(file, errno, from, to.saturating_sub(from));
    match allocate(file, FallocateFlags::empty(), to.saturating_sub(1), 1) {
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => match longer(file, to) {
            // `ftruncate` fails so if the file is open for reading only.
            Err(Errno::INVAL) => Err(refuse(Errno::BADF)),
            truncated => truncated.map_err(refuse),
        },
        allocated => allocated.map_err(refuse),
    }
}

fn reserve(file: &File, from: u64, more: u64) -> Result<(), ErrorKind> {
    // Checked first: a failing attempt would take all free space from others for a moment. It may still fail
    // midway, as file systems reserve space for themselves, and is undone then.
    let free = free_bytes(file);
    if free < more {
        return Err(ErrorKind::StorageFull { offset: None, needed: more, free });
    }
    // The length changes last, so that an attempt that fails midway changes nothing that others see.
    match keep_room(file, from, more) {
        Ok(()) => hole(file, from, from.saturating_add(more)).inspect_err(|_| give_back(file)),
        // NFS allocates, except after the end of the file.
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => {
            match allocate(file, FallocateFlags::empty(), from, more) {
                Err(Errno::OPNOTSUPP | Errno::NOSYS) => append_zeros(file, from, more),
                allocated => allocated.map_err(|errno| refusal(file, errno, from, more)),
            }
        }
        Err(errno) => {
            give_back(file);
            Err(refusal(file, errno, from, more))
        }
    }
}

/// File system numbers of statfs(2). btrfs frees space late, and files may share it.
#[cfg(any(target_os = "linux", target_os = "android"))]
const BTRFS: rustix::fs::FsWord = 0x9123_683e;
#[cfg(any(target_os = "linux", target_os = "android"))]
const XFS: rustix::fs::FsWord = 0x5846_5342;

#[cfg(any(target_os = "linux", target_os = "android"))]
fn is_on(file: &File, systems: &[rustix::fs::FsWord]) -> bool {
    rustix::fs::fstatfs(file).is_ok_and(|fs| systems.contains(&fs.f_type))
}

/// Turns a file into `to` zeros, in the blocks that it has, after allocating those that are missing. Returns
/// false, and does nothing, if the file system cannot do that.
///
/// Freeing the blocks first would be a risk: ext4 above all reserves space for root, so that a user may not
/// get freed blocks back.
///
/// # Source
/// fallocate(2): with `FALLOC_FL_ZERO_RANGE` a file keeps its blocks. xfs and btrfs allocate other blocks, for
/// which there must be space.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn zero(file: &File, to: u64) -> Result<bool> {
    if is_on(file, &[BTRFS, XFS]) {
        return Ok(false);
    }
    match keep_room(file, 0, to) {
        Ok(()) => {}
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => return Ok(false),
        Err(errno) => {
            give_back(file);
            return Err(Error::new(Op::Create, refusal(file, errno, 0, to)));
        }
    }
    let zeros = FallocateFlags::KEEP_SIZE.union(FallocateFlags::ZERO_RANGE);
    match allocate(file, zeros, 0, to) {
        Ok(()) => {}
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => {
            give_back(file);
            return Ok(false);
        }
        Err(errno) => {
            give_back(file);
            return Err(Error::new(Op::Refill, refusal(file, errno, 0, to)));
        }
    }
    let resized = file
        .set_len(to)
        .map_err(|error| Error::new(Op::Refill, system::refusal_of(file, error, Mode::ReadWrite)));
    resized.map(|()| true)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) fn zero(_: &File, _: u64) -> Result<bool> {
    Ok(false)
}

/// Allocates space for a part of a file, whose length does not change.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn keep_room(file: &File, from: u64, more: u64) -> Result<(), Errno> {
    allocate(file, FallocateFlags::KEEP_SIZE, from, more)
}

/// Other systems cannot allocate space without changing the length.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) const fn keep_room(_: &File, _: u64, _: u64) -> Result<(), Errno> {
    Err(Errno::OPNOTSUPP)
}

/// `fallocate`, repeated if a signal interrupts it.
pub(crate) fn allocate(
    file: &File,
    flags: FallocateFlags,
    from: u64,
    more: u64,
) -> Result<(), Errno> {
    loop {
        match rustix::fs::fallocate(file, flags, from, more) {
            Err(Errno::INTR) => {}
            allocated => return allocated,
        }
    }
}

/// Frees space allocated after the end of a file, wherever the end is now. Only bytes that others append
/// between the two calls would be lost.
fn give_back(file: &File) {
    if let Ok(now) = file.metadata() {
        file.set_len(now.len()).ok();
    }
}

/// Extends a file by writing zeros, on file systems that cannot allocate. The zeros are appended, so they never
/// overwrite bytes that others append meanwhile.
fn append_zeros(file: &File, from: u64, more: u64) -> Result<(), ErrorKind> {
    static ZEROS: [u8; 1 << 16] = [0; 1 << 16];
    let to = from.saturating_add(more);
    let mut done = 0_u64;
    loop {
        let now = file.metadata().map_err(ErrorKind::Os)?.len();
        let Some(rest) = to.checked_sub(now).filter(|&rest| rest > 0) else { return Ok(()) };
        let part = usize::try_from(rest).unwrap_or(ZEROS.len()).min(ZEROS.len());
        match append(file, ZEROS.get(..part).unwrap_or_default(), now) {
            Ok(written) => done = done.saturating_add(widen(written)),
            Err(Errno::INTR) => {}
            Err(errno) => {
                // Only if nobody else has appended anything.
                if file.metadata().is_ok_and(|now| now.len() == from.saturating_add(done)) {
                    file.set_len(from).ok();
                }
                return Err(refusal(file, errno, now, rest));
            }
        }
    }
}

/// Appends to a file. `_end` is where its end was a moment ago.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn append(file: &File, bytes: &[u8], _end: u64) -> Result<usize, Errno> {
    use rustix::io::ReadWriteFlags;

    let bytes = [std::io::IoSlice::new(bytes)];
    rustix::io::pwritev2(file, &bytes, 0, ReadWriteFlags::APPEND)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn append(file: &File, bytes: &[u8], end: u64) -> Result<usize, Errno> {
    rustix::io::pwrite(file, bytes, end)
}

fn refusal(file: &File, errno: Errno, from: u64, needed: u64) -> ErrorKind {
    match errno {
        Errno::NOSPC => ErrorKind::StorageFull { offset: None, needed, free: free_bytes(file) },
        Errno::BADF => ErrorKind::PermissionDenied { mode: Mode::ReadWrite },
        Errno::FBIG => ErrorKind::FileTooLarge { len: from.saturating_add(needed), limit: None },
        Errno::DQUOT => ErrorKind::QuotaExceeded { offset: from },
        errno => system::refusal_of(file, errno.into(), Mode::ReadWrite),
    }
}

/// Free bytes on the file's file system, as far as this user may use them; `u64::MAX` if the file system, such
/// as shared memory, does not report them.
pub(crate) fn free_bytes(file: &File) -> u64 {
    match rustix::fs::fstatvfs(file) {
        Ok(fs) if fs.f_blocks > 0 => fs.f_bavail.saturating_mul(fs.f_frsize),
        _ => u64::MAX,
    }
}

/// Bytes that would fit into a file after emptying it. Blocks that it shares with other files are counted,
/// although they would not become free.
pub(crate) fn room_if_emptied(file: &File) -> Option<u64> {
    // Its blocks would become free some time later, and only if no other file shares them.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    if is_on(file, &[BTRFS]) {
        return Some(free_bytes(file));
    }
    // Counted in units of 512 bytes, whatever the block size of the file system is (stat(3type)).
    let own = file.metadata().ok()?.blocks().saturating_mul(512);
    Some(free_bytes(file).saturating_add(own))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileExt;

    use super::*;

    #[test]
    fn zeros_written_by_hand_are_all_there() {
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(b"before", 0).unwrap();
        append_zeros(&file, 6, 200_000).unwrap();
        let mut bytes = vec![1; 200_006];
        file.read_exact_at(&mut bytes, 0).unwrap();
        assert_eq!(file.metadata().unwrap().len(), 200_006);
        assert!(bytes.starts_with(b"before") && bytes[6..].iter().all(|&byte| byte == 0));
    }
}
