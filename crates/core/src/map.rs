use std::fmt;
use std::io::{self, Read};
use std::mem;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};

use zerocopy::FromBytes;

use crate::{
    Allocate, DefaultBackend, Error, ErrorKind, Lend, LendMut, MapOptions, Mapping, Mode, Op,
    Partial, Request, Result, widen,
};

/// The owner of a mapping: bytes, and the promise `M` about who may change them.
///
/// | `M` | who may change the bytes | reading | borrowing |
/// |---|---|---|---|
/// | `Live`, a file | anyone, any time | copied out | does not compile |
/// | `Ram`, anonymous memory | only this owner | borrowed, or copied out | `&[u8]`, `&mut [u8]` |
/// | `Box<dyn Mapping>` | unknown | copied out | does not compile |
///
/// The facade gives the first two their short names, `MemMap` and `RamMap`. Dropping it ends the
/// mapping; [`close`](Self::close) does so too and returns the error that dropping would lose.
#[must_use = "a mapping that is not held is gone at once"]
pub struct MemMap<M: Mapping> {
    mapping: M,
    mode: Mode,
    offset: u64,
    path: Option<PathBuf>,
}

/// Opening a file: where the mapping's type names the operating system's backend.
impl<M: DefaultBackend> MemMap<M> {
    /// Maps a whole file.
    ///
    /// # Errors
    /// Those of [`MapOptions::open`].
    pub fn open(path: impl AsRef<Path>, mode: Mode) -> Result<Self> {
        Self::options().mode(mode).open(path)
    }

    /// Asks for a part of a file, or for another mode.
    pub fn options() -> MapOptions<M::Backend> {
        MapOptions::new(M::Backend::default())
    }
}

