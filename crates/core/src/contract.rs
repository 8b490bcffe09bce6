use std::fmt;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use memmap_guard::{Fault, Guarded, InPlace, Lost, Memory, OnLostPage};

use crate::disk::Disk;
use crate::{
    Advice, Backend, Error, ErrorKind, Live, LockKind, MapRequest, Mode, Op, Private, Proof,
    Proofs, Result,
};

/// The operating system's part of this crate's maps: [`Live`], [`Frozen`](crate::Frozen).
///
/// The POSIX and the Windows backend implement it; they contain all `unsafe` code for it. It is an
/// internal contract without any stability promise: nobody else implements it, and it changes with any
/// version.
pub trait System: Backend<Mapping = Live<Self>> + Default {
    /// A mapped part of a file.
    type Pages: Pages;
    /// The file of a map: open, or known well enough to be opened again.
    type Handle: FileHandle<Self::Pages>;
    /// The private edits of mode `c`.
    type Edits: Edits<Self::Pages>;
    /// Bytes that nobody can change.
    type Fixed: Fixed<Self::Pages>;
    /// Private memory of this process.
    type Private: Private;
    /// The file systems of this machine, as saving uses them.
    type Disk: Disk<File = File> + Default;

    /// Size of a page of memory in bytes.
    fn page_size() -> usize;

    /// Maps the range of `request`, at least one byte. `None` if the bytes have to be read from the file
    /// by system calls, which is only for maps that do not write to the file.
    ///
    /// # Errors
    /// Errors of the system, with [`Op::Map`].
    fn show(file: &File, request: &MapRequest) -> Result<Option<Self::Pages>>;

    /// Reserves memory for the edits of a map of mode `c`; `None` if it needs none.
    ///
    /// # Errors
    /// [`OutOfMemory`](ErrorKind::OutOfMemory); [`Unsupported`](ErrorKind::Unsupported).
    fn edits(request: &MapRequest, is_guarded: bool) -> Result<Option<Self::Edits>>;

    /// Keeps the file open, or keeps what is needed to find it again. `is_mapped` says whether the bytes
    /// can be read without it.
    fn handle(file: &Arc<File>, request: &MapRequest, is_mapped: bool) -> Self::Handle;

    /// Reads at a position, without a change of the file's own position.
    ///
    /// # Errors
    /// Errors of the system.
    fn read_at(file: &File, out: &mut [u8], position: u64) -> io::Result<usize>;

    /// Writes at a position, without a change of the file's own position.
    ///
    /// # Errors
    /// Errors of the system.
    fn write_at(file: &File, bytes: &[u8], position: u64) -> io::Result<usize>;

    /// The error that the system reported with a fault.
    fn reason(fault: Option<Fault>) -> io::Error;

