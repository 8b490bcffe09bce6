use std::fs::File;
use std::io;
use std::sync::Arc;

use memmap_core::{Mode, Op, Result};
use rustix::io::Errno;

use crate::durable::Durable;
use crate::origin::Origin;
use crate::overlay::Overlay;
use crate::pages::{Access, Pages, View};
use crate::refusal::{refusal, refuse};

/// A part of a file.
pub(crate) struct Mapped {
    /// Nothing for a length of 0, which `mmap` refuses, unless addresses are reserved.
    /// Also nothing if the system does not map the file, which is then read by system calls.
    pub(crate) pages: Option<Pages>,
    pub(crate) origin: Origin,
    /// Bytes from the start of the file to the first mapped one.
    pub(crate) offset: u64,
    pub(crate) is_sparse: bool,
    /// Whether it was made to write to the file. It may be read-only since.
    pub(crate) reaches_file: bool,
    /// Private edits.
    pub(crate) overlay: Option<Overlay>,
    pub(crate) durable: Durable,
}

impl Mapped {
    /// The file, which every map for writing holds.
    pub(crate) fn file(&self) -> io::Result<&Arc<File>> {
        self.origin.held().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// Maps a part of a file, or finds that its bytes have to be read from the file instead: the file system
/// maps none, or there is no room for a mapping. That is for maps that do not write to the file, unless
/// `needs_mapping`.
pub(crate) fn show(
    file: &File,
    offset: u64,
    len: usize,
    mode: Mode,
    needs_mapping: bool,
) -> Result<Option<Pages>> {
    let map = |view| Pages::map_as(view, file, offset, len, access(mode));
    let mut mapped = map(View::Shared);
    if mode.reaches_file() {
        return mapped.map(Some).map_err(|error| refuse(Op::Map, refusal(error, len, mode)));
    }
    if mapped.as_ref().is_err_and(|error| Errno::from_io_error(error) == Some(Errno::NODEV)) {
        mapped = map(View::Private);
    }
    match mapped {
        Ok(pages) => Ok(Some(pages)),
        Err(error) if !needs_mapping && can_be_read(&error) => Ok(None),
        Err(error) => Err(refuse(Op::Map, refusal(error, len, mode))),
    }
}

/// Whether `mmap` refused for a reason that does not concern reading.
fn can_be_read(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        // The file system maps nothing; no addresses, or mappings, are left; all mappings are to be
        // locked (`mlockall`), and this would be too much.
        Some(Errno::NODEV | Errno::NOMEM | Errno::AGAIN | Errno::OVERFLOW)
    )
}

pub(crate) const fn access(mode: Mode) -> Access {
    match mode {
        Mode::Read | Mode::CopyOnWrite => Access::Read,
        Mode::ReadWrite | Mode::Create => Access::Write,
    }
}
