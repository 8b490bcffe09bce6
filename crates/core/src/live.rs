use std::fmt;
use std::fs::File;
use std::ops::Range;
use std::sync::Arc;

use memmap_guard::{Backing, Guarded, InPlace, Memory};

use crate::contract::{FileHandle, Pages, Part, System, View};
use crate::range::window;
use crate::{
    Access, Advice, Directory, Error, ErrorKind, Extent, FileInfo, FileKind, Identity, LockKind,
    MapRequest, Mapping, Mode, Op, Partial, Result, checked, paging, widen,
};

mod cells;
mod durable;
mod expose;
mod fault;
mod files;
mod lend;
mod load;
mod mapped;
mod resize;
mod store;
mod stored;

use durable::Durable;
use mapped::Mapped;

pub use resize::require_resizable;

/// The bytes of a file that anyone may change or truncate at any time.
///
/// Bytes are copied out and in, and never lent. If bytes were lost since the file was mapped, an access
/// to them is an error that says which and why. The file may be renamed or removed.
///
/// # Platform
/// Linux on x86-64 and aarch64, Windows on x86-64: copies are guarded, so that a lost page becomes an
/// error. Elsewhere the file is read and written by system calls, which is correct and slower, and
/// atomic integers of a shared file are [`Unsupported`](ErrorKind::Unsupported).
///
/// Linux: if a file ends within a page, the rest of that page reads as zeros, and writes to the rest are
/// lost. A truncation within a page is therefore noticed only from the next page on. A file that the
/// system does not map is read by `pread(2)` in mode `r`: on a file system without mappings, or if the
/// process ran out of addresses or mappings.
///
/// Windows: while anybody has a file mapped, nobody can truncate it, and no other file can take its
/// name. For private edits (mode `c`) the system reserves as much memory, or space in the paging file,
/// as all of them could need. Without a guard they are unsupported.
///
/// # Cost
/// Address space. POSIX: a map for writing holds a descriptor, and so does one that reads its file by
/// system calls. Other maps open the file again briefly when they need it: to find out why a page is
/// lost, or where the holes are. If the file cannot be found any more, a lost byte is
/// [`Lost`](ErrorKind::Lost) without a reason. A file on a server (NFS, FUSE) is held open, because only
/// the server knows which file gets its inode number next. Locks of `fcntl(2)` that this process holds
/// on a file are lost whenever it closes the file: when a map is opened that holds no descriptor, and
/// when such a map opens its file again. Windows: two handles.
///
/// # Source
/// mmap(2). `CreateFileMapping`, `MapViewOfFile`.
pub struct Live<S: System> {
    /// Everything that a successful read accesses.
    memory: Guarded<Backing<S::Pages>>,
    len: usize,
    mode: Mode,
    /// Whether a fault in a page of the file is handled.
    is_guarded: bool,
    /// `None` if the bytes were read into memory instead.
    file: Option<Mapped<S>>,
    /// The file that they were read from, as it was.
    read_from: Option<Box<FileInfo>>,
}

impl<S: System> Live<S> {
    /// Maps the file of a checked request. `is_guarded` says whether a fault in a page is handled.
    ///
    /// # Errors
    /// Errors of the system.
    #[doc(hidden)]
    pub fn map(file: &Arc<File>, request: &MapRequest, is_guarded: bool) -> Result<Self> {
        let (len, mode) = (request.len(), request.mode());
        let edits = match mode {
            Mode::CopyOnWrite if len > 0 => S::edits(request, is_guarded)?.map(Box::new),
            _ => None,
        };
        let pages = if len == 0 { None } else { S::show(file, request)? };
        let directory = match request.created().map(Directory::of) {
            Some(opened) => {
                opened.map_err(|error| Self::refuse(Op::Create, ErrorKind::from_io(error, mode)))?
            }
            None => None,
        };
        let mapped = Mapped {
            handle: S::handle(file, request, is_guarded && pages.is_some()),
            offset: request.offset(),
            is_sparse: request.is_sparse(),
            reaches_file: mode.reaches_file(),
            edits,
            durable: Durable::new(directory),
        };
        let memory = Guarded::new(Backing::of(pages));
        let mut live = Self { memory, len, mode, is_guarded, file: Some(mapped), read_from: None };
        live.look_again();
        Ok(live)
    }

    /// A map of bytes that were read into memory instead, from a file that was as `read_from` says.
    #[must_use]
    #[doc(hidden)]
    pub fn from_bytes(bytes: Vec<u8>, mode: Mode, read_from: Option<FileInfo>) -> Self {
        let len = bytes.len();
        let memory = Guarded::new(Backing::heap(bytes));
        let read_from = read_from.map(Box::new);
        let mut live = Self { memory, len, mode, is_guarded: true, file: None, read_from };
        live.look_again();
        live
    }

