//! Draws the minimap: a column beside the scroll bar, and a pane with a legend.

use std::collections::BTreeSet;
use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::analysis::entropy::in_bits;
use crate::analysis::minimap::{Bucket, ByteKind, Minimap};
use crate::editor::comparison::Lane;
use crate::editor::context::ViewContext;
use crate::format::theme::CURSOR;
use crate::format::units::in_units;
use crate::format::width::{fitted, width};
use crate::layout::minimap::{MapGrid, WORDS_WIDTH};
use crate::source::regions::Named;
use crate::structure::top_fields::{TopField, in_cell};
use crate::ui::write;
use crate::view::minimap::Metric;
use crate::view::panes::Pane;

/// Shades by entropy, in thousandths of a bit per byte.
const SHADES: [(u64, &str); 4] = [(3000, "░"), (5000, "▒"), (7000, "▓"), (u64::MAX, "█")];

/// The title of the pane: the range shown, and the bytes per row.
pub(super) fn title(cx: ViewContext<'_>, room: u16) -> String {
    let map = &cx.view.minimap;
    let len = map.len(cx.document.source().regions());
    let rows = cx.layout.map.map_or(1, |grid| grid.rows.max(1));
    let shown = if len < cx.document.source().regions().place(cx.document.len) {
        format!("{} from {:#x}", in_units(len), map.range.start)
    } else {
        "all".to_owned()
    };
    let row = in_units(len / u64::from(rows));
    let full = format!(" map: {shown}, a row is {row} ");
    if width(&full) <= room { full } else { " map ".to_owned() }
}

pub(super) fn draw(cx: ViewContext<'_>, grid: MapGrid, inside: Rect, buf: &mut Buffer) {
    let map = &cx.view.minimap;
    let buckets = buckets(cx, grid.count());
    if grid.has_legend {
        let line = Rect { height: 1, ..inside };
        draw_legend(cx, &buckets, line, buf);
    }
    let resident = match map.metric {
        Metric::Kinds | Metric::Fields | Metric::Regions => Vec::new(),
        Metric::Resident => resident(cx, grid.count()),
    };
    let is_focused = cx.view.pane() == Some(Pane::Map);
    let regions = cx.document.source().regions();
    let chosen = is_focused.then(|| map.cell_of(regions, map.place, grid.count()));
    let rows = buckets.chunks(grid.cells.into()).zip(0_u16..);
    for (cells, row) in rows {
        let line = Rect { y: grid.y + row, height: 1, ..inside };
        let first = u64::from(row) * u64::from(grid.cells);
        let start = cells.first().map_or(0, |bucket| bucket.range.start);
        let end = cells.last().map_or(0, |bucket| bucket.range.end);
        if grid.offset_width > 0 {
            let digits = usize::from(cx.layout().digits);
            // What is not mapped before the first byte is not worth a row.
            let first = regions.readable_in(&(start..end)).next();
            let shown = first.map_or(start, |part| part.start);
            write(buf, line, 1, &format!("{shown:0digits$x}"), cx.theme().offset());
        }
        for ((bucket, i), x) in cells.iter().zip(first..).zip(grid.x - inside.x..) {
            let (text, style) = match map.metric {
                Metric::Kinds => cell(cx, bucket),
                Metric::Resident => {
                    let known = usize::try_from(i).ok().and_then(|i| resident.get(i)?.as_ref());
                    (share(known.copied()), Style::new())
                }
                Metric::Fields => field_cell(cx, &bucket.range),
                Metric::Regions => region_cell(cx, &bucket.range),
            };
            let style = if chosen == Some(i) { CURSOR } else { style };
            write(buf, line, x, text, style);
        }
        let mut x = grid.x - inside.x + grid.cells + 1;
        if let Some((lane, style)) = lane(cx, &(start..end)) {
            write(buf, line, x - 1, lane, style);
        }
        if grid.has_words {
            let count = u64::from(grid.rows);
            let range = map.cell(regions, row.into(), count);
            let of_row = map_row(cx, cells, &range);
            // Beside the lane of a comparison there is a blank.
            let words_x = x + u16::from(cx.compared.is_some());
            write(buf, line, words_x, &of_row, cx.theme().offset());
            x += WORDS_WIDTH - 6;
        }
        let (sign, style) = sign(cx, cells, start, end);
        write(buf, line, x, &sign, style);
    }
}

