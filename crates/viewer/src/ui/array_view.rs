//! Draws the array view: indices, aligned values, and a summary.

use memmap::scan::ByteClass;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::editor::context::ViewContext;
use crate::format::theme::{CURSOR, SELECTED};
use crate::format::width;
use crate::source::npy_layout;
use crate::source::page_cache::Coverage;
use crate::view::array::{ArrayView, Summary, TableCell, ValueClass};

/// Shown for an unreadable element, and for one not read yet.
const LOST: &str = "??";
const NOT_YET: &str = "··";

pub(super) fn draw(cx: ViewContext<'_>, array: &ArrayView, area: Rect, buf: &mut Buffer) {
    let (layout, theme) = (cx.layout(), cx.theme());
    let sheet = cx.sheet(array);
    let line = |y: u16| Rect { y: area.y + y, height: 1, ..area }.intersection(area);
    let columns: Vec<_> = sheet.columns(array.left).collect();
    let (cursor_row, cursor_column) = sheet.place(cx.view.cursor);
    if layout.ruler {
        let y = layout.first_line() - 1;
        let crumb = sheet.breadcrumb(cx.view.cursor);
        super::write(buf, line(y), 0, &width::fitted(&crumb, sheet.head), theme.offset());
        for &(column, x, width) in &columns {
            let label = width::fitted(&sheet.label(column), width);
            let is_right = sheet.spot(0, column).is_some_and(|it| it.field.cell.is_right_aligned);
            let blanks = if is_right { width.saturating_sub(width::width(&label)) } else { 0 };
            let style = theme.offset();
            let is_here = column == cursor_column;
            let style = if is_here { style.add_modifier(Modifier::UNDERLINED) } else { style };
            super::write(buf, line(y), x + blanks, &label, style);
        }
    }
    let selected = cx.selection().unwrap_or(0..0);
    let (mut bytes, mut text) = (Vec::new(), String::new());
    for y in 0..layout.rows {
        let row = array.top.saturating_add(y.into());
        if row >= sheet.row_count() {
            break;
        }
        let line = line(layout.first_line() + y);
        let header = sheet.header(row);
        let blanks = sheet.head.saturating_sub(width::width(&header));
        super::write(buf, line, blanks, &header, theme.offset());
        for &(column, x, width) in &columns {
            let Some(spot) = sheet.spot(row, column) else { break };
            let mut style = written(cx, &spot, &mut bytes, &mut text);
            if spot.shown().any(|position| cx.document.follow.has_changed(position)) {
                style = style.add_modifier(Modifier::UNDERLINED);
            }
            if selected.contains(&spot.position) {
                style = style.patch(SELECTED);
            }
            if (row, column) == (cursor_row, cursor_column) {
                style = style.remove_modifier(Modifier::DIM).patch(CURSOR);
            }
            let blanks = width.saturating_sub(width::width(&text));
            let before = if spot.field.cell.is_right_aligned { blanks } else { 0 };
            buf.set_style(Rect { x: line.x + x, width, ..line }.intersection(area), style);
            let cell = Rect { width: (x + width).min(line.width), ..line };
            super::write(buf, cell, x + before, &text, style);
        }
    }
}

/// Text and style of a cell.
fn written(
    cx: ViewContext<'_>,
    spot: &TableCell<'_>,
    bytes: &mut Vec<u8>,
    text: &mut String,
) -> Style {
    let theme = cx.theme();
    let lost = |text: &mut String, sign: &str| {
        text.clear();
        text.push_str(sign);
    };
    if spot.shown().end > cx.document.len {
        lost(text, LOST);
        return theme.faint();
    }
    match cx.document.pages.copy(&spot.shown(), bytes) {
        Coverage::Whole => {
            let look = spot.field.cell.write(&spot.field.cell.value(bytes), text);
            theme.byte(match look {
                ValueClass::Zero => ByteClass::Null,
                ValueClass::Number => ByteClass::Printable,
                ValueClass::Odd => ByteClass::OtherAscii,
                ValueClass::Text => ByteClass::WhiteSpace,
            })
        }
        Coverage::Unreadable => {
            lost(text, LOST);
            theme.error()
        }
        Coverage::NotYet => {
            lost(text, NOT_YET);
            theme.offset()
        }
    }
}

/// Type and shape of the elements, for the title.
pub(super) fn title(array: &ArrayView) -> String {
    let grid = &array.grid;
    let dtype = match &array.fields[..] {
        [one] if one.name.is_empty() => grid.dtype.to_string(),
        [_] => "records of 1 field".to_owned(),
        several => format!("records of {} fields", several.len()),
    };
    format!("{dtype} {} @{:#x}", npy_layout::shape(&grid.shape), grid.start)
}

/// The element under the cursor, and a summary of the numbers on the screen. For records, only the
/// numbers in the same column count.
pub(super) fn fields(cx: ViewContext<'_>, array: &ArrayView) -> (String, Vec<String>) {
    let sheet = cx.sheet(array);
    let (row, column) = sheet.place(cx.view.cursor);
    let Some(spot) = sheet.spot(row, column) else { return (String::new(), Vec::new()) };
    let name = &spot.field.name;
    let dot = if name.is_empty() { "" } else { "." };
    let place = format!("{}{dot}{name}", array.indices_text(spot.number));
    let mut bytes = Vec::new();
    let mut value = |spot: &TableCell<'_>| {
        let is_there = spot.shown().end <= cx.document.len;
        let is_known =
            is_there && cx.document.pages.copy(&spot.shown(), &mut bytes) == Coverage::Whole;
        is_known.then(|| spot.field.cell.value(&bytes))
    };
    let here = match value(&spot) {
        Some(value) => spot.field.cell.exact(&value),
        None => LOST.to_owned(),
    };
    let mut sums = Summary::default();
    let is_record = !spot.field.name.is_empty();
    let end = sheet.row_count().min(array.top.saturating_add(cx.layout().rows.into()));
    for row in array.top..end {
        for (column, ..) in sheet.columns(array.left).filter(|it| !is_record || it.0 == column) {
            if let Some(value) = sheet.spot(row, column).and_then(|spot| value(&spot)) {
                sums.add(&value);
            }
        }
    }
    (format!("{place} = {here}"), sums.fields())
}
