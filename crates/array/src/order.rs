use std::fmt;

/// In which order the elements of an array lie in the file.
///
/// It makes a difference from two dimensions on.
///
/// # Source
/// [Internal memory layout of an ndarray](https://numpy.org/doc/stable/reference/arrays.ndarray.html#internal-memory-layout-of-an-ndarray)
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Order {
    /// The last index runs fastest: row after row.
    #[default]
    C,
    /// The first index runs fastest: column after column.
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
