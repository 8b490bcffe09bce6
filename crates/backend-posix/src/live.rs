use std::fmt;
use std::fs::{File, FileType};
use std::io;

use memmap_core::{
    Backend, DefaultBackend, Error, ErrorKind, FileKind, Found, Mapping, Mode, Op, Partial,
    Request, Result, checked, place, widen,
};
use memmap_guard::{Fault, Status};
use memmap2::{MmapOptions, MmapRaw, UncheckedAdvice};
use rustix::io::Errno;

use crate::{diagnose, found};

/// Maps files with `mmap(2)`: shared, so that what others write is seen.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has nothing to choose")]
pub struct Posix;

/// The bytes of a file that anyone may change, or cut short, at any time.
///
/// It copies out and never lends. Bytes that were lost since it was made are an error that says
/// which and why. The file may be renamed or unlinked.
///
/// # Platform
/// Linux on x86-64 and aarch64: copies are guarded, so that a page which is gone becomes an error.
/// Elsewhere the file is read by `pread(2)` instead, correct and slower;
/// [`fault_guard_status`](crate::fault_guard_status) says which.
///
/// Where a file ends within a page, the rest of that page reads as zeros: a file cut short there is
/// noticed from the next page on.
///
/// # Cost
/// Address space, and one descriptor while it lives, to ask about the file when a page is gone.
///
/// # Source
/// mmap(2).
pub struct Live {
    /// What can be copied from, under the guard. All that a read looks at if nothing is wrong.
    guarded: Guarded,
    /// Nothing for a length of 0, which `mmap` refuses.
    mapped: Option<Mapped>,
    len: usize,
}

/// Memory that the guard copies from: the whole mapping, or nothing where a fault would end the
/// process, or where there is no mapping.
struct Guarded {
    first: *const u8,
    len: usize,
}

// SAFETY: it is the address of a mapping, which belongs to no thread; it is only given to the guard,
// whose accesses may come from all threads at once.
unsafe impl Send for Guarded {}

// SAFETY: as above.
unsafe impl Sync for Guarded {}

impl Guarded {
    const NOTHING: Self = Self { first: std::ptr::null(), len: 0 };
}

struct Mapped {
    pages: MmapRaw,
    file: File,
    /// Bytes from the start of the file to the first mapped one.
    offset: u64,
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
        if request.mode() != Mode::Read {
            let what = "files mapped for writing; map them with mode \"r\"";
            return Err(Error::new(Op::Map, ErrorKind::Unsupported { backend: Self::NAME, what }));
        }
        if len == 0 {
            return Ok(Live { guarded: Guarded::NOTHING, mapped: None, len });
        }
        let refuse = |error| Error::new(Op::Map, refusal(error, request));
        let pages = MmapOptions::new()
            .offset(request.offset())
            .len(len)
            .map_raw_read_only(file)
            .map_err(refuse)?;
        let file = file.try_clone().map_err(refuse)?;
        let guarded = match memmap_guard::status() {
            Status::Unavailable(_) => Guarded::NOTHING,
            _ => Guarded { first: pages.as_ptr(), len },
        };
        let mapped = Some(Mapped { pages, file, offset: request.offset() });
        Ok(Live { guarded, mapped, len })
    }
}

