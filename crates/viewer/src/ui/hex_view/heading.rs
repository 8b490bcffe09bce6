//! Rows that name a region, or say that there is nothing.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::editor::context::ViewContext;
use crate::format::theme::CURSOR;
use crate::format::units::in_units;
use crate::format::width::{fitted, width};
use crate::source::regions::{Named, Part, PartKind};
use crate::ui::write;
use crate::view::rows::Heading;

pub(super) fn draw(
    cx: ViewContext<'_>,
    heading: Heading<'_>,
    y: u16,
    area: Rect,
    buf: &mut Buffer,
) {
    let (Heading::Above(part) | Heading::Whole(part)) = heading;
    let layout = cx.layout();
    let end = cx.layout.map_x.or(cx.layout.bar_x);
    let end = end.unwrap_or_else(|| layout.text_x(layout.columns));
    let line = Rect { y: area.y + y, height: 1, width: end.min(area.width), ..area };
    let digits = usize::from(layout.digits);
    let text = format!("── {:0digits$x}  {} ", part.range.start, words(cx, part));
    let text = fitted(&text, line.width);
    let rule = "─".repeat(line.width.saturating_sub(width(&text)).into());
    let has_cursor = matches!(heading, Heading::Whole(_)) && part.range.contains(&cx.view.cursor);
    let style = if has_cursor { CURSOR } else { cx.theme().offset() };
    write(buf, line.intersection(area), 0, &(text + &rule), style);
}

/// What a part is, how long, and what may be done with it.
fn words(cx: ViewContext<'_>, part: &Part) -> String {
    let len = in_units(part.range.end - part.range.start);
    let named = part.region().and_then(|number| cx.document.source().regions().named().get(number));
    let Some(named) = named else {
        return match part.kind {
            PartKind::Gap => format!("not mapped: {len}"),
            _ => format!("in no region: {len}"),
        };
    };
    let mut fields = vec![full_label(named), named.region.access.clone(), len];
    fields.extend(named.region.file_offset.map(|at| format!("file offset {at:#x}")));
    if !named.region.is_readable {
        fields.push("not readable".to_owned());
    }
    fields.retain(|field| !field.is_empty());
    fields.join("  ")
}

/// The name of a region, and whether it is the program text of its file.
pub(in crate::ui) fn full_label(named: &Named) -> String {
    let is_text = named.region.access.contains('x') && named.region.file_offset.is_some();
    if is_text { format!("{} [text]", named.label) } else { named.label.clone() }
}
