use std::fs::{File, FileType};
use std::io;

use memmap_core::{
    Backend, DefaultBackend, Error, ErrorKind, FileKind, Found, Mapping, Op, Request, Result,
    checked, widen,
};
use memmap2::{MmapOptions, MmapRaw, UncheckedAdvice};
use rustix::io::Errno;

use crate::copy::copy_out;
use crate::found;

/// Maps files with `mmap(2)`: shared, so that what others write is seen.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has nothing to choose")]
pub struct Posix;

/// The bytes of a file that anyone may change, or cut short, at any time.
///
/// It copies out and never lends. No descriptor stays open; the file may be renamed or unlinked.
///
/// # Platform
/// If the file is cut short, reading what is gone ends the process with `SIGBUS`, as it does with
/// every mapping of every library. Bytes between the file's end and the page's read as 0.
///
/// # Source
/// mmap(2).
#[derive(Debug)]
pub struct Live {
    /// Nothing for a length of 0, which `mmap` refuses.
    pages: Option<MmapRaw>,
    len: usize,
}

impl Backend for Posix {
    type Mapping = Live;

    const NAME: &'static str = "posix";

    fn kind(&self, file_type: FileType) -> FileKind {
        found::kind(file_type)
    }

    fn inspect(&self, file: &File) -> io::Result<Found> {
        found::inspect(file)
    }

    fn map(&self, file: &File, request: &Request) -> Result<Live> {
        let len = request.len();
        if len == 0 {
            return Ok(Live { pages: None, len });
        }
        let pages = MmapOptions::new()
            .offset(request.offset())
            .len(len)
            .map_raw_read_only(file)
            .map_err(|error| Error::new(Op::Map, refusal(error, request)))?;
        Ok(Live { pages: Some(pages), len })
    }
}

/// Says in our words what `mmap` answered.
fn refusal(error: io::Error, request: &Request) -> ErrorKind {
    match Errno::from_io_error(&error) {
        Some(Errno::NOMEM) => ErrorKind::OutOfMemory { len: widen(request.len()) },
        Some(Errno::NODEV) => ErrorKind::Unsupported {
            backend: Posix::NAME,
            what: "files of this file system, which cannot map them",
        },
        _ => ErrorKind::from_io(error, request.mode()),
    }
}

impl DefaultBackend for Live {
    type Backend = Posix;
}

impl Mapping for Live {
    #[inline]
    fn len(&self) -> u64 {
        widen(self.len)
    }

    #[inline]
    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        let start =
            checked(offset, out.len(), self.len).map_err(|kind| Error::new(Op::Read, kind))?;
        if let Some(pages) = &self.pages {
            let source = pages.as_ptr().wrapping_add(start);
            // SAFETY: 1. `checked` put `start + out.len()` within the mapped `len` bytes, which
            // stay mapped while `self` is borrowed. 2. The mapping is made read-only and its
            // address never leaves this type, whose only access is this one.
            unsafe { copy_out(source, out) };
        }
        Ok(())
    }
    fn release(&self, offset: u64, len: u64) {
        let Ok(len) = usize::try_from(len) else { return };
        if let (Some(pages), Ok(start)) = (&self.pages, checked(offset, len, self.len)) {
            // SAFETY: the range is within the mapping (`checked`). The mapping is shared and
            // read-only, so a page that is dropped is the file's own and comes back from there;
            // no write can be lost and no byte changes that could not change anyway.
            let advised =
                unsafe { pages.unchecked_advise_range(UncheckedAdvice::DontNeed, start, len) };
            // A hint that is not taken changes nothing.
            advised.ok();
        }
    }
}
