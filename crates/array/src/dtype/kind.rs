use std::sync::Arc;

use super::{DType, Fields, Unit};

/// The kind of an element. Its size is [`DType::itemsize`].
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum DTypeKind {
    /// One byte: 0 is false, any other true.
    Bool,
    /// A signed integer of 1, 2, 4 or 8 bytes.
    Int,
    /// An unsigned integer of 1, 2, 4 or 8 bytes.
    UInt,
    /// A float of 2, 4 or 8 bytes; of 16 bytes, the `long double` of x86.
    Float,
    /// Two floats of half the size each, the real part first.
    Complex,
    /// A fixed number of bytes, padded with zeros.
    Bytes,
    /// A fixed number of Unicode characters of four bytes each, padded with zeros.
    Text,
    /// Uninterpreted bytes.
    Void,
    /// A point in time, in units since the start of 1970, in 8 bytes.
    DateTime(Unit),
    /// A span of time, in units, in 8 bytes.
    TimeDelta(Unit),
    /// Named fields at their offsets.
    Struct(Fields),
    /// An array in each element, in C order.
    SubArray {
        /// The type of its elements.
        base: Arc<DType>,
        /// The length of each dimension; at least one.
        shape: Arc<[usize]>,
    },
}
