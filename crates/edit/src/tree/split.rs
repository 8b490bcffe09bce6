use super::join::{take_pieces, take_subs};
use super::{Sub, Tree};

impl Tree {
    /// What is before `at`, and what is from there on.
    pub(crate) fn split(self, at: u64) -> (Self, Self) {
        let Some(root) = self.root else { return (Self::default(), Self::default()) };
        if at == 0 {
            return (Self::default(), Self { root: Some(root) });
        }
        if at >= root.len {
            return (Self { root: Some(root) }, Self::default());
        }
        split(root, at)
    }

    /// A part, which shares what it can.
    pub(crate) fn slice(&self, start: u64, end: u64) -> Self {
        // A few pieces are copied, as nodes that are shared have to be copied when they change.
        let few: Vec<_> =
            self.pieces(start, end).take(super::MIN).map(|(_, piece)| piece).collect();
        if few.len() < super::MIN {
            return leaf(few);
        }
        let (left, _) = self.clone().split(end);
        left.split(start).1
    }
}

/// Splits a node strictly within it.
fn split(sub: Sub, at: u64) -> (Tree, Tree) {
    if sub.height() == 0 {
        return split_leaf(sub, at);
    }
    let (mut subs, height) = take_subs(sub);
    let (mut index, mut before) = (0_usize, 0_u64);
    for sub in &subs {
        let end = before.saturating_add(sub.len);
        if end > at {
            break;
        }
        before = end;
        index = index.saturating_add(1);
    }
    let mut rest = subs.split_off(index).into_iter();
    let (left, right) = match rest.next() {
        Some(middle) if at > before => split(middle, at.saturating_sub(before)),
        middle => (Tree::default(), Tree { root: middle }),
    };
    // The seams were within one tree, so that nothing joins there.
    let left = node(height, subs).followed_by(left);
    let right = right.followed_by(node(height, rest.collect()));
    (left, right)
}

/// A tree of nodes below `height`.
fn node(height: u32, mut subs: Vec<Sub>) -> Tree {
    let root = match subs.len() {
        0 | 1 => subs.pop(),
        _ => Some(Sub::inner(height, subs)),
    };
    Tree { root }
}

fn split_leaf(sub: Sub, at: u64) -> (Tree, Tree) {
    let mut left = take_pieces(sub);
    let mut before = 0_u64;
    let mut right = Vec::new();
    for index in 0..left.len() {
        let Some(piece) = left.get(index) else { break };
        let len = piece.len();
        let end = before.saturating_add(len);
        if end <= at {
            before = end;
            continue;
        }
        let within = at.saturating_sub(before);
        right = left.split_off(index);
        if within > 0
            && let Some(first) = right.first_mut()
        {
            left.push(first.part(0, within));
            *first = first.part(within, len);
        }
        break;
    }
    (leaf(left), leaf(right))
}

fn leaf(pieces: Vec<crate::piece::Piece>) -> Tree {
    Tree { root: (!pieces.is_empty()).then(|| Sub::leaf(pieces)) }
}
