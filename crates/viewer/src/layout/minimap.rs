//! Where the cells of the map are.

use ratatui::layout::{Position, Rect};

/// Lines that the pane likes to have: a legend and some rows.
pub(crate) const LINES: usize = 17;

/// Below this height every line is a row of the map, and below this width each has cells only.
const LEGEND_FROM: u16 = 3;
const OFFSET_FROM: u16 = 18;
const WORDS_FROM: u16 = 52;

/// Cells of `H 5.10  control ◂•a!`, and the blank before them.
pub(crate) const WORDS_WIDTH: u16 = 22;

/// Where the cells of the map are on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MapGrid {
    /// The upper left cell.
    pub(crate) x: u16,
    pub(crate) y: u16,
    pub(crate) rows: u16,
    /// Cells of a row.
    pub(crate) cells: u16,
    pub(crate) has_legend: bool,
    pub(crate) offset_width: u16,
    pub(crate) has_words: bool,
}

impl MapGrid {
    pub(crate) fn count(self) -> u64 {
        u64::from(self.rows) * u64::from(self.cells)
    }

    /// The cell at a place of the screen, or the nearest one beside it.
    pub(crate) fn cell_at(self, at: Position) -> Option<u64> {
        let row = at.y.checked_sub(self.y).filter(|&row| row < self.rows)?;
        let column = at.x.saturating_sub(self.x).min(self.cells.saturating_sub(1));
        Some(u64::from(row) * u64::from(self.cells) + u64::from(column))
    }
}

/// How a pane of this size is divided that shows `len` bytes, with so many digits in an offset.
pub(crate) fn grid(len: u64, digits: u16, inside: Rect) -> MapGrid {
    let has_legend = inside.height >= LEGEND_FROM;
    let has_words = inside.width >= WORDS_FROM;
    let offset_width = if inside.width >= OFFSET_FROM { digits + 2 } else { 0 };
    let words = if has_words { WORDS_WIDTH } else { 4 };
    let room = inside.width.saturating_sub(1 + offset_width + words).max(1);
    // A power of two: then rows are round where the whole is.
    let most = u16::try_from(len.clamp(1, 64)).unwrap_or(64).min(room);
    let cells = if most.is_power_of_two() { most } else { most.next_power_of_two() / 2 };
    let height = inside.height.saturating_sub(u16::from(has_legend));
    let fit = u16::try_from(len / u64::from(cells)).unwrap_or(u16::MAX).max(1);
    MapGrid {
        x: inside.x + 1 + offset_width,
        y: inside.y + u16::from(has_legend),
        rows: height.min(fit),
        cells,
        has_legend,
        offset_width,
        has_words,
    }
}
