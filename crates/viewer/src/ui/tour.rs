//! Draws a step of the tour.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::editor::tour::Tour;
use crate::format::theme::BAR;
use crate::format::width::width;
use crate::ui::write;

pub(super) fn draw(tour: &Tour, area: Rect, buf: &mut Buffer) {
    let (label, text) = tour.shown();
    let blank = " ".repeat(area.width.into());
    let line = |y: u16| Rect { y: area.y + y, height: 1, ..area }.intersection(area);
    for y in 0..area.height {
        buf.set_style(line(y), Style::reset());
        write(buf, line(y), 0, &blank, Style::new());
    }
    write(buf, line(0), 0, &label, BAR.add_modifier(Modifier::BOLD));
    let indent = width(&label) + 1;
    let (mut x, mut y) = (indent, 0);
    for word in text.split(' ') {
        if x > indent && x.saturating_add(width(word)) > area.width {
            (x, y) = (indent, y + 1);
        }
        if y < area.height {
            write(buf, line(y), x, word, Style::new().add_modifier(Modifier::BOLD));
        }
        x = x.saturating_add(width(word)).saturating_add(1);
    }
}
