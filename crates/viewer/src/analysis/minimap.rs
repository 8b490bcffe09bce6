//! The minimap: byte classes, entropy and confidence across the whole file. It is built from
//! samples, so its cost does not depend on the file's length.

pub(crate) mod sampler;

use std::ops::Range;

use memmap::scan::ByteClass;

use crate::analysis::entropy::millibits;
use crate::format::units::in_units;
use crate::job::Accumulate;
use crate::source::page_cache::joined;
use crate::source::regions::Regions;
use sampler::{MinimapJob, Sampled, Seen};

/// Byte classes of the minimap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ByteKind {
    Zero,
    Text,
    Control,
    High,
    Ones,
}

impl ByteKind {
    pub(crate) const ALL: [Self; 5] =
        [Self::Zero, Self::Text, Self::Control, Self::High, Self::Ones];

    const fn of(byte: u8) -> Self {
        match (byte, ByteClass::of(byte)) {
            (0xff, _) => Self::Ones,
            (_, ByteClass::Null) => Self::Zero,
            (_, ByteClass::Printable | ByteClass::WhiteSpace) => Self::Text,
            (_, ByteClass::OtherAscii) => Self::Control,
            (_, ByteClass::High) => Self::High,
        }
    }

    const fn index(self) -> usize {
        match self {
            Self::Zero => 0,
            Self::Text => 1,
            Self::Control => 2,
            Self::High => 3,
            Self::Ones => 4,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Zero => "zero",
            Self::Text => "text",
            Self::Control => "control",
            Self::High => "high",
            Self::Ones => "0xff",
        }
    }

    /// The byte class whose colour is used.
    pub(crate) const fn class(self) -> ByteClass {
        match self {
            Self::Zero => ByteClass::Null,
            Self::Text => ByteClass::Printable,
            Self::Control => ByteClass::OtherAscii,
            Self::High => ByteClass::High,
            Self::Ones => ByteClass::WhiteSpace,
        }
    }
}

/// Number of bytes of each class.
pub(crate) type Kinds = [u64; ByteKind::ALL.len()];

/// Counts of a sampled range, or of a longer range that was read in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sample {
    pub(crate) range: Range<u64>,
    pub(crate) kinds: Kinds,
    /// Number of unreadable bytes.
    pub(crate) lost: u64,
    /// Entropy of the readable bytes, in thousandths of a bit per byte.
    pub(crate) millibits: u64,
}

impl Sample {
    /// Builds a sample of a range from its byte counts.
    pub(crate) fn of(range: Range<u64>, counts: &[u64; 256]) -> Self {
        let mut kinds = Kinds::default();
        for (byte, count) in (0..=u8::MAX).zip(counts) {
            if let Some(sum) = kinds.get_mut(ByteKind::of(byte).index()) {
                *sum += count;
            }
        }
        let read: u64 = kinds.iter().sum();
        let lost = (range.end - range.start).saturating_sub(read);
        Self { range, kinds, lost, millibits: millibits(counts) }
    }

    /// Number of bytes read.
    pub(crate) fn read(&self) -> u64 {
        self.kinds.iter().sum()
    }
}

/// A cell of the minimap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bucket {
    pub(crate) range: Range<u64>,
    /// Number of bytes in holes.
    pub(crate) hole: u64,
    /// Number of offsets that cannot be read, as they are in no region or in one that is closed.
    pub(crate) gap: u64,
    pub(crate) kinds: Kinds,
    pub(crate) lost: u64,
    /// Number of samples.
    pub(crate) samples: u64,
    /// Mean entropy of the samples, weighted by length.
    pub(crate) millibits: u64,
    /// Whether every byte was read.
    pub(crate) is_exact: bool,
}

impl Bucket {
    fn new(range: Range<u64>) -> Self {
        Self {
            range,
            hole: 0,
            gap: 0,
            kinds: Kinds::default(),
            lost: 0,
            samples: 0,
            millibits: 0,
            is_exact: false,
        }
    }

    /// Number of bytes that can be read.
    pub(crate) fn len(&self) -> u64 {
        self.range.end - self.range.start - self.gap
    }

    pub(crate) fn is_hole(&self) -> bool {
        self.hole > 0 && self.hole == self.len()
    }

    /// Number of bytes read.
    pub(crate) fn read(&self) -> u64 {
        self.kinds.iter().sum()
    }

    pub(crate) fn count(&self, kind: ByteKind) -> u64 {
        self.kinds.get(kind.index()).copied().unwrap_or(0)
    }

