use std::fmt;
use std::io::{self, Read};
use std::ops::Range;

use memmap_guard::InPlace;

use crate::range::window;
use crate::{
    Advice, Error, ErrorKind, Lend, LendMut, Map, Mapping, Mode, Op, Progress, Result, addressable,
    copy_into_lent, copy_lent, empty, lent_in_place, snapshot, widen,
};

/// Private memory of this process from an operating system, implemented by the backend for anonymous
/// memory. It is an internal contract without any stability promise, and changes with any version.
pub trait Private: AsRef<[u8]> + AsMut<[u8]> + Send + Sync + Sized + 'static {
    /// Zeroed memory, at least one byte.
    ///
    /// # Errors
    /// Errors of the system.
    fn zeroed(len: usize) -> io::Result<Self>;

    /// Reserves addresses for `most` bytes, of which the first `len` are usable at once.
    ///
    /// # Errors
    /// Errors of the system.
    fn reserve(most: usize, len: usize) -> io::Result<Self>;

    /// The number of bytes for which addresses are reserved.
    fn room(&self) -> usize;

    /// Extends it by zeros without a copy, and returns whether it did.
    fn grow(&mut self, len: usize) -> bool;

    /// Sets bytes to zero, and gives back the memory of whole pages.
    fn zero(&mut self, range: Range<usize>);

    /// Tells the system how bytes will be used.
    ///
    /// # Errors
    /// Errors of the system.
    fn advise(&self, range: Range<usize>, advice: Advice) -> io::Result<()>;

    /// Locks bytes in memory.
    ///
    /// # Errors
    /// [`LimitReached`](ErrorKind::LimitReached), and errors of the system.
    fn lock(&self, range: Range<usize>) -> Result<()>;

    /// Allows bytes to be paged out again.
    ///
    /// # Errors
    /// Errors of the system.
    fn unlock(&self, range: Range<usize>) -> io::Result<()>;

    /// Whether the error means that the system has no memory.
    fn is_out_of_memory(error: &io::Error) -> bool;
}

/// Zeroed private memory of this process.
///
/// # Platform
/// POSIX: `mmap` with `MAP_PRIVATE | MAP_ANONYMOUS`; a child made by `fork` gets its own copy. Windows:
/// `VirtualAlloc`; the system commits space in memory or the paging file for all the bytes, and none
/// for addresses that are only reserved.
///
/// # Cost
/// Address space at once. A page costs memory when it is first written.
///
/// # Source
/// mmap(2), `VirtualAlloc`.
pub struct Ram<P> {
    /// `None` if there never was a byte. Everything after `len` is always zero.
    pages: Option<P>,
    /// The length; at most that of `pages`.
    len: usize,
}

fn refuse(op: Op, kind: ErrorKind) -> Error {
    Error::new(op, kind)
}

/// Translates an error of the system for a request of `len` bytes.
fn refusal<P: Private>(op: Op, error: io::Error, len: usize) -> Error {
    if P::is_out_of_memory(&error) {
        refuse(op, ErrorKind::OutOfMemory { len: widen(len) })
    } else {
        refuse(op, ErrorKind::Os(error))
    }
}

impl<P: Private> Ram<P> {
    fn zeroed(len: usize) -> Result<Self> {
        let pages = match len {
            0 => None,
            _ => Some(P::zeroed(len).map_err(|error| refusal::<P>(Op::Allocate, error, len))?),
        };
        Ok(Self { pages, len })
    }

    /// The memory, and how much of it is used; `None` if there is none.
    pub(crate) fn into_memory(self) -> Option<(P, usize)> {
        Some((self.pages?, self.len))
    }

    fn capacity(&self) -> usize {
        self.pages.as_ref().map_or(0, |pages| pages.as_ref().len())
    }

    /// A checked range and the pages that contain it; `None` for an empty range.
    fn ranged(&self, op: Op, offset: u64, len: u64) -> Result<Option<(&P, Range<usize>)>> {
        let range = window(op, offset, len, self.len)?;
        Ok(self.pages.as_ref().filter(|_| len > 0).map(|pages| (pages, range)))
    }

