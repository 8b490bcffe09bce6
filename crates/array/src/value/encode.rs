//! Encodes values as the bytes of elements.

use super::{Float, Value, f80, half};
use crate::{ByteOrder, DType, DTypeKind, ErrorKind, Result, Unit};

impl Value {
    /// Writes the value as an element of this type, in the byte order of the type. `bytes` are those of
    /// the element; padding of structures is left as it is.
    ///
    /// Integers must be in range. They can also be stored as floats, and both as complex numbers; floats
    /// are rounded to the width of the type. Text and bytes must not be longer than the type, and are
    /// padded with zeros. Dates and spans must have the unit of the type. A structure has a value for each
    /// field, in order; a sub-array has the same shape. Uninterpreted bytes of the same length can be
    /// stored as any type.
    ///
    /// # Errors
    /// [`ErrorKind::ValueDiffers`] if the value does not fit, after which `bytes` are unspecified.
    ///
    /// # Examples
    /// ```
    /// use memmap_array::{DType, Value};
    ///
    /// let mut bytes = [0; 4];
    /// Value::Int(-2).encode(&">i4".parse()?, &mut bytes)?;
    /// assert_eq!(bytes, [0xff, 0xff, 0xff, 0xfe]);
    /// assert!(Value::Int(300).encode(&DType::U1, &mut [0]).is_err());
    /// # Ok::<(), memmap_array::Error>(())
    /// ```
    pub fn encode(&self, dtype: &DType, bytes: &mut [u8]) -> Result<()> {
        let len = dtype.itemsize();
        let differs =
            || ErrorKind::ValueDiffers { value: format!("{self:#}"), dtype: dtype.clone() };
        let Some(bytes) = bytes.get_mut(..len) else { return Err(differs().into()) };
        match (self, dtype.kind()) {
            (Self::Struct(_, values), DTypeKind::Struct(fields))
                if values.len() == fields.len() =>
            {
                values.iter().zip(fields).try_for_each(|(value, field)| {
                    let bytes = bytes.get_mut(field.offset()..).unwrap_or_default();
                    value.encode(field.dtype(), bytes)
                })
            }
            (Self::Array(values, shape), DTypeKind::SubArray { base, shape: expected })
                if shape == expected =>
            {
                let parts = bytes.chunks_mut(base.itemsize().max(1));
                values.iter().zip(parts).try_for_each(|(value, part)| value.encode(base, part))
            }
            _ => {
                let Some(encoded) = self.simple(dtype) else { return Err(differs().into()) };
                bytes.copy_from_slice(&encoded);
                Ok(())
            }
        }
    }

    /// The bytes of a value that is not composite, if it fits.
    fn simple(&self, dtype: &DType) -> Option<Vec<u8>> {
        let (len, order) = (dtype.itemsize(), dtype.byte_order());
        Some(match (self, dtype.kind()) {
            (Self::Bool(is_true), DTypeKind::Bool) => vec![u8::from(*is_true)],
            (Self::Int(number), DTypeKind::Int | DTypeKind::UInt) => {
                integer((*number).into(), dtype)?
            }
            (Self::UInt(number), DTypeKind::Int | DTypeKind::UInt) => {
                integer((*number).into(), dtype)?
            }
            (_, DTypeKind::Float) => float(self.number()?, len, order)?,
            (Self::Complex(re, im), DTypeKind::Complex) => {
                [float(re.value(), len / 2, order)?, float(im.value(), len / 2, order)?].concat()
            }
            (_, DTypeKind::Complex) => {
                [float(self.number()?, len / 2, order)?, vec![0; len / 2]].concat()
            }
            (Self::Bytes(bytes), DTypeKind::Bytes) => padded(bytes.clone(), len)?,
            (Self::Text(text), DTypeKind::Text) => {
                let encode = |c: char| ordered(u32::from(c).to_le_bytes().to_vec(), order);
                padded(text.chars().flat_map(encode).collect(), len)?
            }
            (Self::DateTime(count, unit), DTypeKind::DateTime(expected))
            | (Self::TimeDelta(count, unit), DTypeKind::TimeDelta(expected)) => {
                time(*count, *unit, *expected, order)?
            }
            (Self::Void(bytes), _) if bytes.len() == len => bytes.clone(),
            _ => return None,
        })
    }

    fn number(&self) -> Option<f64> {
        #[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "it is rounded")]
        match *self {
            Self::Float(float) => Some(Float::value(float)),
            Self::Int(number) => Some(number as f64),
            Self::UInt(number) => Some(number as f64),
            _ => None,
        }
    }
}

/// Reverses little-endian bytes if the order is big-endian.
fn ordered(mut little: Vec<u8>, order: ByteOrder) -> Vec<u8> {
    if order == ByteOrder::Big {
        little.reverse();
    }
    little
}

fn integer(number: i128, dtype: &DType) -> Option<Vec<u8>> {
    let len = dtype.itemsize();
    let bits = u32::try_from(len.checked_mul(8)?).ok()?;
    let range = match dtype.kind() {
        DTypeKind::Int => {
            let half = 1_i128.checked_shl(bits.checked_sub(1)?)?;
            half.checked_neg()?..half
        }
        _ => 0..1_i128.checked_shl(bits)?,
    };
    let little = number.to_le_bytes();
    range
        .contains(&number)
        .then(|| ordered(little.get(..len).unwrap_or_default().to_vec(), dtype.byte_order()))
}

fn float(number: f64, len: usize, order: ByteOrder) -> Option<Vec<u8>> {
    #[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "it is rounded")]
    let little = match len {
        2 => half::nearest(number).to_le_bytes().to_vec(),
        4 => (number as f32).to_le_bytes().to_vec(),
        8 => number.to_le_bytes().to_vec(),
        16 => f80::encode(number).to_vec(),
        _ => return None,
    };
    Some(ordered(little, order))
}

fn padded(mut bytes: Vec<u8>, len: usize) -> Option<Vec<u8>> {
    if bytes.len() > len {
        return None;
    }
    bytes.resize(len, 0);
    Some(bytes)
}

fn time(count: Option<i64>, unit: Unit, expected: Unit, order: ByteOrder) -> Option<Vec<u8>> {
    // The smallest number is NaT.
    let number = match count {
        Some(i64::MIN) => return None,
        Some(_) if unit != expected => return None,
        count => count.unwrap_or(i64::MIN),
    };
    Some(ordered(number.to_le_bytes().to_vec(), order))
}