    /// The most frequent class; `None` if nothing was read.
    pub(crate) fn dominant(&self) -> Option<ByteKind> {
        let count = |kind: ByteKind| self.count(kind);
        // On a tie, the first class wins.
        let most = ByteKind::ALL.into_iter().rev().max_by_key(|&kind| count(kind))?;
        (count(most) > 0).then_some(most)
    }

    /// Whether there are too few samples to be sure.
    pub(crate) fn is_vague(&self) -> bool {
        !self.is_exact && self.samples < SURE_FROM
    }
}

/// This many samples represent a cell well.
const SURE_FROM: u64 = 4;

/// Summary of a minimap, in hundredths of a percent of its length.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Legend {
    /// Share of each class, extrapolated from the bytes read.
    pub(crate) shares: Kinds,
    pub(crate) hole: u64,
    pub(crate) lost: u64,
    /// Share that is neither a hole nor sampled.
    pub(crate) unknown: u64,
}

/// The samples of a file. All views of the file share them, at any zoom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Minimap {
    /// Sorted, not overlapping.
    samples: Vec<Sample>,
    /// Sorted, not adjacent.
    holes: Vec<Range<u64>>,
    /// The last request.
    pub(crate) asked: Option<MinimapJob>,
    /// Within this range, new samples replace the old ones.
    replaces: Option<Range<u64>>,
    /// Whether the file has changed, so that it must be sampled again.
    pub(crate) is_stale: bool,
}

/// Maximum number of samples kept per file.
const SAMPLES_MAX: usize = 64 << 10;

impl Accumulate<MinimapJob> for Minimap {
    fn begin(job: &MinimapJob, len: u64, before: Option<Self>) -> Self {
        let mut this = before.unwrap_or_default();
        this.samples.retain(|sample| sample.range.end <= len);
        this.holes.retain(|hole| hole.end <= len);
        if this.samples.len() > SAMPLES_MAX {
            this.samples.clear();
        }
        // Keep showing the old samples until new ones arrive.
        this.replaces = (!job.is_full()).then(|| job.range.clone());
        this.asked = Some(job.clone());
        this.is_stale = false;
        this
    }

    fn take(&mut self, event: Seen) {
        match event {
            Seen::Holes(holes) => self.take_holes(holes),
            Seen::Samples(samples) => self.take_samples(samples),
        }
    }

    fn finish(&mut self, Sampled { read, unreadable }: Sampled) -> String {
        let asked = self.asked.as_ref().filter(|job| job.is_full());
        let Some(job) = asked else { return format!("{} read", in_units(read)) };
        let len = in_units(job.range.end - job.range.start);
        match unreadable {
            0 => format!("all of {len}"),
            1 => format!("all of {len} except one unreadable range"),
            many => format!("all of {len} except {many} unreadable ranges"),
        }
    }
}

impl Minimap {
    /// Takes the holes of the requested range.
    fn take_holes(&mut self, holes: Vec<Range<u64>>) {
        if let Some(range) = self.replaces.take() {
            self.samples.retain(|it| it.range.end <= range.start || range.end <= it.range.start);
        }
        let range = self.asked.as_ref().map_or(0..u64::MAX, |job| job.range.clone());
        let old = std::mem::take(&mut self.holes);
        let before = old.iter().map(|it| it.start..it.end.min(range.start));
        let after = old.iter().map(|it| it.start.max(range.end)..it.end);
        // A hole that continues outside the range stays one hole.
        self.holes =
            joined(before.chain(holes).chain(after).filter(|it| it.start < it.end).collect());
    }

    /// Adds samples, and removes the old ones they overlap.
    fn take_samples(&mut self, samples: Vec<Sample>) {
        for sample in samples {
            let Range { start, end } = sample.range;
            let first = self.samples.partition_point(|old| old.range.end <= start);
            let last = self.samples.partition_point(|old| old.range.start < end).max(first);
            self.samples.splice(first..last, [sample]);
        }
    }

    /// Bytes read within a range.
    pub(crate) fn read(&self, range: &Range<u64>) -> u64 {
        let within = self.samples.iter();
        let within = within.filter(|it| it.range.start < range.end && range.start < it.range.end);
        within.map(Sample::read).sum()
    }

    /// The first byte of a range that is not in a hole.
    pub(crate) fn first_data(&self, range: &Range<u64>) -> u64 {
        let hole = self.holes.iter().find(|hole| hole.contains(&range.start));
        match hole {
            Some(hole) if hole.end < range.end => hole.end,
            _ => range.start,
        }
    }

