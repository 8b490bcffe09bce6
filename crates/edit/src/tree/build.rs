use super::{MAX, Sub, Tree};
use crate::piece::Piece;

/// Makes a tree from its pieces in order, from the leaves up. It holds the right edge only.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    leaf: Vec<Piece>,
    /// The nodes that wait for their parent, by height.
    levels: Vec<Vec<Sub>>,
}

impl Builder {
    /// Adds a piece at the end.
    pub(crate) fn push(&mut self, piece: Piece) {
        if let Some(last) = self.leaf.last_mut()
            && let Some(joined) = last.join(&piece)
        {
            *last = joined;
            return;
        }
        // One piece stays behind, so that the next one can join it.
        if self.leaf.len() > MAX {
            let rest = self.leaf.split_off(MAX);
            let full = std::mem::replace(&mut self.leaf, rest);
            self.raise(0, Sub::leaf(full));
        }
        self.leaf.push(piece);
    }

    fn raise(&mut self, height: usize, sub: Sub) {
        let mut height = height;
        let mut sub = sub;
        loop {
            if self.levels.len() <= height {
                self.levels.push(Vec::new());
            }
            let Some(level) = self.levels.get_mut(height) else { return };
            level.push(sub);
            if level.len() < MAX {
                return;
            }
            let full = std::mem::take(level);
            height = height.saturating_add(1);
            sub = Sub::inner(u32::try_from(height).unwrap_or(u32::MAX), full);
        }
    }

    /// The tree.
    pub(crate) fn finish(self) -> Tree {
        let mut leaf = self.leaf;
        let mut right = Tree::default();
        if leaf.len() > MAX {
            let rest = leaf.split_off(MAX);
            right = Tree { root: Some(Sub::leaf(rest)) };
        }
        if !leaf.is_empty() {
            right = Tree { root: Some(Sub::leaf(leaf)) }.followed_by(right);
        }
        for (height, level) in self.levels.into_iter().enumerate() {
            let root = match level.len() {
                0 => continue,
                1 => level.into_iter().next(),
                _ => {
                    let height = u32::try_from(height).unwrap_or(u32::MAX).saturating_add(1);
                    Some(Sub::inner(height, level))
                }
            };
            right = Tree { root }.followed_by(right);
        }
        right
    }
}

impl FromIterator<Piece> for Tree {
    fn from_iter<I: IntoIterator<Item = Piece>>(pieces: I) -> Self {
        let mut builder = Builder::default();
        for piece in pieces {
            builder.push(piece);
        }
        builder.finish()
    }
}
