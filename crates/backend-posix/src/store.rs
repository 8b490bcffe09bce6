//! Writes that find out why they stopped.

use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;

use memmap_core::{Error, ErrorKind, Op, Result, Step, system, widen};
use memmap_guard::{Atomic, Fault};

use crate::diagnose::{self, CHANCES};
use crate::found;
use crate::live::Guarded;
use crate::load::unknown;
use crate::mapped::Mapped;
use crate::order::ordered;
use crate::overlay::Overlay;

/// What is to be written.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Payload<'a> {
    Bytes(&'a [u8]),
    Byte { byte: u8, len: usize },
}

impl Payload<'_> {
    pub(crate) const fn len(self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Byte { len, .. } => len,
        }
    }

    /// Writes all but the first `done` bytes, to `to`.
    ///
    /// # Safety
    /// As [`memmap_guard::copy_in`], for as many bytes.
    pub(crate) unsafe fn store(self, to: *mut u8, done: usize) -> Result<(), Fault> {
        match self {
            // SAFETY: the caller's range.
            Self::Bytes(bytes) => unsafe {
                memmap_guard::copy_in(to, bytes.get(done..).unwrap_or_default())
            },
            // SAFETY: the caller's range.
            Self::Byte { byte, len } => unsafe {
                memmap_guard::fill(to, byte, len.saturating_sub(done))
            },
        }
    }

    /// Its first `len` bytes.
    fn first(self, len: usize) -> Self {
        match self {
            Self::Bytes(bytes) => Self::Bytes(bytes.get(..len).unwrap_or(bytes)),
            Self::Byte { byte, len: all } => Self::Byte { byte, len: len.min(all) },
        }
    }
}

impl Mapped {
    /// Writes as many bytes as there is room for, but for the first `done`, which are written, and
    /// finds out why there is no more.
    ///
    /// # Safety
    /// `start + payload.len()` is within the mapping, which is one for writing and of which `guarded`
    /// is all or nothing.
    #[inline(never)]
    pub(crate) unsafe fn store(
        &self,
        guarded: Guarded,
        start: usize,
        payload: Payload<'_>,
        mut done: usize,
    ) -> Result<()> {
        if let Some(overlay) = &self.overlay {
            // SAFETY: the caller's range.
            return unsafe { self.store_privately(guarded, overlay, start, payload) };
        }
        if guarded.len == 0 {
            return self.store_by_file(start, payload);
        }
        let end = start.saturating_add(payload.len());
        let mut chances = CHANCES;
        loop {
            let at = start.saturating_add(done);
            // SAFETY: the range is within the mapping, which stays mapped while `self` is borrowed.
            let stored = unsafe { payload.store(guarded.first.wrapping_add(at), done) };
            let Err(fault) = stored else { return Ok(()) };
            done = done.saturating_add(fault.moved);
            if let Some(kind) = self.not_the_files(Some(fault), done) {
                return Err(Error::new(Op::Write, kind));
            }
            self.why_not(fault, start.saturating_add(done), end, &mut chances)?;
        }
    }

    /// Writes to pages of our own.
    ///
    /// # Safety
    /// As [`store`](Self::store).
    unsafe fn store_privately(
        &self,
        guarded: Guarded,
        overlay: &Overlay,
        start: usize,
        payload: Payload<'_>,
    ) -> Result<()> {
        let range = start..start.saturating_add(payload.len());
        // SAFETY: the caller's range.
        let brought = unsafe { self.bring(guarded, overlay, &range) };
        let (payload, lost) = match brought {
            Ok(()) => (payload, None),
            Err((at, error)) => {
                (payload.first(at.saturating_sub(start)), Some(error.during(Op::Write)))
            }
        };
        // SAFETY: the range is within pages of the overlay that are here, which stay mapped while
        // `self` is borrowed and which only the guard accesses.
        let stored = unsafe { payload.store(overlay.address(start), 0) };
        stored.map_err(|fault| {
            // Memory of our own does not vanish, so it was the bytes to be copied.
            Error::new(Op::Write, ErrorKind::BufferLost { at: widen(fault.moved) })
        })?;
        lost.map_or(Ok(()), Err)
    }

    /// Has the pages of a range in the overlay; or says which byte is the first that is not.
    ///
    /// # Safety
    /// The range is within the mapping, of which `guarded` is all or nothing.
    unsafe fn bring(
        &self,
        guarded: Guarded,
        overlay: &Overlay,
        range: &Range<usize>,
    ) -> Result<(), (usize, Error)> {
        overlay
            .bring(range, |from, to| {
                // SAFETY: the overlay asks for bytes of pages that the range is in, within the mapping.
                match unsafe { self.load_file(guarded, from, to) }.stopped {
                    None => Ok(()),
                    Some(error) => Err(error),
                }
            })
            // What cannot be written begins where the write is, not where its page is.
            .map_err(|(at, error)| match *error.kind() {
                ErrorKind::Truncated { now, .. } => {
                    let needed = self.offset.saturating_add(widen(range.end));
                    let kind = ErrorKind::Truncated { offset: widen(at), needed, now };
                    (at, Error::new(error.op(), kind))
                }
                ErrorKind::Io { ref source, .. } => {
                    let source = copy_of(source);
                    (at, Error::new(error.op(), ErrorKind::Io { offset: widen(at), source }))
                }
                ErrorKind::Lost { ref source, .. } => {
                    let source = copy_of(source);
                    (at, Error::new(error.op(), ErrorKind::Lost { offset: widen(at), source }))
                }
                ErrorKind::HardwareMemoryError { .. } => {
                    let kind = ErrorKind::HardwareMemoryError { offset: widen(at) };
                    (at, Error::new(error.op(), kind))
                }
                _ => (at, error),
            })
    }

