//! What stands between the brackets of `map[...]`.

use std::fmt::Display;

use memmap::widen;
use pyo3::exceptions::{PyIndexError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::PySlice;

/// A byte, or a range of bytes.
pub(crate) enum Index {
    At(u64),
    Range(Range),
}

/// The bytes of a slice: `len` of them, the first at `start`, and each `step` after the one before.
pub(crate) struct Range {
    pub(crate) start: u64,
    pub(crate) len: u64,
    pub(crate) step: i64,
}

impl Range {
    /// The first byte of all that the slice reaches over, and how many they are.
    pub(crate) fn hull(&self) -> (u64, u64) {
        let Some(last) = self.len.checked_sub(1) else { return (self.start, 0) };
        let reach = last.saturating_mul(self.step.unsigned_abs());
        let start = if self.step < 0 { self.start.saturating_sub(reach) } else { self.start };
        (start, reach.saturating_add(1))
    }

    /// Where the byte lies that comes after `before` others.
    pub(crate) fn place(&self, before: u64) -> u64 {
        let reach = before.saturating_mul(self.step.unsigned_abs());
        if self.step < 0 {
            self.start.saturating_sub(reach)
        } else {
            self.start.saturating_add(reach)
        }
    }
}

pub(crate) fn not_there(number: impl Display, len: u64) -> PyErr {
    PyIndexError::new_err(format!("byte {number} of a map of {len}"))
}

impl Index {
    /// What an object means for `len` bytes.
    ///
    /// # Errors
    /// `IndexError` for a byte that is not there, `TypeError` for what is no index.
    pub(crate) fn of(object: &Bound<'_, PyAny>, len: u64) -> PyResult<Self> {
        if let Ok(slice) = object.cast::<PySlice>() {
            let bound = isize::try_from(len).unwrap_or(isize::MAX);
            let found = slice.indices(bound)?;
            let widened = |number: isize| widen(usize::try_from(number).unwrap_or(0));
            return Ok(Self::Range(Range {
                start: widened(found.start),
                len: widen(found.slicelength),
                step: i64::try_from(found.step).unwrap_or(i64::MAX),
            }));
        }
        let number: i64 = object.extract().map_err(|error: PyErr| {
            if error.is_instance_of::<PyTypeError>(object.py()) {
                return PyTypeError::new_err("a map is indexed by an int or a slice");
            }
            PyIndexError::new_err("the index is out of range")
        })?;
        let at = match u64::try_from(number) {
            Ok(at) => Some(at),
            Err(_) => len.checked_sub(number.unsigned_abs()),
        };
        at.filter(|&at| at < len).map(Self::At).ok_or_else(|| not_there(number, len))
    }
}
