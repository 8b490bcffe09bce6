use std::fmt;
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::sync::Arc;

use crate::{Error, ErrorKind, Lend, LendMut, Mapping, Mode, Op, Refused, Result};

/// The owner of a mapping: bytes, and the promise `T` about who may change them.
///
/// | `T` | who may change the bytes | reading | borrowing |
/// |---|---|---|---|
/// | `Live`, a file | anyone, any time | copied out and in | does not compile |
/// | `Frozen`, proved unchanging | nobody | borrowed, or copied out | `&[u8]` |
/// | `Ram`, anonymous memory | only this owner | borrowed, or copied out | `&[u8]`, `&mut [u8]` |
/// | `Box<dyn Mapping>` | unknown | copied out | does not compile |
///
/// The facade gives them short names: `Map`, `FrozenMap`, `RamMap`, `AnyMap`. Dropping it ends the
/// mapping; [`close`](Self::close) does so too and returns the error that dropping would lose.
///
/// # Dropping
/// What was written to a shared file stays in the system's cache, and reaches the device in its time:
/// dropping loses nothing, but cannot say whether the device then failed, and waits for nothing.
/// [`sync`](Self::sync) and `close` do. Private edits (mode `c`) go with the map.
#[must_use = "a mapping that is not held is gone at once"]
pub struct Map<T: Mapping> {
    mapping: T,
    offset: u64,
    path: Option<Arc<Path>>,
}

impl<T: Mapping> Map<T> {
    /// Owns a mapping made elsewhere: a plug-in's, or a fake. It has no path.
    pub const fn from_mapping(mapping: T) -> Self {
        Self { mapping, offset: 0, path: None }
    }

    pub(crate) const fn opened(mapping: T, offset: u64, path: Option<Arc<Path>>) -> Self {
        Self { mapping, offset, path }
    }

    /// The mapped bytes, where they hold still. Where nobody promises that, as for a live file or
    /// once the promise was forgotten, this does not compile:
    ///
    /// ```compile_fail,E0277
    /// use memmap_core::{testing::Fake, Map};
    ///
    /// let mm = Map::from_mapping(Fake::new(b"bytes")).erase();
    /// let bytes: &[u8] = mm.as_bytes(); // who else may change them?
    /// ```
    pub fn as_bytes(&self) -> &[u8]
    where
        T: Lend,
    {
        self.mapping.as_bytes()
    }

    /// The mapped bytes for writing, where only this owner can change them.
    pub fn as_bytes_mut(&mut self) -> &mut [u8]
    where
        T: LendMut,
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
    pub fn erase(self) -> Map<Box<dyn Mapping>> {
        let Self { mapping, offset, path } = self;
        Map { mapping: Box::new(mapping), offset, path }
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
    pub fn into_read_only(mut self) -> Result<Self, Refused<Self>> {
        match self.mapping.protect() {
            Ok(()) => Ok(self),
            Err(error) => {
                let error = self.placed(error);
                Err(Refused { value: self, error })
            }
        }
    }

    pub(crate) fn shared_path(&self) -> Option<Arc<Path>> {
        self.path.clone()
    }

    pub(crate) fn into_parts(self) -> (T, u64, Option<Arc<Path>>) {
        (self.mapping, self.offset, self.path)
    }

    /// The mapping itself, for what its type can do beyond a map.
    pub const fn mapping(&self) -> &T {
        &self.mapping
    }

    pub(crate) const fn mapping_mut(&mut self) -> &mut T {
        &mut self.mapping
    }

    pub(crate) fn parts(&self) -> (&T, Option<&Path>) {
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

impl<T: Lend> Deref for Map<T> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.mapping.as_bytes()
    }
}

impl<T: LendMut> DerefMut for Map<T> {
    fn deref_mut(&mut self) -> &mut [u8] {
        self.mapping.as_bytes_mut()
    }
}

impl<T: Lend> AsRef<[u8]> for Map<T> {
    fn as_ref(&self) -> &[u8] {
        self.mapping.as_bytes()
    }
}

impl<T: LendMut> AsMut<[u8]> for Map<T> {
    fn as_mut(&mut self) -> &mut [u8] {
        self.mapping.as_bytes_mut()
    }
}

impl<T: Mapping> fmt::Debug for Map<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Map")
            .field("path", &self.path())
            .field("mode", &self.mode())
            .field("offset", &self.offset)
            .field("len", &self.len())
            .field("mapping", &self.mapping)
            .finish()
    }
}
