//! Samples a file: first its holes, which are cheap to query, then progressively more short reads,
//! up to a few MiB in total.

use std::ops::Range;
use std::time::{Duration, Instant};

use memmap::{Advice, AnyMap, widen};

use super::{Sample, cell};
use crate::analysis::repeat_rows::is_hole;
use crate::format::units::in_units;
use crate::job::context::JobContext;
use crate::job::error::{Cancelled, JobError};
use crate::job::{Job, Merge, Priority};
use crate::source::page_cache::joined;
use crate::source::regions::Regions;

/// Maximum number of bytes read, whatever the length. A file up to this length is read in full.
pub(crate) const READ_MAX: u64 = 6 << 20;

/// Bytes per sample.
const SAMPLE_LEN: u64 = 4 << 10;

/// Maximum number of samples.
const SAMPLES_MAX: u64 = READ_MAX / SAMPLE_LEN;

/// Maximum number of samples per cell on the screen.
const SAMPLES_EACH: u64 = 16;

/// Minimum piece length when reading in full: the entropy of fewer bytes says little.
const PIECE_MIN: u64 = 256;

/// Maximum number of extent queries, and of extents.
const WINDOWS_MAX: usize = 4096;
const EXTENTS_MAX: usize = 4096;

/// Extents are queried in windows, as the file system reports all extents within the requested
/// range.
const WINDOW_MIN: u64 = 16 << 20;
const WINDOW_MAX: u64 = 1 << 30;

/// Samples are reported at least this often, or after this many.
const TELL_EVERY: Duration = Duration::from_millis(30);
const TELL_MOST: usize = 128;

/// What the job reports.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum Seen {
    /// The holes of the range, sorted.
    Holes(Vec<Range<u64>>),
    /// New samples.
    Samples(Vec<Sample>),
}

impl Merge for Seen {
    fn merge(&mut self, next: Self) -> Option<Self> {
        match (self, next) {
            // The number of samples is bounded, so they can wait as one event.
            (Self::Samples(before), Self::Samples(mut more)) => {
                before.append(&mut more);
                None
            }
            (_, next) => Some(next),
        }
    }
}

/// Sampled or complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    Sampled,
    Full,
}

/// Samples a range, or reads it in full.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct MinimapJob {
    pub(crate) range: Range<u64>,
    /// Number of parts in the first pass.
    pub(crate) parts: u64,
    /// Parts near the cursor are sampled first.
    cursor: u64,
    depth: Depth,
}

/// Number of bytes read, and number of unreadable ranges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct Sampled {
    pub(crate) read: u64,
    pub(crate) unreadable: usize,
}

impl Job for MinimapJob {
    type Event = Seen;
    type Output = Sampled;

    fn priority(&self) -> Priority {
        // Sampling runs unasked; a full read is a user request.
        if self.is_full() { Priority::Requested } else { Priority::Background }
    }

    fn title(&self) -> String {
        format!("map of {}", in_units(self.range.end - self.range.start))
    }

    fn run(self, cx: &JobContext<'_, Seen>) -> Result<Sampled, JobError> {
        let regions = cx.source.regions();
        let (holes, known_to) = if regions.is_empty() {
            holes(cx, &self.range)?
        } else {
            // What is between them costs nothing to pass over, and no query is needed.
            (Vec::new(), self.range.end)
        };
        cx.emit(Seen::Holes(holes.clone()))?;
        let holes = if regions.is_empty() { holes } else { closed(regions, &self.range) };
        let mut teller = Reporter::new(cx);
        if self.is_full() {
            return self.read_all(&holes, &mut teller);
        }
        let map = cx.mapping();
        let surveyor = Sampler { map, regions, survey: &self, holes: &holes, known_to };
        let is_short = cx.readable_len(&self.range) <= READ_MAX;
        if is_short {
            surveyor.read_whole(&mut teller)?;
        } else {
            surveyor.sample(&mut teller)?;
        }
        teller.flush()?;
        Ok(Sampled { read: teller.read, unreadable: 0 })
    }
}

impl MinimapJob {
    pub(crate) const fn sampled(range: Range<u64>, parts: u64, cursor: u64) -> Self {
        Self { range, parts, cursor, depth: Depth::Sampled }
    }

    /// A full read.
    pub(crate) const fn full(range: Range<u64>, cursor: u64) -> Self {
        Self { range, parts: SAMPLES_MAX, cursor, depth: Depth::Full }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.depth == Depth::Full
    }

