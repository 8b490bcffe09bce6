//! Reads that find out why they stopped.

use std::fs::File;

use memmap_guard::{Backing, Fault, Guarded};

use super::fault;
use super::mapped::Mapped;
use crate::contract::{Edits, FileHandle, Pages, Place, System};
use crate::{Error, ErrorKind, Op, Partial, widen};

impl<S: System> Mapped<S> {
    /// Copies as many bytes as can be read, including private edits, and finds out why it stopped. The
    /// range is within the map; `memory` covers the whole map or nothing.
    #[inline(never)]
    pub(super) fn load(
        &self,
        memory: &Guarded<Backing<S::Pages>>,
        start: usize,
        out: &mut [u8],
    ) -> Partial {
        let Some((edits, own)) = self.edits_apart() else {
            return self.load_file(memory, start, out);
        };
        let end = start.saturating_add(out.len());
        let mut done = 0_usize;
        while done < out.len() {
            let at = start.saturating_add(done);
            let (run, is_own) = edits.run(&(at..end));
            let part = out.get_mut(done..).and_then(|rest| rest.get_mut(..run.len()));
            let part = part.unwrap_or_default();
            let Partial { len, stopped } = if is_own {
                match own.copy_out(at, part) {
                    Ok(()) => Partial { len: part.len(), stopped: None },
                    Err(fault) => {
                        let kind = ErrorKind::BufferLost { at: widen(done) };
                        Partial { len: fault.moved, stopped: Some(Error::new(Op::Read, kind)) }
                    }
                }
            } else {
                self.load_file(memory, at, part)
            };
            done = done.saturating_add(len);
            if stopped.is_some() {
                return Partial { len: done, stopped };
            }
        }
        Partial { len: done, stopped: None }
    }

    /// Copies as many bytes of the file as can be read.
    pub(super) fn load_file(
        &self,
        memory: &Guarded<Backing<S::Pages>>,
        start: usize,
        out: &mut [u8],
    ) -> Partial {
        let end = start.saturating_add(out.len());
        let (moved, fault) = if memory.is_empty() {
            (0, None)
        } else {
            match memory.copy_out(start, out) {
                Ok(()) => (out.len(), None),
                Err(fault) => (fault.moved, Some(fault)),
            }
        };
        if moved == out.len() {
            return Partial { len: moved, stopped: None };
        }
        if let Some(kind) = not_the_files::<S>(memory, fault, moved) {
            return Partial { len: moved, stopped: Some(Error::new(Op::Read, kind)) };
        }
        let at = start.saturating_add(moved);
        if self.edits.as_ref().is_some_and(|edits| edits.may_be_in_pages(&(at..end))) {
            // The file does not contain the edits, so it cannot replace a lost page that has some.
            let kind = ErrorKind::Io { offset: widen(at), source: S::reason(fault) };
            return Partial { len: moved, stopped: Some(Error::new(Op::Read, kind)) };
        }
        let missing = out.get_mut(moved..).unwrap_or_default();
        let Partial { len, stopped } = self.read_file(memory, at, end, fault, missing);
        Partial { len: moved.saturating_add(len), stopped }
    }

    /// Reads bytes from the file that the mapping does not provide: `missing`, which ends at `end` or
    /// before.
    pub(super) fn read_file(
        &self,
        memory: &Guarded<Backing<S::Pages>>,
        at: usize,
        end: usize,
        fault: Option<Fault>,
        missing: &mut [u8],
    ) -> Partial {
        let pages = memory.memory().pages.as_ref();
        let read = self
            .handle
            .with(pages, |file| fault::read::<S>(&self.place(file, at, end), fault, missing));
        read.unwrap_or_else(|source| {
            let error = fault::unknown::<S>(Op::Read, at, fault, source);
            Partial { len: 0, stopped: Some(error) }
        })
    }

    pub(super) fn place<'a>(&self, file: &'a File, at: usize, end: usize) -> Place<'a> {
        Place { file, mapping_offset: self.offset, offset: widen(at), end: widen(end) }
    }
}

/// The error if the file is not why bytes were lost, but the caller's buffer, after `done` bytes.
pub(super) fn not_the_files<S: System>(
    memory: &Guarded<Backing<S::Pages>>,
    fault: Option<Fault>,
    done: usize,
) -> Option<ErrorKind> {
    let (fault, pages) = (fault?, memory.memory().pages.as_ref()?);
    let is_ours = pages.contains(fault.address);
    (!is_ours).then(|| ErrorKind::BufferLost { at: widen(done) })
}
