//! Reductions along one axis.

use std::ops::Range;

use memmap_core::BLOCK_LEN;
use zerocopy::IntoBytes;

use super::columns::{ColumnFold, Done, Sums, fold_short_row};
use super::sealed::BlockSource;
use super::{Chunk, REDUCE_CHUNK_LEN, Sequential, Walk, count_of};
use crate::element::Buffer;
use crate::layout::Layout;
use crate::read::at_a_time;
use crate::{Array, Element, Error, ErrorKind, Number, Order, Ordered, Result, Storage, View};

/// Rows of as many bytes are reduced one by one, like a whole array.
const LONG_ROW: usize = 256 << 10;

/// The limit on the bytes of narrow accumulators that are used together, so that they stay in the cache.
const TILE_LEN: usize = 64 << 10;

/// The limit on the bytes of accumulators where a row of them holds several rows of the array.
const JOINED_ROWS_LEN: usize = 16 << 10;

/// The rows that become one partial result, at least: there are then few partial results.
const MIN_ROWS: usize = 256;

/// The partial results of a column, at most. They are written to new memory, which takes time.
const MAX_PARTS: usize = 128;

/// An array as `outer` groups of `rows` rows of `width` elements, in C order. Rows are along the axis.
struct Split<'a, T, S> {
    array: &'a Array<T, S>,
    is_flat: bool,
    outer: usize,
    rows: usize,
    width: usize,
}

