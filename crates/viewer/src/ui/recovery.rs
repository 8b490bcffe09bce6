//! What is asked before a file is shown that an earlier session left.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::widgets::{Clear, Widget};

use crate::document::saving::kept_version::Kept;
use crate::document::saving::recovery::{Choice, Found, Recovery};
use crate::editor::context::ViewContext;
use crate::format::theme::CURSOR;
use crate::format::units::in_units;
use crate::format::width::{fitted, wrapped_within};
use crate::ui::write;

/// Draws the question over the whole area; the last line has the hints.
pub(super) fn draw(cx: ViewContext<'_>, recovery: &Recovery, area: Rect, buf: &mut Buffer) {
    let above = Rect { height: area.height.saturating_sub(1), ..area };
    Clear.render(above, buf);
    let room = above.width.saturating_sub(2);
    let mut lines: Vec<(String, Style)> = Vec::new();
    let plain = Style::new();
    let (title, what) = said(cx, recovery);
    lines.push((fitted(&title, room), Style::new().add_modifier(Modifier::BOLD)));
    lines.push((String::new(), plain));
    for text in what {
        lines.extend(wrapped_within(&text, room).into_iter().map(|line| (line, plain)));
    }
    if let Found::Unfinished { ranges, .. } = &recovery.found {
        lines.push((String::new(), plain));
        // Others are as likely to be whole.
        let shown = usize::from(above.height).saturating_sub(14).max(1);
        for (range, what) in ranges.iter().take(shown) {
            let len = in_units(range.end.saturating_sub(range.start));
            lines.push((format!("  0x{:08x}  {len:>10}   {what}", range.start), plain));
        }
        if let Some(more) = ranges.len().checked_sub(shown).filter(|&more| more > 0) {
            lines.push((format!("  … {more} more"), plain));
        }
    }
    lines.push((String::new(), plain));
    for (at, &choice) in recovery.choices().iter().enumerate() {
        let (name, what) = words(choice, recovery);
        let style = if at == recovery.chosen { CURSOR } else { plain };
        lines.push((format!("  {name:<26} {what}"), style));
    }
    if recovery.is_asked {
        let choice = recovery.choice();
        let (name, _) = words(choice, recovery);
        let what = match recovery.writes(choice) {
            0 => String::new(),
            bytes => format!(" ({} are written to the file)", in_units(bytes)),
        };
        lines.push((String::new(), plain));
        lines.push((format!("{name}{what}?  y does it   Esc goes back"), plain));
    }
    // The end has the choices.
    let first = lines.len().saturating_sub(usize::from(above.height));
    for ((text, style), y) in lines.iter().skip(first).zip(above.y..above.bottom()) {
        let line = Rect { y, height: 1, ..above }.intersection(area);
        write(buf, line, 1, text, *style);
    }
}

/// What can be pressed.
pub(super) fn hint(recovery: &Recovery) -> &'static str {
    if recovery.is_running {
        "at work"
    } else if recovery.is_asked {
        "y does it  Esc goes back; nothing has been written"
    } else {
        "↑↓ choose  Enter does it, after showing what is written  Esc opens read-only"
    }
}

/// The first line, and what happened.
fn said(cx: ViewContext<'_>, recovery: &Recovery) -> (String, Vec<String>) {
    let (name, when) = (&cx.document.name, &recovery.when);
    match &recovery.found {
        Found::Unfinished { ranges, new, old } => {
            let bytes = in_units(new.saturating_add(*old));
            let what = format!(
                "On {when} lazyhex stopped while it wrote {} range{} ({bytes}).",
                ranges.len(),
                if ranges.len() == 1 { "" } else { "s" }
            );
            let kept = "The journal has the old and the new bytes of all of them.".to_owned();
            (format!("{name}: saving did not finish"), vec![what, kept])
        }
        Found::Foreign(ranges) => {
            let what = format!("On {when} lazyhex stopped while it saved this file.");
            let since = if ranges.is_empty() {
                "Another file has its name now. Nothing is written to it; the journal stays."
                    .to_owned()
            } else {
                let places: Vec<String> =
                    ranges.iter().take(4).map(|it| format!("{:#x}", it.start)).collect();
                format!(
                    "Another program wrote to it since, at {}: these bytes are neither old nor new. \
                     Nothing is written; the journal stays.",
                    places.join(", ")
                )
            };
            (
                format!("{name}: saving did not finish, and the file changed since"),
                vec![what, since],
            )
        }
        Found::Unsaved { edits, is_discarded } => {
            let count = format!("{edits} edit{}", if *edits == 1 { "" } else { "s" });
            let what = if *is_discarded {
                format!("{count} discarded on {when}. The journal still has them.")
            } else {
                format!("On {when} lazyhex ended with {count} not saved.")
            };
            let title = if *is_discarded { "discarded edits" } else { "unsaved edits" };
            let none = "Nothing of them is in the file.".to_owned();
            (format!("{name}: {title}"), vec![what, none])
        }
        Found::InUse(process) => {
            (format!("{name}: open in another lazyhex (pid {process})"), Vec::new())
        }
    }
}

/// The name of a choice, and what it does.
fn words(choice: Choice, recovery: &Recovery) -> (&'static str, String) {
    match choice {
        Choice::Restore => ("Restore the old bytes", "the file as it was before saving".to_owned()),
        Choice::Finish => {
            let left = in_units(recovery.writes(Choice::Finish));
            ("Finish saving", format!("write the remaining {left}"))
        }
        Choice::TakeEdits => {
            ("Take the edits", "opens the file with them; nothing is written".to_owned())
        }
        Choice::Discard => ("Discard the edits", "not asked again".to_owned()),
        Choice::Compare => {
            let what = match recovery.kept() {
                Kept::BeforeSaving => "the file as it is now ↔ the old bytes, read-only",
                Kept::WithEdits => "the file as it is now ↔ with the edits, read-only",
            };
            ("Compare", what.to_owned())
        }
        Choice::OpenReadOnly => ("Open read-only", "keep the journal, decide later".to_owned()),
    }
}
