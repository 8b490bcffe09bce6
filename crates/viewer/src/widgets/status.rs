//! The bar at the bottom: where the cursor is and what is under it; and the line for prompt and
//! messages.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::{App, Focus};
use crate::theme::{BAR, CURSOR};
use crate::viewport::Known;
use crate::widgets::{in_units, write, write_fields};

pub(super) fn draw(app: &App, line: Rect, buf: &mut Buffer) {
    buf.set_style(line, BAR);
    if app.len == 0 {
        write_fields(buf, line, &["0 bytes".to_owned()], BAR);
        return;
    }
    let position = app.cursor;
    // What matters most stands first: a narrow screen drops the rest.
    let place = format!("{position:#x} = {position}");
    let fits = place.len() + 1 < usize::from(line.width);
    let fields = [
        if fits { place } else { format!("{position:#x}") },
        format!("{} of {}", percent(position, app.len), in_units(app.len)),
        value(app.page.byte(position)),
    ];
    write_fields(buf, line, &fields, BAR);
}

pub(super) fn draw_footer(app: &App, line: Rect, buf: &mut Buffer) {
    match &app.focus {
        Focus::Goto { text, problem } => {
            buf.set_style(line, ratatui::style::Style::reset());
            for x in 0..line.width {
                write(buf, line, x, " ", ratatui::style::Style::reset());
            }
            let prompt = format!(":{text}");
            write(buf, line, 0, &prompt, ratatui::style::Style::new());
            let after = u16::try_from(ratatui::text::Span::raw(&prompt).width()).unwrap_or(0);
            write(buf, line, after, " ", CURSOR);
            match problem {
                Some(problem) => {
                    write(buf, line, after + 2, &format!("E: {problem}"), app.theme.error());
                }
                None if text.is_empty() => {
                    let hint = "4096  0x1f00  4K  +1M  -16  50%   Enter goes, Esc leaves";
                    write(buf, line, after + 2, hint, app.theme.offset());
                }
                None => {}
            }
        }
        _ => {
            if let Some(problem) = &app.page.problem {
                write(buf, line, 1, &format!("E: {problem}"), app.theme.error());
            } else {
                let hint = "↑↓←→ move  PgUp PgDn page  g G ends  : go to";
                write(buf, line, 1, hint, app.theme.offset());
            }
        }
    }
}

/// How far it is from the start, in hundredths of a percent, cut off.
fn percent(position: u64, len: u64) -> String {
    let share = u128::from(position) * 10_000 / u128::from(len.max(1));
    format!("{}.{:02}%", share / 100, share % 100)
}

/// What is under the cursor: hexadecimal, decimal, and the character if it has one.
fn value(byte: Known) -> String {
    match byte {
        Known::Value(byte @ b' '..=b'~') => format!("{byte:02x} {byte} '{}'", char::from(byte)),
        Known::Value(byte) => format!("{byte:02x} {byte}"),
        Known::Unreadable => "unreadable".to_owned(),
        Known::NotYet => "··".to_owned(),
    }
}
