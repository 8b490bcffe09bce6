//! Checks that no page of a file in the page cache is in use by another process.
//!
//! A file that nobody has open for writing can still change. A direct read (`O_DIRECT`) into a shared mapping
//! of it pins the page that it reads into. The process may unmap and close the file before the device answers,
//! so that the bytes arrive when nobody counts as a writer any more. The kernel never drops a pinned page from
//! the page cache. So if a page was not in the cache at some moment after the last writer closed the file, no
//! such read can change it.
//!
//! # Source
//! `posix_fadvise(2)`, cachestat(2), mincore(2); `mapping_evict_folio` in `mm/truncate.c` of Linux.

use std::fs::File;
use std::iter;
use std::num::NonZeroU64;
use std::ops::Range;
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::ptr;

use memmap_core::widen;
use rustix::fs::Advice;
use rustix::io::Errno;

use crate::pages::{Pages, page_size};
use crate::paging;

const IN_USE: &str = "a page is in use: another process has the file mapped, or is reading or writing it; \
    try again later, or allow another proof";

/// The number of attempts. Other processes may read the file meanwhile, which reads pages into memory again.
const TRIES: u8 = 8;

/// The number of parts into which a range is split if some of its pages are in memory. Once there are more
/// than this many ranges, they are not split further.
const PARTS: u64 = 64;

/// Writes the dirty pages of the mapped part of a file to the device. Dirty pages cannot be dropped. This may
/// take a while.
pub(super) fn clean(file: &File, pages: &Pages, start: u64) -> Result<(), String> {
    let (_, span) = pages.whole();
    match ask(file, start, widen(span)) {
        Some(Cached { dirty: 0, written: 0, .. }) => Ok(()),
        _ => sync(file),
    }
}

/// Drops each page that `pages` map from the page cache, and checks that it is gone. Different pages may be
/// checked at different moments. Nobody in this process may access them meanwhile.
///
/// `start` is the position of the first of those pages in the file.
pub(super) fn vacate(file: &File, pages: &Pages, start: u64) -> Result<(), String> {
    let (_, span) = pages.whole();
    let Some(len) = NonZeroU64::new(widen(span)) else { return Ok(()) };
    let drop = |offset, len| {
        rustix::fs::fadvise(file, offset, len, Advice::DontNeed)
            .map_err(|errno| format!("its pages cannot be dropped from memory: {errno}"))
    };
    let mut left = vec![0..len.get(); 1];
    for turn in 0..TRIES {
        match turn {
            0 => {}
            1 => {
                pages.drop_resident().map_err(|error| match Errno::from_io_error(&error) {
                    Some(Errno::INVAL) => {
                        "a page of the map is locked in RAM; unlock it, and lock the proved map instead"
                            .to_owned()
                    }
                    _ => format!("the map cannot release its pages: {error}"),
                })?;
                drop(start, Some(len))?;
            }
            2 => {
                sync(file)?;
                drop(start, Some(len))?;
            }
            // A large folio is dropped as a whole, and may extend beyond the mapped part.
            _ => drop(0, None)?,
        }
        let mut still = Vec::new();
        for part in left {
            if is_resident(file, pages, start, &part)? {
                still.push(part);
            }
        }
        if still.is_empty() {
            return Ok(());
        }
        left =
            if widen(still.len()) > PARTS { still } else { still.iter().flat_map(split).collect() };
    }
    Err(IN_USE.to_owned())
}

/// Splits a range into parts of whole pages.
fn split(range: &Range<u64>) -> impl Iterator<Item = Range<u64>> + use<> {
    let (page, end) = (widen(page_size()), range.end);
    let len = end.saturating_sub(range.start).div_ceil(PARTS).next_multiple_of(page);
    let starts = iter::successors(Some(range.start), move |start| start.checked_add(len));
    let starts = starts.take_while(move |&start| start < end);
    starts.map(move |start| start..end.min(start.saturating_add(len)))
}

fn sync(file: &File) -> Result<(), String> {
    rustix::fs::fdatasync(file)
        .map_err(|errno| format!("its dirty pages cannot be written to the device: {errno}"))
}

