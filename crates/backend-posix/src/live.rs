use std::fmt;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use memmap_core::{
    Advice, DefaultBackend, Directory, Error, ErrorKind, Extent, LockKind, Mapping, Mode, Op,
    Partial, Request, Result, Share, checked, place, system, widen, window,
};
use memmap_guard::{InPlace, Lent, OnLostPage};
use rustix::io::Errno;

use crate::durable::Durable;
use crate::held::Held;
use crate::origin::Origin;
use crate::overlay::Overlay;
use crate::pages::{self, Access, Pages, View};
use crate::{Posix, hints};

/// The bytes of a file that anyone may change, or cut short, at any time.
///
/// It copies out and in and never lends. Bytes that were lost since it was made are an error that
/// says which and why. The file may be renamed or unlinked.
///
/// # Platform
/// Linux on x86-64 and aarch64: copies are guarded, so that a page which is gone becomes an error.
/// Elsewhere the file is read by `pread(2)` and written by `pwrite(2)` instead, correct and slower,
/// and atomic integers of a shared file are [`Unsupported`](ErrorKind::Unsupported);
/// [`fault_guard_status`](crate::fault_guard_status) says which.
///
/// Where a file ends within a page, the rest of that page reads as zeros, and what is written there
/// is lost: a file cut short there is noticed from the next page on.
///
/// A file that the system does not map is read by `pread(2)` too, in mode `r`: on a file system that maps
/// nothing, or where addresses or mappings ran out.
///
/// # Cost
/// Address space. A map for writing holds a descriptor; so does one that reads its file by system calls.
/// Others open the file again, for a moment, when something is asked of it: why a page is gone, where the
/// holes are. If it cannot be found any more, a lost byte is [`Lost`](ErrorKind::Lost) without a reason.
///
/// # Source
/// mmap(2).
pub struct Live {
    /// What can be copied from, under the guard. All that a read looks at if nothing is wrong.
    pub(crate) guarded: Guarded,
    /// How much of it can be copied from with nothing else to do: all or nothing.
    readable_len: usize,
    /// How much of it can be copied to with nothing else to do: all or nothing.
    pub(crate) writable_len: usize,
    pub(crate) len: usize,
    pub(crate) mode: Mode,
    /// Whether a fault in a page of a file can be survived.
    is_guarded: bool,
    /// What was lent through the unsafe door, to end the process if a page of it is lost.
    lent: OnceLock<Lent>,
    /// The same, to become zeros then.
    twin: OnceLock<Twin>,
    /// The first byte of a page that was lost so, before the bytes moved.
    lost: Option<u64>,
    pub(crate) source: Source,
}

/// The pages of a file once more, for borrowers to whom lost ones become zeros. What is copied in and
/// out is the other mapping, of which no page is ever replaced.
struct Twin {
    lent: Lent,
    pages: Pages,
}

/// Memory that the guard copies from: the whole mapping, or nothing where a fault would end the
/// process, or where there is no mapping.
#[derive(Clone, Copy)]
pub(crate) struct Guarded {
    pub(crate) first: *mut u8,
    pub(crate) len: usize,
}

// SAFETY: it is the address of a mapping, which belongs to no thread; it is only given to the guard,
// whose accesses may come from all threads at once.
unsafe impl Send for Guarded {}

// SAFETY: as above.
unsafe impl Sync for Guarded {}

impl Guarded {
    const NOTHING: Self = Self { first: std::ptr::null_mut(), len: 0 };
}

pub(crate) enum Source {
    File(Mapped),
    /// Bytes that were read instead.
    Held(Held),
}

/// A part of a file.
pub(crate) struct Mapped {
    /// Nothing for a length of 0, which `mmap` refuses, unless addresses are reserved.
    /// Nothing, too, if the file is read instead, as the system maps none of it.
    pub(crate) pages: Option<Pages>,
    pub(crate) origin: Origin,
    /// Bytes from the start of the file to the first mapped one.
    pub(crate) offset: u64,
    pub(crate) is_sparse: bool,
    /// Whether it was made to write to the file. It may be read-only since.
    pub(crate) reaches_file: bool,
    /// Private edits.
    pub(crate) overlay: Option<Overlay>,
    durable: Durable,
}

