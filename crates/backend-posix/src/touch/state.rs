//! What is known of each page: whether it is present, or lost. Shared by whoever fills pages, and by
//! readers.

use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicI32, AtomicU64, AtomicUsize, Ordering};

use memmap_core::{ErrorKind, OnLostPage, widen};

use super::bits::Bits;

/// The fewest and the most bytes that are brought at a time.
pub(super) const LEAST: usize = 16 << 10;
pub(super) const MOST: usize = 1 << 20;

/// The pages of a part of a file.
pub(super) struct State {
    /// Bytes, at least one.
    pub(super) len: usize,
    /// Where they begin in the file.
    pub(super) offset: u64,
    pub(super) page_len: usize,
    pub(super) on_lost: OnLostPage,
    /// Pages that have their bytes, for good.
    present: Bits,
    /// Pages that were asked for and could not be read whole.
    lost: Bits,
    /// Those of the lost ones that the system failed to read, with `errno`; the others were cut off.
    failed: Bits,
    errno: AtomicI32,
    /// Where the file ended when a page was cut off.
    ended: AtomicU64,
    touched: AtomicUsize,
}

/// How a page was lost.
#[derive(Debug, Clone, Copy)]
pub(super) enum Why {
    /// The file ended at this byte, which may be before what was read.
    End(u64),
    /// The system's number of an error.
    Errno(i32),
}

impl State {
    pub(super) fn new(offset: u64, len: usize, on_lost: OnLostPage) -> Option<Self> {
        let page_len = crate::pages::page_size();
        let [present, lost, failed] = Bits::new(len.div_ceil(page_len))?;
        Some(Self {
            len,
            offset,
            page_len,
            on_lost,
            present,
            lost,
            failed,
            errno: AtomicI32::new(0),
            ended: AtomicU64::new(0),
            touched: AtomicUsize::new(0),
        })
    }

    pub(super) fn pages(&self) -> usize {
        self.len.div_ceil(self.page_len)
    }

    /// The length of the memory that holds them: whole pages.
    pub(super) fn memory_len(&self) -> usize {
        self.pages().saturating_mul(self.page_len)
    }

    /// The bytes of these pages, without what is after the last byte of the map.
    pub(super) fn bytes(&self, pages: &Range<usize>) -> Range<usize> {
        let at = |page: usize| page.saturating_mul(self.page_len).min(self.len);
        at(pages.start)..at(pages.end)
    }

    /// The page that a byte is in, and the number of whole pages of so many bytes.
    pub(super) fn page_at(&self, byte: usize) -> usize {
        byte.checked_div(self.page_len).unwrap_or(0)
    }

    /// The pages that a range of bytes has a part in.
    fn pages_of(&self, bytes: &Range<usize>) -> Range<usize> {
        self.page_at(bytes.start)..bytes.end.div_ceil(self.page_len)
    }

    pub(super) fn is_present(&self, page: usize) -> bool {
        self.present.has(page)
    }

    /// The first run of missing pages in a range.
    pub(super) fn missing(&self, pages: Range<usize>) -> Option<Range<usize>> {
        self.present.run(pages, false)
    }

    /// Says that these pages have their bytes, after they have.
    pub(super) fn add(&self, pages: Range<usize>) {
        self.touched.fetch_add(pages.len(), Ordering::Relaxed);
        self.present.set(pages);
    }

    /// Records that a page is lost, before anybody can see what is in its place.
    pub(super) fn lose(&self, page: usize, why: Why) {
        match why {
            Why::End(end) => self.ended.store(end, Ordering::Relaxed),
            Why::Errno(errno) => {
                self.errno.store(errno, Ordering::Relaxed);
                self.failed.set(page..page.saturating_add(1));
            }
        }
        self.lost.set(page..page.saturating_add(1));
    }

    /// How many bytes of a lost page were read.
    pub(super) fn read_part(&self, page: usize, why: Why) -> usize {
        let begin = self.bytes(&(page..page.saturating_add(1))).start;
        let begin = self.offset.saturating_add(widen(begin));
        match why {
            Why::End(end) => {
                usize::try_from(end.saturating_sub(begin)).unwrap_or(0).min(self.page_len)
            }
            Why::Errno(_) => 0,
        }
    }

    /// Says that a lost page stays so: nobody fills it any more.
    pub(super) fn seal(&self, page: usize) {
        self.present.set(page..page.saturating_add(1));
    }

    /// Pages that were lost could be read after all.
    pub(super) fn find_again(&self, pages: Range<usize>) {
        for page in self.lost.runs(pages).flatten() {
            self.lost.clear(page);
            self.failed.clear(page);
        }
    }

