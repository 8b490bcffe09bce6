//! Offsets, bytes and characters: cells are written directly, without strings in between.

pub(super) mod heading;
mod marks;

use std::ops::Range;

use memmap::scan::ByteClass;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::analysis::alignment::{FoldOf, PairAt};
use crate::document::notes::Note;
use crate::editor::comparison::{Compared, Relation};
use crate::editor::context::ViewContext;
use crate::format::charset::CHARACTER_REACH;
use crate::format::theme::{CURSOR, SELECTED, Theme};
use crate::format::units::in_units;
use crate::format::width::{fitted, width};
use crate::source::page_cache::Known;
use crate::ui::hex_view::marks::Marks;

const HEX: [char; 16] =
    ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];

fn hex(nibble: u64) -> char {
    usize::try_from(nibble & 15).ok().and_then(|n| HEX.get(n)).copied().unwrap_or('?')
}

/// A cell, if it is on the screen at all.
fn cell(buf: &mut Buffer, area: Rect, x: u16, y: u16) -> Option<&mut Cell> {
    (x < area.width && y < area.height).then(|| buf.cell_mut((area.x + x, area.y + y))).flatten()
}

fn put(buf: &mut Buffer, area: Rect, x: u16, y: u16, c: char, style: Style) {
    if let Some(cell) = cell(buf, area, x, y) {
        cell.set_char(c).set_style(style);
    }
}

pub(super) fn draw(cx: ViewContext<'_>, area: Rect, buf: &mut Buffer) {
    let layout = cx.layout();
    if layout.ruler {
        draw_ruler(cx, area, buf);
    }
    if cx.document.len == 0 {
        draw_empty(cx, area, buf);
    }
    let rows = cx.rows();
    let mut is_reason_said = false;
    for (row, y) in cx.rows_shown().zip(layout.lines()) {
        if let Some(heading) = rows.heading(row.start) {
            heading::draw(cx, heading, y, area, buf);
            continue;
        }
        let bytes = rows.bytes(&row);
        for digit in 0..layout.digits {
            let nibble = bytes.start >> (4 * (layout.digits - 1 - digit));
            put(buf, area, layout.left + digit, y, hex(nibble), cx.theme().offset());
        }
        if let Some(letter) = layout.frame.letter() {
            put(buf, area, 0, y, letter, cx.theme().offset());
        }
        if rows.fold(row.start).is_some() {
            draw_fold(cx, &row, y, area, buf);
        } else {
            let is_lost = || {
                let mut known = bytes.clone().map(|at| cx.document.pages.byte(at));
                !bytes.is_empty() && known.all(|known| known == Known::Unreadable)
            };
            let says_why = !is_reason_said && is_lost();
            is_reason_said |= says_why;
            draw_row(cx, row, y, area, buf);
            if says_why {
                draw_reason(cx, y, area, buf);
            }
        }
    }
}

/// What there is to say of a file without bytes.
fn draw_empty(cx: ViewContext<'_>, area: Rect, buf: &mut Buffer) {
    let has_file = cx.document.source().path().is_some();
    let what = match &cx.document.stream {
        Some(stream) if stream.is_open() => format!("Nothing has come of the {} yet.", stream.kind),
        Some(stream) => format!("Nothing came of the {}.", stream.kind),
        None => "This file is empty (0 bytes).".to_owned(),
    };
    let keys = &cx.settings.keys;
    let is_writable = cx.document.editing.is_some();
    let insert = if is_writable {
        keys.hints("{insert}   inserts the first byte")
    } else {
        keys.hints(":w  needs -w or :edit on; then {insert} inserts the first byte")
    };
    let text = [
        what,
        String::new(),
        keys.hints("{follow}   waits for bytes that another program writes"),
        insert,
    ];
    if cx.typing().is_some() {
        draw_after(cx, cx.layout().first_line(), &(0..0), area, buf);
    }
    let first = area.y + cx.layout().first_line();
    let lines = if has_file { &text[..] } else { &text[..1] };
    for (text, y) in lines.iter().zip(first + 1..) {
        let line = Rect { y, height: 1, ..area }.intersection(area);
        super::write(buf, line, 3, text, cx.theme().offset());
    }
}

