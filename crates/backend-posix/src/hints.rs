//! What is in memory and on the disk, and what shall be.

use std::fs::File;
use std::io;
use std::ops::Range;

use memmap_core::{Advice, Error, ErrorKind, Extent, Mapping, Op, Result, system, widen};
use rustix::io::Errno;
use rustix::mm;

use crate::mapped::Mapped;
use crate::overlay::Overlay;
use crate::pages::Pages;
use crate::refusal::unsupported;

fn os(op: Op, errno: Errno) -> Error {
    Error::new(op, ErrorKind::Os(errno.into()))
}

/// Gives advice about whole pages around a window.
fn advise_raw(pages: &Pages, window: &Range<usize>, advice: mm::Advice) -> rustix::io::Result<()> {
    let (address, len) = pages.around(window);
    // SAFETY: the range is ours. No advice that is given here changes a byte: `DontNeed` is only
    // given for shared pages, which are the file's own and come back from there.
    unsafe { mm::madvise(address.cast(), len, advice) }
}

/// Tells the system; `may_drop` says whether pages that are dropped come back as they were.
pub(crate) fn advise(
    pages: &Pages,
    window: &Range<usize>,
    advice: Advice,
    may_drop: bool,
) -> Result<()> {
    let Some(words) = words(advice, may_drop) else { return Ok(()) };
    advise_raw(pages, window, words).map_err(|errno| match (advice, errno) {
        (Advice::HugePages | Advice::SmallPages, Errno::INVAL) => {
            let what = "choosing the size of pages for files of this file system";
            Error::new(Op::Advise, unsupported(what))
        }
        (_, errno) => os(Op::Advise, errno),
    })
}

/// The system's word for it, if it has one.
#[cfg(target_os = "linux")]
fn words(advice: Advice, may_drop: bool) -> Option<mm::Advice> {
    Some(match advice {
        Advice::Normal => mm::Advice::Normal,
        Advice::Sequential => mm::Advice::Sequential,
        Advice::Random => mm::Advice::Random,
        Advice::WillNeed => mm::Advice::WillNeed,
        Advice::DontNeed | Advice::Evict if may_drop => mm::Advice::LinuxDontNeed,
        // Of private pages that would take what is in them.
        Advice::DontNeed | Advice::Evict => mm::Advice::LinuxCold,
        Advice::HugePages => mm::Advice::LinuxHugepage,
        Advice::SmallPages => mm::Advice::LinuxNoHugepage,
        _ => return None,
    })
}

#[cfg(not(target_os = "linux"))]
fn words(advice: Advice, _: bool) -> Option<mm::Advice> {
    Some(match advice {
        Advice::Normal => mm::Advice::Normal,
        Advice::Sequential => mm::Advice::Sequential,
        Advice::Random => mm::Advice::Random,
        Advice::WillNeed => mm::Advice::WillNeed,
        _ => return None,
    })
}

/// Has the system's cache give back what it holds of a part of a file, once no page of ours holds it there.
///
/// # Source
/// `posix_fadvise(2)`: dirty pages stay, and are written; pages of which only a part was named stay too.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
pub(crate) fn evict(file: &File, offset: u64, window: &Range<usize>) -> Result<()> {
    use rustix::fs::{Advice, fadvise};
    use std::num::NonZeroU64;

    let page = widen(crate::pages::page_size());
    let position = |at: usize| offset.saturating_add(widen(at));
    let start = position(window.start);
    let start = start.saturating_sub(start.checked_rem(page).unwrap_or(0));
    let end = position(window.end).checked_next_multiple_of(page).unwrap_or(u64::MAX);
    // Nothing means up to the end of the file.
    let len = NonZeroU64::new(end.saturating_sub(start));
    fadvise(file, start, len, Advice::DontNeed).map_err(|errno| os(Op::Advise, errno))
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
pub(crate) fn evict(_: &File, _: u64, _: &Range<usize>) -> Result<()> {
    Ok(())
}

/// The pages of a range, if it has any: what was read into memory has none, nor have no bytes.
pub(crate) type Paged<'a> = Option<(&'a Pages, Range<usize>)>;

