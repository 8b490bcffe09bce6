//! Draws one field in full.

use ratatui::style::Style;

use super::Span;
use crate::editor::context::ViewContext;
use crate::format::width::fitted;
use crate::ui::pane::structure::padded;

/// Width of a label.
const LABEL: u16 = 11;

/// A line for each thing that is known of the field.
pub(super) fn items(cx: ViewContext<'_>, width: u16) -> Vec<Vec<Span>> {
    let lines = cx.field_lines(width).into_iter();
    let spans = lines.map(|line| {
        let style = if line.is_error { cx.theme().error() } else { Style::new() };
        let label = padded(&fitted(&line.label, LABEL), LABEL + 1);
        vec![(label, cx.theme().offset()), (line.text, style)]
    });
    spans.collect()
}