/// Memory without a file.
impl<M: Allocate> MemMap<M> {
    /// `len` zeroed bytes of anonymous memory, private to this process.
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`], [`ErrorKind::OutOfMemory`].
    ///
    /// # Cost
    /// One system call. A page costs memory once it is written.
    pub fn new(len: u64) -> Result<Self> {
        let refuse = |kind| Error::new(Op::Allocate, kind);
        let len = Request::check_len(len).map_err(refuse)?;
        Ok(Self::from_allocated(M::zeroed(len)?))
    }

    /// Reads everything `reader` has into anonymous memory: the way to hold what cannot be mapped,
    /// as a pipe or a file of `/proc`.
    ///
    /// Bound it with [`Read::take`] where the reader may never end.
    ///
    /// # Errors
    /// - [`ErrorKind::Os`] with what the reader answered
    /// - [`ErrorKind::OutOfMemory`] if it has more bytes than there is room for
    ///
    /// # Cost
    /// Memory is doubled and copied as it fills: while it grows, up to twice what was read is in
    /// use.
    pub fn from_reader(mut reader: impl Read) -> Result<Self> {
        const FIRST_LEN: usize = 64 << 10;
        let mut ram = M::zeroed(FIRST_LEN)?;
        let mut filled = 0_usize;
        loop {
            let room = ram.as_bytes_mut().get_mut(filled..).unwrap_or_default();
            if room.is_empty() {
                let mut larger = M::zeroed(filled.saturating_mul(2))?;
                if let Some(start) = larger.as_bytes_mut().get_mut(..filled) {
                    start.copy_from_slice(ram.as_bytes());
                }
                ram = larger;
                continue;
            }
            match reader.read(room) {
                Ok(0) => break,
                Ok(more) => filled = filled.saturating_add(more),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::new(Op::Read, ErrorKind::Os(error))),
            }
        }
        ram.truncate(filled);
        Ok(Self::from_allocated(ram))
    }

    const fn from_allocated(mapping: M) -> Self {
        Self { mapping, mode: Mode::ReadWrite, offset: 0, path: None }
    }
}

impl<M: Mapping> MemMap<M> {
    /// Owns a mapping made elsewhere: a plug-in's, or a fake. It has no path, and its mode is
    /// [`Mode::Read`].
    pub const fn from_mapping(mapping: M) -> Self {
        Self { mapping, mode: Mode::Read, offset: 0, path: None }
    }

    pub(crate) fn from_request(mapping: M, request: &Request, path: PathBuf) -> Self {
        Self { mapping, mode: request.mode(), offset: request.offset(), path: Some(path) }
    }

    /// Copies `size` bytes starting at `offset` into a new vector.
    ///
    /// Where the same buffer can be used again, prefer [`read_into`](Self::read_into); for a value
    /// of a known type, [`get`](Self::get).
    ///
    /// # Shape
    /// `offset`: bytes from the start of the mapping, `0..=len` · `size`: bytes; 0 gives an empty
    /// vector.
    ///
    /// # Errors
    /// Those of [`read_into`](Self::read_into), found before memory is asked for, and
    /// [`ErrorKind::OutOfMemory`] if there is none for the copy.
    ///
    /// # Cost
    /// An allocation and a copy; of the file, only the pages touched are read.
    pub fn read_at(&self, offset: u64, size: usize) -> Result<Vec<u8>> {
        // `len` may be wider than memory (a plug-in), so the check is made in u64.
        let fits = offset.checked_add(widen(size)).is_some_and(|end| end <= self.len());
        if !fits {
            let (len, bound) = (widen(size), self.len());
            return Err(self.error(Op::Read, ErrorKind::OutOfBounds { offset, len, bound }));
        }
        let mut out = Vec::new();
        if out.try_reserve_exact(size).is_err() {
            return Err(self.error(Op::Read, ErrorKind::OutOfMemory { len: widen(size) }));
        }
        out.resize(size, 0);
        self.read_into(offset, &mut out)?;
        Ok(out)
    }

    /// Copies bytes of the mapping into `out`, as many as it holds.
    ///
    /// # Shape
    /// `offset`: bytes from the start of the mapping, `0..=len` · `out`: any length; an empty one
    /// reads nothing.
    ///
    /// # Errors
    /// - [`ErrorKind::OutOfBounds`] if `offset + out.len() > len`; `out` is then as it was
    /// - [`ErrorKind::Truncated`], [`ErrorKind::Io`], [`ErrorKind::HardwareMemoryError`] if bytes
    ///   of a file were lost since it was mapped; what `out` holds is then not specified
    ///   ([`read_some`](Self::read_some) says what could be read)
    /// - others, as a plug-in says
    ///
    /// # Cost
    /// A copy and no system call; a page that is not in memory is read from the file.
    #[inline]
    pub fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        match self.mapping.read_into(offset, out) {
            Ok(()) => Ok(()),
            Err(error) => Err(self.placed(error)),
        }
    }

    /// Copies as many bytes as can be read, starting at `offset`, into `out`, and says why it
    /// stopped.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfBounds`] as for [`read_into`](Self::read_into): a wrong question. That
    /// bytes are lost is no error here but [`Partial::stopped`].
    ///
    /// # Examples
    /// ```
    /// use memmap_core::{MemMap, testing::{Fake, Fault}};
    ///
    /// let bad = Fault::Read { at: 5, kind: std::io::ErrorKind::Other };
    /// let mm = MemMap::from_mapping(Fake::new(b"0123456789").with(bad));
    /// let mut out = [0; 10];
    /// let partial = mm.read_some(0, &mut out)?;
    /// assert_eq!(&out[..partial.len], b"01234");
    /// assert!(partial.stopped.is_some());
    /// # Ok::<(), memmap_core::Error>(())
    /// ```
    pub fn read_some(&self, offset: u64, out: &mut [u8]) -> Result<Partial> {
        let Partial { len, stopped } =
            self.mapping.read_some(offset, out).map_err(|error| self.placed(error))?;
        Ok(Partial { len, stopped: stopped.map(|error| self.placed(error)) })
    }

    /// Copies all bytes that can be read into `out`, leaves zeros where they cannot, and lists
    /// where that is and why: to save what is left of a damaged file.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfBounds`] as for [`read_into`](Self::read_into).
    ///
    /// # Cost
    /// That of a read and, for each page that cannot be read, of a few system calls.
    ///
    /// # Examples
    /// ```
    /// use memmap_core::{MemMap, testing::{Fake, Fault}};
    ///
    /// let bad = Fault::Read { at: 5, kind: std::io::ErrorKind::Other };
    /// let mm = MemMap::from_mapping(Fake::new(b"0123456789").with(bad));
    /// let mut out = [0; 10];
    /// let lost = mm.rescue(0, &mut out)?;
    /// assert_eq!(&out, b"01234\x006789");
    /// assert_eq!((lost[0].offset, lost[0].len), (5, 1));
    /// # Ok::<(), memmap_core::Error>(())
    /// ```
    pub fn rescue(&self, offset: u64, out: &mut [u8]) -> Result<Vec<Unreadable>> {
        let end = offset.saturating_add(widen(out.len()));
        let mut lost: Vec<Unreadable> = Vec::new();
        let mut rest = out;
        let mut at = offset;
        loop {
            let partial = self.read_some(at, rest)?;
            let Some(error) = partial.stopped else { return Ok(lost) };
            at = at.saturating_add(widen(partial.len));
            // Of a file that was cut short nothing comes after.
            let next = match error.kind() {
                ErrorKind::Truncated { .. } => end,
                _ => self.mapping.next_readable(at).clamp(at.saturating_add(1), end),
            };
            let len = next.saturating_sub(at);
            let (_, unread) = rest.split_at_mut(partial.len);
            let skipped = usize::try_from(len).unwrap_or(usize::MAX).min(unread.len());
            let (bad, after) = unread.split_at_mut(skipped);
            bad.fill(0);
            rest = after;
            match lost.last_mut() {
                Some(before) if before.is_followed_by(at, &error) => {
                    before.len = before.len.saturating_add(len);
                }
                _ => lost.push(Unreadable { offset: at, len, error }),
            }
            at = next;
            if rest.is_empty() {
                return Ok(lost);
            }
        }
    }

    /// Copies one value of plain data out of the mapping.
    ///
    /// The bytes are taken as they are, in this machine's byte order; zerocopy's `byteorder` types
    /// fix one. The offset need not be a multiple of anything.
    ///
    /// # Shape
    /// `offset`: bytes from the start of the mapping, `0..=len - size_of::<T>()`.
    ///
    /// # Errors
    /// Those of [`read_into`](Self::read_into).
    ///
    /// # Cost
    /// That of the loads: no system call; no allocation for types of up to 256 bytes.
    ///
    /// # Source
    /// Which types are plain data: `zerocopy::FromBytes`.
    #[inline]
    pub fn get<T: FromBytes>(&self, offset: u64) -> Result<T> {
        // The size is known when this is compiled, so little of this remains.
        if matches!(size_of::<T>(), 1 | 2 | 4 | 8)
            && let Some(value) = self.mapping.quick_load(offset, size_of::<T>())
            && let Some(value) = value.get(..size_of::<T>())
            && let Ok(value) = T::read_from_bytes(value)
        {
            return Ok(value);
        }
        match size_of::<T>() {
            0..=4 => self.get_within::<T, 4>(offset),
            5..=8 => self.get_within::<T, 8>(offset),
            9..=16 => self.get_within::<T, 16>(offset),
            17..=256 => self.get_within::<T, 256>(offset),
            size => self.value(offset, &self.read_at(offset, size)?),
        }
    }

    #[inline]
    fn get_within<T: FromBytes, const MOST: usize>(&self, offset: u64) -> Result<T> {
        let mut buffer = [0; MOST];
        let bytes = buffer.get_mut(..size_of::<T>()).unwrap_or_default();
        self.read_into(offset, bytes)?;
        self.value(offset, bytes)
    }

    #[inline]
    fn value<T: FromBytes>(&self, offset: u64, bytes: &[u8]) -> Result<T> {
        // The length is that of `T`, which is all that `read_from_bytes` asks; were it not, the
        // answer is the truth: so many bytes are not there.
        T::read_from_bytes(bytes).map_err(|_size_error| {
            let (len, bound) = (widen(size_of::<T>()), widen(bytes.len()));
            self.error(Op::Read, ErrorKind::OutOfBounds { offset, len, bound })
        })
    }

    /// Says that these bytes will not be read again soon: for one pass over a large file in little
    /// memory. They can still be read, and are what they were.
    ///
    /// # Shape
    /// `offset`, `len`: bytes; a range that is not within the mapping says nothing.
    ///
    /// # Platform
    /// A live file on POSIX: the pages leave this process (`MADV_DONTNEED`), and stay in the
    /// system's cache. Anonymous memory has nowhere else to be, so there it does nothing.
    ///
    /// # Cost
    /// A system call; the next read of these bytes takes page faults again.
    pub fn release(&self, offset: u64, len: u64) {
        self.mapping.release(offset, len);
    }

    /// The mapped bytes, where they hold still. Where nobody promises that, as for a live file or
    /// once the promise was forgotten, this does not compile:
    ///
    /// ```compile_fail,E0277
    /// use memmap_core::{testing::Fake, MemMap};
    ///
    /// let mm = MemMap::from_mapping(Fake::new(b"bytes")).erase();
    /// let bytes: &[u8] = mm.as_bytes(); // who else may change them?
    /// ```
    pub fn as_bytes(&self) -> &[u8]
    where
        M: Lend,
    {
        self.mapping.as_bytes()
    }

    /// The mapped bytes for writing, where only this owner can change them.
    pub fn as_bytes_mut(&mut self) -> &mut [u8]
    where
        M: LendMut,
    {
        self.mapping.as_bytes_mut()
    }

    /// The number of mapped bytes. The file may be longer, and may have changed since.
    #[inline]
    pub fn len(&self) -> u64 {
        self.mapping.len()
    }

    /// Whether no byte is mapped.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.mapping.is_empty()
    }

    /// The file that was mapped, absolute; `None` for memory without a file.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// How it was opened; memory without a file is [`Mode::ReadWrite`].
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// Bytes from the start of the file to the first mapped one, as asked.
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// Forgets which promise it is, so that maps of several kinds fit one type.
    ///
    /// # Cost
    /// An allocation now; a call through a pointer at each read.
    pub fn erase(self) -> MemMap<Box<dyn Mapping>> {
        let Self { mapping, mode, offset, path } = self;
        MemMap { mapping: Box::new(mapping), mode, offset, path }
    }

    /// Ends the mapping and returns the error that dropping it would lose.
    ///
    /// # Errors
    /// What the mapping could not finish. It is gone all the same.
    pub fn close(mut self) -> Result<()> {
        match self.mapping.close() {
            Ok(()) => Ok(()),
            Err(error) => Err(self.placed(error)),
        }
    }

    #[cold]
    fn error(&self, op: Op, kind: ErrorKind) -> Error {
        self.placed(Error::new(op, kind))
    }

    /// The one place where an error of a mapping learns its path.
    #[cold]
    #[inline(never)]
    fn placed(&self, error: Error) -> Error {
        match self.path() {
            Some(path) => error.with_path(path),
            None => error,
        }
    }
}

