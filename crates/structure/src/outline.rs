//! Which nodes of a tree are open in a view.

use std::collections::BTreeMap;

use crate::row::{Step, Trail};

/// The open nodes. It holds ways and no nodes, so it outlives the tree that it was made for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    root: Option<Open>,
}

/// An open node, and the open ones below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Open(pub(crate) BTreeMap<Step, Self>);

impl Outline {
    /// One in which only the root is open.
    pub fn of_root() -> Self {
        Self { root: Some(Open::default()) }
    }

    pub(crate) fn root(&self) -> Option<&Open> {
        self.root.as_ref()
    }

    /// Whether a node is open, and all above it.
    pub fn is_open(&self, trail: &Trail) -> bool {
        let mut at = self.root.as_ref();
        for step in &trail.0 {
            at = at.and_then(|it| it.0.get(step));
        }
        at.is_some()
    }

    /// Opens a node, and all above it.
    pub fn open(&mut self, trail: &Trail) {
        let mut at = self.root.get_or_insert_with(Open::default);
        for step in &trail.0 {
            at = at.0.entry(*step).or_default();
        }
    }

    /// Closes a node. What was open below it is forgotten.
    pub fn close(&mut self, trail: &Trail) {
        let Some((last, above)) = trail.0.split_last() else {
            self.root = None;
            return;
        };
        let mut at = self.root.as_mut();
        for step in above {
            at = at.and_then(|it| it.0.get_mut(step));
        }
        if let Some(open) = at {
            open.0.remove(last);
        }
    }
}