/// The cells of the visible range, as far as they are known.
fn buckets(cx: ViewContext<'_>, count: u64) -> Vec<Bucket> {
    let (range, regions) = (&cx.view.minimap.range, cx.document.source().regions());
    match &cx.document.analyses.minimap {
        Some(known) => known.value.buckets(regions, range, count),
        None => Minimap::default().buckets(regions, range, count),
    }
}

/// The resident share of each cell in percent, as far as it is known.
fn resident(cx: ViewContext<'_>, count: u64) -> Vec<Option<u64>> {
    let known = cx.document.analyses.residency.as_ref();
    known.map(|it| it.value.percent(&cx.view.minimap.range, count)).unwrap_or_default()
}

/// Describes a row in words.
fn map_row(cx: ViewContext<'_>, cells: &[Bucket], range: &Range<u64>) -> String {
    match cx.view.minimap.metric {
        Metric::Kinds => {}
        Metric::Resident => return String::new(),
        Metric::Fields => {
            let field = in_cell(top_fields(cx), range).and_then(|it| top_fields(cx).get(it));
            return field.map(|it| fitted(&it.name, WORDS_WIDTH - 7)).unwrap_or_default();
        }
        Metric::Regions => {
            let named = region_in(cx, range).map(|(_, named)| &named.label);
            return named.map(|name| fitted(name, WORDS_WIDTH - 7)).unwrap_or_default();
        }
    }
    let read: u64 = cells.iter().map(Bucket::read).sum();
    if read == 0 {
        let is_hole = cells.iter().all(Bucket::is_hole) && !range.is_empty();
        let is_lost = cells.iter().any(|bucket| bucket.lost > 0);
        return if is_hole {
            "hole"
        } else if is_lost {
            "unreadable"
        } else {
            ""
        }
        .to_owned();
    }
    let weighted = |bucket: &Bucket| u128::from(bucket.millibits) * u128::from(bucket.read());
    let sum: u128 = cells.iter().map(weighted).sum();
    let mean = u64::try_from(sum / u128::from(read)).unwrap_or(0);
    let count = |kind: ByteKind| cells.iter().map(|bucket| bucket.count(kind)).sum::<u64>();
    let most = ByteKind::ALL.into_iter().rev().max_by_key(|&kind| count(kind));
    format!("H {}  {}", in_bits(mean), most.map_or("", ByteKind::name))
}

/// Markers of a row: the screen's position, the first mark or a note, matches, and unreadable bytes.
fn sign(cx: ViewContext<'_>, cells: &[Bucket], start: u64, end: u64) -> (String, Style) {
    let rows = cx.rows();
    let shown_end = cx.rows_shown().last().map_or(cx.document.len, |row| rows.offset(row.end));
    let is_shown = cx.view.top < end && shown_end > start;
    let mut text = String::from(if is_shown { "◂" } else { "" });
    if has_hit(cx, start, end) {
        text.push('•');
    }
    text.extend(mark_in(cx, start, end));
    if cells.iter().any(|bucket| bucket.lost > 0) {
        text.push('!');
        return (text, cx.theme().error());
    }
    (text, Style::new())
}

/// Whether the files of a comparison differ in a range.
fn lane(cx: ViewContext<'_>, range: &Range<u64>) -> Option<(&'static str, Style)> {
    let compared = cx.compared.filter(|_| !range.is_empty())?;
    Some(match compared.lane(range) {
        Lane::Different => ("≠", Style::new()),
        Lane::Unreadable => ("?", cx.theme().error()),
        Lane::NotCompared => ("·", cx.theme().faint()),
        Lane::Equal => (" ", Style::new()),
    })
}

