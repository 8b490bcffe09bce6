use std::ops::{ControlFlow, Range};

use memmap_core::{Faulted, InPlace, Mapping, Result, widen};

use super::Scan;
use crate::Outcome;
use crate::blocks::{Block, Blocks};
use crate::job::{COPY_LEN, Job, Visitor};
use crate::ordered::{BLOCKS_AHEAD, in_order};
use crate::search::Parallelism;

/// Custom operations.
impl<M: Mapping> Scan<'_, M> {
    /// Folds the bytes in parallel.
    ///
    /// Each block starts with `init()`. Its chunks of at most 64 KiB are passed to `step` in order,
    /// and the values of the blocks are joined by `combine`, also in order. Holes are passed as
    /// zeros; unreadable bytes are left out.
    ///
    /// # Errors
    /// As [`count`](Self::count).
    ///
    /// # Cost
    /// Copies the bytes through a buffer that stays in the cache.
    ///
    /// # Panics
    /// If a closure panics. The scan ends then.
    ///
    /// # Examples
    /// ```
    /// use memmap_core::{Map, testing::Fake};
    /// use memmap_scan::Scan;
    ///
    /// let mm = Map::from_mapping(Fake::new(&[7; 100_000]));
    /// let sum = Scan::new(&mm).fold(
    ///     || 0,
    ///     |sum: u64, _offset, bytes| sum + bytes.iter().map(|&byte| u64::from(byte)).sum::<u64>(),
    ///     |a, b| a + b,
    /// )?;
    /// assert_eq!(sum.value, 700_000);
    /// # Ok::<(), memmap_core::Error>(())
    /// ```
    pub fn fold<T: Send>(
        &self,
        init: impl Fn() -> T + Sync,
        step: impl Fn(T, u64, &[u8]) -> T + Sync,
        combine: impl Fn(T, T) -> T + Send,
    ) -> Result<Outcome<T>> {
        let mut job = self.job()?;
        let mut value = None;
        let work = |buffer: &mut Vec<u8>, block: &Block| {
            let mut folding = Some(init());
            let mut show = |offset: u64, bytes: &[u8]| {
                folding = folding.take().map(|value| step(value, offset, bytes));
            };
            copied(&job, block, buffer, &mut show);
            folding
        };
        let joined = &mut value;
        let parallelism = self.parallelism();
        let parallelism = Parallelism { sizes: parallelism.sizes.of_zeros(), ..parallelism };
        let covered = in_blocks(&job, parallelism, work, move |next| {
            *joined = match (joined.take(), next) {
                (Some(value), Some(next)) => Some(combine(value, next)),
                (None, next) => next,
                (value, None) => value,
            };
        });
        let value = value.unwrap_or_else(init);
        Ok(job.outcome(value, covered))
    }

    /// Passes the bytes to `take`, chunk by chunk and in order, on this thread: for digests, or to
    /// write them elsewhere. Holes are passed as zeros; unreadable bytes are left out.
    ///
    /// # Errors
    /// As [`count`](Self::count).
    ///
    /// # Cost
    /// Copies the bytes through a buffer that stays in the cache.
    pub fn for_each_chunk(&self, mut take: impl FnMut(u64, &[u8])) -> Result<Outcome<()>> {
        let mut job = self.job()?;
        let start = job.range.start;
        let mut blocks = Blocks::new(&job.range, self.parallelism().sizes.of_zeros());
        let mut covered = start;
        let mut buffer = Vec::new();
        while let Some(block) = blocks.next(&job) {
            covered = copied(&job, &block, &mut buffer, &mut take);
            if covered < block.range.end {
                break;
            }
            job.pass(&block.range);
        }
        Ok(job.outcome((), covered.saturating_sub(start)))
    }
}

/// Calls `work` for all blocks, and passes the results to `take` in order. Returns the number of
/// bytes covered.
pub(super) fn in_blocks<M: Mapping, R: Send>(
    job: &Job<'_, M>,
    parallelism: Parallelism,
    work: impl Fn(&mut Vec<u8>, &Block) -> R + Sync,
    take: impl FnMut(R) + Send,
) -> u64 {
    in_blocks_of(job, &job.range, parallelism, work, take)
}

/// The same for a part of the job's range.
pub(crate) fn in_blocks_of<M: Mapping, R: Send>(
    job: &Job<'_, M>,
    range: &Range<u64>,
    parallelism: Parallelism,
    work: impl Fn(&mut Vec<u8>, &Block) -> R + Sync,
    mut take: impl FnMut(R) + Send,
) -> u64 {
    let len = range.end.saturating_sub(range.start);
    let mut blocks = Blocks::new(range, parallelism.sizes);
    let mut covered = range.start;
    let do_work = |buffer: &mut Vec<u8>, block: Block| (work(buffer, &block), block.range);
    let mut do_take = |(result, range): (R, Range<u64>)| {
        // The result of a block that was stopped halfway is dropped.
        if job.is_stopped() {
            return ControlFlow::Break(());
        }
        take(result);
        job.pass(&range);
        covered = range.end;
        ControlFlow::Continue(())
    };
    let threads = parallelism.threads_for(len);
    if threads > 1 {
        in_order((threads, BLOCKS_AHEAD), || blocks.next(job), Vec::new, do_work, do_take);
    } else {
        let mut buffer = Vec::new();
        while let Some(block) = blocks.next(job) {
            if do_take(do_work(&mut buffer, block)).is_break() {
                break;
            }
        }
    }
    covered.saturating_sub(range.start)
}

/// Passes a block as copies, or as zeros if it is a hole. Returns the offset it reached.
fn copied<M: Mapping>(
    job: &Job<'_, M>,
    block: &Block,
    buffer: &mut Vec<u8>,
    show: &mut impl FnMut(u64, &[u8]),
) -> u64 {
    if !block.is_hole {
        return job.visit(&block.range, buffer, &mut Copied(show));
    }
    let mut at = block.range.start;
    buffer.clear();
    buffer.resize(COPY_LEN, 0);
    while at < block.range.end && !job.is_stopped() {
        let left = block.range.end.saturating_sub(at).min(job.copy_len);
        let len = usize::try_from(left).unwrap_or(COPY_LEN).min(COPY_LEN);
        show(at, buffer.get(..len).unwrap_or_default());
        at = at.saturating_add(widen(len));
    }
    at
}

/// Passes copies to a closure.
struct Copied<'f, F>(&'f mut F);

impl<F: FnMut(u64, &[u8])> Visitor for Copied<'_, F> {
    fn wants_in_place(&self) -> bool {
        false
    }

    fn in_place(&mut self, _: InPlace<'_>) -> Result<(), Faulted> {
        Err(Faulted { done: 0 })
    }

    fn copied(&mut self, offset: u64, bytes: &[u8]) {
        (self.0)(offset, bytes);
    }
}
