use crate::{Error, ErrorKind};

/// An error in a part of a text, until its position in the whole text is known.
#[derive(Debug)]
pub(crate) struct Fault {
    /// Bytes from the start of the part.
    at: usize,
    kind: ErrorKind,
}

impl Fault {
    pub(crate) const fn new(at: usize, kind: ErrorKind) -> Self {
        Self { at, kind }
    }

    /// A syntax error in a data type.
    pub(crate) const fn syntax(at: usize, problem: &'static str) -> Self {
        Self { at, kind: ErrorKind::DTypeSyntax { problem, column: None } }
    }

    /// Turns a syntax error in a data type into one in a header.
    pub(crate) fn in_header(self) -> Self {
        match self.kind {
            ErrorKind::DTypeSyntax { problem, column } => {
                Self { at: self.at, kind: ErrorKind::HeaderSyntax { problem, column } }
            }
            kind => Self { kind, ..self },
        }
    }

    /// An error of building a data type, at its position in the text.
    pub(crate) fn of(at: usize, error: Error) -> Self {
        Self { at, kind: error.into_kind() }
    }

    /// The same error, in a text that starts `by` bytes earlier.
    pub(crate) fn shifted(self, by: usize) -> Self {
        Self { at: self.at.saturating_add(by), ..self }
    }

    /// The same error, at `end` or before.
    pub(crate) fn not_beyond(self, end: usize) -> Self {
        Self { at: self.at.min(end), ..self }
    }

    /// The error in the whole text.
    pub(crate) fn in_text(self, text: &str) -> Error {
        let before = text.char_indices().take_while(|(at, _)| *at < self.at).count();
        self.kind.at_column(before.saturating_add(1)).into()
    }
}
