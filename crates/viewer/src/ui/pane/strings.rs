//! The texts of a file, line by line: only those that are seen are looked up.

use ratatui::style::Style;

use crate::analysis::strings::shown;
use crate::editor::app::App;
use crate::format::width::{fitted, width};
use crate::layout::panes::SHOWN_LEN;
use crate::source::page_cache::Known;

/// The lines of some of them, as far as there are so many.
pub(super) fn items(app: &App, first: usize, count: usize, room: u16) -> Vec<Vec<(String, Style)>> {
    let Some(texts) = &app.texts else { return Vec::new() };
    let digits = usize::from(app.layout().digits);
    let item = |hit: crate::search::match_list::Hit| {
        let sign = if hit.offset == app.cursor { '▸' } else { ' ' };
        let place = format!("{sign} {:0digits$x}  ", hit.offset);
        let len = SHOWN_LEN.min(hit.len).min(app.len.saturating_sub(hit.offset));
        let known = app.pieces.bytes(hit.offset, len).into_iter().map(|known| match known {
            Known::Value(byte) => Some(byte),
            Known::Unreadable | Known::NotYet => None,
        });
        let mut text = shown(known, texts.wanted.encoding);
        if hit.len > len {
            text.push('…');
        }
        let room = room.saturating_sub(width(&place) + 2);
        vec![(place, app.theme().offset()), (fitted(&text, room), Style::new())]
    };
    texts.hits.iter_from(first).take(count).map(item).collect()
}

/// The title: which, and how many so far.
pub(super) fn title(app: &App, room: u16) -> String {
    let Some(texts) = &app.texts else { return " strings ".to_owned() };
    let hits = &texts.hits;
    let more = if texts.is_over { "" } else { "+" };
    let count = format!("{}{more}", hits.total());
    let listed = if hits.is_cut() { format!(", {} listed", hits.len()) } else { String::new() };
    let stale = if texts.is_stale { ", as the file was" } else { "" };
    let wanted = texts.wanted;
    let which = format!(" of {} or more, {}", wanted.len_min, wanted.encoding.name());
    let full = format!(" strings{which}: {count}{listed}{stale} ");
    if width(&full) <= room { full } else { format!(" strings: {count} ") }
}