/// Says in our words what `mmap` answered.
fn refusal(error: io::Error, request: &Request) -> ErrorKind {
    match Errno::from_io_error(&error) {
        Some(Errno::NOMEM) => ErrorKind::OutOfMemory { len: widen(request.len()) },
        Some(Errno::NODEV) => ErrorKind::Unsupported {
            backend: Posix::NAME,
            what: "mapping files of this file system; copy the file to a local disk, or read it \
                   into a `RamMap`",
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
        if let Some(start) = place(offset, out.len(), self.guarded.len) {
            let from = self.guarded.first.wrapping_add(start);
            // SAFETY: 1. `place` put the range within the mapping, which stays mapped while `self`
            // is borrowed. 2. The mapping is made read-only and its address never leaves this
            // module, which gives it to the guard alone.
            if unsafe { memmap_guard::quick_copy_out(from, out) } {
                return Ok(());
            }
        }
        // Called last, so that what is above needs no room on the stack.
        self.read_long(offset, out)
    }

    #[inline]
    fn quick_load(&self, offset: u64, len: usize) -> Option<[u8; 8]> {
        let start = place(offset, len, self.guarded.len)?;
        // SAFETY: as in `read_into`.
        unsafe { memmap_guard::quick_load(self.guarded.first.wrapping_add(start), len) }
    }

    fn read_some(&self, offset: u64, out: &mut [u8]) -> Result<Partial> {
        let start = checked(offset, out.len(), self.len)?;
        match &self.mapped {
            None => Ok(Partial { len: 0, stopped: None }),
            // SAFETY: `checked` put `start + out.len()` within the mapped `len` bytes.
            Some(mapped) => Ok(unsafe { mapped.copy_some(&self.guarded, start, out) }),
        }
    }

    fn next_readable(&self, offset: u64) -> u64 {
        // Pages are counted from the start of the file.
        let page = widen(rustix::param::page_size());
        let before = self.mapped.as_ref().map_or(0, |mapped| mapped.offset);
        let position = before.saturating_add(offset).saturating_add(1);
        position.checked_next_multiple_of(page).unwrap_or(u64::MAX).saturating_sub(before)
    }

    fn release(&self, offset: u64, len: u64) {
        let Ok(len) = usize::try_from(len) else { return };
        if let (Some(mapped), Ok(start)) = (&self.mapped, checked(offset, len, self.len)) {
            // SAFETY: the range is within the mapping (`checked`). The mapping is shared and
            // read-only, so a page that is dropped is the file's own and comes back from there;
            // no write can be lost and no byte changes that could not change anyway.
            let advised = unsafe {
                mapped.pages.unchecked_advise_range(UncheckedAdvice::DontNeed, start, len)
            };
            // A hint that is not taken changes nothing.
            advised.ok();
        }
    }
}

impl Live {
    /// Reads what is too long to be copied in line, or not as it should be.
    #[inline(never)]
    fn read_long(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        if let Some(start) = place(offset, out.len(), self.guarded.len) {
            let from = self.guarded.first.wrapping_add(start);
            // SAFETY: as in `read_into`.
            if unsafe { memmap_guard::copy_out(from, out) }.is_ok() {
                return Ok(());
            }
        }
        // Out of bounds, without a guard, or lost.
        match self.read_some(offset, out)?.stopped {
            None => Ok(()),
            Some(error) => Err(error),
        }
    }
}

impl Mapped {
    /// Copies as many bytes as there are, and finds out why there are no more.
    ///
    /// # Safety
    /// `start + out.len()` is within the mapping.
    #[cold]
    #[inline(never)]
    unsafe fn copy_some(&self, guarded: &Guarded, start: usize, out: &mut [u8]) -> Partial {
        let (moved, fault) = if guarded.len == 0 {
            (0, None)
        } else {
            // SAFETY: as in `read_into`; what is guarded is the whole mapping or nothing.
            match unsafe { memmap_guard::copy_out(guarded.first.wrapping_add(start), out) } {
                Ok(()) => return Partial { len: out.len(), stopped: None },
                Err(fault) => (fault.moved, Some(fault)),
            }
        };
        let place = diagnose::Place {
            file: &self.file,
            mapping_offset: self.offset,
            offset: widen(start).saturating_add(widen(moved)),
        };
        let first = self.pages.as_ptr().addr();
        let is_ours = |fault: &Fault| {
            fault.address.checked_sub(first).is_some_and(|within| within < self.pages.len())
        };
        let missing = out.get_mut(moved..).unwrap_or_default();
        match fault {
            Some(fault) if !is_ours(&fault) => {
                let kind = ErrorKind::BufferLost { at: widen(moved) };
                Partial { len: moved, stopped: Some(Error::new(Op::Read, kind)) }
            }
            fault => {
                let Partial { len, stopped } = diagnose::read(&place, fault, missing);
                Partial { len: moved.saturating_add(len), stopped }
            }
        }
    }
}

impl fmt::Debug for Live {
    /// No address, which is nobody's business.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_guarded = self.guarded.len > 0 || self.mapped.is_none();
        f.debug_struct("Live")
            .field("len", &self.len)
            .field("is_guarded", &is_guarded)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use memmap_core::{MapOptions, MemMap};

    use super::*;

    /// Maps files as on a system without a guard.
    #[derive(Debug)]
    struct Unguarded;

    impl Backend for Unguarded {
        type Mapping = Live;

        const NAME: &'static str = Posix::NAME;

        fn map(&self, file: &File, request: &Request) -> Result<Live> {
            Ok(Live { guarded: Guarded::NOTHING, ..Posix.map(file, request)? })
        }
    }

    fn unguarded(bytes: &[u8]) -> MemMap<Live> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(&file, bytes).unwrap();
        MapOptions::new(Unguarded).open(file.path()).unwrap()
    }

    memmap_core::mapping_laws!(read_by_pread, unguarded);

    #[test]
    fn a_file_cut_short_is_an_error_without_a_guard_too() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(&file, [7; 10_000]).unwrap();
        let mm = MapOptions::new(Unguarded).offset(10).open(file.path()).unwrap();
        file.as_file().set_len(5_000).unwrap();
        assert_eq!(mm.read_at(0, 4_990).unwrap(), [7; 4_990]);
        let error = mm.read_at(4_000, 2_000).unwrap_err();
        let &ErrorKind::Truncated { offset, needed, now } = error.kind() else {
            panic!("{error:?}")
        };
        assert_eq!((offset, needed, now), (4_990, 6_010, 5_000));
    }
}
