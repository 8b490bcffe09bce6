use std::fmt;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use memmap_core::{
    Advice, DefaultBackend, Error, ErrorKind, Extent, LockKind, Mapping, Mode, Op, Partial,
    Request, Result, Share, checked, place, widen, window,
};
use memmap_guard::{InPlace, OnLostPage};
use windows_sys::Win32::Foundation::ERROR_NOT_SUPPORTED;

use crate::durable::Durable;
use crate::edits::Edits;
use crate::held::Held;
use crate::pages::{Access, Pages};
use crate::{Windows, hints, lock, space, system};

/// The bytes of a file that anyone may change at any time.
///
/// It copies out and in and never lends. Bytes that were lost since it was made are an error that
/// says which and why. The file may be renamed or deleted. As long as it is mapped, by anybody, nobody
/// can cut it short, and no other file can take its name.
///
/// # Platform
/// x86-64: copies are guarded, so that a page which cannot be read, from a device or a network that is
/// gone, becomes an error. On other processors the file is read by `ReadFile` and written by
/// `WriteFile` instead, correct and slower, and atomic integers of a file and private edits are
/// [`Unsupported`](ErrorKind::Unsupported); [`fault_guard_status`](crate::fault_guard_status) says
/// which.
///
/// # Cost
/// Address space, and two handles while it lives. Private edits (mode `c`) have the system set aside
/// as much memory, or room in the paging file, as all of them could need.
///
/// # Source
/// `CreateFileMapping`, `MapViewOfFile`.
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
    /// Whether pages were locked into memory, ever.
    is_locked: AtomicBool,
    pub(crate) source: Source,
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
    /// Nothing for a length of 0, of which there is no section.
    pub(crate) pages: Option<Pages>,
    pub(crate) file: Arc<File>,
    /// Bytes from the start of the file to the first mapped one.
    pub(crate) offset: u64,
    pub(crate) is_sparse: bool,
    /// Whether it was made to write to the file. It may be read-only since.
    pub(crate) reaches_file: bool,
    /// Where private edits are.
    pub(crate) edits: Option<Edits>,
    durable: Durable,
}

impl Live {
    pub(crate) fn map(file: &Arc<File>, request: &Request, is_guarded: bool) -> Result<Self> {
        let (len, mode) = (request.len(), request.mode());
        let edits = (mode == Mode::CopyOnWrite).then(Edits::none);
        if edits.is_some() && !is_guarded && len > 0 {
            let what = "private edits where faults cannot be caught; read it into memory with \
                        `small_file`, or `detach` a map of mode \"r\"";
            return Err(refuse(Op::Map, unsupported(what)));
        }
        let mapped = Mapped {
            pages: map_whole(file, request)?,
            file: Arc::clone(file),
            offset: request.offset(),
            is_sparse: request.is_sparse(),
            reaches_file: mode.reaches_file(),
            edits,
            durable: Durable::new(),
        };
        let mut live = Self {
            guarded: Guarded::NOTHING,
            readable_len: 0,
            writable_len: 0,
            len,
            mode,
            is_guarded,
            is_locked: AtomicBool::new(false),
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
            is_locked: AtomicBool::new(false),
            source: Source::Held(held),
        };
        live.look_again();
        live
    }

    /// Finds out where the bytes are, after they moved or the mode changed.
    fn look_again(&mut self) {
        let is_noted;
        (self.guarded, is_noted) = match &self.source {
            Source::Held(held) => (Guarded { first: held.first(), len: held.len() }, false),
            // Should fewer be shown than there are, the others are read from the file.
            Source::File(Mapped { pages: Some(pages), edits, .. })
                if self.is_guarded && pages.len() >= self.len =>
            {
                (Guarded { first: pages.first(), len: self.len }, edits.is_some())
            }
            Source::File(_) => (Guarded::NOTHING, false),
        };
        self.readable_len = self.guarded.len;
        // Where private edits are made is noted.
        self.writable_len = if self.mode.writes() && !is_noted { self.readable_len } else { 0 };
    }

