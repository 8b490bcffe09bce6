//! The reason why a store faulted. The system is asked in normal code, after the fault.

use memmap_core::{ErrorKind, Place, widen};
use rustix::io::Errno;

use crate::{fallocate, pages};

/// The reason why a byte of a file cannot be stored; `None` if it could be stored now. It is found by
/// allocating space for the byte.
///
/// Nothing is written, and the file keeps its length; a page of space may be allocated.
///
/// # Source
/// fallocate(2) with `FALLOC_FL_KEEP_SIZE`, statvfs(3).
pub(crate) fn obstacle(place: &Place<'_>) -> Option<ErrorKind> {
    let &Place { file, offset, .. } = place;
    let short_by = place.missing();
    let free = fallocate::free_bytes(file);
    let page = widen(pages::page_size());
    Some(match fallocate::keep_room(file, place.in_file(), page) {
        Err(Errno::DQUOT) => ErrorKind::QuotaExceeded { offset: place.in_file() },
        Err(Errno::NOSPC) => {
            ErrorKind::StorageFull { offset: Some(offset), needed: short_by, free }
        }
        // A file system may grant reserved space here and refuse it to a store. The bytes that are left to
        // store do not fit in any case.
        Ok(()) if free < short_by => {
            ErrorKind::StorageFull { offset: Some(offset), needed: short_by, free }
        }
        Ok(()) | Err(Errno::OPNOTSUPP) => return None,
        Err(errno) => ErrorKind::Io { offset, source: errno.into() },
    })
}

/// The error of a store that faults although [`obstacle`] finds no reason: the device failed, or the file
/// system reserves the little space that is left, as xfs does.
pub(crate) fn failed_store(place: &Place<'_>) -> ErrorKind {
    const LITTLE: u64 = 16 << 20;
    let offset = place.offset;
    let free = fallocate::free_bytes(place.file);
    if free < LITTLE {
        ErrorKind::StorageFull { offset: Some(offset), needed: place.missing(), free }
    } else {
        ErrorKind::Io { offset, source: Errno::IO.into() }
    }
}
