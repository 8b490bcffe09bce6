//! Reads that find out why they stopped.

use memmap_core::{Error, ErrorKind, Op, Partial, widen};
use memmap_guard::Fault;

use crate::diagnose::{self, Place};
use crate::live::{Guarded, Mapped};

impl Mapped {
    /// Copies as many bytes as there are, and finds out why there are no more.
    ///
    /// # Safety
    /// `start + out.len()` is within the mapping, of which `guarded` is all or nothing.
    #[inline(never)]
    pub(crate) unsafe fn load(&self, guarded: Guarded, start: usize, out: &mut [u8]) -> Partial {
        let end = start.saturating_add(out.len());
        let (moved, fault) = if guarded.len == 0 {
            (0, None)
        } else {
            // SAFETY: the range is within the mapping, which stays mapped while `self` is borrowed; its
            // address is given to the guard alone.
            match unsafe { memmap_guard::copy_out(guarded.first.wrapping_add(start), out) } {
                Ok(()) => (out.len(), None),
                Err(fault) => (fault.moved, Some(fault)),
            }
        };
        if moved == out.len() {
            return Partial { len: moved, stopped: None };
        }
        if let Some(kind) = self.not_the_files(fault, moved) {
            return Partial { len: moved, stopped: Some(Error::new(Op::Read, kind)) };
        }
        if let Some(edits) = &self.edits
            && edits.hull().start < end
            && edits.hull().end > start.saturating_add(moved)
        {
            // The file does not have what was edited, so it cannot stand in for such a page.
            let at = widen(start.saturating_add(moved));
            let kind = ErrorKind::Io { offset: at, source: diagnose::reason(fault) };
            return Partial { len: moved, stopped: Some(Error::new(Op::Read, kind)) };
        }
        let missing = out.get_mut(moved..).unwrap_or_default();
        let place = self.place(start.saturating_add(moved), end);
        let Partial { len, stopped } = diagnose::read(&place, fault, missing);
        Partial { len: moved.saturating_add(len), stopped }
    }

    /// Why bytes are lost, where it was not the file: a buffer of the caller's, of which `done` bytes
    /// were used.
    pub(crate) fn not_the_files(&self, fault: Option<Fault>, done: usize) -> Option<ErrorKind> {
        let (fault, pages) = (fault?, self.pages.as_ref()?);
        let is_ours = pages.contains(fault.address);
        (!is_ours).then(|| ErrorKind::BufferLost { at: widen(done) })
    }

    pub(crate) fn place(&self, at: usize, end: usize) -> Place<'_> {
        Place { file: &self.file, mapping_offset: self.offset, offset: widen(at), end: widen(end) }
    }
}
