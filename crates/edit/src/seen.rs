use memmap_core::{Mapping, widen};

use crate::overlay::Overlay;
use crate::piece::Piece;
use crate::splice::{Run, Seen, Splice};

/// The most bytes of one piece that are kept as they were seen.
const SEEN_MAX: u64 = 64 << 10;

/// Bytes that were shown, and where.
#[derive(Debug)]
pub(crate) struct Shown {
    /// In order.
    parts: Vec<(u64, Vec<u8>)>,
    /// Whether no others are looked at.
    is_all: bool,
}

impl Shown {
    fn covers(&self, start: u64, end: u64) -> bool {
        let is_around = |(at, bytes): &(u64, Vec<u8>)| {
            *at <= start && end <= at.saturating_add(widen(bytes.len()))
        };
        self.parts.iter().any(is_around)
    }

    /// Adds what was seen of a range, in parts.
    fn cut(&self, start: u64, end: u64, parts: &mut Vec<(u64, Option<Piece>)>) {
        let ends = |(at, bytes): &(u64, Vec<u8>)| at.saturating_add(widen(bytes.len()));
        let first = self.parts.partition_point(|part| ends(part) <= start);
        let mut done = start;
        for part in self.parts.get(first..).unwrap_or_default() {
            let (from, to) = (part.0.max(done), ends(part).min(end));
            if from >= end {
                break;
            }
            let place = |at: u64| usize::try_from(at.saturating_sub(part.0)).unwrap_or(usize::MAX);
            let bytes = part.1.get(place(from)..place(to)).unwrap_or_default();
            let pieces = Piece::of_bytes(bytes);
            if pieces.is_empty() {
                continue;
            }
            if from > done {
                parts.push((from.saturating_sub(done), None));
            }
            parts.extend(pieces.into_iter().map(|piece| (piece.len(), Some(piece))));
            done = to;
        }
        if done < end {
            parts.push((end.saturating_sub(done), None));
        }
    }
}

impl<M: Mapping> Overlay<M> {
    /// The pieces among these that are bytes of the file in their order.
    pub(crate) fn file_pieces(&self, run: &Run) -> impl Iterator<Item = Piece> {
        run.tree().all().map(|(_, piece)| piece).filter(|piece| self.is_of_file(piece))
    }

    fn is_of_file(&self, piece: &Piece) -> bool {
        let Piece::Source { source, moved: false, .. } = *piece else { return false };
        let source = usize::try_from(source).ok().and_then(|source| self.sources.get(source));
        source.is_some_and(|source| source.is_same_file(self.file()))
    }

    /// Says what was shown at a place. The next edit takes these bytes as seen, where it covers them, and does
    /// not read them: on a slow disk a read may wait, and what was shown is what a person decided on.
    pub fn shown(&mut self, offset: u64, bytes: &[u8]) {
        self.shown = Some(Shown { parts: vec![(offset, bytes.to_vec())], is_all: false });
    }

    /// Says all that was shown, in order: of what the next edit covers, nothing is read. Bytes that are in none
    /// of the parts were not looked at, which a [`Plan`](crate::Plan) says.
    pub fn shown_only(&mut self, parts: Vec<(u64, Vec<u8>)>) {
        self.shown = Some(Shown { parts, is_all: true });
    }

    /// The bytes of the file among those removed at a place, as they were shown, or else as they are now.
    pub(crate) fn see_at(&mut self, place: u64, removed: &Run) -> Seen {
        let Some(shown) = self.shown.take() else { return self.see(removed) };
        let seen = self.see_in(&shown, place, removed);
        seen.unwrap_or_else(|| self.see(removed))
    }

    /// The same of one of many places. `None` if it was not all shown, and may be read.
    pub(crate) fn see_in(&self, shown: &Shown, place: u64, removed: &Run) -> Option<Seen> {
        let end = place.saturating_add(removed.len());
        if !shown.is_all && !shown.covers(place, end) {
            return None;
        }
        let mut parts = Vec::new();
        for (at, piece) in removed.tree().all() {
            if self.is_of_file(&piece) {
                let start = place.saturating_add(at);
                shown.cut(start, start.saturating_add(piece.len()), &mut parts);
            }
        }
        Some(Seen::of(parts))
    }

    /// The pieces of the file that a splice removed, cut to the parts that were seen as one, each with what was
    /// seen.
    pub(crate) fn seen_pieces(&self, splice: &Splice) -> Vec<(Piece, Option<Piece>)> {
        let parts = match &splice.seen {
            Seen::Nothing => return Vec::new(),
            Seen::Exact(piece) => vec![(piece.len(), Some(piece.clone()))],
            Seen::Parts(parts) => parts.to_vec(),
        };
        let mut parts = parts.into_iter();
        let mut found = Vec::new();
        for piece in self.file_pieces(&splice.removed) {
            let mut from = 0;
            while from < piece.len() {
                let Some((len, seen)) = parts.next() else { return found };
                let to = from.saturating_add(len).min(piece.len());
                if to == from {
                    continue;
                }
                found.push((piece.part(from, to), seen.filter(|seen| seen.len() == len)));
                from = to;
            }
        }
        found
    }

    /// The bytes of the file among these, as they are seen now.
    pub(crate) fn see(&self, removed: &Run) -> Seen {
        if matches!(removed, Run::Empty | Run::One(Piece::Typed { .. })) {
            return Seen::Nothing;
        }
        let pieces = self.file_pieces(removed);
        Seen::of(pieces.map(|piece| (piece.len(), self.see_piece(&piece))).collect())
    }

    fn see_piece(&self, piece: &Piece) -> Option<Piece> {
        let Piece::Source { source, start, len, .. } = *piece else { return None };
        let source = self.sources.get(usize::try_from(source).ok()?)?;
        let mut bytes = vec![0; usize::try_from(len).ok().filter(|_| len <= SEEN_MAX)?];
        let is_read = source.read(start, &mut bytes).is_ok_and(|read| read.stopped.is_none());
        if is_read { Piece::of_bytes(&bytes).pop() } else { None }
    }
}
