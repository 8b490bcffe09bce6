use memmap_core::Mapping;

use crate::overlay::Overlay;
use crate::piece::Piece;
use crate::splice::{Run, Seen};

/// The most bytes of one piece that are kept as they were seen.
const SEEN_MAX: u64 = 64 << 10;

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
        self.shown = Some((offset, bytes.to_vec()));
    }

    /// The bytes of the file among those removed at a place, as they were shown, or else as they are now.
    pub(crate) fn see_at(&mut self, place: u64, removed: &Run) -> Seen {
        let Some((start, shown)) = self.shown.take() else { return self.see(removed) };
        let end = place.saturating_add(removed.len());
        let within = place.checked_sub(start).and_then(|within| usize::try_from(within).ok());
        let part = within.and_then(|from| {
            let to = usize::try_from(end.checked_sub(start)?).ok()?;
            shown.get(from..to)
        });
        let Some(part) = part else { return self.see(removed) };
        let mut parts = Vec::new();
        for (at, piece) in removed.tree().all() {
            if !self.is_of_file(&piece) {
                continue;
            }
            let from = usize::try_from(at).unwrap_or(usize::MAX);
            let to = from.saturating_add(usize::try_from(piece.len()).unwrap_or(usize::MAX));
            parts.push((
                piece.len(),
                part.get(from..to).and_then(|part| Piece::of_bytes(part).pop()),
            ));
        }
        Seen::of(parts)
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
