//! Writes through a shared reference, and the cells that use them.

use memmap_guard::{AtomicOp, Integer};

use super::Live;
use super::mapped::Mapped;
use super::store::Payload;
use crate::contract::System;
use crate::range::window;
use crate::{ErrorKind, Op, Result, Share, checked, widen};

impl<S: System> Share for Live<S> {
    #[inline]
    fn write_shared(&self, offset: u64, bytes: &[u8]) -> Result<()> {
        // The slow path reports that nothing may be written, if that is the reason.
        if !bytes.is_empty() && self.memory.quick_copy_in(offset, bytes) {
            return Ok(());
        }
        // A tail call, so that the quick path needs no stack frame.
        self.write_long(offset, bytes)
    }

    fn fill_shared(&self, offset: u64, len: u64, byte: u8) -> Result<()> {
        self.require_writable()?;
        let range = window(Op::Write, offset, len, self.len)?;
        self.store(range.start, Payload::Byte { byte, len: range.len() }, 0)
    }

    #[inline]
    fn atomic<T: Integer>(&self, offset: u64, op: AtomicOp<T>) -> Result<T> {
        match self.memory.try_atomic(offset, op) {
            Some(Ok(was)) => Ok(was),
            Some(Err(_)) | None => self.atomic_slowly(offset, op),
        }
    }
}

impl<S: System> Live<S> {
    /// The slow path of an atomic access: performs it, or finds out why it is impossible.
    #[cold]
    #[inline(never)]
    fn atomic_slowly<T: Integer>(&self, offset: u64, op: AtomicOp<T>) -> Result<T> {
        let align = size_of::<T>();
        if op.writes() && !self.mode.writes() {
            return Err(Self::refuse(Op::Write, ErrorKind::ReadOnly));
        }
        let doing = if op.writes() { Op::Write } else { Op::Read };
        let start = checked(offset, align, self.len).map_err(|error| error.during(doing))?;
        // The memory that will be accessed: without pages the mapping itself has no address.
        let misalignment = |at| match self.file.as_ref().and_then(Mapped::edits_apart) {
            Some((_, own)) => own.misalignment(at, align),
            None => self.memory.misalignment(at, align),
        };
        if misalignment(start) != 0 {
            let lead = widen(misalignment(0));
            let kind = ErrorKind::Misaligned { offset, align: widen(align), lead };
            return Err(Self::refuse(doing, kind));
        }
        let Some(mapped) = &self.file else {
            // Heap memory cannot be lost.
            let lost = |_fault| Self::refuse(doing, ErrorKind::BufferLost { at: offset });
            return self.memory.atomic(start, op).map_err(lost);
        };
        if let Some((edits, own)) = mapped.edits_apart() {
            return mapped.atomic_privately(&self.memory, edits, own, start, op);
        }
        if self.memory.is_empty() {
            let what = "atomic cells where faults cannot be caught";
            return Err(Self::refuse(doing, Self::unsupported(what)));
        }
        if op.writes() {
            mapped.note_edit(&(start..start.saturating_add(align)));
        }
        match self.memory.atomic(start, op) {
            Ok(was) => Ok(was),
            Err(fault) => mapped.settle(&self.memory, start, op, fault),
        }
    }

    fn require_writable(&self) -> Result<()> {
        if self.mode.writes() { Ok(()) } else { Err(Self::refuse(Op::Write, ErrorKind::ReadOnly)) }
    }

    /// The slow path of a write: a long range, or one where the quick path failed.
    #[inline(never)]
    fn write_long(&self, offset: u64, bytes: &[u8]) -> Result<()> {
        let mut moved = 0;
        if !bytes.is_empty() {
            match self.memory.try_copy_in(offset, bytes) {
                Some(Ok(())) => return Ok(()),
                Some(Err(fault)) => moved = fault.moved,
                // Read-only, out of bounds, without a guard, or private.
                None => {}
            }
        }
        self.require_writable()?;
        let start = checked(offset, bytes.len(), self.len);
        let start = start.map_err(|error| error.during(Op::Write))?;
        self.store(start, Payload::Bytes(bytes), moved)
    }

    /// Writes to a checked range.
    fn store(&self, start: usize, payload: Payload<'_>, done: usize) -> Result<()> {
        match &self.file {
            // Heap memory cannot be lost, so the fault was in the source buffer.
            None => payload.store(&self.memory, start, done).map_err(|fault| {
                Self::refuse(Op::Write, ErrorKind::BufferLost { at: widen(fault.moved) })
            }),
            Some(_) if payload.len() == 0 => Ok(()),
            Some(mapped) => mapped.store(&self.memory, start, payload, done),
        }
    }
}
