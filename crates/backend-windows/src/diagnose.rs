//! What a fault means: asked of the system in normal code, after it happened.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::os::windows::fs::FileExt;

use memmap_core::{Error, ErrorKind, Op, Partial, widen};
use memmap_guard::{Cause, Fault};
use windows_sys::Win32::Foundation::{ERROR_HANDLE_EOF, ERROR_IO_DEVICE, RtlNtStatusToDosError};

use crate::{found, system};

/// How often what failed once, and is not in anything's way when it is asked about, is tried again: a
/// read, or a write, shall end.
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

/// Reads or writes somewhere in a file, which moves the handle's position on this system, and puts it
/// back: the handle may be one that its opener uses as well.
pub(crate) fn with_position_kept<T>(
    mut file: &File,
    act: impl FnOnce(&File) -> io::Result<T>,
) -> io::Result<T> {
    let position = file.stream_position()?;
    let done = act(file);
    file.seek(SeekFrom::Start(position))?;
    done
}

fn read_at(file: &File, out: &mut [u8], position: u64) -> io::Result<usize> {
    match with_position_kept(file, |file| file.seek_read(out, position)) {
        Err(error) if system::is_one_of(&error, &[ERROR_HANDLE_EOF]) => Ok(0),
        read => read,
    }
}

/// What the system said with a fault, as an error with its text.
pub(crate) fn reason(fault: Option<Fault>) -> io::Error {
    match fault.map(|fault| fault.cause) {
        Some(Cause::InPage { status }) => {
            // SAFETY: translates a number.
            system::error_of(unsafe { RtlNtStatusToDosError(status.cast_signed()) })
        }
        _ => system::error_of(ERROR_IO_DEVICE),
    }
}

/// Reads what the mapping did not give from the file itself, and learns from that why it did not.
///
/// Mostly that fails where the mapping failed, with a reason. Where it does not, the bytes are there
/// after all, as when a network came back. Then this is a read like any other.
///
/// # Source
/// `ReadFile`; that a mapping shows what it reads: `CreateFileMapping`, of local files.
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
        match read_at(at.file, missing, at.in_file()) {
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

/// Finds out why a store into a mapping of a file faulted: the page could not be read, so its first
/// byte is. `None` if there is nothing in its way now. Nothing is written.
pub(crate) fn lost_store(place: &Place<'_>, fault: Option<Fault>) -> Option<Error> {
    let &Place { file, offset, .. } = place;
    let position = place.in_file();
    let kind = match (fault.map(|fault| fault.cause), found::inspect(file)) {
        (Some(Cause::Hardware), _) => ErrorKind::HardwareMemoryError { offset },
        (_, Ok(found)) if found.len <= position => {
            ErrorKind::Truncated { offset, needed: place.needed(), now: found.len }
        }
        (_, Err(source)) => ErrorKind::Io { offset, source },
        _ => match read_at(file, &mut [0], position) {
            Ok(_) => return None,
            Err(source) => ErrorKind::Io { offset, source },
        },
    };
    Some(Error::new(Op::Write, kind))
}

/// What is left to say of a store that faults where nothing is in its way: what came with the fault.
pub(crate) fn failed_store(place: &Place<'_>, fault: Option<Fault>) -> Error {
    Error::new(Op::Write, ErrorKind::Io { offset: place.offset, source: reason(fault) })
}
