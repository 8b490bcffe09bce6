use std::sync::Arc;

use super::{MAX, Node, Sub, Tree};
use crate::piece::Piece;

impl Tree {
    /// Replaces `removed` bytes at `at` by other pieces. The range is within the tree.
    pub(crate) fn replace(&mut self, at: u64, removed: u64, inserted: &Self) {
        if let Some(pieces) = inserted.few()
            && let Some(root) = &mut self.root
            && let Ok(second) = replace_within(root, at, removed, pieces)
        {
            if let Some(second) = second
                && let Some(first) = self.root.take()
            {
                let height = first.height().saturating_add(1);
                self.root = Some(Sub::inner(height, vec![first, second]));
            }
            return;
        }
        let (left, rest) = std::mem::take(self).split(at);
        let (_, right) = rest.split(removed);
        *self = left.followed_by(inserted.clone()).followed_by(right);
    }

    /// The pieces, if they are few.
    fn few(&self) -> Option<&[Piece]> {
        match self.root.as_ref().map(|root| &*root.node) {
            None => Some(&[]),
            Some(Node::Leaf(pieces)) if pieces.len() <= MAX / 4 => Some(pieces),
            _ => None,
        }
    }
}

/// The range is not strictly within one leaf.
struct Crosses;

/// Replaces bytes strictly within one leaf, so that no piece of another leaf can join what is new. If
/// the node grows too large, its second half is returned.
fn replace_within(
    sub: &mut Sub,
    at: u64,
    removed: u64,
    inserted: &[Piece],
) -> Result<Option<Sub>, Crosses> {
    let end = at.saturating_add(removed);
    if at == 0 || end >= sub.len {
        return Err(Crosses);
    }
    if let Node::Inner { subs, .. } = &*sub.node {
        // Looked for first, as nothing may be copied in vain.
        let (index, before) = child_at(subs, at).ok_or(Crosses)?;
        let child = subs.get(index).ok_or(Crosses)?;
        if at == before || end >= before.saturating_add(child.len) {
            return Err(Crosses);
        }
    }
    match Arc::make_mut(&mut sub.node) {
        Node::Leaf(pieces) => {
            replace_in_leaf(pieces, at, removed, inserted);
            sub.len = pieces.iter().map(Piece::len).sum();
            if pieces.len() <= MAX {
                return Ok(None);
            }
            let rest = Sub::leaf(pieces.split_off(pieces.len() / 2));
            sub.len = sub.len.saturating_sub(rest.len);
            Ok(Some(rest))
        }
        Node::Inner { height, subs } => {
            let height = *height;
            let (index, before) = child_at(subs, at).ok_or(Crosses)?;
            let child = subs.get_mut(index).ok_or(Crosses)?;
            let was = child.len;
            let second = replace_within(child, at.saturating_sub(before), removed, inserted)?;
            let now = child.len.saturating_add(second.as_ref().map_or(0, |sub| sub.len));
            sub.len = sub.len.saturating_sub(was).saturating_add(now);
            if let Some(second) = second {
                subs.insert(index.saturating_add(1), second);
            }
            if subs.len() <= MAX {
                return Ok(None);
            }
            let rest = Sub::inner(height, subs.split_off(subs.len() / 2));
            sub.len = sub.len.saturating_sub(rest.len);
            Ok(Some(rest))
        }
    }
}

/// The child that has the byte at `at`, and the bytes before it.
fn child_at(subs: &[Sub], at: u64) -> Option<(usize, u64)> {
    let mut before = 0_u64;
    for (index, sub) in subs.iter().enumerate() {
        let end = before.saturating_add(sub.len);
        if end > at {
            return Some((index, before));
        }
        before = end;
    }
    None
}

/// Replaces a range of the pieces' bytes, which starts after their first byte and ends before their end.
fn replace_in_leaf(pieces: &mut Vec<Piece>, at: u64, removed: u64, inserted: &[Piece]) {
    let end = at.saturating_add(removed);
    let mut before = 0_u64;
    // What is taken out: whole pieces, and of the first and the last what is outside is put in again.
    let (mut first, mut behind) = (None, pieces.len());
    let (mut head, mut tail) = (None, None);
    for (index, piece) in pieces.iter().enumerate() {
        let after = before.saturating_add(piece.len());
        if first.is_none() && after > at {
            first = Some(index);
            head = (at > before).then(|| piece.part(0, at.saturating_sub(before)));
        }
        if after >= end && first.is_some() {
            // An insertion between two pieces takes none out.
            let is_between = removed == 0 && before == at;
            behind = if is_between { index } else { index.saturating_add(1) };
            if !is_between && after > end {
                tail = Some(piece.part(end.saturating_sub(before), piece.len()));
            }
            break;
        }
        before = after;
    }
    let mut first = first.unwrap_or(pieces.len());
    let mut behind = behind.max(first);
    // The neighbours take part, as the new pieces may continue them.
    if head.is_none() && first > 0 {
        first = first.saturating_sub(1);
        head = pieces.get(first).cloned();
    }
    if tail.is_none() && behind < pieces.len() {
        tail = pieces.get(behind).cloned();
        behind = behind.saturating_add(1);
    }
    let mut new: Vec<Piece> = Vec::with_capacity(inserted.len().saturating_add(2));
    for piece in head.into_iter().chain(inserted.iter().cloned()).chain(tail) {
        match new.last().and_then(|last| last.join(&piece)) {
            Some(joined) => {
                new.pop();
                new.push(joined);
            }
            None => new.push(piece),
        }
    }
    pieces.splice(first..behind, new);
}
