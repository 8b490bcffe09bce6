//! What the errors of shapes, places and elements say: what was asked, what was found, what to do.

use std::fmt;

use super::ErrorKind;
use crate::shape::DisplayShape;

#[expect(clippy::too_many_lines, reason = "a line or two for each kind")]
pub(super) fn write(kind: &ErrorKind, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match kind {
        ErrorKind::ArrayTooLarge { shape, itemsize } => write!(
            f,
            "elements of {itemsize} bytes in the shape {} fit no memory; make it smaller, or map a \
             part",
            DisplayShape(shape)
        ),
        ErrorKind::TooManyDims { found, max } => {
            write!(f, "{found} dimensions are more than {max}; put some of them together")
        }
        ErrorKind::WrongDimensions { asked, shape } => {
            write!(
                f,
                "{asked} indices do not fit the shape {}; give {}",
                DisplayShape(shape),
                shape.len()
            )
        }
        ErrorKind::IndexOutOfBounds { axis, index, len: 0 } => {
            write!(f, "there is no index {index} in axis {axis}, which is empty")
        }
        ErrorKind::IndexOutOfBounds { axis, index, len } => write!(
            f,
            "there is no index {index} in axis {axis}, which has {len}; its last is {}",
            len.saturating_sub(1)
        ),
        ErrorKind::NotASlice { text } => write!(
            f,
            "{text:?} is not a slice; write start:stop:step, of which each may be left out and the \
             step is not 0, or a single index"
        ),
        ErrorKind::NotAnOrderOfAxes { asked, dimensions } => {
            write!(f, "{asked:?} does not name each of {dimensions} axes once; they count from 0")
        }
        ErrorKind::ShapeDiffers { asked, found } => write!(
            f,
            "the shape {} does not fit the shape {}; give the same one, or a list of as many elements",
            DisplayShape(asked),
            DisplayShape(found)
        ),
        ErrorKind::TooShort { needed, found } => write!(
            f,
            "the array ends at byte {needed} of a map of {found} bytes; give a smaller shape, or map \
             more"
        ),
        ErrorKind::ShapeRequired => f.write_str(
            "a file that is made needs a shape, which says how long it is; give it with `shape`",
        ),
        ErrorKind::NoItemSize { dtype } => write!(
            f,
            "elements of type {dtype} have no bytes, so their number is unknown; give it with `shape`"
        ),
        ErrorKind::NotWholeElements { available, itemsize, dtype } => write!(
            f,
            "{available} bytes are not a whole number of elements of {itemsize} bytes ({dtype}); give a \
             shape, or another offset"
        ),
        ErrorKind::StrideTooShort { stride, itemsize } => write!(
            f,
            "records of {itemsize} bytes cannot start {stride} bytes from each other; give a stride of \
             at least {itemsize}"
        ),
        ErrorKind::DTypeDiffers { asked, found } => {
            write!(f, "its elements are {found}, not {asked}; open it as such, or untyped")
        }
        ErrorKind::OrderDiffers { asked, found } => {
            write!(f, "its elements lie in order {found}, not {asked}; leave the order out")
        }
        ErrorKind::DataCutShort { needed, found } => write!(
            f,
            "the file has {found} bytes, but its data ends at byte {needed}: it was cut short; get it \
             again, or map what is left of it without its header"
        ),
        ErrorKind::BytesBehindData { len } => write!(
            f,
            "{len} bytes follow the data, which are none of its elements; cut them off, or open it \
             without `strict` to read it"
        ),
        ErrorKind::NotRows { problem } => write!(f, "rows cannot be added: {problem}"),
        ErrorKind::Contradiction { what } => f.write_str(what),
        ErrorKind::NotAValue { at } => write!(
            f,
            "the bytes of the element at byte {at} are no value of its type; read them as bytes"
        ),
        ErrorKind::NoField { name, names } if names.is_empty() => {
            write!(f, "there is no field {name:?}, as the elements have none; use them as they are")
        }
        ErrorKind::NoField { name, names } => {
            write!(f, "the elements have no field {name:?}; they have")?;
            for (index, name) in names.iter().enumerate() {
                write!(f, "{} {name:?}", if index == 0 { "" } else { "," })?;
            }
            f.write_str("; name one of their fields")
        }
        ErrorKind::NotAligned { at, alignment } => write!(
            f,
            "a slice cannot start at byte {at}, which is no multiple of {alignment}; copy it with \
             `to_vec` or by `chunks`"
        ),
        ErrorKind::ForeignByteOrder { dtype } => write!(
            f,
            "the bytes of {dtype} lie the other way round here, so they cannot be borrowed; copy them \
             with `to_vec` or by `chunks`"
        ),
        ErrorKind::Empty { doing } => {
            write!(f, "there is no {doing} of no elements; ask `is_empty` first")
        }
        ErrorKind::NotContiguous { doing } => write!(
            f,
            "the elements do not follow each other in memory, so that one cannot {doing}; copy them \
             with `to_vec`"
        ),
        other => fmt::Debug::fmt(other, f),
    }
}
