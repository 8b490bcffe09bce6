//! Offsets, bytes and characters: cells are written directly, without strings in between.

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::App;
use crate::class::ByteClass;
use crate::theme::CURSOR;
use crate::viewport::Known;

const HEX: [char; 16] =
    ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];

fn hex(nibble: u64) -> char {
    usize::try_from(nibble & 15).ok().and_then(|n| HEX.get(n)).copied().unwrap_or('?')
}

/// A cell, if it is on the screen at all.
fn cell(buf: &mut Buffer, area: Rect, x: u16, y: u16) -> Option<&mut Cell> {
    (x < area.width && y < area.height).then(|| buf.cell_mut((area.x + x, area.y + y))).flatten()
}

fn put(buf: &mut Buffer, area: Rect, x: u16, y: u16, c: char, style: Style) {
    if let Some(cell) = cell(buf, area, x, y) {
        cell.set_char(c).set_style(style);
    }
}

pub(super) fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let layout = app.layout();
    if layout.ruler {
        draw_ruler(app, area, buf);
    }
    let shown = app.shown();
    if shown.is_empty() {
        let line = Rect { y: area.y + layout.first_line(), height: 1, ..area }.intersection(area);
        super::write(buf, line, 1, "empty: there is no byte to show", app.theme.offset());
    }
    for row in 0..layout.rows {
        let start = app.top.saturating_add(layout.row_len() * u64::from(row));
        if start >= shown.end {
            break;
        }
        let y = layout.first_line() + row;
        for digit in 0..layout.digits {
            let nibble = start >> (4 * (layout.digits - 1 - digit));
            put(buf, area, digit, y, hex(nibble), app.theme.offset());
        }
        for i in 0..layout.columns {
            if u64::from(i) < shown.end - start {
                draw_byte(app, start + u64::from(i), i, y, area, buf);
            }
        }
    }
}

fn draw_byte(app: &App, position: u64, i: u16, y: u16, area: Rect, buf: &mut Buffer) {
    let (layout, theme) = (app.layout(), app.theme);
    let (digits, text, style) = match app.page.byte(position) {
        Known::Value(byte) => {
            let n = u64::from(byte);
            ([hex(n >> 4), hex(n)], character(byte), theme.byte(ByteClass::of(byte)))
        }
        Known::Unreadable => (['?', '?'], '?', theme.error()),
        Known::NotYet => (['·', '·'], '·', theme.offset()),
    };
    let style = if position == app.cursor { style.patch(CURSOR) } else { style };
    let x = layout.digits_x(i);
    put(buf, area, x, y, digits[0], style);
    put(buf, area, x + 1, y, digits[1], style);
    put(buf, area, layout.text_x(i), y, text, style);
}

/// The character shown for a byte: only what ASCII prints, so that no byte can disturb a terminal.
fn character(byte: u8) -> char {
    match byte {
        b' '..=b'~' => byte.into(),
        _ => '·',
    }
}

/// The line above the bytes: the last digit of the offset in each column.
fn draw_ruler(app: &App, area: Rect, buf: &mut Buffer) {
    let layout = app.layout();
    let y = layout.first_line() - 1;
    let style = app.theme.offset();
    for (digit, c) in (layout.digits.saturating_sub(6)..layout.digits).zip("offset".chars()) {
        put(buf, area, digit, y, c, style);
    }
    for i in 0..layout.columns {
        let n = u64::from(i);
        let x = layout.digits_x(i);
        if i >= 16 {
            put(buf, area, x, y, hex(n >> 4), style);
        }
        put(buf, area, x + 1, y, hex(n), style);
        put(buf, area, layout.text_x(i), y, hex(n), style);
    }
}
