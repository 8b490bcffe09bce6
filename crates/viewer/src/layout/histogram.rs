//! Where the values of the histogram are.

use ratatui::layout::{Position, Rect};

/// Lines that the pane likes to have: two of sums, a head, sixteen rows, and the way.
pub(crate) const LINES: usize = 20;

/// Rows of the table, and columns.
pub(crate) const ROWS: u16 = 16;

/// The label of a row, and the blank after it.
const LABEL: u16 = 3;

/// Where the table is.
pub(crate) struct Table {
    pub(crate) x: u16,
    pub(crate) y: u16,
    /// Rows that are seen, and the first of them.
    pub(crate) rows: u16,
    pub(crate) first: u16,
    /// Cells of a value.
    pub(crate) cell: u16,
    pub(crate) has_sums: bool,
    pub(crate) has_head: bool,
    pub(crate) has_way: bool,
}

/// How a pane of this size is divided, in which this value is chosen.
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
    // The one that is chosen stands in the middle, where not all are seen.
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

/// The value in a cell of the screen.
pub(crate) fn value_at(table: &Table, at: Position) -> Option<u8> {
    let row = at.y.checked_sub(table.y).filter(|&row| row < table.rows)? + table.first;
    let column = at.x.checked_sub(table.x)? / table.cell;
    u8::try_from(row * ROWS + column).ok().filter(|_| column < ROWS)
}