    /// The memory where the bytes are, in one piece.
    pub(crate) fn lend(&self, on_lost: OnLostPage) -> Result<(*const u8, usize)> {
        match &self.source {
            Source::Held(held) => Ok((held.first(), held.len())),
            Source::File(_) if on_lost == OnLostPage::Zeros => {
                let what = "zeros for lost pages, as a view is all the file's; use `Abort`";
                Err(refuse(Op::Read, unsupported(what)))
            }
            Source::File(Mapped { pages: Some(pages), .. }) if pages.len() >= self.len => {
                Ok((pages.first(), self.len))
            }
            Source::File(_) if self.len == 0 => Ok((std::ptr::dangling(), 0)),
            Source::File(_) => {
                let what = "borrowing what there is no view of; map the file again";
                Err(refuse(Op::Read, unsupported(what)))
            }
        }
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

/// The view that was asked for. The file may be shorter than that if it is to grow: a section does not
/// reach beyond its file, so it grows now, and is cut back if there is no view of it.
fn map_whole(file: &File, request: &Request) -> Result<Option<Pages>> {
    let (offset, len, mode) = (request.offset(), request.len(), request.mode());
    if len == 0 {
        return Ok(None);
    }
    let inspected = || file.metadata().map(|found| found.len());
    let before = inspected().map_err(|error| refuse(Op::Map, ErrorKind::Os(error)))?;
    let end = offset.saturating_add(widen(len));
    if mode.reaches_file() && before < end {
        let during = if request.created().is_some() { Op::Create } else { Op::Resize };
        let extended = space::extend(file, before, end, request.is_sparse());
        extended.map_err(|error| error.during(during))?;
    }
    Pages::map(file, offset, len, access(mode)).map(Some).map_err(|error| {
        if mode.reaches_file() && before < end {
            space::cut_back(file, end, before);
        }
        refuse(Op::Map, refusal(error, len, mode))
    })
}

pub(crate) const fn access(mode: Mode) -> Access {
    match mode {
        Mode::Read => Access::Read,
        Mode::CopyOnWrite => Access::Copy,
        Mode::ReadWrite | Mode::Create => Access::Write,
    }
}

pub(crate) fn refuse(op: Op, kind: ErrorKind) -> Error {
    Error::new(op, kind)
}

pub(crate) const fn unsupported(what: &'static str) -> ErrorKind {
    ErrorKind::Unsupported { backend: <Windows as memmap_core::Backend>::NAME, what }
}

/// Says in our words what the system answered to who asked for a view.
pub(crate) fn refusal(error: io::Error, len: usize, mode: Mode) -> ErrorKind {
    if system::is_out_of_memory(&error) {
        ErrorKind::OutOfMemory { len: widen(len) }
    } else if system::is_one_of(&error, &[ERROR_NOT_SUPPORTED]) {
        unsupported(
            "mapping files of this file system; copy the file to a local disk, or read it into \
             memory with `fallback`",
        )
    } else {
        system::refusal(error, mode)
    }
}

impl DefaultBackend for Live {
    type Backend = Windows;
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
        let page = widen(system::page_size());
        let before = match &self.source {
            Source::File(mapped) => mapped.offset,
            Source::Held(_) => 0,
        };
        let position = before.saturating_add(offset).saturating_add(1);
        position.checked_next_multiple_of(page).unwrap_or(u64::MAX).saturating_sub(before)
    }

    fn name(&self) -> &'static str {
        <Windows as memmap_core::Backend>::NAME
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
        match &mut self.source {
            Source::File(mapped) if mapped.edits.is_none() => {
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
        // A view keeps its length, so there is nothing to take.
        memmap_core::addressable(len).map_err(|kind| refuse(Op::Reserve, kind))?;
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
            Some((Mapped { pages: Some(pages), .. }, window)) => {
                let may_drop = !self.is_locked.load(Ordering::Relaxed);
                hints::advise(pages, &window, advice, may_drop);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn prefault(&self, offset: u64, len: u64) -> Result<()> {
        hints::prefault(self, self.paged(Op::Prefault, offset, len)?)
    }

    fn lock_in_ram(&self, offset: u64, len: u64) -> Result<()> {
        let range = self.paged(Op::Prefault, offset, len)?;
        self.is_locked.store(true, Ordering::Relaxed);
        hints::lock_in_ram(range, len)
    }

    fn unlock_from_ram(&self, offset: u64, len: u64) -> Result<()> {
        hints::unlock_from_ram(self.paged(Op::Prefault, offset, len)?)
    }

    fn resident(&self, offset: u64, len: u64) -> Result<Vec<Range<u64>>> {
        hints::resident(self.paged(Op::Query, offset, len)?, offset..offset.saturating_add(len))
    }

    fn extents(&self, offset: u64, len: u64) -> Result<Vec<Extent>> {
        match self.ranged(Op::Query, offset, len)? {
            Some((mapped, window)) => Ok(hints::extents(mapped, &window)),
            None if len == 0 => Ok(Vec::new()),
            None => Ok(vec![Extent::Data(offset..offset.saturating_add(len))]),
        }
    }

    fn lock_file(&self, kind: LockKind) -> Result<()> {
        lock::lock(self.file()?, kind).map_err(|error| refuse(Op::Lock, ErrorKind::Os(error)))
    }

    fn try_lock_file(&self, kind: LockKind) -> Result<bool> {
        lock::try_lock(self.file()?, kind).map_err(|error| refuse(Op::Lock, ErrorKind::Os(error)))
    }

    fn unlock_file(&self) -> Result<()> {
        lock::unlock(self.file()?).map_err(|error| refuse(Op::Lock, ErrorKind::Os(error)))
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
    /// The file, to lock it.
    fn file(&self) -> Result<&File> {
        match &self.source {
            Source::File(mapped) => Ok(&mapped.file),
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
            .field("is_guarded", &self.is_guarded)
            .field("is_read_into_memory", &matches!(self.source, Source::Held(_)))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use memmap_core::{Backend, MapOptions, MemMap};
    use windows_sys::Win32::System::Memory::{
        PAGE_NOACCESS, PAGE_READONLY, PAGE_READWRITE, PAGE_WRITECOPY, VirtualProtect,
    };

    use super::*;

    /// Maps files as on a processor without a guard.
    #[derive(Debug)]
    struct Unguarded;

    impl Backend for Unguarded {
        type Mapping = Live;

        const NAME: &'static str = Windows::NAME;

        fn map(&self, file: &Arc<File>, request: &Request) -> Result<Live> {
            Live::map(file, request, false)
        }

        fn hold(&self, bytes: Vec<u8>, mode: Mode) -> Live {
            Windows.hold(bytes, mode)
        }
    }

    /// A file of these bytes, in a directory that goes with it.
    fn file(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        fs::write(&path, bytes).unwrap();
        (dir, path)
    }

    fn unguarded(bytes: &[u8], mode: Mode) -> MemMap<Live> {
        let (_dir, path) = file(bytes);
        MapOptions::new(Unguarded).mode(mode).open(path).unwrap()
    }

    memmap_core::mapping_laws!(read_by_calls, |bytes| unguarded(bytes, Mode::Read));
    memmap_core::writing_laws!(written_by_calls, |bytes| unguarded(bytes, Mode::ReadWrite));
    memmap_core::sizing_laws!(resized_without_a_guard, |bytes| unguarded(bytes, Mode::ReadWrite));

    #[test]
    fn private_edits_and_atomic_cells_are_unsupported_without_a_guard() {
        let (_dir, path) = file(&[7; 100]);
        let open = |mode| MapOptions::new(Unguarded).mode(mode).open(&path);
        let error = open(Mode::CopyOnWrite).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Unsupported { .. }), "{error:?}");
        let mut mm = open(Mode::ReadWrite).unwrap();
        let error = mm.cells().fetch_add(0, 1_u64).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Unsupported { .. }));
        mm.cells().set(3, 5_u32).unwrap();
        assert_eq!(mm.get::<u32>(3).unwrap(), 5);
    }

    /// Forbids, or allows, all access to whole pages of a view.
    fn protect(mm: &MemMap<Live>, page: usize, protection: u32) {
        let Source::File(Mapped { pages: Some(pages), .. }) = &mm.mapping().source else {
            panic!()
        };
        let within = page.checked_mul(PAGE).unwrap();
        let (address, len) = (pages.first().wrapping_add(within), PAGE);
        let mut before = 0;
        // SAFETY: a page of the view, which only the guard accesses.
        let done = unsafe { VirtualProtect(address.cast(), len, protection, &raw mut before) };
        assert!(done != 0);
    }

    const PAGE: usize = 4096;

    /// A map of ten pages.
    fn ten_pages(mode: Mode) -> (tempfile::TempDir, Vec<u8>, MemMap<Live>) {
        let bytes = memmap_core::testing::laws::sample(40_960);
        let (dir, path) = file(&bytes);
        let mm = MapOptions::new(Windows).mode(mode).open(path).unwrap();
        (dir, bytes, mm)
    }

    #[test]
    fn a_page_that_is_inaccessible_in_the_middle_of_a_copy_is_read_from_the_file() {
        let (_dir, bytes, mm) = ten_pages(Mode::Read);
        protect(&mm, 4, PAGE_NOACCESS);
        let mut out = vec![0; 10 * PAGE - 7];
        mm.read_into(7, &mut out).unwrap();
        assert!(out == bytes[7..]);
        assert_eq!(
            mm.get::<u32>(widen(4 * PAGE) - 2).unwrap().to_le_bytes(),
            bytes[4 * PAGE - 2..][..4]
        );
        assert_eq!(mm.get::<u8>(widen(4 * PAGE)).unwrap(), bytes[4 * PAGE]);
        let partial = mm.mapping().read_some(0, &mut out).unwrap();
        assert!(partial.stopped.is_none() && partial.len == out.len());
        protect(&mm, 4, PAGE_READONLY);
        assert!(mm.read_at(0, 10 * PAGE).unwrap() == bytes);
    }

    #[test]
    fn a_write_to_an_inaccessible_page_says_where_it_stopped() {
        let (_dir, mut bytes, mut mm) = ten_pages(Mode::ReadWrite);
        protect(&mm, 4, PAGE_NOACCESS);
        for at in [4 * PAGE - 100, 4 * PAGE, 5 * PAGE - 1] {
            let error = mm.write_at(widen(at), &[7; 200]).unwrap_err();
            let first = at.max(4 * PAGE);
            let ErrorKind::Io { offset, source } = error.kind() else { panic!("{error:?}") };
            assert_eq!((*offset, error.op()), (widen(first), Op::Write));
            assert!(source.raw_os_error().is_some(), "{source}");
            bytes[at..first].fill(7);
        }
        let error = mm.fill(widen(3 * PAGE).., 9).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Io { offset, .. } if *offset == widen(4 * PAGE)));
        bytes[3 * PAGE..4 * PAGE].fill(9);
        let cells = mm.cells();
        cells.fetch_add(widen(4 * PAGE), 1_u64).unwrap_err();
        let loaded: u64 = cells.load(widen(4 * PAGE)).unwrap();
        assert_eq!(loaded.to_le_bytes(), bytes[4 * PAGE..][..8]);
        protect(&mm, 4, PAGE_READWRITE);
        assert!(mm.read_at(0, 10 * PAGE).unwrap() == bytes);
    }

    #[test]
    fn an_edited_page_that_is_inaccessible_is_not_taken_from_the_file() {
        let (_dir, bytes, mut mm) = ten_pages(Mode::CopyOnWrite);
        mm.write_at(widen(4 * PAGE), &[7; PAGE]).unwrap();
        protect(&mm, 4, PAGE_NOACCESS);
        protect(&mm, 8, PAGE_NOACCESS);
        let mut out = vec![0; 10 * PAGE];
        let partial = mm.mapping().read_some(0, &mut out).unwrap();
        assert_eq!(partial.len, 4 * PAGE);
        let error = partial.stopped.unwrap();
        assert!(matches!(error.kind(), ErrorKind::Io { offset, .. } if *offset == widen(4 * PAGE)));
        assert!(out[..4 * PAGE] == bytes[..4 * PAGE]);
        // What was never edited is.
        assert!(mm.read_at(widen(7 * PAGE), 3 * PAGE).unwrap() == bytes[7 * PAGE..]);
        protect(&mm, 4, PAGE_WRITECOPY);
        assert_eq!(mm.read_at(widen(4 * PAGE), PAGE).unwrap(), [7; PAGE]);
    }

    #[test]
    fn a_reason_of_the_system_is_told_with_its_text() {
        let cause = memmap_guard::Cause::InPage { status: 0xC000_009D };
        let fault = memmap_guard::Fault { moved: 0, address: 0, cause };
        let reason = crate::diagnose::reason(Some(fault));
        // ERROR_DEVICE_NOT_CONNECTED
        assert_eq!(reason.raw_os_error(), Some(1167), "{reason}");
    }
}
