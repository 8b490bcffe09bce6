use std::fmt;
use std::ops::{AddAssign, Index};

use memmap_core::{InPlace, Lost, Mapping, Result, widen};

use super::Scan;
use super::fold::in_blocks;
use crate::Outcome;
use crate::blocks::{Block, Blocks};
use crate::job::Visitor;

/// Summing up.
impl<M: Mapping> Scan<'_, M> {
    /// How many bytes are this one: newlines, say.
    ///
    /// # Errors
    /// As [`count`](Self::count).
    ///
    /// # Cost
    /// That of reading memory once.
    pub fn count_byte(&self, byte: u8) -> Result<Outcome<u64>> {
        let mut job = self.job()?;
        let mut count = 0_u64;
        let work = |buffer: &mut Vec<u8>, block: &Block| {
            if block.is_hole {
                let len = block.range.end.saturating_sub(block.range.start);
                return if byte == 0 { len } else { 0 };
            }
            let mut counter = ByteCounter { byte, count: 0 };
            job.visit(&block.range, buffer, &mut counter);
            counter.count
        };
        let covered = in_blocks(&job, self.parallelism(), work, |more| {
            count = count.saturating_add(more);
        });
        Ok(job.outcome(count, covered))
    }

    /// How often each of the 256 bytes occurs.
    ///
    /// # Errors
    /// As [`count`](Self::count).
    ///
    /// # Cost
    /// About that of reading memory twice; nothing for holes.
    pub fn histogram(&self) -> Result<Outcome<Histogram>> {
        let mut job = self.job()?;
        let mut all = Histogram::default();
        let work = |buffer: &mut Vec<u8>, block: &Block| {
            if block.is_hole {
                return Histogram::of_zeros(block.range.end.saturating_sub(block.range.start));
            }
            let mut counter = HistogramCounter::new();
            job.visit(&block.range, buffer, &mut counter);
            counter.histogram()
        };
        let covered = in_blocks(&job, self.parallelism(), work, |more| all += &more);
        Ok(job.outcome(all, covered))
    }

    /// The entropy of each `chunk_len` bytes, of the last of fewer: bits for each byte, from 0, all
    /// the same, to 8, as good as random; `None` where no byte could be read.
    ///
    /// # Errors
    /// As [`count`](Self::count).
    ///
    /// # Cost
    /// That of a [`histogram`](Self::histogram), and for each chunk that of 256 logarithms; 8 bytes of
    /// memory for each chunk.
    pub fn entropy(&self, chunk_len: u64) -> Result<Outcome<Vec<Option<f32>>>> {
        let chunk_len = chunk_len.max(1);
        let mut job = self.job()?;
        let mut all = Vec::new();
        let mut parallelism = self.parallelism();
        let sizes = parallelism.sizes;
        parallelism.sizes = sizes.aligned_to(chunk_len);
        let work = |buffer: &mut Vec<u8>, block: &Block| {
            if block.is_hole {
                let len = block.range.end.saturating_sub(block.range.start);
                let chunks = usize::try_from(len.div_ceil(chunk_len)).unwrap_or(usize::MAX);
                return Entropies::Zeros(chunks);
            }
            let mut chunks = Vec::new();
            let mut start = block.range.start;
            while start < block.range.end && !job.is_stopped() {
                let end = start.saturating_add(chunk_len).min(block.range.end);
                let mut counter = HistogramCounter::new();
                if chunk_len <= sizes.block {
                    job.visit(&(start..end), buffer, &mut counter);
                } else {
                    // A long chunk may have holes of its own.
                    let mut blocks = Blocks::new(&(start..end), sizes);
                    while let Some(block_part) = blocks.next(&job) {
                        if block_part.is_hole {
                            counter
                                .zeros(block_part.range.end.saturating_sub(block_part.range.start));
                        } else {
                            job.visit(&block_part.range, buffer, &mut counter);
                        }
                    }
                }
                chunks.push(counter.histogram().entropy());
                start = end;
            }
            Entropies::Of(chunks)
        };
        let covered = in_blocks(&job, parallelism, work, |more| match more {
            Entropies::Of(chunks) => all.extend(chunks),
            Entropies::Zeros(chunks) => all.extend(std::iter::repeat_n(Some(0.0), chunks)),
        });
        Ok(job.outcome(all, covered))
    }
}

/// A block's entropies.
enum Entropies {
    Of(Vec<Option<f32>>),
    Zeros(usize),
}

/// How often each byte occurs.
///
/// # Examples
/// ```
/// use memmap_core::{MemMap, testing::Fake};
/// use memmap_scan::Scan;
///
/// let mm = MemMap::from_mapping(Fake::new(b"abracadabra!"));
/// let histogram = Scan::new(&mm).histogram()?.value;
/// assert_eq!((histogram[b'a'], histogram[b'!'], histogram.total()), (5, 1, 12));
/// assert_eq!(histogram.distinct(), 6);
///
/// let mut blocks = Scan::new(&mm).range(..5).histogram()?.value;
/// blocks += Scan::new(&mm).range(5..).histogram()?.value;
/// assert_eq!(blocks, histogram);
/// # Ok::<(), memmap_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Histogram {
    counts: Box<[u64; 256]>,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: Box::new([0; 256]) }
    }
}

