//! Elements as values, for where their type is only known when the program runs.

mod decode;
mod f80;
mod float;
mod half;
mod display;
mod time;

use std::sync::Arc;

pub use float::{Float, FloatWidth};

use crate::{Fields, Unit};

/// An element of any type, by itself: for tables, messages and tests, where [`Element`](crate::Element)
/// types are for computing.
///
/// `{}` prints what `str(array[i])` does in numpy, `{:#}` what numpy prints of it within a structure,
/// where text is quoted: then nothing in it can disturb a terminal.
///
/// | value | `{}` | `{:#}`, where it differs |
/// |---|---|---|
/// | `Bool` | `True` | |
/// | `Int`, `UInt` | `-5` | |
/// | [`Float`] | `1.5`, `1e+16`, `nan`, the fewest digits for its width | |
/// | `Complex` | `(1+2j)`, `2j` | |
/// | `Bytes` | `b'ab'` | |
/// | `Text` | `ab` | `'ab'` |
/// | `Void` | `b'\x61\x62'` | |
/// | `DateTime` | `2024-02-29T12:00`, `NaT` | `'2024-02-29T12:00'` |
/// | `TimeDelta` | `50 seconds`, `NaT` | `2`, the count alone (of 25 s here); `'NaT'` |
/// | `Struct` | `(1.5, 'ab')` | |
/// | `Array` | `[[1, 2], [3, 4]]` | |
///
/// It differs from numpy in these: numpy pads the numbers of a small array to one width and shortens
/// it to `...`, writes `1.+2.j` within a structure, lets times beyond 64 bits start again from the
/// other end, and does not print a date without a unit at all.
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
    /// A truth value: any byte but 0 is true.
    Bool(bool),
    /// A number with a sign.
    Int(i64),
    /// A number without a sign.
    UInt(u64),
    /// A float.
    Float(Float),
    /// A complex number: the real part, the imaginary part.
    Complex(Float, Float),
    /// Bytes, without the zeros at their end.
    Bytes(Vec<u8>),
    /// Text, without the zeros at its end. What is no character is U+FFFD (numpy's error).
    Text(String),
    /// Bytes without a meaning, all of them.
    Void(Vec<u8>),
    /// A point in time: so many units since the start of 1970; `None` is numpy's `NaT`.
    DateTime(Option<i64>, Unit),
    /// A span of time: so many units; `None` is numpy's `NaT`.
    TimeDelta(Option<i64>, Unit),
    /// The fields of a structure, and as many values.
    Struct(Fields, Vec<Self>),
    /// A small array in an element: its values in C order, and its shape.
    Array(Vec<Self>, Arc<[usize]>),
}

impl Value {
    /// Of a structure the value of the field of this name, or of this title.
    pub fn field(&self, name: &str) -> Option<&Self> {
        let Self::Struct(fields, values) = self else { return None };
        let named = |field: &crate::Field| field.name() == name || field.title() == Some(name);
        values.get(fields.iter().position(named)?)
    }
}
