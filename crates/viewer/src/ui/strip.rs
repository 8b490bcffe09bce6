//! The strip over the status line.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::editor::context::ViewContext;
use crate::editor::keymap::prefix_title;
use crate::editor::strip::strip_width;
use crate::format::width::width;
use crate::layout::strip::StripLayout;
use crate::ui::write;

pub(super) fn draw(cx: ViewContext<'_>, strip: &StripLayout, area: Rect, buf: &mut Buffer) {
    let rect = strip.rect.intersection(area);
    if let Some(prefix) = cx.pending() {
        draw_keys(cx, prefix, strip, rect, buf);
    }
}

/// Blanks it and writes its title.
fn clear(cx: ViewContext<'_>, rect: Rect, title: &str, buf: &mut Buffer) {
    let blank = " ".repeat(rect.width.into());
    for y in rect.y..rect.bottom() {
        let line = Rect { y, height: 1, ..rect };
        buf.set_style(line, Style::reset());
        write(buf, line, 0, &blank, Style::new());
    }
    let line = Rect { height: rect.height.min(1), ..rect };
    write(buf, line, 0, &"─".repeat(rect.width.into()), cx.theme().offset());
    write(buf, line, 2, title, cx.theme().offset());
}

fn draw_keys(cx: ViewContext<'_>, prefix: char, strip: &StripLayout, rect: Rect, buf: &mut Buffer) {
    let items = cx.keys_after(prefix);
    let count = cx.count().map_or_else(String::new, |count| count.to_string());
    clear(cx, rect, &format!(" {count}{prefix} {} ", prefix_title(prefix)), buf);
    let inside = Rect { y: rect.y + 1, height: rect.height.saturating_sub(1), ..rect };
    if items.is_empty() {
        let line = Rect { height: inside.height.min(1), ..inside };
        return write(buf, line, 1, "no marks yet: m and a letter sets one", cx.theme().faint());
    }
    let column_width = strip_width(&items);
    let rows = usize::from(inside.height).max(1);
    let has_columns = items.len() <= rows * usize::from(strip.columns);
    let (mut x, mut y) = (0_u16, 0_u16);
    for (i, (key, what)) in items.iter().enumerate() {
        let item_width = width(key) + 1 + width(what);
        if has_columns {
            let place = (u16::try_from(i / rows), u16::try_from(i % rows));
            let (Ok(column), Ok(row)) = place else { break };
            (x, y) = (column.saturating_mul(column_width), row);
        } else if x > 0 && x.saturating_add(item_width) >= inside.width {
            // Where columns have no room they stand one after the other.
            (x, y) = (0, y + 1);
        }
        if y >= inside.height {
            break;
        }
        let line = Rect { y: inside.y + y, height: 1, ..inside };
        write(buf, line, x.saturating_add(1), key, Style::new().add_modifier(Modifier::BOLD));
        let after = x.saturating_add(width(key)).saturating_add(2);
        write(buf, line, after, what, Style::new());
        x = x.saturating_add(item_width).saturating_add(3);
    }
}
