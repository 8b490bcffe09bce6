use std::ops::{Bound, RangeBounds};

use std::ops::Range;

use memmap_core::{Extent, Map, Mapping, Progress, Result, bounded};

use crate::blocks::Sizes;
use crate::job::{COPY_LEN, Job};
use crate::search::Parallelism;

pub(crate) mod find;
pub(crate) mod fold;
mod matches;
mod stats;
pub(crate) mod summary;

pub use matches::Matches;
pub use stats::Histogram;
pub use summary::Summary;

/// A scan of a map. Set the range and other options, then call one of these:
///
/// | question | method |
/// |---|---|
/// | how many | [`count`](Self::count), [`count_byte`](Self::count_byte) |
/// | where first, where last | [`find_first`](Self::find_first), [`find_last`](Self::find_last) |
/// | where | [`find_iter`](Self::find_iter), [`find_all_into`](Self::find_all_into) |
/// | which bytes, how often | [`histogram`](Self::histogram), [`entropy`](Self::entropy) |
/// | text in it | [`strings`](Self::strings) |
/// | what is in it, at a glance | [`summary`](Self::summary) |
/// | anything else | [`fold`](Self::fold), [`for_each_chunk`](Self::for_each_chunk) |
///
/// Scans never make a slice of live memory: they look at bytes in registers, or copy them into a
/// buffer of some 10 KiB for each thread. Holes are not read. Unreadable bytes are listed in the
/// [`Outcome`](crate::Outcome), and the rest is scanned.
///
/// # Cost
/// One thread below 4 MiB; otherwise all threads of the rayon pool, with a few MiB of memory each.
/// The answer depends neither on the number of threads nor on the length of blocks.
///
/// # Examples
/// ```
/// use memmap_core::{Map, testing::Fake};
/// use memmap_scan::{Pattern, Scan};
///
/// let mm = Map::from_mapping(Fake::new(b"one fish two fish red fish blue fish"));
/// let fish = Pattern::literal("fish")?;
/// assert_eq!(Scan::new(&mm).count(&fish)?.value, 4);
/// let second = Scan::new(&mm).range(5..).find_first(&fish)?.value;
/// assert_eq!(second.map(|found| found.offset), Some(13));
/// let offsets: Vec<u64> = Scan::new(&mm).find_iter(&fish)?.map(|found| found.offset).collect();
/// assert_eq!(offsets, [4, 13, 22, 32]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Scan<'s, M: Mapping> {
    map: &'s Map<M>,
    range: (Bound<u64>, Bound<u64>),
    threads: Option<usize>,
    progress: Option<&'s Progress>,
    max_match_len: u64,
    block_len: u64,
    evicts_behind: bool,
}

impl<M: Mapping> Clone for Scan<'_, M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M: Mapping> Copy for Scan<'_, M> {}

/// Default block length: handing out one costs next to nothing in comparison.
pub(crate) const BLOCK_LEN: u64 = 1 << 20;

/// Default for the longest match that is followed.
pub(crate) const MAX_MATCH_LEN: u64 = 1 << 20;

impl<'s, M: Mapping> Scan<'s, M> {
    /// A scan of all bytes of a map.
    pub const fn new(map: &'s Map<M>) -> Self {
        Self {
            map,
            range: (Bound::Unbounded, Bound::Unbounded),
            threads: None,
            progress: None,
            max_match_len: MAX_MATCH_LEN,
            block_len: BLOCK_LEN,
            evicts_behind: false,
        }
    }

    /// Scans only these bytes. For matches nothing else exists: `^` and `\b` match at the start of
    /// the range.
    #[must_use]
    pub fn range(self, range: impl RangeBounds<u64>) -> Self {
        Self { range: (range.start_bound().cloned(), range.end_bound().cloned()), ..self }
    }

