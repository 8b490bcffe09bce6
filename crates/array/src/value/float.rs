use std::fmt::{self, Write};

use super::half;

/// A float together with its stored width. It prints in numpy's notation, with the fewest digits that
/// distinguish it from other numbers of that width.
///
/// # Examples
/// ```
/// use memmap_array::Float;
///
/// assert_eq!(Float::from(0.1_f32).to_string(), "0.1");
/// assert_eq!(Float::from(0.1_f32).value(), f64::from(0.1_f32));
/// assert_eq!(Float::from(1e16_f64).to_string(), "1e+16");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Float(Stored);

#[derive(Debug, Clone, Copy)]
enum Stored {
    Half(u16),
    Single(f32),
    Double(f64),
    Extended(f64),
}

/// The stored width of a float.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FloatWidth {
    /// 2 bytes: numpy's `f2`.
    Half,
    /// 4 bytes: `f32`, numpy's `f4`.
    Single,
    /// 8 bytes: `f64`, numpy's `f8`.
    Double,
    /// 16 bytes: the `long double` of x86, numpy's `f16`. Its value is the nearest `f64`.
    Extended,
}

impl Float {
    pub(super) const fn half(bits: u16) -> Self {
        Self(Stored::Half(bits))
    }

    pub(super) const fn extended(value: f64) -> Self {
        Self(Stored::Extended(value))
    }

    /// The number. Exact, except for those of 16 bytes.
    pub fn value(self) -> f64 {
        match self.0 {
            Stored::Half(bits) => half::widened(bits),
            Stored::Single(value) => f64::from(value),
            Stored::Double(value) | Stored::Extended(value) => value,
        }
    }

    /// The stored width.
    pub const fn width(self) -> FloatWidth {
        match self.0 {
            Stored::Half(_) => FloatWidth::Half,
            Stored::Single(_) => FloatWidth::Single,
            Stored::Double(_) => FloatWidth::Double,
            Stored::Extended(_) => FloatWidth::Extended,
        }
    }

    /// The magnitude of a finite number as `{:e}` prints it, with the fewest digits.
    fn digits(self) -> String {
        match self.0 {
            Stored::Half(bits) => half::digits(bits & 0x7fff),
            Stored::Single(value) => format!("{:e}", value.abs()),
            Stored::Double(value) | Stored::Extended(value) => format!("{:e}", value.abs()),
        }
    }

    /// The magnitude from which on numpy writes an exponent.
    const fn large(self) -> f64 {
        match self.width() {
            FloatWidth::Half => 1e3,
            FloatWidth::Single => 1e6,
            FloatWidth::Double | FloatWidth::Extended => 1e16,
        }
    }

    /// Writes the number. An integer is followed by `fraction`.
    pub(super) fn write(self, f: &mut fmt::Formatter<'_>, fraction: &str) -> fmt::Result {
        let value = self.value();
        if value.is_nan() {
            return f.write_str("nan");
        }
        if value.is_sign_negative() {
            f.write_char('-')?;
        }
        if value.is_infinite() {
            return f.write_str("inf");
        }
        let scientific = self.digits();
        let (number, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
        let exponent: i32 = exponent.parse().unwrap_or(0);
        if value != 0.0 && !(1e-4..self.large()).contains(&value.abs()) {
            let sign = if exponent < 0 { '-' } else { '+' };
            return write!(f, "{number}e{sign}{:02}", exponent.unsigned_abs());
        }
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        let places = usize::try_from(exponent.unsigned_abs()).unwrap_or(0);
        if exponent < 0 {
            return write!(f, "0.{:0>1$}", digits, digits.len().saturating_add(places) - 1);
        }
        match digits.split_at_checked(places.saturating_add(1)) {
            Some((whole, rest)) if !rest.is_empty() => write!(f, "{whole}.{rest}"),
            _ => write!(f, "{digits:0<0$}{fraction}", places.saturating_add(1)),
        }
    }
}

impl PartialEq for Float {
    /// Whether the numbers are equal, whatever their widths.
    fn eq(&self, other: &Self) -> bool {
        self.value() == other.value()
    }
}

impl From<f32> for Float {
    fn from(value: f32) -> Self {
        Self(Stored::Single(value))
    }
}

impl From<f64> for Float {
    fn from(value: f64) -> Self {
        Self(Stored::Double(value))
    }
}

impl fmt::Display for Float {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, ".0")
    }
}
