//! The help: made from the table of keys and the legend of the colours, so that it is never wrong.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Span;
use ratatui::widgets::{Block, Clear, Widget};

use crate::class::ByteClass;
use crate::keys::BINDINGS;
use crate::theme::Theme;
use crate::viewport::Size;

/// A line of the help: what stands on the left, how it looks, and what it means.
struct Entry {
    left: String,
    style: Style,
    right: String,
}

fn entries(theme: Theme) -> Vec<Entry> {
    let mut entries: Vec<Entry> = BINDINGS
        .iter()
        .map(|binding| Entry {
            left: binding.keys.iter().map(|key| key.label).collect::<Vec<_>>().join(" "),
            style: Style::new(),
            right: binding.help.to_owned(),
        })
        .collect();
    entries.push(Entry {
        left: "wheel".to_owned(),
        style: Style::new(),
        right: "three rows".to_owned(),
    });
    entries.extend(ByteClass::ALL.map(|class| Entry {
        left: "4f O".to_owned(),
        style: theme.byte(class),
        right: format!("the colour of {} bytes", class.name()),
    }));
    entries
}

/// Lines that a frame takes, above and below.
const FRAME: u16 = 2;

/// How far the help can be scrolled on a screen of this size.
pub(crate) fn last_line(size: Size) -> u16 {
    let lines = u16::try_from(entries(Theme::Mono).len()).unwrap_or(u16::MAX);
    lines.saturating_sub(size.height.saturating_sub(FRAME))
}

pub(super) fn draw(theme: Theme, scrolled: u16, area: Rect, buf: &mut Buffer) {
    let entries = entries(theme);
    let lines = u16::try_from(entries.len()).unwrap_or(u16::MAX);
    let width = area.width.min(60);
    let height = area.height.min(lines + FRAME);
    let frame = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    };
    Clear.render(frame, buf);
    let block = Block::bordered().title(" lazyhex: keys ").title_bottom(" Esc closes ");
    let inside = block.inner(frame);
    block.render(frame, buf);

    let left_width = entries.iter().map(|entry| Span::raw(&entry.left).width()).max().unwrap_or(0);
    let left_width = u16::try_from(left_width).unwrap_or(0);
    let first = usize::from(scrolled.min(lines.saturating_sub(inside.height)));
    for (entry, y) in entries.iter().skip(first).zip(inside.y..inside.bottom()) {
        let line = Rect { y, height: 1, ..inside };
        super::write(buf, line, 1, &entry.left, entry.style);
        super::write(buf, line, left_width + 3, &entry.right, Style::new());
    }
}
