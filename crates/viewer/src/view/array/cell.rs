//! Width and text of an array cell.

use std::fmt::Write as _;

use memmap::array::{DType, DTypeKind, Float, Value};
use memmap::widen;

/// Maximum number of bytes shown of an element.
const LEN_MAX: usize = 128;

/// Maximum width of a cell.
const WIDTH_MAX: u16 = 32;

/// The format of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cell {
    /// Width in screen cells.
    pub(crate) width: u16,
    /// The type as far as it is shown: the whole element or its beginning.
    shown: DType,
    is_cut: bool,
    pub(crate) is_right_aligned: bool,
}

/// The class of a value, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueClass {
    Zero,
    Number,
    /// NaN or infinite.
    Odd,
    Text,
}

impl Cell {
    pub(crate) fn of(dtype: &DType) -> Self {
        let (shown, is_cut) = match beginning(dtype) {
            Some(shown) => (shown, true),
            None => (dtype.clone(), false),
        };
        Self {
            width: width(dtype).clamp(2, WIDTH_MAX),
            shown,
            is_cut,
            is_right_aligned: is_right_aligned(dtype),
        }
    }

    /// The same, with at least this width.
    pub(crate) fn at_least(mut self, width: u16) -> Self {
        self.width = self.width.max(width.min(WIDTH_MAX));
        self
    }

    /// Number of bytes shown.
    pub(crate) fn len(&self) -> u64 {
        widen(self.shown.itemsize())
    }

    /// Decodes a value.
    pub(crate) fn value(&self, bytes: &[u8]) -> Value {
        Value::decode(&self.shown, bytes)
    }

    /// The value with all its digits, as far as it is shown.
    pub(crate) fn exact(&self, value: &Value) -> String {
        shown(value) + if self.is_cut { "…" } else { "" }
    }

    /// Formats a value to fit the cell: floats are rounded, anything else is truncated with a mark.
    pub(crate) fn write(&self, value: &Value, out: &mut String) -> ValueClass {
        out.clear();
        let room = usize::from(self.width);
        let look = match value {
            Value::Float(float) => return rounded(*float, room, out),
            Value::Complex(re, im) => {
                *out = shown(value);
                if out.chars().count() > room {
                    let (mut first, mut second) = (String::new(), String::new());
                    let half = room.saturating_sub(4) / 2;
                    rounded(*re, half, &mut first);
                    rounded(*im, half, &mut second);
                    let plus = if second.starts_with('-') { "" } else { "+" };
                    *out = format!("({first}{plus}{second}j)");
                }
                let is_odd = !(re.value().is_finite() && im.value().is_finite());
                if is_odd { ValueClass::Odd } else { ValueClass::Number }
            }
            Value::Int(0) | Value::UInt(0) | Value::Bool(false) => ValueClass::Zero,
            Value::Int(_) | Value::UInt(_) | Value::Bool(_) => ValueClass::Number,
            Value::DateTime(None, _) | Value::TimeDelta(None, _) => ValueClass::Odd,
            _ => ValueClass::Text,
        };
        if out.is_empty() {
            // Writing to a string cannot fail.
            match value {
                Value::Text(_) => write!(out, "{value:#}"),
                value => write!(out, "{value}"),
            }
            .unwrap_or_default();
        }
        if self.is_cut || out.chars().count() > room {
            *out = crate::format::width::fitted(&(std::mem::take(out) + "…"), self.width);
        }
        look
    }
}

/// Formats a value as within a structure, where text is quoted.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::Text(_) => format!("{value:#}"),
        value => value.to_string(),
    }
}

/// Formats a float with all digits, or as many as fit in `room`.
fn rounded(float: Float, room: usize, out: &mut String) -> ValueClass {
    let value = float.value();
    out.clear();
    write!(out, "{float}").unwrap_or_default();
    let mut digits = room.min(17);
    while out.len() > room && digits > 0 {
        digits -= 1;
        out.clear();
        let plain = value.abs() < 1e16 && value.abs() >= 1e-4;
        if plain { write!(out, "{value:.digits$}") } else { write!(out, "{value:.digits$e}") }
            .unwrap_or_default();
        // Trailing zeros of a rounded number carry no information.
        if plain && out.contains('.') {
            out.truncate(out.trim_end_matches('0').trim_end_matches('.').len());
        }
    }
    if value == 0.0 {
        ValueClass::Zero
    } else if value.is_finite() {
        ValueClass::Number
    } else {
        ValueClass::Odd
    }
}

