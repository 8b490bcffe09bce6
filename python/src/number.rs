//! Numbers by the codes of numpy.

use std::str::FromStr;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// A type of numbers: what it is, how many bytes, and their order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Code {
    kind: Kind,
    size: usize,
    is_big: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bool,
    Signed,
    Unsigned,
    Float,
}

impl FromStr for Code {
    type Err = PyErr;

    fn from_str(code: &str) -> PyResult<Self> {
        let (is_big, rest) = match code.as_bytes() {
            [b'<', rest @ ..] => (false, rest),
            [b'>', rest @ ..] => (true, rest),
            [b'=' | b'|', rest @ ..] | rest => (cfg!(target_endian = "big"), rest),
        };
        let (kind, size) = match rest {
            b"?" | b"b1" => (Kind::Bool, 1),
            b"u1" => (Kind::Unsigned, 1),
            b"u2" => (Kind::Unsigned, 2),
            b"u4" => (Kind::Unsigned, 4),
            b"u8" => (Kind::Unsigned, 8),
            b"i1" => (Kind::Signed, 1),
            b"i2" => (Kind::Signed, 2),
            b"i4" => (Kind::Signed, 4),
            b"i8" => (Kind::Signed, 8),
            b"f4" => (Kind::Float, 4),
            b"f8" => (Kind::Float, 8),
            _ => {
                return Err(PyValueError::new_err(format!(
                    "no number is called {code:?}: u1, u2, u4, u8, i1, i2, i4, i8, f4, f8 and ? are, after \
                     \"<\" or \">\" if the byte order is not that of this machine"
                )));
            }
        };
        Ok(Self { kind, size, is_big })
    }
}

impl Code {
    pub(crate) fn size(self) -> u64 {
        memmap::widen(self.size)
    }

    /// The number that these bytes are.
    pub(crate) fn value(self, py: Python<'_>, bytes: &[u8]) -> PyResult<Py<PyAny>> {
        let mut little = [0_u8; 8];
        if self.is_big {
            little.iter_mut().zip(bytes.iter().rev()).for_each(|(to, from)| *to = *from);
        } else {
            little.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        }
        let bits = u64::from_le_bytes(little);
        let [a, b, c, d, ..] = little;
        let object = match (self.kind, self.size) {
            (Kind::Bool, _) => (bits != 0).into_pyobject(py)?.to_owned().into_any(),
            (Kind::Unsigned, _) => bits.into_pyobject(py)?.into_any(),
            (Kind::Signed, size) => signed(bits, size).into_pyobject(py)?.into_any(),
            (Kind::Float, 4) => f32::from_le_bytes([a, b, c, d]).into_pyobject(py)?.into_any(),
            (Kind::Float, _) => f64::from_bits(bits).into_pyobject(py)?.into_any(),
        };
        Ok(object.unbind())
    }
}

/// The number in the lowest `size` bytes.
fn signed(bits: u64, size: usize) -> i64 {
    let unused = u32::try_from(8_usize.saturating_sub(size)).unwrap_or(0).saturating_mul(8);
    let high = bits.checked_shl(unused).unwrap_or(0).cast_signed();
    high.checked_shr(unused).unwrap_or(0)
}
