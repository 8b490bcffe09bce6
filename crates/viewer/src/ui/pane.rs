//! Draws the panes: a title and lines.

pub(crate) mod help;
pub(crate) mod matches;
pub(crate) mod changes;
pub(crate) mod differences;
pub(crate) mod strings;
pub(crate) mod structure;
pub(crate) mod formats;
pub(crate) mod field;
pub(crate) mod histogram;
pub(crate) mod jobs;
pub(crate) mod marks;
mod regions;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::analysis::data_inspector::{Interpretation, Order, Row};
use crate::editor::context::ViewContext;
use crate::format::theme::{BAR, CURSOR};
use crate::format::width;
use crate::layout::view_layout::PaneLayout;
use crate::ui::{minimap, place_in, write};
use crate::view::panes::{Pane, has_choice};

/// A part of a line, with its style.
type Span = (String, Style);

/// Minimum width for both byte orders side by side.
const BOTH_FROM: u16 = 54;

/// Column of the values in the inspector.
const VALUE_X: u16 = 10;

/// The lines of a pane at this width.
pub(crate) fn items(cx: ViewContext<'_>, pane: Pane, width: u16) -> Vec<Vec<Span>> {
    let plain = |text: String| vec![(text, Style::new())];
    match pane {
        Pane::Inspector => cx.inspection().iter().map(|row| inspected(cx, row, width)).collect(),
        Pane::Marks => marks::items(cx),
        Pane::Jumps => {
            let (places, here) = cx.view.jumps.places(cx.view.cursor);
            let sign = |i| if i == here { '▸' } else { ' ' };
            let line = |(i, at): (usize, &u64)| {
                plain(format!("{} {at:#x}  {}", sign(i), place_in(*at, cx.document.len)))
            };
            places.iter().enumerate().map(line).collect()
        }
        // Not lists; drawn elsewhere.
        Pane::Map | Pane::Histogram | Pane::Help | Pane::Structure => Vec::new(),
        Pane::Strings => strings::items(cx, 0, usize::MAX, width),
        Pane::Regions => regions::items(cx, 0, usize::MAX, width),
        Pane::Matches => matches::items(cx, 0, usize::MAX, width),
        Pane::Differences => differences::items(cx, 0, usize::MAX, width),
        Pane::Changes => changes::items(cx, 0, usize::MAX, width),
        Pane::Jobs => cx.jobs.listed().map(|job| jobs::item(cx, job, width)).collect(),
        Pane::Field => field::items(cx, width),
        Pane::Details => cx.details(width).into_iter().map(plain).collect(),
        Pane::Messages => messages(cx, width),
    }
}

/// A row of the data inspector.
fn inspected(cx: ViewContext<'_>, row: &Row, width: u16) -> Vec<Span> {
    let name = format!("{:<9} ", row.name);
    let room = width.saturating_sub(VALUE_X + 2);
    let value = |reading: &Interpretation, room: u16| {
        let style = if reading.is_plausible { Style::new() } else { cx.theme().faint() };
        let mut spans = vec![(width::fitted(&reading.text, room), style)];
        let block = reading.colour.and_then(|colour| cx.theme().block(colour));
        spans.extend(block.map(|style| (" ██".to_owned(), style)));
        spans
    };
    let mut spans = vec![(name, cx.theme().offset())];
    if width >= BOTH_FROM && row.has_order() {
        let half = room / 2;
        let first = value(row.reading(cx.settings.order), half - 1);
        let used: u16 = first.iter().map(|(text, _)| width::width(text)).sum();
        spans.extend(first);
        spans.push((" ".repeat(usize::from(half.saturating_sub(used))), Style::new()));
        spans.extend(value(row.reading(cx.settings.order.other()), half));
    } else {
        let first = row.reading(cx.settings.order);
        let second = row.reading(cx.settings.order.other());
        let both = width::width(&first.text) + width::width(&second.text) + 3;
        spans.extend(value(first, room));
        // In a narrow pane, short values share a line.
        if row.has_order() && both <= room {
            spans.push((" | ".to_owned(), cx.theme().faint()));
            spans.extend(value(second, room));
        }
    }
    spans
}

