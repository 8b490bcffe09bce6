//! Finds out what a fault means by asking the system, in normal code after the fault.

use std::io;

use memmap_guard::{Cause, Fault};

use crate::contract::{Place, System};
use crate::{Error, ErrorKind, Op, Partial, widen};

/// How often an access is retried that failed once and for which the system then reports no obstacle. A
/// file that was too short may have grown in between. But a file system may also report one thing and do
/// another, and an access has to end.
pub(super) const CHANCES: u8 = 16;

/// Reads from the file itself the bytes that the mapping did not provide, and learns from that why it
/// did not.
///
/// Usually the read fails where the mapping failed, with a reason. If it succeeds, the bytes exist after
/// all: the file has grown again, a network connection is back, or they are a hole for which a full
/// `tmpfs` has no page. Then this is an ordinary read.
///
/// # Source
/// pread(2); that a mapping shows the same bytes as `pread`: mmap(2), `MAP_SHARED`. `ReadFile`,
/// `CreateFileMapping`, of local files.
pub(super) fn read<S: System>(
    place: &Place<'_>,
    fault: Option<Fault>,
    mut missing: &mut [u8],
) -> Partial {
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
        match S::read_at(at.file, missing, at.in_file()) {
            Ok(0) => {
                // The file ended before the requested byte.
                let found = S::default().inspect(at.file);
                let now = found.map_or_else(|_| at.in_file(), |found| found.len);
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

/// Finds out why a store into a shared mapping of a file faulted. `None` if nothing prevents it now.
pub(super) fn lost_store<S: System>(place: &Place<'_>, fault: Option<Fault>) -> Option<Error> {
    let &Place { file, offset, .. } = place;
    let kind = match (fault.map(|fault| fault.cause), S::default().inspect(file)) {
        (Some(Cause::Hardware), _) => ErrorKind::HardwareMemoryError { offset },
        (_, Ok(found)) if found.len <= place.in_file() => {
            ErrorKind::Truncated { offset, needed: place.needed(), now: found.len }
        }
        (_, Err(source)) => ErrorKind::Io { offset, source },
        _ => S::obstacle(place)?,
    };
    Some(Error::new(Op::Write, kind))
}

/// The error for a fault if the file cannot be opened to find out more.
pub(super) fn unknown<S: System>(
    op: Op,
    at: usize,
    fault: Option<Fault>,
    source: io::Error,
) -> Error {
    let offset = widen(at);
    let kind = match fault.map(|fault| fault.cause) {
        Some(Cause::Hardware) => ErrorKind::HardwareMemoryError { offset },
        _ if S::is_of_the_device(&source) => ErrorKind::Io { offset, source },
        _ => ErrorKind::Lost { offset, source },
    };
    Error::new(op, kind)
}
