use rayon::iter::{IntoParallelIterator, ParallelIterator};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::axis::{max_axis, mean_axis, min_axis, sum_axis};
use super::{Walk, all, any, arg, count_nonzero, mean, min_max, prod, sum};
use crate::{Array, Number, Ordered, Result, Storage};

/// The reductions of an array on the threads of rayon's pool. Made by [`Array::par`].
///
/// The results are the same as with one thread, to the last bit.
#[derive(Debug)]
pub struct Par<'a, T, S: Storage>(&'a Array<T, S>);

impl<T, S: Storage> Array<T, S> {
    /// Reduces this array on several threads: `array.par().sum()`.
    ///
    /// # Platform
    /// Uses the rayon pool that is installed at the call, or the global one, with a thread per core.
    pub fn par(&self) -> Par<'_, T, S> {
        Par(self)
    }
}

/// All chunks in parallel.
#[derive(Debug)]
struct Parallel;

impl Walk for Parallel {
    fn walk<R: Send>(
        count: usize,
        work: impl Fn(usize) -> Result<R> + Sync,
        is_enough: impl Fn(&R) -> bool + Sync,
    ) -> Result<Vec<R>> {
        // Chunks after a result that is enough are skipped.
        let end = AtomicUsize::new(count);
        let results: Result<Vec<Option<R>>> = (0..count)
            .into_par_iter()
            .map(|index| {
                if index > end.load(Ordering::Relaxed) {
                    return Ok(None);
                }
                let result = work(index)?;
                if is_enough(&result) {
                    end.fetch_min(index, Ordering::Relaxed);
                }
                Ok(Some(result))
            })
            .collect();
        Ok(results?.into_iter().flatten().collect())
    }
}

impl<T: Number, S: Storage + Sync> Par<'_, T, S> {
    /// As [`Array::sum`].
    ///
    /// # Errors
    /// Those of the map.
    pub fn sum(&self) -> Result<T::Sum> {
        sum::<Parallel, _, _>(self.0)
    }

    /// As [`Array::prod`].
    ///
    /// # Errors
    /// Those of the map.
    pub fn prod(&self) -> Result<T::Sum> {
        prod::<Parallel, _, _>(self.0)
    }

    /// As [`Array::sum_axis`].
    ///
    /// # Errors
    /// As there.
    pub fn sum_axis(&self, axis: usize) -> Result<Vec<T::Sum>> {
        sum_axis::<Parallel, _, _>(self.0, axis)
    }

    /// As [`Array::mean_axis`].
    ///
    /// # Errors
    /// As there.
    pub fn mean_axis(&self, axis: usize) -> Result<Vec<T::Mean>> {
        mean_axis::<Parallel, _, _>(self.0, axis)
    }

    /// As [`Array::mean`].
    ///
    /// # Errors
    /// Those of the map.
    pub fn mean(&self) -> Result<T::Mean> {
        mean::<Parallel, _, _>(self.0)
    }

    /// As [`Array::count_nonzero`].
    ///
    /// # Errors
    /// Those of the map.
    pub fn count_nonzero(&self) -> Result<u64> {
        count_nonzero::<Parallel, _, _>(self.0)
    }

    /// As [`Array::all`].
    ///
    /// # Errors
    /// Those of the map.
    pub fn all(&self) -> Result<bool> {
        all::<Parallel, _, _>(self.0)
    }

    /// As [`Array::any`].
    ///
    /// # Errors
    /// Those of the map.
    pub fn any(&self) -> Result<bool> {
        any::<Parallel, _, _>(self.0)
    }
}

impl<T: Ordered, S: Storage + Sync> Par<'_, T, S> {
    /// As [`Array::min`].
    ///
    /// # Errors
    /// [`ErrorKind::Empty`](crate::ErrorKind::Empty); those of the map.
    pub fn min(&self) -> Result<T> {
        min_max::<Parallel, _, _>(self.0, "minimum").map(|(least, _)| least)
    }

    /// As [`Array::min_axis`].
    ///
    /// # Errors
    /// As there.
    pub fn min_axis(&self, axis: usize) -> Result<Vec<T>> {
        min_axis::<Parallel, _, _>(self.0, axis)
    }

    /// As [`Array::max_axis`].
    ///
    /// # Errors
    /// As there.
    pub fn max_axis(&self, axis: usize) -> Result<Vec<T>> {
        max_axis::<Parallel, _, _>(self.0, axis)
    }

    /// As [`Array::max`].
    ///
    /// # Errors
    /// As [`min`](Self::min).
    pub fn max(&self) -> Result<T> {
        min_max::<Parallel, _, _>(self.0, "maximum").map(|(_, greatest)| greatest)
    }

    /// As [`Array::min_max`].
    ///
    /// # Errors
    /// As [`min`](Self::min).
    pub fn min_max(&self) -> Result<(T, T)> {
        min_max::<Parallel, _, _>(self.0, "minimum")
    }

    /// As [`Array::argmin`].
    ///
    /// # Errors
    /// As [`min`](Self::min).
    pub fn argmin(&self) -> Result<usize> {
        arg::<Parallel, _, _>(self.0, |a, b| a < b, |part| part.least, "minimum")
    }

    /// As [`Array::argmax`].
    ///
    /// # Errors
    /// As [`min`](Self::min).
    pub fn argmax(&self) -> Result<usize> {
        arg::<Parallel, _, _>(self.0, |a, b| a > b, |part| part.greatest, "maximum")
    }
}
