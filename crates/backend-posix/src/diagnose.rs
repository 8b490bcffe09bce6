//! What a fault means: asked of the system in normal code, after it happened.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use memmap_core::{Error, ErrorKind, Op, Partial, widen};
use memmap_guard::{Cause, Fault};
use rustix::io::Errno;

use crate::{found, pages, space};

/// How often a file that ended too early, and is long enough when it is asked for its length, is
/// read again. It grew in between; but a file system may also say one thing and do another, and a
/// read shall end.
pub(crate) const CHANCES: u8 = 16;

/// Where in a file a fault happened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) file: &'a File,
    /// Bytes from the start of the file to the first mapped one.
    pub(crate) mapping_offset: u64,
    /// The first byte that was not moved, from the start of the mapping.
    pub(crate) offset: u64,
    /// Where the bytes that were to be moved end, from the start of the mapping.
    pub(crate) end: u64,
}

impl Place<'_> {
    /// The same byte, from the start of the file.
    fn in_file(&self) -> u64 {
        self.mapping_offset.saturating_add(self.offset)
    }

    /// Bytes that the file must have.
    fn needed(&self) -> u64 {
        self.mapping_offset.saturating_add(self.end)
    }
}

/// Reads what the mapping did not give from the file itself, and learns from that why it did not.
///
/// Mostly that fails where the mapping failed, with a reason. Where it does not, the bytes are
/// there after all: the file has grown back meanwhile, or they are a hole for which a full `tmpfs`
/// has no page. Then this is a read like any other.
///
/// # Source
/// pread(2); that a mapping shows what `pread` reads: mmap(2), `MAP_SHARED`.
pub(crate) fn read(place: &Place<'_>, fault: Option<Fault>, mut missing: &mut [u8]) -> Partial {
    let mut at = *place;
    let mut len = 0_usize;
    let mut chances = CHANCES;
    let kind = loop {
        if missing.is_empty() {
            return Partial { len, stopped: None };
        }
        if fault.is_some_and(|fault| fault.cause == Cause::Hardware) {
            break ErrorKind::HardwareMemoryError { offset: at.offset };
        }
        match at.file.read_at(missing, at.in_file()) {
            Ok(0) => {
                // The file ended before the byte that is asked for.
                let now = found::inspect(at.file).map_or_else(|_| at.in_file(), |found| found.len);
                if now > at.in_file() && chances > 0 {
                    chances = chances.saturating_sub(1);
                    continue;
                }
                let now = now.min(at.in_file());
                break ErrorKind::Truncated { offset: at.offset, needed: at.needed(), now };
            }
            Ok(more) => {
                let (_, rest) = missing.split_at_mut(more);
                missing = rest;
                len = len.saturating_add(more);
                at.offset = at.offset.saturating_add(widen(more));
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(source) => break ErrorKind::Io { offset: at.offset, source },
        }
    };
    Partial { len, stopped: Some(Error::new(Op::Read, kind)) }
}

/// Finds out why a store into a shared mapping of a file faulted, by asking for room where it did.
/// `None` if there is nothing in its way now.
///
/// Nothing is written, and the file keeps its length; a page of room may be reserved.
///
/// # Source
/// fallocate(2) with `FALLOC_FL_KEEP_SIZE`, statvfs(3).
pub(crate) fn lost_store(place: &Place<'_>, fault: Option<Fault>) -> Option<Error> {
    let &Place { file, offset, end, .. } = place;
    let position = place.in_file();
    let short_by = end.saturating_sub(offset);
    let kind = match (fault.map(|fault| fault.cause), found::inspect(file)) {
        (Some(Cause::Hardware), _) => ErrorKind::HardwareMemoryError { offset },
        (_, Ok(found)) if found.len <= position => {
            ErrorKind::Truncated { offset, needed: place.needed(), now: found.len }
        }
        (_, Err(source)) => ErrorKind::Io { offset, source },
        _ => {
            let free = space::free_bytes(file);
            let page = widen(pages::page_size());
            match space::keep_room(file, position, page) {
                Err(Errno::DQUOT) => ErrorKind::QuotaExceeded { offset: position },
                Err(Errno::NOSPC) => ErrorKind::StorageFull { offset, short_by, free },
                // A file system may keep back for itself what it grants here, and not to a store;
                // what is still to be stored has no room in any case.
                Ok(()) if free < short_by => ErrorKind::StorageFull { offset, short_by, free },
                Ok(()) | Err(Errno::OPNOTSUPP) => return None,
                Err(errno) => ErrorKind::Io { offset, source: errno.into() },
            }
        }
    };
    Some(Error::new(Op::Write, kind))
}

/// What is left to say of a store that faults where nothing is in its way: the device failed; or the
/// file system keeps back the little that is left, as xfs does.
pub(crate) fn failed_store(place: &Place<'_>) -> Error {
    const LITTLE: u64 = 16 << 20;
    let &Place { offset, end, .. } = place;
    let free = space::free_bytes(place.file);
    let kind = if free < LITTLE {
        ErrorKind::StorageFull { offset, short_by: end.saturating_sub(offset), free }
    } else {
        ErrorKind::Io { offset, source: Errno::IO.into() }
    };
    Error::new(Op::Write, kind)
}
