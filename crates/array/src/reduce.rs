//! Sums, counts, the least and the greatest, with numpy's meaning.

use std::ops::Range;

use memmap_core::{BLOCK_LEN, Kernel, give, widen};
use zerocopy::IntoBytes;

use crate::element::Buffer;
use crate::read::at_a_time;
use crate::{Array, Element, Error, ErrorKind, Order, Result, Storage, View};

mod kernels;
mod number;
mod pairwise;

#[cfg(feature = "half")]
mod half;

#[cfg(feature = "rayon")]
pub(crate) mod par;

pub use number::{Number, Ordered};

use number::BlockSource;
use number::sealed::Extreme;

/// The bytes that are reduced on their own, before what came of them is put together: whatever the
/// number of threads, so that it does not change a result.
const REDUCE_CHUNK_LEN: usize = 1 << 20;

/// How the chunks of an array are gone through.
pub(crate) trait Walk {
    /// Does `work` for each of `count` chunks, until one says that it is enough.
    fn walk<R: Send>(
        count: usize,
        work: impl Fn(usize) -> Result<R> + Sync,
        is_enough: impl Fn(&R) -> bool + Sync,
    ) -> Result<Vec<R>>;
}

/// One after the other.
#[derive(Debug)]
pub(crate) struct Sequential;

impl Walk for Sequential {
    fn walk<R: Send>(
        count: usize,
        work: impl Fn(usize) -> Result<R> + Sync,
        is_enough: impl Fn(&R) -> bool + Sync,
    ) -> Result<Vec<R>> {
        let mut done = Vec::new();
        for index in 0..count {
            let result = work(index)?;
            let enough = is_enough(&result);
            done.push(result);
            if enough {
                break;
            }
        }
        Ok(done)
    }
}

/// Some elements of an array, as bytes of this machine.
struct Chunk<'a, T, S> {
    array: &'a Array<T, S>,
    /// Whether the elements follow each other in the map, as they are.
    is_flat: bool,
    elements: Range<usize>,
}

impl<T: Element, S: Storage> BlockSource for Chunk<'_, T, S> {
    fn fold_blocks<K: Kernel>(&self, mut kernel: K) -> Result<K> {
        let Range { start, end } = self.elements;
        if self.is_flat {
            let place = |index: usize| {
                let before = widen(index).saturating_mul(widen(size_of::<T>()));
                self.array.layout.start().saturating_add(before)
            };
            return Ok(self.array.map().fold(place(start)..place(end), kernel)?);
        }
        // Whole blocks at a time, as nothing comes behind the rest.
        let at_a_time = at_a_time::<T>().next_multiple_of(BLOCK_LEN);
        let mut buffer = Buffer::default();
        let mut first = start;
        while first < end {
            let count = at_a_time.min(end.saturating_sub(first));
            let bytes = self.array.read(first, count, &mut buffer)?.as_bytes();
            let (blocks, rest) = bytes.as_chunks::<BLOCK_LEN>();
            give(&mut kernel, blocks);
            if !rest.is_empty() {
                kernel.rest(rest);
            }
            first = first.saturating_add(count);
        }
        Ok(kernel)
    }
}

impl<T: Element, S: Storage> Array<T, S> {
    /// The same elements in the order in which they lie, where that is another than that of their
    /// indices: for what does not depend on it.
    fn in_memory_order(&self) -> View<'_, T, S::Mapping> {
        let is_fortran = self.is_contiguous(Order::Fortran) && !self.is_contiguous(Order::C);
        if is_fortran { self.transpose() } else { self.view() }
    }

    fn reduced<W: Walk, R: Send>(
        &self,
        work: impl Fn(&Chunk<'_, T, S>) -> Result<R> + Sync,
        is_enough: impl Fn(&R) -> bool + Sync,
    ) -> Result<Vec<R>>
    where
        S: Sync,
    {
        let at_a_time = elements_per_chunk::<T>();
        let len = self.len();
        let is_flat = self.is_contiguous(Order::C) && !self.is_swapped;
        let chunk = |index: usize| {
            let start = index.saturating_mul(at_a_time);
            let elements = start..start.saturating_add(at_a_time).min(len);
            work(&Chunk { array: self, is_flat, elements })
        };
        W::walk(len.div_ceil(at_a_time), chunk, is_enough)
    }
}

