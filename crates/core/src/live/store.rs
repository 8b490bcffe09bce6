//! Writes that find out why they stopped.

use std::io;
use std::ops::Range;

use memmap_guard::{AtomicOp, Backing, Fault, Guarded, Integer, Memory};

use super::fault::{self, CHANCES};
use super::load::not_the_files;
use super::mapped::Mapped;
use crate::contract::{Edits, FileHandle, System};
use crate::{Error, ErrorKind, Op, Result, system, widen};

/// The bytes to write.
#[derive(Debug, Clone, Copy)]
pub(super) enum Payload<'a> {
    Bytes(&'a [u8]),
    Byte { byte: u8, len: usize },
}

impl Payload<'_> {
    pub(super) const fn len(self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Byte { len, .. } => len,
        }
    }

    /// Writes all but the first `done` bytes; byte 0 belongs at `start`.
    pub(super) fn store<M: Memory>(
        self,
        memory: &Guarded<M>,
        start: usize,
        done: usize,
    ) -> Result<(), Fault> {
        let from = start.saturating_add(done);
        match self {
            Self::Bytes(bytes) => memory.copy_in(from, bytes.get(done..).unwrap_or_default()),
            Self::Byte { byte, len } => {
                memory.fill(from..start.saturating_add(len).max(from), byte)
            }
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

impl<S: System> Mapped<S> {
    /// Writes as many bytes as possible, except for the first `done`, which are already written, and
    /// finds out why it stopped. The range is within the map; `memory` covers the whole map or nothing.
    #[inline(never)]
    pub(super) fn store(
        &self,
        memory: &Guarded<Backing<S::Pages>>,
        start: usize,
        payload: Payload<'_>,
        mut done: usize,
    ) -> Result<()> {
        if let Some((edits, own)) = self.edits_apart() {
            return self.store_privately(memory, edits, own, start, payload);
        }
        if memory.is_empty() {
            return self.store_by_file(memory, start, payload);
        }
        let end = start.saturating_add(payload.len());
        self.note_edit(&(start..end));
        let mut chances = CHANCES;
        loop {
            let Err(fault) = payload.store(memory, start, done) else { return Ok(()) };
            done = done.saturating_add(fault.moved);
            if let Some(kind) = not_the_files::<S>(memory, Some(fault), done) {
                return Err(Error::new(Op::Write, kind));
            }
            self.why_not(memory, fault, start.saturating_add(done), end, &mut chances)?;
        }
    }

    /// Records that a range will be written, if edits are in the pages of the mapping.
    pub(super) fn note_edit(&self, range: &Range<usize>) {
        if let Some(edits) = &self.edits {
            // Nothing is loaded, so nothing fails.
            edits.bring(range, |_, _| Ok(())).ok();
        }
    }

    /// Writes to private memory.
    fn store_privately(
        &self,
        memory: &Guarded<Backing<S::Pages>>,
        edits: &S::Edits,
        own: &Guarded<S::Pages>,
        start: usize,
        payload: Payload<'_>,
    ) -> Result<()> {
        let range = start..start.saturating_add(payload.len());
        let (payload, lost) = match self.bring(memory, edits, &range) {
            Ok(()) => (payload, None),
            Err((at, error)) => {
                (payload.first(at.saturating_sub(start)), Some(error.during(Op::Write)))
            }
        };
        payload.store(own, start, 0).map_err(|fault| {
            // Private memory cannot be lost, so the fault was in the source buffer.
            Error::new(Op::Write, ErrorKind::BufferLost { at: widen(fault.moved) })
        })?;
        lost.map_or(Ok(()), Err)
    }

    /// Copies the pages of a range into private memory, or returns the first byte for which that failed.
    fn bring(
        &self,
        memory: &Guarded<Backing<S::Pages>>,
        edits: &S::Edits,
        range: &Range<usize>,
    ) -> Result<(), (usize, Error)> {
        edits
            .bring(range, |from, to| match self.load_file(memory, from, to).stopped {
                None => Ok(()),
                Some(error) => Err(error),
            })
            // The error starts at the write, not at the start of its page.
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

    /// Finds out why nothing could be stored at `at`. If nothing prevents it now, the caller may retry,
    /// a few times.
    fn why_not(
        &self,
        memory: &Guarded<Backing<S::Pages>>,
        fault: Fault,
        at: usize,
        end: usize,
        chances: &mut u8,
    ) -> Result<()> {
        let pages = memory.memory().pages.as_ref();
        let asked = self.handle.with(pages, |file| {
            let place = self.place(file, at, end);
            match (fault::lost_store::<S>(&place, Some(fault)), chances.checked_sub(1)) {
                (Some(error), _) => Err(error),
                (None, None) => Err(Error::new(Op::Write, S::failed_store(&place, Some(fault)))),
                (None, Some(fewer)) => {
                    *chances = fewer;
                    Ok(())
                }
            }
        });
        asked.unwrap_or_else(|error| Err(fault::unknown::<S>(Op::Write, at, Some(fault), error)))
    }

    /// Writes by system calls where a fault could not be handled. The file never becomes longer.
    fn store_by_file(
        &self,
        memory: &Guarded<Backing<S::Pages>>,
        start: usize,
        payload: Payload<'_>,
    ) -> Result<()> {
        let pages = memory.memory().pages.as_ref();
        let stored = self.handle.with(pages, |file| self.write_file(file, start, payload));
        stored.unwrap_or_else(|error| Err(fault::unknown::<S>(Op::Write, start, None, error)))
    }

    fn write_file(&self, file: &std::fs::File, start: usize, payload: Payload<'_>) -> Result<()> {
        const BLOCK_LEN: usize = 1 << 16;
        let end = start.saturating_add(payload.len());
        let refuse = |kind| Err(Error::new(Op::Write, kind));
        let needed = self.offset.saturating_add(widen(end));
        match S::default().inspect(file) {
            Ok(found) if found.len < needed => {
                let offset = found.len.saturating_sub(self.offset).max(widen(start));
                return refuse(ErrorKind::Truncated { offset, needed, now: found.len });
            }
            Ok(_) => {}
            Err(source) => return refuse(ErrorKind::Io { offset: widen(start), source }),
        }
        // A file may be longer than this user's limit. A store into a mapping ignores the limit, a
        // system call does not.
        system::require_len(needed).or_else(refuse)?;
        let filler = match payload {
            Payload::Bytes(_) => Vec::new(),
            Payload::Byte { byte, len } => vec![byte; len.min(BLOCK_LEN)],
        };
        let mut done = 0_usize;
        while done < payload.len() {
            let rest = payload.len().saturating_sub(done);
            let block = match payload {
                Payload::Bytes(bytes) => bytes.get(done..).unwrap_or_default(),
                Payload::Byte { .. } => filler.get(..rest.min(filler.len())).unwrap_or_default(),
            };
            let at = self.place(file, start.saturating_add(done), end);
            match S::write_at(file, block, at.in_file()) {
                Ok(0) => return refuse(S::failed_store(&at, None)),
                Ok(more) => done = done.saturating_add(more),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => {
                    let error = fault::lost_store::<S>(&at, None);
                    return Err(error.unwrap_or_else(|| {
                        Error::new(Op::Write, ErrorKind::Io { offset: at.offset, source })
                    }));
                }
            }
        }
        Ok(())
    }

    /// Completes an access to the integer at `start` that faulted.
    #[cold]
    #[inline(never)]
    pub(super) fn settle<T: Integer>(
        &self,
        memory: &Guarded<Backing<S::Pages>>,
        start: usize,
        op: AtomicOp<T>,
        mut fault: Fault,
    ) -> Result<T> {
        let end = start.saturating_add(size_of::<T>());
        let mut chances = CHANCES;
        loop {
            if op.writes() {
                self.why_not(memory, fault, start, end, &mut chances)?;
            } else {
                if self.edits.as_ref().is_some_and(|it| it.may_be_in_pages(&(start..end))) {
                    // The file does not have what was edited.
                    let source = S::reason(Some(fault));
                    let kind = ErrorKind::Io { offset: widen(start), source };
                    return Err(Error::new(Op::Read, kind));
                }
                let mut bytes = [0; 8];
                let missing = bytes.get_mut(..size_of::<T>()).unwrap_or_default();
                match self.read_file(memory, start, end, Some(fault), missing).stopped {
                    Some(error) => return Err(error),
                    // Only memory provides an integer in one step. The exception is a full `tmpfs`,
                    // which has no page for a hole: then the bytes of the file are the result.
                    None if chances == 0 => return Ok(of_bytes(bytes)),
                    None => chances = chances.saturating_sub(1),
                }
            }
            match memory.atomic(start, op) {
                Ok(was) => return Ok(was),
                Err(again) => fault = again,
            }
        }
    }

    /// Accesses the integer at `start` of a map whose edits are in separate memory.
    pub(super) fn atomic_privately<T: Integer>(
        &self,
        memory: &Guarded<Backing<S::Pages>>,
        edits: &S::Edits,
        own: &Guarded<S::Pages>,
        start: usize,
        op: AtomicOp<T>,
    ) -> Result<T> {
        let range = start..start.saturating_add(size_of::<T>());
        let doing = if op.writes() { Op::Write } else { Op::Read };
        let (_, is_own) = edits.run(&range);
        if !is_own && !op.writes() && !memory.is_empty() {
            let was = memory.atomic(start, op);
            return was.or_else(|fault| self.settle(memory, start, op, fault));
        }
        self.bring(memory, edits, &range).map_err(|(_, error)| error.during(doing))?;
        // Its offset within its page is the same as in the mapping, so it is aligned.
        own.atomic(start, op)
            .map_err(|_lost| Error::new(doing, ErrorKind::BufferLost { at: widen(start) }))
    }
}

/// A copy of the error.
fn copy_of(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}

/// The integer in the first bytes of the array, in native byte order.
fn of_bytes<T: Integer>(bytes: [u8; 8]) -> T {
    let shift =
        if cfg!(target_endian = "big") { 8_usize.saturating_sub(size_of::<T>()) } else { 0 };
    let bits = u32::try_from(shift).unwrap_or(0).saturating_mul(8);
    T::narrow(u64::from_ne_bytes(bytes).checked_shr(bits).unwrap_or(0))
}