/// Whether any page of a part of the mapped range is in memory.
fn is_resident(file: &File, pages: &Pages, start: u64, part: &Range<u64>) -> Result<bool, String> {
    let len = part.end.saturating_sub(part.start);
    if let Some(cached) = ask(file, start.saturating_add(part.start), len) {
        return Ok(cached.all > 0);
    }
    is_resident_by_mincore(pages, part)
}

/// The same by `mincore`, for Linux before 6.5, and for filters of system calls that do not know `cachestat`.
fn is_resident_by_mincore(pages: &Pages, part: &Range<u64>) -> Result<bool, String> {
    let within = |at: u64| {
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        at.saturating_sub(pages.lead()).min(pages.len())
    };
    let window = within(part.start)..within(part.end);
    let resident = paging::resident(pages, &window);
    resident.map(|ranges| !ranges.is_empty()).map_err(|error| error.to_string())
}

/// A range of whole pages of a file, which is known by its device and inode number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    file: (u64, u64),
    range: Range<u64>,
}

impl Part {
    pub(super) fn of(file: &File, start: u64, span: usize) -> Result<Self, String> {
        let file = file.metadata().map_err(|error| cannot_stat(&error))?;
        let range = start..start.saturating_add(widen(span));
        Ok(Self { file: (file.dev(), file.ino()), range })
    }

    pub(super) fn is_within(&self, other: &Self) -> bool {
        self.file == other.file
            && other.range.start <= self.range.start
            && self.range.end <= other.range.end
    }
}

pub(super) fn cannot_stat(error: &std::io::Error) -> String {
    format!("the attributes of the file cannot be read: {error}")
}

/// Numbers of pages in the page cache: all, dirty ones, and those under writeback.
struct Cached {
    all: u64,
    dirty: u64,
    written: u64,
}

/// The cached pages of a part of a file; `None` if the system does not report them.
fn ask(file: &File, start: u64, len: u64) -> Option<Cached> {
    /// cachestat(2); the number is the same on every processor.
    const CACHESTAT: libc::c_long = 451;
    let range = [start, len];
    // The last two are evicted pages, and recently evicted ones.
    let mut counts = [0_u64; 5];
    // SAFETY: the call takes an open descriptor, reads the two numbers of `range`, writes the five of
    // `counts`, and accesses no other memory.
    let answer = unsafe {
        libc::syscall(
            CACHESTAT,
            file.as_raw_fd(),
            ptr::from_ref(&range),
            ptr::from_mut(&mut counts),
            0,
        )
    };
    let [all, dirty, written, ..] = counts;
    (answer == 0).then_some(Cached { all, dirty, written })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::pages::Access;

    #[test]
    fn mincore_sees_what_cachestat_sees() {
        let (page, lead) = (page_size(), 5);
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&vec![7; 64 * page]).unwrap();
        let pages = Pages::map(&file, widen(8 * page + lead), 40 * page, Access::Read).unwrap();
        let parts = [0..41, 0..1, 40..41, 7..9]
            .map(|part: Range<usize>| widen(part.start * page)..widen(part.end * page));
        let look = |part: &Range<u64>| {
            let by_mincore = is_resident_by_mincore(&pages, part).unwrap();
            let start = widen(8 * page);
            assert_eq!(is_resident(&file, &pages, start, part), Ok(by_mincore), "{part:?}");
            by_mincore
        };
        assert_eq!(parts.clone().map(|part| look(&part)), [true; 4]);
        file.sync_all().unwrap();
        rustix::fs::fadvise(&file, 0, None, Advice::DontNeed).unwrap();
        // A file system without a device, such as tmpfs, keeps the pages in memory.
        let is_kept = look(&parts[0]);
        assert_eq!(parts.map(|part| look(&part)), [is_kept; 4]);
    }

    #[test]
    fn a_range_is_split_into_whole_pages_without_a_gap() {
        let page = widen(page_size());
        for pages in [1, 2, 63, 64, 65, 1000, 1 << 30] {
            let range = 3 * page..(3 + pages) * page;
            let parts: Vec<_> = split(&range).collect();
            assert!(parts.len() <= 64 && parts.iter().all(|part| part.start % page == 0));
            assert_eq!((parts[0].start, parts[parts.len() - 1].end), (range.start, range.end));
            assert!(parts.windows(2).all(|pair| pair[0].end == pair[1].start));
            assert!(pages < 64 || parts.len() > 31);
        }
    }
}
