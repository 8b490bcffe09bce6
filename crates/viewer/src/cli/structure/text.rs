//! Fields as lines of text: offset, size, and the tree.

use std::fmt::Write as _;
use std::path::Path;

use memmap_structure::{Answer, Row, RowState, Signature, Span};

use crate::source::printable;
use crate::structure::value_text::shown;

/// How wide the columns are.
#[derive(Debug)]
pub(super) struct Layout {
    /// Digits of an offset.
    digits: usize,
}

impl Layout {
    pub(super) fn of(len: u64) -> Self {
        Self { digits: format!("{len:x}").len().max(6) }
    }

    /// One line. What lies in a buffer that `process` made has its offset in brackets.
    pub(super) fn row(&self, row: &Row, out: &mut Vec<u8>) {
        let mut line = String::new();
        let (place, size) =
            row.span.as_ref().map_or((String::new(), String::new()), |it| self.place(it));
        let indent = "  ".repeat(row.depth);
        let _ = write!(
            line,
            "{place:>width$} {size:>10}  {indent}{}",
            row.name,
            width = self.digits + 2
        );
        let state = match row.state {
            RowState::NotReached => " not reached",
            RowState::More => " (more)",
            _ => "",
        };
        if !row.text.is_empty() {
            let _ = write!(line, "  {}", row.text);
        }
        line.push_str(state);
        if let Some(fault) = &row.fault {
            let mark = if row.state == RowState::Unreadable { "??" } else { "!" };
            let same = row.state == RowState::NotReached;
            if !same {
                let _ = write!(line, "  {mark} {}", crate::printable(&fault.message));
            }
        }
        out.extend_from_slice(line.trim_end().as_bytes());
        out.push(b'\n');
    }

    fn place(&self, span: &Span) -> (String, String) {
        let digits = self.digits;
        let start = if span.inside.is_some() {
            format!("[{:x}]", span.start)
        } else {
            format!("0x{:0digits$x}", span.start)
        };
        let size = match span.bits {
            Some((_, bits)) => format!("{bits} bits"),
            None => span.len.map_or_else(String::new, |it| it.to_string()),
        };
        (start, size)
    }
}

pub(super) fn file(path: &Path, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("{}:\n", printable(path.as_os_str())).as_bytes());
}

/// A value alone on its line. Text is printed as it is, without what a terminal would obey.
pub(super) fn value(value: &Answer, out: &mut Vec<u8>) {
    let text = shown(value);
    out.extend_from_slice(text.as_bytes());
    out.push(b'\n');
}

/// A format: its name, its title, and how it is recognised.
pub(super) fn format_line(name: &str, signature: &Signature, out: &mut Vec<u8>) {
    let mut how = Vec::new();
    if !signature.magics.is_empty() {
        how.push("magic".to_owned());
    }
    how.extend(signature.extensions.iter().map(|it| format!(".{it}")));
    let line = format!("{name:14} {}  ({})\n", crate::printable(&signature.title), how.join(" "));
    out.extend_from_slice(line.as_bytes());
}