    /// Finds out why nothing could be stored at `at`. If there is nothing in its way now, it may be
    /// tried again, a few times.
    fn why_not(&self, fault: Fault, at: usize, end: usize, chances: &mut u8) -> Result<()> {
        let file = self.origin.open(self.pages.as_ref());
        let file = file.map_err(|error| unknown(Op::Write, at, Some(fault), error))?;
        let place = self.place(&file, at, end);
        match (diagnose::lost_store(&place, Some(fault)), chances.checked_sub(1)) {
            (Some(error), _) => Err(error),
            (None, None) => Err(diagnose::failed_store(&place)),
            (None, Some(fewer)) => {
                *chances = fewer;
                Ok(())
            }
        }
    }

    /// Writes where a fault could not be survived: by system calls, which never make the file longer.
    fn store_by_file(&self, start: usize, payload: Payload<'_>) -> Result<()> {
        const PIECE_LEN: usize = 1 << 16;
        let end = start.saturating_add(payload.len());
        let file = self.origin.open(self.pages.as_ref());
        let file = file.map_err(|error| unknown(Op::Write, start, None, error))?;
        let refuse = |kind| Err(Error::new(Op::Write, kind));
        let needed = self.offset.saturating_add(widen(end));
        match found::inspect(&file) {
            Ok(found) if found.len < needed => {
                let offset = found.len.saturating_sub(self.offset).max(widen(start));
                return refuse(ErrorKind::Truncated { offset, needed, now: found.len });
            }
            Ok(_) => {}
            Err(source) => return refuse(ErrorKind::Io { offset: widen(start), source }),
        }
        // A file may be longer than this user may write it; a mapping does not ask, and a call does.
        system::require_len(needed).or_else(refuse)?;
        let filler = match payload {
            Payload::Bytes(_) => Vec::new(),
            Payload::Byte { byte, len } => vec![byte; len.min(PIECE_LEN)],
        };
        let mut done = 0_usize;
        while done < payload.len() {
            let rest = payload.len().saturating_sub(done);
            let piece = match payload {
                Payload::Bytes(bytes) => bytes.get(done..).unwrap_or_default(),
                Payload::Byte { .. } => filler.get(..rest.min(filler.len())).unwrap_or_default(),
            };
            let at = self.place(&file, start.saturating_add(done), end);
            let position = self.offset.saturating_add(at.offset);
            match file.write_at(piece, position) {
                Ok(0) => return Err(diagnose::failed_store(&at)),
                Ok(more) => done = done.saturating_add(more),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => {
                    let error = diagnose::lost_store(&at, None);
                    return Err(error.unwrap_or_else(|| {
                        Error::new(Op::Write, ErrorKind::Io { offset: at.offset, source })
                    }));
                }
            }
        }
        Ok(())
    }

    /// Ends an access to an integer that faulted.
    ///
    /// # Safety
    /// As [`atomic`], for the integer at `start`, of which `fault` is the answer.
    #[cold]
    #[inline(never)]
    pub(crate) unsafe fn settle(
        &self,
        guarded: Guarded,
        start: usize,
        width: usize,
        step: Step<u64>,
        mut fault: Fault,
    ) -> Result<u64> {
        let end = start.saturating_add(width);
        let mut chances = CHANCES;
        loop {
            if step.writes() {
                self.why_not(fault, start, end, &mut chances)?;
            } else {
                let mut bytes = [0; 8];
                let missing = bytes.get_mut(..width).unwrap_or_default();
                match self.read_file(start, end, Some(fault), missing).stopped {
                    Some(error) => return Err(error),
                    // An integer is whole only if memory gives it; or a full `tmpfs` has no page for a
                    // hole, and what the file says is all there is.
                    None if chances == 0 => return Ok(wide(bytes, width)),
                    None => chances = chances.saturating_sub(1),
                }
            }
            // SAFETY: the caller's integer.
            match unsafe { atomic(guarded.first.wrapping_add(start), width, step) } {
                Ok(was) => return Ok(was),
                Err(again) => fault = again,
            }
        }
    }

