//! Which bytes are in memory, for live and frozen maps.

use std::ops::Range;

use crate::contract::{Pages, System};
use crate::{Error, ErrorKind, Mapping, Op, Result, widen};

/// The pages of a range, if it has any. Bytes that were read into memory have none, nor has an empty
/// range.
pub(crate) type Paged<'a, P> = Option<(&'a P, Range<usize>)>;

/// The next offset that is in another page of the file. The first mapped byte is at `before` in the
/// file.
pub(crate) fn next_page<S: System>(before: u64, offset: u64) -> u64 {
    let position = before.saturating_add(offset).saturating_add(1);
    let page = widen(S::page_size());
    position.checked_next_multiple_of(page).unwrap_or(u64::MAX).saturating_sub(before)
}

/// Brings a range of the mapping, from `offset` on, into memory: at once, or else by reading a byte of
/// each page, which finds out why one cannot be read.
pub(crate) fn prefault<P: Pages>(
    mapping: &impl Mapping,
    offset: u64,
    range: Option<&(&P, Range<usize>)>,
) -> Result<()> {
    let Some((pages, window)) = range else { return Ok(()) };
    if pages.populate(window) {
        return Ok(());
    }
    touch(mapping, offset, widen(window.len()))
}

/// Reads a byte of each page of a range.
pub(crate) fn touch(mapping: &impl Mapping, offset: u64, len: u64) -> Result<()> {
    let mut at = offset;
    let end = offset.saturating_add(len);
    while at < end {
        mapping.read_into(at, &mut [0])?;
        at = mapping.next_readable(at);
    }
    Ok(())
}

pub(crate) fn lock_in_ram<S: System>(
    mapping: &impl Mapping,
    offset: u64,
    range: Paged<'_, S::Pages>,
    len: u64,
) -> Result<()> {
    let Some(range) = range else {
        let what = "locking bytes that were read into memory; lock a copy of them";
        let kind = ErrorKind::unsupported(S::NAME, what);
        return if len == 0 { Ok(()) } else { Err(Error::new(Op::Prefault, kind)) };
    };
    let Err(kind) = range.0.lock(&range.1) else { return Ok(()) };
    // If a page cannot be brought in, reading it later returns the reason.
    if matches!(kind, ErrorKind::Os(_)) {
        prefault(mapping, offset, Some(&range)).map_err(|error| error.during(Op::Prefault))?;
    }
    Err(Error::new(Op::Prefault, kind))
}

pub(crate) fn unlock_from_ram<P: Pages>(range: Paged<'_, P>) -> Result<()> {
    let Some((pages, window)) = range else { return Ok(()) };
    pages.unlock(&window).map_err(|error| Error::new(Op::Prefault, ErrorKind::Os(error)))
}

/// The bytes of a range that are in memory; all of them if they have no pages.
pub(crate) fn resident<P: Pages>(range: Paged<'_, P>, all: Range<u64>) -> Result<Vec<Range<u64>>> {
    match range {
        Some((pages, window)) => pages.resident(&window),
        None if all.is_empty() => Ok(Vec::new()),
        None => Ok(vec![all; 1]),
    }
}
