use std::sync::Arc;

use super::{MAX, MIN, Node, Sub, Tree};

impl Tree {
    /// This, and then `next`.
    pub(crate) fn followed_by(self, next: Self) -> Self {
        let joined = self
            .last()
            .zip(next.first())
            .and_then(|(last, first)| Some((last.join(first)?, last.len(), first.len())));
        let Some((joined, last_len, first_len)) = joined else { return self.append(next) };
        let start = self.len().saturating_sub(last_len);
        let (left, _) = self.split(start);
        let (_, right) = next.split(first_len);
        left.append(Self::of(joined)).append(right)
    }

    /// This, and then `next`, whose pieces do not continue each other.
    fn append(self, next: Self) -> Self {
        let (left, right) = match (self.root, next.root) {
            (None, root) | (root, None) => return Self { root },
            (Some(left), Some(right)) => (left, right),
        };
        let (first, second) = concat(left, right);
        let root = match second {
            None => first,
            Some(second) => Sub::inner(first.height().saturating_add(1), vec![first, second]),
        };
        Self { root: Some(root) }
    }
}

/// Both in one node of the greater height, or in two.
fn concat(left: Sub, right: Sub) -> (Sub, Option<Sub>) {
    let (height, other) = (left.height(), right.height());
    if height > other {
        let (mut subs, _) = take_subs(left);
        let Some(last) = subs.pop() else { return (right, None) };
        let (first, second) = concat(last, right);
        subs.push(first);
        subs.extend(second);
        return divide(height, subs);
    }
    if other > height {
        let (subs, _) = take_subs(right);
        let mut subs = subs.into_iter();
        let Some(first) = subs.next() else { return (left, None) };
        let (first, second) = concat(left, first);
        let subs = [Some(first), second].into_iter().flatten().chain(subs).collect();
        return divide(other, subs);
    }
    merge(left, right)
}

/// Joins two nodes of the same height. Small nodes become one; otherwise the result is two nodes, neither small.
fn merge(left: Sub, right: Sub) -> (Sub, Option<Sub>) {
    let (a, b) = (entries(&left), entries(&right));
    if a >= MIN && b >= MIN && a.saturating_add(b) > MAX {
        return (left, Some(right));
    }
    let height = left.height();
    if height > 0 {
        let (mut subs, _) = take_subs(left);
        subs.extend(take_subs(right).0);
        return divide(height, subs);
    }
    let mut pieces = take_pieces(left);
    pieces.extend(take_pieces(right));
    if pieces.len() <= MAX {
        return (Sub::leaf(pieces), None);
    }
    let rest = pieces.split_off(pieces.len() / 2);
    (Sub::leaf(pieces), Some(Sub::leaf(rest)))
}

/// A node of these, or two if they are too many.
fn divide(height: u32, mut subs: Vec<Sub>) -> (Sub, Option<Sub>) {
    if subs.len() <= MAX {
        return (Sub::inner(height, subs), None);
    }
    let rest = subs.split_off(subs.len() / 2);
    (Sub::inner(height, subs), Some(Sub::inner(height, rest)))
}

fn entries(sub: &Sub) -> usize {
    match &*sub.node {
        Node::Leaf(pieces) => pieces.len(),
        Node::Inner { subs, .. } => subs.len(),
    }
}

/// The nodes of an inner node, and its height. They are copied where others have the node too.
pub(super) fn take_subs(sub: Sub) -> (Vec<Sub>, u32) {
    match Arc::unwrap_or_clone(sub.node) {
        Node::Inner { subs, height } => (subs, height),
        Node::Leaf(_) => (Vec::new(), 0),
    }
}

/// The pieces of a leaf.
pub(super) fn take_pieces(sub: Sub) -> Vec<crate::piece::Piece> {
    match Arc::unwrap_or_clone(sub.node) {
        Node::Leaf(pieces) => pieces,
        Node::Inner { .. } => Vec::new(),
    }
}
