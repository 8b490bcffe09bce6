use std::sync::Arc;

use crate::piece::Piece;

mod build;
mod join;
mod pieces;
mod replace;
mod split;
mod visit;

pub(crate) use build::Builder;
pub(crate) use pieces::Pieces;

/// The most entries of a node.
const MAX: usize = 32;

/// The fewest entries of a node that is made when others are joined.
const MIN: usize = MAX / 4;

/// The pieces of a version, in order: a persistent tree. A copy takes as long as one reference, and shares
/// all nodes; a change makes the nodes on its way anew where others have them too.
///
/// All leaves are at one depth. Neighbours that continue each other are one piece.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tree {
    root: Option<Sub>,
}

/// A node, with what is needed to pass it by.
#[derive(Debug, Clone)]
struct Sub {
    len: u64,
    node: Arc<Node>,
}

#[derive(Debug, Clone)]
enum Node {
    Leaf(Vec<Piece>),
    /// Nodes of one height, which is one less.
    Inner {
        height: u32,
        subs: Vec<Sub>,
    },
}

impl Node {
    const fn height(&self) -> u32 {
        match self {
            Self::Leaf(_) => 0,
            Self::Inner { height, .. } => *height,
        }
    }
}

impl Sub {
    /// A leaf of at least one piece.
    fn leaf(pieces: Vec<Piece>) -> Self {
        let len = pieces.iter().map(Piece::len).sum();
        Self { len, node: Arc::new(Node::Leaf(pieces)) }
    }

    /// A node of at least one node.
    fn inner(height: u32, subs: Vec<Self>) -> Self {
        let len = subs.iter().map(|sub| sub.len).sum();
        Self { len, node: Arc::new(Node::Inner { height, subs }) }
    }

    fn height(&self) -> u32 {
        self.node.height()
    }
}

impl Tree {
    /// One piece.
    pub(crate) fn of(piece: Piece) -> Self {
        Self { root: Some(Sub::leaf(vec![piece])) }
    }

    /// The number of bytes.
    pub(crate) fn len(&self) -> u64 {
        self.root.as_ref().map_or(0, |root| root.len)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.root.is_none()
    }

    /// The only piece, if there is one.
    pub(crate) fn only(&self) -> Option<&Piece> {
        match &*self.root.as_ref()?.node {
            Node::Leaf(pieces) if pieces.len() == 1 => pieces.first(),
            _ => None,
        }
    }

    fn first(&self) -> Option<&Piece> {
        let mut node = &self.root.as_ref()?.node;
        loop {
            match &**node {
                Node::Leaf(pieces) => return pieces.first(),
                Node::Inner { subs, .. } => node = &subs.first()?.node,
            }
        }
    }

    fn last(&self) -> Option<&Piece> {
        let mut node = &self.root.as_ref()?.node;
        loop {
            match &**node {
                Node::Leaf(pieces) => return pieces.last(),
                Node::Inner { subs, .. } => node = &subs.last()?.node,
            }
        }
    }
}

#[cfg(test)]
mod tests;
