//! Numbers and words that Python passes.

use std::ops::Range;

use memmap::{Advice, Mode};
use pyo3::exceptions::{PyOverflowError, PyValueError};
use pyo3::prelude::*;

use crate::door::integer::small;

/// A number of bytes: an `int`, or anything with `__index__`. What does not fit is a `ValueError`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bytes(pub(crate) u64);

impl<'py> FromPyObject<'_, 'py> for Bytes {
    type Error = PyErr;

    #[inline]
    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Some(number) = small(object) {
            return Ok(Self(number));
        }
        match object.extract::<u64>() {
            Ok(number) => Ok(Self(number)),
            Err(error) => Err(refused(object, error)),
        }
    }
}

/// A number of things: an `int`, or anything with `__index__`. A negative one is a `ValueError`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Count(pub(crate) usize);

impl<'py> FromPyObject<'_, 'py> for Count {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        match object.extract::<usize>() {
            Ok(number) => Ok(Self(number)),
            Err(error) if !error.is_instance_of::<PyOverflowError>(object.py()) => Err(error),
            Err(_) if object.lt(0)? => Err(PyValueError::new_err(format!(
                "a number is not negative, and this is {}",
                *object
            ))),
            // More than there can be.
            Err(_) => Ok(Self(usize::MAX)),
        }
    }
}

#[cold]
fn refused(object: Borrowed<'_, '_, PyAny>, error: PyErr) -> PyErr {
    if error.is_instance_of::<PyOverflowError>(object.py()) {
        let text = format!("a number of bytes is from 0 to 2**64 - 1, and not {}", *object);
        return PyValueError::new_err(text);
    }
    error
}

/// The mode of a name, `r` or `readonly`.
pub(crate) fn mode(name: &str) -> PyResult<Mode> {
    name.parse().map_err(|error: memmap::Error| PyValueError::new_err(error.to_string()))
}

/// The range of `size` bytes at `offset`, or of all bytes after `offset`. What is out of bounds is refused by
/// the operation.
pub(crate) fn range(offset: Bytes, size: Option<Bytes>, len: u64) -> Range<u64> {
    let end = match size {
        Some(Bytes(size)) => offset.0.saturating_add(size),
        None => len.max(offset.0),
    };
    offset.0..end
}

const ADVICE: [(&str, Advice); 8] = [
    ("normal", Advice::Normal),
    ("sequential", Advice::Sequential),
    ("random", Advice::Random),
    ("willneed", Advice::WillNeed),
    ("dontneed", Advice::DontNeed),
    ("evict", Advice::Evict),
    ("hugepages", Advice::HugePages),
    ("smallpages", Advice::SmallPages),
];

pub(crate) fn advice(name: &str) -> PyResult<Advice> {
    let found = ADVICE.iter().find(|(known, _)| *known == name);
    found.map(|&(_, advice)| advice).ok_or_else(|| {
        let names = ADVICE.map(|(known, _)| known).join(", ");
        PyValueError::new_err(format!("no advice is called {name:?}; it is one of {names}"))
    })
}

/// Where `mmap.find` looks: `start` and `end` count from the end if they are negative, and are clipped.
pub(crate) fn clipped(start: Option<i64>, end: Option<i64>, len: u64) -> Range<u64> {
    let place = |at: i64| match u64::try_from(at) {
        Ok(at) => at.min(len),
        Err(_) => len.saturating_sub(at.unsigned_abs()),
    };
    let start = start.map_or(0, place);
    start..end.map_or(len, place)
}