    /// Updates the guard after the bytes moved or the mode changed.
    fn look_again(&mut self) {
        let edits = self.file.as_ref().and_then(|mapped| mapped.edits.as_ref());
        let is_apart = self.file.as_ref().is_some_and(|mapped| mapped.edits_apart().is_some());
        // If fewer bytes are mapped than the map has, the others are read from the file.
        let allowed = if self.is_guarded { self.len } else { 0 };
        let writes = self.mode.writes() && edits.is_none();
        self.memory.allow(allowed, !is_apart, writes, self.mode.writes());
    }

    fn refuse(op: Op, kind: ErrorKind) -> Error {
        Error::new(op, kind)
    }

    fn unsupported(what: &'static str) -> ErrorKind {
        ErrorKind::unsupported(S::NAME, what)
    }

    fn pages(&self) -> Option<&S::Pages> {
        self.memory.memory().pages.as_ref()
    }

    /// The file and its pages; `None` for bytes that were read into memory.
    #[doc(hidden)]
    pub fn view(&self) -> Option<View<'_, S>> {
        let Mapped { handle, offset, reaches_file, edits, .. } = self.file.as_ref()?;
        Some(View {
            pages: self.pages(),
            handle,
            offset: *offset,
            len: self.len,
            reaches_file: *reaches_file,
            has_edits: edits.is_some(),
        })
    }

    /// The guarded memory of the bytes, for callers that take responsibility for accessing it.
    #[doc(hidden)]
    pub fn memory(&self) -> &Guarded<Backing<S::Pages>> {
        &self.memory
    }

    /// Takes the bytes that were read into memory; `None` if there is a file.
    pub(crate) fn take_bytes(&mut self) -> Option<Vec<u8>> {
        let bytes = self.file.is_none().then(|| self.memory.change(Backing::take_heap))?;
        self.len = 0;
        Some(bytes)
    }

    /// How the map reaches its bytes.
    #[doc(hidden)]
    pub fn access(&self) -> Access {
        match &self.file {
            Some(_) if self.len > 0 && self.memory.is_empty() => Access::Read,
            Some(_) if self.pages().is_some_and(Pages::is_private) => Access::MappedPrivately,
            _ => Access::Mapped,
        }
    }

    /// Whether the system maps the file. An empty map needs no mapping.
    #[doc(hidden)]
    pub fn is_shown(&self) -> bool {
        self.len == 0 || self.file.is_none() || self.pages().is_some()
    }

    /// Refuses an operation on pages if the file has none.
    fn require_mapped(&self, op: Op, what: &'static str) -> Result<()> {
        if self.is_shown() { Ok(()) } else { Err(Self::refuse(op, Self::unsupported(what))) }
    }

    /// The file and a checked range of the mapping; `None` without a file and for an empty range.
    fn ranged(&self, op: Op, offset: u64, len: u64) -> Result<Option<(&Mapped<S>, Range<usize>)>> {
        let window = window(op, offset, len, self.len)?;
        Ok(match &self.file {
            Some(mapped) if !window.is_empty() => Some((mapped, window)),
            _ => None,
        })
    }

    /// The pages of a range, if there are any.
    fn paged(&self, op: Op, offset: u64, len: u64) -> Result<paging::Paged<'_, S::Pages>> {
        let Some((_, window)) = self.ranged(op, offset, len)? else { return Ok(None) };
        let Some(pages) = self.pages() else { return Ok(None) };
        self.require_shown(op)?;
        Ok(Some((pages, window)))
    }

    /// Refuses if fewer bytes are mapped than the map has. That happens if the file could neither be
    /// truncated nor mapped again as it was, because mappings ran out. Its bytes are then read from the
    /// file, and the addresses after the mapped ones may belong to anybody.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`].
    #[doc(hidden)]
    pub fn require_shown(&self, op: Op) -> Result<()> {
        if self.pages().is_none_or(|pages| pages.len() >= self.len) {
            return Ok(());
        }
        Err(Self::refuse(op, ErrorKind::OutOfMemory { len: widen(self.len) }))
    }

    /// Changes the mapped part of the file; `None` if there is no file.
    #[doc(hidden)]
    pub fn change<T>(&mut self, act: impl FnOnce(Part<'_, S>) -> T) -> Option<T> {
        let mode = self.mode;
        let Mapped { handle, offset, is_sparse, reaches_file, edits, .. } = self.file.as_mut()?;
        let (offset, len, is_sparse) = (*offset, self.len, *is_sparse);
        let (reaches_file, has_edits) = (*reaches_file, edits.is_some());
        let changed = self.memory.change(|Backing { pages, .. }| {
            act(Part { pages, handle, offset, len, mode, is_sparse, reaches_file, has_edits })
        });
        // The bytes may be at other addresses now, even if their number is the same.
        self.look_again();
        Some(changed)
    }

    /// The slow path of a read: a long range, or one where the quick path failed.
    #[inline(never)]
    fn read_long(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        if let Some(Ok(())) = self.memory.try_copy_out(offset, out) {
            return Ok(());
        }
        // Out of bounds, without a guard, or lost.
        match self.read_some(offset, out)?.stopped {
            None => Ok(()),
            Some(error) => Err(error),
        }
    }

    /// The file, for locking it.
    fn locked(&self) -> Result<&Mapped<S>> {
        self.file.as_ref().ok_or_else(|| {
            let what = "a lock on what was read into memory; lock the file itself";
            Self::refuse(Op::Lock, Self::unsupported(what))
        })
    }
}

