use std::ops::{Bound, ControlFlow, Range, RangeBounds};

use memmap_core::{Map, Mapping, Progress, Result, bounded};

use crate::block::{MAX_BLOCK_LEN, Wanted};
use crate::job::{Job, Options};
use crate::pair::Pair;
use crate::{Compared, Difference, DifferenceKind, Differences};

/// A comparison of two maps, or of two ranges of one. Set what is compared and how, then call one of these:
///
/// | question | method |
/// |---|---|
/// | whether they are equal, and where they first differ | [`first`](Self::first) |
/// | how many bytes differ | [`count`](Self::count) |
/// | where they differ, at the same offsets | [`differences`](Self::differences) |
/// | what was changed, inserted and deleted | [`aligned`](Self::aligned) |
///
/// A comparison never makes a slice of live memory: it looks at both sides in registers, or copies both
/// through small buffers. A hole that both sides have is not read. Unreadable bytes
/// are listed; they are neither equal nor different.
///
/// # Cost
/// That of reading both sides once. One thread below 4 MiB; otherwise all threads of the rayon pool.
///
/// # Examples
/// ```
/// use memmap_core::{Map, testing::Fake};
/// use memmap_compare::{Compare, DifferenceKind};
///
/// let old = Map::from_mapping(Fake::new(b"one fish, two fish"));
/// let new = Map::from_mapping(Fake::new(b"one fisH, ten fish, and more"));
/// let compare = Compare::new(&old, &new);
/// assert_eq!(compare.first()?.value.map(|it| it.a), Some(7..8));
/// assert_eq!(compare.count()?.value, 3);
///
/// let all: Vec<_> = compare.differences()?.map(|it| (it.kind, it.a, it.b)).collect();
/// assert_eq!(all, [
///     (DifferenceKind::Changed, 7..8, 7..8),
///     (DifferenceKind::Changed, 11..13, 11..13),
///     (DifferenceKind::OnlyInB, 18..18, 18..28),
/// ]);
/// # Ok::<(), memmap_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Compare<'c, A: Mapping, B: Mapping> {
    pub(crate) a: &'c Map<A>,
    pub(crate) b: &'c Map<B>,
    a_range: Bounds,
    b_range: Bounds,
    threads: Option<usize>,
    progress: Option<&'c Progress>,
    block_len: u64,
    evicts_behind: bool,
}

type Bounds = (Bound<u64>, Bound<u64>);

impl<A: Mapping, B: Mapping> Clone for Compare<'_, A, B> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A: Mapping, B: Mapping> Copy for Compare<'_, A, B> {}

/// Default block length: handing one out costs next to nothing in comparison.
const BLOCK_LEN: u64 = 1 << 20;

impl<'c, A: Mapping, B: Mapping> Compare<'c, A, B> {
    /// A comparison of all bytes of two maps. They may be the same one.
    pub const fn new(a: &'c Map<A>, b: &'c Map<B>) -> Self {
        Self {
            a,
            b,
            a_range: (Bound::Unbounded, Bound::Unbounded),
            b_range: (Bound::Unbounded, Bound::Unbounded),
            threads: None,
            progress: None,
            block_len: BLOCK_LEN,
            evicts_behind: false,
        }
    }

    /// Compares only these bytes: a range of the first map with a range of the second one.
    ///
    /// # Examples
    /// ```
    /// use memmap_core::{Map, testing::Fake};
    /// use memmap_compare::Compare;
    ///
    /// // Two parts of one map.
    /// let mm = Map::from_mapping(Fake::new(b"block A block B"));
    /// let compare = Compare::new(&mm, &mm).ranges(..7, 8..);
    /// assert_eq!(compare.first()?.value.map(|it| (it.a, it.b)), Some((6..7, 14..15)));
    /// # Ok::<(), memmap_core::Error>(())
    /// ```
    #[must_use]
    pub fn ranges(self, a: impl RangeBounds<u64>, b: impl RangeBounds<u64>) -> Self {
        let a_range = (a.start_bound().cloned(), a.end_bound().cloned());
        let b_range = (b.start_bound().cloned(), b.end_bound().cloned());
        Self { a_range, b_range, ..self }
    }

    /// Uses at most this many threads of the rayon pool that the comparison is called in. The default is
    /// all of them; with 1, the caller's thread does everything.
    #[must_use]
    pub fn threads(self, threads: usize) -> Self {
        Self { threads: Some(threads.max(1)), ..self }
    }