    /// Divides a range into `count` cells.
    pub(crate) fn buckets(&self, regions: &Regions, range: &Range<u64>, count: u64) -> Vec<Bucket> {
        let first = self.holes.partition_point(|hole| hole.end <= range.start);
        let mut holes = self.holes.get(first..).unwrap_or_default().iter().peekable();
        let first = self.samples.partition_point(|sample| sample.range.end <= range.start);
        let mut samples = self.samples.get(first..).unwrap_or_default().iter().peekable();
        let mut all = Vec::new();
        for i in 0..count {
            let mut bucket = Bucket::new(cell(regions, range, i, count));
            let Range { start, end } = bucket.range;
            bucket.gap = end - start - regions.readable_len(&bucket.range);
            while let Some(hole) = holes.peek() {
                bucket.hole += hole.end.min(end).saturating_sub(hole.start.max(start));
                if hole.end > end {
                    break;
                }
                holes.next();
            }
            let (mut seen, mut weighted) = (bucket.hole + bucket.gap, 0);
            while let Some(sample) = samples.peek().filter(|it| it.range.start < end) {
                if sample.range.end > start {
                    for (sum, count) in bucket.kinds.iter_mut().zip(sample.kinds) {
                        *sum += count;
                    }
                    bucket.lost += sample.lost;
                    bucket.samples += 1;
                    weighted += u128::from(sample.millibits) * u128::from(sample.read());
                    seen += sample.range.end.min(end) - sample.range.start.max(start);
                }
                if sample.range.end > end {
                    break;
                }
                samples.next();
            }
            let mean = weighted / u128::from(bucket.read()).max(1);
            bucket.millibits = u64::try_from(mean).unwrap_or(0);
            bucket.is_exact = seen >= end - start;
            all.push(bucket);
        }
        all
    }

    /// Sums up the cells, each weighted by its length.
    pub(crate) fn legend(buckets: &[Bucket]) -> Legend {
        const WHOLE: u128 = 10_000;
        let len = buckets.iter().map(|bucket| u128::from(bucket.len())).sum::<u128>().max(1);
        let mut kinds = [0_u128; ByteKind::ALL.len()];
        let (mut hole, mut lost, mut unknown) = (0_u128, 0_u128, 0_u128);
        for bucket in buckets {
            let data = u128::from(bucket.len() - bucket.hole) * WHOLE;
            let looked = u128::from(bucket.read() + bucket.lost);
            hole += u128::from(bucket.hole) * WHOLE;
            if looked == 0 {
                unknown += data;
                continue;
            }
            for (sum, &count) in kinds.iter_mut().zip(&bucket.kinds) {
                *sum += data * u128::from(count) / looked;
            }
            lost += data * u128::from(bucket.lost) / looked;
        }
        let share = |part: u128| u64::try_from(part / len).unwrap_or(0);
        Legend {
            shares: kinds.map(share),
            hole: share(hole),
            lost: share(lost),
            unknown: share(unknown),
        }
    }
}

/// Cell `i` of a range divided into `count` cells. What is not mapped takes no room.
pub(crate) fn cell(regions: &Regions, range: &Range<u64>, i: u64, count: u64) -> Range<u64> {
    let places = regions.place(range.start)..regions.place(range.end);
    let places = part(&places, i, count);
    let at = |place| regions.offset(place).clamp(range.start, range.end);
    at(places.start)..at(places.end)
}

/// The cell that contains an offset.
pub(crate) fn cell_of(regions: &Regions, range: &Range<u64>, offset: u64, count: u64) -> u64 {
    let places = regions.place(range.start)..regions.place(range.end);
    part_of(&places, regions.place(offset), count)
}

/// Part `i` of a range divided into `count` parts. The remainder is spread evenly.
pub(crate) fn part(range: &Range<u64>, i: u64, count: u64) -> Range<u64> {
    let len = u128::from(range.end - range.start);
    let at = |i: u64| {
        let offset = len * u128::from(i) / u128::from(count.max(1));
        range.start.saturating_add(u64::try_from(offset).unwrap_or(u64::MAX)).min(range.end)
    };
    at(i)..at(i.saturating_add(1))
}