impl<T: Element, S: Storage> Split<'_, T, S> {
    fn chunk(&self, elements: Range<usize>) -> Chunk<'_, T, S> {
        Chunk { array: self.array, is_flat: self.is_flat, elements }
    }

    /// Reduces `columns` of some rows of a group.
    fn columns<F: ColumnFold>(
        &self,
        group: usize,
        rows: Range<usize>,
        columns: Range<usize>,
    ) -> Result<Vec<F::Wide>> {
        let first = group.saturating_mul(self.rows).saturating_add(rows.start);
        let row_start = |row: usize| first.saturating_add(row).saturating_mul(self.width);
        let count = rows.len();
        if columns.len() == self.width {
            let joined = joined_rows::<F>(self.width, count);
            let mut sums = Sums::<F>::new(self.width.saturating_mul(joined));
            self.chunk(row_start(0)..row_start(count)).fold_blocks(sums.columns())?;
            return Ok(sums.finish(self.width));
        }
        let mut sums = Sums::<F>::new(columns.len());
        let mut kernel = sums.columns();
        for row in 0..count {
            let start = row_start(row).saturating_add(columns.start);
            let chunk = self.chunk(start..start.saturating_add(columns.len()));
            kernel = chunk.fold_blocks(kernel)?;
        }
        Ok(sums.finish(columns.len()))
    }

    /// Reduces each column of each group.
    fn fold_columns<W: Walk, F: ColumnFold>(&self) -> Result<Vec<F::Wide>>
    where
        S: Sync,
    {
        let row_len = self.width.saturating_mul(size_of::<T>()).max(1);
        let group_len = row_len.saturating_mul(self.rows).max(1);
        let tile = (TILE_LEN / size_of::<F::Narrow>()).clamp(1, self.width.max(1));
        if group_len < REDUCE_CHUNK_LEN && tile == self.width {
            let at_a_time = (REDUCE_CHUNK_LEN / group_len).max(1);
            let parts = W::walk(
                self.outer.div_ceil(at_a_time),
                |index| {
                    let first = index.saturating_mul(at_a_time);
                    let mut part = Vec::new();
                    for group in first..first.saturating_add(at_a_time).min(self.outer) {
                        part.extend(self.columns::<F>(group, 0..self.rows, 0..self.width)?);
                    }
                    Ok(part)
                },
                |_| false,
            )?;
            return Ok(parts.concat());
        }
        let tiles = self.width.div_ceil(tile);
        let tile_row = tile.saturating_mul(size_of::<T>()).max(1);
        let rows_at_a_time =
            (REDUCE_CHUNK_LEN / tile_row).max(MIN_ROWS).max(self.rows.div_ceil(MAX_PARTS));
        let chunks = self.rows.div_ceil(rows_at_a_time).max(1);
        let count = self.outer.saturating_mul(tiles).saturating_mul(chunks);
        let parts = W::walk(
            count,
            |index| {
                let (tile_index, chunk) = (index / chunks, index % chunks);
                let (group, tile_at) = (tile_index / tiles, tile_index % tiles);
                let start = tile_at.saturating_mul(tile);
                let columns = start..start.saturating_add(tile).min(self.width);
                let start = chunk.saturating_mul(rows_at_a_time);
                let rows = start..start.saturating_add(rows_at_a_time).min(self.rows);
                self.columns::<F>(group, rows, columns)
            },
            |_| false,
        )?;
        let mut results = Vec::with_capacity(self.outer.saturating_mul(self.width));
        for parts in parts.chunks(chunks) {
            let mut parts = parts.iter();
            let start = results.len();
            results.extend_from_slice(parts.next().map_or(&[], Vec::as_slice));
            for part in parts {
                let sums = results.get_mut(start..).unwrap_or_default();
                for (sum, more) in sums.iter_mut().zip(part) {
                    *sum = F::join(*sum, *more);
                }
            }
        }
        Ok(results)
    }

    /// Reduces each row, where rows are contiguous: a group is a row.
    fn fold_rows<W: Walk, F: ColumnFold>(
        &self,
        long: impl Fn(&Chunk<'_, T, S>) -> Result<F::Wide> + Sync,
    ) -> Result<Vec<F::Wide>>
    where
        S: Sync,
    {
        let row_len = self.rows.saturating_mul(size_of::<T>()).max(1);
        if row_len < BLOCK_LEN {
            let at_a_time = (at_a_time::<T>() / self.rows.max(1)).max(1);
            let parts = W::walk(
                self.outer.div_ceil(at_a_time),
                |index| {
                    let first = index.saturating_mul(at_a_time);
                    let count = at_a_time.min(self.outer.saturating_sub(first));
                    let first = first.saturating_mul(self.rows);
                    let mut buffer = Buffer::default();
                    let count = count.saturating_mul(self.rows);
                    let elements = self.array.read(first, count, &mut buffer)?;
                    Ok(elements.as_bytes().chunks(row_len).map(fold_short_row::<F>).collect())
                },
                |_| false,
            )?;
            return Ok::<Vec<Vec<_>>, _>(parts).map(|parts| parts.concat());
        }
        if row_len < LONG_ROW {
            let at_a_time = (REDUCE_CHUNK_LEN / row_len).max(1);
            let parts = W::walk(
                self.outer.div_ceil(at_a_time),
                |index| {
                    let first = index.saturating_mul(at_a_time);
                    let count = at_a_time.min(self.outer.saturating_sub(first));
                    let first = first.saturating_mul(self.rows);
                    let end = first.saturating_add(count.saturating_mul(self.rows));
                    let mut done = Done::<F>::new(self.rows, count);
                    self.chunk(first..end).fold_blocks(done.reduce())?;
                    Ok(done.finish())
                },
                |_| false,
            )?;
            return Ok(parts.concat());
        }
        // As for the array as a whole: partial results of a fixed number of bytes.
        let at_a_time = (REDUCE_CHUNK_LEN / size_of::<T>()).max(1);
        let chunks = self.rows.div_ceil(at_a_time).max(1);
        let parts = W::walk(
            self.outer.saturating_mul(chunks),
            |index| {
                let row = (index / chunks).saturating_mul(self.rows);
                let start = (index % chunks).saturating_mul(at_a_time);
                let end = start.saturating_add(at_a_time).min(self.rows);
                long(&self.chunk(row.saturating_add(start)..row.saturating_add(end)))
            },
            |_| false,
        )?;
        let join = |parts: &[F::Wide]| parts.iter().copied().reduce(F::join).unwrap_or(F::WIDE);
        Ok(parts.chunks(chunks).map(join).collect())
    }
}

