//! Integers and floating-point numbers.

use half::{bf16, f16};

use super::{Bytes, Interpretation, Known, Missing, Row};

/// A row for an integer type.
macro_rules! integer {
    ($bytes:expr, $type:ident) => {
        $bytes.ordered::<{ size_of::<$type>() }>(stringify!($type), |low| {
            Interpretation::new($type::from_le_bytes(low).to_string())
        })
    };
}

pub(super) fn rows(bytes: &Bytes<'_>) -> Vec<Row> {
    vec![
        bytes.plain::<1>("u8", |[byte]| Interpretation::new(byte.to_string())),
        bytes.plain::<1>("i8", |[byte]| Interpretation::new(byte.cast_signed().to_string())),
        bytes.plain::<1>("bits", |[byte]| {
            Interpretation::new(format!("{:04b} {:04b}", byte >> 4, byte & 15))
        }),
        integer!(bytes, u16),
        integer!(bytes, i16),
        integer!(bytes, u32),
        integer!(bytes, i32),
        integer!(bytes, u64),
        integer!(bytes, i64),
        integer!(bytes, u128),
        integer!(bytes, i128),
        bytes.ordered("f16", |low| {
            let value = f16::from_le_bytes(low);
            let shortest = shortest(value.into(), |short| f16::from_f64(short) == value);
            float(value.into(), &shortest)
        }),
        bytes.ordered("bf16", |low| {
            let value = bf16::from_le_bytes(low);
            let shortest = shortest(value.into(), |short| bf16::from_f64(short) == value);
            float(value.into(), &shortest)
        }),
        bytes.ordered("f32", |low| {
            let value = f32::from_le_bytes(low);
            float(value.into(), &format!("{value:e}"))
        }),
        bytes.ordered("f64", |low| {
            let value = f64::from_le_bytes(low);
            float(value, &format!("{value:e}"))
        }),
        leb128(bytes, "ULEB128", Sign::Without),
        leb128(bytes, "SLEB128", Sign::With),
    ]
}

/// The shortest decimal text that still parses to the same number in the narrower type.
fn shortest(value: f64, is_same: impl Fn(f64) -> bool) -> String {
    let digits = |count: usize| format!("{value:.count$e}");
    let mut texts = (0..5).map(digits);
    texts.find(|text| text.parse().is_ok_and(&is_same)).unwrap_or_else(|| format!("{value:e}"))
}

/// A float, whose shortest text that round-trips is `shortest`.
fn float(value: f64, shortest: &str) -> Interpretation {
    let magnitude = value.abs();
    let is_plausible = value == 0.0 || (1e-30..=1e30).contains(&magnitude);
    let is_plain = value == 0.0 || (1e-4..1e15).contains(&magnitude);
    let text = match shortest.parse::<f64>() {
        Ok(short) if is_plain => short.to_string(),
        _ => shortest.to_owned(),
    };
    Interpretation::new(text).plausible_if(is_plausible && value.is_finite())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    With,
    Without,
}

/// LEB128 as in DWARF and WebAssembly, up to 128 bits.
fn leb128(bytes: &Bytes<'_>, name: &'static str, sign: Sign) -> Row {
    let reading = decode(bytes.0, sign).map_or_else(Interpretation::lacking, |(value, len)| {
        let noun = if len == 1 { "byte" } else { "bytes" };
        // Ten bytes hold 64 bits. Longer encodings are rarely intended.
        Interpretation::new(format!("{value} ({len} {noun})")).plausible_if(len <= 10)
    });
    Row { name, little: reading, big: None }
}

