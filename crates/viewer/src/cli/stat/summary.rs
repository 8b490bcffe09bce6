//! Computes the summary. Each step of a file is counted first and then searched for runs, while it
//! is in the page cache.

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::Arc;

use memmap::scan::{ByteClass, Histogram, Scan};
use memmap::{AnyMap, Cancel, Error, Extent, Progress, Unreadable};

use super::runs::{Run, Strings, Texture};
use crate::cli::args::StatArgs;

/// Number of pieces whose entropy is shown: as many as fit on a line.
const PIECES: u64 = 64;

/// Minimum length of a piece. The entropy of fewer bytes says little.
const PIECE_MIN: u64 = 4 << 10;

/// Bytes per step. Small enough for the page cache.
const STEP: u64 = 256 << 20;

/// Shorter holes are read like data.
const HOLE_MIN: u64 = 1 << 20;

/// Summary of a range.
#[derive(Debug)]
pub(crate) struct Sums {
    /// Length of the whole file.
    pub(crate) file_len: u64,
    pub(crate) range: Range<u64>,
    pub(crate) counts: [u64; 256],
    pub(crate) entropy: Option<f64>,
    pub(crate) piece_len: u64,
    /// Entropy of each piece; `None` if unreadable.
    pub(crate) entropies: Vec<Option<f64>>,
    pub(crate) texture: Option<Texture>,
    pub(crate) min_string: usize,
    pub(crate) hole_bytes: u64,
    pub(crate) holes: u64,
    pub(crate) unreadable: Vec<Unreadable>,
    pub(crate) is_cancelled: bool,
}

/// Progress and cancellation. Each byte is scanned twice, and counts as progress once.
#[derive(Debug)]
pub(crate) struct Watch {
    pub(crate) progress: Arc<Progress>,
    second: Progress,
    pub(crate) stop: Cancel,
}

impl Default for Watch {
    fn default() -> Self {
        let stop = Cancel::new();
        let until = || Progress::until(stop.clone());
        Self { progress: Arc::new(until()), second: until(), stop }
    }
}

impl Sums {
    pub(crate) fn of(
        map: &AnyMap,
        range: Range<u64>,
        asked: &StatArgs,
        watch: &Watch,
    ) -> Result<Self, Error> {
        let len = range.end - range.start;
        // Whole pages, so that each page is read for one piece only.
        let piece_len = len.div_ceil(PIECES).next_multiple_of(PIECE_MIN).max(PIECE_MIN);
        let mut all = Self {
            file_len: map.len(),
            range: range.clone(),
            counts: [0; 256],
            entropy: None,
            piece_len,
            entropies: Vec::new(),
            texture: None,
            min_string: asked.min_string.get(),
            hole_bytes: 0,
            holes: 0,
            unreadable: Vec::new(),
            is_cancelled: false,
        };
        let mut scan = Scan::new(map).evict_behind(true).progress(&watch.second);
        if let Some(threads) = asked.threads {
            scan = scan.threads(threads.get());
        }
        let mut last_hole = None;
        let mut at = range.start;
        while at < range.end && !all.is_cancelled {
            let piece_end = at.saturating_add(piece_len).min(range.end);
            let mut counts = [0; 256];
            for part in all.parts(map, at..piece_end, &mut last_hole)? {
                if all.is_cancelled {
                    break;
                }
                let part_scan = scan.progress(&watch.progress).range(part.range().clone());
                let counted = part_scan.histogram()?;
                add(&mut counts, counted.value.counts());
                all.is_cancelled = counted.is_cancelled;
                let is_whole = counted.unreadable.is_empty();
                all.unreadable.extend(counted.unreadable);
                let texture = match part {
                    _ if all.is_cancelled => None,
                    Extent::Hole(hole) if is_whole => Some(Texture::of_zeros(&hole)),
                    part => all.look_through(scan.range(part.range().clone()))?,
                };
                all.texture = join(all.texture.take(), texture, all.min_string);
            }
            at = piece_end;
            add(&mut all.counts, &counts);
            all.entropies.push(Histogram::from(counts).entropy());
        }
        all.entropy = Histogram::from(all.counts).entropy();
        Ok(all)
    }

    /// Number of bytes that were read, or are known to be zero.
    pub(crate) fn counted(&self) -> u64 {
        self.counts.iter().sum()
    }

    pub(crate) fn of_class(&self, class: ByteClass) -> u64 {
        self.by_byte()
            .filter(|&(byte, _)| ByteClass::of(byte) == class)
            .map(|(_, count)| count)
            .sum()
    }

    /// The most frequent bytes by descending count, then ascending value.
    pub(crate) fn top(&self, most: usize) -> Vec<(u8, u64)> {
        let mut all: Vec<(u8, u64)> = self.by_byte().filter(|&(_, count)| count > 0).collect();
        all.sort_by_key(|&(byte, count)| (Reverse(count), byte));
        all.truncate(most);
        all
    }

    pub(crate) fn runs(&self) -> Vec<Run> {
        self.texture.as_ref().map(Texture::runs).unwrap_or_default()
    }

    pub(crate) fn strings(&self) -> Strings {
        let texture = self.texture.as_ref();
        texture.map(|texture| texture.strings(self.min_string)).unwrap_or_default()
    }

    fn by_byte(&self) -> impl Iterator<Item = (u8, u64)> {
        (0..=u8::MAX).zip(self.counts)
    }

    /// Divides the range into long holes and steps of data. Adds up the holes.
    fn parts(
        &mut self,
        map: &AnyMap,
        range: Range<u64>,
        last_hole: &mut Option<u64>,
    ) -> Result<Vec<Extent>, Error> {
        let mut parts = Vec::new();
        let mut data = range.start..range.start;
        for extent in map.extents(range)? {
            let next = extent.range().clone();
            if !extent.is_data() {
                self.hole_bytes += next.end - next.start;
                self.holes += u64::from(last_hole.replace(next.end) != Some(next.start));
            }
            if extent.is_data() || next.end - next.start < HOLE_MIN {
                data.end = next.end;
                continue;
            }
            push_steps(data, &mut parts);
            data = next.end..next.end;
            parts.push(extent);
        }
        push_steps(data, &mut parts);
        Ok(parts)
    }

    /// Finds runs and strings.
    fn look_through(
        &mut self,
        scan: Scan<'_, Box<dyn memmap::plugin::Mapping>>,
    ) -> Result<Option<Texture>, Error> {
        let min_string = self.min_string;
        let looked = scan.fold(
            || None,
            |before, offset, bytes| {
                join(before, Texture::of(offset, bytes, min_string), min_string)
            },
            |a, b| join(a, b, min_string),
        )?;
        self.is_cancelled |= looked.is_cancelled;
        Ok(looked.value)
    }
}

fn push_steps(mut data: Range<u64>, parts: &mut Vec<Extent>) {
    while !data.is_empty() {
        let end = data.start.saturating_add(STEP).min(data.end);
        parts.push(Extent::Data(data.start..end));
        data.start = end;
    }
}

fn join(a: Option<Texture>, b: Option<Texture>, min_string: usize) -> Option<Texture> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.joined(b, min_string)),
        (a, b) => a.or(b),
    }
}

fn add(counts: &mut [u64; 256], more: &[u64; 256]) {
    for (count, more) in counts.iter_mut().zip(more) {
        *count += more;
    }
}
