//! The tokens of expressions.

use std::num::IntErrorKind;

use super::parser::ParseError;

/// A token, and where it begins, in bytes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) at: usize,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Int(i128),
    /// An integer of more than 128 bits.
    TooBig(String),
    Float(f64),
    Str(String),
    /// The text of `f"…"` between the quotes.
    Format(String),
    Word(String),
    Sign(&'static str),
    End,
}

/// The signs, the longer ones first.
const SIGNS: [&str; 33] = [
    "::", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "(", ")", "[", "]", "{", "}", ",", ".",
    "?", ":", "+", "-", "*", "/", "%", "&", "|", "^", "~", "<", ">", "=", "!", ";",
];

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, ParseError> {
    let mut list = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        let Some(first) = rest.chars().next() else { break };
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        if first == '#' {
            at += rest.find('\n').unwrap_or(rest.len());
            continue;
        }
        let (kind, len) = token(rest, first, at)?;
        list.push(Token { at, kind });
        at += len;
    }
    list.push(Token { at: text.len(), kind: Kind::End });
    Ok(list)
}

fn token(rest: &str, first: char, at: usize) -> Result<(Kind, usize), ParseError> {
    let quoted =
        if first == 'f' { rest.get(1..).is_some_and(|it| it.starts_with('"')) } else { false };
    if quoted {
        let body = rest.get(2..).unwrap_or("");
        let end =
            end_of_format(body).ok_or_else(|| ParseError::new(at, "a text without its end"))?;
        return Ok((Kind::Format(body.get(..end).unwrap_or("").to_owned()), end + 3));
    }
    if first.is_ascii_digit() {
        return number(rest, at);
    }
    if first.is_ascii_alphabetic() || first == '_' {
        let len =
            rest.find(|it: char| !it.is_ascii_alphanumeric() && it != '_').unwrap_or(rest.len());
        return Ok((Kind::Word(rest.get(..len).unwrap_or("").to_owned()), len));
    }
    if first == '\'' {
        let body = rest.get(1..).unwrap_or("");
        let end = body.find('\'').ok_or_else(|| ParseError::new(at, "a text without its end"))?;
        return Ok((Kind::Str(body.get(..end).unwrap_or("").to_owned()), end + 2));
    }
    if first == '"' {
        return string(rest, at);
    }
    match SIGNS.iter().find(|it| rest.starts_with(**it)) {
        Some(sign) => Ok((Kind::Sign(sign), sign.len())),
        None => Err(ParseError::new(at, format!("{first:?} is not used in expressions"))),
    }
}

/// Where the text of `f"…"` ends: at a quote outside of braces.
fn end_of_format(body: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut escaped = false;
    for (at, it) in body.char_indices() {
        match it {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '"' if depth == 0 => return Some(at),
            _ => {}
        }
    }
    None
}

fn number(rest: &str, at: usize) -> Result<(Kind, usize), ParseError> {
    let (radix, skip) = match rest.get(..2) {
        Some("0x" | "0X") => (16, 2),
        Some("0b" | "0B") => (2, 2),
        Some("0o" | "0O") => (8, 2),
        _ => (10, 0),
    };
    let body = rest.get(skip..).unwrap_or("");
    let wide = |it: char| if radix == 16 { it.is_ascii_hexdigit() } else { it.is_ascii_digit() };
    let mut len = body.find(|it: char| !wide(it) && it != '_').unwrap_or(body.len());
    if radix == 10 {
        let float = len + fraction(body.get(len..).unwrap_or(""));
        if float > len {
            len = float;
            let digits: String = body.chars().take(len).filter(|it| *it != '_').collect();
            let value = digits
                .parse()
                .map_err(|error| ParseError::new(at, format!("{digits:?}: {error}")))?;
            return Ok((Kind::Float(value), len));
        }
    }
    let digits: String = body.chars().take(len).filter(|it| *it != '_').collect();
    // A number that begins with 0 is octal, as YAML 1.1 has it.
    let octal = radix == 10 && digits.len() > 1 && digits.starts_with('0');
    let whole = rest.get(..skip + len).unwrap_or("");
    let value = match i128::from_str_radix(&digits, if octal { 8 } else { radix }) {
        Ok(value) => Kind::Int(value),
        Err(error) if *error.kind() == IntErrorKind::PosOverflow => Kind::TooBig(whole.to_owned()),
        Err(_) => return Err(ParseError::new(at, format!("{whole:?} is no integer"))),
    };
    let after = body.get(len..).unwrap_or("").chars().next();
    if after.is_some_and(|it| it.is_ascii_alphanumeric()) {
        return Err(ParseError::new(at + skip + len, "a letter in a number"));
    }
    Ok((value, skip + len))
}

/// How long the fraction and the exponent at the beginning of a text are. `1.to_s` has none.
fn fraction(rest: &str) -> usize {
    let digits = |from: usize| {
        let text = rest.get(from..).unwrap_or("");
        text.find(|it: char| !it.is_ascii_digit() && it != '_').unwrap_or(text.len())
    };
    let mut len = 0;
    if rest.starts_with('.') && digits(1) > 0 {
        len = 1 + digits(1);
    }
    let exponent = rest.get(len..).unwrap_or("");
    if exponent.starts_with(['e', 'E']) {
        let sign = usize::from(exponent.get(1..).is_some_and(|it| it.starts_with(['+', '-'])));
        let more = digits(len + 1 + sign);
        if more > 0 {
            len += 1 + sign + more;
        }
    }
    len
}

fn string(rest: &str, at: usize) -> Result<(Kind, usize), ParseError> {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((begin, it)) = chars.next() {
        match it {
            '"' => return Ok((Kind::Str(text), begin + 1)),
            '\\' => text.push(escape(rest, begin, at, &mut chars)?),
            _ => text.push(it),
        }
    }
    Err(ParseError::new(at, "a text without its end"))
}

/// The character that an escape stands for.
pub(super) fn escape(
    rest: &str,
    begin: usize,
    at: usize,
    chars: &mut impl Iterator<Item = (usize, char)>,
) -> Result<char, ParseError> {
    let bad = || ParseError::new(at + begin, "an escape that is not known");
    let (_, it) = chars.next().ok_or_else(bad)?;
    Ok(match it {
        'a' => '\x07',
        'b' => '\x08',
        't' => '\t',
        'n' => '\n',
        'v' => '\x0b',
        'f' => '\x0c',
        'r' => '\r',
        'e' => '\x1b',
        '"' | '\'' | '\\' | '{' | '}' => it,
        'u' => {
            let digits = rest.get(begin + 2..begin + 6).ok_or_else(bad)?;
            let code = u32::from_str_radix(digits, 16).ok().ok_or_else(bad)?;
            for _ in 0..4 {
                chars.next();
            }
            char::from_u32(code).ok_or_else(bad)?
        }
        '0'..='7' => {
            let tail = rest.get(begin + 1..).unwrap_or("");
            let len = tail.find(|it: char| !('0'..='7').contains(&it)).unwrap_or(tail.len()).min(3);
            let code =
                u32::from_str_radix(tail.get(..len).unwrap_or(""), 8).ok().ok_or_else(bad)?;
            for _ in 1..len {
                chars.next();
            }
            char::from_u32(code).ok_or_else(bad)?
        }
        _ => return Err(bad()),
    })
}
