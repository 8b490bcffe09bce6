use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use memmap_core::disk::Attributes;
use memmap_core::{Map, Mapping, Result, widen};

use crate::overlay::Overlay;
use crate::piece::Piece;
use crate::save::Span;
use crate::source::{SavedRange, Saving, SavingEnd, Source};
use crate::splice::Splice;
use crate::version::Version;

/// What the file has to hold where it is saved to: the bytes that were seen when an edit covered them, and
/// those that an earlier saving wrote. Of others nothing is known but that the file did not change.
///
/// A later read is no substitute: compared with itself, a file is always as expected, also after another
/// program wrote to it.
#[derive(Debug)]
pub(crate) struct Expected<M: Mapping> {
    /// The length of the file before. Bytes after it are zeros, or were written by a saving that did not finish.
    len: u64,
    /// By their place in the file. None overlaps another.
    seen: BTreeMap<u64, Piece>,
    /// What savings wrote, the newest first; and before these what those wrote over that did not finish, the
    /// oldest first: as long as nothing of them reached the file, that is there.
    layers: Vec<Layer<M>>,
    /// What the file was made with, where the version goes back to before that.
    made: Option<Arc<Map<Version<M>>>>,
    /// What is after this was appended by another program since.
    made_end: u64,
    /// Savings whose bytes may have reached the device or not.
    unfinished: Vec<Arc<Saving<M>>>,
}

/// A saving.
#[derive(Debug)]
struct Layer<M: Mapping> {
    saving: Arc<Saving<M>>,
    side: Side,
    /// What is after this was appended by another program since.
    end: u64,
}

/// Which bytes of a saving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Old,
    New,
}

/// Bytes that are expected at a place of the file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) start: u64,
    pub(crate) bytes: Vec<u8>,
}

impl<M: Mapping> Expected<M> {
    /// What is expected by the current version of an overlay.
    pub(crate) fn of(overlay: &Overlay<M>) -> Self {
        let base = overlay.file();
        let (past, later) = base.past_and_later();
        let is_unfinished = |saving: &Arc<Saving<M>>| saving.ended() != Some(SavingEnd::Back);
        let unfinished: Vec<_> = later.into_iter().filter(is_unfinished).collect();
        let done = past.into_iter().enumerate().rev();
        let done = done.filter(|(_, it)| it.ended() == Some(SavingEnd::Done));
        let done = done.map(|(number, saving)| {
            let end = base.kept_of(number.saturating_add(1));
            Layer { saving, side: Side::New, end }
        });
        let layers = unfinished.iter().map(|it| {
            let saving = Arc::clone(it);
            Layer { saving, side: Side::Old, end: u64::MAX }
        });
        let layers = layers.chain(done).collect();
        let made = overlay.made.clone().filter(|_| !overlay.undo.is_below_saved());
        let (len, seen) = (base.len(), BTreeMap::new());
        let made_end = base.kept_of(0);
        let mut expected = Self { len, seen, layers, made, made_end, unfinished };
        for splice in overlay.undo.since_saved() {
            expected.add(overlay, base, splice);
        }
        expected
    }

    /// Adds what a splice covered.
    fn add(&mut self, overlay: &Overlay<M>, base: &Source<M>, splice: &Splice) {
        for (piece, seen) in overlay.seen_pieces(splice) {
            let Piece::Source { source, start, len, .. } = piece else { continue };
            let Some(found) = usize::try_from(source).ok().and_then(|it| overlay.sources.get(it))
            else {
                continue;
            };
            let Some(bytes) = seen.filter(|seen| seen.len() == len) else { continue };
            for (range, is_equal) in found.compared(start..start.saturating_add(len), base) {
                if is_equal {
                    let from = range.start.saturating_sub(start);
                    self.insert(range.start, bytes.part(from, range.end.saturating_sub(start)));
                }
            }
        }
    }

    /// Adds bytes in the place of what was known there.
    fn insert(&mut self, start: u64, bytes: Piece) {
        let end = start.saturating_add(bytes.len());
        let before = self.seen.range(..start).next_back().map(|(&at, piece)| (at, piece.clone()));
        if let Some((at, piece)) = before {
            let ends = at.saturating_add(piece.len());
            if ends > start {
                self.seen.insert(at, piece.part(0, start.saturating_sub(at)));
            }
            if ends > end {
                self.seen.insert(end, piece.part(end.saturating_sub(at), piece.len()));
            }
        }
        let covered: Vec<u64> = self.seen.range(start..end).map(|(&at, _)| at).collect();
        for at in covered {
            let Some(piece) = self.seen.remove(&at) else { continue };
            let ends = at.saturating_add(piece.len());
            if ends > end {
                self.seen.insert(end, piece.part(end.saturating_sub(at), piece.len()));
            }
        }
        self.seen.insert(start, bytes);
    }

