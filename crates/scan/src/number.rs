//! Numbers: `u32le=1000`, `i16be=-5..5@2`, `f64le=3.14~0.01`.

use std::fmt;
use std::str::FromStr;

use crate::PatternError;

/// A number to search for: its type, and which values match.
///
/// # Examples
/// ```
/// use memmap_scan::Number;
///
/// let timestamp: Number = "u32le=1700000000..=1710000000@4".parse()?;
/// assert_eq!((timestamp.size(), timestamp.alignment()), (4, 4));
/// let almost_pi: Number = "f64be=3.14159~0.00001".parse()?;
/// assert_eq!(almost_pi.size(), 8);
/// let error = "u32xe=1".parse::<Number>().unwrap_err();
/// assert_eq!(error.column(), 4);
/// # Ok::<(), memmap_scan::PatternError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    size: usize,
    order: Order,
    values: Values,
    alignment: u64,
}

/// Byte order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Little,
    Big,
}

/// The values that match: from the first to the second, both included.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Values {
    Unsigned(u128, u128),
    Signed(i128, i128),
    Float(f64, f64),
}

impl Number {
    /// Size of the number in bytes.
    pub const fn size(&self) -> usize {
        self.size
    }

    /// Matches start at multiples of this many bytes from the start of the mapping.
    pub const fn alignment(&self) -> u64 {
        self.alignment
    }

    /// The bytes of the number, if only one value matches and has one representation.
    pub(crate) fn only_bytes(&self) -> Option<Vec<u8>> {
        let bytes = match self.values {
            Values::Unsigned(lo, hi) if lo == hi => lo.to_le_bytes(),
            Values::Signed(lo, hi) if lo == hi => lo.to_le_bytes(),
            _ => return None,
        };
        let mut bytes = bytes.get(..self.size)?.to_vec();
        if self.order == Order::Big {
            bytes.reverse();
        }
        Some(bytes)
    }

    /// Whether these bytes match. Their number must be the size.
    #[inline]
    pub(crate) fn accepts(&self, bytes: &[u8]) -> bool {
        let mut raw = [0; 16];
        let Some(raw_bytes) = raw.get_mut(..self.size) else { return false };
        if bytes.len() != raw_bytes.len() {
            return false;
        }
        match self.order {
            Order::Little => raw_bytes.copy_from_slice(bytes),
            Order::Big => {
                for (to, from) in raw_bytes.iter_mut().zip(bytes.iter().rev()) {
                    *to = *from;
                }
            }
        }
        let value = u128::from_le_bytes(raw);
        match self.values {
            Values::Unsigned(lo, hi) => lo <= value && value <= hi,
            Values::Signed(lo, hi) => {
                let unused = u32::try_from(self.size)
                    .map_or(0, |size| 128_u32.saturating_sub(size.saturating_mul(8)));
                let value = (value << unused).cast_signed() >> unused;
                lo <= value && value <= hi
            }
            Values::Float(lo, hi) => {
                let value = match (raw.first_chunk(), raw.first_chunk()) {
                    (Some(&four), _) if self.size == 4 => f32::from_le_bytes(four).into(),
                    (_, Some(&eight)) => f64::from_le_bytes(eight),
                    _ => f64::NAN,
                };
                lo <= value && value <= hi
            }
        }
    }
}

impl FromStr for Number {
    type Err = PatternError;