    /// Reads every byte, one part at a time.
    fn read_all(
        &self,
        holes: &[Range<u64>],
        teller: &mut Reporter<'_>,
    ) -> Result<Sampled, JobError> {
        let cx = teller.cx;
        let parts = pieces(cx.readable_len(&self.range));
        let data: u64 = data_of(&self.range, holes).iter().map(|it| it.end - it.start).sum();
        cx.expect(data);
        let mut unreadable = 0;
        for i in 0..parts {
            for range in data_of(&cell(cx.source.regions(), &self.range, i, parts), holes) {
                let counted = cx.scan().range(range.clone()).histogram()?;
                if counted.is_cancelled {
                    return Err(JobError::Cancelled);
                }
                unreadable += counted.unreadable.len();
                teller.take(Sample::of(range, counted.value.counts()))?;
            }
        }
        teller.flush()?;
        Ok(Sampled { read: teller.read, unreadable })
    }
}

/// Number of pieces when reading this many bytes in full.
fn pieces(len: u64) -> u64 {
    (len / PIECE_MIN).clamp(1, SAMPLES_MAX)
}

struct Sampler<'s> {
    map: &'s AnyMap,
    regions: &'s Regions,
    survey: &'s MinimapJob,
    holes: &'s [Range<u64>],
    /// Holes are known up to this offset.
    known_to: u64,
}

impl Sampler<'_> {
    fn read_whole(&self, teller: &mut Reporter<'_>) -> Result<(), Cancelled> {
        let count = pieces(self.regions.readable_len(&self.survey.range));
        for i in self.around_the_cursor(count) {
            let range = cell(self.regions, &self.survey.range, i, count);
            for range in data_of(&range, self.holes) {
                if teller.is_over() {
                    return Ok(());
                }
                teller.take(read(self.map, range))?;
            }
        }
        Ok(())
    }

    /// Takes one sample per part, then one per half of a part, and so on.
    fn sample(&self, teller: &mut Reporter<'_>) -> Result<(), Cancelled> {
        let mut places: Vec<u64> = Vec::new();
        let parts = self.survey.parts.clamp(1, SAMPLES_MAX);
        let most = parts.saturating_mul(SAMPLES_EACH).min(SAMPLES_MAX);
        let mut count = parts;
        // Some parts have no data, so one more doubling may be needed to use up the limit.
        while count < most.saturating_mul(2) {
            let before = places.clone();
            for i in self.around_the_cursor(count) {
                let range = cell(self.regions, &self.survey.range, i, count);
                let first = before.partition_point(|&place| place < range.start);
                if before.get(first).is_some_and(|&place| place < range.end) {
                    continue;
                }
                let Some(sample) = self.place_in(&range, i ^ (count << 20)) else { continue };
                if teller.is_over() || widen(places.len()) >= most {
                    return Ok(());
                }
                places.push(sample.start);
                if sample.start >= self.known_to && is_hole(self.map, sample.clone()) {
                    continue;
                }
                teller.take(read(self.map, sample))?;
            }
            places.sort_unstable();
            count = count.saturating_mul(2);
        }
        Ok(())
    }

    /// A pseudo-random place within the data of a range. The same seed always gives the same place.
    fn place_in(&self, range: &Range<u64>, seed: u64) -> Option<Range<u64>> {
        let data = data_of(range, self.holes);
        let total: u64 = data.iter().map(|it| it.end - it.start).sum();
        let mut at = scattered(seed).checked_rem(total)?;
        for part in data {
            let len = part.end - part.start;
            if at < len {
                // Align to pages, which are read as a whole anyway.
                let place = (part.start + at) / SAMPLE_LEN * SAMPLE_LEN;
                let start = place.max(part.start);
                return Some(start..part.end.min(start.saturating_add(SAMPLE_LEN)));
            }
            at -= len;
        }
        None
    }

    /// All `count` parts, ordered by distance from the cursor.
    fn around_the_cursor(&self, count: u64) -> impl Iterator<Item = u64> {
        let range = &self.survey.range;
        let regions = self.regions;
        let (start, end) = (regions.place(range.start), regions.place(range.end));
        let at = regions.place(self.survey.cursor).clamp(start, end) - start;
        let len = u128::from((end - start).max(1));
        let middle = u128::from(at) * u128::from(count) / len;
        let middle = u64::try_from(middle).unwrap_or(0).min(count.saturating_sub(1));
        (0..count).flat_map(move |step| {
            let after = middle.checked_add(step).filter(|&i| i < count);
            let before = middle.checked_sub(step).filter(|_| step > 0);
            after.into_iter().chain(before)
        })
    }
}

