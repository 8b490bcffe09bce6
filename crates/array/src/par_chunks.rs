use memmap_core::Mapping;
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use crate::element::Buffer;
use crate::{Array, Element, Result, Storage, View};

/// The elements of an array in chunks, for several threads. Made by [`Array::par_chunks`].
#[derive(Debug)]
pub struct ParChunks<'a, T, M: Mapping> {
    array: View<'a, T, M>,
    len: usize,
}

impl<T: Element, S: Storage> Array<T, S> {
    /// The elements in chunks of `len`, each copied into a buffer of its thread: to compute on all cores
    /// over a file that others may change.
    ///
    /// # Examples
    /// ```
    /// use memmap_array::Array;
    /// use memmap_anon::Ram;
    /// use memmap_core::Map;
    ///
    /// let ones = Array::<u8, Map<Ram>>::filled([100, 100], 1)?;
    /// let totals = ones.par_chunks(4096).map(|_, chunk| chunk.iter().map(|&it| u64::from(it)).sum::<u64>())?;
    /// assert_eq!(totals, [4096, 4096, 1808]);
    /// # Ok::<(), memmap_array::Error>(())
    /// ```
    ///
    /// # Platform
    /// Uses rayon's threads, as [`par`](Array::par) does.
    pub fn par_chunks(&self, len: usize) -> ParChunks<'_, T, S::Mapping> {
        ParChunks { array: self.view(), len: len.max(1) }
    }
}

impl<T: Element, M: Mapping> ParChunks<'_, T, M> {
    /// Calls `work` with the index of the first element of each chunk and its elements, in any order.
    ///
    /// # Errors
    /// The first error of the map.
    pub fn for_each(self, work: impl Fn(usize, &[T]) + Sync) -> Result<()> {
        self.map(work).map(drop)
    }

    /// As [`for_each`](Self::for_each), and returns the results in the order of the chunks.
    ///
    /// # Errors
    /// The first error of the map.
    pub fn map<R: Send>(self, work: impl Fn(usize, &[T]) -> R + Sync) -> Result<Vec<R>> {
        let Self { array, len } = self;
        let count = array.len().div_ceil(len);
        (0..count)
            .into_par_iter()
            .with_min_len(1)
            .map_init(Buffer::default, |buffer, index| {
                let first = index.saturating_mul(len);
                let count = len.min(array.len().saturating_sub(first));
                Ok(work(first, array.read(first, count, buffer)?))
            })
            .collect()
    }
}
