//! Parts of error texts that depend on the case.

use std::fmt;

use super::ErrorKind;

/// `at column 5: `, if the column is known.
pub(super) struct AtColumn(pub(super) Option<usize>);

impl fmt::Display for AtColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |column| write!(f, "at column {column}: "))
    }
}

/// `; the last index is 4`, for a dimension that has one.
pub(super) struct LastIndex(pub(super) usize);

impl fmt::Display for LastIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.checked_sub(1).map_or(Ok(()), |last| write!(f, "; the last index is {last}"))
    }
}

/// `; the members are "a", "b"`, or that there are none.
pub(super) struct Names<'a>(pub(super) &'a [String], pub(super) &'static str);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(names, what) = self;
        if names.is_empty() {
            return write!(f, ", and no other {what}");
        }
        write!(f, "; the {what} are")?;
        for (index, name) in names.iter().enumerate() {
            write!(f, "{} {name:?}", if index == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

/// Which keys a header lacks, and which it has in addition.
pub(super) struct HeaderKeys<'a> {
    pub(super) missing: &'a [&'static str],
    pub(super) unknown: &'a [String],
}

impl fmt::Display for HeaderKeys<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the header must have exactly the keys 'descr', 'fortran_order' and 'shape', but ",
        )?;
        if !self.missing.is_empty() {
            write!(f, "lacks {}", self.missing.join(", "))?;
        }
        if !self.missing.is_empty() && !self.unknown.is_empty() {
            f.write_str(" and ")?;
        }
        if !self.unknown.is_empty() {
            write!(f, "also has {}", self.unknown.join(", "))?;
        }
        f.write_str("; save the array again with numpy.save")
    }
}

impl ErrorKind {
    /// Sets the column unless it is known already.
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
            | Self::HeaderSyntax { column, .. }
            | Self::HeaderOrder { column }
            | Self::HeaderShape { column, .. }
                if column.is_none() =>
            {
                *column = Some(at);
            }
            _ => {}
        }
        self
    }
}
