//! Errors of the array view.

use memmap::array::{DType, Error as ArrayError};
use thiserror::Error;

use crate::format::parse_size::BadNumber;

/// Why elements cannot be shown or found.
#[derive(Debug, Error)]
pub(crate) enum ArrayViewError {
    #[error("name a type, as u4, >f8, S16 or {{id:u4,len:u2}}")]
    NoType,
    #[error("{}", .0.kind())]
    Array(#[from] ArrayError),
    #[error("it is C, row after row, or F, column after column")]
    NotAnOrder,
    #[error("a record ends with }}: {{id:u4,len:u2}}")]
    OpenRecord,
    #[error("{0:?} is not a field; write a name and a type, as in id:u4")]
    NotAField(String),
    #[error("of {name}: {why}")]
    Field { name: String, why: Box<Self> },
    /// An error in an option such as `shape=3,4` or `order=F`.
    #[error("{key}{value}: {why}")]
    Key { key: &'static str, value: String, why: Box<Self> },
    #[error(transparent)]
    Number(#[from] BadNumber),
    #[error("{0:?} is not a length; write them as in 3,4, one of them may be -1")]
    NotALength(String),
    #[error("only one length can be -1")]
    TwoOpenLengths,
    #[error("{0} has no bytes to show")]
    NoBytes(DType),
    #[error(
        "there is not one element: it takes {takes} bytes, and {left} are left from {start:#x} on"
    )]
    TooFewBytes { takes: u64, left: u64, start: u64 },
    #[error("{0:#x} is beyond the end")]
    BeyondTheEnd(u64),
    #[error("a shape with a 0 has no elements")]
    Empty,
    #[error("the elements were at {0:#x}")]
    Lost(u64),
    #[error("an index needs elements: t shows them")]
    NoElements,
    #[error("an index ends with ]: [17, 3]")]
    OpenIndex,
    #[error("{0:?} is not an index")]
    NotAnIndex(String),
    #[error("an element has {dims} {} here, not {given}", if *.dims == 1 { "index" } else { "indices" })]
    TooManyIndices { dims: usize, given: usize },
    #[error("index {index} is out of bounds for axis {axis} with size {len}")]
    OutOfBounds { index: i128, axis: usize, len: i128 },
    #[error("that element is at {0:#x}, beyond the end")]
    ElementBeyondTheEnd(u64),
}