impl Histogram {
    fn of_zeros(len: u64) -> Self {
        let mut all = Self::default();
        all.counts[0] = len;
        all
    }

    /// By byte.
    pub fn counts(&self) -> &[u64; 256] {
        &self.counts
    }

    /// All bytes.
    pub fn total(&self) -> u64 {
        self.counts.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// How many of the 256 occur.
    pub fn distinct(&self) -> usize {
        self.counts.iter().filter(|&&count| count > 0).count()
    }

    /// Bits for each byte, from 0 to 8; `None` of no bytes.
    ///
    /// # Source
    /// Shannon, *A Mathematical Theory of Communication*, 1948.
    #[expect(
        clippy::as_conversions,
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "a share needs no more digits"
    )]
    pub fn entropy(&self) -> Option<f32> {
        let total = self.total();
        if total == 0 {
            return None;
        }
        let bits = |&count: &u64| {
            let share = count as f64 / total as f64;
            // Not the logarithm's negative: of one kind of bytes that is a negative zero.
            if count == 0 { 0.0 } else { share * share.recip().log2() }
        };
        Some(self.counts.iter().map(bits).fold(0.0, |sum: f64, bits| sum + bits) as f32)
    }
}

/// Of two blocks that of both.
impl AddAssign<&Self> for Histogram {
    fn add_assign(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(other.counts.iter()) {
            *count = count.saturating_add(*more);
        }
    }
}

impl AddAssign for Histogram {
    fn add_assign(&mut self, other: Self) {
        *self += &other;
    }
}

impl Index<u8> for Histogram {
    type Output = u64;

    fn index(&self, byte: u8) -> &u64 {
        // A byte is always within 256 counts.
        self.counts.get(usize::from(byte)).unwrap_or(&self.counts[0])
    }
}

impl fmt::Debug for Histogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = (0..=u8::MAX).zip(self.counts.iter()).filter(|(_, count)| **count > 0);
        f.debug_map().entries(found).finish()
    }
}

/// Counts one byte.
struct ByteCounter {
    byte: u8,
    count: u64,
}

impl Visitor for ByteCounter {
    fn in_place(&mut self, bytes: InPlace<'_>) -> Result<(), Lost> {
        let (count, result) = bytes.count_byte(self.byte);
        self.count = self.count.saturating_add(count);
        result
    }

    fn copied(&mut self, _: u64, bytes: &[u8]) {
        let count = memchr::memchr_iter(self.byte, bytes).count();
        self.count = self.count.saturating_add(widen(count));
    }
}

/// How many tables are counted in by turns: so many that the same byte in a row does not wait for
/// itself. With numbers of 32 bits they take a quarter of the nearest cache.
const TABLES: usize = 8;

type Tables = [[u32; 256]; TABLES];

/// So many bytes, and a chunk more, no number of 32 bits is too small for.
const MOST_PENDING: u64 = 1 << 31;

/// A histogram that is being counted.
struct HistogramCounter {
    tables: Box<Tables>,
    /// How many bytes are in the tables, at most.
    pending: u64,
    /// What was in them before.
    done: Histogram,
}

impl HistogramCounter {
    fn new() -> Self {
        Self { tables: Box::new([[0; 256]; TABLES]), pending: 0, done: Histogram::default() }
    }

    fn zeros(&mut self, len: u64) {
        self.done += &Histogram::of_zeros(len);
    }

    /// Makes room for so many bytes.
    fn expect(&mut self, len: usize) {
        self.pending = self.pending.saturating_add(widen(len));
        if self.pending > MOST_PENDING {
            self.settle();
            self.pending = widen(len);
        }
    }

    fn settle(&mut self) {
        for table in &mut *self.tables {
            for (count, more) in self.done.counts.iter_mut().zip(table) {
                *count = count.saturating_add(u64::from(std::mem::take(more)));
            }
        }
    }

    fn histogram(mut self) -> Histogram {
        self.settle();
        self.done
    }
}

impl Visitor for HistogramCounter {
    fn in_place(&mut self, bytes: InPlace<'_>) -> Result<(), Lost> {
        self.expect(bytes.len());
        bytes.histogram(&mut self.tables)
    }

    fn copied(&mut self, _: u64, bytes: &[u8]) {
        self.expect(bytes.len());
        // What holds still can be looked at in place, too, and nothing of it is lost.
        InPlace::from(bytes).histogram(&mut self.tables).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_bytes_than_a_table_counts_are_counted() {
        let mut counter = HistogramCounter::new();
        for turn in 1..=3 {
            counter.copied(0, &[7; 8000]);
            // As many as the tables hold.
            counter.pending = MOST_PENDING;
            assert_eq!(counter.tables[0][7], 1000);
            assert_eq!(counter.done[7], 8000 * (turn - 1));
        }
        counter.zeros(1 << 40);
        let histogram = counter.histogram();
        assert_eq!((histogram[7], histogram[0]), (24_000, 1 << 40));
    }
}
