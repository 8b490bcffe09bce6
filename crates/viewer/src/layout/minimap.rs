//! Layout of the minimap pane.

use ratatui::layout::{Position, Rect};

/// Preferred height: a legend and some rows.
pub(crate) const LINES: usize = 17;

/// Minimum height for a legend, and minimum width for columns beside the cells.
const LEGEND_FROM: u16 = 3;
const OFFSET_FROM: u16 = 18;
const WORDS_FROM: u16 = 52;

/// Width of `H 5.10  control ◂•a!` and the blank before it.
pub(crate) const WORDS_WIDTH: u16 = 22;

/// Position of the minimap's cells on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MapGrid {
    /// The top left cell.
    pub(crate) x: u16,
    pub(crate) y: u16,
    pub(crate) rows: u16,
    /// Cells per row.
    pub(crate) cells: u16,
    pub(crate) has_legend: bool,
    pub(crate) offset_width: u16,
    pub(crate) has_words: bool,
}

impl MapGrid {
    pub(crate) fn count(self) -> u64 {
        u64::from(self.rows) * u64::from(self.cells)
    }

    /// The cell at a screen position, or the nearest one in the row.
    pub(crate) fn cell_at(self, at: Position) -> Option<u64> {
        let row = at.y.checked_sub(self.y).filter(|&row| row < self.rows)?;
        let column = at.x.saturating_sub(self.x).min(self.cells.saturating_sub(1));
        Some(u64::from(row) * u64::from(self.cells) + u64::from(column))
    }
}

/// Lays out a pane of this size for `len` bytes, with offsets of `digits` digits.
pub(crate) fn grid(len: u64, digits: u16, inside: Rect) -> MapGrid {
    let has_legend = inside.height >= LEGEND_FROM;
    let has_words = inside.width >= WORDS_FROM;
    let offset_width = if inside.width >= OFFSET_FROM { digits + 2 } else { 0 };
    let words = if has_words { WORDS_WIDTH } else { 4 };
    let room = inside.width.saturating_sub(1 + offset_width + words).max(1);
    // With a power of two, rows start at round offsets if the file's length is round.
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
