//! Draws the list of matches. Only visible lines are looked up.

use std::fmt::Write as _;

use ratatui::style::Style;

use crate::editor::context::ViewContext;
use crate::format::width::{fitted, width};
use crate::layout::panes::CONTEXT_LEN;
use crate::search::match_list::Match;
use crate::source::page_cache::Known;
use crate::ui::place_in;

/// Number of bytes shown in hexadecimal, and the minimum width for them.
const DIGITS: (usize, u16) = (8, 72);

/// The lines from an index on, at most as many as there are.
pub(super) fn items(
    cx: ViewContext<'_>,
    first: usize,
    count: usize,
    width: u16,
) -> Vec<Vec<(String, Style)>> {
    let Some(search) = cx.search() else { return Vec::new() };
    let matches = search.iter_from(first).take(count);
    let digits = search.count().to_string().len();
    (first..).zip(matches).map(|(index, hit)| item(cx, index, hit, digits, width)).collect()
}

fn item(
    cx: ViewContext<'_>,
    index: usize,
    hit: Match,
    digits: usize,
    room: u16,
) -> Vec<(String, Style)> {
    let is_changed = cx.is_match_changed(hit);
    let hit = cx.match_now(hit);
    let plain = if is_changed { cx.theme().faint() } else { Style::new() };
    let sign = if hit.offset == cx.view.cursor { '▸' } else { ' ' };
    let offset_digits = usize::from(cx.layout().digits);
    let place =
        format!("{sign} {:>digits$}  {:#0w$x}", index + 1, hit.offset, w = offset_digits + 2);
    let share = format!("  {:>7}", place_in(hit.offset, cx.document.len));
    let known = cx
        .document
        .pages
        .bytes(hit.offset, CONTEXT_LEN.min(cx.document.len.saturating_sub(hit.offset)));
    let mut bytes = String::new();
    if room >= DIGITS.1 {
        bytes.push(' ');
        for known in known.iter().take(DIGITS.0) {
            // Writing to a string cannot fail.
            match known {
                Known::Value(byte) => write!(bytes, " {byte:02x}").ok().unwrap_or_default(),
                Known::Unreadable => bytes += " ??",
                Known::NotYet => bytes += " ··",
            }
        }
    }
    let mut text: String = known.iter().map(|&known| character(known)).collect();
    if is_changed {
        text.insert_str(0, "edited: ");
    }
    let used = width(&place) + width(&share) + width(&bytes) + 4;
    vec![
        (place, plain),
        (share, cx.theme().offset()),
        (bytes, cx.theme().offset()),
        (format!("  {}", fitted(&text, room.saturating_sub(used))), plain),
    ]
}

/// The character if it is printable ASCII. Others could be control characters.
fn character(known: Known) -> char {
    match known {
        Known::Value(byte @ b' '..=b'~') => char::from(byte),
        Known::Value(_) | Known::NotYet => '·',
        Known::Unreadable => '?',
    }
}

/// The title: the query, and the number of matches so far.
pub(super) fn title(cx: ViewContext<'_>, room: u16) -> String {
    let Some(search) = cx.search() else { return " matches ".to_owned() };
    let more = if search.is_complete() { "" } else { "+" };
    let stale = if cx.is_search_stale() { ", as the file was" } else { "" };
    let count = format!(": {}{more}{stale} ", search.total());
    let what = fitted(&search.query().to_string(), room.saturating_sub(width(&count) + 10));
    format!(" matches of {what}{count}")
}
