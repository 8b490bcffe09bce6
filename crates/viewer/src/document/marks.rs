//! Marks: positions named by a letter.

use std::collections::BTreeMap;

use memmap::edit::{EditedFile, State};

use crate::document::anchor::{Anchor, Moved};

/// The marks of a file: `a` to `z`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Marks(BTreeMap<char, Anchor>);

impl Marks {
    /// Whether the character is a valid mark name.
    pub(crate) const fn is_name(name: char) -> bool {
        name.is_ascii_lowercase()
    }

    /// Sets a mark. Ignores an invalid name.
    pub(crate) fn set(&mut self, name: char, position: Anchor) {
        if Self::is_name(name) {
            self.0.insert(name, position);
        }
    }

    pub(crate) fn remove(&mut self, name: char) -> Option<u64> {
        self.0.remove(&name).map(Anchor::now)
    }

    /// Moves the marks with an edit.
    pub(crate) fn follow(&mut self, moved: &[Moved], overlay: &EditedFile) {
        self.0.values_mut().for_each(|anchor| anchor.follow(moved, overlay));
    }

    /// The edits are over: what is shown is the file.
    pub(crate) fn forget_versions(&mut self) {
        self.0.values_mut().for_each(|anchor| *anchor = Anchor::new(anchor.now(), State::FIRST));
    }

    pub(crate) fn at(&self, name: char) -> Option<u64> {
        self.0.get(&name).copied().map(Anchor::now)
    }

    /// All marks, sorted by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (char, u64)> {
        self.0.iter().map(|(&name, anchor)| (name, anchor.now()))
    }

    /// The name of the mark at a position.
    pub(crate) fn name_of(&self, position: u64) -> Option<char> {
        self.iter().find(|&(_, at)| at == position).map(|(name, _)| name)
    }
}
