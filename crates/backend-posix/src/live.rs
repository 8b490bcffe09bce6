use std::fmt;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use memmap_core::{
    Advice, DefaultBackend, Directory, ErrorKind, Extent, LockKind, Mapping, Mode, Op, Partial,
    Request, Result, Share, checked, place, widen,
};
use memmap_guard::{InPlace, RegisteredRange};

use crate::durable::Durable;
use crate::held::Held;
use crate::lending::Twin;
use crate::mapped::{self, Mapped};
use crate::origin::Origin;
use crate::overlay::Overlay;
use crate::pages;
use crate::refusal::{refuse, unsupported};
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
/// holes are. If it cannot be found any more, a lost byte is [`Lost`](ErrorKind::Lost) without a reason. A
/// file of a server (NFS, FUSE) is held open, as only the server knows which file has its number next.
///
/// Locks of `fcntl(2)` that this process holds on a file are lost whenever it closes the file: so when a map
/// is opened that holds no descriptor, and when it asks its file again.
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
    pub(crate) lent: OnceLock<RegisteredRange>,
    /// The same, to become zeros then.
    pub(crate) twin: OnceLock<Twin>,
    /// The first byte of a page that was lost so, before the bytes moved.
    pub(crate) lost: Option<u64>,
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

impl Live {
    pub(crate) fn map(file: &Arc<File>, request: &Request, is_guarded: bool) -> Result<Self> {
        let (len, mode) = (request.len(), request.mode());
        let pages = match len {
            0 => None,
            _ => mapped::show(file, request.offset(), len, mode, request.needs_mapping())?,
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
        let is_mapped = is_guarded && pages.is_some();
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

    /// Finds out where the bytes are, after they moved or the mode changed.
    pub(crate) fn look_again(&mut self) {
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
                    self.require_shown(pages, Op::Advise)?;
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
        self.require_mapped(
            Op::Prefault,
            "locking a file that the system does not map; `detach` it",
        )?;
        hints::lock_in_ram(self, self.paged(Op::Prefault, offset, len)?, len)
    }

    fn unlock_from_ram(&self, offset: u64, len: u64) -> Result<()> {
        hints::unlock_from_ram(self.paged(Op::Prefault, offset, len)?)
    }

    fn resident(&self, offset: u64, len: u64) -> Result<Vec<Range<u64>>> {
        let what = "saying which bytes of a file are in memory that the system does not map";
        self.require_mapped(Op::Query, what)?;
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