    /// What was seen, in spans of bytes that follow each other.
    pub(crate) fn seen_spans(&self) -> impl Iterator<Item = Span> + '_ {
        self.seen.iter().map(|(&start, piece)| Span { start, old_len: piece.len(), new_len: 0 })
    }

    /// What is known of a range, which is as long as memory allows, in order.
    ///
    /// # Errors
    /// Errors of the journal, where earlier savings keep their bytes.
    pub(crate) fn known(&self, range: &Range<u64>) -> Result<Vec<Known>> {
        let mut known = Vec::new();
        let behind = self.len.clamp(range.start, range.end)..range.end;
        let range = range.start..behind.start;
        let mut at = range.start;
        let first = self.seen.range(..=range.start).next_back().map_or(range.start, |(&at, _)| at);
        for (&start, piece) in self.seen.range(first..range.end) {
            let end = start.saturating_add(piece.len());
            let (from, to) = (start.max(range.start), end.min(range.end));
            if from >= to {
                continue;
            }
            self.written(at..from, 0, &mut known)?;
            let part = piece.part(from.saturating_sub(start), to.saturating_sub(start));
            known.push(Known { start: from, bytes: part.literal().to_vec() });
            at = to;
        }
        self.written(at..range.end, 0, &mut known)?;
        if !behind.is_empty() {
            let len = usize::try_from(behind.end.saturating_sub(behind.start)).unwrap_or(0);
            known.push(Known { start: behind.start, bytes: vec![0; len] });
        }
        Ok(known)
    }

    /// What savings wrote to a range, or over it, by layers.
    fn written(&self, range: Range<u64>, first: usize, known: &mut Vec<Known>) -> Result<()> {
        if range.is_empty() {
            return Ok(());
        }
        let Some(Layer { saving, side, end }) = self.layers.get(first) else {
            known.extend(self.made_with(&range)?);
            return Ok(());
        };
        let next = first.saturating_add(1);
        let mut at = range.start;
        let ranges = saving.ranges();
        let place = |saved: &SavedRange| match side {
            Side::Old => (saved.old.clone(), saved.old_at),
            Side::New => (saved.new_range(), saved.new_at),
        };
        let skipped = ranges.partition_point(|saved| place(saved).0.end <= range.start);
        for saved in ranges.get(skipped..).unwrap_or_default() {
            let (here, kept_at) = place(saved);
            let (from, to) = (here.start.max(at), here.end.min(range.end).min(*end));
            if here.start >= range.end {
                break;
            }
            if from >= to {
                continue;
            }
            self.written(at..from, next, known)?;
            let len = usize::try_from(to.saturating_sub(from)).unwrap_or(0);
            let mut bytes = vec![0; len];
            saving.read(kept_at.saturating_add(from.saturating_sub(here.start)), &mut bytes)?;
            known.push(Known { start: from, bytes });
            at = to;
        }
        self.written(at..range.end, next, known)
    }

    /// What the file was made with.
    fn made_with(&self, range: &Range<u64>) -> Result<Option<Known>> {
        let Some(made) = &self.made else { return Ok(None) };
        let end = range.end.min(made.len()).min(self.made_end);
        if range.start >= end {
            return Ok(None);
        }
        let len = usize::try_from(end.saturating_sub(range.start)).unwrap_or(0);
        let bytes = made.read_at(range.start, len)?;
        Ok(Some(Known { start: range.start, bytes }))
    }

    /// What the file has beside its bytes, with what savings that did not finish may have taken away.
    pub(crate) fn attributes(&self, now: Attributes) -> Attributes {
        self.unfinished.iter().fold(now, |now, saving| now.with_taken(saving.attributes()))
    }

    /// Whether a saving that did not finish may have left this length.
    pub(crate) fn may_have_len(&self, len: u64) -> bool {
        let ends = |saving: &Arc<Saving<M>>| {
            saving.ranges().last().is_some_and(|last| {
                let (old, new) = (last.old.end, last.new_range().end);
                old != new && (old.min(new)..=old.max(new)).contains(&len)
            })
        };
        self.unfinished.iter().any(ends)
    }

    /// The parts of a range whose bytes may be those of a saving that did not finish. They are written again
    /// even if they look as wanted: what was read may be in memory only.
    pub(crate) fn doubtful(&self, range: &Range<u64>) -> Vec<Range<u64>> {
        let mut parts = Vec::new();
        for saved in self.unfinished.iter().flat_map(|saving| saving.ranges()) {
            let end = saved.old.end.max(saved.new_range().end);
            let (from, to) = (saved.old.start.max(range.start), end.min(range.end));
            if from < to {
                parts.push(from..to);
            }
        }
        parts.sort_by_key(|part| part.start);
        parts
    }

    /// Whether bytes that are not as expected are those that a saving wrote that did not finish.
    pub(crate) fn may_be(&self, at: u64, byte: u8) -> bool {
        self.unfinished.iter().any(|saving| {
            let ranges = saving.ranges();
            let index = ranges.partition_point(|saved| saved.new_range().end <= at);
            ranges.get(index).filter(|saved| saved.new_range().contains(&at)).is_some_and(|saved| {
                let mut found = [0];
                let at = saved.new_at.saturating_add(at.saturating_sub(saved.old.start));
                saving.read(at, &mut found).is_ok() && found == [byte]
            })
        })
    }
}

impl Known {
    pub(crate) fn end(&self) -> u64 {
        self.start.saturating_add(widen(self.bytes.len()))
    }
}
