//! The screen. Widgets write cells and keep no state.

pub(crate) mod ascii;
mod tabs;
mod tour;
mod titlebar;
mod hex_view;
mod array_view;
mod inspector_strip;
mod minimap;
mod scrollbar;
mod pane;
mod statusline;
mod strip;
mod popup;
mod recovery;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::editor::context::ViewContext;
use crate::editor::popup::Popup;
use crate::format::width::width;
use crate::layout::viewport::Frame;

/// Draws a view, as if it filled the screen.
fn draw_view(cx: ViewContext<'_>, area: Rect, buf: &mut Buffer) {
    let layout = cx.layout();
    let line = |y| Rect { y, height: 1, ..area }.intersection(area);
    if layout.title {
        titlebar::draw(cx, line(area.y), buf);
    }
    match &cx.view.array {
        Some(array) => array_view::draw(cx, array, area, buf),
        None => hex_view::draw(cx, area, buf),
    }
    minimap::draw_column(cx, area, buf);
    scrollbar::draw(cx, area, buf);
    if let Some(strip) = layout.strip {
        let (x, y) = (area.x + strip.x, area.y + strip.y);
        inspector_strip::draw(cx, Rect { x, y, ..strip }.intersection(area), buf);
    }
    for place in &cx.layout.panes {
        pane::draw(cx, place, area, buf);
    }
    let bottom = area.bottom().saturating_sub(1);
    if layout.frame != Frame::Whole {
        // They are below both files of a comparison.
    } else if layout.footer {
        statusline::draw(cx, line(bottom.saturating_sub(1)), buf);
        statusline::draw_footer(cx, line(bottom), buf);
    } else if has_something_to_say(cx) {
        statusline::draw_footer(cx, line(bottom), buf);
    } else {
        statusline::draw(cx, line(bottom), buf);
    }
    if let Some(place) = &cx.layout.strip {
        strip::draw(cx, place, area, buf);
    }
    if let Some(place) = &cx.layout.help {
        pane::help::draw(cx, place, area, buf);
    }
    if let Some(recovery) = cx.recovery() {
        recovery::draw(cx, recovery, area, buf);
    }
    if let Some(text) = cx.input.and_then(|input| input.popup.as_ref()).and_then(Popup::text) {
        popup::draw(cx, &text, area, buf);
    }
}

/// Whether the footer shows more than hints.
fn has_something_to_say(cx: ViewContext<'_>) -> bool {
    cx.input.is_some_and(|input| input.prompt.is_some() || input.popup.is_some())
        || cx.message().is_some()
        || cx.recovery().is_some()
        || cx.pending().is_some()
        || cx.count().is_some()
        || cx.progress().is_some()
        || (cx.has_keyboard && cx.jobs.newest_running().is_some())
}

/// Writes text on a line, truncated at its end.
pub(crate) fn write(buf: &mut Buffer, line: Rect, x: u16, text: &str, style: Style) {
    if line.height == 0 || x >= line.width {
        return;
    }
    // Printable ASCII has one cell per byte, so the width need not be looked up.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        for (x, c) in (line.x + x..line.right()).zip(text.chars()) {
            if let Some(cell) = buf.cell_mut((x, line.y)) {
                cell.set_char(c).set_style(style);
            }
        }
        return;
    }
    buf.set_stringn(line.x + x, line.y, text, usize::from(line.width - x), style);
}

/// Draws a horizontal line.
fn rule(buf: &mut Buffer, line: Rect, style: Style) {
    for place in line.positions() {
        if let Some(cell) = buf.cell_mut(place) {
            cell.set_char('─').set_style(style);
        }
    }
}

/// Writes as many fields as fit, separated by two blanks.
fn write_fields(buf: &mut Buffer, line: Rect, fields: &[String], style: Style) {
    let mut x = 1_u16;
    for field in fields.iter().filter(|field| !field.is_empty()) {
        let width = width(field);
        if x > 1 && x.saturating_add(width) > line.width {
            break;
        }
        write(buf, line, x, field, style);
        x = x.saturating_add(width).saturating_add(2);
    }
}

/// The relative position of an offset in a list. The file may have been cut since it was listed.
fn place_in(position: u64, len: u64) -> String {
    if position < len { percent(position, len) } else { "beyond the end".to_owned() }
}

/// A position in hundredths of a percent, rounded down.
fn percent(position: u64, len: u64) -> String {
    let share = u128::from(position) * 10_000 / u128::from(len.max(1));
    format!("{}.{:02}%", share / 100, share % 100)
}