    /// Uses at most this many threads of the rayon pool that the scan is called in. The default is all
    /// of them; with 1, the caller's thread does everything.
    ///
    /// Outside of a pool that is rayon's global one. To use another one, call the scan inside of it:
    ///
    /// ```
    /// use memmap_core::{Map, testing::Fake};
    /// use memmap_scan::Scan;
    ///
    /// let mm = Map::from_mapping(Fake::new(b"a line\nanother\n"));
    /// let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build()?;
    /// assert_eq!(pool.install(|| Scan::new(&mm).count_byte(b'\n'))?.value, 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn threads(self, threads: usize) -> Self {
        Self { threads: Some(threads.max(1)), ..self }
    }

    /// Reports to this progress, and stops when it is cancelled.
    ///
    /// A scan that was cancelled returns what it has found, and
    /// [`Outcome::is_cancelled`](crate::Outcome::is_cancelled) is set.
    ///
    /// # Cost
    /// An atomic load at least every 256 KiB. There is one exception: while a match is followed for
    /// more than that, up to [`max_match_len`](Self::max_match_len), the bytes read so far are
    /// searched without a check, which takes about a second for 1 GiB.
    ///
    /// # Examples
    /// ```
    /// use memmap_core::{Map, Progress, testing::Fake};
    /// use memmap_scan::{Pattern, Scan};
    ///
    /// let mm = Map::from_mapping(Fake::new(b"to be or not to be"));
    /// let progress = Progress::new();
    /// Scan::new(&mm).progress(&progress).count(&Pattern::literal("to")?)?;
    /// assert_eq!((progress.done(), progress.total(), progress.found()), (18, 18, 2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn progress(self, progress: &'s Progress) -> Self {
        Self { progress: Some(progress), ..self }
    }

    /// The longest match that is followed, in bytes, of a pattern whose matches may be of any length.
    /// The default is 1 MiB.
    ///
    /// If a match is longer, [`Outcome::match_too_long`](crate::Outcome::match_too_long) says where it
    /// starts. A hole of more than four times this length is searched only at both ends if matches may
    /// go on through it, as those of `\x00+`.
    ///
    /// # Cost
    /// Up to that much memory for each thread, once a match is that long.
    #[must_use]
    pub fn max_match_len(self, bytes: u64) -> Self {
        Self { max_match_len: bytes.max(1), ..self }
    }

    /// The number of bytes that a thread takes at once. The default is 1 MiB.
    ///
    /// No answer depends on it, except that of a [`fold`](Self::fold) whose `combine` is not
    /// associative.
    #[must_use]
    pub fn block_len(self, bytes: u64) -> Self {
        Self { block_len: bytes.max(1), ..self }
    }

    /// Releases pages of the file once they are scanned, so that this process holds a few MiB of it for
    /// each thread, however long the file is. The pages stay in the system's cache. The default is
    /// `false`.
    ///
    /// # Cost
    /// A system call with [`Advice::DontNeed`](memmap_core::Advice::DontNeed) for every 4 MiB, and page
    /// faults for whoever uses the map afterwards.
    #[must_use]
    pub const fn evict_behind(self, evict_behind: bool) -> Self {
        Self { evicts_behind: evict_behind, ..self }
    }

    /// The scan as a job, after checking the range.
    fn job(&self) -> Result<Job<'s, M>> {
        let range = bounded(self.map, self.range)?;
        if let Some(progress) = self.progress {
            progress.add_total(self.bytes_in(&range));
        }
        let copy_len = self.block_len.min(memmap_core::widen(COPY_LEN));
        Ok(Job::new(self.map, range, copy_len, self.max_match_len, self.progress)
            .evicting_behind(self.evicts_behind))
    }

    /// How many bytes a range has. What is between the regions of a map is none; other gaps are not known before
    /// they are reached.
    fn bytes_in(&self, range: &Range<u64>) -> u64 {
        let len = |range: &Range<u64>| range.end.saturating_sub(range.start);
        if self.map.regions().is_empty() {
            return len(range);
        }
        let Ok(extents) = self.map.extents(range.clone()) else { return len(range) };
        let bytes = extents.iter().filter(|it| !matches!(it, Extent::Gap(_)));
        bytes.map(|extent| len(extent.range())).sum()
    }

    fn parallelism(&self) -> Parallelism {
        let threads = self.threads.unwrap_or_else(rayon::current_num_threads);
        Parallelism { threads, sizes: Sizes::new(self.block_len) }
    }
}