    /// What prevents a write to an existing byte of a file; `None` if nothing does now. The file keeps
    /// its bytes and its length.
    fn obstacle(place: &Place<'_>) -> Option<ErrorKind>;

    /// The error for a store that faults although nothing prevents it.
    fn failed_store(place: &Place<'_>, fault: Option<Fault>) -> ErrorKind;

    /// Whether the error of opening a file again explains why its bytes are lost: a device that fails, a
    /// server that is gone.
    fn is_of_the_device(error: &io::Error) -> bool {
        let _ = error;
        false
    }

    /// Resizes the map to `new` bytes, and extends or truncates its file as needed.
    ///
    /// # Errors
    /// After an error nothing has changed.
    fn resize(part: Part<'_, Self>, new: usize) -> Result<()>;

    /// Reserves addresses for `most` bytes.
    ///
    /// # Errors
    /// [`OutOfMemory`](ErrorKind::OutOfMemory).
    fn reserve(part: Part<'_, Self>, most: usize) -> Result<()> {
        let _ = (part, most);
        Ok(())
    }

    /// Brings bytes written in the window, or known of the file, to the device. `is_all` says that the
    /// map ends.
    ///
    /// # Errors
    /// Errors of the system.
    fn sync(
        pages: Option<&Self::Pages>,
        file: &File,
        window: Option<&Range<usize>>,
        is_all: bool,
    ) -> io::Result<()>;

    /// Starts to bring bytes written in the window to the device.
    ///
    /// # Errors
    /// Errors of the system.
    fn write_back(
        pages: Option<&Self::Pages>,
        file: &File,
        offset: u64,
        window: &Range<usize>,
    ) -> io::Result<()>;

    /// Evicts a part of the file from the system's cache.
    ///
    /// # Errors
    /// Errors of the system.
    fn evict(file: &File, offset: u64, window: &Range<usize>) -> Result<()> {
        let _ = (file, offset, window);
        Ok(())
    }

    /// The data of a file between two positions, as sorted ranges. A range beyond the end of the file is
    /// not a hole.
    ///
    /// # Errors
    /// Errors of the system.
    fn stored(file: &File, range: Range<u64>) -> Result<Vec<Range<u64>>>;

    /// Waits for a lock on the file.
    ///
    /// # Errors
    /// Errors of the system.
    fn lock(file: &File, kind: LockKind) -> io::Result<()>;

    /// Tries to take a lock without waiting, and returns whether it succeeded.
    ///
    /// # Errors
    /// Errors of the system.
    fn try_lock(file: &File, kind: LockKind) -> io::Result<bool>;

    /// Releases the lock.
    ///
    /// # Errors
    /// Errors of the system.
    fn unlock(file: &File) -> io::Result<()>;

    /// The memory that holds all bytes of a map, which `pages` are mapped for, as
    /// [`AssumeFrozen`](memmap_guard::AssumeFrozen) lends it.
    ///
    /// # Errors
    /// Errors of the system; [`Unsupported`](ErrorKind::Unsupported).
    fn lend<'a>(
        view: &View<'a, Self>,
        pages: &'a Self::Pages,
        on_lost: OnLostPage,
    ) -> Result<InPlace<'a>>;

    /// The memory that [`Expose`](crate::expose::Expose) exposes.
    ///
    /// # Errors
    /// As of [`Expose::expose`](crate::expose::Expose::expose).
    fn expose<'a>(view: &View<'a, Self>, pages: &'a Self::Pages) -> Result<InPlace<'a>>;

    /// What was lost of these bytes in exposed memory, in order.
    fn lost_of_exposed(pages: &Self::Pages, window: &Range<usize>) -> Vec<Lost> {
        let _ = (pages, window);
        Vec::new()
    }

    /// The lowest byte that was lost under a slice of these pages.
    fn lost_page(pages: &Self::Pages) -> Option<u64> {
        let _ = pages;
        None
    }

    /// Tries a proof other than a snapshot. If it holds for the pages where they are, takes them, so that a
    /// proof and its pages cannot be told apart.
    ///
    /// # Errors
    /// Why it does not hold.
    fn prove(
        part: Part<'_, Self>,
        proof: Proof,
        proofs: Proofs,
        path: Option<&Path>,
    ) -> Result<Self::Fixed, String>;

    /// The first `len` bytes of memory that nobody else can access, without a copy.
    fn fix(memory: Self::Private, len: usize) -> Self::Fixed;

    /// Copies `len` bytes, read by `fill`, into sealed memory.
    ///
    /// # Errors
    /// [`Unsupported`](ErrorKind::Unsupported) if the system has none, and errors of `fill`.
    fn seal(len: u64, fill: &mut dyn FnMut(u64, &mut [u8]) -> Result<()>) -> Result<Self::Fixed> {
        let _ = (len, fill);
        let what = "sealing memory on this system; make a snapshot";
        Err(Error::unsupported(Op::Detach, Self::NAME, what))
    }

    /// The sealed memory that another process shared under this name.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound), and errors of the system.
    fn open_shared(name: &str) -> Result<Self::Fixed> {
        let _ = name;
        Err(Error::new(Op::Open, ErrorKind::NotFound))
    }
}

/// A mapped part of a file.
pub trait Pages: Memory {
    /// Whether an address of a fault is in these pages.
    fn contains(&self, address: usize) -> bool;

    /// Whether it is a private mapping of a file that the system maps in no other way.
    fn is_private(&self) -> bool {
        false
    }

    /// Forbids writing.
    ///
    /// # Errors
    /// Errors of the system.
    fn protect(&mut self) -> io::Result<()>;

    /// Tells the system how a window will be used. Pages that would not come back unchanged are not dropped.
    ///
    /// # Errors
    /// Errors of the system.
    fn advise(&self, window: &Range<usize>, advice: Advice) -> Result<()>;

    /// Brings a window into memory at once, and returns whether all of it is resident now.
    fn populate(&self, window: &Range<usize>) -> bool;

    /// Locks a window in memory.
    ///
    /// # Errors
    /// [`LimitReached`](ErrorKind::LimitReached), and errors of the system.
    fn lock(&self, window: &Range<usize>) -> Result<(), ErrorKind>;

    /// Allows a window to be paged out again.
    ///
    /// # Errors
    /// Errors of the system.
    fn unlock(&self, window: &Range<usize>) -> io::Result<()>;

    /// The bytes of a window that are in memory, as sorted ranges.
    ///
    /// # Errors
    /// [`Unsupported`](ErrorKind::Unsupported), and errors of the system.
    fn resident(&self, window: &Range<usize>) -> Result<Vec<Range<u64>>>;
}

/// The file of a map.
pub trait FileHandle<P>: Send + Sync + 'static {
    /// Calls `act` with the file. `act` must not depend on the file's position.
    ///
    /// # Errors
    /// If the file has to be opened again, the reason why it cannot be.
    fn with<T>(&self, pages: Option<&P>, act: impl FnOnce(&Arc<File>) -> T) -> io::Result<T>;

    /// The file, if it is held open, as for every map that writes to it.
    fn held(&self) -> Option<&Arc<File>>;

    /// A file that no other map uses, and that stays open: for locks, which belong to an open file.
    ///
    /// # Errors
    /// As [`with`](Self::with).
    fn own(&self, pages: Option<&P>, writes: bool) -> io::Result<&File>;
}

/// A file that stays open as long as its map.
impl<P> FileHandle<P> for Arc<File> {
    fn with<T>(&self, _: Option<&P>, act: impl FnOnce(&Self) -> T) -> io::Result<T> {
        Ok(act(self))
    }

