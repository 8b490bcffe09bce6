//! Draws the list of differences. Only visible lines are looked up.

use std::ops::Range;

use memmap::compare::{Difference, DifferenceKind, Side};
use ratatui::style::Style;

use crate::document::Document;
use crate::editor::comparison::{Compared, Progress, SHOWN_LEN, on_side};
use crate::editor::context::ViewContext;
use crate::format::units::in_units;
use crate::format::width::{cut_left, fitted, width};
use crate::source::page_cache::Known;

/// Minimum width for a column that says what kind a difference is.
const KIND_FROM: u16 = 72;

/// Widest bytes of both sides, and the least room for the field after them.
const BYTES_WIDTH: u16 = 53;
const FIELD_MIN: u16 = 16;

/// The columns of aligned files: their widths, and where they end.
struct Columns {
    kind: u16,
    offset: u16,
    lens: u16,
}

impl Columns {
    /// The columns for a pane of this width, if there is room for them.
    fn new(cx: ViewContext<'_>, compared: Compared<'_>, width: u16) -> Option<Self> {
        if !compared.comparison.is_aligned || width < KIND_FROM {
            return None;
        }
        let names = names(cx, compared).map(width_of_kind);
        let kind = names[0].max(names[1]).clamp(NOT_COMPARED_WIDTH, 20);
        Some(Self { kind, offset: cx.layout().digits + 2, lens: 9 })
    }

    /// The heading of each column, and where it ends.
    fn headings(&self, names: [&str; 2]) -> [(u16, String); 3] {
        let first = 3 + self.kind + 2 + self.offset;
        let second = first + 2 + self.offset;
        let heading = |name: &str| format!(" {} ", fitted(name, self.offset.saturating_sub(2)));
        [
            (first + 1, heading(names[0])),
            (second + 1, heading(names[1])),
            (second + 2 + self.lens + 1, " bytes ".to_owned()),
        ]
    }
}

/// Width of `not compared`.
const NOT_COMPARED_WIDTH: u16 = 12;

fn width_of_kind(name: &str) -> u16 {
    width("only in ") + width(name)
}

/// The names of both files.
fn names<'e>(cx: ViewContext<'e>, compared: Compared<'e>) -> [&'e str; 2] {
    documents(cx, compared).map(|it| it.map_or("", |document| document.name.as_str()))
}

/// Both files.
const fn documents<'e>(cx: ViewContext<'e>, compared: Compared<'e>) -> [Option<&'e Document>; 2] {
    match compared.side {
        Side::A => [Some(cx.document), compared.other],
        Side::B => [compared.other, Some(cx.document)],
    }
}

/// The lines from an index on, at most `count`.
pub(super) fn items(
    cx: ViewContext<'_>,
    first: usize,
    count: usize,
    width: u16,
) -> Vec<Vec<(String, Style)>> {
    let Some(compared) = cx.compared else { return Vec::new() };
    let list = &compared.comparison.list;
    let end = list.len().min(first.saturating_add(count));
    let columns = Columns::new(cx, compared, width);
    let found = (first..end).filter_map(|at| Some((at, list.get(at)?)));
    found.map(|(at, found)| item(cx, compared, columns.as_ref(), at, &found, width)).collect()
}