impl Live {
    pub(crate) fn map(file: &Arc<File>, request: &Request, is_guarded: bool) -> Result<Self> {
        let (len, mode) = (request.len(), request.mode());
        let pages = match len {
            0 => None,
            _ => show(file, request.offset(), len, mode, request.needs_mapping())?,
        };
        let overlay = match mode {
            Mode::CopyOnWrite if len > 0 => {
                Some(Overlay::new(pages::lead_of(request.offset()), len)?)
            }
            _ => None,
        };
        let directory = match request.created().map(Directory::of) {
            Some(opened) => {
                opened.map_err(|error| refuse(Op::Create, ErrorKind::from_io(error, mode)))?
            }
            None => None,
        };
        let is_mapped = is_guarded && (pages.is_some() || len == 0);
        let mapped = Mapped {
            pages,
            origin: Origin::of(file, request, is_mapped),
            offset: request.offset(),
            is_sparse: request.is_sparse(),
            reaches_file: mode.reaches_file(),
            overlay,
            durable: Durable::new(directory),
        };
        let mut live = Self {
            guarded: Guarded::NOTHING,
            readable_len: 0,
            writable_len: 0,
            len,
            mode,
            is_guarded,
            lent: OnceLock::new(),
            twin: OnceLock::new(),
            lost: None,
            source: Source::File(mapped),
        };
        live.look_again();
        Ok(live)
    }

    pub(crate) fn hold(bytes: Vec<u8>, mode: Mode) -> Self {
        let held = Held::new(bytes);
        let len = held.len();
        let mut live = Self {
            guarded: Guarded::NOTHING,
            readable_len: 0,
            writable_len: 0,
            len,
            mode,
            is_guarded: true,
            lent: OnceLock::new(),
            twin: OnceLock::new(),
            lost: None,
            source: Source::Held(held),
        };
        live.look_again();
        live
    }

    /// Lends no more of what is about to move: whoever borrowed it has given it back.
    fn take_back(&mut self) {
        self.lost = self.lost_byte();
        self.lent = OnceLock::new();
        self.twin = OnceLock::new();
    }

    /// Finds out where the bytes are, after they moved or the mode changed.
    fn look_again(&mut self) {
        let is_edited;
        (self.guarded, is_edited) = match &self.source {
            Source::Held(held) => (Guarded { first: held.first(), len: held.len() }, false),
            // Should fewer be shown than there are, the others are read from the file.
            Source::File(Mapped { pages: Some(pages), overlay, .. })
                if self.is_guarded && pages.len() >= self.len =>
            {
                (Guarded { first: pages.first(), len: self.len }, overlay.is_some())
            }
            Source::File(_) => (Guarded::NOTHING, false),
        };
        // Private edits are elsewhere.
        self.readable_len = if is_edited { 0 } else { self.guarded.len };
        self.writable_len = if self.mode.writes() { self.readable_len } else { 0 };
    }

    /// The memory where the bytes are, in one piece, known to the handler as lent.
    pub(crate) fn lend(&self, on_lost: OnLostPage) -> Result<(*const u8, usize)> {
        let (mapped, pages) = match &self.source {
            Source::Held(held) => return Ok((held.first(), held.len())),
            Source::File(Mapped { overlay: Some(_), .. }) => {
                let what = "borrowing private edits, which are in pieces; `detach` them";
                return Err(refuse(Op::Read, unsupported(what)));
            }
            Source::File(_) if self.len == 0 => return Ok((std::ptr::dangling(), 0)),
            Source::File(Mapped { pages: None, .. }) => {
                let what = "borrowing a file that the system does not map; `detach` it";
                return Err(refuse(Op::Read, unsupported(what)));
            }
            Source::File(mapped @ Mapped { pages: Some(pages), .. }) => (mapped, pages),
        };
        // Elsewhere no page is ever replaced.
        if on_lost == OnLostPage::Zeros && cfg!(target_os = "linux") {
            let first = self.twin(mapped, pages)?.pages.first();
            return Ok((first, self.len));
        }
        self.lent.get_or_init(|| {
            // SAFETY: 1. the pages are all the mapping's and stay mapped until they move, before
            // which `take_back` takes this away, or the end of `self`, whose fields end in this
            // order. 2. References are made by the caller afterwards and live no longer than the
            // borrow of `self`. 3. It is not `Zeros`.
            unsafe { Lent::new(pages.first(), self.len, on_lost) }
        });
        Ok((pages.first(), self.len))
    }

