use std::sync::Arc;

use super::{Node, Tree};
use crate::piece::Piece;

/// The pieces of a range in order, each with its place. The first and the last are cut to the range.
#[derive(Debug, Clone)]
pub(crate) struct Pieces {
    /// The way to the next piece: nodes, each with the number of the entry.
    way: Vec<(Arc<Node>, usize)>,
    /// The place of the next piece, as a whole.
    at: u64,
    start: u64,
    end: u64,
}

impl Tree {
    /// The pieces from `start` to `end`.
    pub(crate) fn pieces(&self, start: u64, end: u64) -> Pieces {
        let end = end.min(self.len());
        let mut pieces = Pieces { way: Vec::new(), at: 0, start, end };
        let Some(root) = self.root.as_ref().filter(|_| start < end) else { return pieces };
        let mut node = &root.node;
        loop {
            let mut index = 0_usize;
            match &**node {
                Node::Leaf(leaf) => {
                    for piece in leaf {
                        let after = pieces.at.saturating_add(piece.len());
                        if after > start {
                            break;
                        }
                        pieces.at = after;
                        index = index.saturating_add(1);
                    }
                    pieces.way.push((Arc::clone(node), index));
                    return pieces;
                }
                Node::Inner { subs, .. } => {
                    for sub in subs {
                        let after = pieces.at.saturating_add(sub.len);
                        if after > start {
                            break;
                        }
                        pieces.at = after;
                        index = index.saturating_add(1);
                    }
                    pieces.way.push((Arc::clone(node), index));
                    match subs.get(index) {
                        Some(sub) => node = &sub.node,
                        None => return pieces,
                    }
                }
            }
        }
    }

    /// All pieces.
    pub(crate) fn all(&self) -> Pieces {
        self.pieces(0, self.len())
    }
}

impl Pieces {
    /// Where the range ends.
    pub(crate) const fn end(&self) -> u64 {
        self.end
    }

    /// Goes to the next leaf.
    fn climb(&mut self) {
        self.way.pop();
        while let Some((node, index)) = self.way.last_mut() {
            *index = index.saturating_add(1);
            let Node::Inner { subs, .. } = &**node else { return };
            let Some(sub) = subs.get(*index) else {
                self.way.pop();
                continue;
            };
            let mut node = Arc::clone(&sub.node);
            while let Node::Inner { subs, .. } = &*node {
                let Some(first) = subs.first() else { return };
                let below = Arc::clone(&first.node);
                self.way.push((node, 0));
                node = below;
            }
            self.way.push((node, 0));
            return;
        }
    }
}

impl Iterator for Pieces {
    type Item = (u64, Piece);

    fn next(&mut self) -> Option<(u64, Piece)> {
        if self.at >= self.end {
            return None;
        }
        loop {
            let (node, index) = self.way.last_mut()?;
            let Node::Leaf(leaf) = &**node else { return None };
            let Some(piece) = leaf.get(*index) else {
                self.climb();
                continue;
            };
            *index = index.saturating_add(1);
            let (at, len) = (self.at, piece.len());
            self.at = at.saturating_add(len);
            let from = self.start.saturating_sub(at);
            let to = self.end.saturating_sub(at).min(len);
            let piece = if from == 0 && to == len { piece.clone() } else { piece.part(from, to) };
            return Some((at.saturating_add(from), piece));
        }
    }
}
