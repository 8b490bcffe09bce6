//! Reads that find out why they stopped.

use memmap_core::{Error, ErrorKind, Op, Partial, widen};
use memmap_guard::Fault;

use crate::diagnose::{self, Place};
use crate::live::{Guarded, Mapped};
use crate::pages;

impl Mapped {
    /// Copies as many bytes as there are, and finds out why there are no more.
    ///
    /// # Safety
    /// `start + out.len()` is within the mapping, of which `guarded` is all or nothing.
    #[cold]
    #[inline(never)]
    pub(crate) unsafe fn load(&self, guarded: Guarded, start: usize, out: &mut [u8]) -> Partial {
        let end = start.saturating_add(out.len());
        let mut done = 0_usize;
        loop {
            let at = start.saturating_add(done);
            let rest = out.get_mut(done..).unwrap_or_default();
            let all = rest.len();
            let (moved, fault) = if guarded.len == 0 {
                (0, None)
            } else {
                // SAFETY: the range is within the mapping, which stays mapped while `self` is
                // borrowed; its address is given to the guard alone.
                match unsafe { memmap_guard::copy_out(guarded.first.wrapping_add(at), rest) } {
                    Ok(()) => (all, None),
                    Err(fault) => (fault.moved, Some(fault)),
                }
            };
            done = done.saturating_add(moved);
            if moved == all {
                return Partial { len: done, stopped: None };
            }
            let at = start.saturating_add(done);
            if let Some(kind) = self.not_the_files(fault, at, done) {
                return Partial { len: done, stopped: Some(Error::new(Op::Read, kind)) };
            }
            let missing = out.get_mut(done..).unwrap_or_default();
            // The file knows nothing of private edits: of it comes this page, and not what follows.
            let within = match &self.edits {
                Some(_) => self.rest_of_page(at).min(missing.len()),
                None => missing.len(),
            };
            let missing = missing.get_mut(..within).unwrap_or_default();
            let Partial { len, stopped } = diagnose::read(&self.place(at, end), fault, missing);
            done = done.saturating_add(len);
            if stopped.is_some() || done == out.len() {
                return Partial { len: done, stopped };
            }
        }
    }

    /// Why bytes are lost, where the file does not say: a buffer of the caller's, of which `done`
    /// bytes were used, or private edits.
    pub(crate) fn not_the_files(
        &self,
        fault: Option<Fault>,
        at: usize,
        done: usize,
    ) -> Option<ErrorKind> {
        let (fault, pages) = (fault?, self.pages.as_ref()?);
        if !pages.contains(fault.address) {
            return Some(ErrorKind::BufferLost { at: widen(done) });
        }
        let page = pages.lead().saturating_add(at).checked_div(pages::page_size())?;
        let is_edited = self.edits.as_ref().is_some_and(|edits| edits.has(page));
        is_edited.then(|| ErrorKind::EditsLost { offset: widen(at) })
    }

    pub(crate) fn place(&self, at: usize, end: usize) -> Place<'_> {
        Place { file: &self.file, mapping_offset: self.offset, offset: widen(at), end: widen(end) }
    }

    fn rest_of_page(&self, at: usize) -> usize {
        let lead = self.pages.as_ref().map_or(0, pages::Pages::lead);
        let page = pages::page_size();
        let within = lead.saturating_add(at).checked_rem(page).unwrap_or(0);
        page.saturating_sub(within)
    }
}