/// Why bytes cannot be read, in place of their characters.
fn draw_reason(cx: ViewContext<'_>, y: u16, area: Rect, buf: &mut Buffer) {
    let (layout, x) = (cx.layout(), cx.layout().text_x(0));
    let end = cx.layout.map_x.or(cx.layout.bar_x).unwrap_or_else(|| layout.text_x(layout.columns));
    let line = Rect { y: area.y + y, height: 1, width: end.min(area.width), ..area };
    let problem = cx.document.pages.problem();
    let reason = problem.map_or_else(|| "unreadable".to_owned(), ToString::to_string);
    let reason = fitted(&reason, end.saturating_sub(x + 1));
    super::write(buf, line.intersection(area), x, &reason, cx.theme().error());
}

/// A row that stands for many: how much they are, and why they are one.
fn draw_fold(cx: ViewContext<'_>, row: &Range<u64>, y: u16, area: Rect, buf: &mut Buffer) {
    let run = cx.rows().run(row.start);
    let only = cx.rows().fold_of(row.start).and_then(|of| only_in(cx, of));
    let why = match run {
        _ if only.is_some() => only.as_deref().unwrap_or_default(),
        _ if cx.compared.is_some() => "equal in both",
        Some(run) if run.is_hole => "of zeros: a hole, not read",
        Some(run) if run.is_zero => "of zeros",
        _ => "of the row above",
    };
    if run.is_some_and(|run| run.is_unreadable) {
        return draw_lost(cx, row, y, area, buf);
    }
    let is_known = run.is_none_or(|run| run.is_start_known && run.is_end_known || run.is_hole);
    let so_far = if is_known { "" } else { ", so far" };
    let text = format!("* {} {why}{so_far}", in_units(row.end - row.start));
    draw_text(cx, row, y, &text, cx.theme().faint(), area, buf);
}

/// Which of two files has the bytes of a fold, if the other one has none.
fn only_in(cx: ViewContext<'_>, of: FoldOf) -> Option<String> {
    let (FoldOf::Only(only), compared) = (of, cx.compared?) else { return None };
    let document = if only == compared.side { Some(cx.document) } else { compared.other };
    Some(format!("only in {}", document.map_or("one file", |it| it.name.as_str())))
}

/// A row that stands for those of a block that cannot be read.
fn draw_lost(cx: ViewContext<'_>, row: &Range<u64>, y: u16, area: Rect, buf: &mut Buffer) {
    let problem = cx.document.pages.problem();
    let why = problem.map_or_else(|| "unreadable".to_owned(), ToString::to_string);
    let text = format!("?? {} more bytes: {why}", row.end - row.start);
    draw_text(cx, row, y, &text, cx.theme().error(), area, buf);
}

/// Writes a text in place of the bytes of a row.
fn draw_text(
    cx: ViewContext<'_>,
    row: &Range<u64>,
    y: u16,
    text: &str,
    style: Style,
    area: Rect,
    buf: &mut Buffer,
) {
    let layout = cx.layout();
    let x = layout.digits_x(0);
    let end = layout.text_x(layout.columns - 1) + 1;
    let line = Rect { y: area.y + y, height: 1, width: end.min(area.width), ..area };
    let rows = cx.rows();
    let bytes = rows.bytes(row);
    let is_selected = cx
        .selection()
        .is_some_and(|selected| selected.start < bytes.end && bytes.start < selected.end);
    let style = if row.contains(&cursor_place(cx)) {
        CURSOR
    } else if is_selected {
        SELECTED
    } else {
        style
    };
    let text = fitted(text, end.saturating_sub(x));
    super::write(buf, line.intersection(area), x, &text, style);
}

/// The place of the cursor: also one where only the other file has a byte.
fn cursor_place(cx: ViewContext<'_>) -> u64 {
    let missing = cx.compared.and_then(Compared::missing_cursor);
    missing.unwrap_or_else(|| cx.rows().place(cx.view.cursor))
}

