//! Decodes the bytes of an element.

use std::mem;

use super::{Float, Value, f80};
use crate::{ByteOrder, DType, DTypeKind};

impl Value {
    /// Decodes an element of this type, in the byte order of the type.
    ///
    /// All bytes are valid. Bytes after the element are ignored; an element that is cut short becomes
    /// [`Void`](Value::Void) with the existing bytes. An x86 `long double` (16 bytes) becomes the nearest
    /// `f64`; one outside the range of `f64`, such as 1e400, becomes its bytes.
    ///
    /// # Cost
    /// Memory in proportion to the element: about 50 bytes for each number of a sub-array.
    pub fn decode(dtype: &DType, bytes: &[u8]) -> Self {
        match bytes.get(..dtype.itemsize()) {
            Some(bytes) => known(dtype, bytes).unwrap_or_else(|| Self::Void(bytes.to_vec())),
            None => Self::Void(bytes.to_vec()),
        }
    }
}

/// The value of exactly these bytes; `None` if they stay uninterpreted.
fn known(dtype: &DType, bytes: &[u8]) -> Option<Value> {
    let order = dtype.byte_order();
    Some(match dtype.kind() {
        DTypeKind::Bool => Value::Bool(bytes.first().is_some_and(|&byte| byte != 0)),
        DTypeKind::Int => Value::Int(signed(order, bytes)),
        DTypeKind::UInt => Value::UInt(unsigned(order, bytes)),
        DTypeKind::Float => Value::Float(float(order, bytes)?),
        DTypeKind::Complex => {
            let (re, im) = bytes.split_at_checked(bytes.len() / 2)?;
            Value::Complex(float(order, re)?, float(order, im)?)
        }
        DTypeKind::Bytes => Value::Bytes(without_zeros(bytes).to_vec()),
        DTypeKind::Text => Value::Text(text(order, bytes)),
        DTypeKind::Void => return None,
        DTypeKind::DateTime(unit) => Value::DateTime(time(order, bytes), *unit),
        DTypeKind::TimeDelta(unit) => Value::TimeDelta(time(order, bytes), *unit),
        DTypeKind::Struct(fields) => {
            let value = |field: &crate::Field| {
                Value::decode(field.dtype(), bytes.get(field.offset()..).unwrap_or_default())
            };
            Value::Struct(fields.clone(), fields.iter().map(value).collect())
        }
        DTypeKind::SubArray { base, shape } => {
            // There can be billions of elements without bytes.
            let values = match base.itemsize() {
                0 if !shape.contains(&0) => return None,
                0 => Vec::new(),
                len => bytes.chunks_exact(len).map(|bytes| Value::decode(base, bytes)).collect(),
            };
            Value::Array(values, shape.clone())
        }
    })
}

/// The bytes of a number in little-endian order.
fn little<const N: usize>(order: ByteOrder, bytes: &[u8]) -> Option<[u8; N]> {
    let mut bytes = <[u8; N]>::try_from(bytes).ok()?;
    if order == ByteOrder::Big {
        bytes.reverse();
    }
    Some(bytes)
}

/// A number of up to eight bytes.
fn unsigned(order: ByteOrder, bytes: &[u8]) -> u64 {
    let add = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
    match order {
        ByteOrder::Big => bytes.iter().fold(0, add),
        _ => bytes.iter().rev().fold(0, add),
    }
}

fn signed(order: ByteOrder, bytes: &[u8]) -> i64 {
    // Extends the sign.
    let unused = mem::size_of::<i64>().saturating_sub(bytes.len()).saturating_mul(8);
    let unused = u32::try_from(unused).unwrap_or(0);
    unsigned(order, bytes).checked_shl(unused).unwrap_or(0).cast_signed() >> unused.min(63)
}

fn time(order: ByteOrder, bytes: &[u8]) -> Option<i64> {
    Some(signed(order, bytes)).filter(|&count| count != i64::MIN)
}

fn float(order: ByteOrder, bytes: &[u8]) -> Option<Float> {
    match bytes.len() {
        2 => little(order, bytes).map(|it| Float::half(u16::from_le_bytes(it))),
        4 => little(order, bytes).map(|it| Float::from(f32::from_le_bytes(it))),
        8 => little(order, bytes).map(|it| Float::from(f64::from_le_bytes(it))),
        _ => little(order, bytes).and_then(f80::nearest).map(Float::extended),
    }
}

fn without_zeros(bytes: &[u8]) -> &[u8] {
    let len = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last.saturating_add(1));
    bytes.get(..len).unwrap_or_default()
}

fn text(order: ByteOrder, bytes: &[u8]) -> String {
    let (characters, _) = bytes.as_chunks::<4>();
    let code = |bytes: &[u8; 4]| match order {
        ByteOrder::Big => u32::from_be_bytes(*bytes),
        _ => u32::from_le_bytes(*bytes),
    };
    let len = characters.iter().rposition(|bytes| code(bytes) != 0);
    let len = len.map_or(0, |last| last.saturating_add(1));
    let characters = characters.iter().take(len);
    characters.map(|it| char::from_u32(code(it)).unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(dtype: &str, bytes: &[u8]) -> Value {
        Value::decode(&dtype.parse().unwrap(), bytes)
    }

    #[test]
    fn an_element_cut_short_is_the_bytes_there_are_and_what_follows_it_is_passed_over() {
        assert_eq!(decoded("<i4", &[1, 2, 3]), Value::Void(vec![1, 2, 3]));
        assert_eq!(decoded("<i4", &[1, 0, 0, 0, 9]), Value::Int(1));
        assert_eq!(decoded("U2", &[b'a', 0, 0]), Value::Void(vec![b'a', 0, 0]));
        assert_eq!(decoded("S0", &[7]), Value::Bytes(Vec::new()));
    }

    #[test]
    fn what_is_no_character_is_replaced() {
        let bytes = [0xd8_00, 0x11_0000, u32::from('a'), 0].map(u32::to_le_bytes).concat();
        assert_eq!(decoded("<U4", &bytes), Value::Text("\u{fffd}\u{fffd}a".to_owned()));
    }

    #[test]
    fn small_arrays_of_nothing_are_not_counted_out() {
        let nothing = DType::structure::<&str>([]).unwrap();
        let many = DType::array_of(nothing.clone(), &[0x7fff_ffff]).unwrap();
        assert_eq!(Value::decode(&many, &[]), Value::Void(Vec::new()));
        let none = DType::array_of(nothing, &[3, 0]).unwrap();
        assert_eq!(Value::decode(&none, &[]), Value::Array(Vec::new(), [3, 0].into()));
    }
}
