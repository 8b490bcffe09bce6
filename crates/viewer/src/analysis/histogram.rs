//! Byte histogram of a range, and the entropy of its pieces.

use std::ops::Range;

use crate::analysis::entropy::{in_bits, millibits};
use crate::analysis::minimap::cell;
use crate::format::units::in_units;
use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::{Accumulate, Job, Merge};

/// Number of pieces whose entropy is computed.
const PIECES: u64 = 64;

/// The counts so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Histogram {
    pub(crate) range: Range<u64>,
    /// Occurrences of each byte value.
    pub(crate) counts: Box<[u64; 256]>,
    /// Entropy of each counted piece in thousandths of a bit; `None` if the piece is unreadable.
    pub(crate) pieces: Vec<Option<u64>>,
    /// Number of unreadable bytes.
    pub(crate) lost: u64,
}

impl Histogram {
    /// An empty histogram of a range.
    pub(crate) fn new(range: Range<u64>) -> Self {
        Self { range, counts: Box::new([0; 256]), pieces: Vec::new(), lost: 0 }
    }

    pub(crate) fn count(&self, byte: u8) -> u64 {
        self.counts.get(usize::from(byte)).copied().unwrap_or(0)
    }

    pub(crate) fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    pub(crate) fn most(&self) -> u64 {
        self.counts.iter().copied().max().unwrap_or(0)
    }

    /// Number of distinct byte values.
    pub(crate) fn distinct(&self) -> usize {
        self.counts.iter().filter(|&&count| count > 0).count()
    }

    /// Entropy in thousandths of a bit per byte.
    pub(crate) fn entropy(&self) -> u64 {
        millibits(&self.counts)
    }

    /// The byte values that occur, by descending count, then ascending value.
    pub(crate) fn top(&self) -> Vec<(u8, u64)> {
        let all = (0..=u8::MAX).map(|byte| (byte, self.count(byte)));
        let mut all: Vec<(u8, u64)> = all.filter(|&(_, count)| count > 0).collect();
        all.sort_by_key(|&(byte, count)| (std::cmp::Reverse(count), byte));
        all
    }
}

impl Merge for Histogram {
    /// Counts are cumulative, so the later event replaces the earlier one.
    fn merge(&mut self, next: Self) -> Option<Self> {
        *self = next;
        None
    }
}

/// Counts the bytes of a range, and reports the totals after each piece.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct HistogramJob {
    pub(crate) range: Range<u64>,
    /// Describes the range in messages, such as "selection".
    pub(crate) what: &'static str,
}

impl Job for HistogramJob {
    type Event = Histogram;
    type Output = ();

    fn title(&self) -> String {
        format!("histogram of {}, {}", self.what, in_units(self.range.end - self.range.start))
    }

    fn run(self, cx: &JobContext<'_, Histogram>) -> Result<(), JobError> {
        let range = self.range;
        let mut histogram = Histogram::new(range.clone());
        cx.expect(cx.readable_len(&range));
        let pieces = PIECES.min((range.end - range.start).max(1));
        for i in 0..pieces {
            let piece = cell(cx.source.regions(), &range, i, pieces);
            let counted = cx.scan().range(piece.clone()).histogram()?;
            if counted.is_cancelled {
                return Err(JobError::Cancelled);
            }
            let counts = counted.value.counts();
            for (sum, more) in histogram.counts.iter_mut().zip(counts) {
                *sum = sum.saturating_add(*more);
            }
            let read = counted.value.total();
            histogram.lost += cx.readable_len(&piece).saturating_sub(read);
            histogram.pieces.push((read > 0).then(|| millibits(counts)));
            cx.emit(histogram.clone())?;
        }
        Ok(())
    }
}

impl Accumulate<HistogramJob> for Histogram {
    fn begin(job: &HistogramJob, _len: u64, _before: Option<Self>) -> Self {
        Self::new(job.range.clone())
    }

    fn take(&mut self, counted: Self) {
        *self = counted;
    }

    fn finish(&mut self, (): ()) -> String {
        let (bits, distinct) = (in_bits(self.entropy()), self.distinct());
        let lost = match self.lost {
            0 => String::new(),
            lost => format!(", {lost} B unreadable"),
        };
        format!("{bits} bits a byte, {distinct} of 256 values{lost}")
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use memmap::{Map, RamMap};
    use memmap_core::testing::{Fake, Fault};

    use super::*;
    use crate::job::context::finish;
    use crate::source::handle::SourceHandle;

    fn counted(map: memmap::AnyMap, range: Range<u64>) -> (Histogram, String) {
        let done = finish(&SourceHandle::new(map), HistogramJob { range, what: "all" });
        let mut last = done.events.last().unwrap().clone();
        done.ended.unwrap();
        let said = last.finish(());
        (last, said)
    }

    #[test]
    fn every_byte_is_counted_once_in_its_piece() {
        let mut bytes = vec![b'a'; 1000];
        bytes.extend((0..=u8::MAX).cycle().take(1024 * 3));
        let map = || RamMap::from_reader(&bytes[..]).unwrap().erase();
        let (histogram, said) = counted(map(), 0..4072);
        assert_eq!(
            (histogram.count(b'a'), histogram.count(0), histogram.total()),
            (1012, 12, 4072)
        );
        assert_eq!((histogram.distinct(), histogram.most(), histogram.lost), (256, 1012, 0));
        assert_eq!(histogram.top()[..2], [(b'a', 1012), (0, 12)]);
        assert_eq!(histogram.pieces.len(), 64);
        assert_eq!(histogram.pieces[0], Some(0));
        assert!(histogram.pieces[63].unwrap() > 5900, "{:?}", histogram.pieces);
        assert!(said.ends_with(" bits a byte, 256 of 256 values"), "{said}");
        let (part, _) = counted(map(), 10..20);
        assert_eq!((part.total(), part.pieces.len(), part.entropy()), (10, 10, 0));
    }

    #[test]
    fn what_cannot_be_read_is_left_out_and_said() {
        let fake = Fake::new(&[b'a'; 640]).with(Fault::Read { at: 5, kind: io::ErrorKind::Other });
        let (histogram, said) = counted(Map::from_mapping(fake).erase(), 0..640);
        assert_eq!(histogram.total() + histogram.lost, 640);
        assert!(histogram.lost > 0 && said.contains("unreadable"), "{said}");
    }
}
