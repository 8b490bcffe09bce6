//! Draws the title bar: name, length, and a hint to the help.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::document::follow::FileState;
use crate::editor::context::ViewContext;
use crate::format::theme::BAR;
use crate::format::width::width;

pub(super) fn draw(cx: ViewContext<'_>, line: Rect, buf: &mut Buffer) {
    buf.set_style(line, BAR);
    let hint = cx.settings.keys.hints("{help} help  {quit} quit") + " ";
    let hint_width = width(&hint);
    let what = match &cx.view.array {
        Some(array) => super::array_view::title(array),
        None => match cx.document.follow.state {
            FileState::Same => "read-only".to_owned(),
            FileState::Replaced => "REPLACED".to_owned(),
            FileState::Gone => "DELETED".to_owned(),
        },
    };
    let name = match cx.document.follow.replaced {
        0 => cx.document.name.clone(),
        n => format!("{} (generation {})", cx.document.name, n + 1),
    };
    let what = if cx.document.follow.every.is_some() { format!("{what}  followed") } else { what };
    let fields = [name, what, format!("{} bytes", cx.document.len)];
    let room = line.width.saturating_sub(hint_width);
    super::write_fields(buf, Rect { width: room, ..line }, &fields, BAR);
    super::write(buf, line, room, &hint, BAR);
}
