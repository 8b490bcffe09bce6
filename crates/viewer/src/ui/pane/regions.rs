//! Draws the list of regions.

use ratatui::style::Style;

use super::Span;
use crate::editor::context::ViewContext;
use crate::format::units::in_units;
use crate::format::width::{fitted, width};
use crate::ui::hex_view::heading::full_label;

/// Width of the sizes and of the access.
const SIZE_WIDTH: usize = 10;
const ACCESS_WIDTH: usize = 5;

/// Minimum width for sizes beside the names.
const SIZE_FROM: u16 = 52;

/// The lines from an index on, at most `count`.
pub(super) fn items(cx: ViewContext<'_>, first: usize, count: usize, room: u16) -> Vec<Vec<Span>> {
    let regions = cx.document.source().regions();
    let here = regions.number(cx.view.cursor);
    let digits = usize::from(cx.layout().digits);
    let named = regions.named().iter().enumerate().skip(first).take(count);
    named
        .map(|(number, named)| {
            let region = &named.region;
            let sign = if here == Some(number) { '▸' } else { ' ' };
            let place = format!("{sign} {:0digits$x}  ", region.range.start);
            let size = in_units(region.range.end - region.range.start);
            let sign = if region.is_readable { "" } else { "??" };
            let access = &region.access;
            let size =
                if room < SIZE_FROM { String::new() } else { format!(" {size:>SIZE_WIDTH$} ") };
            let right = format!("{size} {access:<ACCESS_WIDTH$}{sign:<3}");
            let left = room.saturating_sub(width(&place) + width(&right) + 1);
            let label = fitted(&full_label(named), left);
            let blank = " ".repeat(left.saturating_sub(width(&label)).into());
            vec![
                (place, cx.theme().offset()),
                (label + &blank, Style::new()),
                (right, if region.is_readable { Style::new() } else { cx.theme().error() }),
            ]
        })
        .collect()
}

/// How many there are.
pub(super) fn title(cx: ViewContext<'_>) -> String {
    format!(" regions: {} ", cx.document.source().regions().named().len())
}
