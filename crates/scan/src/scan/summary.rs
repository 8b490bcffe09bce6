use std::ops::Range;

use memmap_core::{Extent, Faulted, InPlace, Mapping, Result, widen};

use super::Scan;
use super::fold::in_blocks;
use super::stats::{Histogram, HistogramCounter};
use crate::Outcome;
use crate::blocks::Block;
use crate::job::{Job, Visitor};
use crate::runs::{Run, RunTotal, Runs};

/// Number of chunks whose entropy is in a summary, at most: as many as fit on a line.
const CHUNKS: u64 = 64;

/// Minimum length of a chunk. The entropy of fewer bytes says little.
pub(crate) const CHUNK_MIN: u64 = 4 << 10;

/// Summaries.
impl<M: Mapping> Scan<'_, M> {
    /// Summarizes the bytes: how often each value occurs, the entropy along them, the longest runs of
    /// equal bytes, strings and holes.
    ///
    /// A string is what [`strings`](Self::strings) finds, with at least `min_string` characters.
    ///
    /// # Errors
    /// As [`count`](Self::count), and those of [`Map::extents`](memmap_core::Map::extents).
    ///
    /// # Cost
    /// Reads the bytes once, and copies them through a buffer that stays in the cache. Holes cost
    /// nothing but the system calls that find them, all before the first byte is read.
    ///
    /// # Examples
    /// ```
    /// use memmap_core::{Map, testing::Fake};
    /// use memmap_scan::Scan;
    ///
    /// let mm = Map::from_mapping(Fake::new(b"\0\0\0\0\0\0name\0size\0\xff\xff\xff\xff"));
    /// let summary = Scan::new(&mm).summary(4)?.value;
    /// assert_eq!((summary.histogram.total(), summary.histogram[0]), (20, 8));
    /// let runs: Vec<_> = summary.longest_runs.iter().map(|run| (run.offset, run.len)).collect();
    /// assert_eq!(runs, [(0, 6), (16, 4)]);
    /// assert_eq!((summary.strings.count, summary.strings.bytes), (2, 8));
    /// # Ok::<(), memmap_core::Error>(())
    /// ```
    pub fn summary(&self, min_string: usize) -> Result<Outcome<Summary>> {
        let min_string = min_string.max(1);
        let mut job = self.job()?;
        let range = job.range.clone();
        let len = range.end.saturating_sub(range.start);
        // Whole pages, so that each page is read for one chunk only.
        let chunk_len = len.div_ceil(CHUNKS).next_multiple_of(CHUNK_MIN).max(CHUNK_MIN);
        // Asked first: on tmpfs, a hole that was read through a map is data.
        let holes = holes(&job, chunk_len)?;
        let mut sums = Sums::new(chunk_len, min_string);
        let work = |buffer: &mut Vec<u8>, block: &Block| {
            Part::of(&job, block, chunk_len, min_string, buffer)
        };
        let covered = in_blocks(&job, self.parallelism(), work, |part| sums.add(part));
        let summary = sums.summary(range, holes);
        Ok(job.outcome(summary, covered))
    }
}

/// What a range consists of: the result of [`Scan::summary`].
///
/// Unreadable bytes count nowhere, and no run or string continues across them.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Summary {
    /// The range, as offsets from the start of the mapping.
    pub range: Range<u64>,
    /// How often each byte value occurs. Its total is the number of bytes that were read, or are in
    /// holes; its entropy is that of the range.
    pub histogram: Histogram,
    /// The length of a chunk in bytes: a multiple of 4 KiB, so that there are at most 64 chunks. The
    /// last one may be shorter.
    pub chunk_len: u64,
    /// The entropy of each chunk in bits per byte; `None` if none of its bytes could be read. If the
    /// scan was cancelled, the list ends with the last chunk that it reached.
    pub entropy_of_chunks: Vec<Option<f64>>,
    /// The longest runs of equal bytes, at most five, by descending length and then by offset. Each
    /// has at least four bytes.
    pub longest_runs: Vec<Run>,
    /// The minimum length of a string.
    pub min_string: usize,
    /// The strings: runs of printable ASCII characters and tabs.
    pub strings: RunTotal,
    /// The holes. They are those of the whole range, unless the scan was cancelled while it looked for
    /// them.
    pub holes: RunTotal,
}

