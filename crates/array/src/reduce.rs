//! Reductions with numpy's meaning.

use std::ops::Range;

use memmap_core::{BLOCK_LEN, Kernel, feed_blocks, widen};
use zerocopy::IntoBytes;

use crate::element::Buffer;
use crate::read::at_a_time;
use crate::{Array, Element, Error, ErrorKind, Order, Result, Storage, View};

mod along;
mod axis;
mod columns;
mod kernels;
mod sealed;
mod number;
mod pairwise;
mod product;

#[cfg(feature = "half")]
mod half;

#[cfg(feature = "rayon")]
pub(crate) mod par;

pub use number::{Number, Ordered};

use sealed::{BlockSource, Extreme};

/// The number of bytes that are reduced separately. It does not depend on the number of threads, so
/// neither does the result.
const REDUCE_CHUNK_LEN: usize = 1 << 20;

/// How the chunks of an array are processed.
pub(crate) trait Walk {
    /// Calls `work` for each of `count` chunks, until a result is enough.
    fn walk<R: Send>(
        count: usize,
        work: impl Fn(usize) -> Result<R> + Sync,
        is_enough: impl Fn(&R) -> bool + Sync,
    ) -> Result<Vec<R>>;
}

/// One chunk after another.
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

/// Consecutive elements of an array, as bytes in native byte order.
struct Chunk<'a, T, S> {
    array: &'a Array<T, S>,
    /// Whether the elements are contiguous and native in the map.
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
        // Whole blocks at a time: only the last call may have a rest.
        let at_a_time = at_a_time::<T>().next_multiple_of(BLOCK_LEN);
        let mut buffer = Buffer::default();
        let mut first = start;
        while first < end {
            let count = at_a_time.min(end.saturating_sub(first));
            let bytes = self.array.read(first, count, &mut buffer)?.as_bytes();
            let (blocks, rest) = bytes.as_chunks::<BLOCK_LEN>();
            feed_blocks(&mut kernel, blocks);
            if !rest.is_empty() {
                kernel.rest(rest);
            }
            first = first.saturating_add(count);
        }
        Ok(kernel)
    }
}

impl<T: Element, S: Storage> Array<T, S> {
    /// The same elements in the order in which they are stored, for reductions that do not depend on it.
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

// The reductions, for either way to process chunks.

pub(crate) fn sum<W: Walk, T: Number, S: Storage + Sync>(array: &Array<T, S>) -> Result<T::Sum> {
    let array = array.in_memory_order();
    let totals = array.reduced::<W, _>(|chunk| T::total(chunk), |_| false)?;
    Ok(T::sum_of(T::join(&totals)))
}

pub(crate) fn prod<W: Walk, T: Number, S: Storage + Sync>(array: &Array<T, S>) -> Result<T::Sum> {
    let array = array.in_memory_order();
    let products = array.reduced::<W, _>(|chunk| T::product(chunk), |_| false)?;
    Ok(T::sum_of(T::join_products(&products)))
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
    let all = parts.into_iter().reduce(sealed::Extremes::and);
    match all {
        None => array.at_path(Err(Error::new(ErrorKind::Empty { doing }))),
        Some(sealed::Extremes { nan: Some(nan), .. }) => Ok((nan, nan)),
        Some(sealed::Extremes { least, greatest, nan: None }) => Ok((least, greatest)),
    }
}

/// The index of the first extreme, in C order.
pub(crate) fn arg<W: Walk, T: Ordered, S: Storage + Sync>(
    array: &Array<T, S>,
    is_better: fn(&T, &T) -> bool,
    pick: fn(&sealed::Extremes<T>) -> T,
    doing: &'static str,
) -> Result<usize> {
    let parts = array.reduced::<W, _>(|chunk| T::extremes(chunk), |part| part.nan.is_some())?;
    let value = |part: &sealed::Extremes<T>| part.nan.unwrap_or_else(|| pick(part));
    // The first of the best, where NaN is better than any number.
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
    // Others may write at any time: the index is that in the elements as they are read now.
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

/// Reductions on one thread. [`par`](Array::par) uses all threads.
impl<T: Number, S: Storage + Sync> Array<T, S> {
    /// The sum of all elements, as numpy's. Integers are added in 64 bits and wrap around. Floats are
    /// added in lanes and as a tree, which is at least as exact as numpy's pairwise sum and does not
    /// depend on the number of threads. The sum of an empty array is 0.
    ///
    /// # Errors
    /// Those of the map.
    ///
    /// # Cost
    /// One pass over memory if the elements are contiguous and in native byte order. Otherwise they are
    /// copied 32 KiB at a time.
    pub fn sum(&self) -> Result<T::Sum> {
        sum::<Sequential, _, _>(self)
    }

    /// The product of all elements, as numpy's. Integers are multiplied in 64 bits and wrap around; floats
    /// in `f64`, in another order than numpy's. The product of an empty array is 1.
    ///
    /// # Errors
    /// Those of the map.
    pub fn prod(&self) -> Result<T::Sum> {
        prod::<Sequential, _, _>(self)
    }

    /// The sum divided by the number of elements. Integers do not wrap around. The mean of an empty array
    /// is NaN.
    ///
    /// # Errors
    /// Those of the map.
    pub fn mean(&self) -> Result<T::Mean> {
        mean::<Sequential, _, _>(self)
    }

    /// The number of elements that are not 0. NaN is not 0; -0.0 is.
    ///
    /// # Errors
    /// Those of the map.
    pub fn count_nonzero(&self) -> Result<u64> {
        count_nonzero::<Sequential, _, _>(self)
    }

    /// Whether no element is 0. True for an empty array. Stops soon after the first 0.
    ///
    /// # Errors
    /// Those of the map.
    pub fn all(&self) -> Result<bool> {
        all::<Sequential, _, _>(self)
    }

    /// Whether any element is not 0. False for an empty array. Stops soon after the first.
    ///
    /// # Errors
    /// Those of the map.
    pub fn any(&self) -> Result<bool> {
        any::<Sequential, _, _>(self)
    }
}

/// Minimum and maximum, on one thread.
impl<T: Ordered, S: Storage + Sync> Array<T, S> {
    /// The smallest element, or NaN if there is one, as numpy's `min`.
    ///
    /// # Errors
    /// [`ErrorKind::Empty`] for an empty array; those of the map.
    pub fn min(&self) -> Result<T> {
        min_max::<Sequential, _, _>(self, "minimum").map(|(least, _)| least)
    }

    /// The largest element, or NaN if there is one, as numpy's `max`.
    ///
    /// # Errors
    /// As [`min`](Self::min).
    pub fn max(&self) -> Result<T> {
        min_max::<Sequential, _, _>(self, "maximum").map(|(_, greatest)| greatest)
    }

    /// The smallest and the largest element, in one pass.
    ///
    /// # Errors
    /// As [`min`](Self::min).
    pub fn min_max(&self) -> Result<(T, T)> {
        min_max::<Sequential, _, _>(self, "minimum")
    }

    /// The index of the first smallest element in C order, or of the first NaN, as numpy's `argmin`.
    ///
    /// # Errors
    /// As [`min`](Self::min).
    pub fn argmin(&self) -> Result<usize> {
        arg::<Sequential, _, _>(self, |a, b| a < b, |part| part.least, "minimum")
    }

    /// The index of the first largest element in C order, or of the first NaN, as numpy's `argmax`.
    ///
    /// # Errors
    /// As [`min`](Self::min).
    pub fn argmax(&self) -> Result<usize> {
        arg::<Sequential, _, _>(self, |a, b| a > b, |part| part.greatest, "maximum")
    }
}
