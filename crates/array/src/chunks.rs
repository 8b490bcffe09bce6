use std::vec;

use memmap_core::Mapping;

use crate::element::Buffer;
use crate::{Array, Element, Result, Storage, View};

/// The elements of an array, some at a time, in one buffer. See [`Array::chunks`](crate::Array::chunks).
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

    /// The next elements, in the order of their indices, the last fastest: as many as were asked for,
    /// and at the end those that are left; `None` behind them.
    ///
    /// # Errors
    /// Those of the map, and [`ErrorKind::NotAValue`](crate::ErrorKind::NotAValue); the elements that
    /// could not be read are passed over, should this be called again.
    pub fn next_chunk(&mut self) -> Result<Option<&[T]>> {
        let count = self.len.min(self.array.len().saturating_sub(self.next));
        if count == 0 {
            return Ok(None);
        }
        let first = self.next;
        self.next = first.saturating_add(count);
        self.array.read(first, count, &mut self.buffer).map(Some)
    }

    /// How many elements were passed.
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

/// The elements of an array, one by one. See [`Array::iter`](crate::Array::iter).
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
        // Of a chunk that cannot be read there is one error instead.
        (usize::from(left > 0), Some(left))
    }
}