/// The rows of the array that one row of accumulators holds, so that blocks do not cross its end.
fn joined_rows<F: ColumnFold>(width: usize, rows: usize) -> usize {
    let lanes = BLOCK_LEN / F::SIZE;
    let common = 1_usize << width.trailing_zeros().min(lanes.trailing_zeros());
    let joined = lanes / common;
    let len = width.saturating_mul(joined).saturating_mul(size_of::<F::Narrow>());
    if len <= JOINED_ROWS_LEN && joined <= rows / 4 { joined } else { 1 }
}

/// Reduces along an axis. The results are in C order of the other dimensions.
fn along<W: Walk, F: ColumnFold, T: Element, S: Storage + Sync>(
    array: &Array<T, S>,
    axis: usize,
    long: impl Fn(&Chunk<'_, T, &memmap_core::Map<S::Mapping>>) -> Result<F::Wide> + Sync,
) -> Result<Vec<F::Wide>> {
    let dimensions = array.ndim();
    if axis >= dimensions {
        return array.at_path(Err(ErrorKind::NoAxis { axis, dimensions }.into()));
    }
    let is_fortran = array.is_contiguous(Order::Fortran) && !array.is_contiguous(Order::C);
    let view: View<'_, T, S::Mapping> = if is_fortran { array.transpose() } else { array.view() };
    let axis = if is_fortran { dimensions.saturating_sub(axis).saturating_sub(1) } else { axis };
    let (before, after) = view.shape().split_at(axis);
    let (rows, after) = after.split_first().map_or((0, after), |(rows, after)| (*rows, after));
    let split = Split {
        array: &view,
        is_flat: view.is_contiguous(Order::C) && !view.is_swapped,
        outer: before.iter().product(),
        rows,
        width: after.iter().product(),
    };
    let results = if split.outer == 0 || split.width == 0 {
        Vec::new()
    } else if rows == 0 {
        vec![F::WIDE; split.outer.saturating_mul(split.width)]
    } else if split.width == 1 {
        split.fold_rows::<W, F>(long)?
    } else {
        split.fold_columns::<W, F>()?
    };
    if !is_fortran {
        return Ok(results);
    }
    let others = Layout::new([before, after].concat(), 1, Order::C, 0).transposed();
    Ok(others
        .runs(0)
        .flat_map(|run| {
            let step = run.stride;
            (0_i64..)
                .take(run.count)
                .map(move |at| run.at.wrapping_add_signed(at.wrapping_mul(step)))
        })
        .filter_map(|at| results.get(usize::try_from(at).ok()?).copied())
        .collect())
}

pub(super) fn sum_axis<W: Walk, T: Number, S: Storage + Sync>(
    array: &Array<T, S>,
    axis: usize,
) -> Result<Vec<T::Sum>> {
    let totals = along::<W, T::SumColumns, _, _>(array, axis, |chunk| T::total(chunk))?;
    Ok(totals.into_iter().map(T::sum_of).collect())
}

pub(super) fn mean_axis<W: Walk, T: Number, S: Storage + Sync>(
    array: &Array<T, S>,
    axis: usize,
) -> Result<Vec<T::Mean>> {
    let totals = along::<W, T::MeanColumns, _, _>(array, axis, |chunk| T::total_for_mean(chunk))?;
    let count = count_of(array.shape().get(axis).copied().unwrap_or(0));
    Ok(totals.into_iter().map(|total| T::mean_of(total, count)).collect())
}

/// An axis of length 0 has no minimum, unless there are no results either.
fn require_rows<T, S: Storage>(
    array: &Array<T, S>,
    axis: usize,
    doing: &'static str,
) -> Result<()> {
    let is_empty = array.shape().get(axis) == Some(&0);
    let mut others = array.shape().iter().enumerate().filter(|&(other, _)| other != axis);
    if is_empty && others.all(|(_, &len)| len > 0) {
        return array.at_path(Err(Error::new(ErrorKind::Empty { doing })));
    }
    Ok(())
}

pub(super) fn min_axis<W: Walk, T: Ordered, S: Storage + Sync>(
    array: &Array<T, S>,
    axis: usize,
) -> Result<Vec<T>> {
    require_rows(array, axis, "minimum")?;
    along::<W, T::MinColumns, _, _>(array, axis, |chunk| {
        let found = T::extremes(chunk)?;
        Ok(found.nan.unwrap_or(found.least))
    })
}

pub(super) fn max_axis<W: Walk, T: Ordered, S: Storage + Sync>(
    array: &Array<T, S>,
    axis: usize,
) -> Result<Vec<T>> {
    require_rows(array, axis, "maximum")?;
    along::<W, T::MaxColumns, _, _>(array, axis, |chunk| {
        let found = T::extremes(chunk)?;
        Ok(found.nan.unwrap_or(found.greatest))
    })
}

/// Reductions along one axis, on one thread. [`par`](Array::par) uses all threads.
impl<T: Number, S: Storage + Sync> Array<T, S> {
    /// The sums along an axis: numpy's `sum(axis)`. The result has the shape of the array without that
    /// axis, in C order. Integers are added in 64 bits and wrap around; partial sums of floats are kept in
    /// `f64`. Along an axis of length 0, sums are 0.
    ///
    /// # Errors
    /// [`ErrorKind::NoAxis`]; those of the map.
    ///
    /// # Cost
    /// One pass over memory if the elements are contiguous, in C or Fortran order, and in native byte
    /// order. Otherwise they are copied 32 KiB at a time.
    ///
    /// # Examples
    /// ```
    /// use memmap_array::Array;
    /// use memmap_anon::Ram;
    /// use memmap_core::Map;
    ///
    /// let mut table = Array::<i32, Map<Ram>>::zeros([2, 3])?;
    /// table.assign(&[1, 2, 3, 10, 20, 30])?;
    /// assert_eq!(table.sum_axis(0)?, [11, 22, 33]); // table.sum(axis=0)
    /// assert_eq!(table.mean_axis(1)?, [2.0, 20.0]);
    /// assert_eq!(table.max_axis(0)?, [10, 20, 30]);
    /// # Ok::<(), memmap_array::Error>(())
    /// ```
    ///
    /// # Source
    /// numpy, `ndarray.sum`.
    pub fn sum_axis(&self, axis: usize) -> Result<Vec<T::Sum>> {
        sum_axis::<Sequential, _, _>(self, axis)
    }

    /// The means along an axis, in the shape of [`sum_axis`](Self::sum_axis): numpy's `mean(axis)`.
    /// Integers do not wrap around. Along an axis of length 0, means are NaN.
    ///
    /// # Errors
    /// As [`sum_axis`](Self::sum_axis).
    pub fn mean_axis(&self, axis: usize) -> Result<Vec<T::Mean>> {
        mean_axis::<Sequential, _, _>(self, axis)
    }
}

impl<T: Ordered, S: Storage + Sync> Array<T, S> {
    /// The smallest elements along an axis, in the shape of [`sum_axis`](Self::sum_axis): numpy's
    /// `min(axis)`. NaN wherever there is one.
    ///
    /// # Errors
    /// [`ErrorKind::Empty`] along an axis of length 0; those of [`sum_axis`](Self::sum_axis).
    pub fn min_axis(&self, axis: usize) -> Result<Vec<T>> {
        min_axis::<Sequential, _, _>(self, axis)
    }

    /// The largest elements along an axis, as [`min_axis`](Self::min_axis).
    ///
    /// # Errors
    /// As [`min_axis`](Self::min_axis).
    pub fn max_axis(&self, axis: usize) -> Result<Vec<T>> {
        max_axis::<Sequential, _, _>(self, axis)
    }
}
