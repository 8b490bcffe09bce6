//! The screen, made of widgets that write cells and keep no state.

mod tabs;
mod tour;
mod titlebar;
mod hex_view;
mod array_view;
mod minimap;
mod scrollbar;
mod pane;
mod statusline;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

use crate::editor::app::{App, Focus};
use crate::format::width::width;
use crate::view::panes::Pane;

impl App {
    /// Draws the whole screen.
    pub fn draw(&self, frame: &mut Frame<'_>) {
        frame.render_widget(self, frame.area());
    }
}

impl Widget for &App {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let layout = self.layout();
        let line = |y| Rect { y, height: 1, ..area }.intersection(area);
        if layout.title {
            titlebar::draw(self, line(area.y), buf);
        }
        match &self.typed {
            Some(typed) => array_view::draw(self, typed, area, buf),
            None => hex_view::draw(self, area, buf),
        }
        minimap::draw_column(self, area, buf);
        scrollbar::draw(self, area, buf);
        for (pane, rect) in self.pane_places() {
            pane::draw(self, pane, rect.intersection(area), buf);
        }
        let bottom = area.bottom().saturating_sub(1);
        if layout.footer {
            statusline::draw(self, line(bottom.saturating_sub(1)), buf);
            statusline::draw_footer(self, line(bottom), buf);
        } else if self.has_something_to_say() {
            statusline::draw_footer(self, line(bottom), buf);
        } else {
            statusline::draw(self, line(bottom), buf);
        }
        if self.focused() == Some(Pane::Help) {
            pane::help::draw(self, area, buf);
        }
    }
}

impl App {
    /// Whether the footer has more than hints.
    fn has_something_to_say(&self) -> bool {
        matches!(self.focus, Focus::Prompt(_))
            || self.notice.is_some()
            || self.prefix.is_some()
            || self.progress().is_some()
            || self.jobs.newest_running().is_some()
    }
}

/// Writes text on one line of a screen, cut off where the line ends.
pub(crate) fn write(buf: &mut Buffer, line: Rect, x: u16, text: &str, style: Style) {
    if line.height > 0 && x < line.width {
        let room = usize::from(line.width - x);
        buf.set_stringn(line.x + x, line.y, text, room, style);
    }
}

/// Writes as many of these fields as fit, two blanks apart, the first ones first.
fn write_fields(buf: &mut Buffer, line: Rect, fields: &[String], style: Style) {
    let mut x = 1_u16;
    for field in fields.iter().filter(|field| !field.is_empty()) {
        let width = width(field);
        if x > 1 && x.saturating_add(width) > line.width {
            break;
        }
        write(buf, line, x, field, style);
        x = x.saturating_add(width).saturating_add(2);
    }
}

/// How far it is from the start, in hundredths of a percent, cut off.
fn percent(position: u64, len: u64) -> String {
    let share = u128::from(position) * 10_000 / u128::from(len.max(1));
    format!("{}.{:02}%", share / 100, share % 100)
}
