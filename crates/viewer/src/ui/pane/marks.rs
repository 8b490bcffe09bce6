//! Draws the list of marks and notes.

use ratatui::style::Style;

use super::Span;
use crate::document::notes::Note;
use crate::editor::context::ViewContext;
use crate::format::width::width;
use crate::ui::place_in;
use crate::view::panes::Pane;

/// The marks by name, then the notes by place.
pub(super) fn items(cx: ViewContext<'_>) -> Vec<Vec<Span>> {
    let len = cx.document.len;
    let marks = cx.document.marks.iter();
    let marks = marks
        .map(|(name, at)| vec![(format!("{name}  {at:#x}  {}", place_in(at, len)), Style::new())]);
    marks.chain(cx.document.notes.iter().map(|note| item(cx, note))).collect()
}

/// A note. Its sign has the colour of its bytes and, without colours, stands around them.
fn item(cx: ViewContext<'_>, note: &Note) -> Vec<Span> {
    let range = note.range();
    let place = format!(" {:#x}..{:#x}  {}", range.start, range.end, share(cx, note));
    vec![
        ("()".to_owned(), note.colour.tint(cx.theme(), Style::new())),
        (place, Style::new()),
        (format!("  {}", note.text), Style::new()),
    ]
}

/// Where in the file a note is.
fn share(cx: ViewContext<'_>, note: &Note) -> String {
    let len = cx.document.len;
    // The file may have been cut.
    place_in(if note.range().end > len { len } else { note.range().start }, len)
}

/// The text of the chosen note, if the pane cuts it off.
pub(in crate::ui) fn whole(cx: ViewContext<'_>) -> Option<String> {
    let place = cx.layout.pane(Pane::Marks)?;
    let line = cx.view.panes.line(Pane::Marks);
    let note = line.checked_sub(cx.document.marks.iter().count())?;
    let note = cx.document.notes.iter().nth(note)?;
    let used: u16 = item(cx, note).iter().map(|(text, _)| width(text)).sum();
    (used + 1 > place.flow.inside.width).then(|| note.text.clone())
}