    /// Moves to new memory for `most` bytes, of which the first `len` are usable at once.
    fn relocate(&mut self, most: usize, len: usize, op: Op) -> Result<()> {
        /// A block of zeros is not copied, so it takes no memory.
        const BLOCK_LEN: usize = 4096;
        let mut pages = P::reserve(most, len).map_err(|error| refusal::<P>(op, error, most))?;
        let targets = pages.as_mut().chunks_mut(BLOCK_LEN);
        for (to, from) in targets.zip(self.as_bytes().chunks(BLOCK_LEN)) {
            if from.iter().any(|&byte| byte != 0)
                && let Some(to) = to.get_mut(..from.len())
            {
                to.copy_from_slice(from);
            }
        }
        self.pages = Some(pages);
        Ok(())
    }
}

impl<P: Private> Mapping for Ram<P> {
    #[inline]
    fn len(&self) -> u64 {
        widen(self.len)
    }

    #[inline]
    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        copy_lent(self.as_bytes(), offset, out)
    }

    fn in_place(&self, offset: u64, len: usize) -> Option<InPlace<'_>> {
        lent_in_place(self.as_bytes(), offset, len)
    }

    fn name(&self) -> &'static str {
        "anonymous memory"
    }

    fn mode(&self) -> Mode {
        Mode::ReadWrite
    }

    #[inline]
    fn write_from(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        copy_into_lent(self.as_bytes_mut(), offset, bytes)
    }

    fn fill(&mut self, offset: u64, len: u64, byte: u8) -> Result<()> {
        if let Some((_, range)) = self.ranged(Op::Write, offset, len)?
            && let Some(bytes) = self.as_bytes_mut().get_mut(range)
        {
            bytes.fill(byte);
        }
        Ok(())
    }

    fn copy_within(&mut self, from: u64, len: u64, to: u64) -> Result<()> {
        let target = self.ranged(Op::Write, to, len)?.map(|(_, range)| range);
        let source = self.ranged(Op::Write, from, len)?.map(|(_, range)| range);
        if let (Some(source), Some(target)) = (source, target) {
            self.as_bytes_mut().copy_within(source, target.start);
        }
        Ok(())
    }

    fn resize(&mut self, len: u64) -> Result<()> {
        let new = addressable(len).map_err(|kind| refuse(Op::Resize, kind))?;
        if let Some(pages) = &mut self.pages
            && new < self.len
        {
            pages.zero(new..self.len);
        } else if new > self.capacity() {
            let grown = self.pages.as_mut().is_some_and(|pages| pages.grow(new));
            if !grown {
                self.relocate(new, new, Op::Resize)?;
            }
        }
        self.len = new;
        Ok(())
    }

    fn reserve(&mut self, len: u64) -> Result<()> {
        let most = addressable(len).map_err(|kind| refuse(Op::Reserve, kind))?;
        if most > self.pages.as_ref().map_or(0, P::room) {
            self.relocate(most, self.len, Op::Reserve)
        } else {
            Ok(())
        }
    }

    fn advise(&self, offset: u64, len: u64, advice: Advice) -> Result<()> {
        match self.ranged(Op::Advise, offset, len)? {
            Some((pages, range)) => pages
                .advise(range, advice)
                .map_err(|error| refuse(Op::Advise, ErrorKind::Os(error))),
            None => Ok(()),
        }
    }

    fn lock_in_ram(&self, offset: u64, len: u64) -> Result<()> {
        match self.ranged(Op::Prefault, offset, len)? {
            Some((pages, range)) => pages.lock(range),
            None => Ok(()),
        }
    }

    fn unlock_from_ram(&self, offset: u64, len: u64) -> Result<()> {
        match self.ranged(Op::Prefault, offset, len)? {
            Some((pages, range)) => {
                pages.unlock(range).map_err(|error| refuse(Op::Prefault, ErrorKind::Os(error)))
            }
            None => Ok(()),
        }
    }
}

