use std::fmt;

/// The order in which the elements of an array are stored.
///
/// It matters for two or more dimensions.
///
/// # Source
/// [Internal memory layout of an ndarray](https://numpy.org/doc/stable/reference/arrays.ndarray.html#internal-memory-layout-of-an-ndarray)
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Order {
    /// The last index changes fastest: row by row.
    #[default]
    C,
    /// The first index changes fastest: column by column.
    Fortran,
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::C => "C",
            Self::Fortran => "F",
        })
    }
}
