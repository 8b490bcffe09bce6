//! Where the help is.

use ratatui::layout::Rect;

/// From this width on the help has two columns.
const TWO_FROM: u16 = 120;

/// Wide enough for keys and descriptions.
const COLUMN_WIDTH: u16 = 72;

/// A screen with fewer lines is covered whole; on others the line with the hints stays.
const HINTS_FROM: u16 = 12;

/// The frame, what is inside of it without the line of the filter, and how many columns that has.
pub(crate) fn frame(area: Rect, has_filter: bool) -> (Rect, Rect, u16) {
    let columns = if area.width >= TWO_FROM { 2 } else { 1 };
    let width = area.width.min(columns * COLUMN_WIDTH);
    let height = if area.height < HINTS_FROM { area.height } else { area.height - 1 };
    let x = area.x + (area.width - width) / 2;
    let frame = Rect { x, y: area.y, width, height };
    let above = 1 + u16::from(has_filter);
    let inside = Rect {
        x: frame.x + 1,
        y: frame.y + above,
        width: frame.width.saturating_sub(2),
        height: frame.height.saturating_sub(above + 1),
    };
    (frame, inside, columns)
}