/// A column of a row.
#[derive(Debug, Clone, Copy)]
struct Column {
    number: u16,
    place: u64,
    /// The offset of the byte; `None` if only the other file has one.
    offset: Option<u64>,
    /// What it is paired with, if files are aligned.
    pair: Option<PairAt>,
}

/// The columns of a row, from left to right.
fn columns(cx: ViewContext<'_>, row: &Range<u64>) -> Vec<Column> {
    let rows = cx.rows();
    let lead = u16::try_from(rows.column(row.start)).unwrap_or(0);
    let places = (lead..).zip(row.clone());
    match rows.pairs(row) {
        Some(pairs) => places
            .zip(pairs)
            .map(|((number, place), pair)| Column {
                number,
                place,
                offset: pair.own,
                pair: Some(pair),
            })
            .collect(),
        None => places
            .zip(rows.bytes(row))
            .map(|((number, place), offset)| Column {
                number,
                place,
                offset: Some(offset),
                pair: None,
            })
            .collect(),
    }
}

/// Draws what stands for a byte that only the other file has.
fn draw_missing(cx: ViewContext<'_>, column: Column, y: u16, area: Rect, buf: &mut Buffer) {
    let is_cursor = cursor_place(cx) == column.place;
    let style = if is_cursor { CURSOR } else { cx.theme().faint() };
    let x = cx.layout().digits_x(column.number);
    put(buf, area, x, y, '-', style);
    put(buf, area, x + 1, y, '-', style);
}

fn draw_row(cx: ViewContext<'_>, row: Range<u64>, y: u16, area: Rect, buf: &mut Buffer) {
    let (layout, theme) = (cx.layout(), cx.theme());
    let columns = columns(cx, &row);
    let cursor = cursor_place(cx);
    let row = cx.rows().bytes(&row);
    let emphasis = Emphasis::new(cx, &row);
    let after = cx.typing().filter(|typing| typing.at == row.end && typing.at == cx.document.len);
    // A character may begin on the row above, and may end on the row below.
    let start = row.start.saturating_sub(CHARACTER_REACH);
    let end = row.end.saturating_add(CHARACTER_REACH).min(cx.document.len);
    let around = cx.document.pages.bytes(start, end - start);
    let before = usize::try_from(row.start - start).unwrap_or(0);
    let known = around.get(before..).unwrap_or_default();
    // How many of the next bytes belong to the character before.
    let mut taken = cx.settings.table.carried(around.get(..before).unwrap_or_default(), known);
    let (mut covered, mut marks) = (false, Marks::default());
    for column in columns {
        let i = column.number;
        let Some(position) = column.offset else {
            draw_missing(cx, column, y, area, buf);
            marks.see(Some(Relation::Different), false, None, layout.digits_x(i));
            continue;
        };
        let at = usize::try_from(position - row.start).unwrap_or(usize::MAX);
        let Some(&byte) = known.get(at) else { break };
        let (digits, mut style) = cell_of(cx, position, byte);
        let relation = cx.compared.map(|it| match column.pair {
            Some(pair) => it.relation_to(pair.other, byte, Relation::Different),
            None => it.relation(position, byte),
        });
        style = emphasis.style(cx, related(style, relation), position);
        let blank_style = style;
        if column.place == cursor && after.is_none() {
            style = style.remove_modifier(Modifier::DIM).patch(CURSOR);
        }
        let x = layout.digits_x(i);
        put(buf, area, x, y, digits[0], style);
        put(buf, area, x + 1, y, digits[1], style);
        // Without colours, a mark says where a field begins.
        if theme == Theme::Mono && x > 0 && begins_field(cx, position) {
            put(buf, area, x - 1, y, '|', theme.faint());
        }
        let note = emphasis.note(position).map(Note::range);
        marks.see(relation, emphasis.is_edited(position), note, x);
        if let Some(style) = emphasis.gap(cx, position, blank_style) {
            draw_gap(cx, i, style, y, area, buf);
        }
        let rest = known.get(at..).unwrap_or_default();
        let text = match byte {
            _ if taken > 0 => {
                taken -= 1;
                ' '
            }
            Known::Value(_) => {
                let room = layout.columns - i + spare(cx, area);
                let (c, len) = cx.settings.table.character_of(rest, room);
                taken = len - 1;
                c
            }
            Known::Unreadable => '?',
            Known::NotYet => '·',
        };
        // The second half of a wide character is not written over.
        if covered {
            covered = false;
        } else {
            put(buf, area, layout.text_x(i), y, text, style);
        }
        covered |= width(text.encode_utf8(&mut [0; 4])) > 1;
    }
    marks.draw(cx, y, area, buf);
    draw_to_come(cx, &row, y, area, buf);
    if after.is_some() {
        draw_after(cx, y, &row, area, buf);
    }
}

