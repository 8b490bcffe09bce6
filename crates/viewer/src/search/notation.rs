//! Notations for search patterns.

use memmap::scan::{Encoding, Pattern, PatternError};

/// How a pattern is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Notation {
    #[default]
    Text,
    Hex,
    Regex,
    Utf16Le,
    Utf16Be,
    Latin1,
    Number,
}

/// Compiles a pattern. Ignoring case has no effect on bytes and numbers.
pub(crate) fn compiled(
    text: &str,
    notation: Notation,
    ignores_case: bool,
) -> Result<Pattern, PatternError> {
    let text_in = |encoding| {
        if ignores_case {
            Pattern::text_in_any_case(text, encoding)
        } else {
            Pattern::text(text, encoding)
        }
    };
    match notation {
        Notation::Text => text_in(Encoding::Utf8),
        Notation::Utf16Le => text_in(Encoding::Utf16Le),
        Notation::Utf16Be => text_in(Encoding::Utf16Be),
        Notation::Latin1 => text_in(Encoding::Latin1),
        Notation::Hex => Pattern::hex(text),
        Notation::Number => Pattern::number(text),
        // Compile the plain expression first, so that a column in an error refers to what was
        // typed.
        Notation::Regex if ignores_case => {
            Pattern::regex(text).and_then(|_| Pattern::regex(&format!("(?i){text}")))
        }
        Notation::Regex => Pattern::regex(text),
    }
}
