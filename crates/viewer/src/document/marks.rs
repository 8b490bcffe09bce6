//! Marks: positions named by a letter.

use std::collections::BTreeMap;

/// The marks of a file: `a` to `z`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Marks(BTreeMap<char, u64>);

impl Marks {
    /// Whether the character is a valid mark name.
    pub(crate) const fn is_name(name: char) -> bool {
        name.is_ascii_lowercase()
    }

    /// Sets a mark. Ignores an invalid name.
    pub(crate) fn set(&mut self, name: char, position: u64) {
        if Self::is_name(name) {
            self.0.insert(name, position);
        }
    }

    pub(crate) fn remove(&mut self, name: char) -> Option<u64> {
        self.0.remove(&name)
    }

    pub(crate) fn at(&self, name: char) -> Option<u64> {
        self.0.get(&name).copied()
    }

    /// All marks, sorted by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (char, u64)> {
        self.0.iter().map(|(&name, &position)| (name, position))
    }

    /// The nearest mark after a position.
    pub(crate) fn after(&self, position: u64) -> Option<u64> {
        self.0.values().copied().filter(|&it| it > position).min()
    }

    pub(crate) fn before(&self, position: u64) -> Option<u64> {
        self.0.values().copied().filter(|&it| it < position).max()
    }

    /// The name of the mark at a position.
    pub(crate) fn name_of(&self, position: u64) -> Option<char> {
        self.iter().find(|&(_, at)| at == position).map(|(name, _)| name)
    }
}
