//! Parses a string in quotes.

use crate::dtype::Fault;

/// Whether a string starts here, with or without a prefix.
pub(super) fn starts(text: &str, first: char) -> bool {
    match first {
        '\'' | '"' => true,
        'u' | 'U' | 'r' | 'R' => {
            matches!(text.as_bytes().get(1), Some(b'\'' | b'"'))
        }
        _ => false,
    }
}

/// Appends the value of the string to `out`, and returns the length of its text in bytes.
pub(super) fn read(text: &str, out: &mut String) -> Result<usize, Fault> {
    let is_raw = text.starts_with(['r', 'R']);
    let prefix_len = usize::from(text.starts_with(['u', 'U', 'r', 'R']));
    let quoted = text.get(prefix_len..).unwrap_or_default();
    let quote = match quoted {
        it if it.starts_with("'''") => "'''",
        it if it.starts_with("\"\"\"") => "\"\"\"",
        it if it.starts_with('\'') => "'",
        _ => "\"",
    };
    let mut at = prefix_len + quote.len();
    loop {
        let rest = text.get(at..).unwrap_or_default();
        if rest.starts_with(quote) {
            return Ok(at + quote.len());
        }
        let Some(c) = rest.chars().next() else {
            return Err(Fault::syntax(0, "the string has no closing quote"));
        };
        if c == '\n' && quote.len() == 1 {
            return Err(Fault::syntax(at, "the string has no closing quote on its line"));
        }
        if c == '\0' {
            return Err(Fault::syntax(at, "the string contains a zero byte"));
        }
        if c != '\\' {
            out.push(c);
            at += c.len_utf8();
        } else if is_raw {
            out.push(c);
            let next = rest.chars().nth(1);
            out.extend(next);
            at += 1 + next.map_or(0, char::len_utf8);
        } else {
            at += escaped(rest, out).ok_or_else(|| Fault::syntax(at, "invalid escape sequence"))?;
        }
    }
}

/// Appends the value of an escape sequence, and returns its length in bytes.
fn escaped(text: &str, out: &mut String) -> Option<usize> {
    let mut chars = text.chars().skip(1);
    let letter = chars.next()?;
    let simple = match letter {
        '\n' => return Some(2),
        '\\' | '\'' | '"' => letter,
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        'x' => return coded(text, 2, 2, 16, out),
        'u' => return coded(text, 2, 4, 16, out),
        'U' => return coded(text, 2, 8, 16, out),
        '0'..='7' => {
            let octal = text.chars().skip(1).take(3).take_while(|c| c.is_digit(8)).count();
            return coded(text, 1, octal, 8, out);
        }
        'N' => return None, // named characters do not occur in headers
        _ => {
            out.push('\\');
            letter
        }
    };
    out.push(simple);
    Some(1 + letter.len_utf8())
}

fn coded(text: &str, from: usize, len: usize, radix: u32, out: &mut String) -> Option<usize> {
    let digits = text.get(from..from.checked_add(len)?)?;
    if !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    out.push(char::from_u32(u32::from_str_radix(digits, radix).ok()?)?);
    Some(from + len)
}