impl<P: Private> Lend for Ram<P> {
    #[inline]
    fn as_bytes(&self) -> &[u8] {
        match self.pages.as_ref().and_then(|pages| pages.as_ref().get(..self.len)) {
            None | Some([]) => empty::slice(),
            Some(bytes) => bytes,
        }
    }
}

impl<P: Private> LendMut for Ram<P> {
    #[inline]
    fn as_bytes_mut(&mut self) -> &mut [u8] {
        match self.pages.as_mut().and_then(|pages| pages.as_mut().get_mut(..self.len)) {
            None | Some([]) => empty::slice_mut(),
            Some(bytes) => bytes,
        }
    }
}

/// Anonymous memory.
impl<P: Private> Map<Ram<P>> {
    /// `len` zeroed bytes of anonymous memory, private to this process.
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`], [`ErrorKind::OutOfMemory`].
    ///
    /// # Cost
    /// One system call. A page costs memory once it is written.
    pub fn new(len: u64) -> Result<Self> {
        let len = addressable(len).map_err(|kind| refuse(Op::Allocate, kind))?;
        Ok(Self::from_mapping(Ram::zeroed(len)?))
    }

    /// Reads everything from `reader` into anonymous memory. Use it for sources that cannot be mapped,
    /// such as a pipe or a file of `/proc`.
    ///
    /// If the reader may never end, limit it with [`Read::take`].
    ///
    /// # Errors
    /// - [`ErrorKind::Os`] with the error of the reader
    /// - [`ErrorKind::OutOfMemory`] if it has more bytes than there is room for
    ///
    /// # Cost
    /// Memory is doubled as it fills. Where growing copies (see [`resize`](Self::resize)), up to twice
    /// the bytes read is in use.
    pub fn from_reader(mut reader: impl Read) -> Result<Self> {
        const FIRST_LEN: usize = 64 << 10;
        let mut ram = Ram::<P>::zeroed(FIRST_LEN)?;
        let mut filled = 0_usize;
        loop {
            let room = ram.as_bytes_mut().get_mut(filled..).unwrap_or_default();
            if room.is_empty() {
                ram.resize(widen(filled).saturating_mul(2))?;
                continue;
            }
            match reader.read(room) {
                Ok(0) => break,
                Ok(more) => filled = filled.saturating_add(more),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(refuse(Op::Read, ErrorKind::Os(error))),
            }
        }
        ram.resize(widen(filled))?;
        Ok(Self::from_mapping(ram))
    }

    /// Copies a map into anonymous memory, which nobody else can change or truncate. The map does not
    /// change.
    ///
    /// # Errors
    /// - those of [`read_into`](Self::read_into)
    /// - [`ErrorKind::TooLarge`], [`ErrorKind::OutOfMemory`]; [`ErrorKind::Cancelled`]
    ///
    /// # Cost
    /// A copy. Runs of zeros of one MiB take no memory.
    pub fn copy_of(map: &Map<impl Mapping>, progress: &Progress) -> Result<Self> {
        const BLOCK_LEN: usize = 1 << 20;
        let placed = |error: Error| map.placed(error.during(Op::Detach));
        let len = addressable(map.len()).map_err(|kind| map.error(Op::Detach, kind))?;
        let mut ram = Ram::<P>::zeroed(len).map_err(placed)?;
        let mut block = vec![0; BLOCK_LEN.min(len)];
        progress.add_total(map.len());
        for (index, target) in ram.as_bytes_mut().chunks_mut(BLOCK_LEN).enumerate() {
            let offset = widen(index).saturating_mul(widen(BLOCK_LEN));
            let block = block.get_mut(..target.len()).unwrap_or_default();
            snapshot::copy(map, offset, block, progress).map_err(placed)?;
            if block.iter().any(|&byte| byte != 0) {
                target.copy_from_slice(block);
            }
        }
        Ok(Self::from_mapping(ram))
    }
}

impl<P: Private> fmt::Debug for Ram<P> {
    /// Prints the length without the bytes: there may be billions.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ram").field("len", &self.len).finish_non_exhaustive()
    }
}
