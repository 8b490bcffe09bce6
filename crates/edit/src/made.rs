use memmap_core::Mapping;

use crate::overlay::Overlay;
use crate::piece::Piece;
use crate::splice::{Run, Splice};
use crate::undo::State;

/// The most bytes of each side.
const BYTES_MAX: usize = 16;

/// The most bytes of an edit that later ones of the same state may change.
const TYPED_MAX: usize = 1 << 16;

/// The first bytes of what a state replaced, and of what it put there. `None` for a byte that was not looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Made {
    /// What was there.
    pub old: Vec<Option<u8>>,
    /// What is there.
    pub new: Vec<Option<u8>>,
}

impl<M: Mapping> Overlay<M> {
    /// What a state replaced by what, for a list of edits. If its edits are not next to each other, this is
    /// about the first. Nothing is read: what was there is known as far as it was seen.
    pub fn made(&self, state: State) -> Made {
        let splices = self.history().change(state).splices();
        let Some(first) = splices.first() else { return Made::default() };
        let mut old = self.removed_bytes(first);
        let mut new = inserted_bytes(&first.inserted);
        for splice in splices.get(1..).unwrap_or_default() {
            let within = splice.place.checked_sub(first.place);
            let Some(within) = within.and_then(|it| usize::try_from(it).ok()) else { break };
            if within > new.len() || new.len() > TYPED_MAX {
                break;
            }
            let removed = usize::try_from(splice.removed.len()).unwrap_or(usize::MAX);
            let over = removed.min(new.len().saturating_sub(within));
            if over < removed && old.len() < BYTES_MAX {
                old.extend(self.removed_bytes(splice).into_iter().skip(over));
            }
            let end = within.saturating_add(over);
            new.splice(within..end, inserted_bytes(&splice.inserted));
        }
        old.truncate(BYTES_MAX);
        new.truncate(BYTES_MAX);
        Made { old, new }
    }

    /// The first bytes that a splice removed, as far as they are known.
    fn removed_bytes(&self, splice: &Splice) -> Vec<Option<u8>> {
        let mut seen = self.seen_pieces(splice).into_iter();
        let mut bytes = Vec::new();
        for (_, piece) in splice.removed.tree().all() {
            let before = bytes.len();
            if matches!(piece, Piece::Source { moved: false, .. }) {
                let mut left = piece.len();
                while left > 0 && bytes.len() < BYTES_MAX {
                    let Some((part, seen)) = seen.next() else { break };
                    left = left.saturating_sub(part.len());
                    add(&mut bytes, part.len(), seen.as_ref());
                }
            } else {
                add(&mut bytes, piece.len(), Some(&piece).filter(|it| !is_source(it)));
            }
            if bytes.len() >= BYTES_MAX || bytes.len() == before {
                break;
            }
        }
        bytes
    }
}

const fn is_source(piece: &Piece) -> bool {
    matches!(piece, Piece::Source { .. })
}

fn inserted_bytes(run: &Run) -> Vec<Option<u8>> {
    let mut bytes = Vec::new();
    for (_, piece) in run.tree().all() {
        add(&mut bytes, piece.len(), Some(&piece).filter(|it| !is_source(it)));
        if bytes.len() > TYPED_MAX {
            break;
        }
    }
    bytes
}

/// Adds the bytes of a piece, or that they are not known.
fn add(bytes: &mut Vec<Option<u8>>, len: u64, piece: Option<&Piece>) {
    let len = usize::try_from(len).unwrap_or(usize::MAX).min(TYPED_MAX);
    match piece {
        Some(piece) => {
            let mut out = vec![0; len];
            piece.copy_out(0, &mut out);
            bytes.extend(out.into_iter().map(Some));
        }
        None => bytes.extend(std::iter::repeat_n(None, len)),
    }
}
