use crate::{Error, ErrorKind};

/// What is wrong with a text, and where: as long as it is not known of which text this is a part.
#[derive(Debug)]
pub(crate) struct Fault {
    /// In bytes from the start of the text at hand.
    at: usize,
    kind: ErrorKind,
}

impl Fault {
    pub(crate) const fn new(at: usize, kind: ErrorKind) -> Self {
        Self { at, kind }
    }

    /// It is no text that describes a data type.
    pub(crate) const fn syntax(at: usize, problem: &'static str) -> Self {
        Self { at, kind: ErrorKind::DTypeSyntax { problem, column: None } }
    }

    /// The same, of a text that is a header.
    pub(crate) fn in_header(self) -> Self {
        match self.kind {
            ErrorKind::DTypeSyntax { problem, column } => {
                Self { at: self.at, kind: ErrorKind::HeaderSyntax { problem, column } }
            }
            kind => Self { kind, ..self },
        }
    }

    /// An error of making a data type, at its place in the text.
    pub(crate) fn of(at: usize, error: Error) -> Self {
        Self { at, kind: error.into_kind() }
    }

    /// The same, of a text that starts `by` bytes earlier.
    pub(crate) fn shifted(self, by: usize) -> Self {
        Self { at: self.at.saturating_add(by), ..self }
    }

    /// The same, no further on than this.
    pub(crate) fn not_beyond(self, end: usize) -> Self {
        Self { at: self.at.min(end), ..self }
    }

    /// The error, of this text as a whole.
    pub(crate) fn in_text(self, text: &str) -> Error {
        let before = text.char_indices().take_while(|(at, _)| *at < self.at).count();
        self.kind.at_column(before.saturating_add(1)).into()
    }
}
