//! Where a file has data, and copying and sharing it within the system.

use std::fs::File;
use std::io;
use std::ops::Range;

use memmap_core::FileKind;

use crate::{file_info, paging};

/// The data in a range, up to the end of the file.
pub(super) fn data(file: &File, range: Range<u64>) -> io::Result<Vec<Range<u64>>> {
    let found = file.metadata()?;
    let is_regular = file_info::kind(found.file_type()) == FileKind::Regular;
    let end = if is_regular { range.end.min(found.len()) } else { range.end };
    if range.start >= end {
        return Ok(Vec::new());
    }
    paging::data(file, range.start..end)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn copy(from: &File, range: Range<u64>, to: &File, at: u64) -> io::Result<u64> {
    use rustix::io::Errno;

    /// The most that is copied in one call, which cannot be interrupted.
    const SLICE: u64 = 64 << 20;
    let len = range.end.saturating_sub(range.start);
    if len == 0 {
        return Ok(0);
    }
    let slice = usize::try_from(len.min(SLICE)).unwrap_or(1 << 20);
    loop {
        let (mut start, mut place) = (range.start, at);
        match rustix::fs::copy_file_range(from, Some(&mut start), to, Some(&mut place), slice) {
            Err(Errno::INTR) => {}
            Err(Errno::XDEV | Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
                return Err(io::ErrorKind::Unsupported.into());
            }
            // Some file systems copy nothing, and say so in this way.
            Ok(0) if from.metadata()?.len() > range.start => {
                return Err(io::ErrorKind::Unsupported.into());
            }
            copied => return Ok(memmap_core::widen(copied?)),
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn copy(_: &File, _: Range<u64>, _: &File, _: u64) -> io::Result<u64> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Shares whole blocks; the end of a file need not be one.
///
/// # Source
/// `ioctl_ficlonerange(2)`; `generic_remap_file_range_prep` in `fs/remap_range.c` of Linux.
#[cfg(target_os = "linux")]
pub(super) fn share(from: &File, range: Range<u64>, to: &File, at: u64) -> io::Result<u64> {
    use rustix::io::Errno;

    let block = rustix::fs::fstatvfs(from)?.f_bsize;
    let odd = |number: u64| number.checked_rem(block).unwrap_or(number);
    if odd(range.start) != 0 || odd(at) != 0 {
        return Ok(0);
    }
    let (end, target_len) = (from.metadata()?.len(), to.metadata()?.len());
    let len = range.end.min(end).saturating_sub(range.start);
    let is_ragged = range.end >= end && at.saturating_add(len) >= target_len;
    let len = if is_ragged { len } else { len.saturating_sub(odd(len)) };
    if len == 0 {
        return Ok(0);
    }
    loop {
        match super::calls::clone_range(from, range.start, len, to, at) {
            Ok(()) => return Ok(len),
            Err(Errno::INTR) => {}
            Err(
                Errno::OPNOTSUPP
                | Errno::NOTTY
                | Errno::XDEV
                | Errno::INVAL
                | Errno::NOSYS
                | Errno::TXTBSY,
            ) => return Ok(0),
            Err(errno) => return Err(errno.into()),
        }
    }
}

#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "Linux may refuse")]
pub(super) fn share(_: &File, _: Range<u64>, _: &File, _: u64) -> io::Result<u64> {
    Ok(0)
}
