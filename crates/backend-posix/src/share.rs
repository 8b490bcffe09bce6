//! Writes, which all go through a shared reference, and the cells that are made of that.

use memmap_core::{ErrorKind, Integer, Op, Result, Share, Step, checked, place, widen, window};

use crate::live::{Live, Source};
use crate::mapped::Mapped;
use crate::refusal::{refuse, unsupported};
use crate::store::{self, Payload};

impl Share for Live {
    #[inline]
    fn write_shared(&self, offset: u64, bytes: &[u8]) -> Result<()> {
        // Whether nothing may be written is for the long way to say.
        if let Some(start) = place(offset, bytes.len(), self.writable_len)
            && !bytes.is_empty()
        {
            let to = self.guarded.first.wrapping_add(start);
            // SAFETY: `place` put the range within the mapping, which is one for writing
            // (`writable_len`) and stays mapped while `self` is borrowed; only the guard accesses it.
            if unsafe { memmap_guard::quick_copy_in(to, bytes) } {
                return Ok(());
            }
        }
        // Called last, so that what is above needs no room on the stack.
        self.write_long(offset, bytes)
    }

    fn fill_shared(&self, offset: u64, len: u64, byte: u8) -> Result<()> {
        self.require_writable()?;
        let range = window(Op::Write, offset, len, self.len)?;
        self.store(range.start, Payload::Byte { byte, len: range.len() }, 0)
    }

    #[inline]
    fn atomic<T: Integer>(&self, offset: u64, step: Step<T>) -> Result<T> {
        let align = size_of::<T>();
        if step.writes() && !self.mode.writes() {
            return Err(refuse(Op::Write, ErrorKind::ReadOnly));
        }
        let op = if step.writes() { Op::Write } else { Op::Read };
        let start = checked(offset, align, self.len).map_err(|error| error.during(op))?;
        let wide = match step {
            Step::Load => Step::Load,
            Step::Store(value) => Step::Store(value.widened()),
            Step::Add(value) => Step::Add(value.widened()),
            Step::Exchange { old, new } => {
                Step::Exchange { old: old.widened(), new: new.widened() }
            }
        };
        let within = match &self.source {
            Source::File(Mapped { pages: Some(pages), .. }) => pages.lead(),
            _ => self.guarded.first.addr(),
        };
        let mask = align.wrapping_sub(1);
        if within.wrapping_add(start) & mask != 0 {
            let lead = widen(within & mask);
            return Err(refuse(op, ErrorKind::Misaligned { offset, align: widen(align), lead }));
        }
        let address = self.guarded.first.wrapping_add(start);
        match &self.source {
            Source::File(mapped @ Mapped { overlay: Some(overlay), .. }) => {
                // SAFETY: `checked` put the integer within the mapping, where it is aligned.
                let was =
                    unsafe { mapped.atomic_privately(self.guarded, overlay, start, align, wide) };
                was.map(T::narrowed)
            }
            Source::File(_) if self.guarded.len == 0 => {
                Err(refuse(op, unsupported("atomic cells where faults cannot be caught")))
            }
            source => {
                // SAFETY: as above; if it is changed, the mapping is one for writing.
                match (unsafe { store::atomic(address, align, wide) }, source) {
                    (Ok(was), _) => Ok(T::narrowed(was)),
                    (Err(fault), Source::File(mapped)) => {
                        // SAFETY: as above.
                        unsafe { mapped.settle(self.guarded, start, align, wide, fault) }
                            .map(T::narrowed)
                    }
                    // Memory of the heap does not vanish.
                    (Err(_), Source::Held(_)) => {
                        Err(refuse(op, ErrorKind::BufferLost { at: offset }))
                    }
                }
            }
        }
    }
}

impl Live {
    fn require_writable(&self) -> Result<()> {
        if self.mode.writes() { Ok(()) } else { Err(refuse(Op::Write, ErrorKind::ReadOnly)) }
    }

    /// Writes what is too long to be copied in line, or not as it should be.
    #[inline(never)]
    fn write_long(&self, offset: u64, bytes: &[u8]) -> Result<()> {
        if let Some(start) = place(offset, bytes.len(), self.writable_len)
            && !bytes.is_empty()
        {
            let to = self.guarded.first.wrapping_add(start);
            // SAFETY: as in `write_shared`.
            return match unsafe { memmap_guard::copy_in(to, bytes) } {
                Ok(()) => Ok(()),
                Err(fault) => self.store(start, Payload::Bytes(bytes), fault.moved),
            };
        }
        // Not for writing, out of bounds, without a guard, or private.
        self.require_writable()?;
        let start = checked(offset, bytes.len(), self.len);
        let start = start.map_err(|error| error.during(Op::Write))?;
        self.store(start, Payload::Bytes(bytes), 0)
    }

    /// Writes to a range that was checked.
    fn store(&self, start: usize, payload: Payload<'_>, done: usize) -> Result<()> {
        match &self.source {
            Source::Held(_) => {
                let to = self.guarded.first.wrapping_add(start);
                // SAFETY: the range is within the memory held (it was checked), which lives as long as
                // the borrow of `self` and which only the guard accesses.
                let stored = unsafe { payload.store(to.wrapping_add(done), done) };
                // Memory of the heap does not vanish, so it was the bytes to be copied.
                stored.map_err(|fault| {
                    refuse(Op::Write, ErrorKind::BufferLost { at: widen(fault.moved) })
                })
            }
            Source::File(_) if payload.len() == 0 => Ok(()),
            // SAFETY: The check put the range within the mapping, which may be written.
            Source::File(mapped) => unsafe { mapped.store(self.guarded, start, payload, done) },
        }
    }
}
