//! Values as text: short, and without what a terminal would obey.

use std::fmt::Write as _;

use crate::schema::Lens;
use crate::value::Value;

/// A number with a comma between thousands.
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Bytes in hex with a space between.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|it| format!("{it:02x}")).collect::<Vec<_>>().join(" ")
}

/// The first bytes in hex, and how many there are if that is more.
pub(crate) fn bytes(bytes: &[u8], most: usize) -> String {
    match bytes.get(..most) {
        Some(head) if bytes.len() > most => {
            format!("{} … {} bytes", hex(head), count(u64::try_from(bytes.len()).unwrap_or(0)))
        }
        _ if bytes.is_empty() => "no bytes".to_owned(),
        _ => hex(bytes),
    }
}

/// The shortest decimal that reads back as the same float.
pub(crate) fn float(n: f64) -> String {
    if n.is_nan() {
        return "NaN".to_owned();
    }
    // A float of 4 bytes is shown with the digits that it has.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::as_conversions,
        reason = "whether it fits is what is asked"
    )]
    let short = n as f32;
    if f64::from(short).to_bits() == n.to_bits() { format!("{short:?}") } else { format!("{n:?}") }
}

/// Whether a character would change what a terminal shows besides itself.
fn is_unsafe(it: char) -> bool {
    it.is_control()
        || matches!(it, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The text with escapes for control and bidirectional characters.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for it in text.chars() {
        match it {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0' => out.push_str("\\0"),
            _ if is_unsafe(it) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(it));
            }
            _ => out.push(it),
        }
    }
    out
}

/// The first characters of a text.
pub(crate) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut head: String = text.chars().take(most.saturating_sub(1)).collect();
    head.push('…');
    head
}

/// A text in quotes. One that is too long ends with `…` and its length.
pub(crate) fn quoted(text: &str, most: usize) -> String {
    let head: String = text.chars().take(most).collect();
    let safe = escaped(&head).replace('"', "\\\"");
    if head.len() == text.len() {
        return format!("\"{safe}\"");
    }
    format!("\"{safe}…\" {} characters", count(u64::try_from(text.chars().count()).unwrap_or(0)))
}

/// Sixteen bytes as a UUID. In a GUID the first three groups are little-endian.
pub(crate) fn uuid(bytes: &[u8], guid: bool) -> String {
    const OF_GUID: [usize; 16] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
    if bytes.len() != 16 {
        return hex(bytes);
    }
    let mut text = String::with_capacity(36);
    for (at, place) in OF_GUID.into_iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let _ = write!(text, "{:02x}", bytes[if guid { place } else { at }]);
    }
    text
}

/// A value as something that it stands for, such as a time.
pub(crate) fn through(lens: Lens, value: &Value) -> Option<String> {
    let number = match value {
        Value::Int(n) => Some(*n),
        _ => None,
    };
    match (lens, value) {
        (Lens::Time32 | Lens::Time64, _) => time(number?),
        (Lens::Mac, _) => time(number? - 2_082_844_800),
        (Lens::FileTime, _) => time(number?.div_euclid(10_000_000) - 11_644_473_600),
        (Lens::Dos, _) => dos(u32::try_from(number?).ok()?),
        (Lens::Ipv4, _) => {
            let [a, b, c, d] = u32::try_from(number?).ok()?.to_be_bytes();
            Some(format!("{a}.{b}.{c}.{d}"))
        }
        (Lens::Uuid, Value::Bytes(bytes)) => Some(uuid(bytes, false)),
        (Lens::Guid, Value::Bytes(bytes)) => Some(uuid(bytes, true)),
        (Lens::Octal, Value::Str(text)) => {
            let digits = text.trim_matches(|it: char| it == ' ' || it == '\0');
            u64::from_str_radix(digits, 8).ok().map(|it| it.to_string())
        }
        (Lens::Octal, Value::Int(n)) => Some(format!("0o{n:o}")),
        _ => None,
    }
}

/// Seconds since 1970 as a date and a time, in UTC.
fn time(seconds: i128) -> Option<String> {
    let days = seconds.div_euclid(86_400);
    let rest = seconds.rem_euclid(86_400);
    let (year, month, day) = date(i64::try_from(days).ok().filter(|it| it.abs() < 4_000_000)?);
    Some(format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02} UTC",
        rest / 3600,
        rest / 60 % 60,
        rest % 60
    ))
}

/// The year, month and day of a count of days since 1970-01-01, in the Gregorian calendar.
fn date(days: i64) -> (i64, i64, i64) {
    // Counted from 0000-03-01, so that a leap day is the last of its year.
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march + 2) / 5 + 1;
    let month = if march < 10 { march + 3 } else { march - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

/// A date and a time of MS-DOS: the date in the upper half.
fn dos(n: u32) -> Option<String> {
    let (date, time) = (n >> 16, n & 0xffff);
    let (year, month, day) = (1980 + (date >> 9), date >> 5 & 15, date & 31);
    let (hour, minute, second) = (time >> 11, time >> 5 & 63, (time & 31) * 2);
    let valid = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    valid.then(|| format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"))
}
