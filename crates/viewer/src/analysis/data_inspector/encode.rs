//! Values that are typed: the bytes of each in the notation of its row.

use std::net::{Ipv4Addr, Ipv6Addr};

use half::{bf16, f16};
use jiff::civil::DateTime;
use thiserror::Error;

use super::Order;

/// Why a text is not a value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum EncodeError {
    #[error("{0:?} is no {1}; {2}")]
    NotOne(String, &'static str, &'static str),
    #[error("{0} does not fit in {1}")]
    TooLarge(String, &'static str),
    #[error("{0} is not edited here")]
    NotEditable(&'static str),
}

/// The bytes of a value of the row of this name.
pub(crate) fn encode(name: &'static str, text: &str, order: Order) -> Result<Vec<u8>, EncodeError> {
    let text = text.trim();
    let wrong = |example| EncodeError::NotOne(text.to_owned(), name, example);
    if let Some((bits, is_signed)) = integer_type(name) {
        return integer(name, text, bits, is_signed).map(|bytes| in_order(bytes, order));
    }
    let low = match name {
        "bits" => {
            let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
            let byte = u8::from_str_radix(&digits, 2).ok().filter(|_| digits.len() == 8);
            vec![byte.ok_or_else(|| wrong("write 8 digits as 0100 0001"))?]
        }
        "f16" | "bf16" | "f32" | "f64" => float(name, text)?,
        "time32" | "time64" | "FILETIME" => time(name, text)?,
        // Numbers and characters of these have their own order, or none.
        "UTF-8" if !text.is_empty() => return Ok(text.as_bytes().to_vec()),
        "UTF-16" if !text.is_empty() => {
            let bytes = |unit: u16| in_order(unit.to_le_bytes().to_vec(), order);
            return Ok(text.encode_utf16().flat_map(bytes).collect());
        }
        "UTF-8" | "UTF-16" => return Err(wrong("write at least one character")),
        "IPv4" => {
            let address: Ipv4Addr = text.parse().map_err(|_bad| wrong("write 192.0.2.1"))?;
            u32::from(address).to_le_bytes().to_vec()
        }
        "IPv6" => {
            let address: Ipv6Addr = text.parse().map_err(|_bad| wrong("write 2001:db8::1"))?;
            return Ok(address.octets().to_vec());
        }
        _ => return Err(EncodeError::NotEditable(name)),
    };
    Ok(in_order(low, order))
}

fn in_order(mut low: Vec<u8>, order: Order) -> Vec<u8> {
    if order == Order::Big {
        low.reverse();
    }
    low
}

/// The size of an integer type, and whether it is signed.
fn integer_type(name: &str) -> Option<(u32, bool)> {
    let (sign, bits) = name.split_at_checked(1)?;
    let bits = bits.parse().ok().filter(|bits| matches!(bits, 8 | 16 | 32 | 64 | 128))?;
    matches!(sign, "u" | "i").then_some((bits, sign == "i"))
}

fn integer(
    name: &'static str,
    text: &str,
    bits: u32,
    is_signed: bool,
) -> Result<Vec<u8>, EncodeError> {
    let example = "write 1024, 0x400, 0b100 or 4K+2";
    let wrong = || EncodeError::NotOne(text.to_owned(), name, example);
    let too_large = || EncodeError::TooLarge(text.to_owned(), name);
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let mut sum = 0_u128;
    for term in digits.split('+') {
        let term = term_of(term.trim()).ok_or_else(wrong)?.number().ok_or_else(too_large)?;
        sum = sum.checked_add(term).ok_or_else(too_large)?;
    }
    let top = 1_u128 << (bits - 1);
    let most = top - 1 + top;
    // Digits of a bit pattern may set the sign.
    let is_pattern = digits.starts_with("0x") || digits.starts_with("0b");
    let fits = match (is_signed, is_negative) {
        (false, false) => sum <= most,
        (false, true) => sum == 0,
        (true, false) => sum < top || (is_pattern && sum <= most),
        (true, true) => sum <= top,
    };
    if !fits {
        return Err(too_large());
    }
    let value = if is_negative { sum.wrapping_neg() } else { sum };
    let len = usize::try_from(bits / 8).unwrap_or(16);
    Ok(value.to_le_bytes().into_iter().take(len).collect())
}

/// Digits, and the bits of their unit.
struct Term {
    digits: String,
    radix: u32,
    shift: u32,
}

impl Term {
    /// The number; `None` if it is too large.
    fn number(&self) -> Option<u128> {
        u128::from_str_radix(&self.digits, self.radix).ok()?.checked_mul(1 << self.shift)
    }
}

/// A number, which may have a unit.
fn term_of(text: &str) -> Option<Term> {
    let (digits, radix) = match text.get(..2) {
        Some("0x") => (&text[2..], 16),
        Some("0b") => (&text[2..], 2),
        _ => (text, 10),
    };
    let (digits, shift) = match digits.chars().last().filter(|_| radix == 10) {
        Some('K' | 'k') => (&digits[..digits.len() - 1], 10),
        Some('M') => (&digits[..digits.len() - 1], 20),
        Some('G') => (&digits[..digits.len() - 1], 30),
        Some('T') => (&digits[..digits.len() - 1], 40),
        _ => (digits, 0),
    };
    let digits: String = digits.chars().filter(|&c| c != '_').collect();
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    Some(Term { digits, radix, shift })
}

fn float(name: &'static str, text: &str) -> Result<Vec<u8>, EncodeError> {
    let example = "write 3.14, 6e23, inf or nan";
    let wrong = |_bad| EncodeError::NotOne(text.to_owned(), name, example);
    let value: f64 = text.parse().map_err(wrong)?;
    let (bytes, is_finite) = match name {
        "f16" => {
            let value = f16::from_f64(value);
            (value.to_le_bytes().to_vec(), value.is_finite())
        }
        "bf16" => {
            let value = bf16::from_f64(value);
            (value.to_le_bytes().to_vec(), value.is_finite())
        }
        "f32" => {
            // Not by way of an f64, which would be rounded twice.
            let value: f32 = text.parse().map_err(wrong)?;
            (value.to_le_bytes().to_vec(), value.is_finite())
        }
        _ => (value.to_le_bytes().to_vec(), value.is_finite()),
    };
    let is_named = text.trim_start_matches(['-', '+']).starts_with(char::is_alphabetic);
    if is_finite || is_named {
        Ok(bytes)
    } else {
        Err(EncodeError::TooLarge(text.to_owned(), name))
    }
}

fn time(name: &'static str, text: &str) -> Result<Vec<u8>, EncodeError> {
    let wrong = || EncodeError::NotOne(text.to_owned(), name, "write 2007-05-17 12:07:27Z");
    let date: DateTime = text.strip_suffix('Z').unwrap_or(text).parse().map_err(|_bad| wrong())?;
    let since = super::time::seconds(date);
    let too_large = || EncodeError::TooLarge(text.to_owned(), name);
    match name {
        "time32" => {
            let seconds = i32::try_from(since).map_err(|_large| too_large())?;
            Ok(seconds.to_le_bytes().to_vec())
        }
        "time64" => Ok(since.to_le_bytes().to_vec()),
        _ => {
            let ticks = super::time::file_time(since).ok_or_else(too_large)?;
            Ok(ticks.to_le_bytes().to_vec())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{known, reading};
    use super::super::{ROWS, rows};
    use super::*;

    #[test]
    fn what_a_row_shows_is_read_back() {
        let samples = [
            [0x41, 0x42, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19],
            [0x7f; 19],
            [0xc3, 0xa9, 0x3c, 0x5e, 1, 0, 0, 0, 0xff, 0xff, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        ];
        let mut count = 0;
        for bytes in samples {
            for row in rows(&known(&bytes)) {
                for order in [Order::Little, Order::Big] {
                    let shown = row.reading(order);
                    let text = match row.name {
                        "UTF-8" | "UTF-16" => shown.text.split(' ').next().unwrap_or_default(),
                        _ => shown.text.as_str(),
                    };
                    if !shown.is_value || text.starts_with("beyond") || text.starts_with("U+") {
                        continue;
                    }
                    let encoded = match encode(row.name, text, order) {
                        Err(EncodeError::NotEditable(_)) => continue,
                        encoded => encoded.unwrap(),
                    };
                    let now = [&encoded[..], &bytes[encoded.len()..]].concat();
                    let again = reading(row.name, &now, order);
                    assert_eq!(again.text, shown.text, "{} {order:?} of {bytes:?}", row.name);
                    if !matches!(row.name, "FILETIME") && !text.contains("NaN") {
                        assert_eq!(now, bytes, "{} {order:?} {text}", row.name);
                    }
                    count += 1;
                }
            }
        }
        assert!(count > 2 * ROWS, "{count}");
    }

    #[test]
    fn numbers_have_units_sums_and_digits_of_other_bases() {
        let low =
            |name, text: &str| encode(name, text, Order::Little).map_err(|why| why.to_string());
        for (name, text, bytes) in [
            ("u16", "1024", &[0, 4][..]),
            ("u16", "0x400", &[0, 4]),
            ("u8", "0b100", &[4]),
            ("u16", "4K+2", &[2, 16]),
            ("u32", "1_000", &[0xe8, 3, 0, 0]),
            ("i8", "-128", &[0x80]),
            ("i8", "0xff", &[0xff]),
            ("i16", " -2 ", &[0xfe, 0xff]),
            ("u64", "16T", &[0, 0, 0, 0, 0, 16, 0, 0]),
            ("bits", "0100 0001", &[0x41]),
            ("UTF-8", "é", &[0xc3, 0xa9]),
            ("f32", "inf", &[0, 0, 0x80, 0x7f]),
        ] {
            assert_eq!(low(name, text), Ok(bytes.to_vec()), "{name} {text}");
        }
        assert_eq!(encode("u16", "1", Order::Big), Ok(vec![0, 1]));
        for (name, text, why) in [
            ("u8", "300", "300 does not fit in u8"),
            ("u8", "-1", "-1 does not fit in u8"),
            ("i8", "128", "128 does not fit in i8"),
            ("i8", "0x100", "0x100 does not fit in i8"),
            ("u128", "999999999999999999999999999999999999999999", "does not fit in u128"),
            ("u128", "340282366920938463463374607431768211455+1", "does not fit in u128"),
            ("u8", "", "write 1024, 0x400"),
            ("u8", "1 2", "write 1024, 0x400"),
            ("u8", "0b2", "write 1024, 0x400"),
            ("u8", "é", "write 1024, 0x400"),
            ("f32", "1e39", "1e39 does not fit in f32"),
            ("f16", "1e6", "1e6 does not fit in f16"),
            ("f64", "x", "write 3.14"),
            ("bits", "101", "write 8 digits"),
            ("time32", "9999-01-01 00:00:00Z", "does not fit in time32"),
            ("time64", "yesterday", "write 2007-05-17"),
            ("FILETIME", "0001-01-01 00:00:00Z", "does not fit in FILETIME"),
            ("IPv4", "1.2.3", "write 192.0.2.1"),
            ("ULEB128", "1", "ULEB128 is not edited here"),
        ] {
            let said = low(name, text).unwrap_err();
            assert!(said.contains(why), "{name} {text}: {said}");
        }
    }
}