    fn held(&self) -> Option<&Self> {
        Some(self)
    }

    fn own(&self, _: Option<&P>, _: bool) -> io::Result<&File> {
        Ok(self)
    }
}

/// The location of the edits of a map of mode `c`.
pub trait Edits<P>: Send + Sync + 'static {
    /// Separate memory for the edits; `None` if they are in the pages of the file's mapping, which the
    /// system copies on write.
    fn apart(&self) -> Option<&Guarded<P>>;

    /// Called before a range is written. If edits are in separate memory, `load` reads bytes of the
    /// file: from which offset, and into which buffer.
    ///
    /// # Errors
    /// The error of `load`, and the first byte of the range that cannot be written.
    fn bring(
        &self,
        range: &Range<usize>,
        load: impl FnMut(usize, &mut [u8]) -> Result<()>,
    ) -> Result<(), (usize, Error)>;

    /// The longest part of a range, from its start, that is entirely in separate memory or entirely in
    /// the file; and whether it is in separate memory.
    fn run(&self, range: &Range<usize>) -> (Range<usize>, bool) {
        (range.clone(), false)
    }

    /// Whether edits may be in the pages of the mapping, so that the file cannot replace them.
    fn may_be_in_pages(&self, range: &Range<usize>) -> bool {
        let _ = range;
        false
    }

    /// The parts of a range that may contain edits.
    fn runs(&self, range: &Range<usize>) -> Vec<Range<usize>>;
}

/// Bytes that nobody can change.
pub trait Fixed<P>: AsRef<[u8]> + From<Vec<u8>> + Send + Sync + 'static {
    /// Copies bytes out, within their length.
    ///
    /// # Errors
    /// [`Fault`], if a page is lost.
    fn copy_out(&self, start: usize, out: &mut [u8]) -> Result<(), Fault> {
        if let Some(bytes) = self.as_ref().get(start..).and_then(|rest| rest.get(..out.len())) {
            out.copy_from_slice(bytes);
        }
        Ok(())
    }

    /// The pages that map them; `None` for private memory.
    fn pages(&self) -> Option<&P> {
        None
    }

    /// What is known of bytes that are read when they are first touched; `None` of others.
    fn lazy(&self) -> Option<&dyn Lazy> {
        None
    }

    /// The proof that holds for them.
    fn proof(&self) -> Proof;

    /// A name under which other processes can map them.
    ///
    /// # Errors
    /// [`Unsupported`](ErrorKind::Unsupported) if they are not sealed.
    fn share(&self) -> Result<String>;
}

