//! Width of text in terminal cells, truncation and wrapping.

use ratatui::text::Span;

/// The width in cells.
pub(crate) fn width(text: &str) -> u16 {
    u16::try_from(Span::raw(text).width()).unwrap_or(u16::MAX)
}

/// Truncates a text to fit, and marks the cut.
pub(crate) fn fitted(text: &str, room: u16) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let mut cut = text.to_owned();
    while width(&cut) >= room.max(1) && cut.pop().is_some() {}
    cut + "…"
}

/// The end of a path that fits; `None` if that is not even its last step.
pub(crate) fn cut_left(path: &str, room: u16) -> Option<String> {
    if width(path) <= room {
        return Some(path.to_owned());
    }
    let mut rest = path;
    while let Some((_, after)) = rest.split_once(" › ") {
        rest = after;
        let cut = format!("… › {rest}");
        if width(&cut) <= room {
            return Some(cut);
        }
    }
    None
}

/// Wraps a text at blanks, or within a word if the word alone is too long.
pub(crate) fn wrapped_within(text: &str, room: u16) -> Vec<String> {
    let room = room.max(1);
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split(' ') {
            let both = width(&line).saturating_add(1).saturating_add(width(word));
            if !line.is_empty() && both > room {
                lines.push(std::mem::take(&mut line));
            } else if !line.is_empty() {
                line.push(' ');
            }
            for c in word.chars() {
                line.push(c);
                if width(&line) > room {
                    line.pop();
                    lines.push(std::mem::replace(&mut line, c.to_string()));
                }
            }
        }
        lines.push(line);
    }
    lines
}

/// Wraps a line, indenting all parts but the first.
pub(crate) fn wrapped(line: &str, width: u16) -> Vec<String> {
    const INDENT: &str = "    ";
    let mut parts = Vec::new();
    let mut part = String::new();
    let room = usize::from(width.max(8));
    // Keep the indentation of the line.
    let rest = line.trim_start_matches(' ');
    part += &" ".repeat(line.len() - rest.len());
    let mut is_empty = true;
    for word in rest.split(' ') {
        if !is_empty && part.chars().count() + 1 + word.chars().count() > room {
            parts.push(std::mem::replace(&mut part, INDENT.to_owned()));
            is_empty = true;
            if word.is_empty() {
                continue;
            }
        }
        if !is_empty {
            part.push(' ');
        }
        part += word;
        is_empty = false;
    }
    parts.push(part);
    parts
}
