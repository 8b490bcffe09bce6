use std::ops::Range;

use memmap_core::{Lend, LendMut, Map, widen};
use zerocopy::TryFromBytes;

use crate::array::StorageMut;
use crate::chunks::{Chunks, Iter};
use crate::element::{Buffer, finish, values};
use crate::gather::gather;
use crate::{Array, Element, Error, ErrorKind, IntoIndex, Order, Result, Storage};

/// The default number of bytes to read at a time: few enough to stay in the cache.
pub(crate) const CHUNK_LEN: usize = 32 << 10;

/// Reading.
impl<T: Element, S: Storage> Array<T, S> {
    /// Copies one element out.
    ///
    /// # Errors
    /// [`ErrorKind::IndexOutOfBounds`], [`ErrorKind::WrongDimensions`]; those of the map, as when the
    /// file was cut short.
    ///
    /// # Cost
    /// A few nanoseconds if the page is in memory.
    ///
    /// # Examples
    /// ```
    /// use memmap_array::Array;
    /// use memmap_anon::Ram;
    /// use memmap_core::Map;
    ///
    /// let mut table = Array::<f64, Map<Ram>>::zeros([2, 3])?;
    /// table.set([1, 2], 0.5)?;
    /// assert_eq!(table.get([1, 2])?, 0.5);
    /// assert!(table.get([2, 0]).is_err());
    /// # Ok::<(), memmap_array::Error>(())
    /// ```
    #[inline]
    #[expect(clippy::needless_pass_by_value, reason = "allows `get([i, j])`")]
    pub fn get(&self, position: impl IntoIndex) -> Result<T> {
        match self.layout.place(position.indices()) {
            Ok(at) => T::load(self.map(), at, self.is_swapped),
            Err(error) => self.at_path(Err(error)),
        }
    }

    /// Copies all elements, in C order of their indices.
    ///
    /// # Errors
    /// Those of the map; [`OutOfMemory`](memmap_core::ErrorKind::OutOfMemory).
    pub fn to_vec(&self) -> Result<Vec<T>> {
        let mut all = Vec::new();
        if all.try_reserve_exact(self.len()).is_err() {
            let kind = memmap_core::ErrorKind::OutOfMemory { len: self.byte_len() };
            let error = memmap_core::Error::new(memmap_core::Op::Read, kind);
            return self.at_path(Err(error.into()));
        }
        let mut chunks = self.chunks(at_a_time::<T>());
        while let Some(chunk) = chunks.next_chunk()? {
            all.extend_from_slice(chunk);
        }
        Ok(all)
    }

    /// Copies all elements into `out`, in C order of their indices.
    ///
    /// # Errors
    /// [`ErrorKind::ShapeDiffers`] unless `out` has as many elements; those of the map, after which the
    /// contents of `out` are unspecified.
    pub fn copy_to(&self, out: &mut [T]) -> Result<()> {
        self.require_len(out.len())?;
        let mut rest = out;
        let mut chunks = self.chunks(at_a_time::<T>());
        while let Some(chunk) = chunks.next_chunk()? {
            let (part, behind) = rest.split_at_mut(chunk.len().min(rest.len()));
            part.copy_from_slice(chunk.get(..part.len()).unwrap_or_default());
            rest = behind;
        }
        Ok(())
    }

