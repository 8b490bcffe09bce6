//! The help, over everything else.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, Clear, Widget};

use crate::editor::context::ViewContext;
use crate::editor::help::items;
use crate::format::width::width;
use crate::layout::view_layout::PaneLayout;

pub(crate) fn draw(cx: ViewContext<'_>, place: &PaneLayout, area: Rect, buf: &mut Buffer) {
    let items = items(cx.theme(), &cx.settings.keys, cx.commands, area.width);
    let frame = place.rect.intersection(area);
    Clear.render(frame, buf);
    let seen = usize::from(place.flow.inside.height).max(1);
    let pages = items.len().div_ceil(seen).max(1);
    // What is seen last is on the last page, also where that is not full.
    let page = (place.flow.first + seen).div_ceil(seen).min(pages);
    let below = format!(" page {page} of {pages}  Esc closes ");
    let block = Block::bordered().title(" lazyhex: keys ").title_bottom(below);
    let inside = block.inner(frame);
    block.render(frame, buf);
    let seen = items.iter().skip(place.flow.first);
    for (item, y) in seen.zip(inside.y..inside.bottom()) {
        let line = Rect { y, height: 1, ..inside };
        let mut x = 1;
        for (text, style) in item {
            crate::ui::write(buf, line, x, text, *style);
            x = x.saturating_add(width(text));
        }
    }
}