/// Draws the bytes that are still to come in the last row of a stream.
fn draw_to_come(cx: ViewContext<'_>, row: &Range<u64>, y: u16, area: Rect, buf: &mut Buffer) {
    if !cx.document.is_growing() || row.end < cx.document.len {
        return;
    }
    let layout = cx.layout();
    let first = cx.rows().column(cx.rows().place(row.start)) + (row.end - row.start);
    for i in u16::try_from(first).unwrap_or(u16::MAX)..layout.columns {
        let x = layout.digits_x(i);
        put(buf, area, x, y, '·', cx.theme().offset());
        put(buf, area, x + 1, y, '·', cx.theme().offset());
    }
}

/// Draws the gap after a column.
fn draw_gap(cx: ViewContext<'_>, i: u16, style: Style, y: u16, area: Rect, buf: &mut Buffer) {
    let layout = cx.layout();
    if i + 1 < layout.columns {
        for gap in layout.digits_x(i) + 2..layout.digits_x(i + 1) {
            put(buf, area, gap, y, ' ', style);
        }
    }
}

/// The cursor after the last byte, where the next one is typed.
fn draw_after(cx: ViewContext<'_>, y: u16, row: &Range<u64>, area: Rect, buf: &mut Buffer) {
    let layout = cx.layout();
    let column = cx.rows().column(cx.rows().place(row.start)) + (row.end - row.start);
    let column = u16::try_from(column).unwrap_or(u16::MAX);
    let has_room = column < layout.columns;
    let (y, i) = if has_room { (y, column) } else { (y + 1, 0) };
    if y < layout.first_line() + layout.rows {
        let x = layout.digits_x(i);
        for x in [x, x + 1, layout.text_x(i)] {
            put(buf, area, x, y, ' ', CURSOR);
        }
    }
}

/// What stands out in a row.
struct Emphasis<'a> {
    selected: Range<u64>,
    chosen: Range<u64>,
    lit: &'a [Range<u64>],
    field: Option<Range<u64>>,
    changed: Vec<Range<u64>>,
    /// By place: the last one that has a byte is the innermost.
    noted: Vec<&'a Note>,
}

impl<'a> Emphasis<'a> {
    fn new(cx: ViewContext<'a>, row: &Range<u64>) -> Self {
        let field = cx.field_at_cursor().filter(|_| cx.is_coloured_by_field());
        Self {
            selected: cx.selection().unwrap_or(0..0),
            chosen: cx.chosen_field().unwrap_or(0..0),
            lit: lit(cx, row),
            field: field.map(|it| it.range.clone()),
            changed: cx.document.changed_in(row),
            noted: cx.document.notes.within(row).collect(),
        }
    }