    /// The pages that are lent to become zeros where they are lost.
    fn twin(&self, mapped: &Mapped, pages: &Pages) -> Result<&Twin> {
        if let Some(twin) = self.twin.get() {
            return Ok(twin);
        }
        let again = match pages.view() {
            View::Shared => pages.again(),
            // The system shows no private pages twice.
            View::Private => mapped.origin.open(Some(pages)).and_then(|file| {
                let (view, access) = (View::Private, Access::Read);
                Pages::map_as(view, &file, mapped.offset, self.len, access)
            }),
        };
        let again = again.map_err(|error| {
            let kind = match Errno::from_io_error(&error) {
                Some(Errno::AGAIN) => system::why_not_locked(error, widen(self.len)),
                _ => refusal(error, self.len, Mode::Read),
            };
            refuse(Op::Map, kind)
        })?;
        // Should another thread be faster, this is unmapped again.
        Ok(self.twin.get_or_init(|| {
            // SAFETY: 1. the pages are all the mapping's and stay mapped as long as `Twin`, whose
            // fields end in this order. 2. As in `lend`. 3. The caller answers for the zeros
            // (`AssumeFrozen`); nothing writes to these pages, which are mapped to be read.
            let lent = unsafe { Lent::new(again.first(), self.len, OnLostPage::Zeros) };
            Twin { lent, pages: again }
        }))
    }

    /// The first byte of a page that was lost while it was lent.
    pub(crate) fn lost_byte(&self) -> Option<u64> {
        let lent = [self.lent.get(), self.twin.get().map(|twin| &twin.lent)];
        let now = lent.into_iter().filter_map(|lent| lent?.lost()).min();
        now.map(widen).into_iter().chain(self.lost).min()
    }

