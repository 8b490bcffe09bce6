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
use crate::source::packed::Packing;
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
            FileState::Same => match cx.document.source().packing() {
                Some(packing) => format!("read-only  unpacked, {}", packing.kind),
                None => "read-only".to_owned(),
            },
            FileState::Replaced => "REPLACED".to_owned(),
            FileState::Gone => "DELETED".to_owned(),
            FileState::Ended => "ENDED".to_owned(),
        },
    };
    let name = match cx.document.follow.replaced {
        0 => cx.document.name.clone(),
        n => format!("{} (generation {})", cx.document.name, n + 1),
    };
    let what = if cx.document.follow.every.is_some() { format!("{what}  followed") } else { what };
    let name = match cx.document.edits.unsaved {
        0 => name,
        1 => format!("{name} [+] 1 edit"),
        n => format!("{name} [+] {n} edits"),
    };
    let room = line.width.saturating_sub(hint_width);
    let grown = match cx.document.grown_by() {
        0 => String::new(),
        by => format!(" ({by:+})"),
    };
    let len = cx.document.len;
    let source = cx.document.source();
    let regions = || source.region_count(cx.document.follow.every.is_some());
    let stream = cx.document.stream.as_ref();
    let size = stream
        .map(|stream| stream.title(len))
        .or_else(|| source.packing().map(Packing::sizes))
        .or_else(regions)
        .unwrap_or_else(|| format!("{len} bytes{grown}"));
    let mut fields = vec![name, what, size];
    let used = fields.iter().fold(1, |sum, it| width(it).saturating_add(2).saturating_add(sum));
    fields.push(format_of(cx, room.saturating_sub(used)));
    super::write_fields(buf, Rect { width: room, ..line }, &fields, BAR);
    if !grown.is_empty() {
        // Saving will write the file anew, or move what follows.
        let x = used.saturating_sub(2).saturating_sub(width(&grown));
        if used.saturating_sub(2) <= room {
            super::write(buf, line, x, &grown, cx.theme().warning_in_bar());
        }
    }
    super::write(buf, line, room, &hint, BAR);
}

/// The title of a compared file: that of the first one names both.
fn draw_compared(cx: ViewContext<'_>, compared: Compared<'_>, line: Rect, buf: &mut Buffer) {
    let name = &cx.document.name;
    let comparison = compared.comparison;
    let how = match comparison.shift {
        _ if comparison.has_pairs() => "aligned".to_owned(),
        _ if comparison.is_aligned && comparison.state == Progress::Stopped => {
            "not aligned".to_owned()
        }
        _ if comparison.is_aligned => format!("aligning {} %", done(cx, comparison)),
        by => match by.saturating_sub(comparison.start_shift()) {
            0 if comparison.parts.is_some() => String::new(),
            0 => "same offsets".to_owned(),
            by => format!("shift {by:+}"),
        },
    };
    let names = |other: &str| match &comparison.parts {
        Some([a, b]) => {
            format!("{name}  {:#x}..{:#x} ↔ {:#x}..{:#x}", a.start, a.end, b.start, b.end)
        }
        None => format!("{name} ↔ {other}"),
    };
    let fields = match (compared.side, compared.other) {
        (Side::A, Some(other)) if cx.layout.frame.takes_turns() => {
            vec![names(&other.name), in_short(comparison), how]
        }
        (Side::A, Some(other)) => {
            vec![names(&other.name), how, found(cx, comparison)]
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
    // What is not aligned is not compared.
    if comparison.is_aligned {
        return String::new();
    }
    format!("{}, {} % compared", comparison.summary(), done(cx, comparison))
}

/// How many ranges differ, for a small screen.
fn in_short(comparison: &Comparison) -> String {
    let so_far = if comparison.state == Progress::Complete { "" } else { "+" };
    match comparison.list.count() {
        0 if so_far.is_empty() && comparison.list.unreadable() == 0 => "equal".to_owned(),
        n => format!("{n}{so_far} differ"),
    }
}

/// How much was compared, in percent.
fn done(cx: ViewContext<'_>, comparison: &Comparison) -> u128 {
    let job = comparison.asked.and_then(|asked| cx.jobs.get(asked.job));
    let (done, total) = job.map_or((0, 0), |job| (job.done, job.total));
    u128::from(done) * 100 / u128::from(total.max(1))
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
