//! The scroll bar: where in the whole the screen is.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::editor::app::App;

pub(super) fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let layout = app.layout();
    let Some(x) = app.bar_x() else { return };
    let last_row = layout.rows.saturating_sub(1);
    // What is shown, and how much there is of it.
    let (shown, count) = if let Some(typed) = &app.typed {
        let end = typed.top.saturating_add(layout.rows.into());
        (typed.top..end, app.sheet(typed).row_count())
    } else {
        let rows = app.rows().from(app.top, layout.rows);
        (app.top..rows.last().map_or(app.len, |row| row.end), app.len)
    };
    let line = |position: u64| {
        let line = u128::from(position) * u128::from(last_row)
            / u128::from(count.saturating_sub(1)).max(1);
        u16::try_from(line).unwrap_or(last_row).min(last_row)
    };
    let thumb = line(shown.start)..=line(shown.end.saturating_sub(1));
    for row in 0..layout.rows {
        let (c, style) = if count > 0 && thumb.contains(&row) {
            ("█", app.theme().offset())
        } else {
            ("│", app.theme().faint())
        };
        let y = layout.first_line() + row;
        if x < area.width && y < area.height {
            let cell = Rect { x: area.x + x, y: area.y + y, width: 1, height: 1 };
            super::write(buf, cell, 0, c, style);
        }
    }
}
