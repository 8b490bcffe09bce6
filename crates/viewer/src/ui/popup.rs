//! A question over the bytes, or over the whole screen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::widgets::{Block, Clear, Widget};

use crate::editor::context::ViewContext;
use crate::editor::popup::PopupText;
use crate::format::theme::CURSOR;
use crate::format::width::{fitted, width, wrapped_within};
use crate::ui::write;

/// A smaller screen is covered whole.
const WHOLE_BELOW: (u16, u16) = (80, 16);

/// The widest popup, with its frame.
const WIDTH_MAX: u16 = 76;

/// Draws a popup in the middle of the area, without its last line, which has the hints.
pub(super) fn draw(cx: ViewContext<'_>, text: &PopupText, area: Rect, buf: &mut Buffer) {
    let above = Rect { height: area.height.saturating_sub(1), ..area };
    let is_whole = area.width < WHOLE_BELOW.0 || area.height < WHOLE_BELOW.1;
    let room = above.width.min(WIDTH_MAX).saturating_sub(4);
    let mut lines = Vec::new();
    for line in &text.lines {
        // What is indented stays in its columns.
        let parts = if line.text.starts_with(' ') || line.text.is_empty() {
            vec![fitted(&line.text, room)]
        } else {
            wrapped_within(&line.text, room)
        };
        lines.extend(parts.into_iter().map(|part| (part, line)));
    }
    let count = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let frame = if is_whole {
        above
    } else {
        let widest = lines.iter().map(|(text, _)| width(text)).max().unwrap_or(0);
        let least = width(&text.title).saturating_add(4).max(widest).min(room);
        let height = count.saturating_add(2).min(above.height);
        let width = least.saturating_add(4);
        let x = above.x + (above.width.saturating_sub(width)) / 2;
        let y = above.y + (above.height.saturating_sub(height)) / 2;
        Rect { x, y, width, height }
    };
    let frame = frame.intersection(area);
    Clear.render(frame, buf);
    let inside = frame.height.saturating_sub(2);
    let first = text.first.min(lines.len().saturating_sub(usize::from(inside)));
    let title = format!(" {} ", fitted(&text.title, frame.width.saturating_sub(4)));
    let mut block = Block::bordered().title(title);
    let left = lines.len().saturating_sub(first.saturating_add(inside.into()));
    if left > 0 {
        block = block.title_bottom(format!(" ↓ {left} more lines "));
    }
    block.render(frame, buf);
    let shown = lines.iter().skip(first).take(inside.into());
    for ((part, line), y) in shown.zip(frame.y.saturating_add(1)..) {
        let place = Rect {
            x: frame.x.saturating_add(1),
            y,
            width: frame.width.saturating_sub(2),
            height: 1,
        };
        let style = if line.is_error || line.text.starts_with('!') {
            cx.theme().error()
        } else {
            Style::new()
        };
        write(buf, place, 1, part, style);
        if line.is_chosen {
            buf.set_style(place.intersection(area), CURSOR.remove_modifier(Modifier::BOLD));
        }
    }
}
