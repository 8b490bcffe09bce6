use std::ops::{ControlFlow, Range};

use super::{Node, Sub, Tree};
use crate::piece::Piece;

/// A part of a piece, where it lies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part<'t> {
    /// Its place in the version.
    pub(crate) at: u64,
    pub(crate) piece: &'t Piece,
    /// Where it starts in the piece.
    pub(crate) from: u64,
    /// Its length.
    pub(crate) len: u64,
}

impl Tree {
    /// Shows the parts of a range in order, until `show` breaks. It copies no piece, so it is quicker than
    /// [`pieces`](Self::pieces).
    pub(crate) fn visit<'t, B>(
        &'t self,
        range: &Range<u64>,
        mut show: impl FnMut(Part<'t>) -> ControlFlow<B>,
    ) -> Option<B> {
        let root = self.root.as_ref().filter(|_| range.start < range.end)?;
        visit(root, 0, range, &mut show).break_value()
    }
}

/// As deep as the tree is, which is a few levels.
fn visit<'t, B>(
    sub: &'t Sub,
    start: u64,
    range: &Range<u64>,
    show: &mut impl FnMut(Part<'t>) -> ControlFlow<B>,
) -> ControlFlow<B> {
    let mut at = start;
    match &*sub.node {
        Node::Inner { subs, .. } => {
            for sub in subs {
                if at >= range.end {
                    break;
                }
                let end = at.saturating_add(sub.len);
                if end > range.start {
                    visit(sub, at, range, show)?;
                }
                at = end;
            }
        }
        Node::Leaf(pieces) => {
            for piece in pieces {
                if at >= range.end {
                    break;
                }
                let end = at.saturating_add(piece.len());
                if end > range.start {
                    let from = range.start.saturating_sub(at);
                    let len = end.min(range.end).saturating_sub(at).saturating_sub(from);
                    show(Part { at: at.saturating_add(from), piece, from, len })?;
                }
                at = end;
            }
        }
    }
    ControlFlow::Continue(())
}
