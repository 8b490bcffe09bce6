//! How often each of the 256 bytes occurs in a part of the data, and how random its pieces are.

use std::ops::Range;
use std::sync::atomic::Ordering;

use crate::analysis::entropy::{in_bits, millibits};
use crate::analysis::minimap::part;
use crate::job::context::{Merge, Site};
use crate::job::list::JobId;

/// Pieces whose entropy is told.
const PIECES: u64 = 64;

/// What was counted so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    pub(crate) range: Range<u64>,
    /// Of each byte.
    pub(crate) counts: Box<[u64; 256]>,
    /// Entropy of each piece that was counted, in thousandths of a bit; `None` where nothing could be
    /// read.
    pub(crate) pieces: Vec<Option<u64>>,
    /// Bytes that could not be read.
    pub(crate) lost: u64,
}

impl Tally {
    /// Of a range of which nothing is known.
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

    /// How many of the 256 occur.
    pub(crate) fn distinct(&self) -> usize {
        self.counts.iter().filter(|&&count| count > 0).count()
    }

    /// In thousandths of a bit.
    pub(crate) fn entropy(&self) -> u64 {
        millibits(&self.counts)
    }

    /// The bytes that occur, the most frequent first, and of equally frequent ones the smaller first.
    pub(crate) fn top(&self) -> Vec<(u8, u64)> {
        let all = (0..=u8::MAX).map(|byte| (byte, self.count(byte)));
        let mut all: Vec<(u8, u64)> = all.filter(|&(_, count)| count > 0).collect();
        all.sort_by_key(|&(byte, count)| (std::cmp::Reverse(count), byte));
        all
    }
}

/// What a pane shows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Histogram {
    pub(crate) job: JobId,
    pub(crate) tally: Tally,
    pub(crate) is_over: bool,
    /// Whether the bytes are others now.
    pub(crate) is_stale: bool,
}

/// Counts, and says after each piece what is known.
pub(crate) fn run(
    range: Range<u64>,
    site: &Site<'_, impl Merge + From<Tally>>,
) -> Result<String, String> {
    let mut tally = Tally::new(range.clone());
    site.wire.total.store(range.end - range.start, Ordering::Relaxed);
    let pieces = PIECES.min((range.end - range.start).max(1));
    for i in 0..pieces {
        let piece = part(&range, i, pieces);
        let counted = site.scan().range(piece.clone()).histogram();
        let counted = counted.map_err(|error| error.to_string())?;
        if counted.cancelled {
            return Err("stopped".to_owned());
        }
        let counts = counted.value.counts();
        for (sum, more) in tally.counts.iter_mut().zip(counts) {
            *sum = sum.saturating_add(*more);
        }
        let read = counted.value.total();
        tally.lost += (piece.end - piece.start).saturating_sub(read);
        tally.pieces.push((read > 0).then(|| millibits(counts)));
        site.wire.tell(tally.clone());
    }
    let (bits, distinct) = (in_bits(tally.entropy()), tally.distinct());
    let lost =
        if tally.lost > 0 { format!(", {} B unreadable", tally.lost) } else { String::new() };
    Ok(format!("{bits} bits a byte, {distinct} of 256 values{lost}"))
}

#[cfg(test)]
mod tests {
    use std::io;

    use memmap::{Map, RamMap};
    use memmap_core::testing::{Fake, Fault};

    use super::*;
    use crate::job::context::finish;

    impl Merge for Tally {
        fn merge(&mut self, next: Self) -> Option<Self> {
            *self = next;
            None
        }
    }

    fn tallied(map: &memmap::AnyMap, range: Range<u64>) -> (Tally, String) {
        let done = finish::<Tally>(map, |site| run(range, site));
        (done.news.last().unwrap().clone(), done.ended.unwrap())
    }

    #[test]
    fn every_byte_is_counted_once_in_its_piece() {
        let mut bytes = vec![b'a'; 1000];
        bytes.extend((0..=u8::MAX).cycle().take(1024 * 3));
        let map = RamMap::from_reader(&bytes[..]).unwrap().erase();
        let (tally, said) = tallied(&map, 0..4072);
        assert_eq!((tally.count(b'a'), tally.count(0), tally.total()), (1012, 12, 4072));
        assert_eq!((tally.distinct(), tally.most(), tally.lost), (256, 1012, 0));
        assert_eq!(tally.top()[..2], [(b'a', 1012), (0, 12)]);
        assert_eq!(tally.pieces.len(), 64);
        assert_eq!(tally.pieces[0], Some(0));
        assert!(tally.pieces[63].unwrap() > 5900, "{:?}", tally.pieces);
        assert!(said.ends_with(" bits a byte, 256 of 256 values"), "{said}");
        let (part, _) = tallied(&map, 10..20);
        assert_eq!((part.total(), part.pieces.len(), part.entropy()), (10, 10, 0));
    }

    #[test]
    fn what_cannot_be_read_is_left_out_and_said() {
        let fake = Fake::new(&[b'a'; 640]).with(Fault::Read { at: 5, kind: io::ErrorKind::Other });
        let (tally, said) = tallied(&Map::from_mapping(fake).erase(), 0..640);
        assert_eq!(tally.total() + tally.lost, 640);
        assert!(tally.lost > 0 && said.contains("unreadable"), "{said}");
    }
}