impl<S: System> Mapping for Live<S> {
    #[inline]
    fn len(&self) -> u64 {
        widen(self.len)
    }

    #[inline]
    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        if self.memory.quick_copy_out(offset, out) {
            return Ok(());
        }
        // A tail call, so that the quick path needs no stack frame.
        self.read_long(offset, out)
    }

    #[inline]
    fn load(&self, offset: u64, len: usize) -> Option<[u8; 8]> {
        self.memory.quick_load(offset, len)
    }

    fn in_place(&self, offset: u64, len: usize) -> Option<InPlace<'_>> {
        self.memory.in_place(offset, len)
    }

    fn identity(&self) -> Option<Identity> {
        let Some(mapped) = &self.file else { return Some(self.read_from.as_ref()?.version()) };
        let found = mapped.handle.with(self.pages(), |file| S::default().inspect(file));
        // The times of a device are those of its name, not of its bytes.
        let found = found.ok()?.ok().filter(|found| found.kind == FileKind::Regular);
        Some(found?.version())
    }

    fn read_some(&self, offset: u64, out: &mut [u8]) -> Result<Partial> {
        let start = checked(offset, out.len(), self.len)?;
        if let Some(mapped) = &self.file {
            return Ok(mapped.load(&self.memory, start, out));
        }
        Ok(match self.memory.copy_out(start, out) {
            Ok(()) => Partial { len: out.len(), stopped: None },
            Err(fault) => {
                let kind = ErrorKind::BufferLost { at: widen(fault.moved) };
                Partial { len: fault.moved, stopped: Some(Self::refuse(Op::Read, kind)) }
            }
        })
    }

    fn next_readable(&self, offset: u64) -> u64 {
        // Pages are counted from the start of the file.
        let Some(mapped) = &self.file else { return paging::next_page::<S>(0, offset) };
        if mapped.edits.is_none() {
            // After the end of a file that was cut short nothing can be read.
            let found = mapped.handle.with(self.pages(), |file| S::default().inspect(file));
            let position = mapped.offset.saturating_add(offset);
            if found.is_ok_and(|found| found.is_ok_and(|found| found.len <= position)) {
                return u64::MAX;
            }
        }
        paging::next_page::<S>(mapped.offset, offset)
    }

    fn name(&self) -> &'static str {
        S::NAME
    }

    fn mode(&self) -> Mode {
        self.mode
    }

    #[inline]
    fn write_from(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        crate::Share::write_shared(self, offset, bytes)
    }

    fn fill(&mut self, offset: u64, len: u64, byte: u8) -> Result<()> {
        crate::Share::fill_shared(self, offset, len, byte)
    }

    fn write_back(&self, offset: u64, len: u64) -> Result<()> {
        match self.ranged(Op::Sync, offset, len)? {
            Some((mapped, window)) if mapped.reaches_file => {
                mapped.write_back(&self.memory, &window)
            }
            _ => Ok(()),
        }
    }

    fn sync(&self, offset: u64, len: u64) -> Result<()> {
        let ranged = self.ranged(Op::Sync, offset, len)?;
        match &self.file {
            Some(mapped) if mapped.reaches_file => {
                mapped.sync(&self.memory, ranged.map(|(_, window)| window).as_ref(), Op::Sync)
            }
            _ => Ok(()),
        }
    }

    fn resize(&mut self, len: u64) -> Result<()> {
        let new = crate::addressable(len).map_err(|kind| Self::refuse(Op::Resize, kind))?;
        if new == self.len {
            return Ok(());
        }
        let what = match &self.file {
            None => "resizing bytes that were read into memory; resize a copy of them",
            Some(mapped) if self.mode == Mode::CopyOnWrite || mapped.edits.is_some() => {
                "resizing a map with private edits; resize a copy of it"
            }
            Some(_) => {
                let resized = self.change(|part| S::resize(part, new)).unwrap_or(Ok(()));
                if resized.is_ok() {
                    self.len = new;
                    self.look_again();
                }
                return resized;
            }
        };
        Err(Self::refuse(Op::Resize, Self::unsupported(what)))
    }

    fn reserve(&mut self, len: u64) -> Result<()> {
        let most = crate::addressable(len).map_err(|kind| Self::refuse(Op::Reserve, kind))?;
        let has_edits = self.file.as_ref().is_some_and(|mapped| mapped.edits.is_some());
        if self.file.is_none() || self.mode == Mode::CopyOnWrite || has_edits || most <= self.len {
            return Ok(());
        }
        self.change(|part| S::reserve(part, most)).unwrap_or(Ok(()))
    }

    fn protect(&mut self) -> Result<()> {
        let protected = self.memory.change(|backing| match &mut backing.pages {
            Some(pages) => pages.protect(),
            None => Ok(()),
        });
        if protected.is_ok() {
            self.mode = Mode::Read;
        }
        self.look_again();
        protected.map_err(|error| Self::refuse(Op::Protect, ErrorKind::Os(error)))
    }

    fn advise(&self, offset: u64, len: u64, advice: Advice) -> Result<()> {
        let Some((mapped, window)) = self.ranged(Op::Advise, offset, len)? else {
            return Ok(());
        };
        if let Some(pages) = self.pages() {
            self.require_shown(Op::Advise)?;
            pages.advise(&window, advice)?;
        }
        if advice != Advice::Evict {
            return Ok(());
        }
        let evicted =
            mapped.handle.with(self.pages(), |file| S::evict(file, mapped.offset, &window));
        evicted.unwrap_or_else(|error| {
            Err(Self::refuse(Op::Advise, ErrorKind::from_io(error, self.mode)))
        })
    }

    fn prefault(&self, offset: u64, len: u64) -> Result<()> {
        paging::prefault(self, offset, self.paged(Op::Prefault, offset, len)?.as_ref())
    }

    fn lock_in_ram(&self, offset: u64, len: u64) -> Result<()> {
        let what = "locking a file in memory that the system does not map; lock a copy of it";
        self.require_mapped(Op::Prefault, what)?;
        paging::lock_in_ram::<S>(self, offset, self.paged(Op::Prefault, offset, len)?, len)
    }

    fn unlock_from_ram(&self, offset: u64, len: u64) -> Result<()> {
        paging::unlock_from_ram(self.paged(Op::Prefault, offset, len)?)
    }

    fn resident(&self, offset: u64, len: u64) -> Result<Vec<Range<u64>>> {
        let what = "saying which bytes of a file are in memory that the system does not map";
        self.require_mapped(Op::Query, what)?;
        let all = offset..offset.saturating_add(len);
        paging::resident(self.paged(Op::Query, offset, len)?, all)
    }

    fn extents(&self, offset: u64, len: u64) -> Result<Vec<Extent>> {
        match self.ranged(Op::Query, offset, len)? {
            Some((mapped, window)) => mapped.extents(&self.memory, &window),
            None if len == 0 => Ok(Vec::new()),
            None => Ok(vec![Extent::Data(offset..offset.saturating_add(len))]),
        }
    }

    fn lock_file(&self, kind: LockKind) -> Result<()> {
        self.locked()?.lock(&self.memory, kind)
    }

    fn try_lock_file(&self, kind: LockKind) -> Result<bool> {
        let file = self.locked()?.file_to_lock(&self.memory)?;
        S::try_lock(file, kind).map_err(|error| Self::refuse(Op::Lock, ErrorKind::Os(error)))
    }

    fn unlock_file(&self) -> Result<()> {
        let file = self.locked()?.file_to_lock(&self.memory)?;
        S::unlock(file).map_err(|error| Self::refuse(Op::Lock, ErrorKind::Os(error)))
    }

    fn close(&mut self) -> Result<()> {
        match &self.file {
            Some(mapped) if mapped.reaches_file => {
                let all = (self.len > 0).then_some(0..self.len);
                mapped.sync(&self.memory, all.as_ref(), Op::Close)
            }
            _ => Ok(()),
        }
    }
}

#[expect(clippy::missing_fields_in_debug, reason = "what is left out are addresses")]
impl<S: System> fmt::Debug for Live<S> {
    /// Prints no address: it is an internal detail.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live")
            .field("len", &self.len)
            .field("mode", &self.mode)
            .field("access", &self.access())
            .field("is_read_into_memory", &self.file.is_none())
            .finish()
    }
}
