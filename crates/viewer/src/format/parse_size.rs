//! Numbers as people write offsets: `4096`, `0x1f00`, `4K`, `1_000_000`; parts: `4K..1M`; and shares
//! of a whole: `12.5`.

use std::fmt;

/// Reads a count of bytes: decimal or `0x` hexadecimal, `_` between digits, and one of the binary
/// suffixes K, M, G, T, P.
///
/// # Errors
/// [`BadNumber`], which says what would have been right.
pub fn parse_count(text: &str) -> Result<u64, BadNumber> {
    let bad = |why| BadNumber { text: text.to_owned(), why };
    let body = text.trim();
    let (body, shift) = body
        .char_indices()
        .next_back()
        .and_then(|(at, suffix)| Some((&body[..at], shift_of(suffix)?)))
        .unwrap_or((body, 0));
    let (digits, radix) = match body.strip_prefix("0x").or_else(|| body.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None => (body, 10),
    };
    let digits: String = digits.chars().filter(|&c| c != '_').collect();
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return Err(bad(Why::NotANumber));
    }
    u64::from_str_radix(&digits, radix)
        .ok()
        .and_then(|count| count.checked_mul(1 << shift))
        .ok_or_else(|| bad(Why::TooLarge))
}

const fn shift_of(suffix: char) -> Option<u32> {
    match suffix.to_ascii_uppercase() {
        'K' => Some(10),
        'M' => Some(20),
        'G' => Some(30),
        'T' => Some(40),
        'P' => Some(50),
        _ => None,
    }
}

/// A part of a file, as given: from a byte up to before another, or to the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Part {
    pub(crate) start: u64,
    pub(crate) end: Option<u64>,
}

/// Reads `START..END`, of which either may be missing.
pub(crate) fn parse_part(text: &str) -> Result<Part, BadNumber> {
    let bad = |why| BadNumber { text: text.to_owned(), why };
    let (start, end) = text.split_once("..").ok_or_else(|| bad(Why::NotAPart))?;
    let count = |text: &str| match text.trim() {
        "" => Ok(None),
        text => parse_count(text).map(Some),
    };
    let part = Part { start: count(start)?.unwrap_or(0), end: count(end)? };
    if part.end.is_some_and(|end| end < part.start) {
        return Err(bad(Why::Backward));
    }
    Ok(part)
}

/// The whole, of which [`share`] tells a part.
pub(crate) const WHOLE: u64 = 1_000_000_000;

/// `12.5` of a hundred, in billionths of the whole; nothing above 100.
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

/// Text that is not the number it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadNumber {
    text: String,
    why: Why,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    NotANumber,
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
            ("18446744073709551615", u64::MAX),
        ] {
            assert_eq!(parse_count(text), Ok(count), "{text}");
        }
    }

    #[test]
    fn what_is_no_count_is_refused() {
        for text in ["", " ", "K", "0x", "0xg", "-1", "+1", "1.5K", "4KB", "12 34", "_", "٣"] {
            assert_eq!(parse_count(text).unwrap_err().why, Why::NotANumber, "{text}");
        }
        for text in
            ["18446744073709551616", "0x1ffffffffffffffff", "16384P", "18446744073709551615K"]
        {
            assert_eq!(parse_count(text).unwrap_err().why, Why::TooLarge, "{text}");
        }
    }

    #[test]
    fn parts_have_a_start_an_end_or_none() {
        for (text, start, end) in [
            ("4K..1M", 4096, Some(1 << 20)),
            ("0x10..", 16, None),
            ("..7", 0, Some(7)),
            ("..", 0, None),
            ("5 .. 5", 5, Some(5)),
        ] {
            assert_eq!(parse_part(text), Ok(Part { start, end }), "{text}");
        }
        for (text, why) in [
            ("5", Why::NotAPart),
            ("", Why::NotAPart),
            ("7..5", Why::Backward),
            ("a..5", Why::NotANumber),
            ("1..=5", Why::NotANumber),
            ("1...5", Why::NotANumber),
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