/// The first mark in a range, or `#` for a note that begins there.
fn mark_in(cx: ViewContext<'_>, start: u64, end: u64) -> Option<char> {
    let range = start..end;
    let mut marks = cx.document.marks.iter();
    let mark = marks.find(|(_, place)| range.contains(place)).map(|(name, _)| name);
    let has_note = || cx.document.notes.iter().any(|note| range.contains(&note.range().start));
    mark.or_else(|| has_note().then_some('#'))
}

/// Whether a known match starts in a range.
fn has_hit(cx: ViewContext<'_>, start: u64, end: u64) -> bool {
    let search = cx.search().filter(|_| !cx.is_search_stale());
    search.is_some_and(|search| search.index(start) < search.index(end))
}

/// A cell: the dominant byte class sets the colour, the entropy sets the shade.
fn cell(cx: ViewContext<'_>, bucket: &Bucket) -> (&'static str, Style) {
    let theme = cx.theme();
    if bucket.len() == 0 {
        let sign = if bucket.gap > 0 { "╌" } else { " " };
        return (sign, theme.faint());
    }
    let Some(most) = bucket.dominant() else {
        return match bucket {
            _ if bucket.is_hole() => ("╌", theme.faint()),
            _ if bucket.lost > 0 => ("?", theme.error()),
            _ => ("·", theme.faint()),
        };
    };
    let style = theme.byte(most.class());
    // Cells of zeros stay blank.
    let is_zero = most == ByteKind::Zero && bucket.millibits < 1000;
    let found = SHADES.iter().find(|(below, _)| bucket.millibits < *below);
    let shade = if is_zero { " " } else { found.map_or("█", |(_, shade)| shade) };
    let style = if bucket.is_vague() { style.add_modifier(Modifier::DIM) } else { style };
    (shade, style)
}

/// The fields of the root, as far as they were read.
fn top_fields(cx: ViewContext<'_>) -> &[TopField] {
    let fields =
        cx.view.structure.fields.as_ref().filter(|_| cx.document.structure.format.is_some());
    fields.map_or(&[], |it| &it.map)
}

/// A cell: the letter and the colour of the field that most of it is in.
fn field_cell(cx: ViewContext<'_>, range: &Range<u64>) -> (&'static str, Style) {
    match in_cell(top_fields(cx), range) {
        Some(number) => (letter(number), field_style(cx, number)),
        None if range.is_empty() => (" ", Style::new()),
        None => ("·", cx.theme().faint()),
    }
}

/// The first region of a range that can be read, by its number.
fn region_in<'e>(cx: ViewContext<'e>, range: &Range<u64>) -> Option<(usize, &'e Named)> {
    let regions = cx.document.source().regions();
    let start = regions.readable_in(range).next()?.start;
    let number = regions.number(start)?;
    Some((number, regions.named().get(number)?))
}

/// A cell: the letter and the colour of its region.
fn region_cell(cx: ViewContext<'_>, range: &Range<u64>) -> (&'static str, Style) {
    match region_in(cx, range) {
        Some((number, _)) => (letter(number), field_style(cx, number)),
        None if range.is_empty() => (" ", Style::new()),
        None => ("╌", cx.theme().faint()),
    }
}

fn field_style(cx: ViewContext<'_>, number: usize) -> Style {
    cx.theme().field(memmap::widen(number), number % 2 == 1)
}

/// The letter of a field: they begin anew after `z`.
fn letter(number: usize) -> &'static str {
    const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz";
    let at = number % LETTERS.len();
    LETTERS.get(at..=at).unwrap_or("a")
}

/// The shade for a percentage.
const fn share(percent: Option<u64>) -> &'static str {
    match percent {
        None => "·",
        Some(0) => " ",
        Some(1..34) => "░",
        Some(34..67) => "▒",
        Some(67..100) => "▓",
        Some(_) => "█",
    }
}

