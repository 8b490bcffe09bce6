//! Draws the histogram: a table of all 256 values, details of the selected one, bars of the most
//! frequent ones, and the entropy along the range.

use memmap::scan::ByteClass;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::analysis::entropy::in_bits;
use crate::analysis::histogram::Histogram;
use crate::editor::context::ViewContext;
use crate::format::theme::CURSOR;
use crate::format::units::in_units;
use crate::format::width::width;
use crate::layout::histogram::{ROWS, Table, table};
use crate::ui::{percent, write};
use crate::view::panes::Pane;

/// Minimum remaining width for bars beside the table.
const BARS_FROM: u16 = 24;

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The title, with the range.
pub(super) fn title(cx: ViewContext<'_>, room: u16) -> String {
    let Some(known) = &cx.document.analyses.histogram else { return " histogram ".to_owned() };
    let range = &known.value.range;
    let part = if *range == (0..cx.document.len) {
        "all".to_owned()
    } else {
        format!("{} from {:#x}", in_units(range.end - range.start), range.start)
    };
    let stale = if cx.document.is_current(known) { "" } else { ", as the file was" };
    let full = format!(" histogram of {part}{stale} ");
    if width(&full) <= room { full } else { " histogram ".to_owned() }
}

pub(super) fn draw(cx: ViewContext<'_>, inside: Rect, buf: &mut Buffer) {
    let Some(known) = &cx.document.analyses.histogram else { return };
    let histogram = &known.value;
    let table = table(cx.chosen_value(), inside);
    let faint = cx.theme().offset();
    let line = |y: u16| Rect { y, height: 1, ..inside }.intersection(inside);
    let mut y = inside.y;
    if table.has_sums {
        write(buf, line(y), 1, &sums(histogram), faint);
        y += 1;
    }
    write(buf, line(y), 1, &chosen(cx.chosen_value(), histogram), Style::new());
    y += 1;
    if table.has_head {
        for (column, x) in (0..ROWS).zip((table.x - inside.x..).step_by(table.cell.into())) {
            write(buf, line(y), x, &format!("{column:x}"), faint);
        }
    }
    let total = histogram.total();
    let is_focused = cx.view.pane() == Some(Pane::Histogram);
    for row in 0..table.rows {
        let line = line(table.y + row);
        let first = (table.first + row) * ROWS;
        write(buf, line, 1, &format!("{first:02x}"), faint);
        for column in 0..ROWS {
            let Ok(byte) = u8::try_from(first + column) else { break };
            let style = cx.theme().byte(ByteClass::of(byte));
            let is_chosen = byte == cx.chosen_value();
            let style = if is_chosen && is_focused { CURSOR } else { style };
            let text = shade(histogram.count(byte), total).repeat(usize::from(table.cell.min(2)));
            write(buf, line, table.x - inside.x + column * table.cell, &text, style);
        }
    }
    draw_bars(cx, histogram, &table, inside, buf);
    if table.has_way {
        let line = line(table.y + ROWS);
        let (way, label) = (way(histogram), "entropy along the way");
        write(buf, line, 1, &way, Style::new());
        let x = width(&way) + 3;
        if x + width(label) <= line.width {
            write(buf, line, x, label, faint);
        }
    }
}

/// Draws the most frequent values beside the table.
fn draw_bars(
    cx: ViewContext<'_>,
    histogram: &Histogram,
    table: &Table,
    inside: Rect,
    buf: &mut Buffer,
) {
    let left = table.x - inside.x + ROWS * table.cell + 2;
    let Some(room) = inside.width.checked_sub(left).filter(|&room| room >= BARS_FROM) else {
        return;
    };
    let cells = u64::from(room.saturating_sub(14).min(40));
    let most = u128::from(histogram.most().max(1));
    for ((byte, count), row) in histogram.top().into_iter().zip(0..table.rows) {
        let line = Rect { y: table.y + row, height: 1, ..inside };
        let full = u128::from(count) * u128::from(cells) / most;
        let bar = "█".repeat(usize::try_from(full).unwrap_or(0).max(1));
        let style = cx.theme().byte(ByteClass::of(byte));
        write(buf, line, left, &format!("{byte:02x} {}", name(byte)), Style::new());
        write(buf, line, left + 5, &bar, style);
        let x = left + 6 + width(&bar);
        write(buf, line, x, &percent(count, histogram.total()), cx.theme().offset());
    }
}

fn sums(histogram: &Histogram) -> String {
    let total = histogram.total();
    let lost = if histogram.lost > 0 {
        format!("  {} unreadable", in_units(histogram.lost))
    } else {
        String::new()
    };
    let bits = in_bits(histogram.entropy());
    format!("{bits} bits a byte  {} of 256 values  {total} bytes{lost}", histogram.distinct())
}

/// Details of the selected value.
fn chosen(byte: u8, histogram: &Histogram) -> String {
    let count = histogram.count(byte);
    let share = percent(count, histogram.total());
    let place = histogram.top().iter().position(|&(other, _)| other == byte);
    let rank = place.map_or_else(String::new, |place| format!("  rank {}", place + 1));
    format!("{byte:02x} {} {count} = {share}{rank}", name(byte))
}

/// The character, or a blank if it does not print.
fn name(byte: u8) -> char {
    match byte {
        0x21..=0x7e => char::from(byte),
        _ => ' ',
    }
}

/// Shade by frequency relative to a uniform distribution: below half, about equal, above, and more
/// than eight times as frequent.
const fn shade(count: u64, total: u64) -> &'static str {
    let times = count.saturating_mul(256);
    if count == 0 {
        "·"
    } else if times < total / 2 {
        "░"
    } else if times < total.saturating_mul(2) {
        "▒"
    } else if times < total.saturating_mul(8) {
        "▓"
    } else {
        "█"
    }
}

/// A bar per piece for its entropy, from 0 to 8 bits.
fn way(histogram: &Histogram) -> String {
    let bar = |bits: &Option<u64>| {
        let at = bits.and_then(|bits| usize::try_from(bits / 1000).ok());
        at.map_or('?', |at| BARS.get(at).copied().unwrap_or('█'))
    };
    histogram.pieces.iter().map(bar).collect()
}
