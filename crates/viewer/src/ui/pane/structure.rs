//! Draws the fields: a row for each node.

use memmap_structure::{Answer, Row, RowState};
use ratatui::style::{Modifier, Style};

use super::{Span, formats};
use crate::editor::context::ViewContext;
use crate::format::units::{in_short, in_units};
use crate::format::width::{fitted, width};
use crate::structure::format_job::Choice;
use crate::structure::read_fields::Tint;
use crate::view::panes::Pane;
use crate::view::structure::StructureView;

/// Widths of names and values in a pane beside the bytes, and in one below them.
const BESIDE: (u16, u16) = (31, 26);
const BELOW: (u16, u16) = (22, 27);

/// Width of a size, with a blank before it.
const SIZE: u16 = 10;

/// The columns of a row.
struct Columns {
    name: u16,
    value: u16,
    /// Width of an offset; 0 if there is no room.
    offset: u16,
    size: u16,
}

impl Columns {
    fn new(room: u16, len: u64, is_beside: bool) -> Self {
        let digits = u16::try_from(format!("{:x}", len.saturating_sub(1)).len()).unwrap_or(16);
        // With little room the size goes first, then the offset.
        let (offset, size) = match room {
            60.. => (digits.max(6) + 2, SIZE),
            44.. => (digits.max(6) + 2, 0),
            _ => (0, 0),
        };
        let (name, value) = if is_beside { BESIDE } else { BELOW };
        // A blank before the name, and after each column.
        let rest = room.saturating_sub(offset + size + 4);
        if rest >= name + value {
            return Self { name, value, offset, size };
        }
        let name = rest * name / (name + value);
        Self { name, value: rest - name, offset, size }
    }
}

/// The lines from an index on, at most as many as there are.
pub(super) fn items(
    cx: ViewContext<'_>,
    first: usize,
    count: usize,
    room: u16,
    is_beside: bool,
) -> Vec<Vec<Span>> {
    if cx.lists_formats() {
        return formats::items(cx, first, count, room);
    }
    let view = &cx.view.structure;
    let columns = Columns::new(room, cx.document.len, is_beside);
    let last = view.row_count().min(first.saturating_add(count));
    let line = |number: usize| match view.above(number, first).or_else(|| view.row(number)) {
        Some(row) => node(cx, row, &columns),
        None if view.is_stop(number) => {
            vec![("  stopped after 16 MiB; Enter continues".to_owned(), cx.theme().faint())]
        }
        None => vec![("  ··".to_owned(), cx.theme().faint())],
    };
    (first..last).map(line).collect()
}

/// A node.
fn node(cx: ViewContext<'_>, row: &Row, columns: &Columns) -> Vec<Span> {
    let theme = cx.theme();
    let is_open = cx.view.structure.outline.is_open(&row.trail);
    // The root needs no mark: it is always open.
    let sign = match (row.depth, row.has_children, is_open) {
        (0, ..) => "",
        (_, true, true) => "▾ ",
        (_, true, false) => "▸ ",
        (_, false, _) => "  ",
    };
    let mut name = format!("{sign}{}", row.name);
    let mut indent = 2 * row.depth.saturating_sub(1);
    let room = |name: &str| usize::from(columns.name.saturating_sub(width(name)));
    if let Some((start, _)) = name.split_once('…')
        && row.trail.is_group()
        && room(&name) < indent
    {
        // Its value says how many there are.
        name = format!("{start}…]");
    }
    if row.trail.is_element() || row.trail.is_group() {
        // Numbers that are cut say nothing.
        indent = indent.min(room(&name));
    }
    let label = format!("{}{name}", " ".repeat(indent));
    let is_leaf = !row.has_children && StructureView::range(row).is_some();
    let name_style = match row.state {
        RowState::NotReached | RowState::More if !row.has_children => theme.faint(),
        _ if is_leaf && cx.is_coloured_by_field() => {
            let Tint { hue, is_second } = Tint::of(&row.trail);
            theme.field(hue, is_second)
        }
        _ => Style::new(),
    };
    let (value, value_style) = value(cx, row);
    let mut spans = vec![
        (" ".to_owned(), Style::new()),
        (padded(&fitted(&label, columns.name), columns.name + 1), name_style),
        (padded(&fitted(&value, columns.value), columns.value + 1), value_style),
    ];
    if let Some(span) = &row.span {
        if columns.offset > 0 {
            let digits = usize::from(columns.offset - 2);
            let start = match &span.inside {
                Some(_) => format!("[{:x}]", span.start),
                None => format!("{:#0w$x}", span.start, w = digits + 2),
            };
            let start = format!("{start:>w$}", w = usize::from(columns.offset));
            spans.push((start, theme.offset()));
        }
        if columns.size > 0 {
            let size = match span.bits {
                Some((_, 1)) => "1 bit".to_owned(),
                Some((_, bits)) => format!("{bits} bits"),
                // Without a length nobody has looked where it ends.
                None => span.len.map(in_short).unwrap_or_default(),
            };
            spans.push((format!("{size:>w$}", w = usize::from(columns.size)), theme.offset()));
        }
    }
    spans
}