    /// Reads what is too long to be copied in line, or not as it should be.
    #[inline(never)]
    fn read_long(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        if let Some(start) = place(offset, out.len(), self.readable_len) {
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

    /// How its bytes are reached.
    pub(crate) fn access(&self) -> memmap_core::Access {
        use memmap_core::Access;
        match &self.source {
            Source::File(_) if self.len > 0 && self.guarded.len == 0 => Access::Read,
            Source::File(Mapped { pages: Some(pages), .. }) if pages.view() == View::Private => {
                Access::MappedPrivately
            }
            _ => Access::Mapped,
        }
    }

    /// Whether the system maps the file; of no bytes there is nothing to map.
    pub(crate) fn is_shown(&self) -> bool {
        self.len == 0 || !matches!(self.source, Source::File(Mapped { pages: None, .. }))
    }

    /// The file and the place of a range in the mapping, if a file is what it shows.
    fn ranged(&self, op: Op, offset: u64, len: u64) -> Result<Option<(&Mapped, Range<usize>)>> {
        let window = window(op, offset, len, self.len)?;
        Ok(match &self.source {
            Source::File(mapped) if !window.is_empty() => Some((mapped, window)),
            _ => None,
        })
    }

    /// The pages of a range, if there are any.
    fn paged(&self, op: Op, offset: u64, len: u64) -> Result<hints::Paged<'_>> {
        let ranged = self.ranged(op, offset, len)?;
        Ok(ranged.and_then(|(mapped, window)| Some((mapped.pages.as_ref()?, window))))
    }
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

pub(crate) fn refuse(op: Op, kind: ErrorKind) -> Error {
    Error::new(op, kind)
}

pub(crate) const fn unsupported(what: &'static str) -> ErrorKind {
    ErrorKind::Unsupported { backend: <Posix as memmap_core::Backend>::NAME, what }
}

/// Of a file system that maps no file so that it can be written to.
pub(crate) const fn maps_nothing() -> ErrorKind {
    unsupported(
        "mapping files of this file system for writing; map it with mode \"r\" or \"c\", or copy the \
         file to a local disk",
    )
}

/// Says in our words what `mmap` answered.
pub(crate) fn refusal(error: io::Error, len: usize, mode: Mode) -> ErrorKind {
    match Errno::from_io_error(&error) {
        Some(Errno::NOMEM) => ErrorKind::OutOfMemory { len: widen(len) },
        Some(Errno::NODEV) => maps_nothing(),
        _ => ErrorKind::from_io(error, mode),
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
        if let Some(start) = place(offset, out.len(), self.readable_len) {
            let from = self.guarded.first.wrapping_add(start);
            // SAFETY: 1. `place` put the range within the mapping, which stays mapped while `self`
            // is borrowed. 2. Its address never leaves this crate, which gives it to the guard
            // alone.
            if unsafe { memmap_guard::quick_copy_out(from, out) } {
                return Ok(());
            }
        }
        // Called last, so that what is above needs no room on the stack.
        self.read_long(offset, out)
    }

    #[inline]
    fn quick_load(&self, offset: u64, len: usize) -> Option<[u8; 8]> {
        let start = place(offset, len, self.readable_len)?;
        // SAFETY: as in `read_into`.
        unsafe { memmap_guard::quick_load(self.guarded.first.wrapping_add(start), len) }
    }

    fn in_place(&self, offset: u64, len: usize) -> Option<InPlace<'_>> {
        let start = place(offset, len, self.readable_len)?;
        let first = self.guarded.first.wrapping_add(start);
        // SAFETY: as in `read_into`; the answer borrows `self`.
        Some(unsafe { memmap_guard::in_place(first, len) })
    }

    fn read_some(&self, offset: u64, out: &mut [u8]) -> Result<Partial> {
        let start = checked(offset, out.len(), self.len)?;
        match &self.source {
            // SAFETY: `checked` put `start + out.len()` within the mapped `len` bytes.
            Source::File(mapped) => Ok(unsafe { mapped.load(self.guarded, start, out) }),
            Source::Held(held) => {
                // SAFETY: `checked` put the range within the memory held, which lives as long as the
                // borrow of `self`.
                let loaded =
                    unsafe { memmap_guard::copy_out(held.first().wrapping_add(start), out) };
                Ok(match loaded {
                    Ok(()) => Partial { len: out.len(), stopped: None },
                    Err(fault) => {
                        let kind = ErrorKind::BufferLost { at: widen(fault.moved) };
                        Partial { len: fault.moved, stopped: Some(refuse(Op::Read, kind)) }
                    }
                })
            }
        }
    }

    fn next_readable(&self, offset: u64) -> u64 {
        // Pages are counted from the start of the file.
        let page = widen(pages::page_size());
        let before = match &self.source {
            Source::File(mapped) => mapped.offset,
            Source::Held(_) => 0,
        };
        let position = before.saturating_add(offset).saturating_add(1);
        position.checked_next_multiple_of(page).unwrap_or(u64::MAX).saturating_sub(before)
    }

    fn name(&self) -> &'static str {
        <Posix as memmap_core::Backend>::NAME
    }

    fn mode(&self) -> Mode {
        self.mode
    }

    #[inline]
    fn write_from(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        self.write_shared(offset, bytes)
    }

    fn fill(&mut self, offset: u64, len: u64, byte: u8) -> Result<()> {
        self.fill_shared(offset, len, byte)
    }

    fn write_back(&self, offset: u64, len: u64) -> Result<()> {
        match self.ranged(Op::Sync, offset, len)? {
            Some((mapped, window)) if mapped.reaches_file => {
                mapped.durable.write_back(mapped, &window)
            }
            _ => Ok(()),
        }
    }

    fn sync(&self, offset: u64, len: u64) -> Result<()> {
        let ranged = self.ranged(Op::Sync, offset, len)?;
        match &self.source {
            Source::File(mapped) if mapped.reaches_file => {
                mapped.durable.sync(mapped, ranged.map(|(_, window)| window).as_ref(), Op::Sync)
            }
            _ => Ok(()),
        }
    }

    fn resize(&mut self, len: u64) -> Result<()> {
        let mode = self.mode;
        let new = memmap_core::addressable(len).map_err(|kind| refuse(Op::Resize, kind))?;
        if new == self.len {
            return Ok(());
        }
        self.take_back();
        match &mut self.source {
            Source::File(mapped) if mode != Mode::CopyOnWrite && mapped.overlay.is_none() => {
                let resized = mapped.resize(self.len, new, mode);
                if resized.is_ok() {
                    self.len = new;
                }
                // The bytes may be elsewhere now, also if they are as many as they were.
                self.look_again();
                resized
            }
            Source::File(_) => {
                let what = "resizing private edits; `detach` them, and resize that";
                Err(refuse(Op::Resize, unsupported(what)))
            }
            Source::Held(_) => {
                let what = "resizing what was read into memory; `detach` it, and resize that";
                Err(refuse(Op::Resize, unsupported(what)))
            }
        }
    }

