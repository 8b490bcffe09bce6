use std::fmt;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use memmap_guard::{Fault, Guarded, InPlace, Memory};

use crate::{
    Advice, Backend, Error, ErrorKind, Live, LockKind, Mode, Op, Private, Proof, Request, Result,
    lent_in_place,
};

/// What an operating system does for the maps of this crate: [`Live`], [`Frozen`](crate::Frozen).
///
/// The POSIX and the Windows backend implement it, and hold all `unsafe` code that takes. It is no part of
/// any promise: nobody else implements it, and it changes with any version.
pub trait System: Backend<Mapping = Live<Self>> + Default {
    /// A part of a file, mapped.
    type Pages: Pages;
    /// The file of a map: open, or known well enough to be opened again.
    type Handle: FileHandle<Self::Pages>;
    /// What is written in mode `c`.
    type Edits: Edits<Self::Pages>;
    /// Bytes that nobody can change.
    type Fixed: Fixed<Self::Pages>;
    /// Memory of this process alone.
    type Private: Private;
    /// What keeps the pages of a file as they are, once a proof held.
    type Keeper;

    /// Bytes of a page of memory.
    fn page_size() -> usize;

    /// Maps what `request` asks for, at least one byte. Nothing if the bytes have to be read from the
    /// file by calls, which is for maps that do not write to the file.
    ///
    /// # Errors
    /// What the system refuses, of [`Op::Map`].
    fn show(file: &File, request: &Request) -> Result<Option<Self::Pages>>;

    /// Makes room for the edits of a map of mode `c`; nothing where it needs none.
    ///
    /// # Errors
    /// [`OutOfMemory`](ErrorKind::OutOfMemory); [`Unsupported`](ErrorKind::Unsupported).
    fn edits(request: &Request, is_guarded: bool) -> Result<Option<Self::Edits>>;

    /// Keeps the file, or what is needed to find it again. `is_mapped` says whether the bytes can be read
    /// without it.
    fn handle(file: &Arc<File>, request: &Request, is_mapped: bool) -> Self::Handle;

    /// Reads at a position, and leaves that of the file as it was.
    ///
    /// # Errors
    /// What the system answers.
    fn read_at(file: &File, out: &mut [u8], position: u64) -> io::Result<usize>;

    /// Writes at a position, and leaves that of the file as it was.
    ///
    /// # Errors
    /// What the system answers.
    fn write_at(file: &File, bytes: &[u8], position: u64) -> io::Result<usize>;

    /// What the system said with a fault.
    fn reason(fault: Option<Fault>) -> io::Error;