    /// Parses `TYPE=VALUE`, `TYPE=FIRST..LAST` or `TYPE=VALUE~TOLERANCE`, each optionally followed
    /// by `@ALIGNMENT`.
    ///
    /// `TYPE` is `u`, `i` or `f`, the number of bits (8 to 128; floats 32 or 64), and `le` or `be`,
    /// which a single byte does not need. Ranges include both ends, written as `..` or `..=`.
    /// Integers may be hexadecimal (`0x`), and all numbers may contain `_`. A number that the type
    /// cannot represent is an error; floats may be `inf`.
    fn from_str(text: &str) -> Result<Self, PatternError> {
        let column = |at: usize| text.get(..at).unwrap_or(text).chars().count().saturating_add(1);
        let Some((name, rest)) = text.split_once('=') else {
            let what = "there is no `=`; write a type and a value, such as `u32le=1000`";
            return Err(PatternError::new(column(text.len()), what));
        };
        let (size, order, kind) = stored(name)?;
        let first = name.len().saturating_add(1);
        let (values, alignment) = match rest.split_once('@') {
            None => (rest, 1),
            Some((values, alignment)) => {
                let at = first.saturating_add(values.len()).saturating_add(1);
                let alignment = alignment.parse().ok().filter(|&alignment| alignment > 0);
                let what = "the alignment must be a positive number of bytes, as in `@4`";
                (values, alignment.ok_or_else(|| PatternError::new(column(at), what))?)
            }
        };
        let part = |at: usize, text: &str| {
            (column(first.saturating_add(at)), text.trim().replace('_', ""))
        };
        let (lo, hi, is_around) = if let Some((value, tolerance)) = values.split_once('~') {
            (part(0, value), part(value.len().saturating_add(1), tolerance), true)
        } else if let Some((lo, hi)) = values.split_once("..") {
            let before = lo.len().saturating_add(2);
            let skipped = usize::from(hi.starts_with('='));
            let hi = hi.strip_prefix('=').unwrap_or(hi);
            (part(0, lo), part(before.saturating_add(skipped), hi), false)
        } else {
            (part(0, values), part(0, values), false)
        };
        let values = kind.values(size, &lo, &hi, is_around)?;
        Ok(Self { size, order, values, alignment })
    }
}

/// The meaning of the first letter of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Unsigned,
    Signed,
    Float,
}

/// Size, byte order and kind of a type.
fn stored(name: &str) -> Result<(usize, Order, Kind), PatternError> {
    let (kind, rest) = match name.as_bytes().first() {
        Some(b'u') => (Kind::Unsigned, &name[1..]),
        Some(b'i') => (Kind::Signed, &name[1..]),
        Some(b'f') => (Kind::Float, &name[1..]),
        _ => {
            return Err(PatternError::new(1, "unknown type; use `u`, `i` or `f`, as in `u32le`"));
        }
    };
    let digits =
        rest.len().saturating_sub(rest.trim_start_matches(|c: char| c.is_ascii_digit()).len());
    let (bits, order) = rest.split_at(digits);
    let size = match (kind, bits) {
        (Kind::Unsigned | Kind::Signed, "8") => 1,
        (Kind::Unsigned | Kind::Signed, "16") => 2,
        (_, "32") => 4,
        (_, "64") => 8,
        (Kind::Unsigned | Kind::Signed, "128") => 16,
        (Kind::Float, _) => {
            return Err(PatternError::new(2, "floats have 32 or 64 bits, as in `f64le`"));
        }
        _ => {
            return Err(PatternError::new(
                2,
                "integers have 8, 16, 32, 64 or 128 bits, as in `u32le`",
            ));
        }
    };
    let order = match order {
        "le" => Order::Little,
        "be" => Order::Big,
        "" if size == 1 => Order::Little,
        _ => {
            let what = "the byte order is missing or unknown; add `le` or `be`";
            return Err(PatternError::new(digits.saturating_add(2), what));
        }
    };
    Ok((size, order, kind))
}

