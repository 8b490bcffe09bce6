//! Private edits in the pages that are shown: for the door to other languages.

use std::fmt;
use std::fs::File;
use std::ops::Range;
use std::sync::Arc;

use memmap_core::expose::{Exposed, LostBytes};
use memmap_core::{Backend, Error, ErrorKind, Op, Result, widen};

use crate::Posix;
use crate::refusal::refuse;
use crate::touch::Touch;

/// Bytes of a file that are read when they are first touched, and may be written to. What is written stays in this
/// process; a child that is forked has a copy. A page that cannot be read is zeros.
///
/// Mode `c` of a `MemMap` keeps its edits apart from the pages of the file; here they are in one piece, for code that
/// has an address.
pub struct Edited {
    touch: Touch,
}

impl fmt::Debug for Edited {
    /// Prints no address and no bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edited").field("len", &self.touch.len()).finish_non_exhaustive()
    }
}

impl Edited {
    /// `len` bytes of a file, at least one, from `offset` on.
    ///
    /// # Errors
    /// `Truncated` if the file is shorter, `Unsupported` where touches cannot be handled, and errors of the system.
    pub fn new(file: &Arc<File>, offset: u64, len: usize) -> Result<Self> {
        let end = offset.saturating_add(widen(len));
        let found = Posix.inspect(file).map_err(|error| refuse(Op::Map, ErrorKind::Os(error)))?;
        if found.len < end {
            let at = found.len.saturating_sub(offset);
            let kind = ErrorKind::Truncated { offset: at, needed: end, now: found.len };
            return Err(refuse(Op::Map, kind));
        }
        let why = |why: String| refuse(Op::Map, ErrorKind::unsupported(Posix::NAME, why));
        Ok(Self { touch: Touch::writable(file, offset, len).map_err(why)? })
    }

    /// The memory, which is writable.
    ///
    /// # Errors
    /// None here.
    pub fn expose(&self) -> Result<Exposed<'_>> {
        // SAFETY: 1. the bytes stay mapped as long as `self` is borrowed. 2. What writes to them other than the guard
        // has their address from here, and makes no reference; nor does this crate, once they were read.
        let bytes = unsafe { memmap_guard::in_place(self.touch.first(), self.touch.len()) };
        Ok(Exposed { bytes, is_writable: true })
    }

    /// What could not be read of these bytes when it was touched, in this process or in a child, and is zeros.
    pub fn lost_bytes(&self, bytes: Range<usize>) -> Vec<LostBytes> {
        let len = self.touch.len();
        let bytes = bytes.start.min(len)..bytes.end.min(len);
        let lost = self.touch.known().lost(&bytes).into_iter();
        lost.map(|(lost, kind)| LostBytes {
            range: widen(lost.start)..widen(lost.end),
            why: Error::new(Op::Read, kind),
        })
        .collect()
    }

    /// How many bytes have been read.
    pub fn touched(&self) -> u64 {
        self.touch.known().touched()
    }
}
