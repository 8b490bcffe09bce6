use std::ops::RangeBounds;

use zerocopy::{FromBytes, Immutable, IntoBytes};

use memmap_guard::{AtomicOp, Integer};

use crate::{Error, Map, Mode, Op, Origin, Result, Share, range};

/// The bytes of a map, shared by many threads: every copy of this value can read and write.
///
/// Made by [`cells`](Map::cells). It is `Copy`, `Send` and `Sync`: give one to each thread. While one
/// lives, the map itself can be neither resized, closed nor written; the compiler checks that:
///
/// ```compile_fail,E0499
/// # fn f<S: memmap_core::System>(mut mm: memmap_core::Map<memmap_core::Live<S>>) -> memmap_core::Result<()> {
/// let cells = mm.cells();
/// mm.resize(1 << 20)?; // a cell may be in use
/// cells.fetch_add(0, 1_u64)?;
/// # Ok(())
/// # }
/// ```
///
/// # Memory ordering
/// Copies ([`read_into`](Self::read_into), [`write_at`](Self::write_at), [`get`](Self::get),
/// [`set`](Self::set), [`fill_range`](Self::fill_range)) may tear: a value written at the same time may
/// be seen in part, byte by byte. An integer accessed by [`load`](Self::load), [`store`](Self::store),
/// [`fetch_add`](Self::fetch_add) or [`compare_exchange`](Self::compare_exchange) is never torn, for all
/// threads and all processes that map the file. Loads acquire, stores release, the other two do both:
/// whoever loads a stored value also sees everything written before the store
/// (`std::sync::atomic::Ordering`).
///
/// # Shape
/// Integers are in native byte order. Their offset *in the file* must be a multiple of their size. For
/// bytes that were read into memory instead of mapped, it is their offset there.
#[derive(Debug)]
pub struct SharedCells<'a, M: Share> {
    mapping: &'a M,
    origin: Option<&'a Origin>,
}

impl<M: Share> Clone for SharedCells<'_, M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M: Share> Copy for SharedCells<'_, M> {}

impl<'a, M: Share> SharedCells<'a, M> {
    /// The bytes of this map, which is borrowed exclusively meanwhile.
    #[doc(hidden)]
    pub fn of(map: &'a mut Map<M>) -> Self {
        let (mapping, origin) = map.parts();
        SharedCells { mapping, origin }
    }
}

impl<M: Share> SharedCells<'_, M> {
    /// The number of mapped bytes.
    pub fn len(&self) -> u64 {
        self.mapping.len()
    }

    /// Returns `true` if no bytes are mapped.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The mode of the map.
    pub fn mode(&self) -> Mode {
        self.mapping.mode()
    }

    /// Copies bytes into `out`, as [`Map::read_into`].
    ///
    /// # Errors
    /// As there.
    #[inline]
    pub fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        self.mapping.read_into(offset, out).map_err(|error| self.placed(error))
    }

    /// Copies one value of plain data out, as [`Map::get`].
    ///
    /// # Errors
    /// As there.
    #[inline]
    pub fn get<T: FromBytes + IntoBytes>(&self, offset: u64) -> Result<T> {
        let mut value = T::new_zeroed();
        self.read_into(offset, value.as_mut_bytes())?;
        Ok(value)
    }

    /// Copies `bytes` into the map, as [`Map::write_at`].
    ///
    /// # Errors
    /// As there.
    #[inline]
    pub fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<()> {
        self.mapping.write_shared(offset, bytes).map_err(|error| self.placed(error))
    }

    /// Stores one value of plain data, as [`Map::set`].
    ///
    /// # Errors
    /// As there.
    #[inline]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a value of plain data is stored, as in a cell"
    )]
    pub fn set<T: IntoBytes + Immutable>(&self, offset: u64, value: T) -> Result<()> {
        self.write_at(offset, value.as_bytes())
    }

    /// Sets bytes to `byte`, as [`Map::fill_range`].
    ///
    /// # Errors
    /// As there.
    pub fn fill_range(&self, range: impl RangeBounds<u64>, byte: u8) -> Result<()> {
        range::within(range, self.len(), Op::Write)
            .and_then(|(offset, len)| self.mapping.fill_shared(offset, len, byte))
            .map_err(|error| self.placed(error))
    }

    /// Loads an integer atomically.
    ///
    /// # Errors
    /// [`Misaligned`](crate::ErrorKind::Misaligned), and those of [`Map::read_into`].
    #[inline]
    pub fn load<T: Integer>(&self, offset: u64) -> Result<T> {
        self.perform(offset, AtomicOp::Load)
    }

    /// Stores an integer atomically.
    ///
    /// # Errors
    /// [`Misaligned`](crate::ErrorKind::Misaligned), and those of [`Map::write_at`].
    #[inline]
    pub fn store<T: Integer>(&self, offset: u64, value: T) -> Result<()> {
        self.perform(offset, AtomicOp::Store(value)).map(drop)
    }

    /// Adds to an integer atomically, wrapping on overflow, and returns its previous value.
    ///
    /// # Errors
    /// [`Misaligned`](crate::ErrorKind::Misaligned), and those of [`Map::write_at`].
    #[inline]
    pub fn fetch_add<T: Integer>(&self, offset: u64, more: T) -> Result<T> {
        self.perform(offset, AtomicOp::Add(more))
    }

    /// Stores `new` atomically if the integer is `old`. Returns `Ok(Ok(old))` if it was, and otherwise
    /// `Ok(Err(current))` with its current value.
    ///
    /// # Errors
    /// [`Misaligned`](crate::ErrorKind::Misaligned), and those of [`Map::write_at`].
    #[inline]
    pub fn compare_exchange<T: Integer>(
        &self,
        offset: u64,
        old: T,
        new: T,
    ) -> Result<Result<T, T>> {
        let was = self.perform(offset, AtomicOp::Exchange { old, new })?;
        Ok(if was == old { Ok(was) } else { Err(was) })
    }

    /// Returns when all bytes written in `range` are on the device, as [`Map::sync`].
    ///
    /// # Errors
    /// As there.
    pub fn sync(&self, range: impl RangeBounds<u64>) -> Result<()> {
        range::within(range, self.len(), Op::Sync)
            .and_then(|(offset, len)| self.mapping.sync(offset, len))
            .map_err(|error| self.placed(error))
    }

    #[inline]
    fn perform<T: Integer>(&self, offset: u64, op: AtomicOp<T>) -> Result<T> {
        self.mapping.atomic(offset, op).map_err(|error| self.placed(error))
    }

    #[cold]
    #[inline(never)]
    fn placed(&self, error: Error) -> Error {
        match self.origin {
            Some(origin) => error.with_origin(origin.clone()),
            None => error,
        }
    }
}
