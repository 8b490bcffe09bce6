//! The help, over everything else.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, Clear, Widget};

use crate::editor::app::App;
use crate::editor::help::items;
use crate::format::width::width;
use crate::layout::help::frame;
use crate::view::panes::Pane;

pub(crate) fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let items = items(app.theme(), area.width);
    let frame = frame(items.len(), area);
    Clear.render(frame, buf);
    let block = Block::bordered().title(" lazyhex: keys ").title_bottom(" Esc closes ");
    let inside = block.inner(frame);
    block.render(frame, buf);
    let last = items.len().saturating_sub(inside.height.into());
    let first = app.panes.line(Pane::Help).min(last);
    for (item, y) in items.iter().skip(first).zip(inside.y..inside.bottom()) {
        let line = Rect { y, height: 1, ..inside };
        let mut x = 1;
        for (text, style) in item {
            crate::ui::write(buf, line, x, text, *style);
            x = x.saturating_add(width(text));
        }
    }
}