/// The value of a row, or what is wrong with it.
fn value(cx: ViewContext<'_>, row: &Row) -> (String, Style) {
    let theme = cx.theme();
    let fault = row.fault.as_ref().map_or("", |it| it.message.as_str());
    match row.state {
        RowState::Unreadable => (format!("?? {fault}"), theme.error()),
        RowState::Failed => (format!("? {fault}"), theme.error()),
        RowState::NotReached if row.text.is_empty() => ("not reached".to_owned(), theme.faint()),
        RowState::NotReached => (row.text.clone(), theme.faint()),
        RowState::Unread if row.text.is_empty() => ("not read".to_owned(), theme.faint()),
        RowState::More if matches!(row.value, Some(Answer::List(_, 0))) => {
            ("not read".to_owned(), theme.faint())
        }
        RowState::More if row.has_children => (walked(cx, row), theme.faint()),
        RowState::More => (format!("{}; Enter walks on", row.text), theme.faint()),
        _ => (row.text.clone(), Style::new()),
    }
}

/// A list whose end was not reached, with how far the walk is, if there is one.
fn walked(cx: ViewContext<'_>, row: &Row) -> String {
    let walk = cx.document.structure.walk.as_ref().filter(|it| it.trail == row.trail);
    let job = walk.and_then(|it| cx.jobs.get(it.job)).filter(|job| job.total > 0);
    match job {
        Some(job) => {
            let percent = u128::from(job.done) * 100 / u128::from(job.total);
            format!("{}  {percent} %", row.text)
        }
        None => row.text.clone(),
    }
}

/// The chosen row as a line, if its columns do not show all of it.
pub(in crate::ui) fn whole(cx: ViewContext<'_>) -> Option<String> {
    let place = cx.layout.pane(Pane::Structure).filter(|_| !cx.lists_formats())?;
    let line = cx.view.panes.line(Pane::Structure).min(place.count.checked_sub(1)?);
    let row = cx.view.structure.row(line)?;
    let inside = place.flow.inside;
    let columns = Columns::new(inside.width, cx.document.len, inside.x > 0);
    let (value, _) = value(cx, row);
    let indent = u16::try_from(2 * row.depth).unwrap_or(u16::MAX);
    let is_cut =
        width(&value) > columns.value || width(&row.name).saturating_add(indent) > columns.name;
    let is_more = row.state == RowState::More;
    (is_cut && !is_more).then(|| format!("{}  {value}", row.path))
}

pub(super) fn padded(text: &str, room: u16) -> String {
    let blanks = room.saturating_sub(width(text));
    format!("{text}{}", " ".repeat(blanks.into()))
}

/// The title: the format, and what is known of the whole.
pub(super) fn title(cx: ViewContext<'_>, room: u16) -> String {
    let structure = &cx.document.structure;
    match &structure.format {
        Some(format) => {
            let label = format.label();
            let blocks = cx.view.structure.fields.as_ref().map_or(0, |it| it.blocks);
            let read = in_units(blocks.saturating_mul(4096));
            let full = format!(" structure: {label}, {read} read ");
            let short = format!(" structure: {label} ");
            if width(&full) <= room { full } else { fitted(&short, room) }
        }
        None => " structure ".to_owned(),
    }
}

/// The headings of the columns, each with the column after its end.
pub(super) fn headings(
    cx: ViewContext<'_>,
    room: u16,
    is_beside: bool,
) -> Vec<(u16, &'static str)> {
    if cx.lists_formats() {
        return Vec::new();
    }
    let columns = Columns::new(room, cx.document.len, is_beside);
    let offset = 1 + columns.name + 1 + columns.value + 1 + columns.offset;
    let all =
        [(offset, " offset ", columns.offset), (offset + columns.size, " size ", columns.size)];
    let shown = all.into_iter().filter(|(.., width)| *width > 0);
    shown.map(|(end, text, _)| (end + 1, text)).collect()
}

/// What stands at the right of the title.
pub(super) fn remark(cx: ViewContext<'_>) -> String {
    let structure = &cx.document.structure;
    let is_known = structure.format.is_some() || structure.looking.is_some();
    let remark = match structure.choice {
        _ if cx.lists_formats() && structure.format.is_some() => " Esc keeps this format ",
        _ if is_known => "",
        _ if !structure.problems.is_empty() => " shown without structure  :format FILE.ksy ",
        Choice::Off => " off  :format auto ",
        _ => " no format recognised  :format FILE.ksy ",
    };
    remark.to_owned()
}

/// What is said instead of rows.
pub(super) fn when_empty(cx: ViewContext<'_>) -> String {
    let structure = &cx.document.structure;
    let problem = cx.view.structure.problem.as_deref();
    match problem {
        _ if cx.lists_formats() && !structure.offers().is_empty() => {
            "no format has these words; Backspace takes back".to_owned()
        }
        Some(problem) => problem.to_owned(),
        None if cx.document.len == 0 => "no bytes".to_owned(),
        None if structure.looking.is_some() || !cx.lists_formats() => {
            Pane::Structure.when_empty().to_owned()
        }
        None => "no formats are known".to_owned(),
    }
}

/// The style of the row that is chosen while the keyboard is elsewhere.
pub(super) const CHOSEN: Style = Style::new().add_modifier(Modifier::BOLD);
