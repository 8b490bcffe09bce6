//! The shape of an array, as an argument.

use std::str::FromStr;

use thiserror::Error;

use crate::format::parse_size::parse_count;

/// Array shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shape(pub(crate) Vec<usize>);

/// A part of a shape is not a length.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("at column {column}: {part:?} is not a length; write them as in 3,4")]
pub(crate) struct ShapeError {
    column: usize,
    part: String,
}

impl FromStr for Shape {
    type Err = ShapeError;

    /// Parses `3,4`, or the Python notation: `(3, 4)`, `(3,)`, `()`.
    fn from_str(text: &str) -> Result<Self, ShapeError> {
        let inside = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        let mut column = if inside.is_some() { 2 } else { 1 };
        let lens = inside.unwrap_or(text);
        if inside.is_some() && lens.trim().is_empty() {
            return Ok(Self(Vec::new()));
        }
        let mut shape = Vec::new();
        for part in lens.strip_suffix(',').unwrap_or(lens).split(',') {
            let len = parse_count(part).ok().and_then(|len| usize::try_from(len).ok());
            let Some(len) = len else {
                return Err(ShapeError { column, part: part.to_owned() });
            };
            shape.push(len);
            column += part.chars().count() + 1;
        }
        Ok(Self(shape))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_read_as_people_and_python_write_them() {
        for (text, shape) in [
            ("5", &[5][..]),
            ("3,4", &[3, 4]),
            ("(3, 4)", &[3, 4]),
            ("(3,)", &[3]),
            ("()", &[]),
            ("2, 1K, 0", &[2, 1024, 0]),
        ] {
            assert_eq!(text.parse(), Ok(Shape(shape.to_vec())), "{text}");
        }
        for (text, column) in [("", 1), ("3,,4", 3), ("(3,x)", 4), ("3x4", 1), ("-1", 1), ("(3", 1)]
        {
            let error = text.parse::<Shape>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("at column {column}: ")), "{text}: {error}");
        }
    }
}