    /// Reports to this progress, and stops when it is cancelled.
    ///
    /// Its total is the number of bytes that both sides have, and it counts the differences that were
    /// returned as found. A comparison that was cancelled returns what it has, and
    /// [`Compared::is_cancelled`] is set.
    #[must_use]
    pub const fn progress(self, progress: &'c Progress) -> Self {
        Self { progress: Some(progress), ..self }
    }

    /// The number of bytes that a thread takes at once, at most 1 GiB. The default is 1 MiB. No answer
    /// depends on it.
    #[must_use]
    pub fn block_len(self, bytes: u64) -> Self {
        Self { block_len: bytes.clamp(1, MAX_BLOCK_LEN), ..self }
    }

    /// Releases pages some time after they are compared, so that this process holds at most 36 MiB of each
    /// side, however long they are. The pages stay in the system's cache. The default is `false`.
    #[must_use]
    pub const fn evict_behind(self, evict_behind: bool) -> Self {
        Self { evicts_behind: evict_behind, ..self }
    }

    /// Finds the first difference.
    ///
    /// Its range may be longer than reported: the comparison stops within the block that it finds it in.
    /// Where one side is longer, and nothing differs before its end, that is the difference. Ranges that
    /// could not be read are not differences; those before the first difference are in
    /// [`Compared::not_compared`].
    ///
    /// # Errors
    /// [`BackwardRange`](memmap_core::ErrorKind::BackwardRange) and
    /// [`OutOfBounds`](memmap_core::ErrorKind::OutOfBounds) if a range is not within its map. Unreadable
    /// bytes are no error.
    ///
    /// # Cost
    /// Reads both sides up to the difference and, with several threads, at most one
    /// [block](Self::block_len) for each thread after it.
    pub fn first(&self) -> Result<Compared<Option<Difference>>> {
        let mut job = self.job()?;
        let mut first = None;
        job.run(Wanted::First, u64::MAX, |mut found| {
            let is_changed = |(kind, _): &(DifferenceKind, _)| *kind == DifferenceKind::Changed;
            first = found.find(is_changed).map(|(_, range)| range);
            if first.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        let pair = job.pair;
        let first = match first {
            Some(range) => Some(pair.difference(DifferenceKind::Changed, &range)),
            None => pair.tail().filter(|_| job.is_at_end()),
        };
        if let Some(progress) = self.progress {
            progress.add_found(u64::from(first.is_some()));
        }
        Ok(job.into_compared(first))
    }

    /// Counts the bytes that differ. Bytes that only one side has are not among them.
    ///
    /// # Errors
    /// As [`first`](Self::first).
    pub fn count(&self) -> Result<Compared<u64>> {
        let mut job = self.job()?;
        let mut count = 0_u64;
        job.run(Wanted::Count, u64::MAX, |found| {
            count = count.saturating_add(found.findings.differing);
            ControlFlow::Continue(())
        });
        Ok(job.into_compared(count))
    }

    /// Iterates over the differences at the same offsets, in order. Ranges do not touch, unless their
    /// kinds differ. What only the longer side has comes last.
    ///
    /// When no difference is left, the next one that is asked for makes all threads compare some blocks
    /// ahead. Between calls nothing runs. At the end, [`Differences::outcome`] tells what was compared.
    ///
    /// # Errors
    /// As [`first`](Self::first).
    ///
    /// # Cost
    /// Memory for the differences of some blocks, of 8 bytes each; a block has at most one for two of its
    /// bytes.
    pub fn differences(&self) -> Result<Differences<'c, A, B>> {
        Ok(Differences::new(self.job()?))
    }

    /// What the longer side has after the end of the other; `None` if both are as long.
    ///
    /// # Errors
    /// As [`first`](Self::first).
    pub fn tail(&self) -> Result<Option<Difference>> {
        let (a, b) = self.checked_ranges()?;
        Ok(Pair::new((self.a, a), (self.b, b)).tail())
    }

    fn job(&self) -> Result<Job<'c, A, B>> {
        let (a, b) = self.checked_ranges()?;
        Ok(Job::new(Pair::new((self.a, a), (self.b, b)), self.options()))
    }

    pub(crate) fn checked_ranges(&self) -> Result<(Range<u64>, Range<u64>)> {
        Ok((bounded(self.a, self.a_range)?, bounded(self.b, self.b_range)?))
    }

    pub(crate) fn options(&self) -> Options<'c> {
        Options {
            threads: self.threads.unwrap_or_else(rayon::current_num_threads),
            block_len: self.block_len,
            progress: self.progress,
            evicts_behind: self.evicts_behind,
        }
    }
}
