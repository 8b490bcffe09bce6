//! What a view shows of the map of its document.

use std::ops::Range;

use crate::analysis::minimap::{part, part_of};

/// What the cells of the map say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Metric {
    /// Which kinds of bytes there are, and how random they are.
    #[default]
    Kinds,
    /// How much of them is in memory.
    Resident,
}

/// The part of the map that is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct MapView {
    /// The range of the file that the map shows.
    pub(crate) range: Range<u64>,
    /// The byte whose cell is chosen.
    pub(crate) place: u64,
    pub(crate) metric: Metric,
}

impl MapView {
    pub(crate) const fn len(&self) -> u64 {
        self.range.end - self.range.start
    }

    /// The bytes of cell `i` of `count`.
    pub(crate) fn cell(&self, i: u64, count: u64) -> Range<u64> {
        part(&self.range, i, count)
    }

    /// The cell of `count` that a place is in.
    pub(crate) fn cell_of(&self, place: u64, count: u64) -> u64 {
        part_of(&self.range, place, count)
    }
}
