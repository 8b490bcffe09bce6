//! What a fault means: asked of the system in normal code, after it happened.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use memmap_core::{Error, ErrorKind, Op, Partial, widen};
use memmap_guard::{Cause, Fault};
use rustix::fs::FallocateFlags;
use rustix::io::Errno;

use crate::found;

/// How often a file that ended too early, and is long enough when it is asked for its length, is
/// read again. It grew in between; but a file system may also say one thing and do another, and a
/// read shall end.
const CHANCES: u8 = 16;

/// Where in a file a fault happened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) file: &'a File,
    /// Bytes from the start of the file to the first mapped one.
    pub(crate) mapping_offset: u64,
    /// The first byte that was not moved, from the start of the mapping.
    pub(crate) offset: u64,
}

impl Place<'_> {
    /// The same byte, from the start of the file.
    fn in_file(&self) -> u64 {
        self.mapping_offset.saturating_add(self.offset)
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
    let end = place.in_file().saturating_add(widen(missing.len()));
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
                break ErrorKind::Truncated { offset: at.offset, needed: end, now };
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
///
/// `mapping_offset`: bytes from the start of the file to the first mapped one · `offset`: the first
/// byte that was not stored, from the start of the mapping · `missing`: bytes that were still to be
/// stored. Nothing is written, and the file keeps its length; a page of room may be reserved.
///
/// # Source
/// fallocate(2) with `FALLOC_FL_KEEP_SIZE`, statvfs(3).
#[must_use]
pub fn lost_store(
    file: &File,
    mapping_offset: u64,
    offset: u64,
    missing: u64,
    fault: Fault,
) -> Error {
    let position = mapping_offset.saturating_add(offset);
    let kind = match (fault.cause, found::inspect(file)) {
        (Cause::Hardware, _) => ErrorKind::HardwareMemoryError { offset },
        (_, Ok(found)) if found.len <= position => {
            let needed = position.saturating_add(missing);
            ErrorKind::Truncated { offset, needed, now: found.len }
        }
        (_, Err(source)) => ErrorKind::Io { offset, source },
        _ => {
            let free = free_bytes(file);
            let page = widen(rustix::param::page_size());
            match rustix::fs::fallocate(file, FallocateFlags::KEEP_SIZE, position, page) {
                Err(Errno::DQUOT) => ErrorKind::QuotaExceeded { offset },
                Err(Errno::NOSPC) => ErrorKind::StorageFull { offset, short_by: missing, free },
                // A file system may keep back for itself what it grants here, and not to a store;
                // what is still to be stored has no room in any case.
                Ok(()) if free < missing => {
                    ErrorKind::StorageFull { offset, short_by: missing, free }
                }
                Err(errno) => ErrorKind::Io { offset, source: errno.into() },
                // There is room, now or all the time: then the device failed, and says no more.
                Ok(()) => ErrorKind::Io { offset, source: Errno::IO.into() },
            }
        }
    };
    Error::new(Op::Write, kind)
}

/// Bytes that this user could still store on the file's file system.
fn free_bytes(file: &File) -> u64 {
    rustix::fs::fstatvfs(file).map_or(0, |fs| fs.f_bavail.saturating_mul(fs.f_frsize))
}