/// The index of the part that contains a position.
pub(crate) fn part_of(range: &Range<u64>, place: u64, count: u64) -> u64 {
    let len = range.end - range.start;
    let at = place.saturating_sub(range.start);
    let found = u128::from(at) * u128::from(count) / u128::from(len.max(1));
    let mut found = u64::try_from(found).unwrap_or(u64::MAX).min(count.saturating_sub(1));
    // Part boundaries are rounded down, so the estimate may be too small.
    while found + 1 < count && part(range, found + 1, count).start <= place {
        found += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn counts(bytes: &[u8]) -> [u64; 256] {
        let mut counts = [0; 256];
        for &byte in bytes {
            counts[usize::from(byte)] += 1;
        }
        counts
    }

    #[test]
    fn every_byte_is_of_one_kind() {
        let all: Vec<u8> = (0..=u8::MAX).collect();
        let sample = Sample::of(0..256, &counts(&all));
        assert_eq!(sample.kinds, [1, 100, 27, 127, 1]);
        assert_eq!((sample.lost, sample.millibits), (0, 8000));
    }

    fn map(len: u64, samples: &[(u64, &[u8])], holes: &[Range<u64>]) -> Minimap {
        let mut map = Minimap::begin(&MinimapJob::sampled(0..len, 64, 0), len, None);
        map.take_holes(holes.to_vec());
        let sample = |&(at, bytes): &(u64, &[u8])| {
            Sample::of(at..at + memmap::widen(bytes.len()), &counts(bytes))
        };
        map.take_samples(samples.iter().map(sample).collect());
        map
    }

    #[test]
    fn a_bucket_is_what_its_samples_are() {
        let map =
            map(400, &[(10, b"text"), (120, &[0; 4]), (130, b"\xff\xff")], &vec![200..300; 1]);
        let [text, zeros, hole, unknown] = &map.buckets(&Regions::default(), &(0..400), 4)[..]
        else {
            panic!()
        };
        assert_eq!(
            (text.dominant(), text.samples, text.millibits),
            (Some(ByteKind::Text), 1, 1500)
        );
        assert_eq!((zeros.dominant(), zeros.samples), (Some(ByteKind::Zero), 2));
        assert!(text.is_vague() && !text.is_exact && !unknown.is_exact);
        assert!(hole.is_hole() && hole.is_exact && !hole.is_vague());
        assert_eq!((unknown.dominant(), unknown.hole), (None, 0));
        let legend = Minimap::legend(&map.buckets(&Regions::default(), &(0..400), 4));
        assert_eq!(legend.shares, [1666, 2500, 0, 0, 833]);
        assert_eq!((legend.hole, legend.lost, legend.unknown), (2500, 0, 2500));
        assert_eq!((map.first_data(&(150..310)), map.first_data(&(210..310))), (150, 300));
        assert_eq!(map.first_data(&(210..300)), 210);
    }

    #[test]
    fn what_is_known_better_replaces_what_was_sampled() {
        let mut map = map(100, &[(10, b"aa"), (20, b"bb"), (30, b"cc")], &[]);
        map.take_samples(vec![Sample::of(11..31, &counts(&[0; 20]))]);
        assert_eq!(map.samples.len(), 1);
        assert_eq!(map.read(&(0..100)), 20);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn cells_cover_the_range_and_every_place_is_in_its_own(
            start in 0..1_u64 << 40, len in 1..u64::MAX >> 1, count in 1..2000_u64, at in any::<u64>(),
        ) {
            let range = start..start + len;
            let mut end = start;
            for i in 0..count {
                let cell = part(&range, i, count);
                prop_assert_eq!(cell.start, end);
                end = cell.end;
            }
            prop_assert_eq!(end, start + len);
            let place = start + at % len;
            let cell = part(&range, part_of(&range, place, count), count);
            prop_assert!(cell.contains(&place), "{place} {cell:?}");
        }

        #[test]
        fn holes_are_counted_once(
            cuts in prop::collection::btree_set(0..1000_u64, 0..20), count in 1..50_u64,
        ) {
            let cuts: Vec<u64> = cuts.into_iter().collect();
            let holes: Vec<Range<u64>> = cuts.chunks_exact(2).map(|it| it[0]..it[1]).collect();
            let total: u64 = holes.iter().map(|it| it.end - it.start).sum();
            let buckets = map(1000, &[], &holes).buckets(&Regions::default(), &(0..1000), count);
            prop_assert_eq!(buckets.iter().map(|it| it.hole).sum::<u64>(), total);
        }
    }

    #[test]
    fn what_is_known_elsewhere_is_kept_where_a_part_is_sampled() {
        let mut map = map(400, &[(10, b"text"), (120, &[0; 4])], &vec![200..400; 1]);
        map = Minimap::begin(&MinimapJob::sampled(100..300, 64, 0), 400, Some(map));
        assert_eq!(map.samples.len(), 2, "nothing is known anew yet");
        map.take(Seen::Holes(vec![220..300; 1]));
        map.take(Seen::Samples(vec![Sample::of(150..152, &counts(b"ab"))]));
        assert_eq!(map.holes, vec![220..400; 1]);
        assert_eq!(map.samples.iter().map(|it| it.range.start).collect::<Vec<_>>(), [10, 150]);
        assert_eq!((map.read(&(100..300)), map.read(&(0..400))), (2, 6));
        let buckets = map.buckets(&Regions::default(), &(100..300), 2);
        assert_eq!((buckets[0].samples, buckets[1].hole), (1, 80));
    }
}
