//! Why a file takes no byte: asked of the system in normal code, after a store faulted.

use memmap_core::{ErrorKind, Place, widen};
use rustix::io::Errno;

use crate::{fallocate, pages};

/// What keeps a byte of a file from being stored, by asking for room there; `None` if nothing does now.
///
/// Nothing is written, and the file keeps its length; a page of room may be reserved.
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
        // A file system may keep back for itself what it grants here, and not to a store; what is still
        // to be stored has no room in any case.
        Ok(()) if free < short_by => {
            ErrorKind::StorageFull { offset: Some(offset), needed: short_by, free }
        }
        Ok(()) | Err(Errno::OPNOTSUPP) => return None,
        Err(errno) => ErrorKind::Io { offset, source: errno.into() },
    })
}

/// What is left to say of a store that faults although there is no obstacle: the device failed; or the
/// file system keeps back the little that is left, as xfs does.
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