const fn elements_per_chunk<T>() -> usize {
    match REDUCE_CHUNK_LEN.checked_div(size_of::<T>()) {
        Some(0) | None => 1,
        Some(count) => count,
    }
}

#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "a mean is rounded")]
fn count_of(len: usize) -> f64 {
    len as f64
}

/// The reductions, however the array is gone through.
pub(crate) fn sum<W: Walk, T: Number, S: Storage + Sync>(array: &Array<T, S>) -> Result<T::Sum> {
    let array = array.in_memory_order();
    let totals = array.reduced::<W, _>(|chunk| T::total(chunk), |_| false)?;
    Ok(T::sum_of(T::join(&totals)))
}

pub(crate) fn mean<W: Walk, T: Number, S: Storage + Sync>(array: &Array<T, S>) -> Result<T::Mean> {
    let array = array.in_memory_order();
    let totals = array.reduced::<W, _>(|chunk| T::total_for_mean(chunk), |_| false)?;
    Ok(T::mean_of(T::join(&totals), count_of(array.len())))
}

pub(crate) fn count_nonzero<W: Walk, T: Number, S: Storage + Sync>(
    array: &Array<T, S>,
) -> Result<u64> {
    let array = array.in_memory_order();
    let counts = array.reduced::<W, _>(|chunk| T::count_nonzero(chunk), |_| false)?;
    Ok(counts.into_iter().sum())
}

pub(crate) fn any<W: Walk, T: Number, S: Storage + Sync>(array: &Array<T, S>) -> Result<bool> {
    let array = array.in_memory_order();
    let counts = array.reduced::<W, _>(|chunk| T::count_nonzero(chunk), |&count| count > 0)?;
    Ok(counts.into_iter().any(|count| count > 0))
}

pub(crate) fn all<W: Walk, T: Number, S: Storage + Sync>(array: &Array<T, S>) -> Result<bool> {
    let array = array.in_memory_order();
    let is_all =
        |chunk: &Chunk<'_, T, _>| Ok(T::count_nonzero(chunk)? == widen(chunk.elements.len()));
    let answers = array.reduced::<W, _>(is_all, |&is_all| !is_all)?;
    Ok(answers.into_iter().all(|is_all| is_all))
}

pub(crate) fn min_max<W: Walk, T: Ordered, S: Storage + Sync>(
    array: &Array<T, S>,
    doing: &'static str,
) -> Result<(T, T)> {
    let array = array.in_memory_order();
    let parts = array.reduced::<W, _>(|chunk| T::extremes(chunk), |part| part.nan.is_some())?;
    let all = parts.into_iter().reduce(number::Extremes::and);
    match all {
        None => array.at_path(Err(Error::new(ErrorKind::Empty { doing }))),
        Some(number::Extremes { nan: Some(nan), .. }) => Ok((nan, nan)),
        Some(number::Extremes { least, greatest, nan: None }) => Ok((least, greatest)),
    }
}

/// The place of the first extreme, in the order of the indices.
pub(crate) fn arg<W: Walk, T: Ordered, S: Storage + Sync>(
    array: &Array<T, S>,
    is_better: fn(&T, &T) -> bool,
    pick: fn(&number::Extremes<T>) -> T,
    doing: &'static str,
) -> Result<usize> {
    let parts = array.reduced::<W, _>(|chunk| T::extremes(chunk), |part| part.nan.is_some())?;
    let value = |part: &number::Extremes<T>| part.nan.unwrap_or_else(|| pick(part));
    // The first of the best, where a NaN is better than any number.
    let mut best: Option<(usize, T)> = None;
    for (index, part) in parts.iter().enumerate() {
        let candidate = value(part);
        let wins = best.is_none_or(|(_, best)| {
            !Extreme::is_nan(&best) && (Extreme::is_nan(&candidate) || is_better(&candidate, &best))
        });
        if wins {
            best = Some((index, candidate));
        }
    }
    let Some((chunk, _)) = best else {
        return array.at_path(Err(Error::new(ErrorKind::Empty { doing })));
    };
    // Others may write meanwhile: the place is that in what is read now.
    let first = chunk.saturating_mul(elements_per_chunk::<T>());
    let count = elements_per_chunk::<T>().min(array.len().saturating_sub(first));
    let mut buffer = Buffer::default();
    let elements = array.read(first, count, &mut buffer)?;
    let mut found: Option<(usize, T)> = None;
    for (index, &element) in elements.iter().enumerate() {
        if Extreme::is_nan(&element) {
            found = Some((index, element));
            break;
        }
        if found.is_none_or(|(_, best)| is_better(&element, &best)) {
            found = Some((index, element));
        }
    }
    Ok(first.saturating_add(found.map_or(0, |(index, _)| index)))
}

