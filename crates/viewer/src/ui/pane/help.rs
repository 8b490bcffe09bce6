//! The help, over everything else.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::widgets::{Block, Clear, Widget};

use crate::editor::context::ViewContext;
use crate::format::theme::CURSOR;
use crate::format::width::width;
use crate::layout::view_layout::PaneLayout;
use crate::ui::write;
use crate::view::panes::Pane;

pub(crate) fn draw(cx: ViewContext<'_>, place: &PaneLayout, area: Rect, buf: &mut Buffer) {
    let PaneLayout { rect, flow, .. } = *place;
    let column_width = flow.inside.width / flow.columns;
    let help = cx.help(column_width, flow.inside.height);
    let seen = place.seen().max(1);
    let pages = help.lines.len().div_ceil(seen).max(1);
    let page = flow.first / seen + 1;
    let is_list = cx.view.help.filter.is_none() && !cx.view.help.is_explained;
    let closes = if is_list { " Esc closes " } else { "" };
    let below = format!(" page {page} of {pages} {closes}");
    let frame = rect.intersection(area);
    Clear.render(frame, buf);
    Block::bordered().title(" help ").title_bottom(below).render(frame, buf);
    if let Some(filter) = &cx.view.help.filter {
        let line = Rect { y: rect.y + 1, height: 1, ..flow.inside }.intersection(area);
        let count = format!("{} of {}", help.count, help.total);
        let x = line.width.saturating_sub(width(&count) + 1);
        // The end of a long filter is what is being typed.
        let mut shown = filter.as_str();
        while width(shown) + 6 > x && !shown.is_empty() {
            let next = shown.char_indices().nth(1).map_or(shown.len(), |(next, _)| next);
            shown = shown.get(next..).unwrap_or_default();
        }
        write(buf, line, 1, &format!("/ {shown}▏"), Style::new().add_modifier(Modifier::BOLD));
        write(buf, line, x, &count, cx.theme().faint());
    }
    if help.lines.is_empty() {
        let line = Rect { height: flow.inside.height.min(1), ..flow.inside };
        return write(buf, line, 1, "no entry matches; Esc clears the filter", cx.theme().faint());
    }
    let height = usize::from(flow.inside.height).max(1);
    let chosen = cx.view.panes.line(Pane::Help).min(help.count.saturating_sub(1));
    for (i, item) in help.lines.iter().skip(flow.first).take(seen).enumerate() {
        let place = (u16::try_from(i / height), u16::try_from(i % height));
        let (Ok(column), Ok(row)) = place else { break };
        // One blank keeps the columns apart.
        let line = Rect {
            x: flow.inside.x + column * column_width,
            y: flow.inside.y + row,
            width: column_width.saturating_sub(1),
            height: 1,
        };
        let line = line.intersection(area);
        let mut x = 1;
        for (text, style) in &item.spans {
            write(buf, line, x, text, *style);
            x = x.saturating_add(width(text));
        }
        if item.entry == Some(chosen) {
            buf.set_style(line, CURSOR.remove_modifier(Modifier::BOLD));
        }
    }
}
