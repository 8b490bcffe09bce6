//! Places with a letter.

use std::collections::BTreeMap;

/// The marks of a file: `a` to `z`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Marks(BTreeMap<char, u64>);

impl Marks {
    /// Whether a mark can be called that.
    pub(crate) const fn is_name(name: char) -> bool {
        name.is_ascii_lowercase()
    }

    /// Sets a mark; what is no name is ignored.
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

    /// All of them, in the order of their names.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (char, u64)> {
        self.0.iter().map(|(&name, &position)| (name, position))
    }

    /// The first mark behind a position, in the order of the data.
    pub(crate) fn after(&self, position: u64) -> Option<u64> {
        self.0.values().copied().filter(|&it| it > position).min()
    }

    pub(crate) fn before(&self, position: u64) -> Option<u64> {
        self.0.values().copied().filter(|&it| it < position).max()
    }

    /// The name of a mark on a byte.
    pub(crate) fn name_of(&self, position: u64) -> Option<char> {
        self.iter().find(|&(_, at)| at == position).map(|(name, _)| name)
    }
}