    fn reserve(&mut self, len: u64) -> Result<()> {
        let mode = self.mode;
        let most = memmap_core::addressable(len).map_err(|kind| refuse(Op::Reserve, kind))?;
        if most > self.len {
            self.take_back();
        }
        if let Source::File(mapped) = &mut self.source
            && mode != Mode::CopyOnWrite
            && mapped.overlay.is_none()
            && most > self.len
        {
            mapped.reserve(self.len, most, mode)?;
            self.look_again();
        }
        Ok(())
    }

    fn protect(&mut self) -> Result<()> {
        if let Source::File(Mapped { pages: Some(pages), .. }) = &mut self.source {
            pages.protect().map_err(|error| refuse(Op::Protect, ErrorKind::Os(error)))?;
        }
        self.mode = Mode::Read;
        self.look_again();
        Ok(())
    }

    fn advise(&self, offset: u64, len: u64, advice: Advice) -> Result<()> {
        match self.ranged(Op::Advise, offset, len)? {
            Some((mapped, window)) => {
                if let Some(pages) = &mapped.pages {
                    hints::advise(pages, &window, advice, true)?;
                }
                if advice != Advice::Evict {
                    return Ok(());
                }
                let file = mapped
                    .origin
                    .open(mapped.pages.as_ref())
                    .map_err(|error| refuse(Op::Advise, ErrorKind::from_io(error, self.mode)))?;
                hints::evict(&file, mapped.offset, &window)
            }
            None => Ok(()),
        }
    }

    fn prefault(&self, offset: u64, len: u64) -> Result<()> {
        hints::prefault(self, self.paged(Op::Prefault, offset, len)?)
    }

    fn lock_in_ram(&self, offset: u64, len: u64) -> Result<()> {
        hints::lock_in_ram(self, self.paged(Op::Prefault, offset, len)?, len)
    }

    fn unlock_from_ram(&self, offset: u64, len: u64) -> Result<()> {
        hints::unlock_from_ram(self.paged(Op::Prefault, offset, len)?)
    }

    fn resident(&self, offset: u64, len: u64) -> Result<Vec<Range<u64>>> {
        hints::resident(self.paged(Op::Query, offset, len)?, offset..offset.saturating_add(len))
    }

    fn extents(&self, offset: u64, len: u64) -> Result<Vec<Extent>> {
        match self.ranged(Op::Query, offset, len)? {
            Some((mapped, window)) => hints::extents(mapped, &window),
            None if len == 0 => Ok(Vec::new()),
            None => Ok(vec![Extent::Data(offset..offset.saturating_add(len))]),
        }
    }

    fn lock_file(&self, kind: LockKind) -> Result<()> {
        let file = self.file()?;
        loop {
            let locked = match kind {
                LockKind::Shared => file.lock_shared(),
                LockKind::Exclusive => file.lock(),
            };
            match locked {
                Ok(()) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(refuse(Op::Lock, ErrorKind::Os(error))),
            }
        }
    }

    fn try_lock_file(&self, kind: LockKind) -> Result<bool> {
        let file = self.file()?;
        let locked = match kind {
            LockKind::Shared => file.try_lock_shared(),
            LockKind::Exclusive => file.try_lock(),
        };
        match locked {
            Ok(()) => Ok(true),
            Err(std::fs::TryLockError::WouldBlock) => Ok(false),
            Err(std::fs::TryLockError::Error(error)) => Err(refuse(Op::Lock, ErrorKind::Os(error))),
        }
    }

    fn unlock_file(&self) -> Result<()> {
        self.file()?.unlock().map_err(|error| refuse(Op::Lock, ErrorKind::Os(error)))
    }

    fn close(&mut self) -> Result<()> {
        match &self.source {
            Source::File(mapped) if mapped.reaches_file => {
                let all = (self.len > 0).then_some(0..self.len);
                mapped.durable.sync(mapped, all.as_ref(), Op::Close)
            }
            _ => Ok(()),
        }
    }
}