    /// What keeps a byte of a file from being written, where the file has that byte; `None` if nothing
    /// does now. The file keeps its bytes and its length.
    fn obstacle(place: &Place<'_>) -> Option<ErrorKind>;

    /// What is left to say of a store that faults although there is no obstacle.
    fn failed_store(place: &Place<'_>, fault: Option<Fault>) -> ErrorKind;

    /// Whether what kept a file from being opened again is what took its bytes: a device that fails, a
    /// server that is gone.
    fn is_of_the_device(error: &io::Error) -> bool {
        let _ = error;
        false
    }

    /// Makes the map `new` bytes long, and its file as long as that needs.
    ///
    /// # Errors
    /// After an error everything is as it was.
    fn resize(part: Part<'_, Self>, new: usize) -> Result<()>;

    /// Takes addresses for `most` bytes.
    ///
    /// # Errors
    /// [`OutOfMemory`](ErrorKind::OutOfMemory).
    fn reserve(part: Part<'_, Self>, most: usize) -> Result<()> {
        let _ = (part, most);
        Ok(())
    }

    /// Brings what was written in the window, or is known of the file, to the device. `is_all` says that
    /// the map ends.
    ///
    /// # Errors
    /// What the system answers.
    fn sync(
        pages: Option<&Self::Pages>,
        file: &File,
        window: Option<&Range<usize>>,
        is_all: bool,
    ) -> io::Result<()>;

    /// Starts to bring what was written in the window to the device.
    ///
    /// # Errors
    /// What the system answers.
    fn write_back(
        pages: Option<&Self::Pages>,
        file: &File,
        offset: u64,
        window: &Range<usize>,
    ) -> io::Result<()>;

    /// Has the system's cache give back what it holds of a part of the file.
    ///
    /// # Errors
    /// What the system answers.
    fn evict(file: &File, offset: u64, window: &Range<usize>) -> Result<()> {
        let _ = (file, offset, window);
        Ok(())
    }

    /// The runs of bytes of a file between two positions that are not holes, in order. What is beyond the
    /// end of the file is no hole.
    ///
    /// # Errors
    /// What the system answers.
    fn stored(file: &File, range: Range<u64>) -> Result<Vec<Range<u64>>>;

    /// Waits for a lock on the file.
    ///
    /// # Errors
    /// What the system answers.
    fn lock(file: &File, kind: LockKind) -> io::Result<()>;

    /// Takes a lock if it can be had at once, and says whether it did.
    ///
    /// # Errors
    /// What the system answers.
    fn try_lock(file: &File, kind: LockKind) -> io::Result<bool>;

    /// Releases the lock.
    ///
    /// # Errors
    /// What the system answers.
    fn unlock(file: &File) -> io::Result<()>;

    /// Tries a proof other than a snapshot.
    ///
    /// # Errors
    /// Why it does not hold.
    fn prove(
        part: &View<'_, Self>,
        proof: Proof,
        path: Option<&Path>,
    ) -> Result<Proved<Self>, String>;

    /// Bytes that stay what they are as long as `keeper` lives.
    fn keep(keeper: Self::Keeper, pages: Self::Pages, len: usize) -> Self::Fixed;

    /// The first `len` bytes of memory that nobody else can reach, without a copy.
    fn fix(memory: Self::Private, len: usize) -> Self::Fixed;

    /// Copies `len` bytes, which `fill` is asked for, into sealed memory.
    ///
    /// # Errors
    /// [`Unsupported`](ErrorKind::Unsupported) where there is none, and what `fill` answers.
    fn seal(len: u64, fill: &mut dyn FnMut(u64, &mut [u8]) -> Result<()>) -> Result<Self::Fixed> {
        let _ = (len, fill);
        let what = "sealing memory on this system; make a snapshot";
        Err(Error::new(Op::Detach, ErrorKind::Unsupported { backend: Self::NAME, what }))
    }

    /// The sealed memory that another process shared under this name.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound), and what the system refuses.
    fn open_shared(name: &str) -> Result<Self::Fixed> {
        let _ = name;
        Err(Error::new(Op::Open, ErrorKind::NotFound))
    }
}

/// A part of a file, mapped.
pub trait Pages: Memory {
    /// Whether a fault at this address was one of these pages.
    fn contains(&self, address: usize) -> bool;

    /// Whether it is a private mapping of a file that the system maps in no other way.
    fn is_private(&self) -> bool {
        false
    }

    /// Forbids writing.
    ///
    /// # Errors
    /// What the system answers.
    fn protect(&mut self) -> io::Result<()>;

    /// Tells the system how a window will be used. `may_drop` says whether pages that are dropped come
    /// back as they were.
    ///
    /// # Errors
    /// What the system refuses.
    fn advise(&self, window: &Range<usize>, advice: Advice, may_drop: bool) -> Result<()>;

    /// Brings a window into memory at once, and says whether all of it is there now.
    fn populate(&self, window: &Range<usize>) -> bool;

    /// Keeps a window in memory.
    ///
    /// # Errors
    /// [`LimitReached`](ErrorKind::LimitReached), and what the system answers.
    fn lock(&self, window: &Range<usize>) -> Result<(), ErrorKind>;

    /// Allows a window to be paged out again.
    ///
    /// # Errors
    /// What the system answers.
    fn unlock(&self, window: &Range<usize>) -> io::Result<()>;

    /// Which bytes of a window are in memory, in order.
    ///
    /// # Errors
    /// [`Unsupported`](ErrorKind::Unsupported), and what the system answers.
    fn resident(&self, window: &Range<usize>) -> Result<Vec<Range<u64>>>;
}

/// The file of a map.
pub trait FileHandle<P>: Send + Sync + 'static {
    /// Does something with the file that does not depend on its position.
    ///
    /// # Errors
    /// If it has to be opened again: what is in the way.
    fn with<T>(&self, pages: Option<&P>, act: impl FnOnce(&Arc<File>) -> T) -> io::Result<T>;

    /// The file, if it is held open: that of every map that writes to it.
    fn held(&self) -> Option<&Arc<File>>;

    /// A file that no other map uses, which stays open: for locks, which belong to an open file.
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

/// Where the edits of a map of mode `c` are.
pub trait Edits<P>: Send + Sync + 'static {
    /// Memory of their own; `None` if they are in the pages of the file's mapping, which the system
    /// copies when they are written.
    fn apart(&self) -> Option<&Guarded<P>>;

    /// To be called before a range is written. Where edits are apart, `load` is asked for bytes of the
    /// file: from where, and where they go.
    ///
    /// # Errors
    /// What `load` answers, and the first byte of the range that cannot be written.
    fn bring(
        &self,
        range: &Range<usize>,
        load: impl FnMut(usize, &mut [u8]) -> Result<()>,
    ) -> Result<(), (usize, Error)>;

    /// The part of a range, from its start, that is all apart or all the file's; and whether it is apart.
    fn run(&self, range: &Range<usize>) -> (Range<usize>, bool) {
        (range.clone(), false)
    }

    /// Whether edits may be in the pages of the mapping, for which the file cannot stand in.
    fn may_be_in_pages(&self, range: &Range<usize>) -> bool {
        let _ = range;
        false
    }

    /// The runs of a range in which edits may be.
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

    /// Bytes to be looked at where they are.
    fn in_place(&self, offset: u64, len: usize) -> Option<InPlace<'_>> {
        lent_in_place(self.as_ref(), offset, len)
    }

    /// The pages that show them; `None` for memory of our own.
    fn pages(&self) -> Option<&P> {
        None
    }

    /// Whether pages that are dropped from memory come back as they were.
    fn may_drop(&self) -> bool {
        true
    }

    /// Why nobody can change them.
    fn proof(&self) -> Proof;

    /// A name by which other processes can map them.
    ///
    /// # Errors
    /// [`Unsupported`](ErrorKind::Unsupported) if they are not sealed.
    fn share(&self) -> Result<String>;
}

/// A proof that holds.
#[expect(clippy::exhaustive_enums, reason = "the systems construct it")]
pub enum Proved<S: System> {
    /// The bytes stay where they are.
    Here(S::Keeper),
    /// They are elsewhere now.
    There(S::Fixed),
}

impl<S: System> fmt::Debug for Proved<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Here(_) => "Here",
            Self::There(_) => "There",
        })
    }
}

