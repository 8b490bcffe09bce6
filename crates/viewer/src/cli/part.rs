//! The part of an input that was asked for.

use std::ops::Range;

use memmap::{AnyMap, Error, ErrorKind, plugin::Op};

use crate::Failure;
use crate::format::parse_size::Offset;
use crate::source::Source;

/// The offset of `skip` in `len` bytes.
///
/// # Errors
/// If it is before the start or past the end. Past the end, a typo is more likely than a request
/// for no bytes.
pub(crate) fn start(len: u64, skip: Offset) -> Result<u64, Error> {
    match skip {
        Offset::FromStart(offset) if offset > len => {
            Err(Error::new(Op::Read, ErrorKind::BeyondEnd { offset, len: 0, source_len: len }))
        }
        Offset::FromStart(offset) => Ok(offset),
        Offset::FromEnd(back) => {
            let outside = ErrorKind::OutOfBounds { offset: 0, len: back, bound: len };
            skip.within(len).ok_or_else(|| Error::new(Op::Read, outside))
        }
    }
}

/// The offset at which the view starts.
pub(crate) fn of_view(skip: Offset, sources: &[Source]) -> Result<u64, Failure> {
    match (skip, sources) {
        (Offset::FromStart(offset), _) => Ok(offset),
        (Offset::FromEnd(_), [source]) => start(source.base + source.map.len(), skip)
            .map_err(|error| Failure::Source(placed(&source.map, error))),
        (Offset::FromEnd(_), _) => Err(Failure::Usage(
            "the ends of several files are at several places; open them one by one, or count from \
             their start",
        )),
    }
}

/// The range of `len` bytes that starts at `skip`, at most `length` long.
///
/// # Errors
/// Those of [`start`].
pub(crate) fn part(len: u64, skip: Offset, length: Option<u64>) -> Result<Range<u64>, Error> {
    let start = start(len, skip)?;
    let rest = len.saturating_sub(start);
    Ok(start..start + length.unwrap_or(rest).min(rest))
}

/// Adds the file's name to an error.
pub(crate) fn placed(map: &AnyMap, error: Error) -> Error {
    match map.origin() {
        Some(origin) => error.with_origin(origin.clone()),
        None => error,
    }
}