    fn note(&self, position: u64) -> Option<&'a Note> {
        self.noted.iter().rfind(|note| note.range().contains(&position)).copied()
    }

    fn is_edited(&self, position: u64) -> bool {
        self.changed.iter().any(|range| range.contains(&position))
    }

    fn style(&self, cx: ViewContext<'_>, style: Style, position: u64) -> Style {
        let is_in_field = self.field.as_ref().is_some_and(|it| it.contains(&position));
        let mut style = style;
        if let Some(note) = self.note(position) {
            style = note.colour.tint(cx.theme(), style);
        }
        if self.is_edited(position) {
            style = style.add_modifier(Modifier::BOLD | Modifier::UNDERLINED);
        }
        if self.lit.iter().any(|range| range.contains(&position)) {
            style = cx.theme().found(style);
        }
        if is_in_field || cx.document.follow.has_changed(position) {
            style = style.add_modifier(Modifier::UNDERLINED);
        }
        if self.selected.contains(&position) || self.chosen.contains(&position) {
            style = style.patch(SELECTED);
        }
        style
    }

    /// The style of the gap after a byte, if it has one: a selection and a note are one band, not many boxes.
    fn gap(&self, cx: ViewContext<'_>, position: u64, of_byte: Style) -> Option<Style> {
        let next = position.saturating_add(1);
        let is_selected = [&self.selected, &self.chosen]
            .into_iter()
            .any(|range| range.contains(&position) && range.contains(&next));
        if is_selected {
            return Some(of_byte);
        }
        let note = self.note(position).filter(|note| note.range().contains(&next))?;
        (cx.theme() != Theme::Mono).then(|| note.colour.tint(cx.theme(), Style::new()))
    }
}

/// The style of a byte that is compared with another one.
fn related(style: Style, relation: Option<Relation>) -> Style {
    match relation {
        Some(Relation::Equal | Relation::NotAligned) => style.add_modifier(Modifier::DIM),
        Some(Relation::Different) => {
            style.remove_modifier(Modifier::DIM).add_modifier(Modifier::REVERSED)
        }
        Some(Relation::Alone | Relation::Unknown) | None => style,
    }
}

/// The digits of a byte, and its style: by its field, if bytes have the colours of fields.
fn cell_of(cx: ViewContext<'_>, position: u64, byte: Known) -> ([char; 2], Style) {
    let theme = cx.theme();
    match byte {
        Known::Value(byte) => {
            let n = u64::from(byte);
            let style = match cx.field_colour(position) {
                Some(colour) => theme.field(colour.tint.hue, colour.tint.is_second),
                None => theme.byte(ByteClass::of(byte)),
            };
            ([hex(n >> 4), hex(n)], style)
        }
        Known::Unreadable => (['?', '?'], theme.error()),
        Known::NotYet => (['·', '·'], theme.offset()),
    }
}

/// Whether a field begins at a byte.
fn begins_field(cx: ViewContext<'_>, position: u64) -> bool {
    cx.field_colour(position).is_some_and(|it| it.start == position)
}

/// Free cells after the last character of a row; a wide character may need one.
fn spare(cx: ViewContext<'_>, area: Rect) -> u16 {
    let layout = cx.layout();
    let end = layout.text_x(layout.columns - 1) + 1;
    let next = cx.layout.map_x.or(cx.layout.bar_x).unwrap_or(area.width);
    u16::from(end < next.min(area.width))
}

/// What was found in a row.
fn lit<'a>(cx: ViewContext<'a>, row: &Range<u64>) -> &'a [Range<u64>] {
    let first = cx.view.lit.partition_point(|range| range.end <= row.start);
    let last = cx.view.lit.partition_point(|range| range.start < row.end);
    cx.view.lit.get(first..last).unwrap_or_default()
}

/// The line above the bytes: the last digit of the offset in each column.
fn draw_ruler(cx: ViewContext<'_>, area: Rect, buf: &mut Buffer) {
    let layout = cx.layout();
    let y = layout.first_line() - 1;
    let style = cx.theme().offset();
    for (digit, c) in (layout.digits.saturating_sub(6)..layout.digits).zip("offset".chars()) {
        put(buf, area, digit, y, c, style);
    }
    for i in 0..layout.columns {
        let n = u64::from(i);
        let x = layout.digits_x(i);
        if i >= 16 {
            put(buf, area, x, y, hex(n >> 4), style);
        }
        put(buf, area, x + 1, y, hex(n), style);
        put(buf, area, layout.text_x(i), y, hex(n), style);
    }
}
