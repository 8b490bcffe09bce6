use std::ops::Range;

use memmap_core::{Error, InPlace, Map, Mapping, widen};

use crate::Side;
use crate::kernel::{Differing, Mask};
use crate::pair::{Pair, clamp_len, ends_side};
use crate::segments::Segment;

/// Compares segments, with buffers that are used again.
#[derive(Debug, Default)]
pub(crate) struct Worker {
    a: Vec<u8>,
    b: Vec<u8>,
    masks: Vec<Mask>,
}

/// What was found in a segment.
#[derive(Debug)]
pub(crate) struct Findings {
    pub(crate) range: Range<u64>,
    /// The end of what was looked at: that of the range, unless the comparison stopped.
    pub(crate) reached: u64,
    /// The ranges that differ, in order, from the start of the segment. They do not touch.
    runs: Vec<(u32, u32)>,
    /// Bytes that differ.
    pub(crate) differing: u64,
    /// Ranges that could not be read, in order.
    pub(crate) missing: Vec<Missing>,
}

/// A range that could not be read.
#[derive(Debug)]
pub(crate) struct Missing {
    pub(crate) range: Range<u64>,
    pub(crate) side: Side,
    pub(crate) error: Error,
}

impl Missing {
    /// Whether nothing after it can be read either.
    pub(crate) fn is_to_the_end(&self) -> bool {
        ends_side(&self.error)
    }
}

/// What is wanted of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The ranges that differ.
    Ranges,
    /// The first one. What follows it may be left out.
    First,
    /// The number of bytes.
    Count,
}

/// Bytes that are compared at a time: the copy stays in the nearest cache.
const CHUNK_LEN: usize = 16 << 10;

/// The longest segment: its positions fit into 32 bits.
pub(crate) const MAX_BLOCK_LEN: u64 = 1 << 30;

impl Findings {
    fn new(range: Range<u64>) -> Self {
        let reached = range.start;
        Self { range, reached, runs: Vec::new(), differing: 0, missing: Vec::new() }
    }

    /// How many ranges differ.
    pub(crate) const fn run_count(&self) -> usize {
        self.runs.len()
    }

    /// The range that differs with this index.
    pub(crate) fn run(&self, index: usize) -> Option<Range<u64>> {
        let &(start, len) = self.runs.get(index)?;
        let start = self.range.start.saturating_add(u64::from(start));
        Some(start..start.saturating_add(u64::from(len)))
    }

    /// Adds the bytes that differ in a chunk that starts at `at`, counted from the start of the segment.
    fn add(&mut self, at: u64, masks: &[Mask], wanted: Wanted) {
        for mask in masks {
            self.differing = self.differing.saturating_add(u64::from(mask.bits.count_ones()));
            if wanted == Wanted::Count {
                continue;
            }
            let mut bits = mask.bits;
            let mut start = at.saturating_add(widen(mask.at));
            while bits != 0 {
                let equal = bits.trailing_zeros();
                bits >>= equal;
                let len = bits.trailing_ones();
                bits = bits.checked_shr(len).unwrap_or(0);
                start = start.saturating_add(u64::from(equal));
                self.add_run(start, len);
                start = start.saturating_add(u64::from(len));
            }
        }
    }

    fn add_run(&mut self, start: u64, len: u32) {
        let start = u32::try_from(start).unwrap_or(u32::MAX);
        match self.runs.last_mut() {
            Some((before, before_len)) if before.saturating_add(*before_len) == start => {
                *before_len = before_len.saturating_add(len);
            }
            _ => self.runs.push((start, len)),
        }
    }
}

impl Worker {
    /// Compares a segment, until `is_stopped`.
    pub(crate) fn compare<A: Mapping, B: Mapping>(
        &mut self,
        pair: &Pair<'_, A, B>,
        segment: &Segment,
        wanted: Wanted,
        is_stopped: &impl Fn() -> bool,
    ) -> Findings {
        let mut findings = Findings::new(segment.range.clone());
        let Range { start, end } = segment.range;
        if segment.a_hole && segment.b_hole {
            findings.reached = end;
            return findings;
        }
        self.a.resize(CHUNK_LEN, 0);
        self.b.resize(CHUNK_LEN, 0);
        if segment.a_hole {
            self.a.fill(0);
        }
        if segment.b_hole {
            self.b.fill(0);
        }
        let mut at = start;
        while at < end && !is_stopped() {
            let len = clamp_len(end.saturating_sub(at), CHUNK_LEN);
            let (done, missing) = self.chunk(pair, segment, at, len);
            findings.add(at.saturating_sub(start), &self.masks, wanted);
            at = at.saturating_add(widen(done));
            if let Some((side, error)) = missing {
                let next = pair.next_readable(side, at, &error, end);
                findings.missing.push(Missing { range: at..next, side, error });
                at = next;
            }
            findings.reached = at;
            if wanted == Wanted::First && findings.differing > 0 {
                break;
            }
        }
        findings
    }

    /// Compares `len` bytes, as far as both sides can be read. Returns how many those are, and which side
    /// stopped it.
    fn chunk<A: Mapping, B: Mapping>(
        &mut self,
        pair: &Pair<'_, A, B>,
        segment: &Segment,
        at: u64,
        len: usize,
    ) -> (usize, Option<(Side, Error)>) {
        self.masks.clear();
        let mut kernel = Differing::new(&mut self.masks);
        let mut done = 0;
        let in_place = (
            bytes_of(pair.a, pair.a_at(at), len, segment.a_hole.then_some(&*self.a)),
            bytes_of(pair.b, pair.b_at(at), len, segment.b_hole.then_some(&*self.b)),
        );
        if let (Some(a), Some(b)) = in_place {
            (kernel, done) = a.fold_pair(b, kernel);
        }
        if done >= len {
            return (len, None);
        }
        // A copy is also how the reason is found why bytes could not be read in place.
        let at = at.saturating_add(widen(done));
        let a = self.a.get_mut(done..len).unwrap_or_default();
        let (a_len, a_stopped) = if segment.a_hole { (a.len(), None) } else { pair.read_a(at, a) };
        let b = self.b.get_mut(done..done.saturating_add(a_len)).unwrap_or_default();
        let (b_len, b_stopped) = if segment.b_hole { (b.len(), None) } else { pair.read_b(at, b) };
        kernel.slices(a.get(..b_len).unwrap_or_default(), b.get(..b_len).unwrap_or_default());
        let a_stopped = a_stopped.map(|error| (Side::A, error));
        (done.saturating_add(b_len), b_stopped.map(|error| (Side::B, error)).or(a_stopped))
    }
}

/// The bytes of one side, in place if that is possible; those of a hole are in `zeros`.
fn bytes_of<'w, M: Mapping>(
    map: &'w Map<M>,
    at: u64,
    len: usize,
    zeros: Option<&'w [u8]>,
) -> Option<InPlace<'w>> {
    zeros.map_or_else(|| map.mapping().in_place(at, len), |zeros| InPlace::from(zeros).part(0, len))
}
