//! The hits, line by line: only those that are seen are looked up.

use std::fmt::Write as _;

use ratatui::style::Style;

use crate::editor::app::App;
use crate::format::width::{fitted, width};
use crate::layout::panes::CONTEXT_LEN;
use crate::search::match_list::Hit;
use crate::source::page_cache::Known;
use crate::ui::percent;

/// Bytes that are shown as digits, too, and from which width on.
const DIGITS: (usize, u16) = (8, 72);

/// The lines of some of them, as far as there are so many.
pub(super) fn items(
    app: &App,
    first: usize,
    count: usize,
    width: u16,
) -> Vec<Vec<(String, Style)>> {
    let Some(search) = &app.search else { return Vec::new() };
    let hits = search.iter_from(first).take(count);
    let digits = search.count().to_string().len();
    (first..).zip(hits).map(|(index, hit)| item(app, index, hit, digits, width)).collect()
}

fn item(app: &App, index: usize, hit: Hit, digits: usize, room: u16) -> Vec<(String, Style)> {
    let plain = Style::new();
    let sign = if hit.offset == app.cursor { '▸' } else { ' ' };
    let offset_digits = usize::from(app.layout().digits);
    let place =
        format!("{sign} {:>digits$}  {:#0w$x}", index + 1, hit.offset, w = offset_digits + 2);
    let share = format!("  {:>7}", percent(hit.offset, app.len));
    let known = app.pieces.bytes(hit.offset, CONTEXT_LEN.min(app.len.saturating_sub(hit.offset)));
    let mut bytes = String::new();
    if room >= DIGITS.1 {
        bytes.push(' ');
        for known in known.iter().take(DIGITS.0) {
            // A string takes whatever is written to it.
            match known {
                Known::Value(byte) => write!(bytes, " {byte:02x}").ok().unwrap_or_default(),
                Known::Unreadable => bytes += " ??",
                Known::NotYet => bytes += " ··",
            }
        }
    }
    let text: String = known.iter().map(|&known| character(known)).collect();
    let used = width(&place) + width(&share) + width(&bytes) + 4;
    vec![
        (place, plain),
        (share, app.theme().offset()),
        (bytes, app.theme().offset()),
        (format!("  {}", fitted(&text, room.saturating_sub(used))), plain),
    ]
}

/// Printable ASCII and no other characters: what stands in a file does not obey a terminal.
fn character(known: Known) -> char {
    match known {
        Known::Value(byte @ b' '..=b'~') => char::from(byte),
        Known::Value(_) | Known::NotYet => '·',
        Known::Unreadable => '?',
    }
}

/// The title: what was searched for, and how many there are so far.
pub(super) fn title(app: &App, room: u16) -> String {
    let Some(search) = &app.search else { return " hits ".to_owned() };
    let more = if search.is_complete() { "" } else { "+" };
    let stale = if search.is_stale { ", as the file was" } else { "" };
    let count = format!(": {}{more}{stale} ", search.total());
    let what = fitted(&search.what.query.to_string(), room.saturating_sub(width(&count) + 10));
    format!(" hits of {what}{count}")
}
