use std::fmt;

/// Why a pattern is none, and where in its text.
///
/// It prints as one line, `column COLUMN: WHAT; ADVICE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternError {
    column: usize,
    what: String,
}

impl PatternError {
    pub(crate) fn new(column: usize, what: impl Into<String>) -> Self {
        Self { column, what: what.into() }
    }

    /// The character of the pattern's text that is wrong, counted from 1.
    pub const fn column(&self) -> usize {
        self.column
    }

    /// What is wrong there, and what to do, without the column.
    pub fn what(&self) -> &str {
        &self.what
    }
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {}: {}", self.column, self.what)
    }
}

impl std::error::Error for PatternError {}