impl Kind {
    /// Parses the values of a range, or of a value and its tolerance. Each comes with its column.
    fn values(
        self,
        size: usize,
        lo: &(usize, String),
        hi: &(usize, String),
        is_around: bool,
    ) -> Result<Values, PatternError> {
        let bits = u32::try_from(size).map_or(128, |size| size.saturating_mul(8));
        let values = match self {
            Self::Unsigned => {
                let most = u128::MAX >> 128_u32.saturating_sub(bits);
                let (a, b) = (integer::<u128>(lo, 0, most)?, integer::<u128>(hi, 0, most)?);
                if is_around {
                    Values::Unsigned(a.saturating_sub(b), a.saturating_add(b))
                } else {
                    Values::Unsigned(a, b)
                }
            }
            Self::Signed => {
                let most = i128::MAX >> 128_u32.saturating_sub(bits);
                let least = i128::MIN >> 128_u32.saturating_sub(bits);
                let (a, b) = (integer::<i128>(lo, least, most)?, integer::<i128>(hi, least, most)?);
                if is_around {
                    Values::Signed(a.saturating_sub(b), a.saturating_add(b))
                } else {
                    Values::Signed(a, b)
                }
            }
            Self::Float => {
                let (a, b) = (float(lo, size)?, float(hi, size)?);
                if is_around { around(a, b) } else { Values::Float(a, b) }
            }
        };
        let is_empty = match values {
            Values::Unsigned(lo, hi) => lo > hi,
            Values::Signed(lo, hi) => lo > hi,
            Values::Float(lo, hi) => lo > hi,
        };
        if is_empty {
            return Err(PatternError::new(hi.0, "the range ends before it starts; swap its ends"));
        }
        Ok(values)
    }
}

/// The values around a number. Infinity is not near a finite one.
fn around(value: f64, tolerance: f64) -> Values {
    let (lo, hi) = (value - tolerance, value + tolerance);
    if value.is_finite() && tolerance.is_finite() {
        return Values::Float(lo.max(f64::MIN), hi.min(f64::MAX));
    }
    Values::Float(lo, hi)
}

/// Parses an integer within limits.
fn integer<T>((column, text): &(usize, String), least: T, most: T) -> Result<T, PatternError>
where
    T: FromStr + TryFrom<u128> + PartialOrd + fmt::Display + Copy,
{
    let value = match text.strip_prefix("0x") {
        Some(digits) => {
            u128::from_str_radix(digits, 16).ok().and_then(|value| T::try_from(value).ok())
        }
        None => text.parse().ok(),
    };
    value.filter(|&value| least <= value && value <= most).ok_or_else(|| {
        let given = text.escape_default();
        PatternError::new(*column, format!("`{given}` is not an integer from {least} to {most}"))
    })
}

/// Parses a float, rounded to the type: stored 32-bit values were rounded, too.
///
/// A number that would round to infinity or to zero is an error.
fn float((column, text): &(usize, String), size: usize) -> Result<f64, PatternError> {
    let given = text.escape_default();
    let refuse = |what: String| Err(PatternError::new(*column, what));
    let value = match size {
        4 => text.parse::<f32>().ok().map(f64::from),
        _ => text.parse::<f64>().ok(),
    };
    let Some(value) = value.filter(|value| !value.is_nan()) else {
        return refuse(format!("`{given}` is not a number that can be compared"));
    };
    // Only infinity starts with a letter, and only zero has no digit other than 0 before the
    // exponent.
    let digits = text.trim_start_matches(['+', '-']);
    let is_named = digits.starts_with(|c: char| c.is_ascii_alphabetic());
    if value.is_infinite() && !is_named {
        let (bits, most) = match size {
            4 => (32, format!("{:e}", f32::MAX)),
            _ => (64, format!("{:e}", f64::MAX)),
        };
        return refuse(format!(
            "`{given}` is too large for a {bits}-bit float, {most} at most; infinity is `inf`"
        ));
    }
    let mantissa = digits.split(['e', 'E']).next().unwrap_or(digits);
    if value == 0.0 && mantissa.contains(|c: char| ('1'..='9').contains(&c)) {
        let (bits, least) = match size {
            4 => (32, format!("{:e}", f32::from_bits(1))),
            _ => (64, format!("{:e}", f64::from_bits(1))),
        };
        return refuse(format!(
            "`{given}` is too close to 0 for a {bits}-bit float, {least} at least; write 0"
        ));
    }
    Ok(value)
}
