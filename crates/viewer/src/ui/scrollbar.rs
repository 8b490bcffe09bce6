//! Draws the scroll bar.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::editor::context::ViewContext;

pub(super) fn draw(cx: ViewContext<'_>, area: Rect, buf: &mut Buffer) {
    let layout = cx.layout();
    let Some(x) = cx.layout.bar_x else { return };
    let last_row = layout.rows.saturating_sub(1);
    // The visible range, and the total.
    let (shown, count) = if let Some(array) = &cx.view.array {
        let end = array.top.saturating_add(layout.rows.into());
        (array.top..end, cx.sheet(array).row_count())
    } else {
        let len = cx.rows().len;
        (cx.top()..cx.rows_shown().last().map_or(len, |row| row.end), len)
    };
    let line = |position: u64| {
        let line = u128::from(position) * u128::from(last_row)
            / u128::from(count.saturating_sub(1)).max(1);
        u16::try_from(line).unwrap_or(last_row).min(last_row)
    };
    let thumb = line(shown.start)..=line(shown.end.saturating_sub(1));
    for row in 0..layout.rows {
        let (c, style) = if count > 0 && thumb.contains(&row) {
            ("█", cx.theme().offset())
        } else {
            ("│", cx.theme().faint())
        };
        let y = layout.first_line() + row;
        if x < area.width && y < area.height {
            let cell = Rect { x: area.x + x, y: area.y + y, width: 1, height: 1 };
            super::write(buf, cell, 0, c, style);
        }
    }
}