/// Reductions, by one thread. [`par`](Array::par) does the same by all of them.
impl<T: Number, S: Storage + Sync> Array<T, S> {
    /// The sum of all elements, as numpy's: of integers in 64 bits, wrapping around; of floats added in
    /// lanes and as a tree, so that it is at least as exact as numpy's pairwise sum, and the same
    /// whatever the number of threads. 0 of no elements.
    ///
    /// # Errors
    /// Those of the map.
    ///
    /// # Cost
    /// Where the elements follow each other in native byte order, that of reading memory once. Else
    /// they are copied 32 KiB at a time.
    pub fn sum(&self) -> Result<T::Sum> {
        sum::<Sequential, _, _>(self)
    }

    /// The sum divided by the number of elements; of integers it does not wrap around. NaN of no
    /// elements.
    ///
    /// # Errors
    /// Those of the map.
    pub fn mean(&self) -> Result<T::Mean> {
        mean::<Sequential, _, _>(self)
    }

    /// How many elements are not 0; a NaN is not, and -0.0 is.
    ///
    /// # Errors
    /// Those of the map.
    pub fn count_nonzero(&self) -> Result<u64> {
        count_nonzero::<Sequential, _, _>(self)
    }

    /// Whether no element is 0. True of no elements. It stops soon after the first 0.
    ///
    /// # Errors
    /// Those of the map.
    pub fn all(&self) -> Result<bool> {
        all::<Sequential, _, _>(self)
    }

    /// Whether an element is not 0. False of no elements. It stops soon after the first.
    ///
    /// # Errors
    /// Those of the map.
    pub fn any(&self) -> Result<bool> {
        any::<Sequential, _, _>(self)
    }
}

/// The least and the greatest, by one thread.
impl<T: Ordered, S: Storage + Sync> Array<T, S> {
    /// The least element; NaN if there is one, as numpy's `min`.
    ///
    /// # Errors
    /// [`ErrorKind::Empty`] of no elements; those of the map.
    pub fn min(&self) -> Result<T> {
        min_max::<Sequential, _, _>(self, "least").map(|(least, _)| least)
    }

    /// The greatest element; NaN if there is one, as numpy's `max`.
    ///
    /// # Errors
    /// As [`min`](Self::min).
    pub fn max(&self) -> Result<T> {
        min_max::<Sequential, _, _>(self, "greatest").map(|(_, greatest)| greatest)
    }

    /// Both at the price of one.
    ///
    /// # Errors
    /// As [`min`](Self::min).
    pub fn min_max(&self) -> Result<(T, T)> {
        min_max::<Sequential, _, _>(self, "least")
    }

    /// The place of the first least element, counted in the order of the indices, the last fastest; of
    /// the first NaN if there is one. As numpy's `argmin`.
    ///
    /// # Errors
    /// As [`min`](Self::min).
    pub fn argmin(&self) -> Result<usize> {
        arg::<Sequential, _, _>(self, |a, b| a < b, |part| part.least, "least")
    }

    /// The place of the first greatest element, as [`argmin`](Self::argmin).
    ///
    /// # Errors
    /// As [`min`](Self::min).
    pub fn argmax(&self) -> Result<usize> {
        arg::<Sequential, _, _>(self, |a, b| a > b, |part| part.greatest, "greatest")
    }
}
