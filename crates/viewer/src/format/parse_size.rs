//! Parses sizes and offsets: `4096`, `0x1f00`, `4K`, `1.5MiB`, `1_000_000`, `-16` from the end;
//! ranges: `4K..1M`; and percentages: `12.5`.

use std::fmt;
use std::ops::Range;

/// Parses a number of bytes: decimal or `0x` hexadecimal, with optional `_` between digits and a
/// unit.
///
/// K, M, G, T and P are powers of 1024, and so are KiB, MiB…; kB, MB… are powers of 1000, as in dd.
/// B is a byte. A decimal number may have a fraction if the result is a whole number: `1.5K`.
///
/// # Errors
/// [`BadNumber`], which says what is accepted.
pub fn parse_count(text: &str) -> Result<u64, BadNumber> {
    let bad = |why| BadNumber { text: text.to_owned(), why };
    let body = text.trim();
    let hexadecimal = body.strip_prefix("0x").or_else(|| body.strip_prefix("0X"));
    let radix = if hexadecimal.is_some() { 16 } else { 10 };
    let (digits, unit) = split_unit(hexadecimal.unwrap_or(body), radix);
    let unit = bytes_of(unit).ok_or_else(|| bad(Why::NotANumber))?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let [whole, fraction] = [whole, fraction].map(|digits| digits.replace('_', ""));
    let is_number = |digits: &str| digits.chars().all(|c| c.is_digit(radix));
    if (whole.is_empty() && fraction.is_empty()) || !is_number(&whole) || !is_number(&fraction) {
        return Err(bad(Why::NotANumber));
    }
    let whole = match whole.as_str() {
        "" => Some(0),
        whole => u64::from_str_radix(whole, radix).ok(),
    };
    let more = whole_part(&fraction, unit).ok_or_else(|| bad(Why::NotWhole))?;
    whole
        .and_then(|whole| whole.checked_mul(unit)?.checked_add(more))
        .ok_or_else(|| bad(Why::TooLarge))
}

/// Splits a number into its digits and unit.
fn split_unit(text: &str, radix: u32) -> (&str, &str) {
    let is_digit = |c: char| c.is_digit(radix) || c == '_' || (c == '.' && radix == 10);
    text.split_at(text.find(|c| !is_digit(c)).unwrap_or(text.len()))
}

/// Bytes per unit; 1 if there is no unit.
fn bytes_of(unit: &str) -> Option<u64> {
    let (letter, rest) = match unit.chars().next() {
        None => return Some(1),
        Some(letter) => (letter.to_ascii_uppercase(), unit.get(letter.len_utf8()..)?),
    };
    let power = match letter {
        'B' if unit == "B" => return Some(1),
        'K' => 1,
        'M' => 2,
        'G' => 3,
        'T' => 4,
        'P' => 5,
        _ => return None,
    };
    match rest {
        "" | "i" | "iB" => Some(1 << (10 * power)),
        "B" => Some(1000_u64.pow(power)),
        _ => None,
    }
}

/// Multiplies a decimal fraction, given by its digits, by a unit; `None` if the result is not a
/// whole number.
fn whole_part(fraction: &str, unit: u64) -> Option<u64> {
    let mut carry = 0;
    for digit in fraction.chars().rev() {
        // The carry is less than a unit, so this cannot overflow.
        let product = u64::from(digit.to_digit(10)?) * unit + carry;
        if !product.is_multiple_of(10) {
            return None;
        }
        carry = product / 10;
    }
    Some(carry)
}

/// An offset from the start of a file or, written with `-`, from its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Offset {
    FromStart(u64),
    FromEnd(u64),
}

impl Offset {
    /// The offset from the start of a file of this length; `None` if it is before the start.
    pub(crate) const fn within(self, len: u64) -> Option<u64> {
        match self {
            Self::FromStart(offset) => Some(offset),
            Self::FromEnd(back) => len.checked_sub(back),
        }
    }

    /// The offset from the start, if it does not depend on the file's length.
    pub(crate) const fn absolute(self) -> Option<u64> {
        match self {
            Self::FromStart(offset) => Some(offset),
            Self::FromEnd(_) => None,
        }
    }
}