    /// Accesses an integer of a private mapping.
    ///
    /// # Safety
    /// As [`atomic`], for the integer at `start` of the mapping.
    pub(crate) unsafe fn atomic_privately(
        &self,
        guarded: Guarded,
        overlay: &Overlay,
        start: usize,
        width: usize,
        step: Step<u64>,
    ) -> Result<u64> {
        let range = start..start.saturating_add(width);
        let op = if step.writes() { Op::Write } else { Op::Read };
        let (_, is_own) = overlay.run(&range);
        if !is_own && !step.writes() && guarded.len > 0 {
            // SAFETY: the caller's integer.
            let was = unsafe { atomic(guarded.first.wrapping_add(start), width, step) };
            return was.or_else(|fault| {
                // SAFETY: as above.
                unsafe { self.settle(guarded, start, width, step, fault) }
            });
        }
        // SAFETY: the caller's range.
        unsafe { self.bring(guarded, overlay, &range) }.map_err(|(_, error)| error.during(op))?;
        // SAFETY: the integer is in pages of the overlay that are here, at the same place in its page
        // as in the mapping, so it is aligned; only the guard accesses it.
        unsafe { atomic(overlay.address(start), width, step) }
            .map_err(|_lost| Error::new(op, ErrorKind::BufferLost { at: widen(start) }))
    }
}

/// The same error once more.
fn copy_of(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}

/// The bytes of an integer of this machine's order, widened.
fn wide(bytes: [u8; 8], width: usize) -> u64 {
    let shift = if cfg!(target_endian = "big") { 8_usize.saturating_sub(width) } else { 0 };
    let bits = u32::try_from(shift).unwrap_or(0).saturating_mul(8);
    u64::from_ne_bytes(bytes).checked_shr(bits).unwrap_or(0)
}

/// Accesses an aligned integer of `width` bytes: loads acquire, stores release, the others both.
///
/// # Safety
/// As [`memmap_guard::compare_exchange`]; for a load as [`memmap_guard::load`].
#[inline]
pub(crate) unsafe fn atomic(at: *mut u8, width: usize, step: Step<u64>) -> Result<u64, Fault> {
    match width {
        // SAFETY: the caller's integer.
        1 => unsafe { atomic_of::<u8>(at, step) },
        // SAFETY: the caller's integer.
        2 => unsafe { atomic_of::<u16>(at, step) },
        // SAFETY: the caller's integer.
        4 => unsafe { atomic_of::<u32>(at, step) },
        // SAFETY: the caller's integer.
        _ => unsafe { atomic_of::<u64>(at, step) },
    }
}

/// # Safety
/// As [`atomic`].
#[inline]
unsafe fn atomic_of<T: Atomic>(at: *mut u8, step: Step<u64>) -> Result<u64, Fault> {
    ordered(step, || match step {
        // SAFETY: the caller's integer.
        Step::Load => unsafe { memmap_guard::load::<T>(at) }.map(Into::into),
        // SAFETY: the caller's integer.
        Step::Store(new) => unsafe { memmap_guard::store(at, T::narrow(new)) }.map(|()| new),
        // SAFETY: the caller's integer, which is aligned.
        Step::Add(more) => unsafe { memmap_guard::fetch_add(at, T::narrow(more)) }.map(Into::into),
        Step::Exchange { old, new } => {
            // SAFETY: the caller's integer, which is aligned.
            let was = unsafe { memmap_guard::compare_exchange(at, T::narrow(old), T::narrow(new)) };
            was.map(|was| was.unwrap_or_else(|other| other).into())
        }
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs;
    use std::process::Command;

    use memmap_core::{MapOptions, Mode};
    use rustix::process::{Resource, Rlimit, setrlimit};

    use super::*;
    use crate::unguarded::Unguarded;

    #[test]
    fn where_this_user_may_not_write_is_an_error_without_a_guard() {
        const FILE: &str = "MEMMAP_TEST_LONG_FILE";
        let Some(path) = std::env::var_os(FILE) else {
            let file = tempfile::NamedTempFile::new().unwrap();
            file.as_file().set_len(10_000).unwrap();
            // In a process of its own, as the limit is the process's.
            let name = "store::tests::where_this_user_may_not_write_is_an_error_without_a_guard";
            let output = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", name])
                .env(FILE, file.path())
                .output()
                .unwrap();
            assert!(output.status.success(), "{output:?}");
            assert_eq!(fs::read(file.path()).unwrap().iter().position(|&it| it == 7), Some(4000));
            return;
        };
        let mut map = MapOptions::new(Unguarded).mode(Mode::ReadWrite).open(path).unwrap();
        setrlimit(Resource::Fsize, Rlimit { current: Some(4096), maximum: Some(4096) }).unwrap();
        map.write_at(4000, &[7; 96]).unwrap();
        for at in [4001, 9000] {
            let error = map.write_at(at, &[8; 96]).unwrap_err();
            let ErrorKind::FileTooLong { limit, .. } = *error.kind() else { panic!("{error:?}") };
            assert_eq!((limit, error.op()), (Some(4096), Op::Write));
        }
    }
}