impl Live {
    /// The file, to lock it: locks belong to an open file, so it is one of this map alone.
    fn file(&self) -> Result<&File> {
        match &self.source {
            Source::File(mapped) => {
                let own = mapped.origin.own(mapped.pages.as_ref(), mapped.reaches_file);
                own.map_err(|error| refuse(Op::Lock, ErrorKind::from_io(error, self.mode)))
            }
            Source::Held(_) => {
                let what = "a lock on what was read into memory; lock the file itself";
                Err(refuse(Op::Lock, unsupported(what)))
            }
        }
    }
}

#[expect(clippy::missing_fields_in_debug, reason = "what is left out are addresses")]
impl fmt::Debug for Live {
    /// No address, which is nobody's business.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live")
            .field("len", &self.len)
            .field("mode", &self.mode)
            .field("access", &self.access())
            .field("is_read_into_memory", &matches!(self.source, Source::Held(_)))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use memmap_core::{Backend, MapOptions, MemMap};

    use super::*;

    /// Maps files as on a system without a guard.
    #[derive(Debug)]
    struct Unguarded;

    impl Backend for Unguarded {
        type Mapping = Live;

        const NAME: &'static str = Posix::NAME;

        fn map(&self, file: &Arc<File>, request: &Request) -> Result<Live> {
            Live::map(file, request, false)
        }

        fn hold(&self, bytes: Vec<u8>, mode: Mode) -> Live {
            Posix.hold(bytes, mode)
        }

        fn again(&self, file: &File, mode: Mode) -> io::Result<File> {
            Posix.again(file, mode)
        }

        fn inspect(&self, file: &File) -> io::Result<memmap_core::Found> {
            Posix.inspect(file)
        }
    }

    fn unguarded(bytes: &[u8], mode: Mode) -> MemMap<Live> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(&file, bytes).unwrap();
        MapOptions::new(Unguarded).mode(mode).open(file.path()).unwrap()
    }

    memmap_core::mapping_laws!(read_by_pread, |bytes| unguarded(bytes, Mode::Read));
    memmap_core::writing_laws!(written_by_pwrite, |bytes| unguarded(bytes, Mode::ReadWrite));
    memmap_core::sizing_laws!(resized_without_a_guard, |bytes| unguarded(bytes, Mode::ReadWrite));

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

    #[test]
    fn a_write_without_a_guard_never_makes_the_file_longer() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(&file, [7; 10_000]).unwrap();
        let options = MapOptions::new(Unguarded).mode(Mode::ReadWrite);
        let mut mm = options.open(file.path()).unwrap();
        file.as_file().set_len(5_000).unwrap();
        let error = mm.write_at(4_000, &[1; 2_000]).unwrap_err();
        let &ErrorKind::Truncated { offset, needed, now } = error.kind() else {
            panic!("{error:?}")
        };
        assert_eq!((offset, needed, now), (5_000, 6_000, 5_000));
        assert_eq!(fs::read(&file).unwrap(), [7; 5_000]);
    }

    #[test]
    fn a_map_for_writing_shares_no_file_that_was_opened_for_reading() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(&file, [7; 10_000]).unwrap();
        let open = |mode| MapOptions::new(Unguarded).mode(mode).open_file(file.as_file()).unwrap();
        let (read, mut written) = (open(Mode::Read), open(Mode::ReadWrite));
        written.write_at(5_000, b"new").unwrap();
        written.resize(20_000).unwrap();
        written.close().unwrap();
        assert_eq!(read.read_at(4_999, 5).unwrap(), b"\x07new\x07");
    }

    memmap_core::mapping_laws!(private_without_a_guard, |bytes| unguarded(
        bytes,
        Mode::CopyOnWrite
    ));
    memmap_core::writing_laws!(edited_without_a_guard, |bytes| unguarded(bytes, Mode::CopyOnWrite));
    memmap_core::sharing_laws!(private_cells_without_a_guard, |bytes| {
        unguarded(bytes, Mode::CopyOnWrite)
    });

    #[test]
    fn atomic_cells_of_a_shared_file_are_unsupported_without_a_guard() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(&file, [7; 100]).unwrap();
        let open = |mode| MapOptions::new(Unguarded).mode(mode).open(file.path());
        let mut mm = open(Mode::ReadWrite).unwrap();
        let error = mm.cells().fetch_add(0, 1_u64).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Unsupported { .. }));
        mm.cells().set(3, 5_u32).unwrap();
        assert_eq!(mm.get::<u32>(3).unwrap(), 5);
    }
}