/// What cannot be read of a range, as it is in no region or in one that is closed.
fn closed(regions: &Regions, range: &Range<u64>) -> Vec<Range<u64>> {
    let parts = regions.parts_in(range).iter().filter(|part| !part.is_open());
    joined(parts.map(|part| part.range.clone()).collect())
}

/// The parts of a range that are not in a hole.
fn data_of(range: &Range<u64>, holes: &[Range<u64>]) -> Vec<Range<u64>> {
    let mut data = Vec::new();
    let mut at = range.start;
    let first = holes.partition_point(|hole| hole.end <= range.start);
    for hole in holes.iter().skip(first).take_while(|hole| hole.start < range.end) {
        if at < hole.start {
            data.push(at..hole.start);
        }
        at = hole.end.min(range.end);
    }
    if at < range.end {
        data.push(at..range.end);
    }
    data
}

/// Pseudo-random numbers (the finalizer of splitmix64, Steele, Lea and Flood 2014).
const fn scattered(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Reads a few bytes, then releases their pages.
fn read(map: &AnyMap, range: Range<u64>) -> Sample {
    // Prevents read-ahead.
    map.advise(range.clone(), Advice::Random).ok();
    let mut buffer = vec![0; usize::try_from(range.end - range.start).unwrap_or(0)];
    // If the read fails, the sample has no counts.
    let lost = map.rescue(range.start, &mut buffer).ok();
    map.advise(range.clone(), Advice::DontNeed).ok();
    map.advise(range.clone(), Advice::Normal).ok();
    let mut counts = [0_u64; 256];
    if let Some(lost) = lost {
        for &byte in &buffer {
            if let Some(count) = counts.get_mut(usize::from(byte)) {
                *count += 1;
            }
        }
        // Unreadable bytes are left as zeros in the buffer; do not count them.
        let zeros: u64 = lost.iter().map(|it| it.range.end - it.range.start).sum();
        counts[0] = counts[0].saturating_sub(zeros);
    }
    Sample::of(range, &counts)
}

/// The holes of a range, and the offset up to which they are known.
fn holes(
    cx: &JobContext<'_, Seen>,
    range: &Range<u64>,
) -> Result<(Vec<Range<u64>>, u64), Cancelled> {
    let mut holes: Vec<Range<u64>> = Vec::new();
    let mut window = WINDOW_MIN;
    let mut at = range.start;
    // Limited by number, not by time, so that the result does not depend on the machine's load.
    for _ in 0..WINDOWS_MAX {
        if at >= range.end || holes.len() >= EXTENTS_MAX {
            break;
        }
        cx.checkpoint()?;
        let end = at.saturating_add(window).min(range.end);
        // If the file system cannot tell, treat everything as data.
        let Ok(extents) = cx.mapping().extents(at..end) else { return Ok((holes, range.end)) };
        window = if extents.len() > 64 { WINDOW_MIN } else { (window * 2).min(WINDOW_MAX) };
        for extent in extents.iter().filter(|extent| !extent.is_data()) {
            let hole = extent.range().start.max(at)..extent.range().end.min(end);
            match holes.last_mut() {
                Some(last) if last.end >= hole.start => last.end = hole.end,
                _ if hole.start < hole.end => holes.push(hole),
                _ => {}
            }
        }
        at = end;
    }
    Ok((holes, at))
}

/// Reports samples in batches.
struct Reporter<'t> {
    cx: &'t JobContext<'t, Seen>,
    waiting: Vec<Sample>,
    told: Instant,
    read: u64,
}

impl<'t> Reporter<'t> {
    fn new(cx: &'t JobContext<'t, Seen>) -> Self {
        Self { cx, waiting: Vec::new(), told: Instant::now(), read: 0 }
    }

    /// Whether the read limit is reached.
    fn is_over(&self) -> bool {
        self.read.saturating_add(SAMPLE_LEN) > READ_MAX
    }

    fn take(&mut self, sample: Sample) -> Result<(), Cancelled> {
        self.read += sample.read();
        self.waiting.push(sample);
        if self.waiting.len() >= TELL_MOST || self.told.elapsed() >= TELL_EVERY {
            return self.flush();
        }
        self.cx.checkpoint()
    }

    fn flush(&mut self) -> Result<(), Cancelled> {
        self.told = Instant::now();
        if self.waiting.is_empty() {
            return Ok(());
        }
        self.cx.emit(Seen::Samples(std::mem::take(&mut self.waiting)))
    }
}

#[cfg(test)]
mod tests;
