use memmap_core::{Map, Mapping};
use zerocopy::IntoBytes;

use crate::array::{Storage, StorageMut};
use crate::element::Buffer;
use crate::gather::scatter;
use crate::read::at_a_time;
use crate::{Array, Element, IntoIndex, Result};

/// Writing.
impl<T: Element, S: StorageMut> Array<T, S> {
    /// Writes one element.
    ///
    /// # Errors
    /// As [`get`](Self::get); [`ReadOnly`](memmap_core::ErrorKind::ReadOnly) in mode `r`.
    #[inline]
    #[expect(clippy::needless_pass_by_value, reason = "allows `set([i, j], value)`")]
    pub fn set(&mut self, position: impl IntoIndex, value: T) -> Result<()> {
        let at = self.at_path(self.layout.place(position.indices()))?;
        if self.is_swapped {
            let mut buffer = Buffer::default();
            let bytes = buffer.bytes(size_of::<T>());
            bytes.copy_from_slice(value.as_bytes());
            T::swap(bytes);
            self.storage.map_mut().write_at(at, bytes)?;
        } else {
            self.storage.map_mut().write_at(at, value.as_bytes())?;
        }
        Ok(())
    }

    /// Writes all elements, in C order of their indices.
    ///
    /// # Errors
    /// [`ErrorKind::ShapeDiffers`](crate::ErrorKind::ShapeDiffers) unless the array has as many elements,
    /// and then nothing is written; those of the map.
    pub fn assign(&mut self, elements: &[T]) -> Result<()> {
        self.require_len(elements.len())?;
        if !self.is_swapped {
            return scatter(self.storage.map_mut(), &self.layout, 0, elements.as_bytes());
        }
        let mut first = 0_usize;
        for part in elements.chunks(at_a_time::<T>()) {
            self.write(first, part)?;
            first = first.saturating_add(part.len());
        }
        Ok(())
    }

    /// Writes elements from the `first` one on, in C order of their indices.
    pub(crate) fn write(&mut self, first: usize, elements: &[T]) -> Result<()> {
        if !self.is_swapped {
            return scatter(self.storage.map_mut(), &self.layout, first, elements.as_bytes());
        }
        let mut buffer = Buffer::default();
        let bytes = buffer.bytes(size_of_val(elements));
        bytes.copy_from_slice(elements.as_bytes());
        T::swap(bytes);
        scatter(self.storage.map_mut(), &self.layout, first, bytes)
    }

    /// Writes the elements of another array of the same shape, which may be in another file, order or
    /// byte order.
    ///
    /// # Errors
    /// As [`assign`](Self::assign); those of reading the other array.
    pub fn assign_from(&mut self, other: &Array<T, impl Storage>) -> Result<()> {
        if other.shape() != self.shape() {
            let (asked, found) = (other.shape().to_vec(), self.shape().to_vec());
            let kind = crate::ErrorKind::ShapeDiffers { asked, found };
            return self.at_path(Err(crate::Error::new(kind)));
        }
        let mut chunks = other.chunks(at_a_time::<T>());
        let mut first = 0_usize;
        while let Some(chunk) = chunks.next_chunk()? {
            self.write(first, chunk)?;
            first = first.saturating_add(chunk.len());
        }
        Ok(())
    }

    /// Writes the same value to every element.
    ///
    /// # Errors
    /// Those of the map.
    pub fn fill(&mut self, value: T) -> Result<()> {
        let count = at_a_time::<T>().min(self.len());
        let mut buffer = Buffer::default();
        let bytes = buffer.bytes(count.saturating_mul(size_of::<T>()));
        for element in bytes.chunks_mut(size_of::<T>().max(1)) {
            element.copy_from_slice(value.as_bytes());
        }
        if self.is_swapped {
            T::swap(bytes);
        }
        for first in (0..self.len()).step_by(count.max(1)) {
            let left = self.len().saturating_sub(first).saturating_mul(size_of::<T>());
            let part = bytes.get(..left.min(bytes.len())).unwrap_or_default();
            scatter(self.storage.map_mut(), &self.layout, first, part)?;
        }
        Ok(())
    }
}

/// Durability.
impl<T, S: Storage> Array<T, S> {
    /// Waits until written elements are on the device. An array that owns its map flushes the whole
    /// map, a `.npy` header included; a view flushes its own pages (numpy flushes the whole file).
    ///
    /// Does nothing for a read-only map and for one with private edits.
    ///
    /// # Errors
    /// [`NotDurable`](memmap_core::ErrorKind::NotDurable).
    pub fn flush(&self) -> Result<()> {
        let (start, len) = if S::IS_OWNED { (0, self.map().len()) } else { self.layout.span() };
        Ok(self.map().sync(start..start.saturating_add(len))?)
    }
}

impl<T, M: Mapping> Array<T, Map<M>> {
    /// Closes the array and its map. Whatever was written is on the device when this returns.
    ///
    /// # Errors
    /// Those of [`Map::close`].
    pub fn close(self) -> Result<()> {
        Ok(self.into_map().close()?)
    }
}
