//! The bar at the bottom: where the cursor is and what is under it; and the line for prompt and
//! messages.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Span;

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

/// Blanks the line and writes the prompt, or what there is to say.
pub(super) fn draw_footer(app: &App, line: Rect, buf: &mut Buffer) {
    let plain = Style::new();
    let blank = " ".repeat(line.width.into());
    buf.set_style(line, Style::reset());
    write(buf, line, 0, &blank, plain);
    if let Focus::Goto { text, problem } = &app.focus {
        draw_prompt(app, text, problem.as_deref(), line, buf);
        return;
    }
    let (text, style) = match app.trouble.as_ref().or(app.page.problem.as_ref()) {
        Some(problem) => (format!("E: {problem}"), app.theme.error()),
        None => (HINT.to_owned(), app.theme.offset()),
    };
    write(buf, line, 1, &text, style);
}

const HINT: &str = "↑↓←→ move  PgUp PgDn page  g G ends  : go to";

fn draw_prompt(app: &App, text: &str, problem: Option<&str>, line: Rect, buf: &mut Buffer) {
    // A prompt that is wider than the line shows its end, where the cursor is.
    let width = |text: &str| u16::try_from(Span::raw(text).width()).unwrap_or(u16::MAX);
    let mut prompt = format!(":{text}");
    while width(&prompt) + 1 > line.width && prompt.pop().is_some() {
        prompt = prompt_end(text, prompt.chars().count());
    }
    let after = width(&prompt);
    write(buf, line, 0, &prompt, Style::new());
    write(buf, line, after, " ", CURSOR);
    if let Some(problem) = problem {
        // Where there is no room for both, what is wrong is said until the next key.
        let x = if after + 2 + 20 < line.width { after + 2 } else { 0 };
        write(buf, line, x, &format!("E: {problem}"), app.theme.error());
    } else if text.is_empty() {
        let hint = "4096  0x1f00  4K  +1M  -16  50%   Enter goes, Esc leaves";
        write(buf, line, after + 2, hint, app.theme.offset());
    }
}

/// The last so many characters.
fn prompt_end(text: &str, count: usize) -> String {
    let skipped = text.chars().count().saturating_sub(count);
    text.chars().skip(skipped).collect()
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