/// A range that cannot be read, and why.
#[derive(Debug)]
#[non_exhaustive]
pub struct Unreadable {
    /// Bytes from the start of the mapping.
    pub offset: u64,
    /// Bytes.
    pub len: u64,
    /// Why the first of them cannot be read.
    pub error: Error,
}

impl Unreadable {
    /// Whether a failure at `offset` only makes this range longer.
    fn is_followed_by(&self, offset: u64, error: &Error) -> bool {
        self.offset.checked_add(self.len) == Some(offset)
            && mem::discriminant(self.error.kind()) == mem::discriminant(error.kind())
    }
}

impl<M: Lend> Deref for MemMap<M> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.mapping.as_bytes()
    }
}

impl<M: LendMut> DerefMut for MemMap<M> {
    fn deref_mut(&mut self) -> &mut [u8] {
        self.mapping.as_bytes_mut()
    }
}

impl<M: Lend> AsRef<[u8]> for MemMap<M> {
    fn as_ref(&self) -> &[u8] {
        self.mapping.as_bytes()
    }
}

impl<M: LendMut> AsMut<[u8]> for MemMap<M> {
    fn as_mut(&mut self) -> &mut [u8] {
        self.mapping.as_bytes_mut()
    }
}

impl<M: Mapping> fmt::Debug for MemMap<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemMap")
            .field("path", &self.path())
            .field("mode", &self.mode)
            .field("offset", &self.offset)
            .field("len", &self.len())
            .field("mapping", &self.mapping)
            .finish()
    }
}
