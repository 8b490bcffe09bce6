//! Lists of types, and types with a shape: `i4, (2,2)f8, 3u1`, `3f4`.
//!
//! The grammar of a part is that of numpy's regular expression: a sign of byte order, a shape, another
//! sign, a type, a comma.

use super::{ByteOrder, DType, Fault, typestring};

/// The prefix of a type.
pub(super) enum Repeat {
    /// `3f4`: a length for a type without one, else a shape of one dimension.
    Number(usize),
    /// `(2,2)f4`: a shape.
    Shape(Vec<usize>),
}

/// Whether the text starts with a number or an empty shape, or has a comma outside of brackets.
fn is_list(text: &str) -> bool {
    let bytes = text.as_bytes();
    let unordered = match bytes {
        [b'<' | b'>' | b'=' | b'|', rest @ ..] => rest,
        all => all,
    };
    if unordered.first().is_some_and(u8::is_ascii_digit) || unordered.starts_with(b"()") {
        return true;
    }
    let mut open = 0_isize;
    for byte in bytes {
        match byte {
            b',' if open == 0 => return true,
            b'[' => open = open.saturating_add(1),
            b']' => open = open.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// Parses a list, or a single type.
pub(super) fn parse(text: &str) -> Result<DType, Fault> {
    if is_list(text) { parse_list(text) } else { typestring::parse(text) }
}

fn parse_list(whole: &str) -> Result<DType, Fault> {
    let mut parts = Vec::new();
    let mut is_structure = false;
    let mut rest = whole;
    while !rest.is_empty() {
        let at = whole.len().saturating_sub(rest.len());
        let (dtype, after) = part(rest).map_err(|fault| fault.shifted(at))?;
        parts.push(("", dtype));
        rest = after.trim_start_matches(is_space);
        if let Some(next) = rest.strip_prefix(',') {
            is_structure = true;
            rest = next.trim_start_matches(is_space);
        } else if !rest.is_empty() {
            let at = whole.len().saturating_sub(rest.len());
            return Err(Fault::syntax(at, "expected a comma or the end"));
        }
    }
    match parts.pop() {
        Some((_, only)) if !is_structure => Ok(only),
        last => {
            DType::structure(parts.into_iter().chain(last)).map_err(|error| Fault::of(0, error))
        }
    }
}

/// Whether Python's regular expressions treat it as a space.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// Parses one type with its shape, and returns the rest of the text.
fn part(whole: &str) -> Result<(DType, &str), Fault> {
    let (first, rest) = sign(whole);
    let (shape, rest) = rest.split_at(repeat_len(rest));
    let (second, rest) = sign(rest);
    let (name, after) = rest.split_at(name_len(rest));
    let at = whole.len().saturating_sub(rest.len());

    let native = Some(ByteOrder::NATIVE.sign());
    let resolved = |sign: Option<char>| if sign == Some('=') { native } else { sign };
    if first.is_some() && second.is_some() && resolved(first) != resolved(second) {
        let problem = "two different byte orders are given; give one";
        return Err(Fault::syntax(0, problem));
    }
    let order = match resolved(second.or(first)) {
        Some('<') => ByteOrder::Little,
        Some('>') => ByteOrder::Big,
        _ => ByteOrder::NotApplicable,
    };
    // After the sign, the name may start with another number, as in `(3,)<5f4`.
    let dtype = parse(name).map_err(|fault| fault.shifted(at))?;
    // Names such as `float32` do not accept a byte order, so parsing them with a sign fails.
    let is_foreign = order != ByteOrder::NATIVE && order != ByteOrder::NotApplicable;
    let dtype = if is_foreign {
        parse(&format!("{}{name}", order.sign()))
            .map_err(|fault| fault.shifted(at.saturating_sub(1)))?
    } else {
        dtype
    };
    if shape.is_empty() {
        return Ok((dtype, after));
    }
    let shape_at = usize::from(first.is_some());
    let repeat = repeat(shape).map_err(|fault| fault.shifted(shape_at))?;
    let dtype = dtype.repeated(&repeat).map_err(|error| Fault::of(shape_at, error))?;
    Ok((dtype, after))
}

impl DType {
    /// numpy's `(dtype, repeat)`: sets the length of a type without one, else makes a sub-array.
    pub(super) fn repeated(self, repeat: &Repeat) -> crate::Result<Self> {
        match repeat {
            Repeat::Number(len) if self.is_unsized() => match self.kind() {
                super::DTypeKind::Bytes => Self::bytes(*len),
                super::DTypeKind::Text => Ok(Self::text(*len)?.with_byte_order(self.byte_order())),
                super::DTypeKind::Void => Self::void(*len),
                _ => Self::array_of(self, &[*len]),
            },
            Repeat::Number(len) => Self::array_of(self, &[*len]),
            Repeat::Shape(shape) => Self::array_of(self, shape),
        }
    }
}

fn sign(text: &str) -> (Option<char>, &str) {
    let mut chars = text.chars();
    match chars.next() {
        Some(sign @ ('<' | '>' | '|' | '=')) => (Some(sign), chars.as_str()),
        _ => (None, text),
    }
}

/// The length of a shape: spaces, a bracket, digits with commas and spaces, a bracket, spaces.
fn repeat_len(text: &str) -> usize {
    let rest = text.trim_start_matches(' ');
    let rest = rest.strip_prefix('(').unwrap_or(rest);
    let rest = rest.trim_start_matches(|c: char| c == ' ' || c == ',' || c.is_ascii_digit());
    let rest = rest.strip_prefix(')').unwrap_or(rest).trim_start_matches(' ');
    text.len().saturating_sub(rest.len())
}

/// The length of a name: letters and digits, then optionally text in brackets.
fn name_len(text: &str) -> usize {
    let in_name = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '?';
    let rest = text.trim_start_matches(in_name);
    let bracketed = rest.strip_prefix('[').and_then(|inside| {
        let in_brackets = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == ',';
        let after = inside.trim_start_matches(in_brackets);
        after.strip_prefix(']').filter(|_| after.len() < inside.len())
    });
    text.len().saturating_sub(bracketed.unwrap_or(rest).len())
}

/// Parses a shape as Python does: `3` and `(3)` are a number, `3,` and `(3,)` a tuple.
fn repeat(text: &str) -> Result<Repeat, Fault> {
    const BAD: Fault = Fault::syntax(0, "expected a shape, as in 3f4 or (2, 3)f4");
    let trimmed = text.trim();
    let in_brackets = trimmed.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    if in_brackets.is_none() && trimmed.contains(['(', ')']) {
        return Err(BAD);
    }
    let inside = in_brackets.unwrap_or(trimmed).trim();
    if inside.is_empty() {
        return if in_brackets.is_some() { Ok(Repeat::Shape(Vec::new())) } else { Err(BAD) };
    }
    let (numbers, is_shape) = match inside.strip_suffix(',') {
        Some(numbers) => (numbers, true),
        None => (inside, inside.contains(',')),
    };
    let numbers: Option<Vec<_>> = numbers.split(',').map(|it| number(it.trim())).collect();
    match numbers.ok_or(BAD)?.as_slice() {
        [number] if !is_shape => Ok(Repeat::Number(*number)),
        shape => Ok(Repeat::Shape(shape.to_vec())),
    }
}

/// Parses a number as Python does, without leading zeros.
fn number(digits: &str) -> Option<usize> {
    let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    let is_padded = digits.starts_with('0') && digits.bytes().any(|digit| digit != b'0');
    // A number that overflows is too large like any other.
    (is_number && !is_padded).then(|| digits.parse().unwrap_or(usize::MAX))
}
