use crate::piece::Piece;
use crate::shift::{Hunk, Shift};
use crate::tree::Tree;

/// Pieces in order. One takes no memory of its own.
#[derive(Debug, Clone)]
pub(crate) enum Run {
    Empty,
    One(Piece),
    Many(Tree),
}

/// A range that was replaced, with what is needed to take it back.
#[derive(Debug, Clone)]
pub(crate) struct Splice {
    pub(crate) place: u64,
    pub(crate) removed: Run,
    pub(crate) inserted: Run,
    pub(crate) seen: Seen,
}

/// The bytes of the file among those that a splice removed, as they were seen at that moment. They follow
/// each other as their pieces do.
#[derive(Debug, Clone)]
pub(crate) enum Seen {
    /// There were none.
    Nothing,
    /// These.
    Exact(Piece),
    /// Parts, each with its length; `None` was not looked at, or could not be read.
    Parts(Box<[(u64, Option<Piece>)]>),
}

impl Seen {
    /// From parts with their lengths.
    pub(crate) fn of(mut parts: Vec<(u64, Option<Piece>)>) -> Self {
        match (parts.len(), parts.pop()) {
            (_, None) => Self::Nothing,
            (1, Some((_, Some(seen)))) => Self::Exact(seen),
            (_, Some(last)) => {
                parts.push(last);
                Self::Parts(parts.into())
            }
        }
    }
}

impl From<Tree> for Run {
    fn from(tree: Tree) -> Self {
        match tree.only() {
            Some(piece) => Self::One(piece.clone()),
            None if tree.is_empty() => Self::Empty,
            None => Self::Many(tree),
        }
    }
}

impl Run {
    pub(crate) fn tree(&self) -> Tree {
        match self {
            Self::Empty => Tree::default(),
            Self::One(piece) => Tree::of(piece.clone()),
            Self::Many(tree) => tree.clone(),
        }
    }

    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::Empty => 0,
            Self::One(piece) => piece.len(),
            Self::Many(tree) => tree.len(),
        }
    }
}

impl Splice {
    pub(crate) fn apply(&self, tree: &mut Tree) {
        tree.replace(self.place, self.removed.len(), &self.inserted.tree());
    }

    pub(crate) fn take_back(&self, tree: &mut Tree) {
        tree.replace(self.place, self.inserted.len(), &self.removed.tree());
    }

    /// What takes it back. The bytes that it removes were not in the file.
    pub(crate) fn reversed(self) -> Self {
        Self {
            place: self.place,
            removed: self.inserted,
            inserted: self.removed,
            seen: Seen::Nothing,
        }
    }

    pub(crate) fn shift(&self) -> Shift {
        let end = |len: u64| self.place.saturating_add(len);
        let (old, new) =
            (self.place..end(self.removed.len()), self.place..end(self.inserted.len()));
        Shift::new(vec![Hunk { old, new }])
    }
}
