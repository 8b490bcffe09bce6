//! Parses a header: `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.

use super::preamble::cut_short;
use super::{Header, Preamble, Version};
use crate::dtype::Fault;
use crate::py_literal::{self, Dialect, Literal, Value};
use crate::{DType, Error, ErrorKind, Order, Result};

impl Header {
    /// Parses the header at the start of `bytes`, which may continue after it.
    ///
    /// The rules are numpy's: the three keys in any order; up to version 2.0, integers with a trailing
    /// `L`, as Python 2 wrote them; any number of trailing spaces.
    ///
    /// # Errors
    /// - Those of [`Preamble::parse`].
    /// - [`HeaderEncoding`](ErrorKind::HeaderEncoding) if it is not in the encoding of its version.
    /// - [`HeaderSyntax`](ErrorKind::HeaderSyntax) if it is not a Python dictionary.
    /// - [`HeaderKeys`](ErrorKind::HeaderKeys) unless it has exactly the three keys.
    /// - [`HeaderOrder`](ErrorKind::HeaderOrder) and [`HeaderShape`](ErrorKind::HeaderShape) unless these
    ///   are a boolean and a tuple of lengths.
    /// - Those of [`DType::from_descr`] and [`Header::new`].
    ///
    /// Columns count in the text of the header.
    ///
    /// # Cost
    /// One pass over the header. Memory in proportion to it.
    pub fn parse(bytes: &[u8], limit: usize) -> Result<Self> {
        let prefix = Preamble::parse(bytes, limit)?;
        let Some(encoded) = bytes.get(prefix.header_start()..prefix.data_start()) else {
            return Err(cut_short(prefix.data_start(), bytes.len()));
        };
        let text = decode(encoded, prefix.version())?;
        Parts::parse(&text, prefix.version()).map_err(|fault| fault.in_text(&text)).and_then(|it| {
            Self::placed(it.dtype, it.order, it.shape, prefix.version(), prefix.data_start())
        })
    }
}

struct Parts {
    dtype: DType,
    order: Order,
    shape: Vec<usize>,
}

impl Parts {
    fn parse(text: &str, version: Version) -> Result<Self, Fault> {
        let dialect = match version {
            Version::V1 | Version::V2 => Dialect::Python2,
            Version::V3 => Dialect::Python3,
        };
        let literal = py_literal::parse(text, dialect).map_err(Fault::in_header)?;
        let Value::Dict(entries) = literal.value else {
            let problem = "expected a dictionary";
            return Err(Fault::syntax(literal.start, problem).in_header());
        };
        let [mut descr, mut fortran_order, mut shape] = [None, None, None];
        let mut unknown = Vec::new();
        // As in Python, the last of two counts.
        for (key, value) in entries {
            match &key.value {
                Value::Text(name) if name == "descr" => descr = Some(value),
                Value::Text(name) if name == "fortran_order" => fortran_order = Some(value),
                Value::Text(name) if name == "shape" => shape = Some(value),
                _ => unknown.push(text.get(key.start..key.end).unwrap_or_default().to_owned()),
            }
        }
        let missing = [
            ("descr", descr.is_none()),
            ("fortran_order", fortran_order.is_none()),
            ("shape", shape.is_none()),
        ];
        match (descr, fortran_order, shape) {
            (Some(descr), Some(fortran_order), Some(shape)) if unknown.is_empty() => Ok(Self {
                shape: lengths(&shape)?,
                order: order(&fortran_order)?,
                dtype: DType::from_literal(&descr)?,
            }),
            _ => {
                let missing = missing.into_iter().filter(|(_, is_missing)| *is_missing);
                let missing = missing.map(|(name, _)| name).collect();
                Err(Fault::new(0, ErrorKind::HeaderKeys { missing, unknown }))
            }
        }
    }
}

fn order(literal: &Literal) -> Result<Order, Fault> {
    match literal.value {
        Value::Bool(false) => Ok(Order::C),
        Value::Bool(true) => Ok(Order::Fortran),
        _ => Err(Fault::new(literal.start, ErrorKind::HeaderOrder { column: None })),
    }
}

fn lengths(literal: &Literal) -> Result<Vec<usize>, Fault> {
    let problem = |literal: &Literal, problem| {
        Fault::new(literal.start, ErrorKind::HeaderShape { problem, column: None })
    };
    let Value::Tuple(items) = &literal.value else {
        return Err(problem(literal, "is not a tuple"));
    };
    let length = |item: &Literal| match item.value {
        Value::Int(len) if len < 0 => Err(problem(item, "has a negative length")),
        // A number that overflows is too large like any other.
        Value::Int(len) => Ok(usize::try_from(len).unwrap_or(usize::MAX)),
        _ => Err(problem(item, "has a length that is not an integer")),
    };
    items.iter().map(length).collect()
}

fn decode(encoded: &[u8], version: Version) -> Result<String> {
    match version {
        Version::V1 | Version::V2 => Ok(encoded.iter().map(|&byte| char::from(byte)).collect()),
        Version::V3 => String::from_utf8(encoded.to_vec()).map_err(|error| {
            Error::new(ErrorKind::HeaderEncoding { at: error.utf8_error().valid_up_to() })
        }),
    }
}
