use std::sync::Arc;

use super::{DType, Fields, Unit};

/// What kind of value an element is. How large it is says [`DType::itemsize`].
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum DTypeKind {
    /// One byte: 0 is false, any other true.
    Bool,
    /// A signed integer of 1, 2, 4 or 8 bytes.
    Int,
    /// An integer of 1, 2, 4 or 8 bytes without a sign.
    UInt,
    /// A float of 2, 4 or 8 bytes; of 16, it is the `long double` of x86, of which the size is known
    /// and no more.
    Float,
    /// Two floats of half the size each, the real part first.
    Complex,
    /// Bytes of a fixed number, filled up with zeros.
    Bytes,
    /// Unicode of a fixed number of characters, four bytes each, filled up with zeros.
    Text,
    /// Bytes without a meaning.
    Void,
    /// A point in time: so many units since the start of 1970, in 8 bytes.
    DateTime(Unit),
    /// A span of time: so many units, in 8 bytes.
    TimeDelta(Unit),
    /// Named fields at their offsets.
    Struct(Fields),
    /// In each element a small array of its own, in C order.
    SubArray {
        /// What the small array consists of.
        base: Arc<DType>,
        /// How many there are along each of its dimensions; one dimension at least.
        shape: Arc<[usize]>,
    },
}
