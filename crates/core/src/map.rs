use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::sync::Arc;

use crate::{
    Allocate, DefaultBackend, Error, ErrorKind, Lend, LendMut, MapOptions, Mapping, Mode, Op,
    Result, widen,
};

/// The owner of a mapping: bytes, and the promise `M` about who may change them.
///
/// | `M` | who may change the bytes | reading | borrowing |
/// |---|---|---|---|
/// | `Live`, a file | anyone, any time | copied out and in | does not compile |
/// | `Frozen`, proved unchanging | nobody | borrowed, or copied out | `&[u8]` |
/// | `Ram`, anonymous memory | only this owner | borrowed, or copied out | `&[u8]`, `&mut [u8]` |
/// | `Box<dyn Mapping>` | unknown | copied out | does not compile |
///
/// The facade gives them short names: `MemMap`, `FrozenMap`, `RamMap`, `AnyMap`. Dropping it ends the
/// mapping; [`close`](Self::close) does so too and returns the error that dropping would lose.
///
/// # Dropping
/// What was written to a shared file stays in the system's cache, and reaches the device in its time:
/// dropping loses nothing, but cannot say whether the device then failed, and waits for nothing.
/// [`sync`](Self::sync) and `close` do. Private edits (mode `c`) go with the map.
#[must_use = "a mapping that is not held is gone at once"]
pub struct MemMap<M: Mapping> {
    mapping: M,
    offset: u64,
    path: Option<Arc<Path>>,
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

    /// Maps a whole file that is open already; it stays open, and keeps its position.
    ///
    /// # Errors
    /// Those of [`MapOptions::open_file`].
    pub fn from_file(file: &File, mode: Mode) -> Result<Self> {
        Self::options().mode(mode).open_file(file)
    }

    /// Asks for a part of a file, for another mode, for a new file.
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
        let len = crate::addressable(len).map_err(refuse)?;
        Ok(Self::from_mapping(M::zeroed(len)?))
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
    /// Memory is doubled as it fills: where growing copies (see [`resize`](Self::resize)), up to
    /// twice what was read is in use.
    pub fn from_reader(mut reader: impl Read) -> Result<Self> {
        const FIRST_LEN: usize = 64 << 10;
        let mut ram = M::zeroed(FIRST_LEN)?;
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
                Err(error) => return Err(Error::new(Op::Read, ErrorKind::Os(error))),
            }
        }
        ram.resize(widen(filled))?;
        Ok(Self::from_mapping(ram))
    }
}

impl<M: Mapping> MemMap<M> {
    /// Owns a mapping made elsewhere: a plug-in's, or a fake. It has no path.
    pub const fn from_mapping(mapping: M) -> Self {
        Self { mapping, offset: 0, path: None }
    }

    pub(crate) const fn opened(mapping: M, offset: u64, path: Option<Arc<Path>>) -> Self {
        Self { mapping, offset, path }
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

    /// How it may be used; anonymous memory is [`Mode::ReadWrite`].
    pub fn mode(&self) -> Mode {
        self.mapping.mode()
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
        let Self { mapping, offset, path } = self;
        MemMap { mapping: Box::new(mapping), offset, path }
    }

    /// Ends the mapping: what was written to a shared file is on the device when this returns. An
    /// error that [`sync`](Self::sync) reported before is reported again.
    ///
    /// # Errors
    /// [`ErrorKind::NotDurable`] if the device failed; the mapping is gone all the same.
    ///
    /// # Cost
    /// Of a map that is written, a [`sync`](Self::sync) of all of it.
    pub fn close(mut self) -> Result<()> {
        match self.mapping.close() {
            Ok(()) => Ok(()),
            Err(error) => Err(self.placed(error)),
        }
    }

    /// Forbids writing from now on, also to code that could do it by accident. What was written
    /// before is still brought to the device by [`sync`](Self::sync) and [`close`](Self::close).
    ///
    /// # Errors
    /// The map, unchanged, and [`ErrorKind::Unsupported`] for memory that is lent, where `&` says
    /// the same.
    pub fn into_read_only(mut self) -> Result<Self, (Self, Error)> {
        match self.mapping.protect() {
            Ok(()) => Ok(self),
            Err(error) => {
                let error = self.placed(error);
                Err((self, error))
            }
        }
    }

    pub(crate) fn shared_path(&self) -> Option<Arc<Path>> {
        self.path.clone()
    }

    pub(crate) fn into_parts(self) -> (M, u64, Option<Arc<Path>>) {
        (self.mapping, self.offset, self.path)
    }

    /// The mapping itself, for what its type can do beyond a map.
    pub const fn mapping(&self) -> &M {
        &self.mapping
    }

    pub(crate) const fn mapping_mut(&mut self) -> &mut M {
        &mut self.mapping
    }

    pub(crate) fn parts(&self) -> (&M, Option<&Path>) {
        (&self.mapping, self.path())
    }

    #[cold]
    pub(crate) fn error(&self, op: Op, kind: ErrorKind) -> Error {
        self.placed(Error::new(op, kind))
    }

    /// The one place where an error of a mapping learns its path.
    #[cold]
    #[inline(never)]
    pub(crate) fn placed(&self, error: Error) -> Error {
        match self.path() {
            Some(path) => error.with_path(path),
            None => error,
        }
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
            .field("mode", &self.mode())
            .field("offset", &self.offset)
            .field("len", &self.len())
            .field("mapping", &self.mapping)
            .finish()
    }
}
