//! A view's part of the minimap.

use std::ops::Range;

use crate::analysis::minimap::{cell, cell_of};
use crate::source::regions::Regions;

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
    /// The regions, where the source has some.
    Regions,
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
    /// Number of bytes that can be read, and of headings.
    pub(crate) fn len(&self, regions: &Regions) -> u64 {
        regions.place(self.range.end) - regions.place(self.range.start)
    }

    /// The bytes of cell `i` of `count`.
    pub(crate) fn cell(&self, regions: &Regions, i: u64, count: u64) -> Range<u64> {
        cell(regions, &self.range, i, count)
    }

    /// The cell that contains an offset, of `count` cells.
    pub(crate) fn cell_of(&self, regions: &Regions, place: u64, count: u64) -> u64 {
        cell_of(regions, &self.range, place, count)
    }
}
