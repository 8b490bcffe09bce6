//! Draws the list of differences. Only visible lines are looked up.

use std::ops::Range;

use memmap::compare::{Difference, DifferenceKind, Side};
use ratatui::style::Style;

use crate::document::Document;
use crate::editor::comparison::{Compared, Progress, SHOWN_LEN, on_side};
use crate::editor::context::ViewContext;
use crate::format::units::in_units;
use crate::format::width::fitted;
use crate::source::page_cache::Known;

/// The lines from an index on, at most `count`.
pub(super) fn items(
    cx: ViewContext<'_>,
    first: usize,
    count: usize,
    width: u16,
) -> Vec<Vec<(String, Style)>> {
    let Some(compared) = cx.compared else { return Vec::new() };
    let list = &compared.comparison.list;
    let digits = list.len().to_string().len();
    let end = list.len().min(first.saturating_add(count));
    let line = |at| Some((at, list.get(at)?));
    (first..end)
        .filter_map(line)
        .map(|(at, found)| {
            let range = on_side(&found, compared.side);
            let is_here = range.contains(&cx.view.cursor) || range.start == cx.view.cursor;
            let sign = if is_here { '▸' } else { ' ' };
            let w = usize::from(cx.layout().digits) + 2;
            let (a, b) = (&found.a, &found.b);
            let place = if compared.comparison.is_aligned {
                let lens = format!("{} → {}", a.end - a.start, b.end - b.start);
                format!(
                    "{sign} {:>digits$}  {:#0w$x}  {:#0w$x}  {lens:>9}",
                    at + 1,
                    a.start,
                    b.start
                )
            } else {
                let len = in_units(found.len());
                format!("{sign} {:>digits$}  {:#0w$x}  {len:>9}", at + 1, range.start)
            };
            let room = width.saturating_sub(u16::try_from(place.len()).unwrap_or(width) + 3);
            let what = format!("  {}", fitted(&what(cx, compared, &found), room));
            let style = match found.kind {
                DifferenceKind::Unreadable => cx.theme().error(),
                _ => Style::new(),
            };
            vec![(place, Style::new()), (what, style)]
        })
        .collect()
}

/// What the two sides have, as far as it was read.
fn what(cx: ViewContext<'_>, compared: Compared<'_>, found: &Difference) -> String {
    let documents = match compared.side {
        Side::A => (Some(cx.document), compared.other),
        Side::B => (compared.other, Some(cx.document)),
    };
    let name = |document: Option<&Document>| document.map_or("", |it| it.name.as_str()).to_owned();
    let (a, b) = (bytes(documents.0, &found.a), bytes(documents.1, &found.b));
    match found.kind {
        DifferenceKind::Changed => format!("{a} → {b}"),
        DifferenceKind::OnlyInA => format!("only in {}: {a}", name(documents.0)),
        DifferenceKind::OnlyInB => format!("only in {}: {b}", name(documents.1)),
        DifferenceKind::Unreadable => "?? not compared".to_owned(),
    }
}

/// The first bytes of a range.
fn bytes(document: Option<&Document>, range: &Range<u64>) -> String {
    let Some(document) = document else { return String::new() };
    let len = range.end - range.start;
    let known = document.pages.bytes(range.start, len.min(SHOWN_LEN)).into_iter();
    let mut all: Vec<String> = known
        .map(|known| match known {
            Known::Value(byte) => format!("{byte:02x}"),
            Known::Unreadable => "??".to_owned(),
            Known::NotYet => "··".to_owned(),
        })
        .collect();
    if len > SHOWN_LEN {
        all.push("…".to_owned());
    }
    all.join(" ")
}

/// The title: how many ranges are in the list.
pub(super) fn title(cx: ViewContext<'_>) -> String {
    let Some(compared) = cx.compared else { return " differences ".to_owned() };
    let comparison = compared.comparison;
    let more = if comparison.list.is_cut() { "more than " } else { "" };
    let so_far = if comparison.state == Progress::Complete { "" } else { " so far" };
    format!(" differences: {more}{}{so_far} ", comparison.list.len())
}

/// What is said of an empty list.
pub(super) fn when_empty(cx: ViewContext<'_>) -> String {
    let Some(compared) = cx.compared else {
        return "nothing is compared: :diff FILE compares with another file".to_owned();
    };
    if compared.comparison.state != Progress::Complete {
        return "no differences so far".to_owned();
    }
    let len = in_units(cx.document.len);
    format!("{} ({len} compared)", compared.comparison.summary())
}
