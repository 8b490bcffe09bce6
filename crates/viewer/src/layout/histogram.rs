//! Layout of the histogram pane.

use ratatui::layout::{Position, Rect};

/// Preferred height: two lines of sums, a header, sixteen rows, and the hints.
pub(crate) const LINES: usize = 20;

/// Rows and columns of the table.
pub(crate) const ROWS: u16 = 16;

/// Width of a row label and the blank after it.
const LABEL: u16 = 3;

/// Position of the table.
pub(crate) struct Table {
    pub(crate) x: u16,
    pub(crate) y: u16,
    /// Number of visible rows, and the first one.
    pub(crate) rows: u16,
    pub(crate) first: u16,
    /// Width of a value, in cells.
    pub(crate) cell: u16,
    pub(crate) has_sums: bool,
    pub(crate) has_head: bool,
    pub(crate) has_way: bool,
}

/// Lays out a pane of this size so that `value` is visible.
pub(crate) fn table(value: u8, inside: Rect) -> Table {
    let cell = match inside.width.saturating_sub(LABEL + 1) {
        48.. => 3,
        32.. => 2,
        _ => 1,
    };
    let has_sums = inside.height >= 4;
    let has_head = inside.height >= 6;
    let above = 1 + u16::from(has_sums) + u16::from(has_head);
    let has_way = inside.height > above + ROWS;
    let room = inside.height.saturating_sub(above + u16::from(has_way));
    let rows = room.min(ROWS);
    let chosen = u16::from(value) / ROWS;
    let first = (chosen + 1).saturating_sub(rows).min(ROWS - rows);
    // If not all rows fit, centre the chosen one.
    let first = first.max(chosen.saturating_sub(rows / 2)).min(ROWS - rows);
    Table {
        x: inside.x + 1 + LABEL,
        y: inside.y + above,
        rows,
        first,
        cell,
        has_sums,
        has_head,
        has_way,
    }
}

/// The value at a screen position.
pub(crate) fn value_at(table: &Table, at: Position) -> Option<u8> {
    let row = at.y.checked_sub(table.y).filter(|&row| row < table.rows)? + table.first;
    let column = at.x.checked_sub(table.x)? / table.cell;
    u8::try_from(row * ROWS + column).ok().filter(|_| column < ROWS)
}
