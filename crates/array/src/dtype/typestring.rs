//! Single types as Python writes them: `<f4`, `float32`, `S5`, `M8[ns]`.

use super::{ByteOrder, DType, Fault, Unit, aliases};
use crate::ErrorKind;

/// Parses a type string or name that is not a list and has no shape.
pub(super) fn parse(text: &str) -> Result<DType, Fault> {
    let (order, rest) = match text.as_bytes().first() {
        Some(b'<') => (Some(ByteOrder::Little), text.get(1..)),
        Some(b'>') => (Some(ByteOrder::Big), text.get(1..)),
        Some(b'=' | b'|') => (None, text.get(1..)),
        _ => (None, Some(text)),
    };
    let rest = rest.unwrap_or_default();
    let at = text.len().saturating_sub(rest.len());
    let found = match time(rest).map_err(|fault| fault.shifted(at))? {
        Some(time) => Some(time),
        None => lettered(rest).map_err(|fault| fault.shifted(at))?,
    };
    // A name does not accept a byte order.
    let found = match found {
        None if at == 0 => aliases::by_name(text),
        found => found,
    };
    let Some(dtype) = found else {
        let given = text.to_owned();
        return Err(Fault::new(
            0,
            if matches!(text, "object" | "object_") {
                ErrorKind::PythonObjects { column: None }
            } else {
                ErrorKind::UnknownDType { given, column: None }
            },
        ));
    };
    Ok(match order {
        Some(order) => dtype.with_byte_order(order),
        None => dtype,
    })
}

/// Parses a date or a span of time.
fn time(text: &str) -> Result<Option<DType>, Fault> {
    for (prefix, is_span) in
        [("M8", false), ("datetime64", false), ("m8", true), ("timedelta64", true)]
    {
        if let Some(unit) = text.strip_prefix(prefix) {
            let unit = Unit::parse(unit).map_err(|fault| fault.shifted(prefix.len()))?;
            return Ok(Some(if is_span { DType::timedelta(unit) } else { DType::datetime(unit) }));
        }
    }
    Ok(None)
}

/// Parses a letter, or a letter and a size.
fn lettered(text: &str) -> Result<Option<DType>, Fault> {
    let Some((&letter, _)) = text.as_bytes().split_first() else { return Ok(None) };
    let Some(rest) = text.get(1..) else { return Ok(None) };
    if rest.is_empty() {
        return match letter {
            b'O' | b'T' => Err(Fault::new(0, ErrorKind::PythonObjects { column: None })),
            _ => Ok(aliases::by_letter(letter)),
        };
    }
    let Some(number) = number(rest) else { return Ok(None) };
    let sized = match letter {
        b'S' | b'a' => DType::bytes(number),
        b'U' => DType::text(number),
        b'V' => DType::void(number),
        b'O' if number == 8 || number == 4 => {
            return Err(Fault::new(0, ErrorKind::PythonObjects { column: None }));
        }
        _ => return Ok(aliases::by_size(letter, number)),
    };
    sized.map(Some).map_err(|error| Fault::of(1, error))
}

/// Parses a number as C does, with leading spaces and a sign.
fn number(text: &str) -> Option<usize> {
    let spaces = |c: char| c.is_ascii_whitespace() || c == '\u{b}';
    let text = text.trim_start_matches(spaces);
    let (digits, negative) = match text.strip_prefix('-') {
        Some(digits) => (digits, true),
        None => (text.strip_prefix('+').unwrap_or(text), false),
    };
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    // A number that overflows is too large like any other.
    let number = digits.parse().unwrap_or(usize::MAX);
    (!negative || number == 0).then_some(number)
}
