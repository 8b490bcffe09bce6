//! A view's part of the minimap.

use std::ops::Range;

use crate::analysis::minimap::{part, part_of};

/// What the cells of the minimap show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Metric {
    /// Byte classes and entropy.
    #[default]
    Kinds,
    /// Residency.
    Resident,
    /// The fields of the root, where a format is known.
    Fields,
}

/// The visible part of the minimap.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct MapView {
    /// The visible range of the file.
    pub(crate) range: Range<u64>,
    /// A byte in the selected cell.
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

    /// The cell that contains an offset, of `count` cells.
    pub(crate) fn cell_of(&self, place: u64, count: u64) -> u64 {
        part_of(&self.range, place, count)
    }
}
