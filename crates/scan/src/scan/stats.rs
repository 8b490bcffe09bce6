use std::fmt;
use std::ops::{AddAssign, Index};

use memmap_core::{Faulted, InPlace, Mapping, Result, widen};

use super::Scan;
use super::fold::in_blocks;
use crate::Outcome;
use crate::blocks::{Block, Blocks};
use crate::byte_class::ByteClass;
use crate::job::Visitor;

/// Statistics.
impl<M: Mapping> Scan<'_, M> {
    /// Counts the bytes that have this value, newlines for example.
    ///
    /// # Errors
    /// As [`count`](Self::count).
    ///
    /// # Cost
    /// Reading the bytes once.
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

    /// Counts how often each of the 256 byte values occurs.
    ///
    /// # Errors
    /// As [`count`](Self::count).
    ///
    /// # Cost
    /// About that of reading the bytes twice. Holes cost nothing.
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

    /// The entropy of each `chunk_len` bytes; the last chunk may be shorter.
    ///
    /// Its unit is bits per byte: 0 if all bytes are the same, and 8 if they look random. It is
    /// `None` if no byte of the chunk could be read.
    ///
    /// # Errors
    /// As [`count`](Self::count).
    ///
    /// # Cost
    /// That of a [`histogram`](Self::histogram), and for each chunk 256 logarithms and 8 bytes of
    /// memory.
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
                    // A long chunk may contain holes.
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
                chunks.push(counter.histogram().entropy().map(to_f32));
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

/// An entropy with the digits that one of many needs.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "the nearest value is what is wanted"
)]
const fn to_f32(bits: f64) -> f32 {
    bits as f32
}

/// The entropies of a block.
enum Entropies {
    Of(Vec<Option<f32>>),
    Zeros(usize),
}

/// The number of occurrences of each byte value.
///
/// # Examples
/// ```
/// use memmap_core::{Map, testing::Fake};
/// use memmap_scan::Scan;
///
/// let mm = Map::from_mapping(Fake::new(b"abracadabra!"));
/// let histogram = Scan::new(&mm).histogram()?.value;
/// assert_eq!((histogram[b'a'], histogram[b'!'], histogram.total()), (5, 1, 12));
/// assert_eq!(histogram.distinct(), 6);
///
/// let mut sum = Scan::new(&mm).range(..5).histogram()?.value;
/// sum += Scan::new(&mm).range(5..).histogram()?.value;
/// assert_eq!(sum, histogram);
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
    pub(super) fn of_zeros(len: u64) -> Self {
        let mut all = Self::default();
        all.counts[0] = len;
        all
    }

    /// The counts, indexed by byte value.
    pub fn counts(&self) -> &[u64; 256] {
        &self.counts
    }

    /// The total number of bytes.
    pub fn total(&self) -> u64 {
        self.counts.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// The number of different byte values.
    pub fn distinct(&self) -> usize {
        self.counts.iter().filter(|&&count| count > 0).count()
    }

    /// The number of bytes of a class.
    pub fn of_class(&self, class: ByteClass) -> u64 {
        (0..=u8::MAX)
            .zip(self.counts.iter())
            .filter(|&(byte, _)| ByteClass::of(byte) == class)
            .fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// The entropy in bits per byte, from 0 to 8; `None` if there are no bytes.
    ///
    /// # Source
    /// Shannon, *A Mathematical Theory of Communication*, 1948.
    #[expect(
        clippy::as_conversions,
        clippy::cast_precision_loss,
        reason = "a share needs no more digits"
    )]
    pub fn entropy(&self) -> Option<f64> {
        let total = self.total();
        if total == 0 {
            return None;
        }
        let bits = |&count: &u64| {
            let share = count as f64 / total as f64;
            // Negating the logarithm instead would make the sum -0 if all bytes are the same.
            if count == 0 { 0.0 } else { share * share.recip().log2() }
        };
        Some(self.counts.iter().map(bits).fold(0.0, |sum, bits| sum + bits))
    }
}

/// The histogram with these counts, indexed by byte value.
impl From<[u64; 256]> for Histogram {
    fn from(counts: [u64; 256]) -> Self {
        Self { counts: Box::new(counts) }
    }
}

/// Adds the counts of another part.
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
        // An index of type `u8` is always in range.
        self.counts.get(usize::from(byte)).unwrap_or(&self.counts[0])
    }
}

impl fmt::Debug for Histogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = (0..=u8::MAX).zip(self.counts.iter()).filter(|(_, count)| **count > 0);
        f.debug_map().entries(found).finish()
    }
}

/// Counts one byte value.
struct ByteCounter {
    byte: u8,
    count: u64,
}

impl Visitor for ByteCounter {
    fn in_place(&mut self, bytes: InPlace<'_>) -> Result<(), Faulted> {
        let (count, result) = bytes.count_byte(self.byte);
        self.count = self.count.saturating_add(count);
        result
    }

    fn copied(&mut self, _: u64, bytes: &[u8]) {
        let count = memchr::memchr_iter(self.byte, bytes).count();
        self.count = self.count.saturating_add(widen(count));
    }
}

/// Number of tables used in turn, so that the same byte in a row does not wait for its own counter.
/// With 32-bit counters they take a quarter of the L1 cache.
const TABLES: usize = 8;

type Tables = [[u32; 256]; TABLES];

/// Bytes after which the tables are added up. With one chunk more, a 32-bit counter still cannot
/// overflow.
const MOST_PENDING: u64 = 1 << 31;

/// Counts all byte values.
pub(super) struct HistogramCounter {
    tables: Box<Tables>,
    /// Upper bound of the bytes in the tables.
    pending: u64,
    /// Counts that were taken out of the tables.
    done: Histogram,
}

impl HistogramCounter {
    pub(super) fn new() -> Self {
        Self { tables: Box::new([[0; 256]; TABLES]), pending: 0, done: Histogram::default() }
    }

    pub(super) fn zeros(&mut self, len: u64) {
        self.done += &Histogram::of_zeros(len);
    }

    /// Prepares the tables for `len` more bytes.
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

    pub(super) fn histogram(mut self) -> Histogram {
        self.settle();
        self.done
    }
}

impl Visitor for HistogramCounter {
    fn in_place(&mut self, bytes: InPlace<'_>) -> Result<(), Faulted> {
        self.expect(bytes.len());
        bytes.histogram(&mut self.tables)
    }

    fn copied(&mut self, _: u64, bytes: &[u8]) {
        self.expect(bytes.len());
        // Bytes of a slice cannot be lost.
        InPlace::from(bytes).histogram(&mut self.tables).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropy_is_none_of_nothing_zero_of_one_kind_and_eight_of_all() {
        let entropy = |counts: [u64; 256]| Histogram::from(counts).entropy();
        assert_eq!(entropy([0; 256]), None);
        assert_eq!(entropy([1 << 40; 256]), Some(8.0));
        let mut counts = [0; 256];
        counts[7] = 5;
        assert_eq!(entropy(counts).map(f64::to_bits), Some(0));
        counts[8] = 5;
        assert_eq!(entropy(counts), Some(1.0));
    }

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