/// The file of a map, with what shows it.
#[expect(clippy::exhaustive_structs, reason = "the systems take it apart")]
pub struct View<'a, S: System> {
    /// What shows it.
    pub pages: Option<&'a S::Pages>,
    /// The file.
    pub handle: &'a S::Handle,
    /// Bytes from the start of the file to the first mapped one.
    pub offset: u64,
    /// Bytes that are mapped.
    pub len: usize,
    /// Whether it was mapped to write to the file.
    pub reaches_file: bool,
    /// Whether it is mapped for private edits.
    pub has_edits: bool,
}

/// The file of a map, to change how much of it is shown.
#[expect(clippy::exhaustive_structs, reason = "the systems take it apart")]
pub struct Part<'a, S: System> {
    /// What shows it.
    pub pages: &'a mut Option<S::Pages>,
    /// The file.
    pub handle: &'a mut S::Handle,
    /// Bytes from the start of the file to the first mapped one.
    pub offset: u64,
    /// Bytes that are mapped.
    pub len: usize,
    /// How it may be used.
    pub mode: Mode,
    /// Whether new bytes may be a hole.
    pub is_sparse: bool,
}

impl<S: System> fmt::Debug for View<'_, S> {
    /// No address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { offset, len, .. } = self;
        f.debug_struct("View").field("offset", offset).field("len", len).finish_non_exhaustive()
    }
}

impl<S: System> fmt::Debug for Part<'_, S> {
    /// No address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { offset, len, .. } = self;
        f.debug_struct("Part").field("offset", offset).field("len", len).finish_non_exhaustive()
    }
}

/// Where in a file an access faulted.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "the systems take it apart")]
pub struct Place<'a> {
    /// The file.
    pub file: &'a File,
    /// Bytes from the start of the file to the first mapped one.
    pub mapping_offset: u64,
    /// The first byte that was not moved, from the start of the mapping.
    pub offset: u64,
    /// Where the bytes that were to be moved end, from the start of the mapping.
    pub end: u64,
}

impl Place<'_> {
    /// The same byte, from the start of the file.
    #[must_use]
    pub const fn in_file(&self) -> u64 {
        self.mapping_offset.saturating_add(self.offset)
    }

    /// Bytes that the file must have.
    #[must_use]
    pub const fn needed(&self) -> u64 {
        self.mapping_offset.saturating_add(self.end)
    }

    /// Bytes that are still to be moved.
    #[must_use]
    pub const fn missing(&self) -> u64 {
        self.end.saturating_sub(self.offset)
    }
}
