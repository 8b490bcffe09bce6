//! Formats values as numpy does.

use std::fmt::{self, Write};

use super::{Float, Value, time};
use crate::py_literal::quoted;

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quote = if f.alternate() { "'" } else { "" };
        match self {
            Self::Bool(true) => f.write_str("True"),
            Self::Bool(false) => f.write_str("False"),
            Self::Int(number) => write!(f, "{number}"),
            Self::UInt(number) => write!(f, "{number}"),
            Self::Float(float) => write!(f, "{float}"),
            Self::Complex(re, im) => write_complex(f, *re, *im),
            Self::Bytes(bytes) => write_bytes(f, bytes),
            Self::Text(text) if f.alternate() => f.write_str(&quoted(text)),
            Self::Text(text) => f.write_str(text),
            Self::Void(bytes) => {
                f.write_str("b'")?;
                bytes.iter().try_for_each(|byte| write!(f, "\\x{byte:02X}"))?;
                f.write_char('\'')
            }
            Self::DateTime(None, _) | Self::TimeDelta(None, _) => write!(f, "{quote}NaT{quote}"),
            Self::DateTime(Some(count), unit) => {
                f.write_str(quote)?;
                time::write_date(f, *count, *unit)?;
                f.write_str(quote)
            }
            Self::TimeDelta(Some(count), _) if f.alternate() => write!(f, "{count}"),
            Self::TimeDelta(Some(count), unit) => time::write_span(f, *count, *unit),
            Self::Struct(_, values) => {
                f.write_char('(')?;
                write_list(f, values)?;
                f.write_str(if values.len() == 1 { ",)" } else { ")" })
            }
            Self::Array(values, shape) => write_array(f, values, shape),
        }
    }
}

/// Leaves out a real part of positive 0.
fn write_complex(f: &mut fmt::Formatter<'_>, re: Float, im: Float) -> fmt::Result {
    let value = im.value();
    if re.value() == 0.0 && re.value().is_sign_positive() {
        im.write(f, "")?;
        return f.write_char('j');
    }
    f.write_char('(')?;
    re.write(f, "")?;
    if value.is_nan() || value.is_sign_positive() {
        f.write_char('+')?;
    }
    im.write(f, "")?;
    f.write_str("j)")
}

/// Formats bytes as Python's `repr`.
fn write_bytes(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    write!(f, "b{quote}")?;
    for &byte in bytes {
        match char::from(byte) {
            '\\' => f.write_str("\\\\"),
            '\t' => f.write_str("\\t"),
            '\n' => f.write_str("\\n"),
            '\r' => f.write_str("\\r"),
            c if c == quote => write!(f, "\\{c}"),
            c if c.is_ascii_graphic() || c == ' ' => f.write_char(c),
            _ => write!(f, "\\x{byte:02x}"),
        }?;
    }
    f.write_char(quote)
}

fn write_list(f: &mut fmt::Formatter<'_>, values: &[Value]) -> fmt::Result {
    for (index, value) in values.iter().enumerate() {
        f.write_str(if index == 0 { "" } else { ", " })?;
        write!(f, "{value:#}")?;
    }
    Ok(())
}

/// Writes nested lists, one level for each dimension. Without values there is one level.
fn write_array(f: &mut fmt::Formatter<'_>, values: &[Value], shape: &[usize]) -> fmt::Result {
    f.write_char('[')?;
    match shape {
        [len, inner @ ..] if !inner.is_empty() && !values.is_empty() => {
            let part = values.len().checked_div(*len).unwrap_or(0).max(1);
            for (index, part) in values.chunks(part).enumerate() {
                f.write_str(if index == 0 { "" } else { ", " })?;
                write_array(f, part, inner)?;
            }
        }
        _ => write_list(f, values)?,
    }
    f.write_char(']')
}