/// Brings a range into memory: at once, or else by reading a byte of each page, which says why one
/// cannot be read.
pub(crate) fn prefault(mapping: &impl Mapping, range: Paged<'_>) -> Result<()> {
    let Some((pages, window)) = range else { return Ok(()) };
    if populate(pages, &window) {
        return Ok(());
    }
    let mut at = widen(window.start);
    while at < widen(window.end) {
        mapping.read_into(at, &mut [0])?;
        at = mapping.next_readable(at);
    }
    Ok(())
}

/// Brings pages into memory at once, and says whether it did.
#[cfg(target_os = "linux")]
fn populate(pages: &Pages, window: &Range<usize>) -> bool {
    advise_raw(pages, window, mm::Advice::LinuxPopulateRead).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn populate(_: &Pages, _: &Range<usize>) -> bool {
    false
}

pub(crate) fn lock_in_ram(mapping: &impl Mapping, range: Paged<'_>, len: u64) -> Result<()> {
    let Some((pages, window)) = range else {
        let what = "locking what was read into memory; copy it to a `RamMap`, and lock that";
        let refused = Error::new(Op::Prefault, unsupported(what));
        return if len == 0 { Ok(()) } else { Err(refused) };
    };
    let (address, len) = pages.around(&window);
    // SAFETY: the range is ours, and no byte of it changes.
    let Err(errno) = (unsafe { mm::mlock(address.cast(), len) }) else { return Ok(()) };
    match system::why_not_locked(errno.into(), widen(len)) {
        // A page that cannot be had says why when it is wanted.
        kind @ ErrorKind::Os(_) => {
            prefault(mapping, Some((pages, window))).map_err(|error| error.during(Op::Prefault))?;
            Err(Error::new(Op::Prefault, kind))
        }
        kind => Err(Error::new(Op::Prefault, kind)),
    }
}

pub(crate) fn unlock_from_ram(range: Paged<'_>) -> Result<()> {
    let Some((pages, window)) = range else { return Ok(()) };
    let (address, len) = pages.around(&window);
    // SAFETY: the range is ours, and no byte of it changes.
    unsafe { mm::munlock(address.cast(), len) }.map_err(|errno| os(Op::Prefault, errno))
}

/// Which bytes of a range are in memory; all of those that have no pages.
pub(crate) fn resident(range: Paged<'_>, all: Range<u64>) -> Result<Vec<Range<u64>>> {
    match range {
        Some((pages, window)) => resident_pages(pages, &window),
        None if all.is_empty() => Ok(Vec::new()),
        None => Ok(vec![all; 1]),
    }
}

/// Pages asked about at a time.
#[cfg(target_os = "linux")]
const PAGES_MAX: usize = 1 << 16;

#[cfg(target_os = "linux")]
fn resident_pages(pages: &Pages, window: &Range<usize>) -> Result<Vec<Range<u64>>> {
    let page = crate::pages::page_size();
    let (first, len) = pages.around(window);
    let mut ranges: Vec<Range<u64>> = Vec::new();
    let mut answer = vec![0; len.div_ceil(page).min(PAGES_MAX)];
    let most = answer.len().saturating_mul(page);
    let mut done = 0_usize;
    while done < len {
        let part = len.saturating_sub(done).min(most);
        let address = first.wrapping_add(done);
        // SAFETY: the range is ours, and `answer` has a byte for each of its pages.
        let code = unsafe { libc::mincore(address.cast(), part, answer.as_mut_ptr()) };
        if code != 0 {
            return Err(Error::new(Op::Query, ErrorKind::Os(io::Error::last_os_error())));
        }
        for (index, _) in answer
            .iter()
            .take(part.div_ceil(page))
            .enumerate()
            .filter(|(_, state)| **state & 1 == 1)
        {
            // From the start of the first page to that of the mapping is less than a page.
            let before = done.saturating_add(index.saturating_mul(page));
            let base = first.addr().saturating_add(before);
            let start = base.saturating_sub(pages.first().addr()).max(window.start);
            let end = base.saturating_add(page).saturating_sub(pages.first().addr());
            let end = end.min(window.end);
            match ranges.last_mut() {
                Some(last) if last.end == widen(start) => last.end = widen(end),
                _ => ranges.push(widen(start)..widen(end)),
            }
        }
        done = done.saturating_add(part);
    }
    Ok(ranges)
}

#[cfg(not(target_os = "linux"))]
fn resident_pages(_: &Pages, _: &Range<usize>) -> Result<Vec<Range<u64>>> {
    Err(Error::new(Op::Query, unsupported("saying which bytes are in memory")))
}

/// Data and holes, by `SEEK_DATA` and `SEEK_HOLE` (lseek(2)).
#[cfg(any(target_os = "linux", target_os = "freebsd", target_vendor = "apple"))]
pub(crate) fn extents(mapped: &Mapped, window: &Range<usize>) -> Result<Vec<Extent>> {
    use rustix::fs::{SeekFrom, seek};
    use std::io::Seek;

    let begin = mapped.offset.saturating_add(widen(window.start));
    let end = mapped.offset.saturating_add(widen(window.end));
    // Of a file that cannot be found again nothing is known to be a hole.
    let Ok(opened) = mapped.origin.open(mapped.pages.as_ref()) else {
        return Ok(vec![Extent::Data(widen(window.start)..widen(window.end))]);
    };
    let mut file = &**opened;
    let refuse = |error| Error::new(Op::Query, ErrorKind::Os(error));
    let position = file.stream_position().map_err(refuse)?;
    // A file that is shorter than its map is said to have a hole behind its end. There is nothing, and
    // who reads it is told so.
    let metadata = file.metadata().map_err(refuse)?;
    let file_end = if metadata.is_file() { metadata.len().clamp(begin, end) } else { end };
    let mut extents = Vec::new();
    let mut at = begin;
    let in_mapping = |range: Range<u64>| {
        range.start.saturating_sub(mapped.offset)..range.end.saturating_sub(mapped.offset)
    };
    while at < file_end {
        let data = match seek(file, SeekFrom::Data(at)) {
            Ok(data) => data.clamp(at, file_end),
            // No data from here on.
            Err(Errno::NXIO) => file_end,
            // The file system does not know.
            Err(_) => at,
        };
        if data > at {
            extents.push(Extent::Hole(in_mapping(at..data)));
        }
        if data >= file_end {
            break;
        }
        let hole = seek(file, SeekFrom::Hole(data)).map_or(file_end, |hole| hole.min(file_end));
        // Whoever changes the file meanwhile shall not keep us here.
        let hole = if hole > data { hole } else { file_end };
        extents.push(Extent::Data(in_mapping(data..hole)));
        at = hole;
    }
    if file_end < end {
        let lost = in_mapping(file_end..end);
        match extents.last_mut() {
            Some(Extent::Data(data)) if data.end == lost.start => data.end = lost.end,
            _ => extents.push(Extent::Data(lost)),
        }
    }
    file.seek(io::SeekFrom::Start(position)).map_err(refuse)?;
    Ok(match &mapped.overlay {
        Some(overlay) => extents.into_iter().flat_map(|extent| edited(overlay, extent)).collect(),
        None => extents,
    })
}

/// What a private edit was made in is no hole.
#[cfg(any(target_os = "linux", target_os = "freebsd", target_vendor = "apple"))]
fn edited(overlay: &Overlay, extent: Extent) -> Vec<Extent> {
    let Extent::Hole(hole) = extent else { return vec![extent] };
    // They came from a window, so they fit.
    let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
    let mut parts = Vec::new();
    let mut at = hole.start;
    for run in overlay.runs(&(place(hole.start)..place(hole.end))) {
        let data = widen(run.start)..widen(run.end);
        if at < data.start {
            parts.push(Extent::Hole(at..data.start));
        }
        at = data.end;
        parts.push(Extent::Data(data));
    }
    if at < hole.end {
        parts.push(Extent::Hole(at..hole.end));
    }
    parts
}

#[cfg(not(any(target_os = "linux", target_os = "freebsd", target_vendor = "apple")))]
pub(crate) fn extents(_: &Mapped, window: &Range<usize>) -> Result<Vec<Extent>> {
    let start = widen(window.start);
    Ok(vec![Extent::Data(start..widen(window.end))])
}
