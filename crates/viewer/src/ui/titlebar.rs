//! Draws the title bar: name, length, and a hint to the help.

use memmap::compare::Side;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::document::follow::FileState;
use crate::editor::comparison::{Compared, Comparison, Progress};
use crate::editor::context::ViewContext;
use crate::format::theme::BAR;
use crate::format::units::in_units;
use crate::format::width::width;
use crate::view::panes::Pane;

pub(super) fn draw(cx: ViewContext<'_>, line: Rect, buf: &mut Buffer) {
    buf.set_style(line, BAR);
    if let Some(compared) = cx.compared {
        return draw_compared(cx, compared, line, buf);
    }
    let hint = cx.settings.keys.hints("{help} help  {quit} quit") + " ";
    let hint_width = width(&hint);
    let what = match &cx.view.array {
        Some(array) => super::array_view::title(array),
        None => match cx.document.follow.state {
            FileState::Same if cx.document.editing.is_some() => "writable".to_owned(),
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
    let room = line.width.saturating_sub(hint_width);
    let mut fields = vec![name, what, format!("{} bytes", cx.document.len)];
    let used = fields.iter().fold(1, |sum, it| width(it).saturating_add(2).saturating_add(sum));
    fields.push(format_of(cx, room.saturating_sub(used)));
    super::write_fields(buf, Rect { width: room, ..line }, &fields, BAR);
    super::write(buf, line, room, &hint, BAR);
}

/// The title of a compared file: that of the first one names both.
fn draw_compared(cx: ViewContext<'_>, compared: Compared<'_>, line: Rect, buf: &mut Buffer) {
    let name = &cx.document.name;
    let comparison = compared.comparison;
    let how = match comparison.shift {
        _ if comparison.has_pairs() => "aligned".to_owned(),
        _ if comparison.is_aligned => "aligning".to_owned(),
        0 => "same offsets".to_owned(),
        by => format!("shift {by:+}"),
    };
    let fields = match (compared.side, compared.other) {
        (Side::A, Some(other)) => {
            vec![format!("{name} ↔ {}", other.name), how, found(cx, comparison)]
        }
        _ => vec![name.clone(), in_units(cx.document.len), how],
    };
    let hint = cx.settings.keys.hints("{help} help  {quit} closes") + " ";
    let used = fields.iter().fold(1, |sum, it| width(it).saturating_add(2).saturating_add(sum));
    super::write_fields(buf, line, &fields, BAR);
    if let Some(x) = line.width.checked_sub(width(&hint)).filter(|&x| x >= used) {
        super::write(buf, line, x, &hint, BAR);
    }
}

/// How many ranges differ, and how much was compared.
fn found(cx: ViewContext<'_>, comparison: &Comparison) -> String {
    if comparison.state == Progress::Complete {
        return comparison.summary();
    }
    let job = comparison.asked.and_then(|asked| cx.jobs.get(asked.job));
    let (done, total) = job.map_or((0, 0), |job| (job.done, job.total));
    let share = u128::from(done) * 100 / u128::from(total.max(1));
    format!("{}, {share} % compared", comparison.summary())
}

/// The format: its title, or its name if that does not fit.
fn format_of(cx: ViewContext<'_>, room: u16) -> String {
    let structure = &cx.document.structure;
    let Some(format) = &structure.format else {
        let is_looked_for = structure.looking.is_some();
        let is_missed = cx.view.panes.is_open(Pane::Structure) && !is_looked_for;
        return if is_missed { "no format" } else { "" }.to_owned();
    };
    let title = match format.tree.base() {
        0 => format.title.clone(),
        base => format!("{} @ {base:#x}", format.title),
    };
    if width(&title) < room { title } else { format.label() }
}
