//! Draws the strip above the status line.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::editor::context::ViewContext;
use crate::editor::keymap::prefix_title;
use crate::editor::prompt::Prompt;
use crate::editor::strip::strip_width;
use crate::format::theme::CURSOR;
use crate::format::width::width;
use crate::layout::strip::StripLayout;
use crate::ui::write;

pub(super) fn draw(cx: ViewContext<'_>, strip: &StripLayout, area: Rect, buf: &mut Buffer) {
    let rect = strip.rect.intersection(area);
    if let Some(prompt) = cx.prompt() {
        draw_commands(cx, prompt, strip, rect, buf);
    } else if let Some(prefix) = cx.pending() {
        draw_keys(cx, prefix, strip, rect, buf);
    }
}

/// Clears the area and draws the title.
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

/// Column of the descriptions, and minimum width for them.
const HELP_X: u16 = 26;
const HELP_FROM: u16 = 56;

fn draw_commands(
    cx: ViewContext<'_>,
    prompt: &Prompt,
    strip: &StripLayout,
    rect: Rect,
    buf: &mut Buffer,
) {
    let items = cx.listed();
    let is_name = prompt.text().chars().all(char::is_alphabetic) || prompt.chosen.is_some();
    let title = match prompt.listing.usage {
        _ if prompt.has_names => " files ",
        Some(_) => " arguments ",
        None => " commands ",
    };
    clear(cx, rect, title, buf);
    if is_name && prompt.listing.usage.is_none() {
        let count = format!(" {} of {} ", items.len(), cx.commands.len());
        let x = rect.width.saturating_sub(width(&count) + 2);
        write(buf, Rect { height: rect.height.min(1), ..rect }, x, &count, cx.theme().offset());
    }
    let rows = usize::from(rect.height.saturating_sub(1));
    let first = strip.first.min(items.len().saturating_sub(rows));
    for ((i, item), y) in items.iter().enumerate().skip(first).take(rows).zip(rect.y + 1..) {
        let line = Rect { y, height: 1, ..rect };
        let is_chosen = prompt.chosen == Some(i);
        write(buf, line, 1, if is_chosen { "▌" } else { " " }, Style::new());
        write(buf, line, 3, &item.shown, Style::new().add_modifier(Modifier::BOLD));
        if line.width >= HELP_FROM {
            let x = HELP_X.max(width(&item.shown) + 5);
            write(buf, line, x, item.help, Style::new());
            let keys = item.action.map(|action| cx.settings.keys.labels(action));
            if let Some(key) = keys.and_then(|keys| keys.into_iter().next()) {
                let x = line.width.saturating_sub(width(&key) + 2);
                write(buf, line, x.saturating_sub(1), &format!(" {key} "), cx.theme().offset());
            }
        }
        if is_chosen {
            buf.set_style(line, CURSOR.remove_modifier(Modifier::BOLD));
        }
    }
}

fn draw_keys(cx: ViewContext<'_>, prefix: char, strip: &StripLayout, rect: Rect, buf: &mut Buffer) {
    let items = cx.keys_after(prefix);
    let count = cx.count().map_or_else(String::new, |count| count.to_string());
    clear(cx, rect, &format!(" {count}{prefix} {} ", prefix_title(prefix)), buf);
    let inside = Rect { y: rect.y + 1, height: rect.height.saturating_sub(1), ..rect };
    if items.is_empty() {
        let line = Rect { height: inside.height.min(1), ..inside };
        let text = cx.settings.keys.fill("no marks: {set-mark} sets one");
        return write(buf, line, 1, &text, cx.theme().faint());
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
            // Items that do not fit in columns follow one another.
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