    /// The pages to bring when this one is touched: as many as are present right before it, so that the
    /// granules of a sequence double; at least so many bytes. Also whether it is a sequence.
    pub(super) fn granule(&self, page: usize, least: usize) -> (Range<usize>, bool) {
        let (least, most) = (self.in_pages(least), self.in_pages(MOST.max(least)));
        let run = self.present.run_before(page, most);
        let start =
            if run == 0 { page.saturating_sub(page.checked_rem(least).unwrap_or(0)) } else { page };
        let end = start.saturating_add(run.clamp(least, most)).min(self.pages());
        (start..end, run >= least)
    }

    fn in_pages(&self, bytes: usize) -> usize {
        self.page_at(bytes).max(1)
    }

    /// The memory that is taken, in bytes.
    pub(super) fn touched(&self) -> u64 {
        widen(self.touched.load(Ordering::Relaxed)).saturating_mul(widen(self.page_len))
    }

    /// The bytes of a range that are in memory.
    pub(super) fn present_in(&self, bytes: &Range<usize>) -> Vec<Range<u64>> {
        let runs = self.present.runs(self.pages_of(bytes));
        runs.map(|pages| {
            let present = self.bytes(&pages);
            widen(present.start.max(bytes.start))..widen(present.end.min(bytes.end))
        })
        .collect()
    }

    /// The first byte of a range that is lost.
    pub(super) fn first_lost(&self, bytes: &Range<usize>) -> Option<usize> {
        let run = self.lost.run(self.pages_of(bytes), true)?;
        Some(self.bytes(&run).start.max(bytes.start))
    }

    /// The bytes of a range that are lost, by whole pages, and why.
    pub(super) fn lost_in(&self, bytes: &Range<usize>) -> Vec<(Range<usize>, ErrorKind)> {
        let mut all = Vec::new();
        for run in self.lost.runs(self.pages_of(bytes)) {
            let Range { mut start, end } = run;
            while start < end {
                let has_failed = self.failed.has(start);
                let part = self.failed.run(start..end, has_failed).unwrap_or(start..end);
                let lost = self.bytes(&part);
                let lost = lost.start.max(bytes.start)..lost.end.min(bytes.end);
                all.push((lost.clone(), self.reason(lost, has_failed)));
                start = part.end;
            }
        }
        all
    }

    fn reason(&self, lost: Range<usize>, has_failed: bool) -> ErrorKind {
        let offset = widen(lost.start);
        if has_failed {
            let source = io::Error::from_raw_os_error(self.errno.load(Ordering::Relaxed));
            return ErrorKind::Io { offset, source };
        }
        let needed = self.offset.saturating_add(widen(lost.end));
        let now = self.ended.load(Ordering::Relaxed).min(needed);
        ErrorKind::Truncated { offset, needed, now }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(pages: usize) -> (State, usize) {
        let page = crate::pages::page_size();
        let len = pages.checked_mul(page).unwrap().checked_sub(10).unwrap();
        (State::new(100, len, OnLostPage::Abort).unwrap(), page)
    }

    #[test]
    fn granules_of_a_sequence_double_up_to_the_most_and_others_are_aligned() {
        let (state, page) = state(4096);
        let (least, most) = (LEAST / page, MOST / page);
        assert_eq!(state.granule(least + 1, LEAST), (least..2 * least, false));
        let mut at = 0;
        let mut lens = Vec::new();
        while at < 1024 {
            let (granule, _) = state.granule(at, LEAST);
            assert_eq!(granule.start, at);
            lens.push(granule.len());
            at = granule.end;
            state.add(granule);
        }
        assert!(lens.is_sorted() && lens.contains(&most), "{lens:?}");
        assert_eq!(state.granule(4095, LEAST).0, 4096 - least..4096, "the end");
        assert_eq!(state.touched(), widen(at * page));
    }

    #[test]
    fn a_lost_page_has_a_reason_until_it_is_found_again() {
        let (state, page) = state(8);
        state.lose(2, Why::End(200));
        state.lose(3, Why::Errno(5));
        state.lose(7, Why::End(300));
        let all = 0..state.len;
        let lost: Vec<String> = state
            .lost_in(&all)
            .into_iter()
            .map(|(range, kind)| format!("{range:?} {kind:?}"))
            .collect();
        assert_eq!(lost.len(), 3);
        assert!(lost[0].contains("Truncated") && lost[1].contains("Io"), "{lost:?}");
        assert!(lost[2].starts_with(&format!("{:?}", 7 * page..8 * page - 10)), "{lost:?}");
        assert_eq!(state.first_lost(&(0..page)), None);
        assert_eq!(state.first_lost(&(2 * page + 5..state.len)), Some(2 * page + 5));
        state.find_again(2..7);
        assert_eq!(state.first_lost(&all), Some(7 * page));
    }
}
