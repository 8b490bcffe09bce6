//! Elements as values, for types that are only known at run time.

mod decode;
mod display;
mod encode;
mod f80;
mod float;
mod half;
mod time;

use std::sync::Arc;

pub use float::{Float, FloatWidth};

use crate::{Fields, Unit};

/// A single element of any type, for tables, messages and tests. For computing, use
/// [`Element`](crate::Element) types.
///
/// `{}` prints what `str(array[i])` prints in numpy. `{:#}` prints what numpy prints within a structure,
/// where text is quoted and escaped.
///
/// | value | `{}` | `{:#}`, where it differs |
/// |---|---|---|
/// | `Bool` | `True` | |
/// | `Int`, `UInt` | `-5` | |
/// | [`Float`] | `1.5`, `1e+16`, `nan`, with the fewest digits for its width | |
/// | `Complex` | `(1+2j)`, `2j` | |
/// | `Bytes` | `b'ab'` | |
/// | `Text` | `ab` | `'ab'` |
/// | `Void` | `b'\x61\x62'` | |
/// | `DateTime` | `2024-02-29T12:00`, `NaT` | `'2024-02-29T12:00'` |
/// | `TimeDelta` | `50 seconds`, `NaT` | `2`, the count alone (of 25 s here); `'NaT'` |
/// | `Struct` | `(1.5, 'ab')` | |
/// | `Array` | `[[1, 2], [3, 4]]` | |
///
/// Differences from numpy: numpy pads the numbers of a sub-array to one width and abbreviates it with
/// `...`, writes `1.+2.j` within a structure, wraps times beyond 64 bits around, and cannot print a date
/// without a unit.
///
/// # Examples
/// ```
/// use memmap_array::{DType, Value};
///
/// let value = Value::decode(&DType::F4, &0.1_f32.to_ne_bytes());
/// assert_eq!(value.to_string(), "0.1");
/// let row = Value::decode(&">i2, S3".parse()?, b"\x01\x00ab\0");
/// assert_eq!(row.to_string(), "(256, b'ab')");
/// assert_eq!(row.field("f0"), Some(&Value::Int(256)));
/// # Ok::<(), memmap_array::Error>(())
/// ```
///
/// # Source
/// numpy 2.4, `str` of its scalars.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// A boolean: any byte except 0 is true.
    Bool(bool),
    /// A signed integer.
    Int(i64),
    /// An unsigned integer.
    UInt(u64),
    /// A float.
    Float(Float),
    /// A complex number: the real part, the imaginary part.
    Complex(Float, Float),
    /// Bytes, without trailing zeros.
    Bytes(Vec<u8>),
    /// Text, without trailing zeros. An invalid character is U+FFFD (an error in numpy).
    Text(String),
    /// Uninterpreted bytes.
    Void(Vec<u8>),
    /// A point in time, in units since the start of 1970; `None` is numpy's `NaT`.
    DateTime(Option<i64>, Unit),
    /// A span of time, in units; `None` is numpy's `NaT`.
    TimeDelta(Option<i64>, Unit),
    /// The fields of a structure and their values.
    Struct(Fields, Vec<Self>),
    /// A sub-array: its values in C order and its shape.
    Array(Vec<Self>, Arc<[usize]>),
}

impl Value {
    /// The value of the field with this name or title, if this is a structure that has one.
    pub fn field(&self, name: &str) -> Option<&Self> {
        let Self::Struct(fields, values) = self else { return None };
        let named = |field: &crate::Field| field.name() == name || field.title() == Some(name);
        values.get(fields.iter().position(named)?)
    }
}