/// The message log, with times.
fn messages(cx: ViewContext<'_>, width: u16) -> Vec<Vec<Span>> {
    let style = |is_error| if is_error { cx.theme().error() } else { Style::new() };
    let lines = cx.messages.lines(width.saturating_sub(2));
    lines.into_iter().map(|line| vec![(line.text, style(line.is_error))]).collect()
}

pub(super) fn draw(cx: ViewContext<'_>, place: &PaneLayout, area: Rect, buf: &mut Buffer) {
    let PaneLayout { pane, flow, .. } = *place;
    let rect = place.rect.intersection(area);
    if rect.is_empty() {
        return;
    }
    clear(cx, rect, flow.inside.x > rect.x, buf);
    draw_title(cx, place, rect, buf);

    if let (Pane::Map, Some(grid)) = (pane, cx.layout.map) {
        return minimap::draw(cx, grid, flow.inside, buf);
    }
    if pane == Pane::Histogram {
        return histogram::draw(cx, flow.inside, buf);
    }
    let width = flow.inside.width / flow.columns;
    let item_width = if flow.columns > 1 { width } else { flow.inside.width };
    let (items, skipped) = visible(cx, place, item_width);
    if pane == Pane::Structure && cx.lists_formats() {
        formats::draw_around(cx, place, buf);
    }
    if items.is_empty() {
        let line = Rect { height: flow.inside.height.min(1), ..flow.inside };
        let text = match pane {
            Pane::Structure => structure::when_empty(cx),
            Pane::Differences => differences::when_empty(cx),
            Pane::Changes => changes::when_empty(cx),
            _ => cx.settings.keys.fill(pane.when_empty()),
        };
        write(buf, line, 1, &text, cx.theme().faint());
    }
    let is_focused = cx.view.pane() == Some(pane);
    // The row of the field at the cursor is marked, too.
    let is_marked = is_focused || pane == Pane::Structure;
    let chosen = (has_choice(pane) && is_marked)
        .then(|| cx.view.panes.line(pane).min((skipped + items.len()).saturating_sub(1)));
    for (i, item) in (skipped..).zip(&items).skip(flow.first - skipped) {
        let place = i - flow.first;
        let height = usize::from(flow.inside.height).max(1);
        let Ok(column) = u16::try_from(place / height) else { break };
        let Ok(row) = u16::try_from(place % height) else { break };
        if column >= flow.columns || flow.inside.height == 0 {
            break;
        }
        let x = flow.inside.x + column * width;
        let line = Rect { x, y: flow.inside.y + row, width, height: 1 };
        let mut x = 1;
        for (text, style) in item {
            write(buf, line, x, text, *style);
            x = x.saturating_add(width::width(text));
        }
        if chosen == Some(i) && is_focused {
            buf.set_style(line, CURSOR.remove_modifier(Modifier::BOLD));
        } else if chosen == Some(i) {
            write(buf, line, 0, "▌", structure::CHOSEN);
            buf.set_style(line, structure::CHOSEN);
        }
    }
}

/// The lines of a pane, and how many of them are left out at the start. There may be millions of matches, so
/// only the visible ones are formatted.
fn visible(cx: ViewContext<'_>, place: &PaneLayout, width: u16) -> (Vec<Vec<Span>>, usize) {
    let PaneLayout { pane, flow, .. } = *place;
    let (first, seen) = (flow.first, usize::from(flow.inside.height));
    let items = match pane {
        Pane::Matches => matches::items(cx, first, seen, width),
        Pane::Differences => differences::items(cx, first, seen, width),
        Pane::Changes => changes::items(cx, first, seen, width),
        Pane::Strings => strings::items(cx, first, seen, width),
        Pane::Regions => regions::items(cx, first, seen, width),
        Pane::Structure => structure::items(cx, first, seen, width, flow.inside.x > 0),
        _ => return (items(cx, pane, width), 0),
    };
    (items, first)
}

