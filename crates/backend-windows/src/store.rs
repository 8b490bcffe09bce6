//! Writes that find out why they stopped.

use std::os::windows::fs::FileExt;
use std::sync::atomic::{Ordering, fence};

use memmap_core::{Error, ErrorKind, Op, Result, Step, widen};
use memmap_guard::{Atomic, Fault};

use crate::diagnose::{self, CHANCES};
use crate::found;
use crate::live::{Guarded, Mapped};

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
        if guarded.len == 0 {
            return self.store_by_file(start, payload);
        }
        let end = start.saturating_add(payload.len());
        if let Some(edits) = &self.edits {
            edits.add(&(start..end));
        }
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

    /// Finds out why nothing could be stored at `at`. If there is nothing in its way now, it may be
    /// tried again, a few times.
    fn why_not(&self, fault: Fault, at: usize, end: usize, chances: &mut u8) -> Result<()> {
        let place = self.place(at, end);
        match (diagnose::lost_store(&place, Some(fault)), chances.checked_sub(1)) {
            (Some(error), _) => Err(error),
            (None, None) => Err(diagnose::failed_store(&place, Some(fault))),
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
        let place = self.place(start, end);
        let refuse = |kind| Err(Error::new(Op::Write, kind));
        let needed = self.offset.saturating_add(widen(end));
        match found::inspect(&self.file) {
            Ok(found) if found.len < needed => {
                let offset = found.len.saturating_sub(self.offset).max(place.offset);
                return refuse(ErrorKind::Truncated { offset, needed, now: found.len });
            }
            Ok(_) => {}
            Err(source) => return refuse(ErrorKind::Io { offset: place.offset, source }),
        }
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
            let at = self.place(start.saturating_add(done), end);
            let position = self.offset.saturating_add(at.offset);
            let written =
                diagnose::with_position_kept(&self.file, |file| file.seek_write(piece, position));
            match written {
                Ok(0) => return Err(diagnose::failed_store(&at, None)),
                Ok(more) => done = done.saturating_add(more),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
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
                let place = self.place(start, end);
                match diagnose::read(&place, Some(fault), missing).stopped {
                    Some(error) => return Err(error),
                    // An integer is whole only if memory gives it; if it never does, what the file
                    // says is all there is.
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

/// The guard's accesses are relaxed; fences make more of them (`std::sync::atomic::fence`).
///
/// # Safety
/// As [`atomic`].
#[inline]
unsafe fn atomic_of<T: Atomic>(at: *mut u8, step: Step<u64>) -> Result<u64, Fault> {
    if step.writes() {
        fence(Ordering::Release);
    }
    let was = match step {
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
    };
    if !matches!(step, Step::Store(_)) {
        fence(Ordering::Acquire);
    }
    was
}