/// The legend: shares of the byte classes, and how much was read.
fn draw_legend(cx: ViewContext<'_>, buckets: &[Bucket], line: Rect, buf: &mut Buffer) {
    let map = &cx.view.minimap;
    let theme = cx.theme();
    let mut fields: Vec<(String, Style)> = Vec::new();
    match map.metric {
        Metric::Kinds => {
            let legend = Minimap::legend(buckets);
            let mut kinds: Vec<(u64, ByteKind)> =
                legend.shares.into_iter().zip(ByteKind::ALL).collect();
            kinds.sort_by_key(|&(share, _)| std::cmp::Reverse(share));
            for (share, kind) in kinds.into_iter().filter(|&(share, _)| share > 0) {
                let style = theme.byte(kind.class());
                fields.push((format!("{} {}", kind.name(), in_percent(share)), style));
            }
            for (name, share, style) in [
                ("hole", legend.hole, theme.faint()),
                ("unreadable", legend.lost, theme.error()),
                ("unknown", legend.unknown, theme.faint()),
            ] {
                if share > 0 {
                    fields.push((format!("{name} {}", in_percent(share)), style));
                }
            }
            let known = cx.document.analyses.minimap.as_ref();
            let read = in_units(known.map_or(0, |it| it.value.read(&map.range)));
            let is_exact = !buckets.is_empty() && buckets.iter().all(|bucket| bucket.is_exact);
            let how = if is_exact { "all read" } else { "sampled" };
            let what = if is_exact { how.to_owned() } else { format!("{how} {read}") };
            fields.push((what, theme.offset()));
        }
        Metric::Resident => match resident(cx, 1).first().copied().flatten() {
            Some(percent) => {
                fields.push((format!("in memory {percent} %"), Style::new()));
                fields.push(("░ some  ▓ most  █ all".to_owned(), theme.offset()));
            }
            None => fields.push(("checking what is in memory …".to_owned(), theme.offset())),
        },
        Metric::Regions => {
            let mut shown: Vec<(usize, &Named)> =
                buckets.iter().filter_map(|it| region_in(cx, &it.range)).collect();
            shown.dedup_by_key(|(number, _)| *number);
            fields.extend(shown.into_iter().map(|(number, named)| {
                (format!("{} {}", letter(number), named.label), field_style(cx, number))
            }));
        }
        Metric::Fields => {
            let shown: BTreeSet<usize> =
                buckets.iter().filter_map(|it| in_cell(top_fields(cx), &it.range)).collect();
            let named = top_fields(cx).iter().enumerate().filter(|(i, _)| shown.contains(i));
            fields.extend(
                named.map(|(i, field)| {
                    (format!("{} {}", letter(i), field.name), field_style(cx, i))
                }),
            );
            if fields.is_empty() {
                fields.push(("no field is known here so far".to_owned(), theme.faint()));
            }
        }
    }
    let mut x = 1_u16;
    for (text, style) in fields {
        if x > 1 && x.saturating_add(width(&text)) > line.width {
            break;
        }
        write(buf, line, x, &text, style);
        x = x.saturating_add(width(&text)).saturating_add(2);
    }
}

/// Formats hundredths of a percent as whole percents, or `<1 %`.
fn in_percent(share: u64) -> String {
    if share < 100 { "<1 %".to_owned() } else { format!("{} %", share / 100) }
}

/// Draws the column beside the scroll bar.
pub(super) fn draw_column(cx: ViewContext<'_>, area: Rect, buf: &mut Buffer) {
    let layout = cx.layout();
    let Some(x) = cx.layout.map_x.filter(|&x| x < area.width) else { return };
    let rows = u64::from(layout.rows);
    let buckets = buckets(cx, rows);
    for (bucket, y) in buckets.iter().zip(layout.first_line()..) {
        if y >= area.height {
            break;
        }
        let line = Rect { x: area.x + x, y: area.y + y, width: 1, height: 1 };
        let mark = mark_in(cx, bucket.range.start, bucket.range.end);
        if let Some(mark) = mark {
            let style = Style::new().add_modifier(Modifier::BOLD);
            write(buf, line, 0, mark.encode_utf8(&mut [0; 4]), style);
        } else {
            let (text, style) = cell(cx, bucket);
            let is_hit = has_hit(cx, bucket.range.start, bucket.range.end);
            let differing = lane(cx, &bucket.range).filter(|(sign, _)| *sign == "≠");
            let (text, style) = differing.unwrap_or((if is_hit { "•" } else { text }, style));
            write(buf, line, 0, text, style);
        }
    }
}
