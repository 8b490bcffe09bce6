//! Draws the list of strings. Only visible lines are looked up.

use ratatui::style::Style;

use crate::analysis::strings::shown;
use crate::editor::context::ViewContext;
use crate::format::width::{fitted, width};
use crate::layout::panes::SHOWN_LEN;
use crate::source::page_cache::Known;

/// The lines from an index on, at most as many as there are.
pub(super) fn items(
    cx: ViewContext<'_>,
    first: usize,
    count: usize,
    room: u16,
) -> Vec<Vec<(String, Style)>> {
    let Some(known) = &cx.document.analyses.strings else { return Vec::new() };
    let strings = &known.value;
    let digits = usize::from(cx.layout().digits);
    let item = |hit: crate::search::match_list::Match| {
        let sign = if hit.offset == cx.view.cursor { '▸' } else { ' ' };
        let place = format!("{sign} {:0digits$x}  ", hit.offset);
        let len = SHOWN_LEN.min(hit.len).min(cx.document.len.saturating_sub(hit.offset));
        let known = cx.document.pages.bytes(hit.offset, len).into_iter().map(|known| match known {
            Known::Value(byte) => Some(byte),
            Known::Unreadable | Known::NotYet => None,
        });
        let mut text = shown(known, strings.wanted.encoding);
        if hit.len > len {
            text.push('…');
        }
        let room = room.saturating_sub(width(&place) + 2);
        vec![(place, cx.theme().offset()), (fitted(&text, room), Style::new())]
    };
    strings.matches.iter_from(first).take(count).map(item).collect()
}

/// The title: what was searched for, and the number of strings so far.
pub(super) fn title(cx: ViewContext<'_>, room: u16) -> String {
    let Some(known) = &cx.document.analyses.strings else { return " strings ".to_owned() };
    let strings = &known.value;
    let matches = &strings.matches;
    let more = if known.is_done { "" } else { "+" };
    let count = format!("{}{more}", matches.total());
    let listed =
        if matches.is_cut() { format!(", {} listed", matches.len()) } else { String::new() };
    let stale = if cx.document.is_current(known) { "" } else { ", as the file was" };
    let wanted = strings.wanted;
    let which = format!(" of {} or more, {}", wanted.len_min, wanted.encoding.name());
    let full = format!(" strings{which}: {count}{listed}{stale} ");
    if width(&full) <= room { full } else { format!(" strings: {count} ") }
}
