//! Draws the data inspector as two lines below the bytes, with as many values as fit.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::analysis::data_inspector::{self, Row};
use crate::editor::context::ViewContext;
use crate::format::width::width;
use crate::source::page_cache::Known;
use crate::ui::{rule, write};

/// The values on each line, in order. A value that does not fit is skipped.
const LINES: [&[&str]; 2] =
    [&["u8", "u16", "u32", "i8", "u64", "bits"], &["f32", "f64", "time32", "UTF-8", "time64"]];

pub(super) fn draw(cx: ViewContext<'_>, strip: Rect, buf: &mut Buffer) {
    let line = |y: u16| Rect { y: strip.y + y, height: 1, ..strip }.intersection(strip);
    let faint = cx.theme().offset();
    rule(buf, line(0), faint);
    let title = format!(" inspector @ {:#x} ", cx.view.cursor);
    write(buf, line(0), 2, &title, faint);
    let order = cx.settings.order;
    let hint = format!("{{byte-order}}: {}  {{inspector}}: all rows", order.other().name());
    let right = format!(" {}  {} ", order.name(), cx.settings.keys.hints(&hint));
    let x = strip.width.saturating_sub(width(&right) + 2);
    if x > width(&title) + 3 {
        write(buf, line(0), x, &right, faint);
    }
    let bytes = cx.under_cursor();
    let rows = data_inspector::rows_named(&bytes, &LINES.concat());
    let is_pending = bytes.contains(&Known::NotYet);
    for (names, y) in LINES.iter().zip(1..) {
        let mut x = 1_u16;
        for row in names.iter().filter_map(|name| rows.iter().find(|row| row.name == *name)) {
            let Some(value) = value(cx, row, is_pending) else { continue };
            let name = format!("{} ", row.name);
            let end = x.saturating_add(width(&name)).saturating_add(width(&value));
            if end > strip.width.saturating_sub(1) {
                continue;
            }
            write(buf, line(y), x, &name, faint);
            write(buf, line(y), x + width(&name), &value, Style::new());
            x = end + 2;
        }
    }
}

/// The value in the preferred byte order, and in the other one if it differs.
fn value(cx: ViewContext<'_>, row: &Row, is_pending: bool) -> Option<String> {
    let first = row.reading(cx.settings.order);
    let second = row.reading(cx.settings.order.other());
    let is_worth_it = row.has_order() && second.is_plausible && first.text != second.text;
    match (first.is_plausible, is_worth_it) {
        (false, _) if !is_pending => None,
        (_, true) => Some(format!("{} | {}", first.text, second.text)),
        _ => Some(first.text.clone()),
    }
}
