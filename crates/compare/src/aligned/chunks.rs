use std::hash::{DefaultHasher, Hasher};
use std::ops::{ControlFlow, Range};

use fastcdc::v2020::FastCDC;
use memmap_core::{Map, Mapping, widen};
use memmap_scan::ordered::{BLOCKS_AHEAD, in_order};

use super::load::{Lost, load};
use super::matched::{Match, chain};
use crate::extents::Extents;

/// Bytes between two borders that depend on the bytes around them alone.
#[derive(Debug, Clone, Copy)]
struct Chunk {
    hash: u64,
    at: u64,
    len: u32,
}

/// The chunks of a range.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    all: Vec<Chunk>,
    pub(super) lost: Lost,
}

/// Bytes that a thread divides at a time. A border is forced at its end, and the next ones are found
/// again within a chunk or two.
const SECTION_LEN: u64 = 4 << 20;

/// How to divide.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dividing {
    /// The average length of a chunk.
    pub(super) average: usize,
    pub(super) threads: usize,
}

impl Chunks {
    /// Divides a range. Holes and unreadable bytes are in no chunk. `pass` is called with the number of
    /// bytes that were divided, and ends it by `Break`.
    pub(super) fn of<M: Mapping>(
        map: &Map<M>,
        range: &Range<u64>,
        dividing: Dividing,
        mut pass: impl FnMut(u64) -> ControlFlow<()> + Send,
    ) -> Self {
        let mut extents = Extents::new(map, range.end, SECTION_LEN);
        let mut at = range.start;
        let next = || {
            while at < range.end {
                let (is_hole, end) = extents.at(at);
                let start = at;
                at = if is_hole { end } else { end.min(start.saturating_add(SECTION_LEN)) };
                if !is_hole {
                    return Some(start..at);
                }
            }
            None
        };
        let work = |buffer: &mut Vec<u8>, section: Range<u64>| {
            let lost = load(map, &section, buffer);
            (divide(buffer, section.start, dividing.average, &lost), lost, section)
        };
        let mut chunks = Self::default();
        let take = |(all, lost, section): (Vec<Chunk>, Lost, Range<u64>)| {
            chunks.all.extend(all);
            chunks.lost.extend(lost);
            pass(section.end.saturating_sub(section.start))
        };
        in_order((dividing.threads, BLOCKS_AHEAD), next, Vec::new, work, take);
        chunks
    }
}

/// The chunks of a section, but for those with bytes that cannot be read.
fn divide(bytes: &[u8], start: u64, average: usize, lost: &Lost) -> Vec<Chunk> {
    let chunks = FastCDC::new(bytes, average / 4, average, average * 4);
    let chunks = chunks.map(|chunk| {
        let end = chunk.offset.saturating_add(chunk.length);
        let mut hasher = DefaultHasher::new();
        hasher.write(bytes.get(chunk.offset..end).unwrap_or_default());
        let at = start.saturating_add(widen(chunk.offset));
        Chunk { hash: hasher.finish(), at, len: u32::try_from(chunk.length).unwrap_or(u32::MAX) }
    });
    let is_whole = |chunk: &Chunk| {
        let end = chunk.at.saturating_add(u64::from(chunk.len));
        !lost.iter().any(|(range, _)| range.start < end && chunk.at < range.end)
    };
    chunks.filter(is_whole).collect()
}

/// The matches of chunks that occur once on each side, in order. Their bytes have equal hashes, and may
/// differ.
pub(super) fn matches(a: Chunks, b: Chunks) -> Vec<Match> {
    let (a, b) = (unique(a.all), unique(b.all));
    let mut matches = Vec::new();
    let mut candidates = a.iter().peekable();
    for of_b in &b {
        while candidates.next_if(|of_a| of_a.hash < of_b.hash).is_some() {}
        let same = candidates.next_if(|of_a| of_a.hash == of_b.hash && of_a.len == of_b.len);
        matches.extend(same.map(|of_a| Match { a: of_a.at, b: of_b.at, len: u64::from(of_b.len) }));
    }
    matches.sort_unstable_by_key(|found| found.b);
    // Neighbours on both sides are one.
    matches.dedup_by(|next, before| {
        let goes_on = before.a_end() == next.a && before.b_end() == next.b;
        if goes_on {
            before.len = before.len.saturating_add(next.len);
        }
        goes_on
    });
    chain(&matches)
}

/// The chunks whose hash no other one has, in the order of the hashes.
fn unique(mut chunks: Vec<Chunk>) -> Vec<Chunk> {
    chunks.sort_unstable_by_key(|chunk| chunk.hash);
    let mut kept = 0;
    let mut at = 0;
    while let Some(&chunk) = chunks.get(at) {
        let same = chunks.get(at..).unwrap_or_default();
        let same = same.iter().take_while(|other| other.hash == chunk.hash).count();
        at += same;
        if same == 1
            && let Some(slot) = chunks.get_mut(kept)
        {
            *slot = chunk;
            kept += 1;
        }
    }
    chunks.truncate(kept);
    chunks
}
