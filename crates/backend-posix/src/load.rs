//! Reads that find out why they stopped.

use std::fs::File;
use std::io;

use memmap_core::{Error, ErrorKind, Op, Partial, widen};
use memmap_guard::{Cause, Fault};
use rustix::io::Errno;

use crate::diagnose::{self, Place};
use crate::live::Guarded;
use crate::mapped::Mapped;

impl Mapped {
    /// Copies as many bytes as there are, private edits among them, and finds out why there are no
    /// more.
    ///
    /// # Safety
    /// `start + out.len()` is within the mapping, of which `guarded` is all or nothing.
    #[inline(never)]
    pub(crate) unsafe fn load(&self, guarded: Guarded, start: usize, out: &mut [u8]) -> Partial {
        let Some(overlay) = &self.overlay else {
            // SAFETY: the caller's range.
            return unsafe { self.load_file(guarded, start, out) };
        };
        let end = start.saturating_add(out.len());
        let mut done = 0_usize;
        while done < out.len() {
            let at = start.saturating_add(done);
            let (run, is_own) = overlay.run(&(at..end));
            let part = out.get_mut(done..).and_then(|rest| rest.get_mut(..run.len()));
            let part = part.unwrap_or_default();
            let Partial { len, stopped } = if is_own {
                // SAFETY: the range is within pages of the overlay that are here, which the guard
                // alone accesses, and which stay mapped while `self` is borrowed.
                match unsafe { memmap_guard::copy_out(overlay.address(at), part) } {
                    Ok(()) => Partial { len: part.len(), stopped: None },
                    Err(fault) => {
                        let kind = ErrorKind::BufferLost { at: widen(done) };
                        Partial { len: fault.moved, stopped: Some(Error::new(Op::Read, kind)) }
                    }
                }
            } else {
                // SAFETY: a part of the caller's range.
                unsafe { self.load_file(guarded, at, part) }
            };
            done = done.saturating_add(len);
            if stopped.is_some() {
                return Partial { len: done, stopped };
            }
        }
        Partial { len: done, stopped: None }
    }

    /// Copies as many bytes of the file as there are.
    ///
    /// # Safety
    /// As [`load`](Self::load).
    pub(crate) unsafe fn load_file(
        &self,
        guarded: Guarded,
        start: usize,
        out: &mut [u8],
    ) -> Partial {
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
        let missing = out.get_mut(moved..).unwrap_or_default();
        let Partial { len, stopped } =
            self.read_file(start.saturating_add(moved), end, fault, missing);
        Partial { len: moved.saturating_add(len), stopped }
    }

    /// Reads what the mapping does not give from the file: `missing`, which ends at `end` or before.
    pub(crate) fn read_file(
        &self,
        at: usize,
        end: usize,
        fault: Option<Fault>,
        missing: &mut [u8],
    ) -> Partial {
        match self.origin.open(self.pages.as_ref()) {
            Ok(file) => diagnose::read(&self.place(&file, at, end), fault, missing),
            Err(source) => Partial { len: 0, stopped: Some(unknown(Op::Read, at, fault, source)) },
        }
    }

    /// Why bytes are lost, where it was not the file: a buffer of the caller's, of which `done` bytes
    /// were used.
    pub(crate) fn not_the_files(&self, fault: Option<Fault>, done: usize) -> Option<ErrorKind> {
        let (fault, pages) = (fault?, self.pages.as_ref()?);
        let is_ours = pages.contains(fault.address);
        (!is_ours).then(|| ErrorKind::BufferLost { at: widen(done) })
    }

    pub(crate) fn place<'a>(&self, file: &'a File, at: usize, end: usize) -> Place<'a> {
        Place { file, mapping_offset: self.offset, offset: widen(at), end: widen(end) }
    }
}

/// What is left to say of a fault if the file cannot be asked.
pub(crate) fn unknown(op: Op, at: usize, fault: Option<Fault>, source: io::Error) -> Error {
    let offset = widen(at);
    let kind = match fault.map(|fault| fault.cause) {
        Some(Cause::Hardware) => ErrorKind::HardwareMemoryError { offset },
        _ if is_of_the_device(&source) => ErrorKind::Io { offset, source },
        _ => ErrorKind::Lost { offset, source },
    };
    Error::new(op, kind)
}

/// Whether what is in the way of opening the file is what took its bytes: a device that fails, a server
/// that is gone.
fn is_of_the_device(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(
            Errno::IO
                | Errno::NOTCONN
                | Errno::STALE
                | Errno::NXIO
                | Errno::NODEV
                | Errno::TIMEDOUT
                | Errno::CONNABORTED
                | Errno::CONNRESET
                | Errno::HOSTDOWN
                | Errno::HOSTUNREACH
        )
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_is_gone_is_an_error_of_the_device_and_a_name_that_is_gone_is_not() {
        let found = |errno: Errno| unknown(Op::Read, 7, None, errno.into());
        for errno in [Errno::NOTCONN, Errno::IO, Errno::STALE] {
            let error = found(errno);
            let ErrorKind::Io { offset: 7, source } = error.kind() else { panic!("{error:?}") };
            assert_eq!(Errno::from_io_error(source), Some(errno));
        }
        for errno in [Errno::NOENT, Errno::MFILE, Errno::ACCESS] {
            assert!(matches!(found(errno).kind(), ErrorKind::Lost { offset: 7, .. }), "{errno:?}");
        }
    }
}