fn decode(bytes: &[Known], sign: Sign) -> Result<(String, usize), Missing> {
    let mut value = 0_u128;
    for (i, known) in bytes.iter().enumerate() {
        let byte = match known {
            Known::Value(byte) => *byte,
            Known::Unreadable => return Err(Missing::Unreadable),
            Known::NotYet => return Err(Missing::Byte),
        };
        let shift = u32::try_from(i * 7).map_err(|_too_far| Missing::Meaning)?;
        let bits = u128::from(byte & 0x7f);
        if shift > 126 || (shift == 126 && sign == Sign::Without && bits > 3) {
            return Err(Missing::Meaning);
        }
        value |= bits << shift;
        if byte & 0x80 == 0 {
            let is_negative = sign == Sign::With && byte & 0x40 != 0;
            let text = if is_negative {
                let above = u128::MAX.checked_shl(shift + 7).unwrap_or(0);
                (value | above).cast_signed().to_string()
            } else {
                value.to_string()
            };
            return Ok((text, i + 1));
        }
    }
    Err(Missing::Byte)
}

#[cfg(test)]
mod tests {
    use super::super::Order;
    use super::super::tests::{known, reading};
    use super::*;

    #[test]
    fn integers_are_read_in_both_orders() {
        let bytes = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0];
        for (name, little, big) in [
            ("u8", "254", "254"),
            ("i8", "-2", "-2"),
            ("u16", "65534", "65279"),
            ("i16", "-2", "-257"),
            ("u32", "4294967294", "4278190079"),
            ("i32", "-2", "-16777217"),
            ("i64", "-2", "-72057594037927937"),
            ("u128", "18446744073709551614", "338953138925153547572024056297778315264"),
        ] {
            assert_eq!(reading(name, &bytes, Order::Little).text, little, "{name}");
            assert_eq!(reading(name, &bytes, Order::Big).text, big, "{name}");
        }
    }

    #[test]
    fn floats_have_as_many_digits_as_they_hold() {
        let f32 = |value: f32| reading("f32", &value.to_le_bytes(), Order::Little).text;
        assert_eq!(f32(0.1), "0.1");
        assert_eq!(f32(-2.5), "-2.5");
        assert_eq!(f32(f32::MAX), "3.4028235e38");
        assert_eq!(f32(0.0), "0");
        let f64 = |value: f64| reading("f64", &value.to_be_bytes(), Order::Big).text;
        assert_eq!(f64(0.1), "0.1");
        assert_eq!(f64(1.0 / 3.0), "0.3333333333333333");
        assert_eq!(f64(6.02e23), "6.02e23");
        let f16 = |bits: u16| reading("f16", &bits.to_le_bytes(), Order::Little).text;
        assert_eq!(
            (f16(0x3c00), f16(0x3555), f16(0xfc00)),
            ("1".into(), "0.3333".into(), "-inf".into())
        );
        assert_eq!(reading("bf16", &[0x80, 0x3f], Order::Little).text, "1");
    }

    #[test]
    fn numbers_that_nobody_means_are_not_plausible() {
        let f32 = |value: f32| reading("f32", &value.to_le_bytes(), Order::Little).is_plausible;
        assert!(f32(1.5) && f32(0.0) && f32(-1e20));
        assert!(!f32(f32::NAN) && !f32(f32::INFINITY) && !f32(1e31) && !f32(1e-40));
    }

    #[test]
    fn leb128_is_read_as_dwarf_writes_it() {
        let both = |bytes: &[u8]| {
            let read = |name| reading(name, bytes, Order::Little).text;
            (read("ULEB128"), read("SLEB128"))
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(both(&[2]), pair("2 (1 byte)", "2 (1 byte)"));
        assert_eq!(both(&[0x7e]), pair("126 (1 byte)", "-2 (1 byte)"));
        assert_eq!(both(&[0xe5, 0x8e, 0x26]), pair("624485 (3 bytes)", "624485 (3 bytes)"));
        assert_eq!(both(&[0x80, 0x7f]), pair("16256 (2 bytes)", "-128 (2 bytes)"));
        assert_eq!(both(&[0x80]), pair("··", "··"));
        assert_eq!(both(&[0xff; 20]), pair("–", "–"));
        assert!(decode(&known(&[0xff; 18]), Sign::With).is_err());
    }
}