impl Default for Offset {
    fn default() -> Self {
        Self::FromStart(0)
    }
}

/// Parses an offset: a size, or `-` and a size from the end.
pub(crate) fn parse_offset(text: &str) -> Result<Offset, BadNumber> {
    match text.trim().strip_prefix('-') {
        Some(back) => parse_count(back)
            .map(Offset::FromEnd)
            .map_err(|bad| BadNumber { text: text.to_owned(), ..bad }),
        None => parse_count(text).map(Offset::FromStart),
    }
}

/// A range as typed: from a byte up to before another, or to the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Part {
    pub(crate) start: Offset,
    pub(crate) end: Option<Offset>,
}

impl Part {
    /// The length needed to have the whole range; `None` if it depends on the file's length.
    pub(crate) const fn len_needed(self) -> Option<u64> {
        match (self.start, self.end) {
            (Offset::FromStart(_), Some(Offset::FromStart(end))) => Some(end),
            _ => None,
        }
    }

    /// The range, if nothing counts from the end: that of a stream is not known.
    pub(crate) fn in_a_stream(self) -> Option<Range<u64>> {
        match (self.start, self.end.unwrap_or(Offset::FromStart(u64::MAX))) {
            (Offset::FromStart(start), Offset::FromStart(end)) => Some(start..end),
            _ => None,
        }
    }
}

/// Parses `START..END`. Either may be missing.
pub(crate) fn parse_part(text: &str) -> Result<Part, BadNumber> {
    let bad = |why| BadNumber { text: text.to_owned(), why };
    let (start, end) = text.split_once("..").ok_or_else(|| bad(Why::NotAPart))?;
    let offset = |text: &str| match text.trim() {
        "" => Ok(None),
        text => parse_offset(text).map(Some),
    };
    let part = Part { start: offset(start)?.unwrap_or_default(), end: offset(end)? };
    let is_backward = match (part.start, part.end) {
        (Offset::FromStart(start), Some(Offset::FromStart(end))) => end < start,
        (Offset::FromEnd(start), Some(Offset::FromEnd(end))) => end > start,
        // Depends on the file's length.
        _ => false,
    };
    if is_backward { Err(bad(Why::Backward)) } else { Ok(part) }
}

/// The value of [`share`] for 100 %.
pub(crate) const WHOLE: u64 = 1_000_000_000;

/// Parses a percentage like `12.5`, in billionths of the whole; `None` if it is above 100.
pub(crate) fn share(percent: &str) -> Option<u64> {
    let (whole, fraction) = percent.split_once('.').unwrap_or((percent, ""));
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !digits(whole) || !digits(fraction) {
        return None;
    }
    let fraction: String = fraction.chars().chain("0000000".chars()).take(7).collect();
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let share = whole.checked_mul(WHOLE / 100)?.checked_add(fraction.parse().ok()?)?;
    (share <= WHOLE).then_some(share)
}

/// A text that is not a valid number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadNumber {
    text: String,
    why: Why,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    NotANumber,
    NotWhole,
    NotAPart,
    Backward,
    TooLarge,
}

impl BadNumber {
    pub(crate) const fn why(&self) -> Why {
        self.why
    }
}

impl fmt::Display for BadNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text, why } = self;
        match why {
            Why::NotANumber => write!(f, "{text:?} is not a number; try 4096, 0x1000 or 4K"),
            Why::NotWhole => {
                write!(f, "{text:?} is not a whole number; try 4096, 0x1000, 4K or 1.5K")
            }
            Why::NotAPart => write!(f, "{text:?} is not a range; try 4K..1M, 4K.. or ..1M"),
            Why::Backward => write!(f, "{text:?} ends before it starts; exchange its ends"),
            Why::TooLarge => write!(f, "{text:?} is too large; at most 0xffffffffffffffff"),
        }
    }
}

