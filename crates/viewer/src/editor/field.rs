//! One field in full, as lines: its value, what is said of it, and what it refers to.

use memmap_structure::{Answer, Detail, Row, RowState};

use crate::editor::context::ViewContext;
use crate::format::hex::Hex;
use crate::format::printable::printable;
use crate::format::units::{in_short, in_units};
use crate::format::width::wrapped_within;
use crate::structure::value_text::shown;
use crate::view::structure::StructureView;

/// Width of the labels, with a blank after them.
const LABEL: u16 = 12;

/// The longest text that is shown.
const TEXT_MAX: usize = 4096;

/// A line: a label, or blanks, and a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldLine {
    pub(crate) label: String,
    pub(crate) text: String,
    pub(crate) is_error: bool,
}

impl ViewContext<'_> {
    /// The lines of the field that is shown in full.
    pub(crate) fn field_lines(self, width: u16) -> Vec<FieldLine> {
        let Some(format) = &self.document.structure.format else { return Vec::new() };
        let Some(fields) = &self.view.structure.fields else { return Vec::new() };
        let Some(detail) = &fields.detail else { return Vec::new() };
        let row = &detail.row;
        let path = if row.path.is_empty() { &format.name } else { &row.path };
        let read = in_units(fields.blocks.saturating_mul(4096).min(self.document.len));
        let all = in_units(self.document.len);
        let parts = [
            (row.name.as_str(), value(detail)),
            ("error", row.fault.as_ref().map(|it| it.message.clone()).unwrap_or_default()),
            ("type", detail.type_name.clone()),
            ("place", place(row)),
            ("bytes", first_bytes(&detail.bytes, row)),
            ("path", path.clone()),
            ("meaning", detail.meaning.clone().unwrap_or_default()),
            ("member", detail.member.clone().unwrap_or_default()),
            ("target", target(detail)),
            ("read so far", format!("{read} of {all}")),
        ];
        let mut lines = Vec::new();
        for (label, text) in parts.into_iter().filter(|(_, text)| !text.is_empty()) {
            let words: Vec<String> = text.split_whitespace().map(printable).collect();
            let room = width.saturating_sub(LABEL + 3);
            let text: String = words.join(" ").chars().take(TEXT_MAX).collect();
            let wrapped = wrapped_within(&text, room).into_iter().enumerate();
            lines.extend(wrapped.map(|(i, text)| FieldLine {
                label: if i == 0 { label.to_owned() } else { String::new() },
                text,
                is_error: label == "error",
            }));
        }
        lines
    }
}

/// The value: an integer in both notations, everything else whole.
fn value(detail: &Detail) -> String {
    let row = &detail.row;
    match &row.value {
        Some(Answer::Int(number @ 0..))
            if row.target.is_some() || row.text == number.to_string() =>
        {
            format!("{number:#x} = {number}")
        }
        Some(value @ (Answer::Text(_) | Answer::Values(_))) => shown(value),
        Some(_) => row.text.clone(),
        None if row.trail.is_group() => row.text.clone(),
        None => row.state.name().to_owned(),
    }
}

fn place(row: &Row) -> String {
    let Some(span) = &row.span else {
        let is_value = row.state == RowState::Read && !row.trail.is_group();
        return if is_value { "calculated" } else { "" }.to_owned();
    };
    let len = match (span.bits, span.len) {
        (Some((first, 1)), _) => format!("bit {first}"),
        (Some((first, bits)), _) => format!("{bits} bits from bit {first} on"),
        (None, Some(len)) => in_short(len),
        (None, None) => "its end was not looked for".to_owned(),
    };
    match &span.inside {
        Some(inside) => format!("{:#x} in the output of {inside}, {len}", span.start),
        None => format!("{:#x}, {len}", span.start),
    }
}

/// The first bytes, with a mark if there are more.
fn first_bytes(bytes: &[u8], row: &Row) -> String {
    let is_all = row.span.as_ref().and_then(|it| it.len) == Some(memmap::widen(bytes.len()));
    let text = Hex::separated(bytes, " ").to_string();
    if bytes.is_empty() || is_all { text } else { format!("{text} …") }
}

/// What the field refers to.
fn target(detail: &Detail) -> String {
    let path = detail.row.target.as_deref().unwrap_or_default();
    let Some((row, bytes)) = &detail.target else { return path.to_owned() };
    match StructureView::range(row) {
        Some(range) if !range.is_empty() => {
            let len = in_short(range.end - range.start);
            format!("{path}, {len} at {:#x}: {}", range.start, first_bytes(bytes, row))
        }
        Some(range) => format!("{path} at {:#x}", range.start),
        None => format!("{path}: {}", row.text),
    }
}
