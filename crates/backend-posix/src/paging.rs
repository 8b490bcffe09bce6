//! Advice, locking in memory, resident pages and extents.

use std::fs::File;
use std::io;
use std::ops::Range;

use memmap_core::{Advice, Error, ErrorKind, Op, Result, system, widen};
use rustix::io::Errno;
use rustix::mm;

use crate::pages::Pages;
use crate::refusal::unsupported;

fn os(op: Op, errno: Errno) -> Error {
    Error::new(op, ErrorKind::Os(errno.into()))
}

/// Advises the system about the whole pages around a window.
fn advise_raw(pages: &Pages, window: &Range<usize>, advice: mm::Advice) -> rustix::io::Result<()> {
    let (address, len) = pages.around(window);
    // SAFETY: the range is ours. No advice that is passed here changes a byte: `DontNeed` is only passed for
    // shared pages, which the file keeps and which are read from it again.
    unsafe { mm::madvise(address.cast(), len, advice) }
}

/// Passes advice to the system, which may not have it; it is ignored then. `may_drop` says whether dropped
/// pages come back with the same bytes.
pub(crate) fn advise(
    pages: &Pages,
    window: &Range<usize>,
    advice: Advice,
    may_drop: bool,
) -> Result<()> {
    let Some(words) = words(advice, may_drop) else { return Ok(()) };
    advise_raw(pages, window, words).map_err(|errno| match (advice, errno) {
        (Advice::HugePages | Advice::SmallPages, Errno::INVAL) => {
            let what = "a choice of page size for files of this file system";
            Error::new(Op::Advise, unsupported(what))
        }
        (_, errno) => os(Op::Advise, errno),
    })
}

/// The advice as the system names it; `None` if it does not have it.
#[cfg(target_os = "linux")]
fn words(advice: Advice, may_drop: bool) -> Option<mm::Advice> {
    Some(match advice {
        Advice::Normal => mm::Advice::Normal,
        Advice::Sequential => mm::Advice::Sequential,
        Advice::Random => mm::Advice::Random,
        Advice::WillNeed => mm::Advice::WillNeed,
        Advice::DontNeed | Advice::Evict if may_drop => mm::Advice::LinuxDontNeed,
        // Dropping private pages would lose their bytes.
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

/// Drops a part of a file from the page cache. This process must not have its pages mapped any more.
///
/// # Source
/// `posix_fadvise(2)`: dirty pages stay, and are written; partial pages stay too.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
pub(crate) fn evict(file: &File, offset: u64, window: &Range<usize>) -> Result<()> {
    use rustix::fs::{Advice, fadvise};
    use std::num::NonZeroU64;

    let page = widen(crate::pages::page_size());
    let position = |at: usize| offset.saturating_add(widen(at));
    let start = position(window.start);
    let start = start.saturating_sub(start.checked_rem(page).unwrap_or(0));
    let end = position(window.end).checked_next_multiple_of(page).unwrap_or(u64::MAX);
    // A length of 0 means up to the end of the file.
    let len = NonZeroU64::new(end.saturating_sub(start));
    fadvise(file, start, len, Advice::DontNeed).map_err(|errno| os(Op::Advise, errno))
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
pub(crate) fn evict(_: &File, _: u64, _: &Range<usize>) -> Result<()> {
    Ok(())
}

/// Reads pages into memory in one call. Returns whether it did.
#[cfg(target_os = "linux")]
pub(crate) fn populate(pages: &Pages, window: &Range<usize>) -> bool {
    advise_raw(pages, window, mm::Advice::LinuxPopulateRead).is_ok()
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn populate(_: &Pages, _: &Range<usize>) -> bool {
    false
}

/// Locks a window in memory.
pub(crate) fn lock(pages: &Pages, window: &Range<usize>) -> Result<(), ErrorKind> {
    let (address, len) = pages.around(window);
    // SAFETY: the range is ours, and no byte of it changes.
    unsafe { mm::mlock(address.cast(), len) }
        .map_err(|errno| system::why_not_locked(errno.into(), widen(len)))
}

pub(crate) fn unlock(pages: &Pages, window: &Range<usize>) -> io::Result<()> {
    let (address, len) = pages.around(window);
    // SAFETY: the range is ours, and no byte of it changes.
    Ok(unsafe { mm::munlock(address.cast(), len) }?)
}

/// Pages per call of `mincore`.
#[cfg(target_os = "linux")]
const PAGES_MAX: usize = 1 << 16;

#[cfg(target_os = "linux")]
pub(crate) fn resident(pages: &Pages, window: &Range<usize>) -> Result<Vec<Range<u64>>> {
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
            // The first page may begin before the mapping, so its start is clamped.
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
pub(crate) fn resident(_: &Pages, _: &Range<usize>) -> Result<Vec<Range<u64>>> {
    Err(Error::new(Op::Query, unsupported("a list of resident pages")))
}

/// The extents of a range of a file that are not holes.
pub(crate) fn stored(file: &File, range: Range<u64>) -> Result<Vec<Range<u64>>> {
    data(file, range).map_err(|error| Error::new(Op::Query, ErrorKind::Os(error)))
}

/// The extents of a range of a file that are not holes, by `SEEK_DATA` and `SEEK_HOLE` (lseek(2)).
#[cfg(any(target_os = "linux", target_os = "freebsd", target_vendor = "apple"))]
pub(crate) fn data(mut file: &File, range: Range<u64>) -> io::Result<Vec<Range<u64>>> {
    use rustix::fs::{SeekFrom, seek};
    use std::io::Seek;

    let position = file.stream_position()?;
    // For a file that is shorter than its map, the system reports a hole after the end. The rest counts as
    // data, so that it is read and the missing bytes are reported.
    let metadata = file.metadata()?;
    let Range { start, end } = range;
    let file_end = if metadata.is_file() { metadata.len().clamp(start, end) } else { end };
    let mut runs = Vec::new();
    let mut at = start;
    while at < file_end {
        let data = match seek(file, SeekFrom::Data(at)) {
            Ok(data) => data.clamp(at, file_end),
            // There is no data after `at`.
            Err(Errno::NXIO) => file_end,
            // The file system does not report holes.
            Err(_) => at,
        };
        if data >= file_end {
            break;
        }
        let hole = seek(file, SeekFrom::Hole(data)).map_or(file_end, |hole| hole.min(file_end));
        // If others change the file meanwhile, the loop must still end.
        let hole = if hole > data { hole } else { file_end };
        runs.push(data..hole);
        at = hole;
    }
    if file_end < end {
        runs.push(file_end..end);
    }
    file.seek(io::SeekFrom::Start(position))?;
    Ok(runs)
}

#[cfg(not(any(target_os = "linux", target_os = "freebsd", target_vendor = "apple")))]
pub(crate) fn data(_: &File, range: Range<u64>) -> io::Result<Vec<Range<u64>>> {
    Ok(vec![range; 1])
}