    /// Iterates over the elements, in C order of their indices.
    ///
    /// # Cost
    /// Elements are copied 32 KiB at a time. For computing, [`chunks`](Self::chunks) is faster, and
    /// reductions such as [`sum`](Self::sum) are fastest.
    pub fn iter(&self) -> Iter<'_, T, S::Mapping> {
        Iter::new(self.chunks(at_a_time::<T>()))
    }

    /// The elements in chunks of `len`, each copied into the same buffer: the fast way to compute over a
    /// file that others may change.
    ///
    /// # Examples
    /// ```
    /// use memmap_array::Array;
    /// use memmap_anon::Ram;
    /// use memmap_core::Map;
    ///
    /// let ones = Array::<u8, Map<Ram>>::filled([100, 100], 1)?;
    /// let (mut chunks, mut total) = (ones.chunks(4096), 0_u64);
    /// while let Some(chunk) = chunks.next_chunk()? {
    ///     total += chunk.iter().map(|&one| u64::from(one)).sum::<u64>();
    /// }
    /// assert_eq!(total, 10_000);
    /// # Ok::<(), memmap_array::Error>(())
    /// ```
    pub fn chunks(&self, len: usize) -> Chunks<'_, T, S::Mapping> {
        Chunks::new(self.view(), len.max(1))
    }

    /// Borrows the elements as a slice, without a copy. For memory, and for files that are proved
    /// unchanging.
    ///
    /// # Errors
    /// [`ErrorKind::NotContiguous`] unless the elements are contiguous in C order (of a Fortran array,
    /// borrow the [`transpose`](Self::transpose)); [`ErrorKind::NotAligned`] and
    /// [`ErrorKind::ForeignByteOrder`], in which case [`to_vec`](Self::to_vec) works;
    /// [`ErrorKind::NotAValue`].
    pub fn as_slice(&self) -> Result<&[T]>
    where
        S::Mapping: Lend,
    {
        self.lent(Order::C)
    }

    /// Borrows the elements as a mutable slice. For memory that only the owner can change.
    ///
    /// # Errors
    /// As [`as_slice`](Self::as_slice).
    pub fn as_slice_mut(&mut self) -> Result<&mut [T]>
    where
        S: StorageMut,
        S::Mapping: LendMut,
    {
        self.lent_mut(Order::C)
    }

    /// Borrows the elements in the order in which they are stored, which has to be `order`.
    pub(crate) fn lent(&self, order: Order) -> Result<&[T]>
    where
        S::Mapping: Lend,
    {
        let range = self.at_path(self.range(order))?;
        if self.is_empty() {
            return Ok(&[]);
        }
        let bytes = self.map().as_bytes().get(range).unwrap_or_default();
        // The length is right, so the only possible errors are alignment and an invalid value.
        match <[T]>::try_ref_from_bytes_with_elems(bytes, self.len()) {
            Ok(elements) => Ok(elements),
            Err(zerocopy::ConvertError::Validity(_)) => {
                Err(self.not_a_value(values::<T>(bytes, self.len()).err().unwrap_or(0), order))
            }
            Err(_unaligned) => self.at_path(Err(Error::new(ErrorKind::NotAligned {
                at: self.map().offset().saturating_add(self.layout.start()),
                alignment: align_of::<T>(),
            }))),
        }
    }

    /// As [`lent`](Self::lent), mutably.
    pub(crate) fn lent_mut(&mut self, order: Order) -> Result<&mut [T]>
    where
        S: StorageMut,
        S::Mapping: LendMut,
    {
        // Whatever can be borrowed can be borrowed mutably.
        self.lent(order)?;
        let (range, count) = (self.range(order)?, self.len());
        let bytes = self.storage.map_mut().as_bytes_mut().get_mut(range);
        let elements =
            bytes.and_then(|bytes| <[T]>::try_mut_from_bytes_with_elems(bytes, count).ok());
        Ok(elements.unwrap_or_default())
    }

    /// Reads elements into a buffer and borrows them from it.
    pub(crate) fn read<'b>(
        &self,
        first: usize,
        count: usize,
        buffer: &'b mut Buffer,
    ) -> Result<&'b [T]> {
        let len = count.saturating_mul(self.layout.itemsize());
        let bytes = buffer.bytes(len);
        gather(self.map(), &self.layout, first, bytes)?;
        finish::<T>(bytes, self.is_swapped);
        values(buffer.filled(len), count)
            .map_err(|index| self.not_a_value(first.saturating_add(index), Order::C))
    }

    /// The error for an element with an invalid value. The index counts in this order.
    #[cold]
    fn not_a_value(&self, index: usize, order: Order) -> Error {
        let layout = match order {
            Order::C => self.layout.clone(),
            Order::Fortran => self.layout.transposed(),
        };
        let at = layout.runs(index).next().map_or_else(|| layout.start(), |run| run.at);
        self.placed(Error::new(ErrorKind::NotAValue { at }))
    }

    /// The range of the bytes, if the elements are contiguous in this order and in native byte order.
    fn range(&self, order: Order) -> Result<Range<usize>> {
        if !self.is_contiguous(order) {
            return Err(ErrorKind::NotContiguous { doing: "borrowed as a slice" }.into());
        }
        if self.is_swapped {
            return Err(ErrorKind::ForeignByteOrder { dtype: self.dtype.clone() }.into());
        }
        let start = usize::try_from(self.layout.start());
        let len = usize::try_from(self.byte_len());
        Ok(match (start, len) {
            (Ok(start), Ok(len @ 1..)) => start..start.saturating_add(len),
            _ => 0..0,
        })
    }
}

/// Anonymous memory.
impl<T: Element, P: memmap_core::Private> Array<T, Map<memmap_core::Ram<P>>> {
    /// An array of zeros in anonymous memory, in C order.
    ///
    /// # Errors
    /// [`ErrorKind::ArrayTooLarge`]; those of [`Map::new`].
    pub fn zeros(shape: impl crate::IntoShape) -> Result<Self> {
        let shape = shape.into_shape();
        let bytes = crate::layout::byte_count(&shape, size_of::<T>())?;
        Self::from_map(Map::new(bytes)?, 0, shape, Order::C)
    }

    /// An array of one value in anonymous memory, in C order.
    ///
    /// # Errors
    /// As [`zeros`](Self::zeros).
    pub fn filled(shape: impl crate::IntoShape, value: T) -> Result<Self> {
        let mut array = Self::zeros(shape)?;
        array.fill(value)?;
        Ok(array)
    }
}

/// The default number of elements to read at a time.
pub(crate) const fn at_a_time<T>() -> usize {
    match CHUNK_LEN.checked_div(size_of::<T>()) {
        Some(0) | None => 1,
        Some(count) => count,
    }
}

/// The number of elements in `bytes`, if it is an integer.
pub(crate) fn elements_in(bytes: u64, itemsize: usize) -> Option<u64> {
    bytes.is_multiple_of(widen(itemsize)).then(|| bytes.checked_div(widen(itemsize))).flatten()
}
