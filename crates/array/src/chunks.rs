use std::vec;

use memmap_core::Mapping;

use crate::element::Buffer;
use crate::{Array, Element, Result, Storage, View};

/// The elements of an array in chunks. Made by [`Array::chunks`](crate::Array::chunks).
#[derive(Debug)]
pub struct Chunks<'a, T, M: Mapping> {
    array: View<'a, T, M>,
    len: usize,
    next: usize,
    buffer: Buffer,
}

impl<'a, T: Element, M: Mapping> Chunks<'a, T, M> {
    pub(crate) fn new(array: View<'a, T, M>, len: usize) -> Self {
        Self { array, len, next: 0, buffer: Buffer::default() }
    }

    /// The next chunk, in C order of the indices. The last one may be shorter; `None` after it.
    ///
    /// # Errors
    /// Those of the map, and [`ErrorKind::NotAValue`](crate::ErrorKind::NotAValue). The next call
    /// continues after the elements that could not be read.
    pub fn next_chunk(&mut self) -> Result<Option<&[T]>> {
        let count = self.len.min(self.array.len().saturating_sub(self.next));
        if count == 0 {
            return Ok(None);
        }
        let first = self.next;
        self.next = first.saturating_add(count);
        self.array.read(first, count, &mut self.buffer).map(Some)
    }

    /// The number of elements before the next chunk.
    pub fn position(&self) -> usize {
        self.next
    }
}

impl<'a, T: Element, S: Storage> IntoIterator for &'a Array<T, S> {
    type Item = Result<T>;
    type IntoIter = Iter<'a, T, S::Mapping>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// An iterator over the elements of an array. Made by [`Array::iter`](crate::Array::iter).
#[derive(Debug)]
pub struct Iter<'a, T, M: Mapping> {
    chunks: Chunks<'a, T, M>,
    ready: vec::IntoIter<T>,
}

impl<'a, T: Element, M: Mapping> Iter<'a, T, M> {
    pub(crate) fn new(chunks: Chunks<'a, T, M>) -> Self {
        Self { chunks, ready: Vec::new().into_iter() }
    }
}

impl<T: Element, M: Mapping> Iterator for Iter<'_, T, M> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Result<T>> {
        if let Some(element) = self.ready.next() {
            return Some(Ok(element));
        }
        match self.chunks.next_chunk() {
            Ok(chunk) => {
                self.ready = chunk?.to_vec().into_iter();
                self.ready.next().map(Ok)
            }
            Err(error) => Some(Err(error)),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let unread = self.chunks.array.len().saturating_sub(self.chunks.next);
        let left = unread.saturating_add(self.ready.len());
        // A chunk that cannot be read yields a single error.
        (usize::from(left > 0), Some(left))
    }
}
