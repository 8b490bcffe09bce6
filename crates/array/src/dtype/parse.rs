use std::str::FromStr;

use super::{DType, comma_list};
use crate::Error;

/// Parses every string that `numpy.dtype` accepts, except Python objects: a letter, a letter and a
/// size, a name, and lists such as `i4, (2,2)f8, 3u1`.
///
/// A leading `<`, `>` or `=` gives the byte order.
///
/// # Errors
/// [`UnknownDType`](crate::ErrorKind::UnknownDType), [`DTypeSyntax`](crate::ErrorKind::DTypeSyntax) and
/// [`PythonObjects`](crate::ErrorKind::PythonObjects), with the column; and those of
/// [`structure`](Self::structure) and [`array_of`](Self::array_of).
///
/// # Examples
/// ```
/// use memmap_array::{DType, DTypeKind};
///
/// assert_eq!("float32".parse::<DType>()?, DType::F4);
/// let record: DType = "i4, (2,2)f8, 3u1".parse()?;
/// assert_eq!(record.itemsize(), 4 + 32 + 3);
/// assert_eq!(record.field("f1").map(|field| field.offset()), Some(4));
/// # Ok::<(), memmap_array::Error>(())
/// ```
impl FromStr for DType {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        comma_list::parse(text).map_err(|fault| fault.in_text(text))
    }
}
