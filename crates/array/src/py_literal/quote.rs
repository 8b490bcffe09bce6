//! Formats strings as Python does.

use std::fmt::Write;

/// Python's `repr` of a string.
///
/// # Source
/// [`str.isprintable`](https://docs.python.org/3/library/stdtypes.html#str.isprintable)
pub(crate) fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            c if c == quote => out.extend(['\\', c]),
            c if is_printable(c) => out.push(c),
            c => {
                let code = u32::from(c);
                // Writing to a `String` cannot fail.
                let _ = match code {
                    0..=0xff => write!(out, "\\x{code:02x}"),
                    0x100..=0xffff => write!(out, "\\u{code:04x}"),
                    _ => write!(out, "\\U{code:08x}"),
                };
            }
        }
    }
    out.push(quote);
    out
}

/// Rust and Python escape the same characters: Unicode's categories C and Z, except the space. At the
/// start of a string Rust also escapes combining marks, so `c` comes second.
fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_control();
    }
    let mut escaped = String::from_iter(['a', c]);
    escaped = escaped.escape_debug().collect();
    !escaped.starts_with("a\\")
}

/// A tuple of integers.
pub(crate) fn tuple(numbers: &[usize]) -> String {
    if let [only] = numbers {
        return format!("({only},)");
    }
    let numbers: Vec<_> = numbers.iter().map(ToString::to_string).collect();
    format!("({})", numbers.join(", "))
}