/// Blanks the area of a pane, and draws the border beside the bytes.
fn clear(cx: ViewContext<'_>, rect: Rect, has_border: bool, buf: &mut Buffer) {
    let blank = " ".repeat(rect.width.into());
    for y in rect.y..rect.bottom() {
        let line = Rect { y, height: 1, ..rect };
        buf.set_style(line, Style::reset());
        write(buf, line, 0, &blank, Style::new());
        if has_border {
            write(buf, line, 0, "│", cx.theme().faint());
        }
    }
}

/// Draws the title line: the pane's name, and the headings of its columns.
fn draw_title(cx: ViewContext<'_>, place: &PaneLayout, rect: Rect, buf: &mut Buffer) {
    let PaneLayout { pane, flow, .. } = *place;
    let line = Rect { height: 1, ..rect };
    let is_focused = cx.view.pane() == Some(pane);
    let style = if is_focused { BAR.add_modifier(Modifier::BOLD) } else { cx.theme().offset() };
    let rule = "─".repeat(rect.width.into());
    write(buf, line, 0, if is_focused { "" } else { &rule }, style);
    buf.set_style(line, style);
    let name = match pane {
        Pane::Inspector => format!(" inspector @ {:#x} ", cx.view.cursor),
        Pane::Map => minimap::title(cx, rect.width.saturating_sub(4)),
        Pane::Histogram => histogram::title(cx, line.width.saturating_sub(4)),
        Pane::Structure => structure::title(cx, line.width.saturating_sub(4)),
        Pane::Strings => strings::title(cx, line.width.saturating_sub(4)),
        Pane::Matches => matches::title(cx, line.width.saturating_sub(4)),
        Pane::Differences => differences::title(cx),
        Pane::Changes => changes::title(cx),
        Pane::Regions => regions::title(cx),
        _ => format!(" {} ", pane.name()),
    };
    write(buf, line, 2, &name, style);
    if pane == Pane::Structure {
        let remark = structure::remark(cx);
        let x = rect.width.saturating_sub(width::width(&remark) + 2);
        if x > width::width(&name) + 2 {
            write(buf, line, x, &remark, style);
        }
        let left = flow.inside.x - rect.x;
        for (end, text) in structure::headings(cx, flow.inside.width, left > 0) {
            let x = (left + end).saturating_sub(width::width(text));
            if x > width::width(&name) + 2 {
                write(buf, line, x, text, style);
            }
        }
    }
    if pane == Pane::Differences {
        let left = flow.inside.x - rect.x;
        for (end, text) in differences::headings(cx, flow.inside.width) {
            let x = (left + end).saturating_sub(width::width(&text));
            if x > width::width(&name) + 2 {
                write(buf, line, x, &text, style);
            }
        }
    }
    if pane == Pane::Inspector {
        let order = cx.settings.order;
        let label = |order: Order| format!(" {} ", order.name());
        if flow.columns == 1 && flow.inside.width >= BOTH_FROM {
            let x = |half: u16| flow.inside.x - rect.x + VALUE_X + half;
            let half = flow.inside.width.saturating_sub(VALUE_X + 2) / 2;
            // After the pane's name, which may overlap the column.
            let first = label(order);
            let first_x = x(0).max(width::width(&name) + 3);
            if first_x + width::width(&first) <= x(half) {
                write(buf, line, first_x, &first, style);
            } else {
                write(buf, line, x(0).max(3), &format!("{first:<8}"), style);
            }
            write(buf, line, x(half), &label(order.other()), style);
        } else {
            let text = format!("{}(e: {}) ", label(order), order.other().name());
            let x = rect.width.saturating_sub(width::width(&text) + 2);
            write(buf, line, x.max(width::width(&name) + 3), &text, style);
        }
    }
}
