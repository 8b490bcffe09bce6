use std::fmt;
use std::ops::{Deref, DerefMut, Index, IndexMut};
use std::path::Path;
use std::slice::SliceIndex;

use crate::{
    Error, ErrorKind, Identity, Lend, LendMut, Mapping, Mode, Op, Origin, Refused, Region, Result,
};

/// The owner of a mapping: bytes, and the promise `T` about who may change them.
///
/// | `T` | who may change the bytes | reading | borrowing |
/// |---|---|---|---|
/// | `Live`, a file | anyone, at any time | copied out and in | does not compile |
/// | `Frozen`, proved unchanging | nobody | borrowed, or copied out | `&[u8]` |
/// | `Ram`, anonymous memory | only this owner | borrowed, or copied out | `&[u8]`, `&mut [u8]` |
/// | `Box<dyn Mapping>` | unknown | copied out | does not compile |
///
/// The facade gives them short names: `Map`, `FrozenMap`, `RamMap`, `AnyMap`. Dropping the map ends the
/// mapping. [`close`](Self::close) does the same and returns the error that dropping would lose.
///
/// # Dropping
/// Bytes written to a shared file stay in the system's cache and reach the device later. Dropping loses
/// none of them, but it does not wait, and it cannot report a later failure of the device.
/// [`sync`](Self::sync) and `close` can. Private edits (mode `c`) are discarded with the map.
#[must_use = "a mapping that is not held is gone at once"]
pub struct Map<T: Mapping> {
    mapping: T,
    offset: u64,
    origin: Option<Origin>,
}

impl<T: Mapping> Map<T> {
    /// Owns a mapping that was made elsewhere, such as a plug-in's or a fake. The map has no
    /// origin.
    pub const fn from_mapping(mapping: T) -> Self {
        Self { mapping, offset: 0, origin: None }
    }

    /// A map with its place: for crates over this one, whose maps are of a source that was opened.
    #[doc(hidden)]
    #[inline(always)]
    pub const fn opened(mapping: T, offset: u64, origin: Option<Origin>) -> Self {
        Self { mapping, offset, origin }
    }

    /// The mapped bytes, if they cannot change. Where nothing promises that, as for a live file or after
    /// [`erase`](Self::erase), this does not compile:
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

    /// The mapped bytes for writing, if only this owner can change them.
    pub fn as_bytes_mut(&mut self) -> &mut [u8]
    where
        T: LendMut,
    {
        self.mapping.as_bytes_mut()
    }

    /// The number of mapped bytes. The file may be longer, and may have changed since it was mapped.
    #[inline]
    pub fn len(&self) -> u64 {
        self.mapping.len()
    }

    /// Returns `true` if no bytes are mapped.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The absolute path of the mapped file; `None` for memory, for a file that was passed open, and for
    /// what is not a file.
    pub fn path(&self) -> Option<&Path> {
        self.origin.as_ref()?.as_path()
    }

    /// Where the bytes come from, as errors name it; `None` for memory, and for a file that was passed
    /// open.
    pub const fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }

    /// The parts of it that have names, in order: what a process has mapped. A file has none.
    pub fn regions(&self) -> &[Region] {
        self.mapping().regions()
    }

    /// Which version of its source the map shows; `None` for memory, and for a source that has no
    /// versions. [`MapOptions::identity`](crate::MapOptions::identity) opens that version alone.
    ///
    /// The identity of a file is what it is now. Writing by calls, resizing and replacing change it. Writing
    /// through a mapping may not, here or in another process: the system sets the time of change when a page
    /// becomes dirty, and not for later bytes of that page. It is also `None` for a block device, and for a
    /// file that cannot be found any more.
    ///
    /// # Cost
    /// A system call or two for a file; the file may be opened again for it.
    pub fn identity(&self) -> Option<Identity> {
        self.mapping.identity()
    }

    /// The mode of the map. Anonymous memory is [`Mode::ReadWrite`].
    pub fn mode(&self) -> Mode {
        self.mapping.mode()
    }

    /// Bytes from the start of the file to the first mapped one, as requested.
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// Erases the type of the promise, so that maps of different types can be stored as one type.
    ///
    /// # Cost
    /// One allocation now, and a call through a pointer for each read.
    pub fn erase(self) -> Map<Box<dyn Mapping>> {
        let Self { mapping, offset, origin } = self;
        Map { mapping: Box::new(mapping), offset, origin }
    }

    /// Ends the mapping. Everything written to a shared file is on the device when this returns. An
    /// error that [`sync`](Self::sync) reported before is reported again.
    ///
    /// # Errors
    /// [`ErrorKind::NotDurable`] if the device failed. The mapping ends in that case too.
    ///
    /// # Cost
    /// For a writable map, a [`sync`](Self::sync) of the whole map.
    pub fn close(mut self) -> Result<()> {
        match self.mapping.close() {
            Ok(()) => Ok(()),
            Err(error) => Err(self.placed(error)),
        }
    }

    /// Forbids writing from now on, so that no code can write by accident. Earlier writes are still
    /// brought to the device by [`sync`](Self::sync) and [`close`](Self::close).
    ///
    /// # Errors
    /// The unchanged map and [`ErrorKind::Unsupported`] for memory that is lent, where a shared
    /// reference has the same effect.
    pub fn into_read_only(mut self) -> Result<Self, Refused<Self>> {
        match self.mapping.protect() {
            Ok(()) => Ok(self),
            Err(error) => {
                let error = self.placed(error);
                Err(Refused { value: self, error })
            }
        }
    }

    pub(crate) fn into_parts(self) -> (T, u64, Option<Origin>) {
        (self.mapping, self.offset, self.origin)
    }

    /// The mapping itself, for operations that only its type has.
    pub const fn mapping(&self) -> &T {
        &self.mapping
    }

    pub(crate) const fn mapping_mut(&mut self) -> &mut T {
        &mut self.mapping
    }

    pub(crate) const fn parts(&self) -> (&T, Option<&Origin>) {
        (&self.mapping, self.origin())
    }

    #[cold]
    pub(crate) fn error(&self, op: Op, kind: ErrorKind) -> Error {
        self.placed(Error::new(op, kind))
    }

    /// The one place where an error of a mapping gets its origin.
    #[cold]
    #[inline(never)]
    pub(crate) fn placed(&self, error: Error) -> Error {
        match self.origin() {
            Some(origin) => error.with_origin(origin.clone()),
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

/// Indexing is that of the slice. It is written out, although `Deref` would do, so that the compiler says
/// what to do where the bytes cannot be borrowed.
impl<T: Lend, I: SliceIndex<[u8]>> Index<I> for Map<T> {
    type Output = I::Output;

    #[inline]
    #[expect(
        clippy::indexing_slicing,
        reason = "it panics where the slice does, as documented there"
    )]
    fn index(&self, index: I) -> &I::Output {
        &self.mapping.as_bytes()[index]
    }
}

impl<T: LendMut, I: SliceIndex<[u8]>> IndexMut<I> for Map<T> {
    #[inline]
    #[expect(
        clippy::indexing_slicing,
        reason = "it panics where the slice does, as documented there"
    )]
    fn index_mut(&mut self, index: I) -> &mut I::Output {
        &mut self.mapping.as_bytes_mut()[index]
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
            .field("origin", &self.origin())
            .field("mode", &self.mode())
            .field("offset", &self.offset)
            .field("len", &self.len())
            .field("mapping", &self.mapping)
            .finish()
    }
}
