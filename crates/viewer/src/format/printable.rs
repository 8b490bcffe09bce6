//! Text that no terminal obeys.

/// A text with control characters escaped, except line breaks: it may quote the arguments.
pub(crate) fn printable(text: &str) -> String {
    let escape = |c: char| match c {
        '\n' => "\n".to_owned(),
        c if c.is_control() => c.escape_default().to_string(),
        c => c.to_string(),
    };
    text.chars().map(escape).collect()
}
