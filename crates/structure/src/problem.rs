//! What is wrong with a description.

use std::fmt;

use crate::text;

/// A line and a column of a description, both counted from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: u32,
    /// The column, in characters.
    pub column: u32,
}

/// How bad a [`Problem`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Severity {
    /// The description cannot be used.
    Error,
    /// The description works, but is not as the style guide has it.
    Warning,
}

/// A mistake in a description: where it is, and what.
///
/// It is shown as `name.ksy:14:11: /types/record/seq/2/size: unknown field "len_bdy"`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// The name of the description, without `.ksy`.
    pub file: String,
    /// Where in its text.
    pub place: Option<Place>,
    /// Where in its tree, as Kaitai's compiler writes it: `/types/record/seq/2/size`.
    pub path: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.ksy:", self.file)?;
        if let Some(place) = self.place {
            write!(f, "{}:{}:", place.line, place.column)?;
        }
        if !self.path.is_empty() {
            write!(f, " {}:", text::escaped(&self.path))?;
        }
        if self.severity == Severity::Warning {
            f.write_str(" warning:")?;
        }
        write!(f, " {}", text::escaped(&self.message))
    }
}