/// Bytes that are read from a file when they are first touched.
pub trait Lazy {
    /// The memory that they have taken, in bytes.
    fn touched(&self) -> u64;

    /// The bytes of a window that are in memory, as sorted ranges.
    fn present(&self, window: &Range<usize>) -> Vec<Range<u64>>;

    /// The bytes of a window that are lost, by whole pages, and why.
    fn lost(&self, window: &Range<usize>) -> Vec<(Range<usize>, ErrorKind)>;

    /// Whether lost bytes are zeros in a slice.
    fn lends_zeros(&self) -> bool;

    /// The first byte of a window that is lost although it can be read as zero. To be asked after the read.
    fn first_zeroed(&self, window: &Range<usize>) -> Option<usize>;
}

/// The file of a map, and its pages.
#[expect(clippy::exhaustive_structs, reason = "the systems take it apart")]
pub struct View<'a, S: System> {
    /// The pages that map it.
    pub pages: Option<&'a S::Pages>,
    /// The file.
    pub handle: &'a S::Handle,
    /// Bytes from the start of the file to the first mapped one.
    pub offset: u64,
    /// Number of mapped bytes.
    pub len: usize,
    /// Whether it was mapped to write to the file.
    pub reaches_file: bool,
    /// Whether it is mapped for private edits.
    pub has_edits: bool,
}

/// The file of a map, for a change of the mapped part.
#[expect(clippy::exhaustive_structs, reason = "the systems take it apart")]
pub struct Part<'a, S: System> {
    /// The pages that map it.
    pub pages: &'a mut Option<S::Pages>,
    /// The file.
    pub handle: &'a mut S::Handle,
    /// Bytes from the start of the file to the first mapped one.
    pub offset: u64,
    /// Number of mapped bytes.
    pub len: usize,
    /// The mode of the map.
    pub mode: Mode,
    /// Whether new bytes may be a hole.
    pub is_sparse: bool,
    /// Whether it was mapped to write to the file.
    pub reaches_file: bool,
    /// Whether it is mapped for private edits.
    pub has_edits: bool,
}

impl<S: System> Part<'_, S> {
    /// The same, to be looked at.
    #[must_use]
    pub const fn view(&self) -> View<'_, S> {
        View {
            pages: self.pages.as_ref(),
            handle: self.handle,
            offset: self.offset,
            len: self.len,
            reaches_file: self.reaches_file,
            has_edits: self.has_edits,
        }
    }
}

impl<S: System> fmt::Debug for View<'_, S> {
    /// Prints no address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { offset, len, .. } = self;
        f.debug_struct("View").field("offset", offset).field("len", len).finish_non_exhaustive()
    }
}

impl<S: System> fmt::Debug for Part<'_, S> {
    /// Prints no address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { offset, len, .. } = self;
        f.debug_struct("Part").field("offset", offset).field("len", len).finish_non_exhaustive()
    }
}

/// The position in a file at which an access faulted.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "the systems take it apart")]
pub struct Place<'a> {
    /// The file.
    pub file: &'a File,
    /// Bytes from the start of the file to the first mapped one.
    pub mapping_offset: u64,
    /// The first byte that was not moved, from the start of the mapping.
    pub offset: u64,
    /// The exclusive end of the access, from the start of the mapping.
    pub end: u64,
}

impl Place<'_> {
    /// The first byte that was not moved, from the start of the file.
    #[must_use]
    pub const fn in_file(&self) -> u64 {
        self.mapping_offset.saturating_add(self.offset)
    }

    /// The length in bytes that the file must have.
    #[must_use]
    pub const fn needed(&self) -> u64 {
        self.mapping_offset.saturating_add(self.end)
    }

    /// Bytes that remain to be moved.
    #[must_use]
    pub const fn missing(&self) -> u64 {
        self.end.saturating_sub(self.offset)
    }
}