impl std::error::Error for BadNumber {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_as_people_write_them() {
        for (text, count) in [
            ("0", 0),
            ("4096", 4096),
            ("0x1f00", 0x1f00),
            ("0XFF", 255),
            (" 12 ", 12),
            ("4K", 4096),
            ("4k", 4096),
            ("2M", 2 << 20),
            ("1G", 1 << 30),
            ("1T", 1 << 40),
            ("0x10K", 16 << 10),
            ("1_000", 1000),
            ("4KiB", 4096),
            ("4Ki", 4096),
            ("4kiB", 4096),
            ("4kB", 4000),
            ("4KB", 4000),
            ("2MB", 2_000_000),
            ("2MiB", 2 << 20),
            ("1GB", 1_000_000_000),
            ("1PB", 1_000_000_000_000_000),
            ("7B", 7),
            ("0x10KiB", 16 << 10),
            ("0x10kB", 16_000),
            ("0x1B", 0x1b),
            ("1.5K", 1536),
            ("1.5kB", 1500),
            ("0.001kB", 1),
            (".5K", 512),
            ("2.0", 2),
            ("2.", 2),
            ("0.0009765625K", 1),
            ("0.00000000000000088817841970012523233890533447265625P", 1),
            ("15.9990234375P", 18_013_298_997_854_208),
            ("18446744073709551615", u64::MAX),
        ] {
            assert_eq!(parse_count(text), Ok(count), "{text}");
        }
    }

    #[test]
    fn what_is_no_count_is_refused() {
        for text in [
            "", " ", "K", "0x", "0xg", "-1", "+1", "12 34", "_", "٣", "4Q", "4KK", "4Kib", "4b",
            "4Bi", "4iB", "4BB", ".", ".K", "1.2.3", "0x1.8K", "1e3", "K4", "4é", "é",
        ] {
            assert_eq!(parse_count(text).unwrap_err().why, Why::NotANumber, "{text}");
        }
        for text in ["1.3", "0.0001K", "1.3K", "0.0001kB", "0.5", ".1B", "1.00000000000000000001G"]
        {
            assert_eq!(parse_count(text).unwrap_err().why, Why::NotWhole, "{text}");
        }
        for text in [
            "18446744073709551616",
            "0x1ffffffffffffffff",
            "16384P",
            "18446744073709551615K",
            "99999PB",
        ] {
            assert_eq!(parse_count(text).unwrap_err().why, Why::TooLarge, "{text}");
        }
    }

    #[test]
    fn parts_have_a_start_an_end_or_none() {
        let at = Offset::FromStart;
        let back = Offset::FromEnd;
        for (text, start, end) in [
            ("4K..1M", at(4096), Some(at(1 << 20))),
            ("0x10..", at(16), None),
            ("..7", at(0), Some(at(7))),
            ("..", at(0), None),
            ("5 .. 5", at(5), Some(at(5))),
            ("-1.5K..", back(1536), None),
            ("..-16", at(0), Some(back(16))),
            ("-16..-16", back(16), Some(back(16))),
            ("5..-5", at(5), Some(back(5))),
        ] {
            assert_eq!(parse_part(text), Ok(Part { start, end }), "{text}");
        }
        for (text, why) in [
            ("5", Why::NotAPart),
            ("", Why::NotAPart),
            ("7..5", Why::Backward),
            ("-5..-7", Why::Backward),
            ("--5..", Why::NotANumber),
            ("-1.3..", Why::NotWhole),
            ("a..5", Why::NotANumber),
            ("1..=5", Why::NotANumber),
            ("1...5", Why::NotWhole),
        ] {
            assert_eq!(parse_part(text).unwrap_err().why, why, "{text}");
        }
    }

    #[test]
    fn shares_are_percentages_up_to_a_hundred() {
        for (text, billionths) in
            [("0", 0), ("12.5", 125_000_000), ("100", WHOLE), (".5", 5_000_000), ("7.", 70_000_000)]
        {
            assert_eq!(share(text), Some(billionths), "{text}");
        }
        for text in ["", ".", "101", "100.0000001", "-5", "1.2.3", "x"] {
            assert_eq!(share(text), None, "{text}");
        }
    }
}