/// The holes of the whole range. The extents of `step` bytes are in memory at a time.
fn holes<M: Mapping>(job: &Job<'_, M>, step: u64) -> Result<RunTotal> {
    let mut all = RunTotal::default();
    let mut last_end = None;
    let mut at = job.range.start;
    while at < job.range.end && !job.is_stopped() {
        let end = at.saturating_add(step).min(job.range.end);
        let extents = job.map.extents(at..end)?;
        for hole in extents.iter().filter(|extent| extent.is_hole()).map(Extent::range) {
            all.bytes = all.bytes.saturating_add(hole.end.saturating_sub(hole.start));
            // One that goes on from the step before is no other one.
            all.count += u64::from(last_end.replace(hole.end) != Some(hole.start));
        }
        at = end;
    }
    Ok(all)
}

/// The summary of what was read so far.
pub(crate) struct Sums {
    pub(crate) chunk_len: u64,
    min_string: usize,
    chunks: Vec<Histogram>,
    runs: Option<Runs>,
}

impl Sums {
    pub(crate) const fn new(chunk_len: u64, min_string: usize) -> Self {
        Self { chunk_len, min_string, chunks: Vec::new(), runs: None }
    }

    /// Adds the next part. Its chunks have the length of these.
    pub(crate) fn add(&mut self, part: Part) {
        for (index, histogram) in (part.first_chunk..).zip(part.chunks) {
            match self.chunks.get_mut(index) {
                Some(chunk) => *chunk += histogram,
                None => self.chunks.push(histogram),
            }
        }
        self.runs = joined(self.runs.take(), part.runs, self.min_string);
    }

    /// Doubles the length of a chunk until there are few enough.
    pub(crate) fn join_chunks(&mut self) {
        while widen(self.chunks.len()) > CHUNKS {
            let pairs = self.chunks.chunks(2).map(|pair| {
                let mut sum = Histogram::default();
                for chunk in pair {
                    sum += chunk;
                }
                sum
            });
            self.chunks = pairs.collect();
            self.chunk_len = self.chunk_len.saturating_mul(2);
        }
    }

    pub(crate) fn summary(self, range: Range<u64>, holes: RunTotal) -> Summary {
        let mut histogram = Histogram::default();
        for chunk in &self.chunks {
            histogram += chunk;
        }
        Summary {
            range,
            histogram,
            chunk_len: self.chunk_len,
            entropy_of_chunks: self.chunks.iter().map(Histogram::entropy).collect(),
            longest_runs: self.runs.as_ref().map(Runs::longest).unwrap_or_default(),
            min_string: self.min_string,
            strings: self.runs.map(|runs| runs.strings(self.min_string)).unwrap_or_default(),
            holes,
        }
    }
}

/// The summary of a block.
pub(crate) struct Part {
    /// The chunk that the block starts in, counted from 0.
    first_chunk: usize,
    /// Histograms of the parts of chunks that are in the block.
    chunks: Vec<Histogram>,
    runs: Option<Runs>,
}

impl Part {
    pub(crate) fn of<M: Mapping>(
        job: &Job<'_, M>,
        block: &Block,
        chunk_len: u64,
        min_string: usize,
        buffer: &mut Vec<u8>,
    ) -> Self {
        let Range { start, end } = block.range;
        let index = |at: u64| at.saturating_sub(job.range.start) / chunk_len;
        let mut chunks = Vec::new();
        let mut runs = block.is_hole.then(|| Runs::of_zeros(&block.range));
        let mut at = start;
        while at < end && !job.is_stopped() {
            let behind = index(at).saturating_add(1).saturating_mul(chunk_len);
            let next = job.range.start.saturating_add(behind).min(end);
            let mut counter = HistogramCounter::new();
            if block.is_hole {
                counter.zeros(next.saturating_sub(at));
            } else {
                let mut summing = Summing { counter: &mut counter, runs: &mut runs, min_string };
                job.visit(&(at..next), buffer, &mut summing);
            }
            chunks.push(counter.histogram());
            at = next;
        }
        Self { first_chunk: usize::try_from(index(start)).unwrap_or(usize::MAX), chunks, runs }
    }
}

/// Counts bytes and finds their runs, while they are in the cache.
struct Summing<'p> {
    counter: &'p mut HistogramCounter,
    runs: &'p mut Option<Runs>,
    min_string: usize,
}

impl Visitor for Summing<'_> {
    fn wants_in_place(&self) -> bool {
        false
    }

    fn in_place(&mut self, _: InPlace<'_>) -> std::result::Result<(), Faulted> {
        Err(Faulted { done: 0 })
    }

    fn copied(&mut self, offset: u64, bytes: &[u8]) {
        self.counter.copied(offset, bytes);
        let next = Runs::of(offset, bytes, self.min_string);
        *self.runs = joined(self.runs.take(), next, self.min_string);
    }
}

fn joined(a: Option<Runs>, b: Option<Runs>, min_string: usize) -> Option<Runs> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.joined(b, min_string)),
        (a, b) => a.or(b),
    }
}
