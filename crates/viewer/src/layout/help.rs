//! Where the help is.

use ratatui::layout::Rect;

/// Lines that a frame takes, above and below.
const FRAME: u16 = 2;

/// Where the help stands on the screen that has so many lines.
pub(crate) fn frame(lines: usize, area: Rect) -> Rect {
    let lines = u16::try_from(lines).unwrap_or(u16::MAX);
    let width = area.width.min(72);
    let height = area.height.min(lines.saturating_add(FRAME));
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    }
}
