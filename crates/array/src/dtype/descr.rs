//! Types as headers write them: a type string, or a list of fields.

use super::comma_list::Repeat;
use super::{DType, Fault, Field, comma_list};
use crate::py_literal::{self, Dialect, Literal, Value};
use crate::{ErrorKind, Result};

impl DType {
    /// Parses the description of a type in a header: `'<f4'`, or a list of fields.
    ///
    /// It is the text of an argument of `numpy.lib.format.descr_to_dtype`. Void fields without a name
    /// are padding.
    ///
    /// # Errors
    /// [`DTypeSyntax`](ErrorKind::DTypeSyntax) if it is not such a description,
    /// [`PythonObjects`](ErrorKind::PythonObjects), and those of [`structure`](Self::structure) and
    /// [`array_of`](Self::array_of); with the column.
    ///
    /// # Examples
    /// ```
    /// use memmap_array::DType;
    ///
    /// let dtype = DType::from_descr("[('a', '<u2'), ('', '|V2'), ('b', '<f4', (3,))]")?;
    /// assert_eq!(dtype.itemsize(), 16);
    /// assert_eq!(dtype.field("b").map(|field| field.offset()), Some(4));
    /// # Ok::<(), memmap_array::Error>(())
    /// ```
    pub fn from_descr(descr: &str) -> Result<Self> {
        py_literal::parse(descr, Dialect::Python3)
            .and_then(|literal| Self::from_literal(&literal))
            .map_err(|fault| fault.in_text(descr))
    }

    pub(crate) fn from_literal(literal: &Literal) -> Result<Self, Fault> {
        Self::from_nested(literal, 1)
    }

    /// `level` counts the nesting from 1, to limit the use of the stack.
    fn from_nested(literal: &Literal, level: usize) -> Result<Self, Fault> {
        let at = literal.start;
        if level > Self::MAX_DEPTH {
            let kind = ErrorKind::DTypeTooDeep { max: Self::MAX_DEPTH, column: None };
            return Err(Fault::new(at, kind));
        }
        match &literal.value {
            Value::Text(name) => comma_list::parse(name)
                .map_err(|it| it.shifted(at.saturating_add(1)).not_beyond(literal.end)),
            Value::Tuple(items) => match items.as_slice() {
                [base, shape] => Self::from_sub_array(base, shape, level),
                _ => Err(Fault::syntax(at, "expected a pair of a data type and its shape")),
            },
            Value::List(fields) => Self::from_fields(fields, level, at),
            _ => Err(Fault::syntax(at, "expected a data type: a string or a list")),
        }
    }

    fn from_sub_array(base: &Literal, shape: &Literal, level: usize) -> Result<Self, Fault> {
        let base = Self::from_nested(base, level.saturating_add(1))?;
        base.repeated(&repeat(shape)?).map_err(|error| Fault::of(shape.start, error))
    }

    fn from_fields(literals: &[Literal], level: usize, at: usize) -> Result<Self, Fault> {
        let mut fields = Vec::new();
        let mut end = 0_usize;
        for literal in literals {
            let (Value::Tuple(parts) | Value::List(parts)) = &literal.value else {
                return Err(Fault::syntax(literal.start, NO_FIELD));
            };
            let (names, dtype) = match parts.as_slice() {
                [names, dtype] => (names, Self::from_nested(dtype, level.saturating_add(1))?),
                [names, base, shape] => (names, Self::from_sub_array(base, shape, level)?),
                _ => return Err(Fault::syntax(literal.start, NO_FIELD)),
            };
            let offset = end;
            end = end.saturating_add(dtype.itemsize);
            if end > Self::MAX_ITEMSIZE {
                let kind = ErrorKind::DTypeTooLarge { max: Self::MAX_ITEMSIZE, column: None };
                return Err(Fault::new(literal.start, kind));
            }
            match named(names)? {
                ("", None) if dtype.is_padding() => {}
                (name, None) => fields.push(Field::new(name, dtype).at(offset)),
                (name, Some(title)) => {
                    fields.push(Field::new(name, dtype).at(offset).titled(title));
                }
            }
        }
        Self::structure_at(fields, end).map_err(|error| Fault::of(at, error))
    }
}

const NO_FIELD: &str = "expected a field: a tuple of name, data type and optionally a shape";

/// Parses a name, or a pair of title and name.
fn named(literal: &Literal) -> Result<(&str, Option<&str>), Fault> {
    const NO_NAME: &str = "expected the name of a field, or a pair of title and name";
    match &literal.value {
        Value::Text(name) => Ok((name, None)),
        Value::Tuple(pair) => match pair.as_slice() {
            [
                Literal { value: Value::Text(title), .. },
                Literal { value: Value::Text(name), .. },
            ] => Ok((name, Some(title))),
            [Literal { value: Value::None, .. }, Literal { value: Value::Text(name), .. }] => {
                Ok((name, None))
            }
            _ => Err(Fault::syntax(literal.start, NO_NAME)),
        },
        _ => Err(Fault::syntax(literal.start, NO_NAME)),
    }
}

/// Parses a number, or a tuple of numbers.
fn repeat(literal: &Literal) -> Result<Repeat, Fault> {
    match &literal.value {
        Value::Int(_) => Ok(Repeat::Number(length(literal)?)),
        Value::Tuple(items) | Value::List(items) => {
            items.iter().map(length).collect::<Result<_, _>>().map(Repeat::Shape)
        }
        _ => Err(Fault::syntax(literal.start, "expected a shape: a tuple of numbers")),
    }
}

fn length(literal: &Literal) -> Result<usize, Fault> {
    let Value::Int(number) = literal.value else {
        return Err(Fault::syntax(literal.start, "expected a number"));
    };
    if number < 0 {
        return Err(Fault::syntax(literal.start, "a dimension cannot be negative"));
    }
    // A number that overflows is too large like any other.
    Ok(usize::try_from(number).unwrap_or(usize::MAX))
}
