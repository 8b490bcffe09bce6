use thiserror::Error;

/// Why a pattern is invalid, and where in its text.
///
/// It prints as one line: `column COLUMN: PROBLEM; ADVICE`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("column {column}: {what}")]
pub struct PatternError {
    column: usize,
    what: String,
}

impl PatternError {
    pub(crate) fn new(column: usize, what: impl Into<String>) -> Self {
        Self { column, what: what.into() }
    }

    /// Position of the wrong character in the text of the pattern, counted from 1. If several patterns
    /// are combined, it is the number of the wrong pattern.
    pub const fn column(&self) -> usize {
        self.column
    }

    /// What is wrong there, and what to do, without the column.
    pub fn what(&self) -> &str {
        &self.what
    }
}