/// The first part of a type that is too long to show.
fn beginning(dtype: &DType) -> Option<DType> {
    if dtype.itemsize() <= LEN_MAX {
        return None;
    }
    let part = match dtype.kind() {
        DTypeKind::Text => {
            DType::text(LEN_MAX / 4).map(|it| it.with_byte_order(dtype.byte_order()))
        }
        DTypeKind::Bytes => DType::bytes(LEN_MAX),
        DTypeKind::SubArray { base, .. } if (1..=LEN_MAX).contains(&base.itemsize()) => {
            DType::array_of(DType::clone(base), &[LEN_MAX / base.itemsize()])
        }
        _ => DType::void(LEN_MAX),
    };
    part.ok()
}

fn is_right_aligned(dtype: &DType) -> bool {
    !matches!(
        dtype.kind(),
        DTypeKind::Bytes
            | DTypeKind::Text
            | DTypeKind::Void
            | DTypeKind::Struct(_)
            | DTypeKind::SubArray { .. }
    )
}

/// Width of the longest value, if known. Floats may be rounded.
fn width(dtype: &DType) -> u16 {
    let of_len = |len: usize, each: usize, around: usize| {
        u16::try_from(len.saturating_mul(each).saturating_add(around)).unwrap_or(u16::MAX)
    };
    match (dtype.kind(), dtype.itemsize()) {
        (DTypeKind::UInt, 1) => 3,
        (DTypeKind::Bool, _) | (DTypeKind::UInt, 2) => 5,
        (DTypeKind::UInt, 4) => 10,
        (DTypeKind::UInt | DTypeKind::Int, 8) => 20,
        (DTypeKind::Int, 1) => 4,
        (DTypeKind::Int, 2) => 6,
        (DTypeKind::Int, _) => 11,
        (DTypeKind::Float, 2) => 9,
        (DTypeKind::Complex, 8) => 26,
        (DTypeKind::Complex, _) => 30,
        (DTypeKind::DateTime(unit), _) => match unit.to_string().as_str() {
            "[D]" => 12,
            "[s]" => 20,
            _ => 29,
        },
        (DTypeKind::Bytes, len) => of_len(len, 1, 3),
        (DTypeKind::Text, len) => of_len(len / 4, 1, 2),
        (DTypeKind::Void, len) => of_len(len, 4, 3),
        (DTypeKind::SubArray { base, .. }, len) => {
            let each = usize::from(width(base)) + 2;
            of_len(len.checked_div(base.itemsize()).unwrap_or(0), each, 2)
        }
        (DTypeKind::Struct(_), _) => 24,
        _ => 13,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(dtype: &str, bytes: &[u8]) -> String {
        let cell = Cell::of(&super::super::spec::dtype(dtype).unwrap());
        let mut out = String::new();
        let shown = bytes.get(..usize::try_from(cell.len()).unwrap()).unwrap();
        cell.write(&cell.value(shown), &mut out);
        assert!(out.chars().count() <= usize::from(cell.width), "{out}");
        out
    }

    #[test]
    fn floats_are_rounded_to_their_cell_and_nothing_else_is() {
        let f8 = |value: f64| written("<f8", &value.to_le_bytes());
        assert_eq!(f8(1.5), "1.5");
        assert_eq!(f8(0.1 + 0.2), "0.3");
        assert_eq!(f8(-1.234_567_890_123e-200), "-1.23457e-200");
        assert_eq!(f8(f64::MAX), "1.7976931e308");
        assert_eq!(f8(-123_456_789.123_456_78), "-123456789.12");
        assert_eq!((f8(f64::NAN), f8(f64::NEG_INFINITY)), ("nan".to_owned(), "-inf".to_owned()));
        assert_eq!(written("<f4", &f32::MIN_POSITIVE.to_le_bytes()), "1.1754944e-38");
        assert_eq!(written("<i8", &i64::MIN.to_le_bytes()), "-9223372036854775808");
        assert_eq!(
            written("<c16", &[0.1_f64, -1e-300].map(f64::to_le_bytes).concat()),
            "(0.1-1e-300j)"
        );
    }

    #[test]
    fn what_is_too_long_is_cut_off_with_a_sign() {
        assert_eq!(written("S5", b"ab\0\0\0"), "b'ab'");
        let long = written("S200", &[b'x'; 200]);
        assert!(long.starts_with("b'xxx") && long.ends_with('…'), "{long}");
        assert!(written("(1000,)u1", &[7; 1000]).starts_with("[7, 7, 7"));
        assert!(written("{a:S100,b:S100}", &[1; 200]).ends_with('…'));
    }
}
