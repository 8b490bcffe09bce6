//! Which nodes of a tree, and which groups of elements, are open in a view.

use std::collections::BTreeSet;

use crate::row::{Step, Trail};

/// The open nodes. It holds ways and no nodes, so it outlives the tree that it was made for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// With a way, all nodes above it are open.
    open: BTreeSet<Trail>,
}

impl Outline {
    /// One in which only the root is open.
    pub fn of_root() -> Self {
        Self { open: BTreeSet::from([Trail::root()]) }
    }

    /// Whether a node is open, and all nodes above it; or a group.
    pub fn is_open(&self, trail: &Trail) -> bool {
        self.open.contains(trail)
    }

    /// The first open element of a list, from one on.
    pub(crate) fn open_element(&self, list: &Trail, from: u64) -> Option<u64> {
        let found = self.open.range(list.element(from)..).next()?;
        match found.0.get(list.depth()) {
            Some(Step::Element(index)) if found.starts_with(list) => Some(*index),
            _ => None,
        }
    }

    /// Opens a node or a group, and all nodes above it.
    pub fn open(&mut self, trail: &Trail) {
        let mut at = Some(trail.clone());
        while let Some(trail) = at.filter(|it| !self.open.contains(it)) {
            at = trail.parent();
            self.open.insert(trail);
        }
    }

    /// Closes a node. What was open below it is forgotten.
    pub fn close(&mut self, trail: &Trail) {
        let Some((&Step::Group { start, end }, list)) = trail.0.split_last() else {
            return self.open.retain(|it| !it.starts_with(trail));
        };
        self.open.retain(|it| match it.0.strip_prefix(list) {
            Some([Step::Element(at), ..]) => !(start..end).contains(at),
            Some([Step::Group { start: from, end: to }, ..]) => !(start <= *from && *to <= end),
            _ => true,
        });
    }
}
