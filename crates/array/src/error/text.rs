//! What the errors of data types and headers say: what was asked, what was found, what to do.

use std::fmt;

use super::ErrorKind;

pub(super) fn write(kind: &ErrorKind, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if let Some(column) = kind.column() {
        write!(f, "at column {column}: ")?;
    }
    match kind {
        ErrorKind::Map(error) => write!(f, "{error}"),
        ErrorKind::UnknownDType { given, .. } => {
            write!(f, "there is no data type {given:?}; write it as numpy does, as in \"<f4\"")
        }
        ErrorKind::DTypeSyntax { problem, .. } => f.write_str(problem),
        ErrorKind::PythonObjects { .. } => f.write_str(
            "the elements are Python objects, of which a file cannot hold more than addresses; in \
             Python, convert the array with `astype` and save it again",
        ),
        ErrorKind::DTypeTooLarge { max, .. } => write!(
            f,
            "an element would have more than {max} bytes; make it smaller, and give the array \
             another dimension instead"
        ),
        ErrorKind::DTypeTooDeep { max, .. } => write!(
            f,
            "more than {max} data types are nested in each other; put the fields of the inner ones \
             into an outer one"
        ),
        ErrorKind::FieldNameTwice { name, .. } => {
            write!(f, "two fields are called {name:?}; give one of them another name or title")
        }
        ErrorKind::FieldBeyondEnd { name, end, itemsize } => write!(
            f,
            "field {name:?} ends at byte {end} of an element of {itemsize} bytes; move it, or make \
             the element larger"
        ),
        ErrorKind::FieldWithoutName { offset } => write!(
            f,
            "the field at byte {offset} has no name and would be read as padding; give it a name, \
             or leave it out"
        ),
        ErrorKind::FieldNames { expected, found } => write!(
            f,
            "{found} names were given for {expected} fields; give as many as there are fields"
        ),
        ErrorKind::SubArrayShape { problem, .. } => {
            write!(f, "a small array within an element {problem}; give it another shape")
        }
        ErrorKind::UnitMultiple { multiple, .. } => write!(
            f,
            "a unit of time cannot be taken {multiple} times; take it 1 to 2147483647 times"
        ),
        ErrorKind::NoDescr { name } => write!(
            f,
            "field {name:?} starts before the one ahead of it ends, which a header cannot say; \
             define the fields in the order of their offsets, and let none overlap"
        ),
        other => super::places::write(other, f),
    }
}

impl ErrorKind {
    /// Where in the text it was read from, in characters from 1.
    pub(crate) const fn column(&self) -> Option<usize> {
        match self {
            Self::UnknownDType { column, .. }
            | Self::DTypeSyntax { column, .. }
            | Self::PythonObjects { column }
            | Self::DTypeTooLarge { column, .. }
            | Self::DTypeTooDeep { column, .. }
            | Self::FieldNameTwice { column, .. }
            | Self::SubArrayShape { column, .. }
            | Self::UnitMultiple { column, .. } => *column,
            _ => None,
        }
    }

    /// The same, of what stands there; unless that is known already.
    pub(crate) const fn at_column(mut self, at: usize) -> Self {
        match &mut self {
            Self::UnknownDType { column, .. }
            | Self::DTypeSyntax { column, .. }
            | Self::PythonObjects { column }
            | Self::DTypeTooLarge { column, .. }
            | Self::DTypeTooDeep { column, .. }
            | Self::FieldNameTwice { column, .. }
            | Self::SubArrayShape { column, .. }
            | Self::UnitMultiple { column, .. }
                if column.is_none() =>
            {
                *column = Some(at);
            }
            _ => {}
        }
        self
    }
}