/// A line.
fn item(
    cx: ViewContext<'_>,
    compared: Compared<'_>,
    columns: Option<&Columns>,
    at: usize,
    found: &Difference,
    room: u16,
) -> Vec<(String, Style)> {
    let range = on_side(found, compared.side);
    let is_here = range.contains(&cx.view.cursor) || range.start == cx.view.cursor;
    let sign = if is_here { '▸' } else { ' ' };
    let digits = compared.comparison.list.len().to_string().len();
    let w = usize::from(cx.layout().digits) + 2;
    let (a, b) = (&found.a, &found.b);
    let lens = || format!("{} → {}", a.end - a.start, b.end - b.start);
    let place = match columns {
        Some(columns) => {
            let kind = fitted(&kind(cx, compared, found.kind), columns.kind);
            let blank = " ".repeat(usize::from(columns.kind.saturating_sub(width(&kind))));
            let (start, b_start) = (a.start, b.start);
            format!("{sign} {kind}{blank}  {start:#0w$x}  {b_start:#0w$x}  {:>9}", lens())
        }
        None if compared.comparison.is_aligned => {
            let (number, start) = (at + 1, a.start);
            format!("{sign} {number:>digits$}  {start:#0w$x}  {:#0w$x}  {:>9}", b.start, lens())
        }
        None => {
            let len = in_units(found.len());
            format!("{sign} {:>digits$}  {:#0w$x}  {len:>9}", at + 1, range.start)
        }
    };
    let room = room.saturating_sub(width(&place) + 3);
    let style = match found.kind {
        DifferenceKind::Unreadable => cx.theme().error(),
        _ => Style::new(),
    };
    let what = what(cx, compared, found, columns.is_some());
    let mut line = vec![(place, Style::new())];
    let path = (!range.is_empty()).then(|| cx.listed_path(range.start)).flatten();
    // The field has a column of its own, or what the bytes leave.
    let column = if room >= BYTES_WIDTH + FIELD_MIN { BYTES_WIDTH } else { width(&what) };
    let path = path.and_then(|path| cut_left(&path, room.saturating_sub(column + 2)));
    let Some(path) = path else {
        line.push((format!("  {}", fitted(&what, room)), style));
        return line;
    };
    let what = fitted(&what, column);
    let blank = " ".repeat(usize::from(column.saturating_sub(width(&what)) + 2));
    line.push((format!("  {what}{blank}"), style));
    line.push((path, cx.theme().offset()));
    line
}

/// The kind of a difference.
fn kind(cx: ViewContext<'_>, compared: Compared<'_>, kind: DifferenceKind) -> String {
    let [first, second] = names(cx, compared);
    match kind {
        DifferenceKind::Changed => "changed".to_owned(),
        DifferenceKind::OnlyInA => format!("only in {first}"),
        DifferenceKind::OnlyInB => format!("only in {second}"),
        DifferenceKind::Unreadable => "not compared".to_owned(),
    }
}

/// What the two sides have, as far as it was read.
fn what(
    cx: ViewContext<'_>,
    compared: Compared<'_>,
    found: &Difference,
    is_kind_said: bool,
) -> String {
    let [first, second] = documents(cx, compared);
    let names = names(cx, compared);
    let only = |bytes: String, name| {
        if is_kind_said { bytes } else { format!("only in {name}: {bytes}") }
    };
    match found.kind {
        DifferenceKind::Changed => {
            format!("{} → {}", bytes(first, &found.a), bytes(second, &found.b))
        }
        DifferenceKind::OnlyInA => only(bytes(first, &found.a), names[0]),
        DifferenceKind::OnlyInB => only(bytes(second, &found.b), names[1]),
        DifferenceKind::Unreadable => match compared.comparison.reasons.at(found.a.start) {
            Some(reason) => {
                let name = if reason.side == Side::A { names[0] } else { names[1] };
                let compared = if is_kind_said { "" } else { ": not compared" };
                format!("?? {} in {name}{compared}", reason.why)
            }
            None => "?? not compared".to_owned(),
        },
    }
}

/// The headings of the columns, and where each ends.
pub(super) fn headings(cx: ViewContext<'_>, width: u16) -> Vec<(u16, String)> {
    let Some(compared) = cx.compared else { return Vec::new() };
    let is_listed = compared.comparison.list.len() > 0;
    let columns = Columns::new(cx, compared, width).filter(|_| is_listed);
    columns.map(|it| it.headings(names(cx, compared)).to_vec()).unwrap_or_default()
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
    let common = compared.comparison.common().filter(|_| compared.comparison.parts.is_some());
    let len = in_units(common.map_or(cx.document.len, |it| it.end - it.start));
    format!("{} ({len} compared)", compared.comparison.summary())
}
