//! The screen, made of widgets that write cells and keep no state.

mod bytes;
pub(crate) mod help;
mod status;
mod title;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

use crate::app::{App, Focus};

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
            title::draw(self, line(area.y), buf);
        }
        bytes::draw(self, area, buf);
        let bottom = area.bottom().saturating_sub(1);
        if layout.footer {
            status::draw(self, line(bottom.saturating_sub(1)), buf);
            status::draw_footer(self, line(bottom), buf);
        } else if matches!(self.focus, Focus::Goto { .. }) || self.trouble.is_some() {
            status::draw_footer(self, line(bottom), buf);
        } else {
            status::draw(self, line(bottom), buf);
        }
        if let Focus::Help { line } = self.focus {
            help::draw(self.theme, line, area, buf);
        }
    }
}

/// Writes text on one line of a screen, cut off where the line ends.
fn write(buf: &mut Buffer, line: Rect, x: u16, text: &str, style: Style) {
    if line.height > 0 && x < line.width {
        let room = usize::from(line.width - x);
        buf.set_stringn(line.x + x, line.y, text, room, style);
    }
}

/// Writes as many of these fields as fit, two blanks apart, the first ones first.
fn write_fields(buf: &mut Buffer, line: Rect, fields: &[String], style: Style) {
    let mut x = 1_u16;
    for field in fields {
        let width = u16::try_from(ratatui::text::Span::raw(field).width()).unwrap_or(u16::MAX);
        if x > 1 && x.saturating_add(width) > line.width {
            break;
        }
        write(buf, line, x, field, style);
        x = x.saturating_add(width).saturating_add(2);
    }
}

/// A length as people say it: `1.00 TiB`, `512 B`.
pub(crate) fn in_units(len: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if len < 1024 {
        return format!("{len} B");
    }
    // Hundredths of the unit, cut off and not rounded: less is never shown as more.
    let mut unit = 0;
    while unit + 1 < UNITS.len() && len >> (10 * (unit + 2)) > 0 {
        unit += 1;
    }
    let hundredths = (u128::from(len) * 100) >> (10 * (unit + 1));
    format!("{}.{:02} {}", hundredths / 100, hundredths % 100, UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_cut_off_and_not_rounded_up() {
        for (len, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.00 KiB"),
            (1 << 20, "1.00 MiB"),
            ((1 << 20) - 1, "1023.99 KiB"),
            (1 << 40, "1.00 TiB"),
            (u64::MAX, "15.99 EiB"),
        ] {
            assert_eq!(in_units(len), text);
        }
    }
}
